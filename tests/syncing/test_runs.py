"""Runs against the BambooHR stand-in: what is read, what comes of it, what is never done."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app.connections.models import Connection
from app.core.db import fetch, tenant, transaction
from app.core.errors import Conflict, Invalid
from app.integrations.sync.reading import Mode
from app.people.models import Department, Employee, EmployeeStatus
from app.syncing import services
from app.syncing.models import RecordState, RemoteRecord, RunState, SyncCursor, SyncRun
from app.syncing.services import deciding
from tests.feeds.world import hurry, run_jobs
from tests.syncing.conftest import Synced


def test_a_company_arrives(synced: Synced, bamboo: Any) -> None:
    run = synced.run()
    assert (run.state, run.failure) == (RunState.DONE, "")
    counts = run.parts["employees"]
    # 29 has left before we met; of the two with one mailbox nobody is taken for the other.
    assert (counts["read"], counts["failed"], counts.get("doubtful", 0)) == (30, 0, 0)
    assert synced.count() == 29
    assert synced.count(Department) == 5
    wren = synced.employee("11")
    assert (wren.first_name, wren.job_title, wren.work_email) == ("Wren", "Engineer", "wren.abiodun@maplecedar.example")
    assert wren.manager_id == synced.record("6").local_id
    assert synced.employee("25").work_email == synced.employee("26").work_email
    assert synced.employee("30").hired_on == bamboo.clock.today() + timedelta(days=20)
    assert synced.employee("10").employment_type == "part_time"
    assert (run.records_processed, run.records_failed) == (sum(part["read"] for part in run.parts.values()), 0)


def test_the_same_again_changes_nothing(synced: Synced) -> None:
    synced.run()
    with transaction() as session:
        before = {row.id: row.updated_at for row in session.scalars(sa.select(Employee))}
    again = synced.run()
    assert again.parts["employees"]["same"] == 30
    with transaction() as session:
        assert {row.id: row.updated_at for row in session.scalars(sa.select(Employee))} == before


def test_changes_leave_and_a_last_day(synced: Synced, bamboo: Any) -> None:
    synced.run()
    bamboo.clock.advance(400)
    bamboo.change("7", "department", "Sales")
    bamboo.change("8", "employmentStatus", "Leave of Absence")
    bamboo.terminate("12", str(bamboo.clock.today() + timedelta(days=14)))
    bamboo.terminate("13")
    run = synced.run(Mode.INCREMENTAL)
    assert run.parts["employees"]["mode"] == "incremental"
    with transaction() as session:
        department = fetch(session, Department, synced.employee("7").department_id)
    assert department.name == "Sales"
    assert synced.employee("8").status == EmployeeStatus.INACTIVE
    later = synced.employee("12")
    assert (later.status, later.terminated_on) == (EmployeeStatus.ACTIVE, bamboo.clock.today() + timedelta(days=14))
    assert synced.employee("13").terminated_on == bamboo.clock.today()
    assert run.parts["employees"]["changed"] == 4


def test_a_rehearsal_changes_nothing_and_tells_everything(synced: Synced) -> None:
    run = synced.run(dry=True)
    assert (
        run.state,
        synced.count(),
        synced.count(Department),
        synced.count(RemoteRecord),
        synced.count(SyncCursor),
    ) == (RunState.DONE, 0, 0, 0, 0)
    told = {line["remote_id"]: line for line in run.diff if line["resource"] == "employees"}
    assert (told["11"]["outcome"], told["11"]["label"]) == ("made", "Wren Abiodun")
    assert told["11"]["changes"]["date_of_birth"] == [None, "•••"]
    assert run.parts["employees"]["new"] == 29


def test_what_is_wrong_waits_and_the_others_go_on(synced: Synced, bamboo: Any) -> None:
    bamboo.rows.get("employee", "7").facts["workEmail"] = "no address"
    bamboo.rows.get("employee", "8").facts["lastName"] = ""
    run = synced.run()
    assert (run.state, run.records_failed, synced.count()) == (RunState.DONE, 2, 27)
    assert synced.record("7").problems == {"work_email": "Enter an e-mail address, like name@example.com"}
    assert synced.record("8").problems == {"last_name": "is missing"}
    bamboo.clock.advance(400)
    bamboo.change("7", "workEmail", "amara.osei@maplecedar.example")
    synced.run(Mode.INCREMENTAL)
    assert synced.record("7").state == RecordState.TAKEN


def test_a_doubt_is_decided_by_a_person(synced: Synced, bamboo: Any) -> None:
    from app.core.events import system
    from app.people import services as people

    with transaction() as session:
        other = people.hire(
            session,
            system("test"),
            employee_number="MC-00007",
            first_name="Somebody",
            last_name="Else",
            hired_on=bamboo.clock.today(),
        ).id
    synced.run()
    record = synced.record("7")
    assert (record.state, record.local_id) == (RecordState.DOUBTFUL, None)
    with transaction() as session:
        deciding.decide(session, synced.hr, record.id, local_id=other)
    run_jobs(kinds=("syncing.",))
    assert synced.record("7").local_id == other
    assert synced.employee("7").first_name == "Amara"
    with transaction() as session, pytest.raises(Conflict):
        deciding.decide(session, synced.hr, record.id, local_id=None)


def test_trying_again_decides_nothing(synced: Synced, bamboo: Any) -> None:
    """Somebody here has the address and another name: tried again, it is the same doubt, and nobody is hired twice."""
    from app.core.events import system
    from app.people import services as people

    with transaction() as session:
        people.hire(
            session, system("test"), employee_number="X-1", first_name="Somebody", last_name="Else",
            work_email="amara.osei@maplecedar.example", hired_on=bamboo.clock.today(),
        )  # fmt: skip
    synced.run()
    assert synced.record("7").state == RecordState.DOUBTFUL
    count = synced.count()
    with transaction() as session:
        deciding.try_again(session, synced.hr, synced.record("7").id)
    run_jobs(kinds=("syncing.",))
    assert (synced.record("7").state, synced.record("7").local_id, synced.count()) == (
        RecordState.DOUBTFUL,
        None,
        count,
    )


def test_a_record_that_is_not_ours_stays_out(synced: Synced, bamboo: Any) -> None:
    bamboo.rows.get("employee", "8").facts["lastName"] = ""
    synced.run()
    with transaction() as session:
        deciding.ignore(session, synced.hr, synced.record("8").id, "a test account")
    bamboo.rows.get("employee", "8").facts["lastName"] = "Tanaka"
    synced.run()
    assert (synced.record("8").state, synced.count()) == (RecordState.IGNORED, 28)


def test_gone_by_tombstone_ends_nobody(synced: Synced, bamboo: Any) -> None:
    synced.run()
    bamboo.clock.advance(400)
    bamboo.delete("9")
    run = synced.run(Mode.INCREMENTAL)
    assert run.parts["employees"]["gone"] == 1
    assert (synced.record("9").state, synced.employee("9").status) == (RecordState.DOUBTFUL, EmployeeStatus.ACTIVE)


def test_a_full_list_of_one_page_deletes_nobody(synced: Synced, bamboo: Any) -> None:
    bamboo.seed(150)
    synced.run()
    bamboo.fault("one_page", "/api/v1/employees", times=1)
    run = synced.run()
    assert run.state == RunState.HELD
    assert run.parts["employees"]["missing"] == 80
    with transaction() as session:
        gone = session.scalar(
            sa.select(sa.func.count()).select_from(RemoteRecord).where(RemoteRecord.gone_at.is_not(None))
        )
    assert gone == 0
    with transaction() as session:
        services.confirm_gone(session, synced.admin, run.id)
    assert (synced.ran(run.id).state, synced.ran(run.id).parts["employees"]["gone"]) == (RunState.DONE, 80)
    with transaction() as session:
        assert (
            session.scalar(sa.select(sa.func.count()).select_from(Employee).where(Employee.status == "terminated")) == 0
        )


def test_few_missing_ones_are_marked_at_once(synced: Synced, bamboo: Any) -> None:
    synced.run()
    bamboo.rows.delete("employee", "9")
    run = synced.run()
    assert (run.state, run.parts["employees"]["gone"]) == (RunState.DONE, 1)
    assert synced.record("9").gone_at is not None


@pytest.mark.parametrize(
    ("fault", "state", "code"),
    [
        ({"status": 403}, RunState.FAILED, "forbidden"),
        ({"status": 200, "body": "[]"}, RunState.FAILED, "records-missing"),
    ],
)
def test_a_refused_run_says_why(synced: Synced, bamboo: Any, fault: dict[str, Any], state: RunState, code: str) -> None:
    bamboo.fault("status", "/api/v1/employees", **fault)
    run = synced.run()
    assert (run.state, run.failure) == (state, code)


def test_a_passing_trouble_goes_on_behind_the_last_page(synced: Synced, bamboo: Any, admin: Any, quiet: None) -> None:
    bamboo.seed(150)
    run_id = synced.ask()
    bamboo.fault("status", "/api/v1/employees/130", status=500, times=9)
    run_jobs(kinds=("syncing.",))
    assert synced.ran(run_id).state == RunState.RUNNING
    assert synced.ran(run_id).parts["employees"]["read"] == 100
    asked = len(bamboo.asked("/api/v1/employees/5"))
    bamboo.faults.clear()
    admin.execute("DELETE FROM connection_state")
    hurry(admin)
    run_jobs(kinds=("syncing.",))
    assert (synced.ran(run_id).state, synced.ran(run_id).parts["employees"]["read"]) == (RunState.DONE, 180)
    assert len(bamboo.asked("/api/v1/employees/5")) == asked


def test_one_run_at_a_time(synced: Synced) -> None:
    synced.ask()
    with pytest.raises(Invalid, match="under way"):
        synced.ask()


def test_activation_follows_a_rehearsal(synced: Synced) -> None:
    with transaction() as session, pytest.raises(Invalid, match="Rehearse"):
        services.activate(session, synced.admin, synced.connection_id)
    synced.run(dry=True)
    with transaction() as session:
        run_id = services.activate(session, synced.admin, synced.connection_id).id
    run_jobs(kinds=("syncing.",))
    assert synced.ran(run_id).state == RunState.DONE
    with transaction() as session:
        plan = services.plan_of(session, synced.connection_id)
        assert plan.is_on
        assert plan.next_run_at is not None


def test_runs_come_by_their_schedule(synced: Synced, admin: Any) -> None:
    synced.run(dry=True)
    with transaction() as session:
        services.activate(session, synced.admin, synced.connection_id)
        fetch(session, Connection, synced.connection_id).sync_frequency = "Hourly"
    run_jobs(kinds=("syncing.",))
    admin.execute("UPDATE sync_plan SET next_run_at = now() - interval '1 minute'")
    from app.core.clock import now
    from app.core.events import system
    from app.syncing.services.schedules import ask_due

    with transaction() as session:
        assert ask_due(session, system("test"), now()) == 1
        assert ask_due(session, system("test"), now()) == 0
    run_jobs(kinds=("syncing.",))
    assert synced.count(SyncRun) == 3


def test_a_changed_mapping_reads_everything_anew(synced: Synced) -> None:
    synced.run()
    with transaction() as session:
        connection = fetch(session, Connection, synced.connection_id)
        connection.field_mappings = {"employees": {"job_title": "department"}}
        connection.transformation_rules = {"employees": {"job_title": [{"do": "upper"}]}}
    run = synced.run(Mode.INCREMENTAL)
    assert run.parts["employees"]["mode"] == "full"
    assert synced.employee("11").job_title == "ENGINEERING"


@pytest.mark.parametrize(
    ("conflicts", "kept", "state"),
    [("provider", "Sales", "taken"), ("ours", "Ours", "taken"), ("ask", "Ours", "doubtful")],
)
def test_who_is_right_when_both_changed(synced: Synced, bamboo: Any, conflicts: str, kept: str, state: str) -> None:
    from app.core.events import system
    from app.people import services as people

    synced.run()
    employee = synced.employee("7")
    with transaction() as session:
        services.plan_of(session, synced.connection_id).conflicts = conflicts
        people.change(session, system("test"), employee.id, job_title="Ours")
    bamboo.clock.advance(400)
    bamboo.change("7", "mobilePhone", "555-010-2020")
    synced.run(Mode.INCREMENTAL)
    assert (synced.employee("7").job_title, synced.employee("7").phone) == ("Ours", "555-010-2020")
    bamboo.clock.advance(400)
    bamboo.change("7", "jobTitle", "Sales")
    synced.run(Mode.INCREMENTAL)
    assert (synced.employee("7").job_title, synced.record("7").state) == (kept, state)


def test_a_connection_that_is_left_meanwhile_is_read_no_further(
    synced: Synced, bamboo: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page under way is kept; the token in the worker's hand asks for no other."""
    bamboo.seed(150)
    answer = bamboo.admit

    def admit() -> Any:
        if len(bamboo.asked("/api/v1/employees/50")) == 1:
            with tenant(synced.company_id), transaction() as session:
                fetch(session, Connection, synced.connection_id).is_active = False
        return answer()

    monkeypatch.setattr(bamboo, "admit", admit)
    run = synced.run()
    assert (run.state, run.failure) == (RunState.FAILED, "connection-stopped")
    assert run.parts["employees"]["read"] == 100
    assert len(bamboo.asked("/api/v1/employees")) == 1
