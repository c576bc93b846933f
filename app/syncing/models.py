"""Runs, cursors and records. Field source: integration_sync_log of the integration framework."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.crypto import EncryptedField
from app.core.db import Base, Tenant, choices, refs
from app.syncing.rules import MOST_GONE_PERCENT, Conflicts, Mode, RecordState, RunState

__all__ = [
    "Conflicts",
    "IntegrationDay",
    "Mode",
    "RecordState",
    "RemoteRecord",
    "RunState",
    "SyncCursor",
    "SyncPlan",
    "SyncRun",
]


class SyncPlan(Tenant, Base):
    """How a connection's records are kept in step. How often: `connection.sync_frequency`."""

    __tablename__ = "sync_plan"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "connection_id"),
        sa.CheckConstraint("most_gone_percent BETWEEN 0 AND 100", name="most_gone_percent_valid"),
        sa.Index("ix_sync_plan_due", "company_id", "next_run_at", postgresql_where=sa.text("is_on")),
        choices("conflicts", Conflicts),
        *refs(connection_id="connection"),
    )

    connection_id: Mapped[UUID]
    is_on: Mapped[bool] = mapped_column(default=False)
    conflicts: Mapped[str] = mapped_column(default=Conflicts.PROVIDER.value)
    most_gone_percent: Mapped[int] = mapped_column(default=MOST_GONE_PERCENT)
    next_run_at: Mapped[datetime | None]
    activated_at: Mapped[datetime | None]
    activated_by_user_id: Mapped[UUID | None]


class SyncRun(Tenant, Base):
    """One reading of a connection's records: integration_sync_log. A dry run changes nothing and keeps what it would have changed."""

    __tablename__ = "sync_run"
    __table_args__ = (
        sa.Index(None, "company_id", "connection_id", "id"),
        sa.Index(
            "uq_sync_run_open",
            "company_id",
            "connection_id",
            unique=True,
            postgresql_where=sa.text("state IN ('waiting', 'running')"),
        ),
        choices("state", RunState),
        choices("mode", Mode),
        *refs(connection_id="connection"),
    )

    connection_id: Mapped[UUID]
    integration_type: Mapped[str]  # the adapter's category
    provider: Mapped[str]  # the adapter's slug
    mode: Mapped[str]
    is_dry: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(default=RunState.WAITING.value)
    parts: Mapped[dict[str, Any]] = mapped_column(default=dict)  # by resource: mode, counts, whether it is done
    records_processed: Mapped[int] = mapped_column(default=0)
    records_failed: Mapped[int] = mapped_column(default=0)
    failure: Mapped[str] = mapped_column(default="")  # a code; what it means is said by the page
    diff: EncryptedField[list[Any]] = EncryptedField(list)  # of a dry run
    samples: EncryptedField[dict[str, Any]] = EncryptedField(
        dict
    )  # of the newest dry run: a few raw records by resource, to try a mapping on
    asked_by_user_id: Mapped[UUID | None]  # None: by its schedule
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]


class SyncCursor(Tenant, Base):
    """Where reading a resource goes on. It is written in the transaction that keeps the page before it, and nowhere else."""

    __tablename__ = "sync_cursor"
    __table_args__ = (sa.UniqueConstraint("company_id", "connection_id", "resource"), *refs(connection_id="connection"))

    connection_id: Mapped[UUID]
    resource: Mapped[str]
    cursor: Mapped[dict[str, Any]] = mapped_column(default=dict)
    mapped_as: Mapped[str] = mapped_column(default="")  # the fingerprint of how the rows behind it were mapped
    run_id: Mapped[UUID | None]  # the run that is under way; None between runs
    page_no: Mapped[int] = mapped_column(default=0)


class RemoteRecord(Tenant, Base):
    """A provider's record as it was last read, and which of our rows it is."""

    __tablename__ = "remote_record"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "connection_id", "resource", "remote_id"),
        sa.Index("ix_remote_record_state", "company_id", "connection_id", "state", "id"),
        sa.Index("ix_remote_record_kind", "company_id", "connection_id", "kind", "remote_id"),
        sa.Index("ix_remote_record_local", "company_id", "local_id", postgresql_where=sa.text("local_id IS NOT NULL")),
        sa.Index("ix_remote_record_due", "company_id", "due_on", postgresql_where=sa.text("due_on IS NOT NULL")),
        choices("state", RecordState),
        *(item for item in refs(connection_id="connection") if not isinstance(item, sa.Index)),
    )

    connection_id: Mapped[UUID]
    resource: Mapped[str]
    kind: Mapped[str]
    remote_id: Mapped[str] = mapped_column(sa.Text(collation="C"))
    raw: EncryptedField[dict[str, Any]] = EncryptedField(dict)
    values: EncryptedField[dict[str, Any]] = EncryptedField(dict)  # mapped; as last taken, to see who changed what
    digest: Mapped[bytes | None]  # keyed, of the mapped record: the same again is not taken again
    state: Mapped[str]
    problems: Mapped[dict[str, Any]] = mapped_column(default=dict)  # our field → what is wrong, never the value
    local_id: Mapped[UUID | None]
    seen_run_id: Mapped[UUID | None]
    seen_at: Mapped[datetime]
    due_on: Mapped[date | None]
    gone_at: Mapped[datetime | None]


class IntegrationDay(Tenant, Base):
    """How a connection did on one day (UTC), from its exchanges and runs: benefits_integration_monitoring.

    Shares are percentages; None: nothing was said or read that day, so nobody knows.
    """

    __tablename__ = "integration_day"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "connection_id", "day_on"),
        *(item for item in refs(connection_id="connection") if not isinstance(item, sa.Index)),
    )

    connection_id: Mapped[UUID]
    day_on: Mapped[date]
    requests: Mapped[int] = mapped_column(default=0)
    throttled: Mapped[int] = mapped_column(default=0)  # answers that said: too often
    api_response_time_ms: Mapped[int | None]  # the median
    slowest_ms: Mapped[int | None]  # of nineteen in twenty: the 95th percentile
    error_rate: Mapped[Decimal | None] = mapped_column(sa.Numeric(5, 2))
    availability_percentage: Mapped[Decimal | None] = mapped_column(sa.Numeric(5, 2))
    connection_drops: Mapped[int] = mapped_column(default=0)
    timeout_incidents: Mapped[int] = mapped_column(default=0)
    sync_success_rate: Mapped[Decimal | None] = mapped_column(sa.Numeric(5, 2))
    data_accuracy_score: Mapped[Decimal | None] = mapped_column(sa.Numeric(5, 2))  # records read without a problem
    validation_failures: Mapped[int] = mapped_column(default=0)
    critical_incidents: Mapped[int] = mapped_column(default=0)  # runs that failed
    warning_incidents: Mapped[int] = mapped_column(default=0)  # runs that were held
    sla_compliance: Mapped[bool | None]
