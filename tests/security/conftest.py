"""Two companies beside each other."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from app.core.db import enter_tenant, transaction
from app.domains import load_jobs
from tests.security.rows import fill


@pytest.fixture(autouse=True)
def _nobody() -> None:
    """Like a real request, each test starts without a tenant."""
    enter_tenant(None)


@pytest.fixture
def say(pytestconfig: pytest.Config, record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Print a measured number: how many requests, rows, files were looked at."""

    def write(line: str) -> None:
        record_property("measured", line)
        terminal = pytestconfig.pluginmanager.get_plugin("terminalreporter")
        if terminal is not None:  # a worker of xdist has none
            terminal.write_line(f"\n{line}")

    return write


@pytest.fixture
def two(database: object) -> tuple[UUID, UUID]:
    """Companies A and B, each with exactly one row in every tenant table."""
    load_jobs()
    made = (uuid7(), uuid7())
    for company_id, word in zip(made, ("alpha", "bravo"), strict=True):
        with transaction(company_id) as session:
            fill(session, company_id, word)
    return made
