"""A case for the page of who judges it: everything in five queries, and the look at it written down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from app.accounts.models import User
from app.core.access import Can
from app.core.errors import NotFound
from app.core.events import Actor
from app.screening.models import Assessment, CaseNotice, CheckResult, Happening, MatrixRule, ReportRecord
from app.screening.rules.adverse import Action, Facts, Stage, allowed, missing
from app.screening.rules.gate import Missing
from app.screening.services import adverse, records
from app.screening.services.basis import Basis, before_wall, behind_wall, of_report, rows
from app.screening.services.cases import Case, case
from app.screening.services.records import Shown
from app.screening.services.reports import viewed


@dataclass(frozen=True, slots=True)
class Dossier:
    """Attributes:
    names: of who wrote and agreed. steps: what the stage knows, each with what it still lacks.
    own: the actor ordered the check and may read, but not judge.
    """

    found: Basis
    shown: list[Shown]
    names: dict[UUID, str]
    facts: Facts
    steps: dict[Action, tuple[Missing, ...]]
    own: bool

    @property
    def case(self) -> Case:
        return self.found.case

    @property
    def closed(self) -> bool:
        """Criminal and driving records may not be read yet. Says nothing of whether there are any: that would be a result."""
        return behind_wall(self.case)

    @property
    def unread(self) -> int:
        return sum(item.read_at is None for item in self.found.happened)

    def may(self, action: Action) -> bool:
        return action in self.steps and not self.steps[action]


def dossier(session: Session, actor: Actor, request_id: UUID) -> Dossier:
    """The case as an adjudicator sees it.

    Raises:
        NotFound: no such request, or outside the actor's scope.
    """
    read = case(session, actor, request_id, Can.RECORD_VIEW)
    viewed(session, actor, read.request)
    pairs, walled, matrix = _records(session, read)
    assessments, names = _assessments(session, request_id)
    found = Basis(
        read, pairs, walled, assessments, rows(session, CaseNotice, request_id), rows(session, Happening, request_id)
    )
    facts = adverse.facts_of(found, actor, reason="-")  # the page asks for the reason when it comes to it
    steps = {action: missing(action, Stage(read.request.stage), facts) for action in allowed(read.request.stage)}
    return Dossier(found, records.shown(found, matrix), names, facts, steps, adverse.is_own(actor, read.request))


def _records(
    session: Session, read: Case
) -> tuple[tuple[tuple[ReportRecord, CheckResult | None], ...], int, list[MatrixRule]]:
    """Records with their checks, how many are behind the wall, and the matrix rules for their kinds, in one query."""
    query = (
        sa.select(ReportRecord, CheckResult, MatrixRule)
        .outerjoin(CheckResult, _with(CheckResult, CheckResult.id == ReportRecord.check_id))
        .outerjoin(MatrixRule, _with(MatrixRule, MatrixRule.record_kind == ReportRecord.record_kind))
        .where(*of_report(read.request.id))
        .order_by(ReportRecord.id)
    )
    pairs: dict[UUID, tuple[ReportRecord, CheckResult | None]] = {}
    matrix: dict[UUID, MatrixRule] = {}
    for record, check, rule in session.execute(query):
        pairs[record.id] = (record, check)
        if rule is not None:
            matrix[rule.id] = rule
    shown, walled = before_wall(read, list(pairs.values()))
    return shown, walled, list(matrix.values())


def _with(table: Any, condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.and_(table.company_id == ReportRecord.company_id, condition)


def _assessments(session: Session, request_id: UUID) -> tuple[list[Assessment], dict[UUID, str]]:
    writer, agreer = aliased(User), aliased(User)
    query = (
        sa.select(Assessment, writer, agreer)
        .outerjoin(
            writer, sa.and_(writer.company_id == Assessment.company_id, writer.id == Assessment.written_by_user_id)
        )
        .outerjoin(
            agreer, sa.and_(agreer.company_id == Assessment.company_id, agreer.id == Assessment.agreed_by_user_id)
        )
        .where(Assessment.request_id == request_id)
        .order_by(Assessment.id)
    )
    written, names = [], {}
    for assessment, *people in session.execute(query):
        written.append(assessment)
        names.update({person.id: person.display_name for person in people if person is not None})
    return written, names


def record_of(found: Dossier, record_id: UUID) -> Shown:
    """Raises NotFound: not a record of this report, or behind the wall."""
    row = next((one for one in found.shown if one.row.id == record_id), None)
    if row is None:
        raise NotFound
    return row
