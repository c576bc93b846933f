"""kill -9 at every commit and every call of ordering a check, looking at it and reading an event: then again, and it was ordered once.

Where neither a key nor a search protects, an attempt that may have arrived is left to a person.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from app.connections.models import Connection, InboxItem
from app.core.db import fetch, transaction
from app.core.jobs import JobIntent, enqueue
from app.integrations.adapters.custom_screening.presets import presets
from app.screening.jobs import ordering
from app.screening.models import ReportRecord, ScreeningPackage
from app.screening.rules.states import OrderState
from sandbox.launch import Running
from tests.chaos.fail_points import KILLED, WHOLE, Points, die_at
from tests.feeds.conftest import company as company
from tests.feeds.world import hurry, run_jobs
from tests.screening import made
from tests.screening.conftest import _sandbox as _sandbox
from tests.screening.conftest import hired as hired
from tests.screening.conftest import sandbox as sandbox
from tests.screening.made import Employer, make_employer

ORDER, LOOK, EVENT = "screening.order", "screening.look", "screening.read_event"
MOST_POINTS = 30

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]


@pytest.fixture(autouse=True)
def quick_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not to find an order proves something at once, not after a minute: nobody else is calling."""
    monkeypatch.setattr(ordering, "LOOK_AFTER", timedelta(0))


def killed_everywhere(kind: str, prepare: Callable[[], UUID], check: Callable[[UUID, str], None]) -> list[str]:
    """A new request for each point. prepare: promises the job; returns the request. check: after it was run again. Returns the points."""
    seen: list[str] = []
    for point in range(1, MOST_POINTS):
        request_id = prepare()
        company_id, intent_id = due(kind)
        code, where = die_at(point, company_id, intent_id, Points.install_calls)
        check(request_id, where)
        if code == WHOLE:
            print(f"\n{kind}: {len(seen)} points: {', '.join(seen)}")  # noqa: T201 - the result
            return seen
        assert code == KILLED, f"the child broke at point {point}"
        seen.append(where)
    raise AssertionError("points without end")


def due(kind: str) -> tuple[UUID, UUID]:
    with transaction() as session:
        query = sa.select(JobIntent.company_id, JobIntent.id).where(
            JobIntent.kind == kind, JobIntent.state == "pending"
        )
        row = session.execute(query.order_by(JobIntent.id.desc())).first()
        assert row is not None, f"{kind} was not promised"
        return row.company_id, row.id


def again(admin: Any, *kinds: str) -> None:
    """The reconciler gives the intent back, and what waits for later is due now."""
    for _ in range(4):
        admin.execute("UPDATE job_intent SET state = 'pending', lease = NULL WHERE state = 'running'")
        hurry(admin)
        run_jobs(kinds=kinds)


def released(employer: Employer) -> UUID:
    with transaction() as session:
        return made.released(session, employer).id


def state_of(request_id: UUID) -> tuple[str, str]:
    with transaction() as session:
        request = made.stored(session, request_id)
        return request.order_state, request.provider_invitation_id


def arrived(box: Running, request_id: UUID) -> list[str]:
    return [one["object"] for one in box.client.screening.orders() if one["reference"] == str(request_id)]


def plain(company_id: UUID, box: Running, **api: Any) -> Employer:
    """Connected with the provider that orders whatever it is sent. api: changed settings of the interface."""
    settings, told = dict(presets()["custom_api"].settings), box.screening
    with transaction() as session:
        employer = make_employer(
            session, company_id, adapter="custom_screening", url=told["plain_url"],
            settings=settings | {"api": settings["api"] | api},
            credentials={"api_user": told["plain_user"], "api_key": told["plain_password"]},
        )  # fmt: skip
        session.execute(sa.update(ScreeningPackage).where(ScreeningPackage.slug == "essential").values(slug="BASIC"))
    return employer


def ordered_once(box: Running, admin: Any) -> Callable[[UUID, str], None]:
    def check(request_id: UUID, where: str) -> None:
        again(admin, ORDER)
        state, invitation = state_of(request_id)
        assert (state, [invitation]) == (OrderState.PLACED, arrived(box, request_id)), where

    return check


