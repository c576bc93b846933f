"""The same promise for a provider that is only settings, knows no idempotency key and orders whatever it is sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.core.clock import now
from app.core.db import transaction
from app.integrations.adapters.custom_screening.presets import presets
from app.screening.models import ScreeningPackage, ScreeningRequest
from app.screening.rules.states import OrderState
from sandbox.launch import Running
from tests.feeds.world import hurry, run_jobs
from tests.screening import made
from tests.screening.made import Employer, make_employer

ORDER = ("screening.order",)


def _employer(company: UUID, sandbox: Running, orders: Any = None, **api: Any) -> Employer:
    """Connected with the sandbox's plainscreen. api: changed settings of the interface; orders: of what is sent."""
    settings, box = dict(presets()["custom_api"].settings), sandbox.screening
    settings["orders"] = settings["orders"] | (orders or {})
    with transaction() as session:
        employer = make_employer(
            session, company, adapter="custom_screening", url=box["plain_url"],
            settings=settings | {"api": settings["api"] | api},
            credentials={"api_user": box["plain_user"], "api_key": box["plain_password"]},
        )  # fmt: skip
        session.execute(sa.update(ScreeningPackage).where(ScreeningPackage.slug == "essential").values(slug="BASIC"))
    return employer


def _released(employer: Employer) -> UUID:
    with transaction() as session:
        return made.released(session, employer).id


def _kept(request_id: UUID) -> ScreeningRequest:
    with transaction() as session:
        return made.stored(session, request_id)


def _later(admin: Any) -> None:
    """A minute and more after the order began, when not finding it at the provider proves something."""
    admin.execute("UPDATE screening_request SET ordering_at = ordering_at - %s", (timedelta(minutes=2),))
    hurry(admin)


@pytest.mark.parametrize(
    "fault", ["", "drop_after", "server_error_after", "garbage", "truncated", "drop_before", "server_error"]
)  # fmt: skip
def test_it_is_looked_for_and_arrives_once(company: UUID, sandbox: Running, admin: Any, fault: str) -> None:
    request_id = _released(_employer(company, sandbox))
    if fault:
        sandbox.client.screening.faults(fault, where="POST /plainscreen/orders", times=1)
    run_jobs(kinds=ORDER)
    for _ in range(4):
        _later(admin)
        run_jobs(kinds=ORDER)
    (ordered,) = sandbox.client.screening.orders()
    assert (ordered["provider"], ordered["package"]) == ("plainscreen", "BASIC")
    assert _kept(request_id).order_state == OrderState.PLACED
    assert _kept(request_id).provider_invitation_id == sandbox.client.screening.objects("order")[0]["id"]
    assert sandbox.client.screening.ordered_twice() == 0


@pytest.mark.parametrize("fault", ["drop_after", "server_error_after", "garbage"])
def test_without_a_search_a_person_decides(company: UUID, sandbox: Running, admin: Any, fault: str) -> None:
    request_id = _released(_employer(company, sandbox, find_path=""))
    sandbox.client.screening.faults(fault, where="POST /plainscreen/orders", times=1)
    run_jobs(kinds=ORDER)
    for _ in range(3):
        _later(admin)
        run_jobs(kinds=ORDER)
    assert _kept(request_id).order_state == OrderState.UNKNOWN
    assert len(sandbox.client.screening.orders()) == 1


@pytest.mark.parametrize(("begun", "state"), [(False, OrderState.REFUSED), (True, OrderState.UNKNOWN)])
def test_what_a_rule_of_the_settings_forbids_is_for_a_person_at_once(
    company: UUID, sandbox: Running, begun: bool, state: OrderState
) -> None:
    request_id = _released(_employer(company, sandbox, orders={"rules": {"package": "one of GOLD"}}))
    with transaction() as session:
        if begun:  # an attempt before the rule was written may have arrived
            request = made.stored(session, request_id)
            request.order_state, request.ordering_at = OrderState.PLACING.value, now() - timedelta(minutes=3)
    run_jobs(kinds=ORDER)
    assert (_kept(request_id).order_state, _kept(request_id).order_problem) == (state, "rule-broken")
    assert sandbox.client.screening.orders() == []
