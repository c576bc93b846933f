"""Premiums of a month against the carrier's bills of that month. Sums of a company; nobody's name, and currencies are never mixed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounting.models import AccountLink, BookBill
from app.accounting.rules import COUNTS, BilledFor, CountedBy, Standing, month_of, standing
from app.accounting.services.linking import is_carrier
from app.benefits.models import Enrollment
from app.benefits.rules.words import EnrollmentStatus
from app.connections.models import Connection
from app.core.access import Can, Scope
from app.core.errors import Forbidden
from app.core.events import Actor, Sensitivity, record
from app.people.rules.cells import csv_text

STOOD = (EnrollmentStatus.APPROVED, EnrollmentStatus.ACTIVE, EnrollmentStatus.TERMINATED)
"""Enrollments whose days count; what was canceled or rejected never stood."""

COLUMNS = (
    "month", "carrier", "currency", "covered", "premiums", "bills", "billed", "difference", "open", "status", "bills_in_other_currencies",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filters:
    """Months from the first to the last, each by its first day. status: empty for all."""

    first: date
    last: date
    carrier_id: UUID | None = None
    status: str = ""


class Carrier(NamedTuple):
    """link: None when nobody said who it is in the books."""

    id: UUID
    name: str
    link: AccountLink | None


@dataclass(frozen=True, slots=True)
class Line:
    """A carrier and a month. elsewhere: bills in another currency, which are in no amount here."""

    month: date
    carrier_id: UUID
    carrier: str
    currency: str
    people: int
    expected: Decimal
    bills: int
    billed: Decimal
    open_amount: Decimal
    elsewhere: int
    standing: Standing

    @property
    def difference(self) -> Decimal:
        """Above zero: billed more than the premiums."""
        return self.billed - self.expected


def reconcile(session: Session, actor: Actor, filters: Filters) -> tuple[list[Carrier], list[Line]]:
    """Every carrier, and the lines of those with a link, the newest month first. Three queries; the look is recorded.

    Raises:
        Forbidden: the actor does not see the whole company.
    """
    carriers, lines = _lines(session, actor, filters)
    _note(session, actor, "accounting.reconciliation.viewed", filters, lines)
    return carriers, lines


def export(session: Session, actor: Actor, filters: Filters) -> str:
    """The same lines as CSV; recorded. Raises Forbidden."""
    _carriers, lines = _lines(session, actor, filters)
    _note(session, actor, "accounting.reconciliation.exported", filters, lines)
    return csv_text([COLUMNS, *(_cells(line) for line in lines)])


def _cells(line: Line) -> list[Any]:
    return [
        f"{line.month:%Y-%m}", line.carrier, line.currency, line.people, line.expected, line.bills, line.billed, line.difference,
        line.open_amount, line.standing.value, line.elsewhere,
    ]  # fmt: skip


def _note(session: Session, actor: Actor, name: str, filters: Filters, lines: list[Line]) -> None:
    said = {"from": filters.first, "to": filters.last, "carrier": filters.carrier_id, "lines": len(lines)}
    record(session, actor, name, ("account_link", None), new=said, sensitivity=Sensitivity.CONFIDENTIAL)


def _lines(session: Session, actor: Actor, filters: Filters) -> tuple[list[Carrier], list[Line]]:
    if actor.scope(Can.RECONCILIATION_VIEW) is not Scope.ALL:
        raise Forbidden
    carriers = _carriers(session)
    premiums, bills = _premiums(session, filters), _bills(session, filters)
    lines = [line for one in carriers for line in _of(one, filters, premiums, bills)]
    kept = [line for line in lines if filters.status in ("", line.standing)]
    return carriers, sorted(kept, key=lambda line: (line.month, line.carrier.casefold()), reverse=True)


def _carriers(session: Session) -> list[Carrier]:
    query = sa.select(Connection.id, Connection.name, Connection.adapter, AccountLink).outerjoin(
        AccountLink, AccountLink.carrier_id == Connection.id
    )
    found = [Carrier(id_, name, link) for id_, name, adapter, link in session.execute(query) if is_carrier(adapter)]
    return sorted(found, key=lambda one: one.name.casefold(), reverse=True)


class _Premiums(NamedTuple):
    people: int
    amount: Decimal


class _Bills(NamedTuple):
    number: int
    total: Decimal
    open_amount: Decimal
    elsewhere: int


_NO_PREMIUMS, _NO_BILLS = _Premiums(0, Decimal(0)), _Bills(0, Decimal(0), Decimal(0), 0)
Key = tuple[UUID, date]


def _of(one: Carrier, filters: Filters, premiums: dict[Key, _Premiums], bills: dict[Key, _Bills]) -> Iterable[Line]:
    """Its lines; a month with neither premiums nor bills has none."""
    if one.link is None or filters.carrier_id not in (None, one.id):
        return
    month = filters.first
    while month <= filters.last:
        owed, billed = premiums.get((one.id, month), _NO_PREMIUMS), bills.get((one.id, month), _NO_BILLS)
        if owed.people or billed.number or billed.elsewhere:
            stands = standing(owed.amount, billed.total, billed.open_amount, billed.number, one.link.tolerance)
            yield Line(
                month, one.id, one.name, one.link.currency, owed.people, owed.amount, billed.number, billed.total,
                billed.open_amount, billed.elsewhere, stands,
            )  # fmt: skip
        month = month_of(month, 1)


def _premiums(session: Session, filters: Filters) -> dict[Key, _Premiums]:
    """What coverage costs, by carrier and month, counted as the link says."""
    first, last = (sa.cast(month, sa.DateTime) for month in (filters.first, filters.last))
    series = sa.func.generate_series(first, last, sa.text("interval '1 month'"))
    months = sa.select(series.label("month")).subquery("months")
    month = sa.cast(months.c.month, sa.Date)
    following = sa.cast(months.c.month + sa.text("interval '1 month'"), sa.Date)
    ends = sa.func.least(sa.func.coalesce(Enrollment.coverage_ends_on, following - 1), following - 1)
    days = ends - sa.func.greatest(Enrollment.coverage_starts_on, month) + 1
    each_day = AccountLink.counted_by == CountedBy.EACH_DAY.value
    share = sa.case(
        (each_day, Enrollment.monthly_premium * days / (following - month)), else_=Enrollment.monthly_premium
    )
    on_the_first = sa.and_(Enrollment.coverage_starts_on <= month, ends >= month)
    query = (
        sa.select(
            AccountLink.carrier_id, month, sa.func.count(sa.distinct(Enrollment.employee_id)), sa.func.sum(share)
        )
        .select_from(AccountLink)
        .join(Enrollment, Enrollment.connection_id == AccountLink.carrier_id)
        .join(months, sa.true())
        .where(
            Enrollment.status.in_([one.value for one in STOOD]), Enrollment.coverage_starts_on < following, ends >= month,
            sa.or_(each_day, on_the_first),
        )
        .group_by(AccountLink.carrier_id, month)
    )  # fmt: skip
    return {
        (carrier_id, first): _Premiums(people, round(amount, 2))
        for carrier_id, first, people, amount in session.execute(query)
    }


def _bills(session: Session, filters: Filters) -> dict[Key, _Bills]:
    """What the books hold, by carrier and month. A bill without a currency is in the only one of its books."""
    issued = sa.func.coalesce(BookBill.issued_on, BookBill.due_on)
    by_link = sa.case(
        (AccountLink.billed_for == BilledFor.ISSUED.value, issued),
        (AccountLink.billed_for == BilledFor.NEXT.value, issued + sa.text("interval '1 month'")),
        else_=sa.func.coalesce(BookBill.due_on, BookBill.issued_on),
    )
    month = sa.func.date_trunc(sa.literal_column("'month'"), sa.func.coalesce(BookBill.period_on, by_link))
    placed = (
        sa.select(
            AccountLink.carrier_id, sa.cast(month, sa.Date).label("month"), BookBill.total, BookBill.open_amount,
            BookBill.currency.in_(["", AccountLink.currency]).label("same"),
        )
        .join(
            BookBill,
            sa.and_(BookBill.connection_id == AccountLink.books_id, BookBill.contact_ref == AccountLink.contact_ref),
        )
        .where(BookBill.gone_at.is_(None), BookBill.status.in_([one.value for one in COUNTS]))
        .subquery()
    )  # fmt: skip
    same = placed.c.same
    query = (
        sa.select(
            placed.c.carrier_id, placed.c.month, sa.func.count().filter(same),
            sa.func.coalesce(sa.func.sum(placed.c.total).filter(same), 0),
            sa.func.coalesce(sa.func.sum(placed.c.open_amount).filter(same), 0), sa.func.count().filter(~same),
        )
        .where(placed.c.month.between(filters.first, filters.last))
        .group_by(placed.c.carrier_id, placed.c.month)
    )  # fmt: skip
    return {
        (carrier_id, first): _Bills(count, round(total, 2), round(unpaid, 2), elsewhere)
        for carrier_id, first, count, total, unpaid, elsewhere in session.execute(query)
    }
