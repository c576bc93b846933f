"""Two companies beside each other."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from uuid_utils.compat import uuid7
from werkzeug.routing import Rule

from app.core.db import enter_tenant, transaction
from app.core.keys import keyring
from app.domains import load_jobs
from tests.fixtures.slot import Slot
from tests.security.crawl import Form, Visitor, collect_forms
from tests.security.rows import fill
from tests.security.twins import Twin, make_twins


@pytest.fixture(autouse=True)
def _nobody() -> None:
    """Like a real request, each test starts without a tenant."""
    enter_tenant(None)


@pytest.fixture
def say(pytestconfig: pytest.Config, record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Print a measured number: how many requests, rows, files were looked at."""

    def write(line: str) -> None:
        record_property("measured", line)
        capture = pytestconfig.pluginmanager.get_plugin("capturemanager")
        assert capture is not None
        with capture.global_and_fixture_disabled():
            sys.stdout.write(f"\n{line}\n")

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


@dataclass
class Crowd:
    """Two companies alike, seen through the application. `admin` sees what row-level security hides."""

    app: Flask
    admin: Any
    a: Twin
    b: Twin

    @property
    def rules(self) -> list[Rule]:
        """Of pages. What lies below /api takes no cookie, so a browser is nobody there; its walls are tested in tests/web/api."""
        pages = [rule for rule in self.app.url_map.iter_rules() if not rule.rule.startswith("/api/")]
        return sorted(pages, key=lambda rule: (rule.rule, sorted(rule.methods or ())))

    @cached_property
    def forms(self) -> dict[str, Form]:
        """By endpoint: the form that company A's own pages offer for it, as its most powerful user sees them."""
        return collect_forms(self.app, self.a, self.rules)

    def visitors(self) -> Iterator[Visitor]:
        """Nobody, an employee, each role, and one who may do everything: all of company A."""
        yield Visitor(self.app, None, "nobody")
        for name in self.a.users:
            yield Visitor(self.app, self.a, name)


@pytest.fixture(scope="module")
def crowd(slot: Slot, _made_app: Flask) -> Iterator[Crowd]:
    """Made once per file: its tests may change company A, never count on what is left of it."""
    enter_tenant(None)
    with pytest.MonkeyPatch.context() as patch, slot.admin(slot.database) as admin:
        slot.empty()
        yield Crowd(_made_app, admin, *make_twins(patch, admin))
        slot.empty()
    keyring.forget()
