"""A company whose people come from the BambooHR stand-in."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
import structlog
from uuid_utils.compat import uuid7

from app.connections.models import Connection
from app.connections.services import calling
from app.core.access import ROLE_DEFAULTS, RoleType, grants
from app.core.db import fetch, tenant, transaction
from app.core.events import Actor
from app.domains import load_jobs, people
from app.integrations.auth.tokens import Token
from app.integrations.sync.reading import Mode
from app.people.models import Employee
from app.syncing import services
from app.syncing.models import RemoteRecord, SyncRun
from sandbox.vendors.core.serving import serving
from tests.feeds.world import run_jobs


@pytest.fixture(scope="session")
def _bamboo() -> Iterator[Any]:
    with serving("bamboohr") as vendor:
        yield vendor


@pytest.fixture
def bamboo(_bamboo: Any) -> Any:
    _bamboo.reset()
    _bamboo.terms(token_seconds=10**8)
    return _bamboo


@dataclass
class Synced:
    """A connection that is kept in step, and what tests do with it."""

    company_id: UUID
    connection_id: UUID
    admin: Actor
    hr: Actor

    def ask(self, mode: Mode = Mode.FULL, *, dry: bool = False) -> UUID:
        with transaction() as session:
            return services.ask_run(session, self.admin, self.connection_id, mode=mode, dry=dry).id

    def run(self, mode: Mode = Mode.FULL, *, dry: bool = False) -> SyncRun:
        """A whole run, with what follows from it in these domains."""
        run_id = self.ask(mode, dry=dry)
        run_jobs(kinds=("syncing.",))
        return self.ran(run_id)

    def ran(self, run_id: UUID) -> SyncRun:
        with transaction() as session:
            return fetch(session, SyncRun, run_id)

    def record(self, remote_id: str, resource: str = "employees") -> RemoteRecord:
        with transaction() as session:
            query = sa.select(RemoteRecord).where(
                RemoteRecord.resource == resource, RemoteRecord.remote_id == remote_id
            )
            return session.scalars(query).one()

    def employee(self, remote_id: str) -> Employee:
        local_id = self.record(remote_id).local_id
        with transaction() as session:
            return fetch(session, Employee, local_id)

    def count(self, model: Any = Employee) -> int:
        with transaction() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


@pytest.fixture
def company(database: object) -> Iterator[UUID]:
    load_jobs()
    company_id = uuid7()
    with tenant(company_id):
        with transaction() as session:
            session.add(people.Company(id=company_id, name="Maple Cedar", slug="maplecedar"))
        yield company_id


def actor_of(company_id: UUID, role: RoleType) -> Actor:
    scope, flags = ROLE_DEFAULTS[role]
    return Actor(company_id, "user", uuid7(), None, role.value, grants(flags, scope))


@pytest.fixture
def synced(company: UUID, bamboo: Any, free: None) -> Synced:
    """Connected and signed in. Nothing is read yet."""
    from app.integrations.registry import adapter

    manifest = adapter("bamboohr")
    assert manifest.api is not None
    access = bamboo.access.issue("corridor", " ".join(manifest.api.auth.scopes)).access  # type: ignore[union-attr]
    with transaction() as session:
        made = Connection(
            adapter="bamboohr", name="BambooHR", code="BAMBOO", status="connected", settings={"company": "maplecedar"},
            api_endpoint_url=bamboo.url + "/api/v1", rate_limit_per_hour=1_000_000,
            credentials={"client_id": "corridor", "client_secret": "bamboohr-sandbox-secret"},
        )  # fmt: skip
        session.add(made)
        session.flush()
        calling.keep_token(session, made.id, Token(access, datetime.now(UTC), None))
    return Synced(company, made.id, actor_of(company, RoleType.SYSTEM_ADMIN), actor_of(company, RoleType.HR_ADMIN))


@pytest.fixture
def quiet() -> Iterator[None]:
    """Failures that are meant are not printed with all their frames, which takes seconds."""
    before = structlog.get_config()
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL), cache_logger_on_first_use=False
    )
    yield
    structlog.configure(**before)


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> None:
    """The provider's rate is not what these tests are about."""
    from app.connections.services.calling.link import Link

    monkeypatch.setattr(Link, "limits", property(lambda _link: ()))
