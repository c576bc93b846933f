"""Two carriers' ways of understanding an end, by two answers of the profile; the same facts, other bytes."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from app.connections.models import Connection
from app.core.clock import today
from app.core.db import fetch, transaction
from app.core.events import system
from app.feeds.rules.telling import comes_back, left_on, without_replaced
from app.integrations.formats.x12.eight34 import Coverage
from app.integrations.transports.memory import MemoryTransport
from tests.feeds import world as w
from tests.feeds.world import World, ask, files, note_all

END = date(2026, 6, 30)


def answer(world: World, **answers: object) -> None:
    with transaction() as session:
        row = fetch(session, Connection, world.connection.id)
        row.settings = row.settings | {"profile": row.settings["profile"] | {"hold_loss_percent": 100.0} | answers}


def end(world: World, index: int, on: date) -> None:
    with transaction() as session:
        row = fetch(session, w.Enrollment, world.enrollments[index].id)
        row.status, row.coverage_ends_on, row.terminated_on = "terminated", on, on
        session.flush()
        w.services.note_enrollment(session, system("test"), row.id)


def body(server: MemoryTransport) -> str:
    return server.files[f"inbound/{files()[-1].name}"][0].decode()


@pytest.fixture
def known(world: World, server: MemoryTransport) -> World:
    """Everybody was told."""
    with transaction() as session:
        note_all(session, world)
    ask("feeds.make_file", world.connection.id)
    return world


@pytest.mark.parametrize(
    ("ends_per", "gap", "says_end"), [("plan", 0, True), ("line", 0, False), ("line", 31, True)], ids=str
)
def test_another_plan_of_the_same_kind(
    known: World, server: MemoryTransport, ends_per: str, gap: int, says_end: bool
) -> None:
    answer(known, ends_per=ends_per)
    last = w.START.replace(month=6, day=30)
    end(known, 1, last)
    with transaction() as session:
        row = w.enroll(session, known, known.employees[1], "BRONZE", coverage_starts_on=last + timedelta(days=1 + gap))
        w.services.note_enrollment(session, system("test"), row.id)
    ask("feeds.make_file", known.connection.id)
    assert files()[-1].state == "sent", files()[-1].findings
    text = body(server)
    assert "INS*Y*18*001*" in text
    assert "HD*021**HLT*BRO500*EMP~" in text
    assert ("HD*024**HLT*SIL500*EMP~" in text) is says_end
    assert files()[-1].difference["coverages_lost"] == 0


@pytest.mark.parametrize(("absence_ends", "told"), [(True, False), (False, True)])
def test_an_end_by_omission_only_where_absence_is_an_end(
    known: World, server: MemoryTransport, absence_ends: bool, told: bool
) -> None:
    answer(known, full_ends="by omission", absence_ends_coverage=absence_ends)
    end(known, 1, today() - timedelta(days=10))
    for again in (told, False):
        ask("feeds.make_file", known.connection.id, kind="full")
        assert files()[-1].state == "sent", files()[-1].findings
        assert ("REF*0F*M000002~" in body(server)) is again, "once, then never again"
        assert "REF*0F*M000001~" in body(server)


def coverage(maintenance: str, line: str = "HLT", **dates: date) -> Coverage:
    return Coverage(
        line, f"{line}-{maintenance}", maintenance=maintenance, start_on=dates.get("start"), end_on=dates.get("end")
    )


def test_what_is_replaced() -> None:
    old, new = coverage("024", start=w.START, end=END), coverage("021", start=END + timedelta(days=1))
    dental = coverage("021", "DEN", start=END + timedelta(days=1))
    assert without_replaced([old, new]) == [new]
    assert without_replaced([old, dental]) == [old, dental], "another kind replaces nothing"
    later = coverage("021", start=END + timedelta(days=2))
    assert without_replaced([old, later]) == [old, later], "a day without coverage must be told"
    endless = coverage("024", start=w.START)
    assert without_replaced([endless, new]) == [endless, new]
    assert without_replaced([old]) == [old]


def told(server: MemoryTransport, key: str = "M000002") -> str:
    """The segments of one member in the newest file."""
    text = body(server)
    at = text.index(f"REF*0F*{key}~")
    start = text.rindex("INS*", 0, at)
    stop = min(place for mark in ("INS*", "SE*") if (place := text.find(mark, at)) > 0)
    return text[start:stop]


def rehire(world: World, plan: str, first_day: date) -> None:
    with transaction() as session:
        row = w.enroll(session, world, world.employees[1], plan, coverage_starts_on=first_day)
        w.services.note_enrollment(session, system("test"), row.id)
    ask("feeds.make_file", world.connection.id)
    assert files()[-1].state == "sent", files()[-1].findings


@pytest.mark.parametrize(
    ("plan", "gap", "says", "warns"),
    [
        ("SILVER", 0, ("INS*Y*18*025*41*", "HD*025**HLT*SIL500*EMP~"), False),
        ("SILVER", 31, ("INS*Y*18*021*", "HD*021**HLT*SIL500*EMP~"), False),
        ("BRONZE", 0, ("INS*Y*18*021*", "HD*021**HLT*BRO500*EMP~"), True),
    ],
    ids=["the next day in the same plan", "after a gap", "the next day in another plan"],
)
def test_a_rehire_is_a_reinstatement_or_a_new_member(
    known: World, server: MemoryTransport, plan: str, gap: int, says: tuple[str, str], warns: bool
) -> None:
    """The enrollment is a new one each time: what decides is what the carrier knows of the person."""
    answer(known)
    last = w.START.replace(month=6, day=30)
    end(known, 1, last)
    ask("feeds.make_file", known.connection.id)
    assert "INS*Y*18*024*" in told(server)
    rehire(known, plan, last + timedelta(days=1 + gap))
    for segment in says:
        assert segment in told(server)
    assert ("rehire-as-add" in {item["code"] for item in files()[-1].findings}) is warns


def test_somebody_who_lost_one_of_two_plans_is_still_known(known: World, server: MemoryTransport) -> None:
    answer(known)
    with transaction() as session:
        row = w.enroll(session, known, known.employees[1], "VISION")
        w.services.note_enrollment(session, system("test"), row.id)
    ask("feeds.make_file", known.connection.id)
    end(known, 1, w.START.replace(month=6, day=30))
    ask("feeds.make_file", known.connection.id)
    rehire(known, "SILVER", w.START.replace(month=8, day=1))
    assert "INS*Y*18*001*" in told(server)
    assert "HD*021**HLT*SIL500*EMP~" in told(server)


@pytest.mark.parametrize(
    ("lines", "day"),
    [
        ({}, None),
        ({"A": ["EMP", "2026-01-01", "", "021", "HLT"]}, None),
        ({"A": ["EMP", "2026-01-01", "2026-06-30", "024", "HLT"]}, date(2026, 6, 30)),
        ({"A": ["EMP", "2026-01-01", "2026-06-30", "024", "HLT"], "B": ["EMP", "2026-01-01", "", "001", "DEN"]}, None),
        ({"A": ["EMP", "2026-01-01", "2025-12-31", "024", "HLT"]}, None),
        (
            {
                "A": ["EMP", "2026-01-01", "2026-06-30", "024", "HLT"],
                "B": ["EMP", "2026-01-01", "2026-07-31", "024", "DEN"],
            },
            date(2026, 7, 31),
        ),
    ],
    ids=["unknown", "covered", "ended", "one goes on", "never in force", "the later end"],
)
def test_when_somebody_left(lines: dict[str, list[str]], day: date | None) -> None:
    assert left_on(lines) == day


@pytest.mark.parametrize(
    ("line", "until", "expected"),
    [
        (None, None, False),
        (["EMP", "2026-01-01", "", "021", "HLT"], None, False),
        (["EMP", "2026-01-01", "2026-06-30", "024", "HLT"], None, True),
        (["EMP", "2026-01-01", "2026-06-30", "024", "HLT"], date(2026, 7, 31), True),
        (["EMP", "2026-01-01", "2026-06-30", "024", "HLT"], date(2026, 6, 30), False),
        (["EMP", "2026-01-01", "2026-06-30", "024", "HLT"], date(2026, 5, 31), False),
        (["EMP", "2026-01-01", "2025-12-31", "024", "HLT"], None, False),
    ],
    ids=["unknown", "goes on", "goes on again", "later", "the same", "earlier", "never in force"],
)
def test_who_comes_back(line: list[str] | None, until: date | None, expected: bool) -> None:
    assert comes_back(line, until) is expected


def test_a_carrier_with_a_layout_of_its_own(world: World, server: MemoryTransport) -> None:
    """The same way as an 834, but nobody waits for an acknowledgement that no such carrier sends."""
    columns = "Certificate = subscriber_number\nSurname = last_name\nPlan = plan_code\nFrom = start_on"
    answer(world, file_format="csv", columns=columns, file_name="group_{control}.csv")
    with transaction() as session:
        note_all(session, world)
    ask("feeds.make_file", world.connection.id)
    (file,) = files()
    assert file.state == "sent", file.findings
    assert file.acknowledge_by is None
    lines = body(server).splitlines()
    assert lines[0] == "Certificate,Surname,Plan,From"
    assert len(lines) == 1 + 5, "three employees, a spouse and a child"
    assert all("SIL500" in line for line in lines[1:])
