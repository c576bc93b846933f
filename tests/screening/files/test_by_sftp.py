"""A provider that works by files, end to end over real SFTP: orders leave once, results count once, damage is told by its rows."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.connections.models import Connection, InboxItem
from app.core import storage
from app.core.access import RoleType
from app.core.clock import now
from app.core.db import fetch, transaction
from app.core.events import AuditEvent
from app.core.jobs import JobIntent, enqueue
from app.notices.models import Notice
from app.screening.models import Candidate, OrderFile, ScreeningFact
from app.screening.rules.states import OrderFileState, OrderState, RequestStatus
from app.screening.services import ordering, reconciling
from app.screening.services.files import late
from sandbox.launch import Running
from tests.feeds.pages import admin_of
from tests.feeds.world import hurry, run_jobs
from tests.screening import made
from tests.screening.files.screener import by_sftp, fetch_results, kept, released, row, send
from tests.screening.made import Employer

PDF = b"%PDF-1.7 the report"
SHA = hashlib.sha256(PDF).hexdigest()


@pytest.fixture
def filed(employer: Employer, sandbox: Running) -> Employer:
    by_sftp(employer, sandbox)
    return employer


def items() -> list[InboxItem]:
    with transaction() as session:
        return list(session.scalars(sa.select(InboxItem).order_by(InboxItem.id)))


def files() -> list[OrderFile]:
    with transaction() as session:
        return list(session.scalars(sa.select(OrderFile).order_by(OrderFile.id)))


def events(request_id: UUID) -> list[str]:
    with transaction() as session:
        query = sa.select(AuditEvent.name).where(AuditEvent.entity_id == request_id).order_by(AuditEvent.occurred_at)
        return list(session.scalars(query))


def ordered(filed: Employer, sandbox: Running) -> UUID:
    request_id = released(filed)
    send(filed)
    sandbox.client.filescreen.take_orders()
    assert kept(request_id).order_state == OrderState.PLACED
    return request_id


def complete(request_id: UUID, result: str = "Clear", **more: str) -> tuple[dict[str, str], ...]:
    check = "NoRecordFound" if result == "Clear" else "RecordFound"
    return row(request_id, "complete", check, check="S-1"), row(request_id, "complete", result, **more)


def test_an_order_goes_out_in_a_file_and_its_result_completes_it(filed: Employer, sandbox: Running) -> None:
    box = sandbox.client.filescreen
    first, second = released(filed), released(filed, name="Juan")
    send(filed)
    assert [kept(one).order_state for one in (first, second)] == [OrderState.PLACED] * 2
    assert {one["our_ref"]: one["package"] for one in box.take_orders()} == {str(first): "BASIC", str(second): "BASIC"}
    assert len({one["file"] for one in box.take_orders()}) == 1
    assert (kept(first).status, kept(first).provider_invitation_id) == (RequestStatus.SUBMITTED, str(first))
    box.leave("P-1.pdf", PDF)
    box.leave_results(
        "r.csv", *complete(first, report_file="P-1.pdf", sha256=SHA), row(second, "in_progress", ref="P-2")
    )
    fetch_results(filed)
    done = kept(first)
    assert (done.status, done.clear, done.provider_report_id) == (RequestStatus.COMPLETED, True, "P-1")
    assert kept(second).status == RequestStatus.IN_PROGRESS
    with transaction() as session:
        assert storage.read(session, made.stored(session, first).report_file_id) == PDF
    assert "screening.report.completed" in events(first)
    assert "screening.report.revised" not in events(first)
    folders = box.folders()
    assert (folders["outbound"], folders["rejected"], len(folders["done"])) == ([], [], 2)
    (item,) = items()
    assert (item.state, item.summary["rows"], item.summary["new"], item.summary["problems"]) == ("applied", 3, 3, [])


def test_the_same_file_again_and_older_news_change_nothing(filed: Employer, sandbox: Running) -> None:
    box, request_id = sandbox.client.filescreen, ordered(filed, sandbox)
    box.leave_results("r.csv", *complete(request_id))
    fetch_results(filed)
    before, said = kept(request_id), events(request_id)
    box.leave_results("r.csv", *complete(request_id))
    fetch_results(filed, "2")
    box.leave_results("other-name.csv", *complete(request_id))
    older = {"event_at": "2026-11-24T12:00:00-05:00"}
    box.leave_results("older.csv", row(request_id, "in_progress", **older))
    fetch_results(filed, "3")
    after = kept(request_id)
    assert (after.status, after.clear, after.revised_at) == (before.status, True, before.revised_at)
    assert events(request_id) == said
    assert box.folders()["outbound"] == []
    with transaction() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(ScreeningFact)) == 3
    assert sorted(one.summary["new"] for one in items()) == [0, 0, 1]


def test_a_damaged_file_goes_to_the_rejected_ones_with_its_row_numbers(filed: Employer, sandbox: Running) -> None:
    box, request_id = sandbox.client.filescreen, ordered(filed, sandbox)
    stranger = UUID(int=7)
    box.leave_results(
        "r.csv", row(request_id, "in_progress"), row(request_id, "complete", event_at="next week"), row(stranger, "complete", ref="X-1"),
    )  # fmt: skip
    box.leave("cut-off.csv", b"version,provider\r\n1,filescreen\r\n")
    fetch_results(filed)
    by_name = {item.remote_name: item for item in items()}
    cut, damaged = by_name["cut-off.csv"], by_name["r.csv"]
    assert (damaged.state, cut.state) == ("refused", "refused")
    assert [(one["row"], one["code"]) for one in damaged.summary["problems"]] == [
        (3, "time-unreadable"), (4, "reference-unknown"),
    ]  # fmt: skip
    assert "next week" not in str(damaged.summary)
    assert str(stranger) not in str(damaged.summary)
    assert kept(request_id).status == RequestStatus.IN_PROGRESS  # the good row counts
    folders = box.folders()
    assert (folders["outbound"], folders["done"], len(folders["rejected"])) == ([], [], 2)


def test_a_code_nobody_knows_is_for_a_person_and_never_clear(filed: Employer, sandbox: Running) -> None:
    request_id = ordered(filed, sandbox)
    sandbox.client.filescreen.leave_results("r.csv", *complete(request_id)[:1], row(request_id, "finished_somehow"))
    fetch_results(filed)
    found = kept(request_id)
    assert (found.provider_status, found.clear, found.provider_code) == ("unmapped", False, "finished_somehow")
    assert items()[0].summary["unmapped"] == 1


def test_a_report_that_is_another_one_does_not_count_until_the_right_one_comes(
    filed: Employer, sandbox: Running
) -> None:
    box, request_id = sandbox.client.filescreen, ordered(filed, sandbox)
    rows = complete(request_id, report_file="P-1.pdf", sha256=SHA)
    box.leave("P-1.pdf", PDF + b" of somebody else")
    box.leave_results("r.csv", *rows)
    fetch_results(filed)
    found = kept(request_id)
    assert (found.status, found.report_file_id) == (RequestStatus.IN_PROGRESS, None)
    (item,) = items()
    assert [(one["row"], one["code"]) for one in item.summary["problems"]] == [(3, "hash-wrong")]
    assert (box.folders()["outbound"], len(box.folders()["rejected"])) == ([], 2)
    box.leave("P-1.pdf", PDF)
    box.leave_results("r.csv", *rows)  # the very same file, now with the right report
    fetch_results(filed, "2")
    assert (kept(request_id).status, kept(request_id).clear) == (RequestStatus.COMPLETED, True)
    assert items()[0].state == "applied"
    assert box.folders()["outbound"] == []


def test_a_report_may_come_later_than_its_file(filed: Employer, sandbox: Running, admin: Any) -> None:
    box, request_id = sandbox.client.filescreen, ordered(filed, sandbox)
    box.leave_results("r.csv", *complete(request_id, report_file="P-1.pdf", sha256=SHA))
    fetch_results(filed)
    assert kept(request_id).status == RequestStatus.SUBMITTED
    box.leave("P-1.pdf", PDF)
    hurry(admin)
    run_jobs(kinds=("screening.read_results",))
    assert kept(request_id).report_file_id is not None


def test_a_revised_report_goes_back_to_review(filed: Employer, sandbox: Running) -> None:
    box, request_id = sandbox.client.filescreen, ordered(filed, sandbox)
    box.leave_results("1.csv", *complete(request_id))
    fetch_results(filed)
    later = "2026-11-25T13:00:00-05:00"
    box.leave_results("2.csv", row(request_id, "complete", "Review", event_at=later))
    fetch_results(filed, "2")
    found = kept(request_id)
    assert (found.clear, found.provider_result) == (False, "consider")
    assert "screening.report.revised" in events(request_id)


def test_a_server_that_is_away_delays_and_nothing_is_lost(filed: Employer, sandbox: Running) -> None:
    box, request_id = sandbox.client.filescreen, released(filed)
    box.set_switches(disk_full=True)
    send(filed)
    assert kept(request_id).order_state == OrderState.PLACING
    (file,) = files()
    assert (file.state, bool(file.problem)) == (OrderFileState.READY, True)
    box.set_switches(disk_full=False)
    send(filed, "2")
    assert kept(request_id).order_state == OrderState.PLACED
    assert len(box.take_orders()) == 1


def test_an_attempt_that_was_killed_puts_the_same_file_again(filed: Employer, sandbox: Running) -> None:
    box, request_id = sandbox.client.filescreen, released(filed)
    send(filed)
    name = files()[0].name
    with transaction() as session:  # it is there, and we never wrote it down; the candidate's address changed meanwhile
        file = session.scalars(sa.select(OrderFile)).one()
        file.state, file.delivered_at, file.began_at = OrderFileState.READY.value, None, now() - timedelta(minutes=2)
        request = made.stored(session, request_id)
        request.order_state, request.provider_invitation_id = OrderState.PLACING.value, ""
        fetch(session, Candidate, request.candidate_id).email = "new@mail.example"
    send(filed, "2")
    assert (kept(request_id).order_state, box.folders()["inbound"]) == (OrderState.PLACED, [name])
    assert len(box.take_orders()) == 1


@pytest.mark.parametrize("arrived", [True, False])
def test_an_order_that_was_canceled_while_an_upload_broke_off_is_only_looked_for(
    filed: Employer, sandbox: Running, arrived: bool
) -> None:
    box, request_id = sandbox.client.filescreen, released(filed)
    send(filed)
    if not arrived:
        box.take_orders()
    with transaction() as session:
        file = session.scalars(sa.select(OrderFile)).one()
        file.state, file.began_at = OrderFileState.READY.value, now()
        request = made.stored(session, request_id)
        request.order_state = OrderState.PLACING.value
        ordering.cancel(session, filed.recruiter, request, "candidate_withdrew_consent")
    send(filed, "2")
    assert kept(request_id).order_state == (OrderState.PLACED if arrived else OrderState.UNKNOWN)
    assert box.folders()["inbound"] == ([files()[0].name] if arrived else [])


def test_what_nobody_can_have_yet_is_written_anew_without_a_canceled_order(filed: Employer, sandbox: Running) -> None:
    box = sandbox.client.filescreen
    canceled, kept_on = released(filed), released(filed, name="Juan")
    box.set_switches(disk_full=True)
    send(filed)
    with transaction() as session:
        ordering.cancel(session, filed.recruiter, made.stored(session, canceled), "candidate_withdrew_consent")
    box.set_switches(disk_full=False)
    send(filed, "2")
    assert [one["our_ref"] for one in box.take_orders()] == [str(kept_on)]
    assert [kept(one).order_state for one in (canceled, kept_on)] == [OrderState.NONE, OrderState.PLACED]
    assert [one.state for one in files()] == [OrderFileState.WITHDRAWN, OrderFileState.DELIVERED]


def test_consent_that_ended_keeps_an_order_back(filed: Employer, sandbox: Running) -> None:
    request_id = released(filed)
    with transaction() as session:
        request = made.stored(session, request_id)
        request.consent_obtained_at, request.consent_expires_at = (
            now() - timedelta(days=90),
            now() - timedelta(seconds=1),
        )
    send(filed)
    assert (kept(request_id).order_state, kept(request_id).hold_reason) == (OrderState.NONE, "consent")
    assert sandbox.client.filescreen.take_orders() == []


def test_an_order_a_rule_of_the_provider_forbids_is_refused_and_the_others_leave(
    filed: Employer, sandbox: Running
) -> None:
    with transaction() as session:
        connection = fetch(session, Connection, filed.connection_id)
        orders = connection.settings["orders"] | {"rules": {"first_name": "length 1-4"}}
        connection.settings = connection.settings | {"orders": orders}
    long, short = released(filed, name="Maximiliana"), released(filed)
    send(filed)
    assert (kept(long).order_state, kept(long).order_problem) == (OrderState.REFUSED, "rule-broken")
    assert [one["our_ref"] for one in sandbox.client.filescreen.take_orders()] == [str(short)]


def test_a_second_order_after_an_expired_one_is_not_mixed_with_it(filed: Employer, sandbox: Running) -> None:
    box, request_id = sandbox.client.filescreen, ordered(filed, sandbox)
    box.leave_results("1.csv", row(request_id, "invitation_expired"))
    fetch_results(filed)
    with transaction() as session:
        ordering.order_again(session, filed.recruiter, made.stored(session, request_id), "The candidate was away")
    send(filed, "2")
    assert len(files()) == 2
    late = row(request_id, "canceled", event_at="2026-11-25T14:00:00-05:00")
    box.leave_results("2.csv", late, row(request_id, "in_progress", ref="P-2"))
    fetch_results(filed, "2")
    assert (kept(request_id).provider_status, kept(request_id).provider_report_id) == ("in_progress", "P-2")
    assert [one["code"] for one in items()[1].summary["problems"]] == ["other-order"]


def test_nobody_asks_a_provider_that_only_sends_files(filed: Employer, sandbox: Running, admin: Any) -> None:
    request_id = ordered(filed, sandbox)
    with transaction() as session:
        made.stored(session, request_id).next_poll_at = now() - timedelta(days=1)
        session.flush()
        assert reconciling.due_looks(session) == []
        ordering.cancel(session, filed.recruiter, made.stored(session, request_id), "The job is gone")
        enqueue(session, "screening.read_packages", filed.connection_id, key="test")
        enqueue(session, "screening.fetch_report", request_id, key="test")
        enqueue(session, "screening.tell_provider", request_id, key="test")
    hurry(admin)
    run_jobs(kinds=("screening.",))
    with transaction() as session:
        query = sa.select(JobIntent.kind, JobIntent.last_error).where(JobIntent.kind.like("screening.%"))
        broken = session.execute(query.where(sa.or_(JobIntent.state != "done", JobIntent.last_error != ""))).all()
    assert broken == []


def test_every_five_minutes_orders_leave_and_folders_are_looked_into(filed: Employer, sandbox: Running) -> None:
    request_id = released(filed)
    with transaction() as session:
        enqueue(session, "screening.files_due", filed.company_id, key="1")
    ran = run_jobs(kinds=("screening.files_due", "screening.send_orders", "screening.fetch_results"))
    assert sorted(ran) == ["screening.fetch_results", "screening.files_due", "screening.send_orders"]
    assert kept(request_id).order_state == OrderState.PLACED
    with transaction() as session:
        enqueue(session, "screening.files_due", filed.company_id, key="2")
        connection = fetch(session, Connection, filed.connection_id)
        assert connection.next_poll_at is not None
        assert connection.next_poll_at > now()
    assert "screening.fetch_results" not in run_jobs(kinds=("screening.files_due", "screening.fetch_results"))


def test_a_late_file_is_told_once_to_who_manages_providers(employer: Employer, sandbox: Running) -> None:
    hour = (now() - timedelta(minutes=30)).strftime("%H:%M")
    by_sftp(employer, sandbox, due_by=hour, due_days="mon tue wed thu fri sat sun", time_zone="UTC")
    request_id = ordered(employer, sandbox)

    def watch(key: str) -> list[Notice]:
        with transaction() as session:
            enqueue(session, "screening.watch_files", employer.company_id, key=key)
        run_jobs(kinds=("screening.watch_files",))
        with transaction() as session:
            return list(session.scalars(sa.select(Notice).where(Notice.kind == "screening.files.late")))

    assert watch("1") == []  # ordered after the hour: nothing could have come
    with transaction() as session:
        made.stored(session, request_id).submitted_at = now() - timedelta(days=2)
    admin_of(employer.company_id, roles=(RoleType.SYSTEM_ADMIN,))
    told = watch("2")
    assert len(told) == 2  # e-mail and in the app
    assert len(watch("3")) == 2
    sandbox.client.filescreen.leave_results("r.csv", row(request_id, "in_progress"))
    fetch_results(employer)
    with transaction() as session:
        assert late.overdue(session) == []
