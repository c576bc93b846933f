"""An employer with carriers, whose books were read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from app.accounting import services
from app.accounting.services import Terms
from app.connections.models import Connection
from app.core.clock import now
from app.core.db import Session, tenant, transaction
from app.core.events import system
from app.domains import load_jobs
from app.integrations.sync.records import InvoiceRecord, PaymentRecord, Record
from app.syncing.models import RemoteRecord
from app.syncing.rules import Conflicts
from app.syncing.services import Remote, Taken, Taker
from tests.feeds.world import World, make_world


@dataclass
class Books:
    """A company's books, as they were read last."""

    world: World
    id: UUID
    contacts: dict[str, str] = field(default_factory=dict)  # name → key
    became: dict[str, UUID | None] = field(default_factory=dict)

    def link(self, session: Session, carrier: Connection, name: str, **more: Any) -> None:
        services.link(session, system("test"), carrier.id, Terms(self.contacts[name], **more))

    def bill(self, session: Session, name: str, total: str, due_on: date, *, gone: bool = False, **more: Any) -> Taken:
        """A bill arrives from the books; the same `remote_id` again changes it, as the engine remembers what it became."""
        facts = {
            "remote_id": uuid7().hex, "contact": self.contacts[name].partition(":")[2], "status": "open", "due_on": due_on,
            "currency": "USD", "total": Decimal(total),
        } | more  # fmt: skip
        return self._take(session, services.take_bill, InvoiceRecord.model_validate(facts), gone)

    def payment(self, session: Session, bill: str, paid_on: date, *, gone: bool = False, **more: Any) -> Taken:
        """Money left for the bill with this `remote_id`."""
        facts = {"remote_id": uuid7().hex, "invoice": bill, "paid_on": paid_on, "currency": "USD", "amount": 1} | more
        return self._take(session, services.take_payment, PaymentRecord.model_validate(facts), gone)

    def _take(self, session: Session, take: Taker, record: Record, gone: bool) -> Taken:
        known = self.became.get(record.remote_id)
        remote = Remote(self.id, record, known, {}, Conflicts.PROVIDER, gone, lambda _kind, _id: None)
        taken = take(session, system("test"), remote)
        self.became[record.remote_id] = taken.local_id
        return taken


@pytest.fixture
def company(database: object) -> Iterator[UUID]:
    load_jobs()
    company_id = uuid7()
    with tenant(company_id):
        yield company_id


@pytest.fixture
def books(company: UUID) -> Books:
    """Three people on Evergreen's medical plan at 500 a month since January; two contacts."""
    with transaction() as session:
        world = make_world(session, company)
        connection = Connection(adapter="quickbooks", name="Our books", code="QBO", status="connected")
        session.add(connection)
        session.flush()
        found = Books(world, connection.id)
        for number, name in enumerate(("Summit Dental Inc", "Evergreen Health Plan"), 1):
            row = RemoteRecord(
                connection_id=connection.id, resource="contact", kind="contact", remote_id=str(number), state="stored",
                seen_at=now(), raw={}, values={"remote_id": str(number), "name": name},
            )  # fmt: skip
            session.add(row)
            found.contacts[name] = f"{connection.id}:{number}"
    return found
