"""What happens after the answer: run by the real executor, over and over, with the same result."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.benefits import jobs
from app.benefits.models import Enrollment, EnrollmentWindow, Submission
from app.benefits.rules.words import CarrierStatus, EnrollmentType
from app.benefits.services import approve, open_enrollment, reject, set_carrier_status
from app.connections.models import Connection, DocumentDrive, KeptDocument
from app.core import storage
from app.core.clock import now, today
from app.core.db import fetch
from app.core.errors import Unavailable
from app.core.events import system
from app.core.jobs import JobIntent, enqueue
from app.core.models import StoredFile
from app.notices.models import Notice
from app.people import services as people
from tests.benefits.world import World, enroll, hire, hr_actor
from worker.execute import run_intent


def run_all(session: Session, *, prefix: str = "benefits.") -> int:
    """Every benefits intent until none is left, as the worker would."""
    ran = 0
    while True:
        session.commit()
        due = sa.select(JobIntent).where(JobIntent.kind.startswith(prefix), JobIntent.state == "pending")
        found = session.scalars(due.execution_options(populate_existing=True)).all()
        session.commit()
        if not found:
            return ran
        for intent in found:
            run_intent(str(intent.company_id), str(intent.id))
            ran += 1
        assert ran < 500, [(intent.kind, intent.last_error) for intent in found]


def notices_of(session: Session, kind: str) -> list[Notice]:
    return list(session.scalars(sa.select(Notice).where(Notice.kind == kind)))


def states(session: Session) -> set[tuple[str, str, str]]:
    rows = session.execute(
        sa.select(JobIntent.kind, JobIntent.state, JobIntent.last_error).where(JobIntent.kind.startswith("benefits."))
    )
    return {tuple(row) for row in rows}  # type: ignore[misc]


def test_a_hire_gets_a_window_an_account_and_one_link(session: Session, world: World) -> None:
    ben = hire(session, "1002", first_name="Ben", preferred_language="es")
    run_all(session)
    window = session.scalars(sa.select(EnrollmentWindow).where(EnrollmentWindow.employee_id == ben.id)).one()
    user = session.scalars(sa.select(User).where(User.employee_id == ben.id)).one()
    assert (user.email, user.language) == ("e1002@acme.example", "es")
    assert {n.channel for n in notices_of(session, "benefits.window.opened") if n.user_id == user.id} == {"in_app"}
    invited = session.scalars(sa.select(JobIntent).where(JobIntent.kind == "accounts.send_invitation")).all()
    assert user.id in {intent.subject_id for intent in invited}
    assert {state for _, state, _ in states(session)} == {"done"}
    assert user.invited_to == f"/benefits/enroll/{window.id}"


def test_running_the_invitation_again_invites_nobody_twice(session: Session, world: World) -> None:
    hire(session, "1002", first_name="Ben")
    run_all(session)
    before = len(notices_of(session, "benefits.window.opened"))
    for intent in session.scalars(sa.select(JobIntent).where(JobIntent.kind.startswith("benefits."))):
        intent.state = "pending"
    run_all(session)
    assert len(notices_of(session, "benefits.window.opened")) == before + 1  # now an account exists: the e-mail, once
    for intent in session.scalars(sa.select(JobIntent).where(JobIntent.kind.startswith("benefits."))):
        intent.state = "pending"
    run_all(session)
    assert len(notices_of(session, "benefits.window.opened")) == before + 1
    assert session.scalar(sa.select(sa.func.count()).select_from(EnrollmentWindow)) == 2  # Ana's and Ben's


def test_nobody_without_an_address_stops_the_others(session: Session, world: World) -> None:
    hire(session, "1002", first_name="Ben", work_email="")
    run_all(session)
    assert {state for _, state, _ in states(session)} == {"done"}
    assert session.scalars(sa.select(User).where(User.email == "")).all() == []


def test_open_enrollment_tells_everybody_in_batches(
    session: Session, world: World, company: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs.windows, "BATCH", 2)
    for number in range(2, 6):
        hire(session, f"100{number}", first_name="Ben", hired_on=today() - timedelta(400))
    run_all(session)
    day = today()
    open_enrollment(session, hr_actor(company), world.year.id, opens_on=day, closes_on=day + timedelta(9), on=day)
    run_all(session)
    told = {notice.employee_id for notice in notices_of(session, "benefits.window.opened")}
    assert len(told) == 5
    assert {state for _, state, _ in states(session)} == {"done"}


def test_the_confirmation_is_a_pdf_attached_to_one_notice(session: Session, world: World) -> None:
    drive = Connection(adapter="manual", name="A drive", code="DRV")
    session.add(drive)
    session.flush()
    session.add(DocumentDrive(connection_id=drive.id, kinds=["benefits.confirmation"]))
    submission = enroll(session, world, covered=("Sam",))
    run_all(session)
    session.refresh(submission)
    document = storage.read(session, submission.confirmation_file_id)
    assert document.startswith(b"%PDF")
    row = fetch(session, StoredFile, submission.confirmation_file_id)
    assert session.scalars(sa.select(KeptDocument.file_id)).all() == [row.id]  # for the company's own drive
    assert (row.name, row.person_id) == (f"{submission.number}.pdf", world.ana.id)
    told = notices_of(session, "benefits.enrollment.submitted")
    assert {notice.file_id for notice in told} == {row.id}
    count = len(told)
    for intent in session.scalars(sa.select(JobIntent).where(JobIntent.kind == "benefits.confirm")):
        intent.state = "pending"
    run_all(session)
    assert len(notices_of(session, "benefits.enrollment.submitted")) == count
    assert session.scalar(sa.select(sa.func.count()).select_from(StoredFile)) == 1


def test_without_the_pdf_engine_the_confirmation_waits(
    session: Session, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> bytes:
        raise Unavailable("pdf-engine-missing")

    monkeypatch.setattr(jobs.submissions.pdf, "render", away)
    enroll(session, world)
    session.commit()
    intent = session.scalars(sa.select(JobIntent).where(JobIntent.kind == "benefits.confirm")).one()
    session.commit()
    run_intent(str(intent.company_id), str(intent.id))
    session.refresh(intent)
    assert (intent.state, intent.last_error) == ("pending", "pdf-engine-missing")


def test_decisions_are_told_and_the_reason_stays_inside(session: Session, world: World, company: UUID) -> None:
    submission = enroll(session, world)
    reject(session, hr_actor(company), submission.id, "Sam's papers are missing")
    run_all(session)
    notice = notices_of(session, "benefits.enrollment.rejected")[0]
    assert "papers" not in notice.body + notice.subject
    assert notice.link_path == f"/benefits/confirmation/{submission.number}"


def test_an_approval_is_told_once(session: Session, world: World, company: UUID) -> None:
    submission = enroll(session, world)
    approve(session, hr_actor(company), submission.id)
    run_all(session)
    for intent in session.scalars(sa.select(JobIntent).where(JobIntent.kind == "benefits.tell_decision")):
        intent.state = "pending"
    run_all(session)
    assert len({n.channel for n in notices_of(session, "benefits.enrollment.approved")}) == len(
        notices_of(session, "benefits.enrollment.approved")
    )


def test_only_a_confirmation_says_you_are_covered(session: Session, world: World, company: UUID) -> None:
    submission = enroll(session, world)
    approve(session, hr_actor(company), submission.id)
    row = session.scalars(sa.select(Enrollment).where(Enrollment.coverage_type == "health")).one()
    for status in (CarrierStatus.SENT, CarrierStatus.SYNTAX_ACCEPTED):
        set_carrier_status(session, system("t"), row.id, status)
        run_all(session)
        assert notices_of(session, "benefits.coverage.confirmed") == []
    set_carrier_status(session, system("t"), row.id, CarrierStatus.CONFIRMED)
    run_all(session)
    assert "Evergreen Health" in notices_of(session, "benefits.coverage.confirmed")[0].body


def start_day(session: Session, world: World) -> None:
    enqueue(session, "benefits.daily", world.company_id, key=f"test:{now().isoformat()}")
    run_all(session)


def test_reminders_reach_who_has_not_signed_once_per_stage(session: Session, world: World) -> None:
    ben = hire(session, "1002", first_name="Ben", hired_on=today() - timedelta(400))
    run_all(session)
    window = EnrollmentWindow(
        plan_year_id=world.year.id, kind=EnrollmentType.OPEN_ENROLLMENT.value, opens_on=today() - timedelta(20),
        closes_on=today() + timedelta(3), announced_at=now(), coverage_starts_on=world.year.starts_on,
    )  # fmt: skip
    session.add(window)
    user = User(email="ben@acme.example", employee_id=ben.id)
    session.add(user)
    start_day(session, world)
    told = notices_of(session, "benefits.window.reminder")
    assert {notice.employee_id for notice in told} >= {ben.id}
    assert "3 days left" in next(n for n in told if n.employee_id == ben.id).body
    start_day(session, world)
    assert len(notices_of(session, "benefits.window.reminder")) == len(told)


def test_who_has_signed_is_not_reminded(session: Session, world: World) -> None:
    assert world.window is not None
    user = User(email="ana@acme.example", employee_id=world.ana.id)
    session.add(user)
    enroll(session, world)
    window = fetch(session, EnrollmentWindow, world.window.id)
    window.opens_on, window.closes_on = today() - timedelta(25), today() + timedelta(1)
    start_day(session, world)
    reminded = [n for n in notices_of(session, "benefits.window.reminder") if n.subject_id == window.id]
    assert reminded == []


def test_a_reminder_that_waited_too_long_is_dropped(session: Session, world: World) -> None:
    assert world.window is not None
    window = fetch(session, EnrollmentWindow, world.window.id)
    window.opens_on, window.closes_on = today() - timedelta(25), today() - timedelta(1)
    enqueue(session, "benefits.remind", window.id, key="late", args={"stage": "1"})
    run_all(session)
    assert notices_of(session, "benefits.window.reminder") == []


def test_the_day_starts_and_ends_coverage(
    session: Session, world: World, company: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs.coverage.coverage, "BATCH", 2)
    monkeypatch.setattr(jobs.coverage.coverage.activate_due, "__defaults__", (2,))
    submission = enroll(session, world)
    approve(session, hr_actor(company), submission.id)
    for row in session.scalars(sa.select(Enrollment)):
        row.coverage_starts_on = today()
    start_day(session, world)
    assert set(session.scalars(sa.select(Enrollment.status))) == {"active"}


def test_leaving_and_removing_run_from_events(session: Session, world: World, company: UUID) -> None:
    submission = enroll(session, world, covered=("Sam",))
    approve(session, hr_actor(company), submission.id)
    people.remove_dependent(session, system("t"), world.family["Sam"].id)
    people.terminate(session, system("t"), world.ana.id, last_day=today() + timedelta(90))
    run_all(session)
    in_force = sa.and_(Enrollment.plan_id.is_not(None), Enrollment.status != "canceled")
    ends = session.scalars(sa.select(Enrollment.coverage_ends_on).where(in_force)).all()
    assert None not in ends
    assert session.scalars(sa.select(Submission.status)).all() == ["approved"]
