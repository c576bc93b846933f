"""What the benefits domain does later: invitations, reminders, the confirmation document, what starts and ends by date."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from app.accounts import services as accounts
from app.benefits.models import Enrollment, EnrollmentWindow, PlanYear, Submission
from app.benefits.rules.windows import days_left, reminder_stage
from app.benefits.services import confirmation, coverage, renewal, windows
from app.benefits.services.catalog import load_catalog
from app.connections.models import Connection
from app.core import storage
from app.core.clock import today
from app.core.db import current_tenant, fetch
from app.core.errors import Invalid, Unavailable
from app.core.events import Actor, system
from app.core.jobs import Retry, Run, enqueue, job
from app.core.models import StoredFile
from app.notices import pdf
from app.notices import services as notices
from app.notices.models import Channel
from app.notices.templating import render_document
from app.people.models import Company, Employee

BATCH = 50
EVERYWHERE = (Channel.EMAIL, Channel.IN_APP)


def company_today(session: Session) -> date:
    """The date at the employer."""
    return today(fetch(session, Company, current_tenant()).time_zone)


# --- windows ------------------------------------------------------------------------------------------------------


@job("benefits.open_new_hire", on=["people.employee.hired"])
def open_new_hire(run: Run) -> None:
    """A new hire may choose: makes their window, whose event invites them."""
    with run.finish() as session:
        windows.open_new_hire(session, system(run.kind, run.company_id), run.subject_id, company_today(session))


@job("benefits.announce", on=["benefits.window.opened"])
def announce(run: Run) -> None:
    """Tell everybody a window is for, fifty at a time; the rest is the next intent."""
    after = run.args.get("after")
    with run.finish() as session:
        window = fetch(session, EnrollmentWindow, run.subject_id)
        people = windows.invitees(session, window, after=UUID(after) if after else None, limit=BATCH)
        for person in people:
            _invite(session, system(run.kind, run.company_id), window, person)
        if len(people) == BATCH:
            last = str(people[-1].employee_id)
            enqueue(session, run.kind, window.id, key=f"{window.id}:{last}", args={"after": last})


def _invite(session: Session, actor: Actor, window: EnrollmentWindow, person: windows.Invitee) -> None:
    """One e-mail: people without an account get a link that signs them in and opens the first step."""
    path = f"/benefits/enroll/{window.id}"
    user_id, first_time = person.user_id, False
    if user_id is None:
        employee = fetch(session, Employee, person.employee_id)
        if employee.work_email:
            user_id, first_time = _make_user(session, actor, employee, path), True
    if user_id is None:
        return  # no address: HR hands the notice out on paper
    notices.issue(
        session, actor, "benefits.window.opened",
        subject=("enrollment_window", window.id), context={"closes_on": window.closes_on},
        user_id=user_id, employee_id=person.employee_id, link_path=path,
        channels=(Channel.IN_APP,) if first_time else EVERYWHERE,
    )  # fmt: skip


def _make_user(session: Session, actor: Actor, employee: Employee, path: str) -> UUID | None:
    name = f"{employee.first_name} {employee.last_name}"
    try:
        user = accounts.invite(
            session, actor, email=employee.work_email, display_name=name, employee_id=employee.id,
            language=employee.preferred_language, next_path=path,
        )  # fmt: skip
    except Invalid:
        return None  # an address nobody can write to
    return user.id if user.employee_id == employee.id else None


@job("benefits.daily", every="day")
def daily(run: Run) -> None:
    """Coverage that starts, ends or goes on, windows planned for today, and who is reminded. Each part is its own promise."""
    with run.finish() as session:
        on = company_today(session)
        actor = system(run.kind, run.company_id)
        windows.announce_due(session, actor, on)
        enqueue(session, "benefits.move_by_date", run.company_id, key=f"{on}:0", args={"part": "0"})
        for year in renewal.due_years(session, on):
            enqueue(session, "benefits.renew", year.id, key=f"{year.id}:{on}:")
        for window in windows.open_windows(session, on):
            stage = reminder_stage(window.opens_on, window.closes_on, on)
            if stage is not None:
                enqueue(session, "benefits.remind", window.id, key=f"{window.id}:{stage}:", args={"stage": str(stage)})


@job("benefits.move_by_date")
def move_by_date(run: Run) -> None:
    """Start and end coverage by date, two hundred rows at a time."""
    part = int(run.args["part"])
    with run.finish() as session:
        on = company_today(session)
        if coverage.activate_due(session, system(run.kind, run.company_id), on) == coverage.BATCH:
            following = str(part + 1)
            enqueue(session, run.kind, run.company_id, key=f"{on}:{following}", args={"part": following})


@job("benefits.renew", timeout=300)
def renew(run: Run) -> None:
    """Take everybody who chose nothing into the new plan year at its prices, fifty at a time, and tell each of them."""
    after = run.args.get("after")
    with run.finish() as session:
        on, actor = company_today(session), system(run.kind, run.company_id)
        year = fetch(session, PlanYear, run.subject_id)
        employees = renewal.to_renew(session, year, on, after=UUID(after) if after else None, limit=BATCH)
        catalog = load_catalog(session, year.id) if employees else []
        for employee_id in employees:
            _tell_turn(session, actor, year, employee_id, renewal.renew(session, actor, year, employee_id, catalog))
        if len(employees) == BATCH:
            last = str(employees[-1])
            enqueue(session, run.kind, year.id, key=f"{year.id}:{on}:{last}", args={"after": last})


def _tell_turn(session: Session, actor: Actor, year: PlanYear, employee_id: UUID, done: renewal.Outcome) -> None:
    """What goes on and what ends are two notices: the second asks for something."""
    told = {"renewed": done.renewed, "not_renewed": done.ended}
    for word, rows in told.items():
        if rows:
            notices.issue(
                session, actor, f"benefits.coverage.{word}", subject=("enrollment", rows[0].id),
                context={"starts_on": year.starts_on, "ends_on": year.starts_on - timedelta(days=1)},
                employee_id=employee_id, link_path="/benefits",
            )  # fmt: skip


@job("benefits.remind")
def remind(run: Run) -> None:
    """Remind everybody who has not signed yet, fifty at a time. `stage` is 14, 3 or 1."""
    stage, after = run.args["stage"], run.args.get("after")
    with run.finish() as session:
        on = company_today(session)
        window = fetch(session, EnrollmentWindow, run.subject_id)
        if reminder_stage(window.opens_on, window.closes_on, on) is None:
            return  # the window closed while this waited
        people = windows.invitees(session, window, after=UUID(after) if after else None, limit=BATCH)
        done = windows.answered(session, window.id, [person.employee_id for person in people])
        for person in people:
            if person.user_id is not None and person.employee_id not in done:
                _remind(session, run, window, person, on, stage)
        if len(people) == BATCH:
            last = str(people[-1].employee_id)
            key = f"{window.id}:{stage}:{last}"
            enqueue(session, run.kind, window.id, key=key, args={"stage": stage, "after": last})


def _remind(
    session: Session, run: Run, window: EnrollmentWindow, person: windows.Invitee, on: date, stage: str
) -> None:
    notices.issue(
        session, system(run.kind, run.company_id), "benefits.window.reminder",
        subject=("enrollment_window", window.id), dedupe=stage,
        context={"days": days_left(window.closes_on, on), "closes_on": window.closes_on},
        user_id=person.user_id, employee_id=person.employee_id, link_path=f"/benefits/enroll/{window.id}",
    )  # fmt: skip


# --- submissions --------------------------------------------------------------------------------------------------


@job("benefits.confirm", on=["benefits.enrollment.submitted"], timeout=300)
def confirm(run: Run) -> None:
    """The confirmation document (tagged PDF), kept under the person's key and attached to the e-mail."""
    with run.step() as session:
        submission = fetch(session, Submission, run.subject_id)
        ready = submission.confirmation_file_id is not None
        letter = None if ready else confirmation.letter(session, submission)
    document = _printed(letter) if letter else b""
    with run.finish() as session:
        submission = fetch(session, Submission, run.subject_id, lock=True)
        if submission.confirmation_file_id is None and document:
            submission.confirmation_file_id = _keep(session, submission, document)
        _tell(session, run, "benefits.enrollment.submitted", submission, attachment_id=submission.confirmation_file_id)


