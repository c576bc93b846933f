"""Selection rates by sex and by race or ethnicity, for people who may see counts and nobody's answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.access import Can
from app.core.clock import now
from app.core.events import Actor, Regulation, Risk, Sensitivity, record
from app.integrations.screening import Status
from app.screening.models import CandidateSurvey, JobApplication, ScreeningRequest
from app.screening.rules.impact import Compared, Count, Ethnicity, Sex, compare
from app.screening.rules.outcomes import Decision
from app.screening.rules.words import AskStage
from app.screening.services.scope import visible

_SURVEY = CandidateSurvey.__table__.c  # its sealed columns


class Step(StrEnum):
    """Where people may drop out, in order."""

    OFFER = "offer"
    REVIEW = "review"
    PRE_ADVERSE = "pre_adverse"
    FINAL = "final"


def _complete(row: Any) -> bool:
    return bool(row.provider_status == Status.COMPLETE)


_REACHED: Mapping[Step, Callable[[Any], bool]] = {
    Step.OFFER: bool,
    Step.REVIEW: _complete,
    Step.PRE_ADVERSE: _complete,
    Step.FINAL: lambda row: row.decision != Decision.PENDING,
}
_SELECTED: Mapping[Step, Callable[[Any], bool]] = {
    Step.OFFER: lambda row: row.hiring_stage == AskStage.OFFER,
    Step.REVIEW: lambda row: row.clear,
    Step.PRE_ADVERSE: lambda row: row.notified_at is None,
    Step.FINAL: lambda row: row.decision == Decision.ACCEPTED,
}


@dataclass(frozen=True, slots=True)
class Sifted:
    """year: in which the check began; None: every year. package: the provider's slug."""

    year: int | None = None
    package: str = ""
    job_family: str = ""


@dataclass(frozen=True, slots=True)
class Indicator:
    """Attributes:
    by_sex, by_ethnicity: for each step, the groups that answered.
    asked: applications that were looked at; answered: those whose candidate said one of the two.
    """

    by_sex: Mapping[Step, list[Compared]]
    by_ethnicity: Mapping[Step, list[Compared]]
    asked: int
    answered: int


def indicator(session: Session, actor: Actor, sifted: Sifted) -> Indicator:
    """One query; the answers are opened here and leave as counts.

    Raises:
        Forbidden: the actor may not see counts by sex and ethnicity.
    """
    actor.require(Can.SURVEY_VIEW)
    rows = list({row.application_id: row for row in _rows(session, actor, sifted)}.values())
    opened = [(row, *_answers(actor, row)) for row in rows]
    answered = sum(any(value not in ("", Sex.DECLINED) for value in (sex, kind)) for _row, sex, kind in opened)
    return Indicator(
        _steps([(row, sex) for row, sex, _kind in opened], [one.value for one in Sex]),
        _steps([(row, kind) for row, _sex, kind in opened], [one.value for one in Ethnicity]),
        len(rows), answered,
    )  # fmt: skip


def _rows(session: Session, actor: Actor, sifted: Sifted) -> Iterable[Any]:
    """One row per request that was not canceled; of one application the newest comes last."""
    query = (
        sa.select(
            ScreeningRequest.application_id, ScreeningRequest.provider_status, ScreeningRequest.clear, ScreeningRequest.notified_at,
            ScreeningRequest.decision, JobApplication.stage.label("hiring_stage"), CandidateSurvey.id.label("survey_id"),
            _SURVEY.sex_enc, _SURVEY.ethnicity_enc,
        )
        .join(JobApplication, _same(JobApplication, JobApplication.id == ScreeningRequest.application_id))
        .outerjoin(CandidateSurvey, _same(CandidateSurvey, CandidateSurvey.candidate_id == ScreeningRequest.candidate_id))
        .where(visible(actor, Can.SURVEY_VIEW), ScreeningRequest.canceled_at.is_(None))
        .order_by(ScreeningRequest.initiated_at, ScreeningRequest.id)
    )  # fmt: skip
    if sifted.year is not None:
        first, last = (datetime(year, 1, 1, tzinfo=UTC) for year in (sifted.year, sifted.year + 1))
        query = query.where(ScreeningRequest.initiated_at >= first, ScreeningRequest.initiated_at < last)
    if sifted.package:
        query = query.where(ScreeningRequest.screening_package == sifted.package)
    if sifted.job_family:
        query = query.where(JobApplication.job_family == sifted.job_family)
    return session.execute(query)


def _same(table: Any, *conditions: Any) -> sa.ColumnElement[bool]:
    return sa.and_(table.company_id == ScreeningRequest.company_id, *conditions)


def _answers(actor: Actor, row: Any) -> tuple[str, str]:
    if row.survey_id is None:
        return "", ""
    return (
        CandidateSurvey.sex.open(actor.company_id, row.survey_id, row.sex_enc) or "",
        CandidateSurvey.ethnicity.open(actor.company_id, row.survey_id, row.ethnicity_enc) or "",
    )


def _steps(rows: Sequence[tuple[Any, str]], groups: Sequence[str]) -> dict[Step, list[Compared]]:
    """People who did not answer, or would not, are in no group."""
    said = [(row, group) for row, group in rows if group in groups and group != Sex.DECLINED]
    found = {}
    for step in Step:
        reached = [(row, group) for row, group in said if _REACHED[step](row)]
        total = Counter(group for _row, group in reached)
        selected = Counter(group for row, group in reached if _SELECTED[step](row))
        found[step] = compare({group: Count(total[group], selected[group]) for group in groups if total[group]})
    return found


def choices(session: Session, actor: Actor) -> tuple[list[str], list[str], int]:
    """Packages, job families, and the year of the first check. One query."""
    actor.require(Can.SURVEY_VIEW)
    query = (
        sa.select(
            sa.func.array_agg(sa.distinct(ScreeningRequest.screening_package)), sa.func.array_agg(sa.distinct(JobApplication.job_family)),
            sa.func.min(ScreeningRequest.initiated_at),
        )
        .join(JobApplication, _same(JobApplication, JobApplication.id == ScreeningRequest.application_id))
        .where(visible(actor, Can.SURVEY_VIEW))
    )  # fmt: skip
    packages, families, first = session.execute(query).one()
    year = (first or now()).year
    return sorted(packages or []), sorted(family for family in families or [] if family), year


def note_export(session: Session, actor: Actor, sifted: Sifted, groups: int) -> None:
    """Numbers leave: recorded with the filters, and how many groups they hold."""
    record(
        session, actor, "screening.impact.exported", ("screening_request", None), risk=Risk.MEDIUM,
        new={"year": sifted.year, "package": sifted.package, "job_family": sifted.job_family, "groups": groups},
        sensitivity=Sensitivity.CONFIDENTIAL, regulation=Regulation.FCRA,
    )  # fmt: skip
