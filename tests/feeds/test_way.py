"""The whole way with a real SFTP carrier: change → file → TA1 and 999 → census → confirmed; and each of its misbehaviors."""

from __future__ import annotations

import time
from typing import Any

import pytest

from app.connections import services as connections
from app.connections.models import Connection
from app.core.db import fetch, transaction
from app.core.events import system
from sandbox.launch import Running
from tests.feeds import world as w
from tests.feeds.world import World, ask, carrier_statuses, changes, discrepancies, files, inbox, note_all, run_jobs


@pytest.fixture
def real(world: World, sandbox: Running) -> World:
    """The world's feed leads to the running sandbox."""
    door = sandbox.carriers["evergreen"]
    with transaction() as session:
        row = fetch(session, Connection, world.connection.id)
        server = w.sftp(port=door["sftp_port"], host_key=sandbox.host_key, username=door["user"], connect_seconds=5)
        row.settings = row.settings | {"sftp": server}
        row.credentials = {"password": door["password"]}
    return world


def send(world: World) -> None:
    with transaction() as session:
        note_all(session, world)
    ask("feeds.make_file", world.connection.id)


def answers(world: World, sandbox: Running) -> None:
    sandbox.client.wait_idle(20)
    ask("feeds.poll", world.connection.id)


def test_from_change_to_confirmed(real: World, sandbox: Running) -> None:
    send(real)
    (file,) = files()
    assert file.state == "sent", (file.findings, file.send_problem)
    assert set(changes()) == {"sent"}
    assert set(carrier_statuses()) == {"sent"}
    answers(real, sandbox)
    (file,) = files()
    assert (file.state, file.ta1) == ("accepted", "A")
    assert set(changes()) == {"syntax_accepted"}
    assert set(carrier_statuses()) == {"syntax_accepted"}, "accepted by syntax is not covered"
    carrier = sandbox.client.carrier("evergreen")
    assert len(carrier.effects()) == 5
    assert carrier.refusals() == []
    carrier.send_census()
    answers(real, sandbox)
    assert discrepancies() == []
    assert set(changes()) == {"confirmed"}
    assert set(carrier_statuses()) == {"confirmed"}
    assert {item.state for item in inbox()} == {"applied"}


def carrier(sandbox: Running) -> Any:
    return sandbox.client.carrier("evergreen")


def test_every_transaction_rejected(real: World, sandbox: Running) -> None:
    carrier(sandbox).set(reject_syntax=True)
    send(real)
    answers(real, sandbox)
    (file,) = files()
    assert file.state == "rejected"
    assert set(changes()) == {"syntax_rejected"}
    assert set(carrier_statuses()) == {"syntax_rejected"}
    assert all(row.problem for row in w.rows(w.CarrierChange))
    carrier(sandbox).set(reject_syntax=False)
    with transaction() as session:
        assert w.services.try_again(session, w.person_actor(), real.connection.id) == 3
        assert w.services.try_again(session, w.person_actor(), real.connection.id) == 0
    ask("feeds.make_file", real.connection.id)
    answers(real, sandbox)
    assert [row.state for row in files()] == ["rejected", "accepted"]
    assert [row.gs06 for row in files()] == [1, 2]


def test_part_of_it_rejected(real: World, sandbox: Running) -> None:
    carrier(sandbox).set(partial=2)
    send(real)
    answers(real, sandbox)
    (file,) = files()
    assert file.state == "partial"
    assert sorted(changes()) == ["syntax_accepted", "syntax_accepted", "syntax_rejected"]
    assert [(row.member_key, row.outcome) for row in w.members() if row.outcome == "rejected"] == [
        ("M000002", "rejected")
    ]


def test_the_whole_interchange_refused(real: World, sandbox: Running) -> None:
    carrier(sandbox).set(reject_interchange=True)
    send(real)
    answers(real, sandbox)
    (file,) = files()
    assert (file.state, file.ta1) == ("rejected", "R")
    assert "refused the whole file" in file.ack["words"]


def test_silence_is_an_alarm_and_no_good_news(real: World, sandbox: Running, admin: Any) -> None:
    carrier(sandbox).set(silence=True)
    send(real)
    answers(real, sandbox)
    assert files()[0].state == "sent"
    admin.execute("UPDATE feed_file SET acknowledge_by = now() - interval '1 minute'")
    ask("feeds.watch_overdue", real.company_id)
    ask("feeds.watch_overdue", real.company_id)
    assert files()[0].alarm_at is not None
    with transaction() as session:
        from app.core.events import AuditEvent

        assert session.query(AuditEvent).filter(AuditEvent.name == "feeds.file.overdue").count() == 1
    assert set(carrier_statuses()) == {"sent"}


