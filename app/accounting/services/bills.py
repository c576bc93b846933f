"""Bills and payments arrive from the books."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounting.models import BookBill, BookPayment
from app.core.clock import now
from app.core.events import Actor
from app.integrations.sync.records import Bill, InvoiceRecord, PaymentRecord
from app.syncing.services import Outcome, Remote, Taken


def take_bill(session: Session, _actor: Actor, remote: Remote) -> Taken:
    """Bring our copy of a bill in step. The run that read it is its trail."""
    assert isinstance(remote.record, InvoiceRecord)
    return _bring(session, BookBill, remote, _facts(remote.record))


def take_payment(session: Session, _actor: Actor, remote: Remote) -> Taken:
    """Bring our copy of a payment in step."""
    payment = remote.record
    assert isinstance(payment, PaymentRecord)
    facts = {
        "bill_ref": payment.invoice or "", "paid_on": payment.paid_on, "currency": (payment.currency or "").upper(),
        "amount": payment.amount or Decimal(0), "is_active": payment.active,
    }  # fmt: skip
    return _bring(session, BookPayment, remote, facts)


def _bring(session: Session, kind: type[Any], remote: Remote, facts: dict[str, Any]) -> Taken:
    """By what the record became: a bill and a credit of the same books may have the same id."""
    query = sa.select(kind).where(kind.id == remote.local_id, kind.connection_id == remote.connection_id)
    row = session.scalars(query.with_for_update()).one_or_none() if remote.local_id else None
    made = row is None
    if row is None:
        row = kind(connection_id=remote.connection_id, remote_id=remote.record.remote_id, **facts)
        session.add(row)
    facts = facts | {"gone_at": (row.gone_at or now()) if remote.gone else None}
    changes = {
        name: [_told(getattr(row, name)), _told(value)] for name, value in facts.items() if getattr(row, name) != value
    }
    for name, value in facts.items():
        setattr(row, name, value)
    session.flush()
    outcome = Outcome.MADE if made else Outcome.CHANGED if changes else Outcome.SAME
    return Taken(outcome, row.id, changes=changes)


def _facts(bill: InvoiceRecord) -> dict[str, Any]:
    total = bill.total or Decimal(0)
    return {
        "contact_ref": bill.contact or "", "number": bill.number or "", "status": bill.status.value, "issued_on": bill.issued_on,
        "due_on": bill.due_on, "period_on": bill.period_on, "currency": (bill.currency or "").upper(), "total": total,
        "open_amount": _open(bill, total),
    }  # fmt: skip


def _open(bill: InvoiceRecord, total: Decimal) -> Decimal:
    """What is still to be paid; where the books do not say, everything, unless they call it paid."""
    if bill.open_amount is not None:
        return bill.open_amount
    return Decimal(0) if bill.status is Bill.PAID else total


def _told(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"  # as it was written, not as the column pads it
    return value if value is None else str(value)
