"""A request with everything its case rests on, read at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from app.connections.models import Connection
from app.core.access import Can
from app.core.clock import now
from app.core.db import current_tenant
from app.core.errors import NotFound
from app.core.events import Actor
from app.people.models import Company
from app.screening.jurisdictions import rulebook
from app.screening.models import Candidate, FrozenRuling, JobApplication, ScreeningPolicy, ScreeningRequest
from app.screening.rules.calendars import day_there
from app.screening.rules.jurisdictions import Ruling, thaw
from app.screening.rules.places import Place
from app.screening.services.candidates import residence, work_place
from app.screening.services.policy import defaults
from app.screening.services.scope import visible

ANYWHERE = ("Etc/GMT+12", "Etc/GMT-14")
"""The zones in which a day begins last and first: for a place we know no zone of, so that nobody loses an hour."""


@dataclass(frozen=True, slots=True)
class Case:
    """Attributes:
    ruling: the frozen rules; None while a person must clear them first.
    first_decision: of the first part, where this is the second of New York City's two.
    """

    request: ScreeningRequest
    candidate: Candidate
    application: JobApplication
    connection: Connection
    company: Company
    policy: ScreeningPolicy
    ruling: Ruling | None
    first_decision: str | None = None

    @property
    def work(self) -> Place:
        return work_place(self.application)

    @property
    def residence(self) -> Place:
        return residence(self.candidate, self.application)

    @property
    def zones(self) -> tuple[str, ...]:
        """Of the job and of where the candidate lives."""
        known = rulebook().zones
        return tuple(
            zone for place in (self.work, self.residence)
            for zone in (known.get(place.state, ANYWHERE) if place.country == "US" else ANYWHERE)
        )  # fmt: skip

    def today(self, moment: datetime | None = None) -> date:
        """The earliest day it may be there: a time that is over is over everywhere."""
        return min(day_there(moment or now(), (zone,)) for zone in self.zones)

    def day_of(self, moment: datetime) -> date:
        """The day on which something happened, the latest it may have been there: a wait ends later from it."""
        return day_there(moment, self.zones)


def place_of(values: dict[str, object] | None) -> Place:
    """A place as a row keeps it; without one, a place of which nothing is known."""
    known = {name: value for name, value in (values or {}).items() if name in Place._fields}
    return Place(**{"country": ""} | known)  # type: ignore[arg-type]


def load(session: Session, request: ScreeningRequest) -> Case:
    """In one query.

    Raises:
        NotFound: the request, or a row it rests on, is gone.
    """
    return _found(session, ScreeningRequest.id == request.id)


def case(session: Session, actor: Actor, request_id: UUID, permission: Can) -> Case:
    """The case behind a page, in one query.

    Raises:
        NotFound: no such request, or outside the actor's scope.
    """
    return _found(session, sa.and_(ScreeningRequest.id == request_id, visible(actor, permission)))


def _found(session: Session, wanted: sa.ColumnElement[bool]) -> Case:
    first = aliased(ScreeningRequest)
    query = (
        sa.select(
            ScreeningRequest,
            Candidate,
            JobApplication,
            Connection,
            Company,
            ScreeningPolicy,
            FrozenRuling,
            first.decision,
        )
        .select_from(ScreeningRequest)
        .join(Candidate, _same(Candidate, ScreeningRequest.candidate_id))
        .join(JobApplication, _same(JobApplication, ScreeningRequest.application_id))
        .join(Connection, _same(Connection, ScreeningRequest.connection_id))
        .join(Company, _same(Company, ScreeningRequest.company_id))
        .outerjoin(ScreeningPolicy, _same(ScreeningPolicy, ScreeningRequest.company_id))
        .outerjoin(FrozenRuling, _same(FrozenRuling, ScreeningRequest.ruling_id))
        .outerjoin(first, _same(first, ScreeningRequest.first_part_id))
        .where(ScreeningRequest.company_id == current_tenant(), wanted)
    )
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotFound
    request, candidate, application, connection, company, policy, frozen, decision = found
    ruling = (
        thaw({"version": frozen.version, "rows": frozen.rows}) if frozen is not None and not request.stops else None
    )
    return Case(request, candidate, application, connection, company, policy or defaults(), ruling, decision)


def _same(table: Any, column: Any) -> sa.ColumnElement[bool]:
    return sa.and_(table.company_id == ScreeningRequest.company_id, table.id == column)
