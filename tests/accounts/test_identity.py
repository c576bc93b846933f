"""From the cookie to an actor: valid, forged, idle, old; what roles add up to; how many statements it takes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.accounts.models import UserSession, UserStatus
from app.accounts.views.identity import Identity, load_identity
from app.core.access import Can, RoleType, Scope
from app.core.db import engine, tenant_or_none, transaction
from tests.accounts.sign_in import make_user, session_cookie, sign_in


def identity_of(app: Flask, cookie: str) -> Identity | None:
    with app.test_request_context("/", headers={"Cookie": cookie}):
        from flask import request

        found = load_identity(request)
        g.identity = found
        found_tenant = tenant_or_none()
        assert (found is None) == (found_tenant is None)
        from app.web.database import db

        db.session.commit()
        return found


def test_a_signed_in_user_has_the_grants_of_their_roles(app: Flask, session: Session, company: UUID) -> None:
    user = make_user(session, company, email="Ana@acme.example", roles=[RoleType.MANAGER, RoleType.AUDITOR])
    name, value = session_cookie(user)
    found = identity_of(app, f"{name}={value}")
    assert found is not None
    assert (found.actor.user_id, found.company_name, found.language) == (user.id, "Acme", "en")
    assert found.actor.scope(Can.EMPLOYEE_VIEW) is Scope.REPORTS
    assert found.actor.scope(Can.AUDIT_VIEW) is Scope.ALL
    assert found.actor.scope(Can.ENROLL_OWN) is Scope.OWN
    assert not found.actor.can(Can.ENROLLMENT_APPROVE)
    assert found.actor.label == "Auditor, Manager"


@pytest.mark.queries
def test_an_identity_costs_one_query(app: Flask, session: Session, company: UUID) -> None:
    user = make_user(session, company, email="ana@acme.example", roles=[RoleType.BENEFITS_ADMIN])
    name, value = session_cookie(user)
    statements: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(engine(), "before_cursor_execute", note)
    try:
        identity_of(app, f"{name}={value}")
    finally:
        event.remove(engine(), "before_cursor_execute", note)
    assert len(statements) == 1


@pytest.mark.parametrize("cookie", ["corridor=", "corridor=x.y", "corridor=" + "0" * 32 + "." + "a" * 43])
def test_a_cookie_that_is_no_session_is_nobody(app: Flask, company: UUID, cookie: str) -> None:
    from app.core.db import enter_tenant

    enter_tenant(None)
    assert identity_of(app, cookie) is None


def test_the_token_of_one_company_does_not_work_in_another(app: Flask, session: Session, company: UUID) -> None:
    user = make_user(session, company, email="ana@acme.example")
    name, value = session_cookie(user)
    other = uuid7()
    make_user(session, other, email="ana@other.example")
    assert identity_of(app, f"{name}={other.hex}.{value.partition('.')[2]}") is None


@pytest.mark.parametrize(
    "change",
    [
        {"last_seen_at": datetime.now(UTC) - timedelta(minutes=21)},
        {"expires_at": datetime.now(UTC) - timedelta(seconds=1)},
        {"revoked_at": datetime.now(UTC)},
    ],
)
def test_a_session_that_is_idle_old_or_ended_is_nobody(
    app: Flask, session: Session, company: UUID, change: dict[str, Any]
) -> None:
    user = make_user(session, company, email="ana@acme.example")
    name, value = session_cookie(user)
    with transaction(company) as own:
        own.execute(sa.update(UserSession).values(**change))
    assert identity_of(app, f"{name}={value}") is None


def test_a_suspended_user_is_nobody(app: Flask, session: Session, company: UUID) -> None:
    user = make_user(session, company, email="ana@acme.example", status=UserStatus.SUSPENDED.value)
    name, value = session_cookie(user)
    assert identity_of(app, f"{name}={value}") is None


def test_signing_out_ends_the_session(client: FlaskClient, session: Session, company: UUID) -> None:
    user = make_user(session, company, email="ana@acme.example")
    sign_in(client, user)
    client.application.config["WTF_CSRF_ENABLED"] = False
    try:
        answer = client.post("/sign-out")
    finally:
        client.application.config["WTF_CSRF_ENABLED"] = True
    assert answer.status_code == 303
    with transaction(company) as own:
        assert own.scalars(sa.select(UserSession.revoked_at)).one() is not None
