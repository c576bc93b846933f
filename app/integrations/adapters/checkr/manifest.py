"""Checkr as an adapter: settings, secrets, webhooks; the API itself is in `api`."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from app.integrations.adapters.checkr.adapter import CheckrConfig, open_screening
from app.integrations.adapters.checkr.api import API
from app.integrations.contracts import Category, Manifest
from app.integrations.webhooks.door import Events, Webhooks
from app.integrations.webhooks.kinds import Hmac, Over


class CheckrSecrets(BaseModel):
    """A secret API key of the account, or the access token of Checkr's partner sign-in: both are the user of basic auth."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    api_key: SecretStr = Field(title="Secret API key or partner access token")
    webhook_key: SecretStr | None = Field(
        None,
        title="Key that signs webhooks",
        description="Only with partner sign-in: the client secret of the partner application. Else Checkr signs with the API key.",
    )


WEBHOOKS = Webhooks(
    verifier=Hmac("X-Checkr-Signature", over=Over.COMPACT),
    secret="webhook_key",  # noqa: S106 the name of a field
    otherwise="api_key",
    events=Events(
        id="id",
        kind="type",
        subject="data.object.id",
        about={
            "candidate.*": "candidate",
            "invitation.*": "invitation",
            "report.*": "report",
            "adverse_action.*": "adverse_action",
            "package.*": "package",
        },
    ),
)

MANIFEST = Manifest(
    slug="checkr",
    name="Checkr",
    category=Category.SCREENING,
    docs="https://docs.checkr.com/",
    owner="corridor",
    config=CheckrConfig,
    secrets=CheckrSecrets,
    api=API,
    webhooks=WEBHOOKS,
    screening=open_screening,
)
