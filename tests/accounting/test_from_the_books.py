"""From a bill in QuickBooks or Xero to its line in the report: the engine, the adapters and the stand-ins, over real sockets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.accounting import services
from app.accounting.rules import Standing, month_of
from app.accounting.services import Filters, Terms
from app.connections.models import Connection
from app.connections.services import calling
from app.core.access import RoleType
from app.core.clock import today
from app.core.db import fetch, transaction
from app.core.events import system
from app.integrations.auth.tokens import Token
from app.integrations.registry import adapter
from app.integrations.sync.reading import Mode
from app.syncing import services as syncing
from app.syncing.models import RunState, SyncRun
from sandbox.vendors.core.serving import serving
from sandbox.vendors.quickbooks import BASE as QUICKBOOKS
from tests.feeds.world import World, make_world, person_actor, run_jobs

MEDICAL = "Aurora Health Plan"
KEPT = {"quickbooks": {"realmId": "9130357945907536"}, "xero": {"tenantId": "fe79f7dd-b6d4-4a92-ba7b-538af6289c58"}}
PATHS = {"quickbooks": QUICKBOOKS, "xero": ""}


@dataclass
class Connected:
    """Three people on Evergreen's plan at 500 a month, and the books of the company."""

    world: World
    id: UUID
    vendor: Any

    def run(self, mode: Mode) -> SyncRun:
        with transaction() as session:
            run = syncing.ask_run(session, person_actor(RoleType.SYSTEM_ADMIN), self.id, mode=mode)
        run_jobs(kinds=("syncing.",))
        with transaction() as session:
            return fetch(session, SyncRun, run.id)

    def link(self) -> None:
        with transaction() as session:
            (key,) = [one.key for one in services.contacts(session, system("test")) if one.name == MEDICAL]
            services.link(session, system("test"), self.world.connection.id, Terms(key))

    def bills(self) -> list[Any]:
        with transaction() as session:
            return services.look(session, system("test"), self.world.connection.id, month_of(today())).bills

    def standing(self) -> Standing | None:
        this = month_of(today())
        with transaction() as session:
            _carriers, lines = services.reconcile(session, system("test"), Filters(this, this))
        return lines[0].standing if lines else None


@pytest.fixture(params=["quickbooks", "xero"])
def connected(request: Any, company: UUID) -> Iterator[Connected]:
    slug, manifest = request.param, adapter(request.param)
    assert manifest.api is not None
    with serving(slug) as vendor:
        vendor.begins_with_bills = False  # type: ignore[attr-defined]
        vendor.reset()
        vendor.terms(token_seconds=10**8)
        access = vendor.access.issue("corridor", " ".join(getattr(manifest.api.auth, "scopes", ()))).access
        with transaction() as session:
            world = make_world(session, company)
            row = Connection(
                adapter=slug, name="Our books", code="BOOKS", status="connected", api_endpoint_url=vendor.url + PATHS[slug],
                rate_limit_per_hour=100_000, credentials={"client_id": "corridor", "client_secret": "secret"},
            )  # fmt: skip
            session.add(row)
            session.flush()
            calling.keep_token(session, row.id, Token(access, datetime.now(UTC), extra=KEPT[slug]))
        yield Connected(world, row.id, vendor)


def test_from_the_bill_to_the_report(connected: Connected) -> None:
    vendor, due = connected.vendor, month_of(today())
    issued = str(due - timedelta(days=15))
    bill = vendor.bill(MEDICAL, "1500", issued, str(due), "AUR-1")
    vendor.bill("City Power and Light", "77", issued, str(due), "P-1")  # nobody's carrier
    run = connected.run(Mode.FULL)
    assert (run.state, run.records_failed, run.parts["invoice"]["read"]) == (RunState.DONE, 0, 2)
    assert connected.standing() is None
    connected.link()
    assert connected.standing() is Standing.UNPAID
    vendor.pay(bill)
    other = vendor.bill(MEDICAL, "20", issued, str(due), "AUR-2")
    run = connected.run(Mode.INCREMENTAL)
    assert (run.state, run.parts["invoice"]["mode"]) == (RunState.DONE, "incremental")
    assert connected.standing() is Standing.OVER
    assert [one.paid_on for one in connected.bills() if one.number == "AUR-1"] == [vendor.clock.today()]
    vendor.credit(MEDICAL, "20", str(due))  # given back
    connected.run(Mode.INCREMENTAL)
    assert connected.standing() is Standing.UNPAID
    vendor.void(other) if hasattr(vendor, "void") else vendor.delete("Bill", other)
    connected.run(Mode.INCREMENTAL)
    assert connected.standing() is Standing.SHORT
