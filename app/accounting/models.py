"""Who in the books a carrier is, and the bills the books hold."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.accounting.rules import BilledFor, CountedBy
from app.core.db import Base, Tenant, choices, refs
from app.integrations.sync.records import Bill


class AccountLink(Tenant, Base):
    """A person said that this contact of the books is this carrier."""

    __tablename__ = "account_link"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "carrier_id"),
        sa.UniqueConstraint("company_id", "books_id", "contact_ref"),
        sa.CheckConstraint("tolerance >= 0", name="tolerance_positive"),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency_code"),
        choices("billed_for", BilledFor),
        choices("counted_by", CountedBy),
        *refs(carrier_id="connection", books_id="connection"),
    )

    carrier_id: Mapped[UUID]
    books_id: Mapped[UUID]  # the connection to the accounting
    contact_ref: Mapped[str]  # the contact's id there
    currency: Mapped[str] = mapped_column(
        default="USD"
    )  # of the plan's premiums; bills in another are never added to them
    billed_for: Mapped[str] = mapped_column(default=BilledFor.DUE.value)
    counted_by: Mapped[str] = mapped_column(default=CountedBy.FIRST_DAY.value)
    tolerance: Mapped[Decimal] = mapped_column(default=Decimal(1))


class BookBill(Tenant, Base):
    """A bill as the books hold it, or a credit, below zero. It says nothing about anybody's benefits. One for each `RemoteRecord`."""

    __tablename__ = "book_bill"
    __table_args__ = (
        sa.Index(None, "company_id", "connection_id", "contact_ref"),
        choices("status", Bill),
        *(item for item in refs(connection_id="connection") if not isinstance(item, sa.Index)),
    )

    connection_id: Mapped[UUID]
    remote_id: Mapped[str]
    contact_ref: Mapped[str] = mapped_column(default="")
    number: Mapped[str] = mapped_column(default="")
    status: Mapped[str]
    issued_on: Mapped[date | None]
    due_on: Mapped[date | None]
    period_on: Mapped[date | None]
    currency: Mapped[str] = mapped_column(default="")  # empty: the only one of these books
    total: Mapped[Decimal] = mapped_column(sa.Numeric(14, 4), default=Decimal(0))
    open_amount: Mapped[Decimal] = mapped_column(sa.Numeric(14, 4), default=Decimal(0))
    gone_at: Mapped[datetime | None]


class BookPayment(Tenant, Base):
    """Money that left for a bill, as the books hold it. One for each `RemoteRecord`."""

    __tablename__ = "book_payment"
    __table_args__ = (
        sa.Index(None, "company_id", "connection_id", "bill_ref"),
        *(item for item in refs(connection_id="connection") if not isinstance(item, sa.Index)),
    )

    connection_id: Mapped[UUID]
    remote_id: Mapped[str]
    bill_ref: Mapped[str] = mapped_column(default="")  # the bill's id there; empty for one payment of several bills
    paid_on: Mapped[date | None]
    currency: Mapped[str] = mapped_column(default="")
    amount: Mapped[Decimal] = mapped_column(sa.Numeric(14, 4), default=Decimal(0))
    is_active: Mapped[bool] = mapped_column(default=True)
    gone_at: Mapped[datetime | None]
