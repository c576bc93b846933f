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

from app.accounting.models import AccountLink
from app.accounting.rules import Standing, month_of, standing
from app.accounting.services import placing
from app.accounting.services.linking import is_carrier
from app.benefits.models import BenefitPlan
from app.connections.models import Connection
from app.core.access import Can, Scope
from app.core.errors import Forbidden, NotFound
from app.core.events import Actor, Sensitivity, record
from app.people.rules.cells import csv_text

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
    _sees_all(actor)
    carriers = _carriers(session)
    premiums, bills = _premiums(session, filters), _bills(session, filters)
    lines = [line for one in carriers for line in _of(one, filters, premiums, bills)]
    kept = [line for line in lines if filters.status in ("", line.standing)]
    return carriers, sorted(kept, key=lambda line: (-line.month.toordinal(), line.carrier.casefold()))


def _sees_all(actor: Actor) -> None:
    """Sums are of the whole company. Raises Forbidden."""
    if actor.scope(Can.RECONCILIATION_VIEW) is not Scope.ALL:
        raise Forbidden


def _carriers(session: Session) -> list[Carrier]:
    query = sa.select(Connection.id, Connection.name, Connection.adapter, AccountLink).outerjoin(
        AccountLink, AccountLink.carrier_id == Connection.id
    )
    found = [Carrier(id_, name, link) for id_, name, adapter, link in session.execute(query) if is_carrier(adapter)]
    return sorted(found, key=lambda one: one.name.casefold())


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
    """What coverage costs, by carrier and month."""
    found = placing.premiums(filters.first, filters.last).c
    query = sa.select(
        found.carrier_id, found.month, sa.func.count(sa.distinct(found.employee_id)), sa.func.sum(found.amount)
    ).group_by(found.carrier_id, found.month)
    return {
        (carrier_id, month): _Premiums(people, round(amount, 2))
        for carrier_id, month, people, amount in session.execute(query)
    }


def _bills(session: Session, filters: Filters) -> dict[Key, _Bills]:
    """What the books hold, by carrier and month."""
    found = placing.bills().c
    query = (
        sa.select(
            found.carrier_id, found.month, sa.func.count().filter(found.same),
            sa.func.coalesce(sa.func.sum(found.total).filter(found.same), 0),
            sa.func.coalesce(sa.func.sum(found.open_amount).filter(found.same), 0), sa.func.count().filter(~found.same),
        )
        .where(found.counts, found.month.between(filters.first, filters.last))
        .group_by(found.carrier_id, found.month)
    )  # fmt: skip
    return {
        (carrier_id, month): _Bills(number, round(total, 2), round(unpaid, 2), elsewhere)
        for carrier_id, month, number, total, unpaid, elsewhere in session.execute(query)
    }


class Bill(NamedTuple):
    """A bill of the month. counts: neither a draft nor void. same: in the currency of the premiums."""

    number: str
    issued_on: date | None
    due_on: date | None
    currency: str
    total: Decimal
    open_amount: Decimal
    status: str
    paid_on: date | None
    counts: bool
    same: bool

    @property
    def counted(self) -> bool:
        """Whether it is in the amount of the line."""
        return self.counts and self.same


class Part(NamedTuple):
    """What one plan and tier costs in the month."""

    plan: str
    tier: str
    people: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Month:
    """What a line is made of. line: None when there is nothing in it."""

    carrier: Carrier
    line: Line | None
    bills: list[Bill]
    parts: list[Part]


def look(session: Session, actor: Actor, carrier_id: UUID, month: date) -> Month:
    """A carrier's month in its parts. Three queries; the look is recorded.

    Raises:
        NotFound: no carrier that is linked to the books. Forbidden: the actor does not see the whole company.
    """
    _sees_all(actor)
    filters = Filters(month, month, carrier_id)
    carrier = next((one for one in _carriers(session) if one.id == carrier_id and one.link), None)
    if carrier is None:
        raise NotFound
    bills = _bills_of(session, filters)
    owed, parts = _parts_of(session, filters)
    lines = list(_of(carrier, filters, {(carrier_id, month): owed}, {(carrier_id, month): _summed(bills)}))
    _note(session, actor, "accounting.reconciliation.viewed", filters, lines)
    return Month(carrier, lines[0] if lines else None, bills, parts)


def _bills_of(session: Session, filters: Filters) -> list[Bill]:
    found = placing.bills().c
    query = (
        sa.select(
            found.number, found.issued_on, found.due_on, found.currency, found.total, found.open_amount, found.status,
            found.paid_on, found.counts, found.same,
        )
        .where(found.carrier_id == filters.carrier_id, found.month == filters.first)
        .order_by(found.issued_on, found.number)
    )  # fmt: skip
    return [Bill._make(row) for row in session.execute(query)]


def _summed(bills: list[Bill]) -> _Bills:
    counted = [one for one in bills if one.counted]
    total, unpaid = (
        sum((one.total for one in counted), Decimal(0)),
        sum((one.open_amount for one in counted), Decimal(0)),
    )
    elsewhere = sum(1 for one in bills if one.counts and not one.same)
    return _Bills(len(counted), round(total, 2), round(unpaid, 2), elsewhere)


def _parts_of(session: Session, filters: Filters) -> tuple[_Premiums, list[Part]]:
    """By plan and tier, and all together: somebody with two plans is one person."""
    found = placing.premiums(filters.first, filters.last).c
    by = sa.func.grouping_sets(sa.tuple_(BenefitPlan.name, found.tier), sa.text("()"))
    query = (
        sa.select(
            BenefitPlan.name, found.tier, sa.func.count(sa.distinct(found.employee_id)), sa.func.sum(found.amount)
        )
        .join(BenefitPlan, BenefitPlan.id == found.plan_id)
        .where(found.carrier_id == filters.carrier_id)
        .group_by(by)
        .order_by(BenefitPlan.name, found.tier)
    )
    owed, parts = _NO_PREMIUMS, []
    for plan, tier, people, amount in session.execute(query):
        if plan is None and people:
            owed = _Premiums(people, round(amount, 2))
        elif plan is not None:
            parts.append(Part(plan, tier or "", people, round(amount, 2)))
    return owed, parts
