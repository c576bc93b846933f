"""Records of a report: kept as the provider says them, shown to an adjudicator with what speaks against using them, and chosen one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.access import Can
from app.core.clock import now
from app.core.errors import Conflict, Invalid, NotFound
from app.core.events import Actor, Regulation, record
from app.integrations.screening import AdverseItem
from app.screening.models import CheckResult, MatrixRule, ReportRecord, ScreeningRequest
from app.screening.rules.adverse import Stage
from app.screening.rules.lookbacks import Objection, objections
from app.screening.rules.states import Choice, Hint
from app.screening.rules.words import RecordKind
from app.screening.services.adverse import judge
from app.screening.services.basis import Basis, basis


def keep(session: Session, request: ScreeningRequest, items: Sequence[AdverseItem]) -> None:
    """Store what a report says now. One that reads as before keeps the choice made about it; one that is gone stays as evidence.

    The same items again change nothing.
    """
    query = sa.select(ReportRecord).where(ReportRecord.request_id == request.id)
    known = {row.ref: row for row in session.scalars(query.with_for_update())}
    for item in items:
        row = known.pop(item.id, None)
        if row is None:
            session.add(ReportRecord(request_id=request.id, ref=item.id, text=item.text))
        elif row.text != item.text or row.gone_at is not None:
            row.text, row.gone_at = item.text, None
            row.choice, row.choice_reason, row.chosen_by_user_id, row.chosen_at = Choice.OPEN.value, None, None, None
    for row in known.values():
        row.gone_at = row.gone_at or now()


@dataclass(frozen=True, slots=True)
class Shown:
    """A record for the adjudicator's page.

    Attributes:
        against: rules that forbid its use. They warn; they hide nothing.
        hint, note: of the company's matrix; a person decides.
    """

    row: ReportRecord
    check: CheckResult | None
    against: tuple[Objection, ...]
    hint: Hint | None
    note: str


def shown(found: Basis, matrix: Sequence[MatrixRule]) -> list[Shown]:
    on, salary = found.case.today(), found.case.application.annual_salary
    made = []
    for row, check in found.records:
        kind = RecordKind(row.record_kind)
        against = objections(found.case.ruling, kind, row.happened_on, on, salary) if found.case.ruling else ()
        rule = _hint(matrix, found.case.application.job_family, row, on)
        made.append(Shown(row, check, against, Hint(rule.hint) if rule else None, rule.note if rule else ""))
    return made


def _hint(matrix: Sequence[MatrixRule], family: str, row: ReportRecord, on: date) -> MatrixRule | None:
    """The rule that fits best: one of the job family before one for every job, a short span before a long or endless one."""
    fitting = [
        rule for rule in matrix
        if rule.record_kind == row.record_kind and rule.job_family in ("", family) and _within(rule.within_years, row.happened_on, on)
    ]  # fmt: skip
    return min(fitting, key=lambda rule: (not rule.job_family, rule.within_years or 1_000), default=None)


def _within(years: int | None, happened_on: date | None, on: date) -> bool:
    """A record without a date counts as recent: then the matrix asks for more, not for less."""
    return years is None or happened_on is None or (on - happened_on).days <= years * 365.25


def choose(
    session: Session, actor: Actor, request: ScreeningRequest, record_id: UUID, choice: Choice, *, reason: str,
    kind: RecordKind, happened_on: date | None,
) -> ReportRecord:  # fmt: skip
    """Rely on a record or set it aside, with the reason, and say what it is: kind and day decide which limits of the places hold.

    Raises:
        Invalid: no reason. NotFound: not a record of this report, or behind the wall.
        Conflict: a notice is out; then a record may only be set aside, while the case is assessed again.
    """
    judge(actor, request)
    if not reason.strip():
        raise Invalid({"reason": "Say why. The reason is kept with the record"})
    found = basis(session, request)
    row = next((row for row, _ in found.records if row.id == record_id), None)
    if row is None:
        raise NotFound
    aside_again = request.stage == Stage.REASSESS and choice is Choice.SET_ASIDE
    if request.stage != Stage.REVIEW and not aside_again:
        raise Conflict("the notice names these records: none may be added now")
    old, row.choice = row.choice, choice.value
    row.choice_reason, row.record_kind, row.happened_on = reason.strip(), kind.value, happened_on
    row.chosen_by_user_id, row.chosen_at = actor.user_id, now()
    record(
        session, actor, "screening.record.chosen", row, old={"choice": old}, new={"choice": row.choice},
        phi={"kind": row.record_kind, "reason": reason.strip()}, person_id=request.candidate_id, regulation=Regulation.FCRA,
    )  # fmt: skip
    return row


def traces(session: Session, actor: Actor, request: ScreeningRequest) -> Sequence[CheckResult]:
    """SSN traces: no part of the report, no ground for anything, and for administrators only."""
    if not actor.can(Can.SCREENING_CONFIGURE):
        return ()
    query = sa.select(CheckResult).where(CheckResult.request_id == request.id, CheckResult.reportable.is_(False))
    return session.scalars(query.order_by(CheckResult.id)).all()
