"""Wellhub as an adapter: who may use it is told in jobs; the API itself is in `api`."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from app.integrations.adapters.wellhub.adapter import open_wellness
from app.integrations.adapters.wellhub.api import API, WellhubConfig
from app.integrations.contracts import Category, Manifest


class WellhubSecrets(BaseModel):
    """Made in Wellhub for Companies under Settings; the secret is shown there once."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    client_id: SecretStr = Field(title="Client id")
    client_secret: SecretStr = Field(title="Client secret")


MANIFEST = Manifest(
    slug="wellhub",
    name="Wellhub",
    category=Category.WELLNESS,
    docs="https://developer-hub.wellhub.com/docs/integrations/api/getting-started/",
    owner="corridor",
    config=WellhubConfig,
    secrets=WellhubSecrets,
    api=API,
    wellness=open_wellness,
)
