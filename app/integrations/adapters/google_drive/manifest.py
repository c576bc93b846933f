"""Google Drive as an adapter: settings, secrets, webhooks; the API itself is in `api`."""

from __future__ import annotations

import json

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from app.integrations.adapters.google_drive.adapter import DriveConfig, open_documents
from app.integrations.adapters.google_drive.api import API
from app.integrations.contracts import Category, Manifest
from app.integrations.webhooks.door import Events, Webhooks
from app.integrations.webhooks.kinds import HeaderToken


class DriveSecrets(BaseModel):
    """The key of the service account."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    private_key: SecretStr = Field(
        title="Key of the service account", description="The whole JSON file that Google gave, or only its private key."
    )
    webhook_token: SecretStr | None = Field(
        None,
        title="Token of the notification channel",
        description="A long random text, given to Google with the channel; it comes back with each notification.",
        max_length=256,
    )

    @field_validator("private_key")
    @classmethod
    def _only_the_key(cls, value: SecretStr) -> SecretStr:
        """Of the file nothing else is kept."""
        given = value.get_secret_value().strip()
        if given.startswith("{"):
            try:
                found = json.loads(given).get("private_key")
            except ValueError:
                found = None
            if not isinstance(found, str):
                raise ValueError("this is not the JSON file of a service account")
            given = found
        return SecretStr(given.replace("\\n", "\n"))


MANIFEST = Manifest(
    slug="google_drive",
    name="Google Drive",
    category=Category.DOCUMENTS,
    docs="https://developers.google.com/workspace/drive/api/reference/rest/v3",
    owner="corridor",
    config=DriveConfig,
    secrets=DriveSecrets,
    api=API,
    webhooks=Webhooks(
        verifier=HeaderToken("X-Goog-Channel-Token"),
        secret="webhook_token",  # noqa: S106 the name of a field
        empty=True,
        events=Events(
            id="header:X-Goog-Channel-ID+header:X-Goog-Message-Number",
            kind="header:X-Goog-Resource-State",
            subject="header:X-Goog-Resource-ID",
            about={"change": "file"},  # `sync` only says that the channel is open
        ),
    ),
    documents=open_documents,
)
