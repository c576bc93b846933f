"""Events of benefits and people become changes for carriers."""

from __future__ import annotations

from app.core.events import system
from app.core.jobs import Run, job
from app.feeds import services


@job("feeds.note_submission", on=["benefits.enrollment.approved"])
def note_submission(run: Run) -> None:
    """Approved choices: what each carrier must be told, or a task for a person."""
    with run.finish() as session:
        services.note_submission(session, system(run.kind), run.subject_id)


@job("feeds.note_enrollment", on=["benefits.enrollment.changed", "benefits.enrollment.renewed"])
def note_enrollment(run: Run) -> None:
    """Coverage that was changed, ended or taken into a new year: what its carrier must be told now."""
    with run.finish() as session:
        services.note_enrollment(session, system(run.kind), run.subject_id)


@job(
    "feeds.note_person",
    on=["people.employee.changed", "people.dependent.added", "people.dependent.changed", "people.dependent.removed"],
)
def note_person(run: Run) -> None:
    """A name, birth date or address that changed, for every carrier that covers the person."""
    with run.finish() as session:
        services.note_person(session, system(run.kind), run.subject_id)
