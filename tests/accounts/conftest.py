"""A company with a door, and people of it."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from uuid_utils.compat import uuid7

from app.accounts.rules import window_start
from app.core.clock import now
from app.core.db import tenant, transaction
from app.domains import accounts, people


@pytest.fixture
def company(database: object) -> Iterator[UUID]:
    """The current tenant: a company with a row and a door of its own."""
    company_id = uuid7()
    with tenant(company_id):
        with transaction() as session:
            session.add(people.Company(id=company_id, name="Acme", slug="acme"))
            session.add(accounts.TenantDoor(id=company_id, slug="acme", name="Acme", brand_hue=185))
        yield company_id


@pytest.fixture
def mid_window() -> Iterator[None]:
    """Tests that count tries start early in a throttle window: a window that ends meanwhile forgets them, as it should."""
    with time_machine.travel(window_start(now(), timedelta(hours=1)) + timedelta(minutes=1)):
        yield
