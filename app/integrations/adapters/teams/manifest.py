"""Microsoft Teams as an adapter: the address of a workflow is all there is to enter."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from app.integrations.adapters.teams.adapter import TeamsConfig, open_messenger
from app.integrations.adapters.teams.api import API
from app.integrations.contracts import Category, Manifest


class TeamsSecrets(BaseModel):
    """Who knows the address may post; so it is kept like a password."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    workflow_url: SecretStr = Field(
        title="Address of the workflow",
        description="In Teams: the channel's menu, Workflows, “Post to a channel when a webhook request is received”. "
        "Copy the address it shows.",
    )

    @field_validator("workflow_url")
    @classmethod
    def _signed(cls, value: SecretStr) -> SecretStr:
        value = SecretStr(value.get_secret_value().strip())
        parts = urlsplit(value.get_secret_value())
        if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc or parts.fragment:
            raise ValueError("copy the whole address; it begins with https://")
        if parts.hostname.endswith(".webhook.office.com"):
            raise ValueError("this is a connector, which Microsoft has switched off; make a workflow in Teams instead")
        if not parse_qs(parts.query).get("sig"):
            raise ValueError("copy the whole address; it ends with sig= and a long text")
        return value


MANIFEST = Manifest(
    slug="teams",
    name="Microsoft Teams",
    category=Category.MESSAGING,
    docs="https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using",
    owner="corridor",
    config=TeamsConfig,
    secrets=TeamsSecrets,
    api=API,
    messenger=open_messenger,
)