def test_an_order_with_a_key(hired: Employer, sandbox: Running, admin: Any) -> None:
    seen = killed_everywhere(ORDER, lambda: released(hired), ordered_once(sandbox, admin))
    assert len(seen) >= 12, seen
    assert sandbox.client.screening.ordered_twice() == 0


def test_an_order_that_is_looked_for(company: UUID, sandbox: Running, admin: Any) -> None:
    employer = plain(company, sandbox)
    seen = killed_everywhere(ORDER, lambda: released(employer), ordered_once(sandbox, admin))
    assert len(seen) >= 8, seen
    assert sandbox.client.screening.ordered_twice() == 0


def test_an_order_that_nobody_can_look_for(company: UUID, sandbox: Running, admin: Any) -> None:
    """Before the attempt is noted nothing was sent; from then on only a person knows, whether it arrived or not."""
    employer, unknown = plain(company, sandbox, find_path=""), []

    def check(request_id: UUID, where: str) -> None:
        again(admin, ORDER)
        state, invitation = state_of(request_id)
        found = arrived(sandbox, request_id)
        if state == OrderState.UNKNOWN:
            unknown.append((where, len(found)))
        else:
            assert (state, [invitation]) == (OrderState.PLACED, found), where

    seen = killed_everywhere(ORDER, lambda: released(employer), check)
    assert len(seen) >= 8, seen
    assert unknown == [
        ("after step's commit", 0), ("before call", 0), ("after call", 1), ("before finish's commit", 1)
    ]  # fmt: skip
    assert sandbox.client.screening.ordered_twice() == 0
    again(admin, "screening.tell_not_ordered")
    with admin.cursor() as rows:
        rows.execute("SELECT count(DISTINCT subject_id) FROM notice WHERE kind = 'screening.order.unknown'")
        assert rows.fetchone() == (len(unknown),), "a person is told of each"


def finished(employer: Employer, box: Running, admin: Any) -> tuple[UUID, str]:
    """Ordered, and complete with a record at the provider; nobody here has heard of it."""
    request_id = released(employer)
    again(admin, ORDER, LOOK)
    report_id = box.client.screening.finish_invitation(state_of(request_id)[1])
    box.client.screening.complete(report_id, "consider", ["felony"])
    return request_id, report_id


def complete(request_id: UUID, where: str) -> None:
    with transaction() as session:
        request = made.stored(session, request_id)
        assert (request.provider_status, request.provider_result) == ("complete", "consider"), where
        records = session.scalars(sa.select(ReportRecord).where(ReportRecord.request_id == request_id)).all()
        assert len(records) == 1, where


def test_a_look(hired: Employer, sandbox: Running, admin: Any) -> None:
    def prepare() -> UUID:
        request_id, _ = finished(hired, sandbox, admin)
        with transaction() as session:
            enqueue(session, LOOK, request_id, key=uuid4().hex)
        return request_id

    def check(request_id: UUID, where: str) -> None:
        again(admin, LOOK)
        complete(request_id, where)

    assert len(killed_everywhere(LOOK, prepare, check)) >= 12


def test_an_event(hired: Employer, sandbox: Running, admin: Any, live_url: str) -> None:
    """Told of through the door; killed while it is read; then the report is looked at once for each event."""
    with transaction() as session:
        key = fetch(session, Connection, hired.connection_id).webhook_key

    def prepare() -> UUID:
        sandbox.client.screening.set_webhooks()
        request_id, report_id = finished(hired, sandbox, admin)
        sandbox.client.screening.set_webhooks(f"{live_url}/webhooks/{key}")
        sandbox.client.screening.complete(report_id, "consider", ["felony"])
        sandbox.client.wait_idle(20)
        return request_id

    def check(request_id: UUID, where: str) -> None:
        again(admin, EVENT, LOOK)
        complete(request_id, where)
        with transaction() as session:
            assert set(session.scalars(sa.select(InboxItem.state))) == {"applied"}, where

    try:
        assert len(killed_everywhere(EVENT, prepare, check)) >= 4
    finally:
        sandbox.client.screening.set_webhooks()
