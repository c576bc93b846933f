"""What comes late, too early, twice at once, or not for a day: with a real SFTP carrier."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app.connections import services as connections
from app.connections.models import Connection, InboxItem
from app.core import clock
from app.core.db import fetch, tenant, transaction
from app.core.events import system
from app.core.jobs import JobIntent
from app.feeds.jobs import polling
from sandbox.launch import Running
from tests.feeds import world as w
from tests.feeds.test_way import answers, carrier, real, send
from tests.feeds.world import World, ask, carrier_statuses, changes, discrepancies, files, hurry, inbox, run_jobs
from worker.execute import run_intent

__all__ = ["real"]


def settle_in(world: World, sandbox: Running) -> None:
    """Everybody so far is known to the carrier."""
    send(world)
    answers(world, sandbox)
    carrier(sandbox).send_census()
    answers(world, sandbox)
    assert set(changes()) == {"confirmed"}


def enroll_another(world: World) -> None:
    with transaction() as session:
        w.add_employee(session, world, 8)


def test_a_census_written_before_the_upload_says_nothing_about_it(real: World, sandbox: Running, admin: Any) -> None:
    settle_in(real, sandbox)
    carrier(sandbox).send_census()  # lies there while the next file is made, delivered and acknowledged
    enroll_another(real)
    threading.Event().wait(1.1)  # time stamps of files are whole seconds
    send(real)
    assert [row.state for row in files()] == ["accepted", "sent"]
    answers(real, sandbox)
    assert [item.kind for item in inbox()].count("census") == 2
    assert {item.state for item in inbox()} == {"applied"}
    assert discrepancies() == []
    assert sorted(changes()) == ["confirmed", "confirmed", "confirmed", "syntax_accepted"]
    threading.Event().wait(1.1)
    carrier(sandbox).send_census()
    answers(real, sandbox)
    assert set(carrier_statuses()) == {"confirmed"}


def test_a_census_after_it_still_finds_who_is_missing(real: World, sandbox: Running) -> None:
    settle_in(real, sandbox)
    enroll_another(real)
    send(real)
    answers(real, sandbox)
    threading.Event().wait(1.1)
    carrier(sandbox).set(wrong_member="missing")
    carrier(sandbox).send_census()
    answers(real, sandbox)
    assert [row.code for row in discrepancies()] == ["missing-at-carrier"]


def test_an_older_census_does_not_undo_a_newer_one(real: World, sandbox: Running) -> None:
    send(real)
    answers(real, sandbox)
    carrier(sandbox).send_census()
    answers(real, sandbox)
    old = w.census(*w.truth(real)[1:])
    with transaction() as session:
        connection = fetch(session, Connection, real.connection.id)
        written_at = clock.now() - timedelta(hours=3)
        connections.receive(session, system("test"), connection, "old", old.encode(), "sftp", written_at=written_at)
    run_jobs()
    assert inbox()[-1].state == "refused"
    assert "newer list" in inbox()[-1].problem
    assert discrepancies() == []
    assert set(changes()) == {"confirmed"}


def test_two_censuses_at_once_are_compared_one_after_the_other(real: World, sandbox: Running, admin: Any) -> None:
    send(real)
    answers(real, sandbox)
    text = w.census(*w.truth(real)[:-1])
    with transaction() as session:
        connection = fetch(session, Connection, real.connection.id)
        for name in ("one.csv", "two.csv"):
            connections.receive(session, system("test"), connection, name, text.encode(), "upload")
    with transaction() as session:
        waiting = sa.select(JobIntent.id).where(JobIntent.kind == "feeds.apply_inbox", JobIntent.state == "pending")
        ids = list(session.scalars(waiting))
    assert len(ids) == 2

    def work(intent_id: Any) -> None:
        with tenant(real.company_id):
            run_intent(str(real.company_id), str(intent_id))

    threads = [threading.Thread(target=work, args=(one,)) for one in ids]
    with admin.transaction():
        admin.execute("LOCK TABLE discrepancy IN EXCLUSIVE MODE")  # both have read what is open before either writes
        for thread in threads:
            thread.start()
        threading.Event().wait(1.5)
    for thread in threads:
        thread.join()
    with transaction() as session:
        query = sa.select(JobIntent.state, JobIntent.attempts).where(JobIntent.id.in_(ids))
        assert [tuple(row) for row in session.execute(query)] == [("done", 1), ("done", 1)]
    assert [row.code for row in discrepancies()] == ["missing-at-carrier"]
    assert sorted(item.summary["opened"] for item in w.rows(InboxItem) if item.kind == "census") == [0, 1]


def test_polling_outlives_a_server_that_is_away_for_long(
    real: World, sandbox: Running, admin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(real)
    sandbox.client.wait_idle(20)
    carrier(sandbox).set(sftp_down=True)
    began = clock.now()
    for turn in range(1, 13):  # two hours of looks, every ten minutes
        monkeypatch.setattr(polling, "now", lambda turn=turn: began + timedelta(minutes=11 * turn))
        look(real, admin)
    row = w.rows(Connection)[0]
    assert (row.status, row.last_check["last_failure"]) == ("connected", "connection-lost")
    assert row.error_count > 12
    assert {state for state, _ in w.intents("feeds.poll")} == {"done"}
    assert files()[0].state == "sent"
    carrier(sandbox).set(sftp_down=False)
    monkeypatch.setattr(polling, "now", lambda: began + timedelta(hours=26))
    look(real, admin)
    assert files()[0].state == "accepted"
    assert w.rows(Connection)[0].error_count == 0


def look(world: World, admin: Any) -> None:
    """What the clock starts, and every try of it."""
    ask("feeds.poll_due", world.company_id)
    for _ in range(polling.TRIES):
        hurry(admin)
        run_jobs()
