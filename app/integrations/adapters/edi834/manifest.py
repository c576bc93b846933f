"""The generic carrier feed: 834 005010X220A1 or the carrier's own layout, over SFTP. One profile per carrier says the rest."""

from __future__ import annotations

from app.integrations.adapters.edi834.adapter import Edi834Config, build_feed, open_files
from app.integrations.adapters.edi834.presets import presets
from app.integrations.contracts import Category, Manifest
from app.integrations.transports.sftp import SftpSecrets

MANIFEST = Manifest(
    slug="edi834",
    name="834 file over SFTP",
    category=Category.CARRIER,
    docs="https://x12.org/products/transaction-sets",
    owner="corridor",
    config=Edi834Config,
    secrets=SftpSecrets,
    feed=build_feed,
    open_files=open_files,
    presets=presets,
)
