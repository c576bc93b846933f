"""Sterling as an adapter: settings, secrets, callbacks; the API itself is in `api`."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from app.integrations.adapters.sterling.adapter import SterlingConfig, open_screening
from app.integrations.adapters.sterling.api import API
from app.integrations.contracts import Category, Manifest
from app.integrations.webhooks.door import Events, Webhooks
from app.integrations.webhooks.kinds import BasicAuth


class SterlingSecrets(BaseModel):
    """Of one region and one environment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    client_id: SecretStr = Field(title="Client ID")
    client_secret: SecretStr = Field(title="Client secret")
    webhook_password: SecretStr | None = Field(
        None,
        title="User and password of callbacks",
        description="Chosen by you, as user:password. Sterling gets it with each order and shows it when it calls.",
    )


MANIFEST = Manifest(
    slug="sterling",
    name="Sterling",
    category=Category.SCREENING,
    docs="https://apidocs.sterlingcheck.app/",
    owner="corridor",
    config=SterlingConfig,
    secrets=SterlingSecrets,
    api=API,
    webhooks=Webhooks(
        verifier=BasicAuth(),
        secret="webhook_password",  # noqa: S106 the name of a field
        # A callback has no id, and its tries are the same bytes. It is a hint only: nothing in it is believed.
        events=Events(kind="type", subject="payload.id", about={"screening": "report"}),
    ),
    screening=open_screening,
)
