"""Reminders at 14, 3 and 1 days, put off with one press, from home or from the e-mail."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.benefits.jobs import windows as jobs
from app.benefits.models import EnrollmentWindow, ReminderSnooze
from app.benefits.rules.windows import snooze_until
from app.benefits.services import reminders
from app.core.clock import today
from app.core.db import fetch
from app.core.errors import Conflict, NotFound
from app.core.jobs import JobIntent, enqueue
from tests.accounts.sign_in import make_user, sign_in
from tests.benefits.test_jobs import notices_of, run_all
from tests.benefits.test_pages import Visitor, text
from tests.benefits.world import World, hire, own_actor

TODAY = date(2026, 11, 10)


@pytest.fixture(autouse=True)
def autumn() -> Any:
    with time_machine.travel(f"{TODAY} 17:00", tick=True):
        yield


@pytest.fixture
def window(session: Session, world: World) -> EnrollmentWindow:
    """Ana may choose until November 24: the 14-day reminder is due today."""
    assert world.window is not None
    found = fetch(session, EnrollmentWindow, world.window.id)
    found.opens_on, found.closes_on = date(2026, 10, 26), date(2026, 11, 24)
    session.add(User(email="ana@acme.example", employee_id=world.ana.id, status="active"))
    for intent in session.scalars(sa.select(JobIntent)):
        intent.state = "done"
    session.commit()
    return found


def day(session: Session, world: World, on: date) -> int:
    """What the clock does on a day. Returns how many reminders Ana has in the app."""
    with time_machine.travel(f"{on} 17:00", tick=True):
        enqueue(session, "benefits.daily", world.company_id, key=str(on))
        run_all(session)
    return len([n for n in notices_of(session, "benefits.window.reminder") if n.channel == "in_app"])


def test_three_reminders_when_nobody_puts_them_off(session: Session, world: World, window: EnrollmentWindow) -> None:
    counts = [day(session, world, TODAY + timedelta(n)) for n in range(15)]
    assert counts == [1] * 11 + [2, 2, 3, 3]
    sent = notices_of(session, "benefits.window.reminder")
    assert {n.later_path for n in sent if "14 days" in (n.body or "")} == {f"/benefits/enroll/{window.id}/reminder"}
    assert {n.later_path for n in sent if "1 day" in (n.body or "") and "14" not in (n.body or "")} == {""}


def test_put_off_it_comes_three_days_later_once(session: Session, world: World, window: EnrollmentWindow) -> None:
    assert reminders.put_off(session, world.employee_actor, window.id, TODAY) == TODAY + timedelta(3)
    session.commit()
    assert [day(session, world, TODAY + timedelta(n)) for n in range(5)] == [0, 0, 0, 1, 1]


def test_put_off_over_a_stage_gives_one_reminder_that_day(
    session: Session, world: World, window: EnrollmentWindow
) -> None:
    on = date(2026, 11, 20)
    day(session, world, on)
    reminders.put_off(session, world.employee_actor, window.id, on)  # to the 23rd, over the stage of the 21st
    session.commit()
    assert [day(session, world, on + timedelta(n)) for n in range(1, 5)] == [1, 1, 2, 2]


def test_no_more_reminders(session: Session, world: World, window: EnrollmentWindow) -> None:
    assert reminders.put_off(session, world.employee_actor, window.id, TODAY, again=False) is None
    session.commit()
    assert [day(session, world, TODAY + timedelta(n)) for n in (0, 11, 13)] == [0, 0, 0]


def test_too_late_and_not_mine(session: Session, world: World, window: EnrollmentWindow) -> None:
    ben = hire(session, "1002", first_name="Ben")
    with pytest.raises(NotFound):
        reminders.put_off(session, own_actor(world.company_id, ben.id), window.id, TODAY)
    with pytest.raises(Conflict):
        reminders.put_off(session, world.employee_actor, window.id, date(2026, 11, 23))
    with pytest.raises(Conflict):
        reminders.put_off(session, world.employee_actor, window.id, date(2026, 11, 25), again=False)
    assert snooze_until(date(2026, 11, 24), date(2026, 11, 22)) == date(2026, 11, 23)


def test_batches(session: Session, world: World, window: EnrollmentWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "BATCH", 1)
    reminders.put_off(session, world.employee_actor, window.id, TODAY)
    session.commit()
    assert day(session, world, TODAY + timedelta(3)) == 1


def test_one_press_on_home_or_from_the_e_mail(
    app: object, client: FlaskClient, session: Session, world: World, window: EnrollmentWindow
) -> None:
    user = make_user(session, world.company_id, email="ana2@acme.example", employee_id=world.ana.id)
    sign_in(client, user)
    ana = Visitor(client, world.company_id)
    assert "Remind me on" in text(ana.get("/benefits"))
    page = ana.send(f"/benefits/enroll/{window.id}/reminder")
    assert "We remind you again on November 13, 2026." in text(page)
    row = session.scalars(sa.select(ReminderSnooze).execution_options(populate_existing=True)).one()
    assert (row.employee_id, row.remind_on) == (world.ana.id, TODAY + timedelta(3))
    assert "You have until November 24, 2026" in text(ana.get(f"/benefits/enroll/{window.id}/reminder"))
    assert "No more reminders for this." in text(ana.send(never="1"))
    session.refresh(row)
    assert row.remind_on is None
    row_window = fetch(session, EnrollmentWindow, window.id)
    row_window.closes_on = today() + timedelta(1)
    session.commit()
    assert "There is no time left" in text(ana.send(f"/benefits/enroll/{window.id}/reminder"))
    assert "Remind me on" not in text(ana.get("/benefits"))
