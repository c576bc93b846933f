"""Windows: a new hire's own, invitations, reminders, and the day's round that starts everything that goes by date."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts import services as accounts
from app.benefits.jobs.day import EVERYWHERE, company_today
from app.benefits.models import EnrollmentWindow
from app.benefits.rules.windows import WindowState, days_left, reminder_stage, snooze_until, state_on
from app.benefits.services import reminders, renewal, windows
from app.core.db import fetch
from app.core.errors import Invalid
from app.core.events import Actor, system
from app.core.jobs import Run, enqueue, job
from app.notices import services as notices
from app.notices.models import Channel
from app.people.models import Employee

BATCH = 50


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
        enqueue(session, "benefits.age_out", run.company_id, key=f"{on}:")
        for year in renewal.due_years(session, on):
            enqueue(session, "benefits.renew", year.id, key=f"{year.id}:{on}:")
        for window in windows.open_windows(session, on):
            stage = reminder_stage(window.opens_on, window.closes_on, on)
            if stage is not None:
                enqueue(session, "benefits.remind", window.id, key=f"{window.id}:{stage}:", args={"stage": str(stage)})
        for window_id in reminders.windows_due(session, on):
            enqueue(session, "benefits.remind_again", window_id, key=f"{window_id}:{on}:")


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
        ids = [person.employee_id for person in people]
        done = windows.answered(session, window.id, ids) | reminders.silent(session, window.id, ids, on)
        for person in people:
            if person.user_id is not None and person.employee_id not in done:
                _remind(session, run, window, person, on, stage)
        if len(people) == BATCH:
            last = str(people[-1].employee_id)
            key = f"{window.id}:{stage}:{last}"
            enqueue(session, run.kind, window.id, key=key, args={"stage": stage, "after": last})


@job("benefits.remind_again")
def remind_again(run: Run) -> None:
    """Remind those who put their reminder off until today, fifty at a time."""
    after = run.args.get("after")
    with run.finish() as session:
        on = company_today(session)
        window = fetch(session, EnrollmentWindow, run.subject_id)
        if state_on(window.opens_on, window.closes_on, on) is not WindowState.OPEN:
            return
        found = reminders.due(session, window.id, on, after=UUID(after) if after else None, limit=BATCH)
        done = windows.answered(session, window.id, [snooze.employee_id for snooze in found])
        for snooze in found:
            if snooze.employee_id not in done:
                person = windows.Invitee(snooze.employee_id, None)
                _remind(session, run, window, person, on, f"again:{snooze.remind_on}")
        if len(found) == BATCH:
            last = str(found[-1].employee_id)
            enqueue(session, run.kind, window.id, key=f"{window.id}:{on}:{last}", args={"after": last})


def _remind(
    session: Session, run: Run, window: EnrollmentWindow, person: windows.Invitee, on: date, stage: str
) -> None:
    notices.issue(
        session, system(run.kind, run.company_id), "benefits.window.reminder",
        subject=("enrollment_window", window.id), dedupe=stage,
        context={"days": days_left(window.closes_on, on), "closes_on": window.closes_on},
        user_id=person.user_id, employee_id=person.employee_id, link_path=f"/benefits/enroll/{window.id}",
        later_path=f"/benefits/enroll/{window.id}/reminder" if snooze_until(window.closes_on, on) else "",
    )  # fmt: skip
