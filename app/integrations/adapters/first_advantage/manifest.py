"""First Advantage as an adapter: no call to it is public, so people order in its portal and its webhooks tell them to look again."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from app.integrations.contracts import Category, Manifest
from app.integrations.webhooks.door import Events, Webhooks
from app.integrations.webhooks.kinds import HeaderToken


class FirstAdvantageConfig(BaseModel):
    """Nothing secret."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    account_id: str = Field("", title="Account ID", description="As First Advantage gave it to you.", max_length=40)


class FirstAdvantageSecrets(BaseModel):
    """Chosen by you and told to First Advantage, as the value of the header `fadvKey`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    webhook_key: SecretStr | None = Field(None, title="Key of webhooks", description="At least 32 random characters.")


MANIFEST = Manifest(
    slug="first_advantage",
    name="First Advantage",
    category=Category.SCREENING,
    docs="https://www.servicenow.com/docs/r/integrate-applications/integration-hub/first-advantage-spoke.html",
    owner="corridor",
    config=FirstAdvantageConfig,
    secrets=FirstAdvantageSecrets,
    manual=True,
    webhooks=Webhooks(
        verifier=HeaderToken("fadvKey"),
        secret="webhook_key",  # noqa: S106 the name of a field
        events=Events(),  # what stands in a body is not public: an event is known by its bytes and says "look"
    ),
)
