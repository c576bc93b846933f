"""Certn as an adapter: settings, secrets, webhooks; the API itself is in `api`."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from app.integrations.adapters.certn.adapter import CertnConfig, open_screening
from app.integrations.adapters.certn.api import API
from app.integrations.contracts import Category, Manifest
from app.integrations.webhooks.door import Events, Handshake, Webhooks
from app.integrations.webhooks.kinds import Hmac


class CertnSecrets(BaseModel):
    """A key ends after 365 days; a second one may be made before, so that nothing stops."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    api_key: SecretStr = Field(title="API key")
    webhook_secret: SecretStr | None = Field(None, title="Secret that signs webhooks")


MANIFEST = Manifest(
    slug="certn",
    name="Certn",
    category=Category.SCREENING,
    docs="https://centric-api-docs.certn.co/",
    owner="corridor",
    config=CertnConfig,
    secrets=CertnSecrets,
    api=API,
    webhooks=Webhooks(
        verifier=Hmac("X-Signature"),
        secret="webhook_secret",  # noqa: S106 the name of a field
        handshake=Handshake.CHALLENGE,
        # Without `id` an event is known by its bytes. An event about a check names no case: the poll finds what it changed.
        events=Events(id="id", kind="event_type", subject="object_id", about={"CASE_*": "report"}),
    ),
    screening=open_screening,
)
