"""Signing: the answers become one submission with an enrollment per coverage, in one transaction, once per form key."""

from __future__ import annotations

import hashlib
import unicodedata
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.benefits.models import Enrollment, Submission
from app.benefits.rules import lifecycle
from app.benefits.rules.beneficiaries import incomplete
from app.benefits.rules.lifecycle import WAITING, Action
from app.benefits.rules.numbers import Series
from app.benefits.rules.words import CarrierStatus, Election, EnrollmentStatus
from app.benefits.services.desk import Desk, Line, open_desk
from app.benefits.services.drafts import CLOSED, STALE
from app.benefits.services.making import add_coverage, priced
from app.benefits.services.numbering import take_numbers
from app.core.clock import now
from app.core.errors import Conflict, Invalid
from app.core.events import Actor, Risk, record
from app.people.services import full_name

WHO, BENEFICIARIES = "who", "beneficiaries"


def unanswered(desk: Desk) -> list[str]:
    """Steps of the wizard that still need an answer, in their order."""
    open_steps = [WHO] if desk.answers.who is None else []
    open_steps += [line.coverage_type for line in desk.lines() if line.election is None]
    if desk.needs_beneficiary and incomplete(desk.answers.beneficiaries):
        open_steps.append(BENEFICIARIES)
    return open_steps


def same_name(typed: str, expected: str) -> bool:
    """Whether a typed signature is the name, whatever its capitals, spaces and accents."""
    return _plain(typed) == _plain(expected)


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in letters if c.isalnum())


def submission_of(session: Session, actor: Actor, form_key: str) -> Submission | None:
    """The submission a form key made already, if it is the actor's own."""
    query = sa.select(Submission).where(Submission.form_key == form_key, Submission.employee_id == actor.employee_id)
    return session.scalars(query).one_or_none()


def submit(
    session: Session,
    actor: Actor,
    window_id: UUID | str,
    *,
    form_key: str,
    signature: str,
    signed_text: str,
    version: int,
    language: str = "en",
) -> Submission:
    """Sign what the draft holds. The same form key again gives the same submission; one that waits at HR is replaced.

    Args:
        signed_text: exactly what the person read above the signature.
        version: of the draft that was shown.

    Raises:
        Conflict: the window closed, or the answers changed on another device.
        Invalid: a step has no answer, or the typed name is not the employee's.
    """
    desk = open_desk(session, actor, window_id, lock=True)
    known = submission_of(session, actor, form_key)
    if known is not None:
        return known
    _refuse_incomplete(desk, signature, version)
    _replace_waiting(session, actor, desk)
    submission = _make_submission(session, desk, form_key, signature, signed_text, language)
    made = _make_enrollments(session, actor, desk, submission)
    if desk.draft is not None:
        session.delete(desk.draft)
    session.flush()
    record(
        session, actor, "benefits.enrollment.submitted", submission,
        new={"number": submission.number, "status": submission.status, "choices": [_told(e) for e in made]},
        phi={"signature": signature, "covered": desk.answers.write()},
        person_id=desk.employee.id, risk=Risk.MEDIUM, args={"employee_id": str(desk.employee.id)},
    )  # fmt: skip
    return submission


def _refuse_incomplete(desk: Desk, signature: str, version: int) -> None:
    if not desk.may_choose:
        raise Conflict(CLOSED)
    if desk.version != version or desk.draft is None:
        raise Conflict(STALE)
    if unanswered(desk):
        raise Invalid("Answer every step before you sign")
    if not same_name(signature, employee_name(desk)):
        raise Invalid({"signature": "Type your full name as it is shown above the box"})


def employee_name(desk: Desk) -> str:
    return full_name(desk.employee.first_name, desk.employee.last_name)


def _told(made: Enrollment) -> dict[str, str]:
    return {"coverage": made.coverage_type, "election": made.election, "tier": made.tier or "", "number": made.number}


def _replace_waiting(session: Session, actor: Actor, desk: Desk) -> None:
    if desk.last is not None and desk.last.status in WAITING:
        cancel_submission(session, actor, desk.last, reason="replaced by a newer choice")


def cancel_submission(session: Session, actor: Actor, submission: Submission, *, reason: str) -> None:
    """Take back what waits at HR, with its enrollments.

    Raises:
        Conflict: HR has decided meanwhile.
    """
    old = submission.status
    submission.status = lifecycle.after(old, Action.CANCEL)
    for row in enrollments_of(session, submission.id):
        row.status = lifecycle.after(row.status, Action.CANCEL)
    record(
        session, actor, "benefits.enrollment.canceled", submission,
        old={"status": old}, new={"status": submission.status}, reason=reason, person_id=submission.employee_id,
    )  # fmt: skip


def enrollments_of(session: Session, submission_id: UUID, *, lock: bool = False) -> list[Enrollment]:
    query = sa.select(Enrollment).where(Enrollment.submission_id == submission_id).order_by(Enrollment.number)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return list(session.scalars(query))


def _make_submission(
    session: Session, desk: Desk, form_key: str, signature: str, signed_text: str, language: str
) -> Submission:
    made_at = now()
    submission = Submission(
        number=take_numbers(session, Series.SUBMISSION, made_at.year, 1)[0],
        employee_id=desk.employee.id,
        window_id=desk.window.id,
        form_key=form_key,
        status=EnrollmentStatus.SUBMITTED.value,
        signature=signature.strip(),
        signed_text=signed_text,
        signed_text_sha256=hashlib.sha256(signed_text.encode()).digest(),
        answers=desk.answers.write(),
        language=language,
        submitted_at=made_at,
        employee_cost_per_pay=desk.total,
    )
    session.add(submission)
    return submission


def _make_enrollments(session: Session, actor: Actor, desk: Desk, submission: Submission) -> list[Enrollment]:
    lines = desk.lines()
    numbers = take_numbers(session, Series.ENROLLMENT, submission.submitted_at.year, len(lines))
    made = []
    for line, number in zip(lines, numbers, strict=True):
        enrollment = _enrollment(actor, desk, submission, line, number)
        session.add(enrollment)
        if line.offer is not None:
            add_coverage(session, enrollment, line.offer, desk.answers.beneficiaries)
        made.append(enrollment)
    return made


def _enrollment(actor: Actor, desk: Desk, submission: Submission, line: Line, number: str) -> Enrollment:
    starts_on = line.offer.verdict.starts_on if line.offer else desk.not_before
    return Enrollment(
        id=uuid7(),
        number=number,
        employee_id=desk.employee.id,
        submission_id=submission.id,
        coverage_type=line.coverage_type,
        election=(line.election or Election.WAIVE).value,
        enrollment_type=desk.window.kind,
        status=EnrollmentStatus.SUBMITTED.value,
        carrier_status=CarrierStatus.NONE.value,
        coverage_starts_on=starts_on,
        effective_on=starts_on,
        created_by_user_id=actor.user_id,
        replaces_id=line.current.id if line.current else None,
        **(priced(line.offer) if line.offer else {}),
    )


__all__ = [
    "cancel_submission", "employee_name", "enrollments_of", "same_name", "submission_of", "submit",
    "unanswered",
]  # fmt: skip
