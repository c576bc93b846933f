"""The configurable connector as an adapter. What other manifests say as data is said here by the settings of each connection."""

from __future__ import annotations

from app.integrations.adapters.custom_screening.adapter import make_api, open_files, open_screening
from app.integrations.adapters.custom_screening.presets import presets
from app.integrations.adapters.custom_screening.settings import ConnectorConfig, ConnectorSecrets
from app.integrations.contracts import Category, Manifest

MANIFEST = Manifest(
    slug="custom_screening",
    name="Other screening provider",
    category=Category.SCREENING,
    docs="https://www.goodhire.com/api-documentation",
    owner="corridor",
    config=ConnectorConfig,
    secrets=ConnectorSecrets,
    make_api=make_api,
    open_files=open_files,
    screening=open_screening,
    presets=presets,
)
