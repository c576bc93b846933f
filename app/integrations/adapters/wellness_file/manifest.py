"""Eligibility by settings alone: SCIM 2.0, a file by SFTP, or a file by hand."""

from __future__ import annotations

from app.integrations.adapters.wellness_file.adapter import make_api, open_files, open_wellness
from app.integrations.adapters.wellness_file.settings import WellnessConfig, WellnessSecrets, presets
from app.integrations.contracts import Category, Manifest

MANIFEST = Manifest(
    slug="wellness_file",
    name="Other wellness provider",
    category=Category.WELLNESS,
    docs="https://www.rfc-editor.org/rfc/rfc7644",
    owner="corridor",
    config=WellnessConfig,
    secrets=WellnessSecrets,
    make_api=make_api,
    open_files=open_files,
    wellness=open_wellness,
    presets=presets,
)
