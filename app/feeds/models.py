"""Change → file → acknowledgement → the carrier's own data. "Accepted by syntax" is never covered."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.crypto import EncryptedField
from app.core.db import Base, Tenant, choices, refs
from app.feeds.rules.words import ChangeKind, ChangeStatus, DiscrepancyState, FileState, Owner, Severity

__all__ = [
    "CarrierChange", "ChangeKind", "ChangeStatus", "ControlNumber", "Discrepancy", "DiscrepancyState", "FeedFile",
    "FeedMember", "FileState", "ManualTask", "Owner", "Severity",
]  # fmt: skip


class CarrierChange(Tenant, Base):
    """One thing one carrier must be told about one coverage (or, without enrollment, about a person's details)."""

    __tablename__ = "carrier_change"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "dedupe_key"),
        sa.Index(None, "company_id", "connection_id", "status"),
        sa.Index("ix_carrier_change_file_set", "company_id", "feed_file_id", "st02"),
        choices("kind", ChangeKind),
        choices("status", ChangeStatus),
        *refs(connection_id="connection", employee_id="employee", enrollment_id="enrollment", feed_file_id="feed_file"),
    )

    connection_id: Mapped[UUID]
    employee_id: Mapped[UUID]
    enrollment_id: Mapped[UUID | None]
    kind: Mapped[str]
    dedupe_key: Mapped[str]
    effective_on: Mapped[date]
    told: Mapped[dict[str, Any]] = mapped_column(
        default=dict
    )  # what this change says: plan, tier, dates, dependents' ids
    status: Mapped[str] = mapped_column(default=ChangeStatus.READY.value)
    feed_file_id: Mapped[UUID | None]
    st02: Mapped[str] = mapped_column(default="")
    problem: Mapped[str] = mapped_column(default="")  # plain words, no personal data
    sent_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]


class FeedFile(Tenant, Base):
    """An 834 we made. The exact bytes are kept in the store; control numbers were allocated in this row's transaction."""

    __tablename__ = "feed_file"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "connection_id", "usage", "gs06"),
        sa.UniqueConstraint("company_id", "connection_id", "usage", "name"),
        sa.Index("ix_feed_file_unsent", "company_id", "connection_id", "state"),
        choices("state", FileState),
        sa.CheckConstraint("usage IN ('T', 'P')", name="usage_known"),
        sa.CheckConstraint("kind IN ('change', 'full')", name="kind_known"),
        *refs(connection_id="connection", file_id="stored_file", replaces_id="feed_file"),
    )

    connection_id: Mapped[UUID]
    kind: Mapped[str]
    usage: Mapped[str]
    isa13: Mapped[int]
    gs06: Mapped[int]
    name: Mapped[str]
    reference: Mapped[str]  # BGN02
    made_at: Mapped[datetime]  # the file's own time stamp: a second attempt writes the same bytes
    state: Mapped[str] = mapped_column(default=FileState.BUILDING.value)
    file_id: Mapped[UUID | None]
    sha256: Mapped[bytes | None]
    members: Mapped[int] = mapped_column(default=0)
    coverages: Mapped[int] = mapped_column(default=0)
    sets: Mapped[int] = mapped_column(default=0)
    findings: Mapped[list[Any]] = mapped_column(default=list)  # of our gate; codes and positions
    difference: Mapped[dict[str, Any]] = mapped_column(default=dict)  # counts against the last accepted file
    hold_reason: Mapped[str] = mapped_column(default="")
    release_reason: Mapped[str] = mapped_column(default="")
    send_problem: Mapped[str] = mapped_column(default="")  # stable code of the last failed delivery
    upload_began_at: Mapped[datetime | None]  # from here on the carrier may have it: look before anything else
    upload_tries: Mapped[int] = mapped_column(default=0)
    made_by_user_id: Mapped[UUID | None]
    released_by_user_id: Mapped[UUID | None]
    released_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    acknowledge_by: Mapped[datetime | None]  # the carrier's SLA; later it is an alarm
    alarm_at: Mapped[datetime | None]
    ta1: Mapped[str] = mapped_column(default="")
    ack: Mapped[dict[str, Any]] = mapped_column(default=dict)
    acknowledged_at: Mapped[datetime | None]
    replaces_id: Mapped[UUID | None]


