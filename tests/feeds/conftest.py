"""An employer with a carrier feed as the current tenant; and the real sandbox carrier."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from app.core.db import tenant, transaction
from app.domains import load_jobs
from sandbox.launch import Running, launch
from tests.feeds.world import World, make_world, memory


@pytest.fixture
def company(database: object) -> Iterator[UUID]:
    load_jobs()
    company_id = uuid7()
    with tenant(company_id):
        yield company_id


@pytest.fixture
def world(company: UUID) -> World:
    with transaction() as session:
        return make_world(session, company)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The carrier's server in memory; `inbound` takes our files, `outbound` holds its answers."""
    with memory(monkeypatch) as transport:
        yield transport


@pytest.fixture(scope="session")
def _sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with launch(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture
def sandbox(_sandbox: Running) -> Iterator[Running]:
    _sandbox.client.reset()
    yield _sandbox
    _sandbox.client.reset()
