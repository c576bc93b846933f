"""One request as its recruiter may see it: facts, searches without results, and what happened. No record is read here."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from app.accounts.models import User
from app.connections.models import Connection
from app.core.access import Can
from app.core.db import own_company
from app.core.errors import NotFound
from app.core.events import Actor, AuditEvent
from app.screening.models import Candidate, CandidateLink, JobApplication, ScreeningPackage, ScreeningRequest
from app.screening.services import board, scope

NAMES = (
    "screening.request.initiated", "screening.request.held", "screening.request.released", "screening.request.ordered",
    "screening.request.uncertain", "screening.request.refused", "screening.request.canceled", "screening.request.extended",
    "screening.request.retried", "screening.request.found", "screening.hold.set", "screening.hold.lifted",
    "screening.link.asked", "screening.link.held", "screening.link.sent", "screening.link.opened", "screening.link.bounced",
    "screening.consent.given", "screening.consent.declined", "screening.consent.withdrawn", "screening.consent.asked",
    "screening.paper.asked", "screening.report.changed", "screening.report.completed", "screening.decision.made",
    "screening.application.moved", "screening.candidate.corrected",
)  # fmt: skip
"""What a recruiter may know of. What is weighed, written and answered about a report is not among it."""

LIMIT = 200


class Facts(NamedTuple):
    """`row`: the line of the board, which says where it stands."""

    request: ScreeningRequest
    row: board.BoardRow
    candidate: Candidate
    application: JobApplication
    package: ScreeningPackage
    connection: Connection
    manager: str


class Happened(NamedTuple):
    """`who` is a user's name, empty for a job, the candidate or a provider; `source` is the kind of actor."""

    name: str
    at: datetime
    who: str
    source: str
    new: dict[str, Any]
    reason: str


def facts(session: Session, actor: Actor, request_id: UUID) -> Facts:
    """In two queries. Raises NotFound for a request the actor may not see."""
    manager = aliased(User)
    query = (
        sa.select(ScreeningRequest, Candidate, JobApplication, ScreeningPackage, Connection, manager.display_name)
        .join(Candidate, Candidate.id == ScreeningRequest.candidate_id)
        .join(JobApplication, JobApplication.id == ScreeningRequest.application_id)
        .join(ScreeningPackage, ScreeningPackage.id == ScreeningRequest.package_id)
        .join(Connection, Connection.id == ScreeningRequest.connection_id)
        .outerjoin(manager, manager.id == ScreeningRequest.hiring_manager_user_id)
        .where(ScreeningRequest.id == request_id, scope.visible(actor, Can.CHECK_VIEW))
    )
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotFound
    return Facts(found[0], board.line(session, actor, request_id), *found[1:5], found[5] or "")


def history(session: Session, request: ScreeningRequest) -> list[Happened]:
    """What happened, newest first. One query; the caller has checked that the actor may see the request."""
    links = sa.select(CandidateLink.id).where(CandidateLink.request_id == request.id)
    about = sa.or_(
        AuditEvent.entity_id.in_([request.id, request.application_id, request.candidate_id]),
        AuditEvent.entity_id.in_(links),
    )
    query = (
        sa.select(
            AuditEvent.name, AuditEvent.occurred_at, User.display_name, AuditEvent.actor_kind, AuditEvent.new_values,
            AuditEvent.reason,
        )
        .options(own_company)
        .outerjoin(User, User.id == AuditEvent.actor_user_id)
        .where(
            AuditEvent.entity_type.in_(["screening_request", "job_application", "candidate", "candidate_link"]), about,
            AuditEvent.name.in_(NAMES), AuditEvent.occurred_at >= request.created_at,
        )
        .order_by(AuditEvent.occurred_at.desc(), AuditEvent.id.desc())
        .limit(LIMIT)
    )  # fmt: skip
    return [Happened(r[0], r[1], r[2] or "", r[3], r[4] or {}, r[5]) for r in session.connection().execute(query)]
