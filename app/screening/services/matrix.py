"""The company's matrix: hints for adjudicators by job family and kind of record. A hint is shown beside a record; it decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.access import Can
from app.core.errors import Invalid, NotFound
from app.core.events import Actor, Regulation, Risk, record
from app.screening.models import JobApplication, MatrixRule
from app.screening.rules.states import Hint
from app.screening.rules.words import RecordKind


def matrix(session: Session, actor: Actor) -> Sequence[MatrixRule]:
    """Every hint, by job family and kind."""
    actor.require(Can.SCREENING_CONFIGURE)
    order = (MatrixRule.job_family, MatrixRule.record_kind, sa.nulls_last(MatrixRule.within_years))
    return session.scalars(sa.select(MatrixRule).order_by(*order)).all()


def families(session: Session) -> Sequence[str]:
    """Job families as applications name them."""
    query = sa.select(JobApplication.job_family).where(JobApplication.job_family != "").distinct()
    return session.scalars(query.order_by(JobApplication.job_family).limit(200)).all()


def add_hint(
    session: Session, actor: Actor, *, job_family: str, kind: RecordKind, within_years: int | None, hint: Hint, note: str = ""
) -> MatrixRule:  # fmt: skip
    """Add a hint. Raises Invalid when there is one for the same job family, kind and age."""
    actor.require(Can.SCREENING_CONFIGURE)
    same = sa.select(MatrixRule.id).where(
        MatrixRule.job_family == job_family.strip(), MatrixRule.record_kind == kind.value,
        MatrixRule.within_years.is_not_distinct_from(within_years),
    )  # fmt: skip
    if session.scalars(same.limit(1)).first() is not None:
        raise Invalid({"record_kind": "There is a hint for this already. Remove that one first"})
    made = MatrixRule(
        job_family=job_family.strip(), record_kind=kind.value, within_years=within_years, hint=hint.value, note=note.strip()
    )  # fmt: skip
    session.add(made)
    session.flush()
    record(
        session, actor, "screening.matrix.changed", made, new=_said(made), risk=Risk.MEDIUM, regulation=Regulation.FCRA
    )
    return made


def remove_hint(session: Session, actor: Actor, hint_id: UUID) -> None:
    """Raises NotFound when it is gone."""
    actor.require(Can.SCREENING_CONFIGURE)
    found = session.scalars(sa.select(MatrixRule).where(MatrixRule.id == hint_id).with_for_update()).one_or_none()
    if found is None:
        raise NotFound
    record(
        session,
        actor,
        "screening.matrix.changed",
        found,
        old=_said(found),
        risk=Risk.MEDIUM,
        regulation=Regulation.FCRA,
    )
    session.delete(found)


def _said(rule: MatrixRule) -> dict[str, object]:
    return {
        "job_family": rule.job_family, "record_kind": rule.record_kind, "within_years": rule.within_years, "hint": rule.hint,
    }  # fmt: skip