def test_every_answer_twice_changes_nothing(real: World, sandbox: Running) -> None:
    carrier(sandbox).set(duplicate_acks=True, acks_together=True)
    send(real)
    answers(real, sandbox)
    answers(real, sandbox)
    assert files()[0].state == "accepted"
    assert [item.summary["changed"] for item in inbox()] == [2, 0]
    assert len(inbox()) == 2, "a second look fetches nothing again"


def test_garbage_waits_for_a_person(real: World, sandbox: Running) -> None:
    carrier(sandbox).set(garbage=True)
    send(real)
    answers(real, sandbox)
    assert {item.state for item in inbox()} == {"unmapped"}
    assert files()[0].state == "sent"


def test_slow_answers_come_late(real: World, sandbox: Running) -> None:
    carrier(sandbox).set(ack_delay_seconds=3600, slow_seconds=0.05)
    send(real)
    answers(real, sandbox)
    assert files()[0].state == "sent"
    sandbox.client.advance_clock(3700)
    sandbox.client.wait_idle(20, with_delayed=True)
    ask("feeds.poll", real.connection.id)
    assert files()[0].state == "accepted"
    sandbox.client.set_clock(0)


@pytest.mark.parametrize(
    ("mistake", "code"),
    [("plan", "plan-differs"), ("tier", "tier-differs"), ("dates", "start-differs"), ("missing", "missing-at-carrier"),
     ("extra", "unknown-at-employer")],
)  # fmt: skip
def test_a_wrong_census_opens_and_the_next_closes(real: World, sandbox: Running, mistake: str, code: str) -> None:
    send(real)
    answers(real, sandbox)
    carrier(sandbox).set(wrong_member=mistake)
    carrier(sandbox).send_census()
    answers(real, sandbox)
    assert [row.code for row in discrepancies()] == [code]
    first = discrepancies()[0].id
    statuses = sorted(carrier_statuses())
    expected = ["confirmed"] * 3 if mistake == "extra" else ["confirmed", "confirmed", "discrepancy"]
    assert statuses == expected
    carrier(sandbox).set(wrong_member=mistake)
    time.sleep(1)
    carrier(sandbox).send_census()
    answers(real, sandbox)
    assert [row.id for row in discrepancies()] == [first], "the same disagreement is the same row"
    carrier(sandbox).set(wrong_member="")
    time.sleep(1)
    carrier(sandbox).send_census()
    answers(real, sandbox)
    assert discrepancies() == []
    assert [row.id for row in discrepancies("auto_closed")] == [first]
    assert set(carrier_statuses()) == {"confirmed"}


def test_an_834_audit_file_says_the_same(real: World, sandbox: Running) -> None:
    send(real)
    answers(real, sandbox)
    carrier(sandbox).set(census_format="834", wrong_member="plan")
    carrier(sandbox).send_census()
    answers(real, sandbox)
    assert [row.code for row in discrepancies()] == ["plan-differs"]
    carrier(sandbox).set(wrong_member="")
    time.sleep(1)
    carrier(sandbox).send_census()
    answers(real, sandbox)
    assert discrepancies() == []
    assert set(changes()) == {"confirmed"}


def test_the_server_is_down_and_comes_back(real: World, sandbox: Running, admin: Any) -> None:
    carrier(sandbox).set(sftp_down=True)
    send(real)
    (file,) = files()
    assert (file.state, file.send_problem, file.upload_began_at) == ("ready", "connection-lost", None)
    assert w.intents("feeds.upload")[0][0] == "pending"
    carrier(sandbox).set(sftp_down=False)
    w.hurry(admin)
    run_jobs()
    assert files()[0].state == "sent"
    assert files()[0].send_problem == ""


@pytest.mark.parametrize("switch", ["host_key_changed", "wrong_password"])
def test_what_only_a_person_can_repair(real: World, sandbox: Running, switch: str) -> None:
    carrier(sandbox).set(**{switch: True})
    send(real)
    assert files()[0].state == "ready"
    assert w.intents("feeds.upload")[0][0] == "dead"
    assert w.rows(Connection)[0].status == "error"
    ask("feeds.poll", real.connection.id)
    assert inbox() == [], "a broken connection is left alone"
    check(real)
    row = w.rows(Connection)[0]
    assert row.last_check["state"] == "failed"
    assert row.last_check["advice"]
    if switch == "host_key_changed":
        assert row.last_check["fingerprint"].startswith("SHA256:")
        pin(real, row.last_check["fingerprint"])
        check(real)
        assert w.rows(Connection)[0].last_check["state"] == "ok"
    else:
        carrier(sandbox).set(wrong_password=False)
        check(real)
    assert files()[0].state == "sent", "a connection that works again sends what was ready"
    carrier(sandbox).set(**{switch: False})


