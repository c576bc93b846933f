"""An employer that screens, as the current tenant."""

from __future__ import annotations

from uuid import UUID

import pytest

from app.core.db import transaction
from sandbox.launch import Running
from tests.feeds.conftest import _sandbox as _sandbox
from tests.feeds.conftest import company as company
from tests.feeds.conftest import sandbox as sandbox
from tests.screening.made import Employer, make_employer


@pytest.fixture
def employer(company: UUID) -> Employer:
    with transaction() as session:
        return make_employer(session, company)


@pytest.fixture
def hired(company: UUID, sandbox: Running) -> Employer:
    """The employer, connected with the sandbox's Checkr."""
    with transaction() as session:
        return make_employer(
            session, company, url=sandbox.screening["checkr_url"], credentials={"api_key": sandbox.screening["api_key"]}
        )
