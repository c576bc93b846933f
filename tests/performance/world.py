"""A company of any size whose every list has rows, and somebody who may see all of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.accounts.models import User, UserStatus
from app.core.access import RoleType
from app.core.clock import now
from app.core.db import engine, tenant, transaction
from app.core.events import system
from app.domains import benefits, feeds, people
from app.notices.models import Notice
from bench.queries import watched
from tests.accounts.sign_in import make_user, session_cookie
from worker.cli import seed
from worker.demo import company as demo

DOOR = {"password": "not-a-secret", "sftp_port": 1, "user": "demo"}
SANDBOX: dict[str, Any] = {
    "host": "127.0.0.1", "sftp_host_key": "ssh-ed25519 AAAA", "carriers": {"evergreen": DOOR, "brightline": DOOR},
    "screening": {"checkr_url": "http://127.0.0.1:1/screening/checkr/v1", "api_key": "sk_test"},
}  # fmt: skip
LEAST = 6  # the demo needs a handful of people to be a company


def make_world(size: int, monkeypatch: pytest.MonkeyPatch) -> tuple[UUID, str]:
    """The demo company with `size` people (at least six) and as many rows in the other lists. Gives its id and a cookie."""
    monkeypatch.setattr(demo, "A_FEW", (("OPS", "Operations", LEAST), ("SUP", "Support", max(size - LEAST, 1))))
    company_id = uuid7()
    with tenant(company_id):
        with transaction() as session:
            seed.fill(session, company_id, SANDBOX, small=True)
        with Session(engine(), expire_on_commit=False) as session:
            _more(session, size)
            employee = session.query(people.Employee).filter_by(status="active").first()
            assert employee is not None
            email = f"all-{company_id.hex}@example.com"
            user = make_user(session, company_id, email=email, roles=list(RoleType), employee_id=employee.id)
    name, value = session_cookie(user)
    return company_id, f"{name}={value}"


def _more(session: Session, size: int) -> None:
    """Rows of the lists that people alone do not fill."""
    connection = session.query(benefits.BenefitPlan).first().connection_id  # type: ignore[union-attr]
    user = session.query(User).first()
    employee = session.query(people.Employee).first()
    assert user is not None
    assert employee is not None
    for number in range(size):
        session.add(User(email=f"u{number}@example.com", display_name=f"User {number}", status=UserStatus.ACTIVE.value))
        session.add(
            feeds.FeedFile(
                connection_id=connection, kind="change", usage="T", isa13=number + 900, gs06=number + 900, name=f"f{number}.834",
                reference=f"R{number}", made_at=now(), state="sent",
            )
        )  # fmt: skip
        session.add(
            feeds.Discrepancy(
                connection_id=connection, employee_id=employee.id, fingerprint=f"p{number}", code="missing-at-carrier", severity="info", owner="hr",
                due_on=now().date(), details={"ours": "A", "theirs": "B"}, first_seen_at=now(), last_seen_at=now(),
            )
        )  # fmt: skip
        session.add(
            Notice(
                dedupe_key=f"k{number}", kind="benefits.window.opened", channel="in_app", user_id=user.id, employee_id=employee.id,
                subject_type="x", subject_id=employee.id, language="en", subject="Hello", body="Hello", status="delivered",
            )
        )  # fmt: skip
    session.flush()


@pytest.fixture
def statements() -> Iterator[list[Any]]:
    """Every statement the test's requests send, in order; clear it between requests."""
    with watched(engine()) as seen:
        yield seen


def actor(company_id: UUID) -> Any:
    return system("test", company_id)
