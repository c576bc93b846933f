"""What becomes a change, what nets out, what is refused; polling and schedules; everything without a real socket."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
import time_machine

from app.benefits.models import CoveredDependent, Enrollment, Submission
from app.connections.models import Connection
from app.core.db import fetch, transaction
from app.core.errors import Conflict, Forbidden, Invalid
from app.core.events import record, system
from app.core.jobs import JobIntent
from app.feeds import services
from app.feeds.jobs import applying
from app.feeds.models import CarrierChange, FeedFile
from app.feeds.services import arriving, listing, releasing
from app.integrations.failures import AuthFailed, Rejected, Transient
from app.integrations.transports.memory import MemoryTransport
from tests.feeds import world as w
from tests.feeds.world import (
    World,
    ack999,
    ask,
    carrier_statuses,
    census,
    changes,
    files,
    inbox,
    note_all,
    receive,
    rows,
    run_jobs,
    truth,
)  # fmt: skip


def kinds() -> list[tuple[str, str]]:
    return [(row.kind, row.status) for row in rows(CarrierChange)]


def edit(world: World, index: int, **values: Any) -> None:
    with transaction() as session:
        row = fetch(session, Enrollment, world.enrollments[index].id)
        for name, value in values.items():
            setattr(row, name, value)


def note(world: World, index: int = 0) -> int:
    with transaction() as session:
        return services.note_enrollment(session, system("test"), world.enrollments[index].id)


def relax(world: World) -> None:
    """However many lose their coverage, nothing is held."""
    with transaction() as session:
        row = fetch(session, Connection, world.connection.id)
        row.settings = row.settings | {"profile": row.settings["profile"] | {"hold_loss_percent": 100.0}}


def test_noting_twice_notes_once(world: World) -> None:
    assert [note(world), note(world)] == [1, 0]
    assert kinds() == [("add", "ready")]
    assert sorted(carrier_statuses()) == ["none", "none", "ready"]


def test_an_event_finds_its_way(world: World) -> None:
    with transaction() as session:
        row = fetch(session, Enrollment, world.enrollments[0].id)
        record(session, system("test"), "benefits.enrollment.changed", row)
        person = world.employees[0]
        record(session, system("test"), "people.employee.changed", person)
        record(session, system("test"), "benefits.enrollment.approved", ("submission", uuid4()))
    assert run_jobs(kinds=("feeds.",)) == ["feeds.note_enrollment", "feeds.note_person", "feeds.note_submission"]
    assert kinds() == [("add", "ready")]


def test_a_submission_brings_its_enrollments_and_what_they_replace(world: World) -> None:
    with transaction() as session:
        submission_id = uuid4()
        session.execute(sa.text("SET CONSTRAINTS ALL DEFERRED"))
        row = fetch(session, Enrollment, world.enrollments[0].id)
        row.replaces_id = world.enrollments[1].id
        session.execute(sa.update(Enrollment).where(Enrollment.id == row.id).values(submission_id=submission_id))
        assert services.note_submission(session, system("test"), submission_id) == 2
        session.rollback()
    assert Submission.__tablename__ == "submission"


def test_added_and_ended_on_the_same_day_is_nothing(world: World, server: MemoryTransport) -> None:
    relax(world)
    note(world)
    edit(world, 0, status="canceled")
    assert note(world) == 0
    assert kinds() == [("add", "netted")]
    edit(world, 0, status="active")
    note(world)
    edit(world, 0, tier="ESP")
    note(world)
    assert kinds() == [("add", "netted"), ("add", "netted"), ("add", "ready")]
    ask("feeds.make_file", world.connection.id)
    edit(world, 0, status="canceled")
    note(world)
    assert kinds()[-1] == ("terminate", "ready")
    ask("feeds.make_file", world.connection.id)
    assert b"DTP*349" in server.files[f"inbound/{files()[-1].name}"][0]
    edit(world, 0, status="active")
    note(world)
    assert kinds()[-1] == ("add", "ready"), "what never was in force begins anew"


def test_ended_and_back_before_it_was_sent_is_nothing(world: World, server: MemoryTransport) -> None:
    relax(world)
    note(world)
    ask("feeds.make_file", world.connection.id)
    end = w.START.replace(month=6, day=30)
    edit(world, 0, status="terminated", coverage_ends_on=end)
    note(world)
    edit(world, 0, status="active", coverage_ends_on=None)
    assert note(world) == 0
    assert kinds() == [("add", "sent"), ("terminate", "netted")]
    edit(world, 0, status="terminated", coverage_ends_on=end)
    note(world)
    ask("feeds.make_file", world.connection.id)
    edit(world, 0, status="active", coverage_ends_on=None)
    note(world)
    assert kinds()[-1] == ("reinstate", "ready")
    ask("feeds.make_file", world.connection.id)
    assert files()[-1].state == "sent", files()[-1].findings
    assert b"*025*41" in server.files[f"inbound/{files()[-1].name}"][0]


def test_what_became_needless_is_not_sent(world: World, server: MemoryTransport) -> None:
    note(world)
    edit(world, 0, status="canceled")
    ask("feeds.make_file", world.connection.id)
    assert files() == []
    assert kinds() == [("add", "netted")]


def test_a_spouse_leaves_and_a_child_comes(world: World, server: MemoryTransport) -> None:
    relax(world)
    note(world)
    ask("feeds.make_file", world.connection.id)
    with transaction() as session:
        for row in session.scalars(sa.select(CoveredDependent)):
            if row.dependent_id == world.dependents[0].id:
                row.ends_on = w.START.replace(month=10, day=31)
            else:
                session.delete(row)
    edit(world, 0, tier="ECH")
    note(world)
    ask("feeds.make_file", world.connection.id)
    assert files()[-1].state == "sent", files()[-1].findings
    said = {row.maintenance for row in w.members() if row.gs06 == 2 and row.dependent_id}
    assert said == {"024"}
    with transaction() as session:
        session.add(
            CoveredDependent(
                enrollment_id=world.enrollments[0].id, dependent_id=world.dependents[1].id, starts_on=w.START
            )
        )
    note(world)
    ask("feeds.make_file", world.connection.id)
    assert files()[-1].state == "sent", files()[-1].findings


def test_waived_and_strange_enrollments_are_nobodys(world: World) -> None:
    with transaction() as session:
        row = w.enroll(session, world, world.employees[0], "VISION")
        row.election, row.plan_id, row.connection_id = "waive", None, None
    assert note(world, -1) == 0
    edit(world, 0, connection_id=None)
    assert note(world, 0) == 1, "the plan knows its carrier"
    edit(world, 1, status="submitted")
    assert note(world, 1) == 0


def test_a_persons_details_go_to_who_knows_them(world: World, server: MemoryTransport) -> None:
    person = world.employees[1]

    def change(**values: Any) -> int:
        with transaction() as session:
            row = fetch(session, type(person), person.id)
            for name, value in values.items():
                setattr(row, name, value)
            session.flush()
            return services.note_person(session, system("test"), person.id)

    assert change(city="Salem") == 0, "nobody was told of this person"
    note(world, 1)
    assert change(city="Bend") == 0, "the waiting change carries it"
    ask("feeds.make_file", world.connection.id)
    assert change() == 0
    assert change(city="Eugene") == 1
    assert change(city="Eugene") == 0
    ask("feeds.make_file", world.connection.id)
    assert b"EUGENE" in server.files[f"inbound/{files()[-1].name}"][0]
    edit(world, 1, status="terminated", coverage_ends_on=w.START.replace(month=6, day=30))
    assert change(city="Portland") == 0, "nothing is in force"


def test_one_faulty_person_does_not_hold_up_the_others(world: World, server: MemoryTransport) -> None:
    edit(world, 0, tier="EMP")
    with transaction() as session:
        note_all(session, world)
    ask("feeds.make_file", world.connection.id)
    first, second = files()
    assert first.state == "refused"
    assert [item["member"] for item in first.findings if item["severity"] == "error"] == ["M000001"]
    assert (second.state, second.members) == ("sent", 2)
    assert sorted(changes()) == ["draft", "sent", "sent"]
    assert next(row for row in rows(CarrierChange) if row.status == "draft").problem
    with transaction() as session:
        services.note_person(session, system("test"), world.employees[0].id)
    assert sorted(changes()) == ["ready", "sent", "sent"], "a correction sets it free"
    edit(world, 0, tier="FAM")
    note(world)
    ask("feeds.make_file", world.connection.id)
    assert (files()[-1].state, files()[-1].members) == ("sent", 3)


def test_a_file_of_nobody_is_dropped(world: World, server: MemoryTransport) -> None:
    note(world, 1)
    with transaction() as session:
        file = services.begin_file(session, system("test"), world.connection.id)
        assert file is not None
    edit(world, 1, status="rejected")
    ask("feeds.make_file", world.connection.id)
    assert [row.state for row in files()] == ["canceled"]
    assert changes() == ["netted"]


def test_full_files_tell_ends_as_the_carrier_wants(world: World, server: MemoryTransport) -> None:
    end = (datetime.now(UTC) - timedelta(days=10)).date()
    edit(world, 1, status="terminated", coverage_ends_on=end)
    edit(world, 2, status="terminated", coverage_ends_on=end - timedelta(days=200))
    for ends, people in (("within look-back", 4), ("by omission", 3), ("once", 3)):
        with transaction() as session:
            row = fetch(session, Connection, world.connection.id)
            profile = row.settings["profile"] | {"full_ends": ends, "hold_loss_percent": 100.0, "premium": "everyone"}
            row.settings = row.settings | {"profile": profile}
        ask("feeds.make_file", world.connection.id, kind="full")
        assert (files()[-1].state, files()[-1].members) == ("sent", people), files()[-1].findings


def test_what_may_not_be_asked(world: World, server: MemoryTransport) -> None:
    with transaction() as session:
        note_all(session, world)
        world_connection = fetch(session, Connection, world.connection.id)
        world_connection.settings = world_connection.settings | {"profile": w.profile(hold_loss_percent=0.0)}
    ask("feeds.make_file", world.connection.id)
    edit(world, 1, status="terminated", coverage_ends_on=w.START.replace(month=6, day=30))
    note(world, 1)
    actor, other = w.person_actor(), w.person_actor()
    with transaction() as session:
        services.ask_for_file(session, actor, world.connection.id)
    run_jobs()
    held = files()[-1]
    assert held.state == "held"
    with transaction() as session:
        with pytest.raises(Conflict):
            services.ask_for_file(session, actor, world.connection.id)
        with pytest.raises(Forbidden):
            services.release(session, actor, held.id, "I made it")
        with pytest.raises(Conflict):
            services.resend(session, actor, held.id)
        fetch(session, Connection, world.connection.id).compliance_settings = {"approver_user_id": str(uuid4())}
        with pytest.raises(Forbidden):
            services.release(session, other, held.id, "not the named one")
        assert releasing.may_release(system("x"), held, world.connection) is False
        fetch(session, Connection, world.connection.id).compliance_settings = {"approver_user_id": str(other.user_id)}
        session.flush()
        services.cancel(session, actor, held.id, "wrong after all")
    assert files()[-1].state == "canceled"
    assert [row.status for row in rows(CarrierChange) if row.feed_file_id is None] == ["ready"]
    ask("feeds.make_file", world.connection.id)
    held = files()[-1]
    with transaction() as session, pytest.raises(Conflict):
        services.release(session, other, files()[0].id, "already gone")
    with transaction() as session:
        services.release(session, other, held.id, "right")
    run_jobs()
    assert files()[-1].state == "sent"
    receive(world, "ok", ack999(files()[0], {"0001": "A", "0002": "A", "0003": "A"}))
    receive(world, "c", census(*truth(world)))
    with transaction() as session, pytest.raises(Conflict):
        services.resend(session, actor, files()[0].id)
    assert ask("feeds.make_file", world.manual.id) == ["feeds.make_file"]
    assert w.intents("feeds.make_file")[-1] == ("dead", "cannot-make-conflict")


def test_resending_names_the_original(world: World, server: MemoryTransport) -> None:
    note(world, 1)
    ask("feeds.make_file", world.connection.id)
    with transaction() as session:
        services.resend(session, w.person_actor(), files()[0].id)
    run_jobs()
    one, two = files()
    assert (two.replaces_id, two.gs06) == (one.id, 2)
    text = server.files[f"inbound/{two.name}"][0].decode()
    assert f"BGN*15*{two.reference}" in text
    assert one.reference in text
    assert changes() == ["sent"]


@pytest.mark.parametrize(
    ("data", "kind"),
    [(b"", "unknown"), (b"\x00\x01", "unknown"), (b"a,b\n1,2\n", "census"), (b"ISA*00*", "unknown"), (b"ISA", "unknown")],
)  # fmt: skip
def test_recognizing(data: bytes, kind: str) -> None:
    assert applying.recognize(data) == kind


def test_answers_to_nobody_and_odd_ones(world: World, server: MemoryTransport) -> None:
    note(world, 1)
    with transaction() as session:
        services.begin_file(session, system("test"), world.connection.id)
    reserved = files()[0]
    receive(world, "early", w.ta1(reserved))
    assert inbox()[-1].state == "unmapped", "numbers that were only reserved are nobody's"
    ask("feeds.make_file", world.connection.id)
    file = files()[0]
    receive(world, "strange", w.ta1(file).replace(f"TA1*{file.isa13:09d}", "TA1*ABC"))
    receive(world, "partial", ack999(file, {"0009": "A"}, "P"))
    assert files()[0].state == "rejected", "a transaction nobody answered for was not accepted"
    receive(world, "better", ack999(file, {"0001": "A"}))
    assert files()[0].state == "rejected", "good news does not undo bad news"
    receive(world, "R", ack999(file, {}, "R"))
    receive(world, "empty.csv", "title\r\n")
    receive(world, "nobody.csv", census())
    assert {item.state for item in inbox()} == {"unmapped", "applied", "refused"} - (
        set() if changes() == ["sent"] else {"refused"}
    )
    with transaction() as session:
        assert arriving.listed(session, w.person_actor(), "", None).rows


def test_an_accepted_file_can_still_be_refused(world: World, server: MemoryTransport) -> None:
    note(world, 1)
    ask("feeds.make_file", world.connection.id)
    file = files()[0]
    receive(world, "1", w.ta1(file))
    receive(world, "2", ack999(file, {"0001": "E"}))
    assert files()[0].state == "accepted"
    receive(world, "3", w.ta1(file, "R", "025"))
    assert files()[0].state == "accepted", "a duplicate number is no refusal of the first"
    receive(world, "4", ack999(file, {"0001": "R"}, complain=3))
    assert files()[0].state == "rejected"
    assert changes() == ["syntax_rejected"]
    receive(world, "nobody.csv", census())
    assert inbox()[-1].state == "applied"


def test_an_empty_census_is_not_believed(world: World, server: MemoryTransport) -> None:
    note(world, 1)
    ask("feeds.make_file", world.connection.id)
    receive(world, "2", ack999(files()[0], {"0001": "A"}))
    receive(world, "nobody.csv", census())
    assert inbox()[-1].state == "refused"
    assert w.discrepancies() == []


def test_a_census_finds_people_by_number_and_by_ssn(world: World, server: MemoryTransport) -> None:
    with transaction() as session:
        note_all(session, world)
        row = fetch(session, Connection, world.connection.id)
        columns = w.CENSUS | {"ssn": "ssn"}
        row.settings = row.settings | {"profile": row.settings["profile"] | {"census_columns": columns}}
    ask("feeds.make_file", world.connection.id)
    receive(world, "2", ack999(files()[0], {"0001": "A", "0002": "A", "0003": "A"}))
    titles = (
        "subscriber_id,last_name,first_name,relationship,birth_date,plan_code,tier,start_date,end_date,member_id,ssn"
    )
    lines = []
    for line in truth(world):
        ssn = {"Sam": "900-99-9001", "Leo": "999999999"}.get(line[2], "")
        by_ssn = line[0] == "M000002"
        number, ssn = ("ELSE1", "900000002") if by_ssn else (line[0], ssn)
        first = "Leonard" if line[2] == "Leo" else line[2]
        lines.append(",".join([number, line[1], first, *line[3:], "X", ssn]))
    stranger = f"X,Doe,Jo,child,2001-01-01,SIL500,EMP,{w.START},,X,000000000"
    twin = f"M000001,Lopez,Nobody,child,2002-02-02,SIL500,FAM,{w.START},,X,"
    receive(world, "c.csv", "\r\n".join([titles, *lines, stranger, twin]))
    assert sorted(row.code for row in w.discrepancies()) == [
        "name-differs",
        "unknown-at-employer",
        "unknown-at-employer",
    ]
    assert set(carrier_statuses()) == {"confirmed"}


def test_a_census_for_a_carrier_without_a_feed(world: World) -> None:
    with transaction() as session:
        w.enroll(session, world, world.employees[1], "DENTAL")
        row = fetch(session, Connection, world.manual.id)
        row.settings = {"census_columns": w.CENSUS}
        note_all(session, world)
    task = rows(services.manual.ManualTask)[0]
    with transaction() as session:
        services.complete(session, w.person_actor(), task.id, "C-1")
    person = world.employees[1]
    line = (
        "M000002",
        "Lopez",
        person.first_name,
        "self",
        person.date_of_birth.isoformat(),
        "DEN500",
        "EMP",
        str(w.START),
        "",
    )
    with transaction() as session:
        arriving.take_upload(session, w.person_actor(), world.manual.id, "c.csv", census(line).encode())
    run_jobs()
    assert [row.carrier_status for row in rows(Enrollment) if row.connection_id == world.manual.id] == ["confirmed"]


def test_a_manual_change_that_is_overtaken(world: World) -> None:
    with transaction() as session:
        w.enroll(session, world, world.employees[1], "DENTAL")
    note(world, -1)
    edit(world, -1, tier="ESP")
    note(world, -1)
    assert [row.state for row in rows(services.manual.ManualTask)] == ["canceled", "open"]


def test_looking_into_the_folder(world: World, server: MemoryTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction() as session:
        arriving.ask_for_poll(session, w.person_actor(), world.connection.id)
    server.files["outbound/a.txt"] = (b"hello", datetime(2026, 1, 1, tzinfo=UTC))
    server.files["outbound/gone.txt"] = (b"x", datetime(2026, 1, 1, tzinfo=UTC))
    read = server.read

    def fussy(path: str) -> bytes:
        if "gone" in path:
            raise Rejected("not-found")
        return read(path)

    monkeypatch.setattr(server, "read", fussy)
    run_jobs()
    assert [item.remote_name for item in inbox()] == ["a.txt"]
    for failure, state, status in (
        (Transient("connection-lost"), "pending", "connected"),
        (Rejected("forbidden"), "dead", "connected"),
        (AuthFailed("credentials-refused"), "dead", "error"),
    ):

        def fail(_: str, failure: Exception = failure) -> Any:
            raise failure

        monkeypatch.setattr(server, "list", fail)
        ask("feeds.poll", world.connection.id)
        assert w.intents("feeds.poll")[-1][0] == state
        assert rows(Connection, Connection.code)[0].status == status


def test_what_is_due_starts_once(world: World) -> None:
    with transaction() as session:
        row = fetch(session, Connection, world.connection.id)
        row.settings = row.settings | {"profile": row.settings["profile"] | {"schedule": "daily", "cut_off": "18:00"}}
        session.add(Connection(adapter="edi834", name="Half", code="HALF", status="connected"))
    with time_machine.travel(datetime.now(UTC).replace(hour=17, minute=30), tick=True):
        for _ in range(2):
            ask("feeds.make_due", world.company_id)
    for _ in range(2):
        ask("feeds.poll_due", world.company_id)
    with transaction() as session:
        made = session.scalars(sa.select(JobIntent.kind).where(JobIntent.kind.in_(("feeds.make_file", "feeds.poll"))))
        assert sorted(made) == ["feeds.make_file", "feeds.poll", "feeds.poll"]
    assert w.intents("feeds.poll")[-1] == ("dead", "settings-incomplete")


@pytest.mark.parametrize(
    ("values", "state", "code"),
    [({"is_active": False}, "pending", "connection-stopped"), ({"status": "error"}, "dead", "connection-broken"),
     ({"settings": {"profile": w.profile()}}, "dead", "server-missing")],
)  # fmt: skip
def test_no_upload_through_a_connection_that_is_not_ready(
    world: World, server: MemoryTransport, values: dict[str, Any], state: str, code: str
) -> None:
    note(world, 1)
    with transaction() as session:
        services.begin_file(session, system("test"), world.connection.id)
        row = fetch(session, Connection, world.connection.id)
        if "is_active" in values:
            session.execute(sa.update(FeedFile).values(hold_reason=""))
        for name, value in values.items():
            setattr(row, name, value)
    ask("feeds.make_file", world.connection.id)
    assert w.intents("feeds.upload") == [(state, code)]
    ask("feeds.poll", world.connection.id)
    assert inbox() == []


def test_lists_page_by_key(world: World, server: MemoryTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (listing, arriving, services.manual, services.discrepancies):
        monkeypatch.setattr(module, "PAGE", 1)
    with transaction() as session:
        for person in world.employees:
            w.enroll(session, world, person, "DENTAL")
        note_all(session, world)
    ask("feeds.make_file", world.connection.id)
    ask("feeds.make_file", world.connection.id, kind="full")
    receive(world, "2", ack999(files()[0], {"0001": "A", "0002": "A", "0003": "A"}))
    receive(world, "c.csv", census(truth(world)[0]))
    actor = w.person_actor()
    with transaction() as session:
        for fetch_page in (
            lambda after: listing.files(session, actor, listing.FileFilters(), after),
            lambda after: listing.members(session, actor, files()[0], after),
            lambda after: services.manual.listed(session, actor, "open", after),
            lambda after: services.discrepancies.listed(session, actor, services.discrepancies.Filters(), after),
            lambda after: arriving.listed(session, actor, "", None, after),
        ):
            seen, after = [], ""
            while True:
                page = fetch_page(after)
                seen += [row.id for row in page.rows]
                after = page.after
                if not after:
                    break
            assert len(seen) == len(set(seen)) >= 2
        with pytest.raises(Invalid):
            arriving.take_upload(session, actor, world.connection.id, "x.pdf", b"%PDF")