class ControlNumber(Tenant, Base):
    """Next ISA13/GS06 per partner and usage, taken with FOR UPDATE in the transaction of the file row; never reset."""

    __tablename__ = "control_number"
    __table_args__ = (sa.UniqueConstraint("company_id", "connection_id", "usage"), *refs(connection_id="connection"))

    connection_id: Mapped[UUID]
    usage: Mapped[str]
    next_number: Mapped[int] = mapped_column(default=1)


class FeedMember(Tenant, Base):
    """Which person was told what in which ST of which file; also the picture the next file is compared with."""

    __tablename__ = "feed_member"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "feed_file_id", "member_key"),
        sa.Index("ix_feed_member_picture", "company_id", "connection_id", "usage", "member_key", "gs06"),
        *refs(feed_file_id="feed_file", employee_id="employee", dependent_id="dependent"),
    )

    feed_file_id: Mapped[UUID]
    connection_id: Mapped[UUID]
    usage: Mapped[str]
    gs06: Mapped[int]
    member_key: Mapped[str]  # member number, with a suffix for dependents; no personal data
    employee_id: Mapped[UUID]
    dependent_id: Mapped[UUID | None]
    st02: Mapped[str]
    maintenance: Mapped[str]  # INS03
    position: Mapped[int] = mapped_column(default=0)  # segment number of INS in its ST, for acknowledgements
    identity: EncryptedField[dict[str, Any]] = EncryptedField(dict)  # name, birth date, gender, SSN as told
    mark: Mapped[str] = mapped_column(default="")  # keyed digest of everything told about the person
    coverages: Mapped[dict[str, Any]] = mapped_column(default=dict)  # plan code → [tier, start, end, maintenance, line]
    outcome: Mapped[str] = mapped_column(default="")  # "", accepted, rejected
    problem: Mapped[str] = mapped_column(default="")


class Discrepancy(Tenant, Base):
    """The carrier's data and ours disagree. Opens and closes by comparison; `details` holds both values, encrypted."""

    __tablename__ = "discrepancy"
    __table_args__ = (
        sa.Index(
            "uq_discrepancy_open",
            "company_id",
            "connection_id",
            "fingerprint",
            unique=True,
            postgresql_where=sa.text("state = 'open'"),
        ),
        sa.Index(None, "company_id", "state", "due_on"),
        choices("severity", Severity),
        choices("owner", Owner),
        choices("state", DiscrepancyState),
        *refs(
            connection_id="connection",
            employee_id="employee",
            dependent_id="dependent",
            enrollment_id="enrollment",
            inbox_item_id="inbox_item",
        ),
    )

    connection_id: Mapped[UUID]
    employee_id: Mapped[UUID | None]  # None: the carrier knows somebody we do not
    dependent_id: Mapped[UUID | None]
    enrollment_id: Mapped[UUID | None]
    inbox_item_id: Mapped[UUID | None]
    fingerprint: Mapped[str]  # code and member key: the same finding again is the same row
    code: Mapped[str]
    severity: Mapped[str]
    owner: Mapped[str]
    assignee_user_id: Mapped[UUID | None]
    due_on: Mapped[date]
    state: Mapped[str] = mapped_column(default=DiscrepancyState.OPEN.value)
    details: EncryptedField[dict[str, Any]] = EncryptedField(dict)
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by_user_id: Mapped[UUID | None]
    resolution: Mapped[str] = mapped_column(default="")


class ManualTask(Tenant, Base):
    """A change for a carrier without a feed: a person enters it in the carrier's portal and says so here."""

    __tablename__ = "manual_task"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "change_id"),
        sa.CheckConstraint("state IN ('open', 'done', 'canceled')", name="state_known"),
        *refs(connection_id="connection", change_id="carrier_change"),
    )

    connection_id: Mapped[UUID]
    change_id: Mapped[UUID]
    state: Mapped[str] = mapped_column(default="open")
    due_on: Mapped[date]
    carrier_reference: EncryptedField[str] = EncryptedField()
    done_at: Mapped[datetime | None]
    done_by_user_id: Mapped[UUID | None]