def check(world: World) -> None:
    with transaction() as session:
        connections.ask_check(session, w.person_actor(), world.connection.id)
    run_jobs()


def pin(world: World, fingerprint: str) -> None:
    with transaction() as session:
        connections.pin_host_key(session, w.person_actor(), world.connection.id, fingerprint)


def test_ending_everything_for_one_and_one_plan_for_another(real: World, sandbox: Running) -> None:
    with transaction() as session:
        w.enroll(session, real, real.employees[2], "VISION")
    send(real)
    answers(real, sandbox)
    last = w.START.replace(month=10, day=31)
    with transaction() as session:
        for index, end in ((1, last), (3, last)):
            row = session.get(type(real.enrollments[0]), (real.company_id, real.enrollments[index].id))
            row.status, row.coverage_ends_on, row.terminated_on = "terminated", end, end
    send(real)
    answers(real, sandbox)
    assert [row.state for row in files()] == ["accepted", "accepted"], files()[-1].findings
    said = {row.member_key: row.maintenance for row in w.members() if row.gs06 == 2}
    assert said == {"M000002": "024", "M000003": "001"}
    assert carrier(sandbox).refusals() == []
    carrier(sandbox).send_census()
    answers(real, sandbox)
    assert discrepancies() == []
    assert set(changes()) == {"confirmed"}


def test_a_new_name_and_a_new_address_reach_the_carrier(real: World, sandbox: Running) -> None:
    send(real)
    answers(real, sandbox)
    with transaction() as session:
        one = session.get(type(real.employees[0]), (real.company_id, real.employees[0].id))
        one.last_name = "Lopez-Gray"
        two = session.get(type(real.employees[0]), (real.company_id, real.employees[1].id))
        two.address_line1 = "9 New Rd"
        child = session.get(type(real.dependents[1]), (real.company_id, real.dependents[1].id))
        child.first_name = "Leonardo"
        for person in (one.id, two.id, child.id):
            assert w.services.note_person(session, system("test"), person) == (0 if person == child.id else 1)
    ask("feeds.make_file", real.connection.id)
    answers(real, sandbox)
    assert [row.state for row in files()] == ["accepted", "accepted"], files()[-1].findings
    assert carrier(sandbox).refusals() == []
    names = {(item["first"], item["last"]) for item in carrier(sandbox).members()}
    assert ("LEONARDO", "LOPEZ") in names
    assert any(last == "LOPEZ-GRAY" for _, last in names)
    assert len(names) == 5


def test_a_full_file(real: World, sandbox: Running) -> None:
    send(real)
    answers(real, sandbox)
    ask("feeds.make_file", real.connection.id, kind="full")
    answers(real, sandbox)
    assert [(row.kind, row.state) for row in files()] == [("change", "accepted"), ("full", "accepted")], files()[
        -1
    ].findings
    assert files()[-1].difference["members_lost"] == 0
    carrier(sandbox).send_census()
    answers(real, sandbox)
    assert discrepancies() == []


def test_test_files_never_move_an_enrollment_and_go_live_starts_over(real: World, sandbox: Running) -> None:
    set_phase(real, "parallel")
    send(real)
    answers(real, sandbox)
    assert [(row.usage, row.state) for row in files()] == [("T", "accepted")]
    assert set(changes()) == {"syntax_accepted"}
    assert set(carrier_statuses()) == {"ready"}
    with transaction() as session:
        connections.change_phase(session, w.person_actor(), real.connection.id, "production", confirm="evg")
    run_jobs()
    assert set(changes()) == {"ready"}
    ask("feeds.make_file", real.connection.id)
    answers(real, sandbox)
    assert [(row.usage, row.gs06, row.state) for row in files()] == [("T", 1, "accepted"), ("P", 1, "accepted")]
    assert set(carrier_statuses()) == {"syntax_accepted"}


def set_phase(world: World, phase: str) -> None:
    with transaction() as session:
        fetch(session, Connection, world.connection.id).phase = phase
