"""Everything that was found, weighed, sent and answered in a case, and what of it counts for the next step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.screening.models import Assessment, CaseNotice, CheckResult, Happening, ReportRecord, ScreeningRequest
from app.screening.rules.adverse import counts_as_second
from app.screening.rules.clocks import Due, Stands
from app.screening.rules.outcomes import Decision
from app.screening.rules.states import Choice, NoticeKind, Part
from app.screening.rules.words import AskStage
from app.screening.services import clock
from app.screening.services.cases import Case, load

Pair = tuple[ReportRecord, CheckResult | None]


@dataclass(frozen=True)
class Basis:
    """Rows of one case, each oldest first.

    Attributes:
        records: what the report says now and a decision may rest on, each with its check (None: the provider did not say which).
        walled: records of New York City's second stage, which nobody reads before the first is closed; only how many.
        notices: every letter, also void ones.
    """

    case: Case
    records: tuple[tuple[ReportRecord, CheckResult | None], ...]
    walled: int
    assessments: Sequence[Assessment]
    notices: Sequence[CaseNotice]
    happened: Sequence[Happening]

    @property
    def relied_on(self) -> tuple[ReportRecord, ...]:
        return tuple(record for record, _ in self.records if record.choice == Choice.RELIED_ON)

    @property
    def undecided(self) -> int:
        """Records nobody has made a choice about."""
        return sum(record.choice == Choice.OPEN for record, _ in self.records)

    @property
    def letters(self) -> tuple[CaseNotice, ...]:
        """The pre-adverse letters that count."""
        return tuple(n for n in self.notices if n.kind == NoticeKind.PRE_ADVERSE and n.void_at is None)

    @cached_property
    def due(self) -> Due | Stands:
        return clock.of(self.case, self.letters, self.happened)

    @property
    def first(self) -> Assessment | None:
        """The newest assessment, if the notice may rest on it: of this report, these records, and every factor."""
        found = self.assessments[-1] if self.assessments else None
        return found if found is not None and self._whole(found) else None

    @property
    def second(self) -> Assessment | None:
        """The newest assessment, if the final decision may rest on it."""
        found, request = self.first, self.case.request
        if found is None or request.notified_at is None:
            return None
        again = counts_as_second(found.written_at, request.notified_at, request.answered_at, request.revised_at)
        return found if again else None

    def _whole(self, found: Assessment) -> bool:
        case = self.case
        if case.ruling is None or not found.adverse or found.report_revised_at != case.request.revised_at:
            return False
        weighed = found.factors or {}
        return set(found.record_refs) == {record.ref for record in self.relied_on} and all(
            str(weighed.get(factor, "")).strip() for factor in case.ruling.factors
        )


def basis(session: Session, request: ScreeningRequest) -> Basis:
    """In five queries."""
    session.flush()
    return read(session, load(session, request))


def read(session: Session, case: Case) -> Basis:
    """In four queries: what is known of a case that was read already."""
    request_id = case.request.id
    shown, walled = records(session, case)
    return Basis(
        case, shown, walled,
        rows(session, Assessment, request_id), rows(session, CaseNotice, request_id), rows(session, Happening, request_id),
    )  # fmt: skip


def rows(session: Session, table: Any, request_id: UUID) -> Sequence[Any]:
    query: sa.Select[Any] = sa.select(table).where(table.request_id == request_id)
    return session.scalars(query.order_by(table.id)).all()


def records(session: Session, case: Case) -> tuple[tuple[Pair, ...], int]:
    """Records a decision may rest on, and how many are behind the wall."""
    query = (
        sa.select(ReportRecord, CheckResult)
        .outerjoin(
            CheckResult,
            sa.and_(CheckResult.company_id == ReportRecord.company_id, CheckResult.id == ReportRecord.check_id),
        )
        .where(*of_report(case.request.id))
        .order_by(ReportRecord.id)
    )
    return before_wall(case, [(record, check) for record, check in session.execute(query)])


def of_report(request_id: UUID) -> tuple[sa.ColumnElement[bool], ...]:
    """An SSN trace is no part of the report; what a revised report no longer says is gone."""
    return (
        ReportRecord.request_id == request_id,
        ReportRecord.gone_at.is_(None),
        sa.or_(CheckResult.id.is_(None), CheckResult.reportable),
    )


def before_wall(case: Case, found: Sequence[Pair]) -> tuple[tuple[Pair, ...], int]:
    """Those that may be read, and how many are behind the wall."""
    hidden = behind_wall(case)
    shown = tuple(pair for pair in found if not (hidden and pair[0].criminal))
    return shown, len(found) - len(shown)


def behind_wall(case: Case) -> bool:
    """Whether criminal and driving records are closed to everybody: New York City, until the offer is made and the first stage done.

    Rules that nobody has cleared count as having two stages.
    """
    if case.ruling is not None and not case.ruling.two_stages:
        return False
    stages = list(AskStage)
    if stages.index(AskStage(case.application.stage)) < stages.index(AskStage.OFFER):
        return True
    return case.request.part == Part.SECOND and case.first_decision != Decision.ACCEPTED


def report_closed(session: Session, case: Case) -> bool:
    """Whether the report as a whole stays closed: what is behind the wall was ordered, or is in it though nobody ordered it."""
    if not behind_wall(case):
        return False
    criminal = sa.select(CheckResult.id).where(CheckResult.request_id == case.request.id, CheckResult.criminal)
    return case.request.criminal or session.scalars(criminal.limit(1)).first() is not None
