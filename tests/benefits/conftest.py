"""A company with people and plans, committed, as the current tenant."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from app.core.db import tenant, transaction
from app.domains import load_jobs
from tests.benefits.world import World, make_company, make_world


@pytest.fixture
def company(database: object) -> Iterator[UUID]:
    """The current tenant."""
    load_jobs()
    company_id = uuid7()
    with tenant(company_id):
        with transaction() as own:
            make_company(own, company_id)
        yield company_id


@pytest.fixture
def world(company: UUID) -> World:
    """Plans, Ana and her family; her window is open."""
    with transaction() as own:
        return make_world(own, company)