def _printed(letter: confirmation.Letter) -> bytes:
    html = render_document("benefits/confirmation_document.html", letter.language, letter=letter)
    try:
        return pdf.render(html, title=letter.number, language=letter.language)
    except Unavailable as away:
        raise Retry(str(away), 300) from away


def _keep(session: Session, submission: Submission, document: bytes) -> UUID:
    file_id = uuid5(submission.id, "confirmation")  # a second attempt means the same row
    known = session.get(StoredFile, (submission.company_id, file_id))
    if known is None:
        storage.keep(
            session, document, name=f"{submission.number}.pdf", content_type="application/pdf",
            purpose="benefits.confirmation", person_id=submission.employee_id, file_id=file_id,
        )  # fmt: skip
        session.flush()
    return file_id


@job("benefits.tell_decision", on=["benefits.enrollment.approved", "benefits.enrollment.rejected"])
def tell_decision(run: Run) -> None:
    """Approved, or what needs a change. The reason is read after signing in, never in an e-mail."""
    with run.finish() as session:
        submission = fetch(session, Submission, run.subject_id)
        if submission.status in ("approved", "rejected"):
            _tell(session, run, f"benefits.enrollment.{submission.status}", submission)


def _tell(session: Session, run: Run, kind: str, submission: Submission, **more: Any) -> None:
    decided = submission.decided_at.isoformat() if submission.decided_at else ""
    notices.issue(
        session, system(run.kind, run.company_id), kind, subject=("submission", submission.id), dedupe=decided,
        context={"number": submission.number}, employee_id=submission.employee_id,
        link_path=f"/benefits/confirmation/{submission.number}", **more,
    )  # fmt: skip


@job("benefits.tell_covered", on=["benefits.coverage.confirmed"])
def tell_covered(run: Run) -> None:
    """The carrier's own data agrees: now, and only now, somebody reads "you are covered"."""
    with run.finish() as session:
        row = fetch(session, Enrollment, run.subject_id)
        if row.connection_id is None or row.status not in ("approved", "active"):
            return
        carrier = fetch(session, Connection, row.connection_id)
        notices.issue(
            session, system(run.kind, run.company_id), "benefits.coverage.confirmed",
            subject=("enrollment", row.id), context={"carrier": carrier.name, "starts_on": row.coverage_starts_on},
            employee_id=row.employee_id, link_path="/benefits", dedupe=str(row.coverage_starts_on),
        )  # fmt: skip


# --- people -------------------------------------------------------------------------------------------------------


@job("benefits.end_coverage", on=["people.employee.terminated"])
def end_coverage(run: Run) -> None:
    """Coverage ends when employment does, as each plan says."""
    with run.finish() as session:
        if fetch(session, Employee, run.subject_id).terminated_on is not None:
            coverage.terminate(session, system(run.kind, run.company_id), run.subject_id)


@job("benefits.end_dependent", on=["people.dependent.removed"])
def end_dependent(run: Run) -> None:
    """A removed dependent is no longer covered after the month."""
    with run.finish() as session:
        coverage.end_dependent(session, system(run.kind, run.company_id), run.subject_id)
