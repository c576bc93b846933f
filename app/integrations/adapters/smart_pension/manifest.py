"""Smart Pension as an adapter: settings and secrets; the API itself is in `api`."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from app.integrations.adapters.smart_pension.adapter import open_pension
from app.integrations.adapters.smart_pension.api import API, SmartPensionConfig
from app.integrations.contracts import Category, Manifest


class SmartPensionSecrets(BaseModel):
    """Of a partner application; the sandbox and the real world have one each."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    client_id: SecretStr = Field(title="Client id")
    client_secret: SecretStr = Field(title="Client secret")


MANIFEST = Manifest(
    slug="smart_pension",
    name="Smart Pension",
    category=Category.PENSION,
    docs="https://developers.autoenrolment.co.uk/smart",
    owner="corridor",
    config=SmartPensionConfig,
    secrets=SmartPensionSecrets,
    api=API,
    pension=open_pension,
)
