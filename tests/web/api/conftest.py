"""The application with toys besides, and a program that holds a token."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.access import RoleType
from app.core.db import enter_tenant
from tests.accounts.conftest import company as company
from tests.accounts.conftest import mid_window as mid_window
from tests.accounts.programs import Caller, make_token
from tests.accounts.sign_in import make_user
from tests.fixtures.slot import Slot


@pytest.fixture(scope="session")
def _toy_app(slot: Slot) -> Flask:
    slot.make_database()
    from app import create_app
    from app.web.access import refuse_undeclared
    from tests.web.api import toys

    made = create_app()
    toys.register(made)
    refuse_undeclared(made)
    return made


@pytest.fixture
def app(_toy_app: Flask, database: Slot) -> Flask:
    return _toy_app


@pytest.fixture
def admin(session: Session, company: UUID) -> User:
    return make_user(session, company, email="root@acme.example", roles=[RoleType.SYSTEM_ADMIN])


@pytest.fixture
def call(app: Flask, admin: User, mid_window: None) -> Iterator[Caller]:
    """A program that may do everything its maker may."""
    yield Caller(app, make_token(admin)[1])
    enter_tenant(None)
