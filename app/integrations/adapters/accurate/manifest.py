"""Accurate as an adapter: settings, secrets, webhooks; the API itself is in `api`."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from app.integrations.adapters.accurate.adapter import AccurateConfig, open_screening
from app.integrations.adapters.accurate.api import API
from app.integrations.contracts import Category, Manifest
from app.integrations.webhooks.door import Events, Webhooks
from app.integrations.webhooks.kinds import BasicAuth


class AccurateSecrets(BaseModel):
    """From Accurate's developer portal: one pair for its sandbox, another for real orders."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    client_id: SecretStr = Field(title="Client ID")
    client_secret: SecretStr = Field(title="Client secret")
    webhook_password: SecretStr | None = Field(
        None,
        title="User and password of webhooks",
        description="Chosen by you, as user:password. Enter the webhook address there as https://user:password@…",
    )


MANIFEST = Manifest(
    slug="accurate",
    name="Accurate",
    category=Category.SCREENING,
    docs="https://accurate.readme.io/",
    owner="corridor",
    config=AccurateConfig,
    secrets=AccurateSecrets,
    api=API,
    webhooks=Webhooks(
        verifier=BasicAuth(),
        secret="webhook_password",  # noqa: S106 the name of a field
        events=Events(id="id", kind="eventType", subject="eventInfo.orderId", about={"ORDER_*": "report"}),
    ),
    screening=open_screening,
)
