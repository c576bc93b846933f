"""Connections and the inbox. Field source: benefits_provider_config of both benefits documents."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.connections.rules import ConnectionStatus, InboxState, Phase
from app.core.crypto import EncryptedField
from app.core.db import Base, Tenant, choices, refs

__all__ = ["Connection", "ConnectionStatus", "InboxItem", "InboxState", "Phase"]


class Connection(Tenant, Base):
    """benefits_provider_config: one provider of one company."""

    __tablename__ = "connection"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "code"),
        sa.CheckConstraint("error_count >= 0", name="error_count_valid"),
        sa.CheckConstraint(
            "timeout_seconds > 0 AND rate_limit_per_hour > 0 AND max_retry_attempts >= 0", name="positive_values"
        ),
        choices("status", ConnectionStatus),
        choices("phase", Phase),
    )

    adapter: Mapped[str]  # slug of the folder under integrations/adapters
    name: Mapped[str]
    code: Mapped[str]
    provider_type: Mapped[str] = mapped_column(default="Health Insurance")
    integration_method: Mapped[str] = mapped_column(default="EDI")
    api_endpoint_url: Mapped[str] = mapped_column(default="")
    api_version: Mapped[str] = mapped_column(default="v1")
    authentication_type: Mapped[str] = mapped_column(default="SSH Key")
    credentials: EncryptedField[dict[str, Any]] = EncryptedField(dict)
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)  # the adapter's config model, no secrets
    data_format: Mapped[str] = mapped_column(default="EDI 834")
    encoding_format: Mapped[str] = mapped_column(default="UTF-8")
    sync_frequency: Mapped[str] = mapped_column(default="Daily")
    sync_direction: Mapped[str] = mapped_column(default="Bidirectional")
    phase: Mapped[str] = mapped_column(default=Phase.TEST.value)
    is_primary: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    status: Mapped[str] = mapped_column(default=ConnectionStatus.DISCONNECTED.value)
    last_checked_at: Mapped[datetime | None]
    last_check: Mapped[dict[str, Any]] = mapped_column(default=dict)
    last_sync_at: Mapped[datetime | None]
    last_successful_sync_at: Mapped[datetime | None]
    error_count: Mapped[int] = mapped_column(default=0)
    max_retry_attempts: Mapped[int] = mapped_column(default=3)
    timeout_seconds: Mapped[int] = mapped_column(default=30)
    rate_limit_per_hour: Mapped[int] = mapped_column(default=1000)
    supported_benefit_types: Mapped[list[str]] = mapped_column(default=list)
    compliance_settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    next_poll_at: Mapped[datetime | None]
    created_by_user_id: Mapped[UUID | None]
    updated_by_user_id: Mapped[UUID | None]


class InboxItem(Tenant, Base):
    """Everything that arrives, stored raw before it is understood. The same item twice is stored once."""

    __tablename__ = "inbox_item"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "connection_id", "dedupe_key"),
        sa.Index("ix_inbox_item_remote", "company_id", "connection_id", "remote_mark"),
        choices("state", InboxState),
        *refs(connection_id="connection", file_id="stored_file"),
    )

    connection_id: Mapped[UUID]
    dedupe_key: Mapped[str]
    source: Mapped[str]  # sftp | webhook | poll | upload
    file_id: Mapped[UUID]
    remote_name: Mapped[str] = mapped_column(default="")
    remote_mark: Mapped[str] = mapped_column(
        default=""
    )  # name, size and time over there: what was fetched is not fetched again
    kind: Mapped[str] = mapped_column(default="")  # acknowledgement | census | verify | unknown, once read
    summary: Mapped[dict[str, Any]] = mapped_column(default=dict)  # counts, no personal data
    state: Mapped[str] = mapped_column(default=InboxState.RECEIVED.value)
    received_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())
    written_at: Mapped[datetime | None]  # the provider's own time stamp, where it has one
    applied_at: Mapped[datetime | None]
    problem: Mapped[str] = mapped_column(default="")

    @property
    def as_of(self) -> datetime:
        """Up to when it can know anything: when the provider wrote it, and never later than it came."""
        return min(self.written_at or self.received_at, self.received_at)
