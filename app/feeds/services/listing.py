"""Lists and pages of feed files: Core rows, keyset paging, capped counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from app.accounts.models import User
from app.connections.models import Connection
from app.core import storage
from app.core.access import Can
from app.core.clock import now
from app.core.db import fetch
from app.core.errors import NotFound
from app.core.events import Actor, AuditEvent, Risk, Sensitivity, record, record_read
from app.feeds.models import CarrierChange, ChangeStatus, FeedFile, FeedMember, FileState
from app.feeds.services.carriers import EDI
from app.feeds.services.discrepancies import COUNT_CAP, PAGE, Listed
from app.people import services as people
from app.people.models import Employee


@dataclass(frozen=True, slots=True)
class FileFilters:
    state: str = ""
    connection_id: UUID | None = None
    overdue: bool = False


def files(session: Session, actor: Actor, filters: FileFilters, after: str = "") -> Listed:
    """One page of files, newest first. Two queries."""
    actor.require(Can.FEED_VIEW)
    query: Any = sa.select(
        FeedFile.id, FeedFile.name, FeedFile.kind, FeedFile.usage, FeedFile.gs06, FeedFile.state, FeedFile.members,
        FeedFile.made_at, FeedFile.sent_at, FeedFile.acknowledge_by, FeedFile.alarm_at, FeedFile.send_problem,
        Connection.name.label("carrier"),
    ).join(Connection, sa.and_(Connection.company_id == FeedFile.company_id, Connection.id == FeedFile.connection_id))  # fmt: skip
    query = filtered(query, filters)
    if after:
        query = query.where(FeedFile.id < _uuid(after))
    rows = list(session.execute(query.order_by(FeedFile.id.desc()).limit(PAGE + 1)))
    more, rows = len(rows) > PAGE, rows[:PAGE]
    counted = filtered(sa.select(FeedFile.id), filters).limit(COUNT_CAP).subquery()
    total = session.scalar(sa.select(sa.func.count()).select_from(counted)) or 0
    return Listed(rows, str(rows[-1].id) if more else "", total)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


def filtered(query: Any, filters: FileFilters) -> Any:
    """A query of files, held to these filters."""
    if filters.state:
        query = query.where(FeedFile.state == filters.state)
    if filters.connection_id:
        query = query.where(FeedFile.connection_id == filters.connection_id)
    if filters.overdue:
        query = query.where(FeedFile.state == FileState.SENT, FeedFile.acknowledge_by < now())
    return query


def carriers(session: Session) -> list[Any]:
    """Every feed with how many changes wait, are set aside or were rejected. One query."""
    waiting = _counted(ChangeStatus.READY, CarrierChange.feed_file_id.is_(None))
    trouble = _counted(ChangeStatus.DRAFT, sa.true()) + _counted(ChangeStatus.SYNTAX_REJECTED, sa.true())
    query = (
        sa.select(
            Connection.id, Connection.name, Connection.phase, Connection.status, waiting.label("waiting"),
            trouble.label("trouble"),
        )
        .outerjoin(
            CarrierChange,
            sa.and_(
                CarrierChange.company_id == Connection.company_id,
                CarrierChange.connection_id == Connection.id,
                CarrierChange.status.in_((ChangeStatus.READY, ChangeStatus.DRAFT, ChangeStatus.SYNTAX_REJECTED)),
            ),
        )
        .where(Connection.adapter == EDI, Connection.is_active)
        .group_by(Connection.id, Connection.name, Connection.phase, Connection.status)
        .order_by(Connection.name)
    )  # fmt: skip
    return list(session.execute(query))


def _counted(status: ChangeStatus, also: sa.ColumnElement[bool]) -> Any:
    return sa.func.count(CarrierChange.id).filter(sa.and_(CarrierChange.status == status, also))


@dataclass(frozen=True, slots=True)
class FilePage:
    file: FeedFile
    connection: Connection
    maker: str
    releaser: str


def file_page(session: Session, actor: Actor, file_id: UUID | str) -> FilePage:
    """One file with its connection and who made and released it, in one query.

    Raises:
        NotFound: a file of another tenant.
    """
    actor.require(Can.FEED_VIEW)
    maker, releaser = aliased(User), aliased(User)
    query = (
        sa.select(FeedFile, Connection, _called(maker), _called(releaser))
        .join(
            Connection, sa.and_(Connection.company_id == FeedFile.company_id, Connection.id == FeedFile.connection_id)
        )
        .outerjoin(maker, sa.and_(maker.company_id == FeedFile.company_id, maker.id == FeedFile.made_by_user_id))
        .outerjoin(
            releaser,
            sa.and_(releaser.company_id == FeedFile.company_id, releaser.id == FeedFile.released_by_user_id),
        )
        .where(FeedFile.id == _uuid(str(file_id)))
    )
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound
    return FilePage(*row)


def _called(user: Any) -> Any:
    """A user's name, else the address, else nothing."""
    return sa.func.coalesce(sa.func.nullif(user.display_name, ""), user.email, "")


