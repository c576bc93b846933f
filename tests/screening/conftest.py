"""An employer that screens, as the current tenant."""

from __future__ import annotations

from uuid import UUID

import pytest

from app.core.db import transaction
from tests.feeds.conftest import company as company
from tests.screening.made import Employer, make_employer


@pytest.fixture
def employer(company: UUID) -> Employer:
    with transaction() as session:
        return make_employer(session, company)
