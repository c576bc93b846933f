"""The two sides of the comparison, each in its month: shares of premiums and bills."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from app.accounting.models import AccountLink, BookBill, BookPayment
from app.accounting.rules import COUNTS, BilledFor, CountedBy
from app.benefits.models import Enrollment
from app.benefits.rules.words import EnrollmentStatus

STOOD = (EnrollmentStatus.APPROVED, EnrollmentStatus.ACTIVE, EnrollmentStatus.TERMINATED)
"""Enrollments whose days count; what was canceled or rejected never stood."""


def premiums(first: date, last: date) -> sa.Subquery:
    """What each coverage costs in each month from the first to the last, counted as the carrier's link says.

    Columns: carrier_id, month, employee_id, plan_id, tier, amount.
    """
    ends = (sa.cast(month, sa.DateTime) for month in (first, last))
    series = sa.func.generate_series(*ends, sa.text("interval '1 month'"))
    months = sa.select(series.label("month")).subquery("months")
    month = sa.cast(months.c.month, sa.Date)
    following = sa.cast(months.c.month + sa.text("interval '1 month'"), sa.Date)
    until = sa.func.least(sa.func.coalesce(Enrollment.coverage_ends_on, following - 1), following - 1)
    days = until - sa.func.greatest(Enrollment.coverage_starts_on, month) + 1
    each_day = AccountLink.counted_by == CountedBy.EACH_DAY.value
    share = Enrollment.monthly_premium * days / (following - month)
    return (
        sa.select(
            AccountLink.carrier_id, month.label("month"), Enrollment.employee_id, Enrollment.plan_id, Enrollment.tier,
            sa.case((each_day, share), else_=Enrollment.monthly_premium).label("amount"),
        )
        .join(Enrollment, Enrollment.connection_id == AccountLink.carrier_id)
        .join(months, sa.true())
        .where(
            Enrollment.status.in_([one.value for one in STOOD]), Enrollment.coverage_starts_on < following, until >= month,
            sa.or_(each_day, Enrollment.coverage_starts_on <= month),
        )
        .subquery("premiums")
    )  # fmt: skip


def bills() -> sa.Subquery:
    """The bills of linked contacts, each in the month it is for. A bill without a currency is in the only one of its books.

    Columns: carrier_id, month, same (the currency of the link), counts (neither a draft nor void), and those of the bill.
    """
    issued = sa.func.coalesce(BookBill.issued_on, BookBill.due_on)
    by_link = sa.case(
        (AccountLink.billed_for == BilledFor.ISSUED.value, issued),
        (AccountLink.billed_for == BilledFor.NEXT.value, issued + sa.text("interval '1 month'")),
        else_=sa.func.coalesce(BookBill.due_on, BookBill.issued_on),
    )
    month = sa.func.date_trunc(sa.literal_column("'month'"), sa.func.coalesce(BookBill.period_on, by_link))
    return (
        sa.select(
            AccountLink.carrier_id, sa.cast(month, sa.Date).label("month"),
            BookBill.currency.in_(["", AccountLink.currency]).label("same"),
            BookBill.status.in_([one.value for one in COUNTS]).label("counts"), BookBill.number, BookBill.issued_on, BookBill.due_on,
            sa.func.coalesce(sa.func.nullif(BookBill.currency, ""), AccountLink.currency).label("currency"), BookBill.total,
            BookBill.open_amount, BookBill.status, _paid_on().label("paid_on"),
        )
        .join(
            BookBill,
            sa.and_(BookBill.connection_id == AccountLink.books_id, BookBill.contact_ref == AccountLink.contact_ref),
        )
        .where(BookBill.gone_at.is_(None))
        .subquery("bills")
    )  # fmt: skip


def _paid_on() -> sa.ScalarSelect[date | None]:
    """When something was paid on a bill last."""
    return (
        sa.select(sa.func.max(BookPayment.paid_on))
        .where(
            BookPayment.connection_id == BookBill.connection_id, BookPayment.bill_ref == BookBill.remote_id,
            BookPayment.is_active, BookPayment.gone_at.is_(None),
        )
        .scalar_subquery()
    )  # fmt: skip
