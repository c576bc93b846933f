"""Who is told when a file waits for a person, a carrier stays silent, or work was given up: over real SFTP and SMTP."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.services import holders
from app.connections.models import Connection
from app.core.access import Can, RoleType
from app.core.config import get_settings
from app.core.db import engine, fetch, transaction
from app.notices.models import Notice
from sandbox.launch import Running
from tests.accounts.sign_in import make_user
from tests.feeds import world as w
from tests.feeds.test_way import carrier, real, send
from tests.feeds.world import World, ask, files, run_jobs

__all__ = ["real"]

EVERYTHING = ("feeds.", "connections.", "notices.")


@pytest.fixture
def staff(real: World, sandbox: Running, monkeypatch: pytest.MonkeyPatch) -> dict[str, User]:
    """People by their first name; the mail server is the sandbox's."""
    monkeypatch.setattr(get_settings(), "smtp_url", f"smtp://{sandbox.host}:{sandbox.smtp_port}")
    roles = {
        "ana": [RoleType.BENEFITS_ADMIN], "max": [RoleType.BENEFITS_MANAGER], "spe": [RoleType.BENEFITS_SPECIALIST],
        "sys": [RoleType.SYSTEM_ADMIN], "vic": [RoleType.VIEWER], "gone": [RoleType.BENEFITS_ADMIN],
    }  # fmt: skip
    with Session(engine(), expire_on_commit=False) as session:
        found = {
            name: make_user(session, real.company_id, email=f"{name}@acme.example", roles=given)
            for name, given in roles.items()
        }
    with transaction() as session:
        fetch(session, User, found["gone"].id).status = "suspended"
        fetch(session, User, found["max"].id).language = "es"
    return found


def told(kind: str) -> set[str]:
    """Addresses of who was told by e-mail; the page of each says the same."""
    rows = [row for row in w.rows(Notice) if row.kind == kind]
    mail = [row.recipient for row in rows if row.channel == "email"]
    assert len(mail) == len(set(mail))
    assert {row.user_id for row in rows if row.channel == "email"} == {
        row.user_id for row in rows if row.channel == "in_app"
    }
    return {address.partition("@")[0] for address in mail}


def hold(world: World, user: User | None = None) -> None:
    """A full file by which somebody would lose their coverage."""
    send(world)
    with transaction() as session:
        row = fetch(session, Connection, world.connection.id)
        row.settings = row.settings | {"profile": w.profile(hold_loss_percent=0.0)}
        one = session.get(type(world.enrollments[0]), (world.company_id, world.enrollments[1].id))
        one.status, one.coverage_ends_on = "terminated", w.START.replace(month=6, day=30)
        one.terminated_on = one.coverage_ends_on
        w.note_all(session, world)
    ask("feeds.make_file", world.connection.id, **({"user_id": str(user.id)} if user else {}))
    assert files()[-1].state == "held"


def test_those_who_hold_a_permission(staff: dict[str, User]) -> None:
    with transaction() as session:
        names = {user.id: name for name, user in staff.items()}
        assert {names[one] for one in holders(session, Can.FEED_RELEASE)} == {"ana", "max"}
        assert {names[one] for one in holders(session, Can.FEED_MANAGE)} >= {"ana", "max", "spe"}


def test_a_held_file_calls_those_who_may_release_it_but_not_its_maker(
    real: World, sandbox: Running, staff: dict[str, User]
) -> None:
    hold(real, staff["ana"])
    run_jobs(kinds=EVERYTHING)
    run_jobs(kinds=EVERYTHING)
    assert told("feeds.file.held") == {"max"}
    (message,) = sandbox.client.wait_for_mail("max@acme.example")
    assert message["subject"] == "Un archivo espera su revisión"
    assert "Evergreen Health" in message["text"]
    assert f"/feeds/files/{files()[-1].id}" in message["text"]


def test_the_named_approver_alone_is_called(real: World, sandbox: Running, staff: dict[str, User]) -> None:
    with transaction() as session:
        named = {"approver_user_id": str(staff["ana"].id)}
        fetch(session, Connection, real.connection.id).compliance_settings = named
    hold(real)
    assert told("feeds.file.held") == {"ana"}


def test_when_nobody_may_release_it_those_who_manage_feeds_know(
    real: World, sandbox: Running, staff: dict[str, User]
) -> None:
    with transaction() as session:
        named = {"approver_user_id": str(staff["gone"].id)}
        fetch(session, Connection, real.connection.id).compliance_settings = named
    hold(real)
    assert told("feeds.file.held") >= {"ana", "max", "spe"}


def test_silence_is_told_once_to_those_who_manage_feeds(
    real: World, sandbox: Running, staff: dict[str, User], admin: Any
) -> None:
    carrier(sandbox).set(silence=True)
    send(real)
    admin.execute("UPDATE feed_file SET acknowledge_by = now() - interval '1 minute'")
    ask("feeds.watch_overdue", real.company_id)
    ask("feeds.watch_overdue", real.company_id)
    with transaction() as session:
        expected = set(holders(session, Can.FEED_MANAGE))
    assert {staff[name].id for name in told("feeds.file.overdue")} == expected
    assert "vic" not in told("feeds.file.overdue")
    assert "gone" not in told("feeds.file.overdue")


def test_work_that_was_given_up_is_told_once_a_day(real: World, sandbox: Running, staff: dict[str, User]) -> None:
    carrier(sandbox).set(wrong_password=True)
    send(real)
    assert w.intents("feeds.upload")[0][0] == "dead"
    ask("feeds.tell_given_up", real.company_id)
    ask("feeds.tell_given_up", real.company_id)
    people = told("feeds.work.given_up")
    assert people >= {"ana", "max", "spe", "sys"}
    assert not people & {"vic", "gone"}
    rows = [row for row in w.rows(Notice) if row.kind == "feeds.work.given_up" and row.user_id == staff["sys"].id]
    assert {row.link_path for row in rows} == {"/operations/intents?state=dead"}
    assert "Evergreen Health" in rows[0].body
    carrier(sandbox).set(wrong_password=False)
