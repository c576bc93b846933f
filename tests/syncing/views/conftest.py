"""People who look at integrations, over the company that BambooHR is connected to."""

from __future__ import annotations

from typing import Any

import pytest

from app.core.access import RoleType
from tests.feeds.pages import Visitor, admin_of
from tests.syncing.conftest import Synced


@pytest.fixture
def admin(app: Any, synced: Synced) -> Visitor:
    """May do everything."""
    return Visitor(app, admin_of(synced.company_id, "admin@maple.example", (RoleType.BENEFITS_ADMIN,)))


@pytest.fixture
def integrator(app: Any, synced: Synced) -> Visitor:
    """Connects and maps, and may not read what records say of people."""
    return Visitor(app, admin_of(synced.company_id, "ben@maple.example", (RoleType.SYSTEM_ADMIN,)))


@pytest.fixture
def hr(app: Any, synced: Synced) -> Visitor:
    """Reads records and decides, and may not connect."""
    return Visitor(app, admin_of(synced.company_id, "hr@maple.example", (RoleType.HR_ADMIN,)))


@pytest.fixture
def link(synced: Synced) -> str:
    return f"/integrations/{synced.connection_id}"
