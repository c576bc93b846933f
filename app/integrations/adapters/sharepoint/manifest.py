"""SharePoint as an adapter: settings, secrets, webhooks; the API itself is in `api`."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from app.integrations.adapters.sharepoint.adapter import open_documents
from app.integrations.adapters.sharepoint.api import API, SharePointConfig, make_api
from app.integrations.contracts import Category, Manifest
from app.integrations.webhooks.door import Events, Handshake, Webhooks
from app.integrations.webhooks.kinds import BodyToken


class SharePointSecrets(BaseModel):
    """A certificate, or a client secret, of the application."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    private_key: SecretStr | None = Field(
        None, title="Private key", description="PEM, of the certificate that is uploaded to the application."
    )
    certificate: SecretStr | None = Field(None, title="Certificate", description="PEM, the same that is uploaded.")
    client_secret: SecretStr | None = Field(
        None,
        title="Client secret",
        description="Only without a certificate. Entra lets it end after two years at most.",
    )
    webhook_secret: SecretStr | None = Field(
        None,
        title="Client state of notifications",
        description="A long random text, given to Microsoft with the subscription; it comes back with each notification.",
        max_length=128,
    )


MANIFEST = Manifest(
    slug="sharepoint",
    name="SharePoint",
    category=Category.DOCUMENTS,
    docs="https://learn.microsoft.com/graph/api/resources/driveitem",
    owner="corridor",
    config=SharePointConfig,
    secrets=SharePointSecrets,
    api=API,
    make_api=make_api,
    webhooks=Webhooks(
        verifier=BodyToken("clientState", items="value"),
        secret="webhook_secret",  # noqa: S106 the name of a field
        handshake=Handshake.GRAPH,
        # A notification about a library says only that something changed, each time in the same words.
        events=Events(
            items="value", id="id", kind="changeType", subject="resource", about={"*": "file"}, each_seconds=30
        ),
    ),
    documents=open_documents,
)
