"""Candidates: the list, and one with their applications and requests. Whom an actor sees follows from the requests they see."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.access import Can, Scope
from app.core.db import own_company
from app.core.errors import NotFound
from app.core.events import Actor
from app.people.services import name_matches
from app.screening.models import Candidate, JobApplication, ScreeningRequest
from app.screening.services.board import key_of, opened_name
from app.screening.services.scope import visible

PAGE = 25


class Person(NamedTuple):
    id: UUID
    name: str
    requests: int
    since: datetime
    newest: UUID | None


class Profile(NamedTuple):
    """requests: Core rows with what `words.status` reads, newest first."""

    candidate: Candidate
    applications: list[JobApplication]
    requests: list[Any]


def listing(session: Session, actor: Actor, q: str, after: str = "") -> tuple[list[Person], str]:
    """A page of candidates, newest first. One query."""
    number, newest = _counted(actor)
    query = sa.select(
        Candidate.id, Candidate.id.label("person_id"), Candidate.company_id, Candidate.first_name_enc, Candidate.last_name_enc,  # type: ignore[attr-defined]
        Candidate.created_at, number, newest,
    ).options(own_company).where(_seen(actor), Candidate.erased_at.is_(None))  # fmt: skip
    if q.strip():
        query = query.where(_searched(actor, q.strip()))
    position = key_of(after)
    if position is not None:
        query = query.where(Candidate.id < position)
    rows = session.connection().execute(query.order_by(Candidate.id.desc()).limit(PAGE + 1)).all()
    shown = [Person(row.id, opened_name(row), row.requests, row.created_at, row.newest) for row in rows[:PAGE]]
    return shown, str(shown[-1].id) if len(rows) > PAGE else ""


def _counted(actor: Actor) -> tuple[Any, Any]:
    theirs = (ScreeningRequest.candidate_id == Candidate.id, visible(actor, Can.CHECK_VIEW))
    number = sa.select(sa.func.count()).select_from(ScreeningRequest).where(*theirs).correlate(Candidate)
    newest = (
        sa.select(ScreeningRequest.id).where(*theirs).order_by(ScreeningRequest.id.desc()).limit(1).correlate(Candidate)
    )
    return number.scalar_subquery().label("requests"), newest.scalar_subquery().label("newest")


def _seen(actor: Actor) -> sa.ColumnElement[bool]:
    """Everybody for those who see every request; else who has a request they see, or whom they brought in."""
    if actor.scope(Can.CHECK_VIEW) is Scope.ALL:
        return Candidate.company_id == actor.company_id
    theirs = sa.select(sa.literal(1)).where(
        ScreeningRequest.candidate_id == Candidate.id, visible(actor, Can.CHECK_VIEW)
    )
    return sa.or_(theirs.exists(), Candidate.created_by_user_id == actor.user_id)


def _searched(actor: Actor, text: str) -> sa.ColumnElement[bool]:
    if "@" in text:
        return Candidate.email.matches(text)
    names = name_matches(actor.company_id, text, Candidate.name_tokens)
    return sa.false() if names is None else names


def candidate(session: Session, actor: Actor, candidate_id: UUID) -> Candidate:
    """One candidate. Raises NotFound outside of what the actor sees."""
    query = sa.select(Candidate).where(Candidate.id == candidate_id, _seen(actor), Candidate.erased_at.is_(None))
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound
    return found


def profile(session: Session, actor: Actor, candidate_id: UUID) -> Profile:
    """In three queries."""
    found = candidate(session, actor, candidate_id)
    jobs = sa.select(JobApplication).where(JobApplication.candidate_id == found.id).order_by(JobApplication.id.desc())
    asked = sa.select(ScreeningRequest).where(ScreeningRequest.candidate_id == found.id, visible(actor, Can.CHECK_VIEW))
    return Profile(
        found, list(session.scalars(jobs)), list(session.scalars(asked.order_by(ScreeningRequest.id.desc())))
    )  # fmt: skip
