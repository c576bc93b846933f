"""One form, one check: candidate, application and request together, or none of them. Sent twice, it orders once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.models import Role, RoleAssignment, User
from app.core.access import Can, Scope
from app.core.clock import today
from app.core.db import fetch, own_company
from app.core.errors import Forbidden, Invalid
from app.core.events import Actor
from app.people.models import Department
from app.screening.models import Candidate, ScreeningPackage, ScreeningRequest
from app.screening.rules.jurisdictions import Ruling, StopsForPerson
from app.screening.rules.places import Place
from app.screening.rules.states import Bucket, Part
from app.screening.services import candidates, ordering, rulings
from app.screening.services.candidates import NewApplication, NewCandidate
from app.screening.services.ordering import NewOrder


@dataclass(frozen=True, slots=True)
class Demand:
    """What the places of a job demand, before anything is ordered. ruling: what would apply, even where a person must look first."""

    ruling: Ruling
    stops: tuple[Any, ...] = ()


def demand(session: Session, work: Place, home: Place | None) -> Demand:
    """In two queries."""
    found = rulings.foreseen(session, work, home or work, on=today())
    return Demand(found.provisional, found.stops) if isinstance(found, StopsForPerson) else Demand(found)


def request_check(
    session: Session, actor: Actor, person: NewCandidate, job: NewApplication, facts: NewOrder
) -> ScreeningRequest:
    """Order one check. `job.id` is the key of the form.

    Raises:
        Forbidden: the actor may not order, or not for this department.
        Invalid: by field, everything that is wrong at once.
    """
    actor.require(Can.CHECK_ORDER)
    job = _placed(session, actor, job)
    if job.id is not None:
        _one_at_a_time(session, job.id)
        known = _requested(session, job.id)
        if known is not None:
            return known
    problems = candidates.candidate_problems(person) | candidates.application_problems(job)
    facts, misfit = _staged(session, person, job, facts)
    if problems or misfit:
        raise Invalid(problems | misfit)
    candidate = candidates.add_candidate(session, actor, person)
    session.flush()
    application = candidates.add_application(session, actor, candidate, job)
    session.flush()
    made = ordering.order(session, actor, candidate, application, facts)
    session.flush()
    return made


def _one_at_a_time(session: Session, key: UUID) -> None:
    """A double tap waits here for the first one."""
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(str(key), 0))))


def _requested(session: Session, application_id: UUID) -> ScreeningRequest | None:
    query = sa.select(ScreeningRequest).where(ScreeningRequest.application_id == application_id)
    return session.scalars(query.order_by(ScreeningRequest.id).limit(1)).first()


def _placed(session: Session, actor: Actor, job: NewApplication) -> NewApplication:
    """The department brings its region. Whoever orders for some places only, orders for one of them."""
    if job.department_id is not None:
        job = replace(job, region_id=fetch(session, Department, job.department_id).region_id)
    scope = actor.scope(Can.CHECK_ORDER)
    place = {Scope.DEPARTMENT: job.department_id, Scope.REGION: job.region_id}.get(scope)
    if scope in (Scope.DEPARTMENT, Scope.REGION) and place not in actor.places_of(Can.CHECK_ORDER):
        if job.department_id is not None:
            raise Forbidden
        raise Invalid({"department": "Choose the department. You order for your own only"})
    return job


def _staged(
    session: Session, person: NewCandidate, job: NewApplication, facts: NewOrder
) -> tuple[NewOrder, dict[str, str]]:
    """New York City's two stages: a package without criminal and driving records is the first; one with them comes second."""
    if facts.part is not Part.WHOLE or not demand(session, job.work, person.residence).ruling.two_stages:
        return facts, {}
    if fetch(session, ScreeningPackage, facts.package_id).criminal:
        return facts, {"package": TWO_STAGES}
    return replace(facts, part=Part.FIRST), {}


TWO_STAGES = "This place asks for two stages. Choose a package without criminal and driving records first"


class Known(NamedTuple):
    """A candidate with this address, and how many of their checks run."""

    id: UUID
    name: str
    running: int


def known(session: Session, actor: Actor, email: str) -> Known | None:
    """Who has this address already. One query."""
    actor.require(Can.CHECK_ORDER)
    if "@" not in email:
        return None
    running = (
        sa.select(sa.func.count())
        .select_from(ScreeningRequest)
        .where(ScreeningRequest.candidate_id == Candidate.id, ScreeningRequest.bucket != Bucket.DONE.value)
        .correlate(Candidate)
        .scalar_subquery()
    )
    query = sa.select(Candidate, running).where(Candidate.email.matches(email.strip()), Candidate.erased_at.is_(None))
    row = session.execute(query.order_by(Candidate.id).limit(1)).first()
    return None if row is None else Known(row[0].id, candidates.name_of(row[0]), row[1])


class People(NamedTuple):
    """(id, name) of who may be named in an order."""

    managers: list[tuple[str, str]]
    departments: list[tuple[str, str]]


def people(session: Session, actor: Actor) -> People:
    """Hiring managers, and the departments the actor orders for. One query."""
    follows = (
        sa.select(RoleAssignment.user_id).join(Role, Role.id == RoleAssignment.role_id).where(Role.can_follow_checks)
    )
    places = sa.select(sa.literal("place").label("kind"), Department.id, Department.name.label("name"))
    scope, mine = actor.scope(Can.CHECK_ORDER), actor.places_of(Can.CHECK_ORDER)
    if scope in (Scope.DEPARTMENT, Scope.REGION):
        places = places.where((Department.id if scope is Scope.DEPARTMENT else Department.region_id).in_(mine))
    named = sa.select(sa.literal("user"), User.id, User.display_name).where(
        User.id.in_(follows), User.deleted_at.is_(None)
    )
    found = People([], [])
    for row in session.execute(sa.union_all(places, named).order_by(sa.text("name")).options(own_company)):
        (found.managers if row.kind == "user" else found.departments).append((str(row.id), row.name))
    return found
