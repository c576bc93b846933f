"""Endpoints of a company's own systems, what is delivered to them, and each try. Field source: benefits_api_access.webhook_url, _events."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.crypto import EncryptedField
from app.core.db import Base, Tenant, choices, refs
from app.hooks.rules import DeliveryState, Stop

__all__ = ["DeliveryState", "HookAttempt", "HookDelivery", "HookEndpoint", "Stop"]


class HookEndpoint(Tenant, Base):
    """An address that is told of some kinds of events. With two secrets both sign."""

    __tablename__ = "hook_endpoint"
    __table_args__ = (choices("stopped_by", Stop),)

    url: EncryptedField[str] = EncryptedField()  # may hold a token of the receiver's
    description: Mapped[str] = mapped_column(default="")
    kinds: Mapped[list[str]] = mapped_column(default=list)
    is_active: Mapped[bool] = mapped_column(default=True)
    stopped_by: Mapped[str] = mapped_column(default=Stop.NONE.value)
    secret: EncryptedField[str] = EncryptedField()
    old_secret: EncryptedField[str] = EncryptedField()
    rotated_at: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]  # the last failed try
    created_by_user_id: Mapped[UUID | None]


class HookDelivery(Tenant, Base):
    """One event for one endpoint."""

    __tablename__ = "hook_delivery"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "endpoint_id", "event_id"),
        sa.Index(None, "company_id", "endpoint_id", "id"),
        sa.Index(None, "company_id", "created_at"),
        choices("state", DeliveryState),
        *refs(endpoint_id="hook_endpoint"),
    )

    endpoint_id: Mapped[UUID]
    event_id: Mapped[UUID]  # the audit row; of a test, made up
    kind: Mapped[str]
    subject_id: Mapped[UUID]
    occurred_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default=DeliveryState.WAITING.value)
    tries: Mapped[int] = mapped_column(default=0)  # since it was sent for the first time, or again by a person
    next_try_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    last_status: Mapped[int | None]  # None: no answer yet, or none at all
    last_failure: Mapped[str] = mapped_column(default="")  # a code; empty when all is well


class HookAttempt(Tenant, Base):
    """One request and what came of it."""

    __tablename__ = "hook_attempt"
    __table_args__ = refs(delivery_id="hook_delivery")

    delivery_id: Mapped[UUID]
    began_at: Mapped[datetime]
    milliseconds: Mapped[int]
    status: Mapped[int | None]
    failure: Mapped[str] = mapped_column(default="")
    answer: EncryptedField[str] = EncryptedField()  # its first kilobyte
