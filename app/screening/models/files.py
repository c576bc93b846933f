"""Providers that work by files: what was written for them, and what they said."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.crypto import EncryptedField
from app.core.db import Base, Tenant, choices, refs
from app.screening.rules.states import OrderFileState


class OrderFile(Tenant, Base):
    """One order file. Name and bytes are fixed before it leaves, so that a second attempt is the same file."""

    __tablename__ = "screening_order_file"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "connection_id", "name"),
        sa.Index(None, "company_id", "connection_id", "state"),
        choices("state", OrderFileState),
        *refs(connection_id="connection", file_id="stored_file", delivered_by_user_id="user_account"),
    )

    connection_id: Mapped[UUID]
    name: Mapped[str]
    file_id: Mapped[UUID]
    orders: Mapped[int]
    state: Mapped[str] = mapped_column(default=OrderFileState.READY.value)
    began_at: Mapped[datetime | None]  # from here on the provider may have it: an upload began, or a person took a copy
    delivered_at: Mapped[datetime | None]
    delivered_by_user_id: Mapped[UUID | None]  # who handed it over; None: by SFTP
    problem: Mapped[str] = mapped_column(default="")  # code of the last failed attempt


class ScreeningFact(Tenant, Base):
    """One thing a result file said about a request (the adapter's `Fact`). Insert-only; the same thing again is the same row."""

    __tablename__ = "screening_fact"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "request_id", "digest"),
        *refs(request_id="screening_request", item_id="inbox_item"),
    )

    request_id: Mapped[UUID]
    item_id: Mapped[UUID]  # the file that said it first
    ref: Mapped[str]  # the provider's id of the order
    digest: Mapped[str] = mapped_column(sa.String(64))
    said: EncryptedField[dict[str, Any]] = EncryptedField(dict, required=True)
