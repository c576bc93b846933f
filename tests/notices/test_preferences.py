"""How people want to be told: what is mailed, what waits for the morning, what nobody can silence."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.db import enter_tenant, transaction
from app.core.errors import Invalid, NotFound
from app.core.events import Actor, AuditEvent, system
from app.core.jobs import JobIntent
from app.notices import services
from app.notices.models import Notice
from app.notices.preferences import choose, wishes_of
from app.notices.rules import Wishes, seconds_of_quiet
from tests.accounts.pages import post, shown
from tests.accounts.sign_in import make_user, sign_in
from tests.core.conftest import company as company
from tests.core.test_spine import add_employee
from tests.notices.test_notices import Mailbox, send
from tests.notices.test_notices import mailbox as mailbox

NEW_YORK = ZoneInfo("America/New_York")
CONTEXT = {"number": "S-2026-000001", "days": 3, "closes_on": datetime(2026, 12, 1, tzinfo=NEW_YORK).date(),
           "carrier": "Evergreen Health", "starts_on": datetime(2026, 12, 1, tzinfo=NEW_YORK).date()}  # fmt: skip
NIGHT, NOON = "2026-11-25 03:30", "2026-11-25 17:00"  # UTC: 22:30 and 12:00 in New York


@pytest.fixture
def ana(company: UUID) -> User:
    employee_id = add_employee(work_email="ana@acme.example")
    with transaction() as session:
        user = User(email="ana@acme.example", employee_id=employee_id)
        session.add(user)
        session.flush()
        return user


def wish(user: User, **values: Any) -> None:
    usual = {"email_reminders": True, "email_news": True, "quiet": True, "quiet_from": 21, "quiet_to": 8}
    with transaction() as session:
        choose(session, Actor(user.company_id, "user", user.id), **usual | values)


def tell(user: User, kind: str, **more: Any) -> list[Notice]:
    with transaction() as session:
        return services.issue(
            session, system("test"), kind, user_id=user.id, subject=("submission", uuid4()), context=CONTEXT, **more
        )


def wait_of(kind: str = "notices.send") -> float:
    with transaction() as session:
        row = session.scalars(sa.select(JobIntent).where(JobIntent.kind == kind, JobIntent.state == "pending")).one()
        assert row.last_error == "quiet-hours"
        return (row.run_after - row.updated_at).total_seconds()


def test_a_reminder_does_not_come_at_night(company: UUID, ana: User, mailbox: Mailbox) -> None:
    with time_machine.travel(NIGHT, tick=True):
        tell(ana, "benefits.window.reminder")
        send(company)
    assert mailbox.messages == []
    assert 9 * 3600 < wait_of() <= 9.5 * 3600  # 22:30 to 8:00


def test_by_day_it_comes_with_a_way_to_put_it_off(company: UUID, ana: User, mailbox: Mailbox) -> None:
    with time_machine.travel(NOON, tick=True):
        tell(ana, "benefits.window.reminder", later_path="/benefits/enroll/x/reminder")
        send(company)
    text = mailbox.messages[0].get_body(("plain",)).get_content()
    assert "Remind me later: http" in text
    assert "/benefits/enroll/x/reminder" in mailbox.messages[0].get_body(("html",)).get_content()


@pytest.mark.parametrize("kind", ["benefits.enrollment.submitted", "benefits.enrollment.approved", "accounts.locked"])
def test_what_answers_or_guards_comes_at_once(company: UUID, ana: User, mailbox: Mailbox, kind: str) -> None:
    with time_machine.travel(NIGHT, tick=True):
        tell(ana, kind)
        send(company)
    assert len(mailbox.messages) == 1


def test_chosen_quiet_hours_hold_for_news_too(company: UUID, ana: User, mailbox: Mailbox) -> None:
    wish(ana)
    with time_machine.travel(NIGHT, tick=True):
        tell(ana, "benefits.enrollment.approved")
        tell(ana, "benefits.enrollment.submitted")
        send(company)
    assert [message["Subject"] for message in mailbox.messages] == ["We have your benefit choices"]
    wait_of()


def test_no_e_mail_but_always_the_notice_in_the_app(company: UUID, ana: User) -> None:
    wish(ana, email_reminders=False, email_news=False)
    for kind in ("benefits.window.reminder", "benefits.coverage.confirmed"):
        assert [notice.channel for notice in tell(ana, kind)] == ["in_app"]
    assert [notice.channel for notice in tell(ana, "benefits.enrollment.rejected")] == ["email", "in_app"]
    assert [notice.channel for notice in tell(ana, "benefits.coverage.confirmed", channels=("email",))] == ["email"]


def test_wishes_are_kept_and_recorded_once(company: UUID, ana: User) -> None:
    with transaction() as session:
        assert wishes_of(session, ana.id) == Wishes()
        assert wishes_of(session, None) == Wishes()
    wish(ana, quiet=False)
    wish(ana, quiet=False)
    with transaction() as session:
        assert wishes_of(session, ana.id) == Wishes(quiet=False, chosen=True)
        events = session.scalars(sa.select(AuditEvent).where(AuditEvent.name == "notices.preference.changed")).all()
        assert len(events) == 1
        with pytest.raises(NotFound):
            choose(session, system("test"), quiet=False)
    with pytest.raises(Invalid):
        wish(ana, quiet_from=8)


@pytest.mark.parametrize(
    ("start", "end", "hour", "minute", "wait"),
    [(21, 8, 20, 59, 0), (21, 8, 21, 0, 11 * 3600), (21, 8, 7, 59, 60), (21, 8, 8, 0, 0), (12, 14, 13, 0, 3600),
     (12, 14, 15, 0, 0), (5, 5, 5, 0, 0)],
)  # fmt: skip
def test_the_end_of_the_quiet(start: int, end: int, hour: int, minute: int, wait: int) -> None:
    local = datetime(2026, 11, 25, hour, minute, tzinfo=NEW_YORK)
    assert seconds_of_quiet(Wishes(quiet_from=start, quiet_to=end), local) == wait


def test_the_page(app: object, client: FlaskClient, company: UUID, session: Session) -> None:
    employee_id = add_employee(work_email="leo@acme.example")
    user = make_user(session, company, email="leo@acme.example", employee_id=employee_id)
    sign_in(client, user)
    assert "Quiet from" in shown(client.get("/notices/preferences"))
    assert "9:00" in client.get("/notices/preferences").text
    answer = post(
        client, "/notices/preferences", {"quiet": "y", "quiet_from": "8", "quiet_to": "8"}, page="/notices/mine"
    )
    assert answer.status_code == 422
    assert "would have no length" in shown(answer)
    answer = post(
        client, "/notices/preferences", {"quiet": "y", "quiet_from": "20", "quiet_to": "7"}, page="/notices/mine"
    )
    assert answer.status_code == 303
    enter_tenant(company)
    with transaction() as own:
        assert wishes_of(own, user.id) == Wishes(False, False, True, 20, 7, chosen=True)