def members(session: Session, actor: Actor, file: FeedFile, after: str = "", *, trouble: bool = False) -> Listed:
    """Who was told what in which ST, of the people the actor may see. Two queries."""
    base = _members(sa.select(FeedMember.id), actor, file, trouble=trouble)
    query = _members(
        sa.select(
            FeedMember.id, FeedMember.member_key, FeedMember.employee_id, FeedMember.st02, FeedMember.maintenance,
            FeedMember.coverages, FeedMember.outcome, FeedMember.problem,
        ),
        actor,
        file,
        trouble=trouble,
    )  # fmt: skip
    if after:
        query = query.where(FeedMember.member_key > after)
    rows = list(session.execute(query.order_by(FeedMember.member_key).limit(PAGE + 1)))
    more, rows = len(rows) > PAGE, rows[:PAGE]
    total = session.scalar(sa.select(sa.func.count()).select_from(base.limit(COUNT_CAP).subquery())) or 0
    return Listed(rows, rows[-1].member_key if more else "", total)


def _members(query: Any, actor: Actor, file: FeedFile, *, trouble: bool) -> Any:
    query = query.join(
        Employee, sa.and_(Employee.company_id == FeedMember.company_id, Employee.id == FeedMember.employee_id)
    ).where(FeedMember.feed_file_id == file.id, people.visible(actor, Can.FEED_VIEW))
    return query.where(FeedMember.outcome == "rejected") if trouble else query


def history(session: Session, file_id: UUID) -> list[Any]:
    """The audit of one file, oldest first, for its timeline."""
    query = (
        sa.select(AuditEvent.name, AuditEvent.occurred_at, AuditEvent.new_values, AuditEvent.reason, AuditEvent.actor_label, User.display_name)
        .outerjoin(User, sa.and_(User.company_id == AuditEvent.company_id, User.id == AuditEvent.actor_user_id))
        .where(AuditEvent.entity_type == "feed_file", AuditEvent.entity_id == file_id, AuditEvent.name.not_like("%.viewed"))
        .order_by(AuditEvent.id)
        .limit(100)
    )  # fmt: skip
    return list(session.execute(query))


def raw_bytes(session: Session, actor: Actor, file_id: UUID | str) -> tuple[FeedFile, bytes]:
    """The exact bytes, for a person who manages feeds. Every download is recorded.

    Raises:
        Forbidden: no such permission. NotFound: no such file, or its bytes were never made.
    """
    actor.require(Can.FEED_MANAGE)
    file = fetch(session, FeedFile, file_id)
    if file.file_id is None:
        raise NotFound
    data = storage.read(session, file.file_id)
    event = {"sha256": file.sha256.hex() if file.sha256 else ""}
    record(session, actor, "feeds.file.downloaded", file, new=event, risk=Risk.HIGH, sensitivity=Sensitivity.PHI)
    return file, data


def decoded(session: Session, actor: Actor, file_id: UUID | str) -> tuple[FeedFile, bytes]:
    """The bytes for the decoded view, which masks numbers; reading it is recorded."""
    actor.require(Can.FEED_VIEW)
    file = fetch(session, FeedFile, file_id)
    if file.file_id is None:
        raise NotFound
    record_read(session, actor, "feeds.file.viewed", file)
    return file, storage.read(session, file.file_id)
