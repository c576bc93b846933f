"""A company to write into."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from app.core.db import tenant, transaction
from app.domains import load_jobs, people


@pytest.fixture
def company(database: object) -> Iterator[UUID]:
    """The current tenant: a company with a row of its own."""
    load_jobs()
    company_id = uuid7()
    with tenant(company_id):
        with transaction() as session:
            session.add(people.Company(id=company_id, name="Acme", slug="acme"))
        yield company_id
