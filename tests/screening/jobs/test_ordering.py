"""An order arrives at the provider once: with the sandbox's faults, with interrupted attempts, and after a change of mind."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.core.clock import now
from app.core.db import transaction
from app.core.events import AuditEvent
from app.screening.models import ScreeningRequest
from app.screening.rules.states import OrderState, RequestStatus
from app.screening.services import ordering
from sandbox.launch import Running
from tests.feeds.world import hurry, run_jobs
from tests.screening import made
from tests.screening.made import Employer

ORDER = ("screening.order",)


def _released(employer: Employer, **changes: Any) -> UUID:
    with transaction() as session:
        return made.released(session, employer, **changes).id


def _kept(request_id: UUID) -> ScreeningRequest:
    with transaction() as session:
        return made.stored(session, request_id)


def _orders(sandbox: Running, request_id: UUID) -> list[Any]:
    return [one for one in sandbox.client.screening.orders() if one["reference"] == str(request_id)]


def test_an_order_arrives_with_what_the_provider_needs(hired: Employer, sandbox: Running) -> None:
    request_id = _released(hired)
    assert run_jobs(kinds=ORDER) == ["screening.order"]
    request = _kept(request_id)
    assert (request.order_state, request.status) == (OrderState.PLACED, RequestStatus.SUBMITTED)
    invitation = sandbox.client.screening.get("invitation", request.provider_invitation_id)
    assert invitation["package"] == "essential"
    assert invitation["work_locations"] == [{"country": "US", "state": "TX", "city": "Austin"}]
    candidate = sandbox.client.screening.get("candidate", request.provider_candidate_id)
    assert candidate["custom_id"] == str(request_id)
    assert request.invitation_url == invitation["invitation_url"]
    with transaction() as session:
        names = set(session.scalars(sa.select(AuditEvent.name).where(AuditEvent.entity_id == request_id)))
    assert {"screening.request.initiated", "screening.request.released", "screening.request.ordered"} <= names


@pytest.mark.parametrize(
    "fault", ["server_error_after", "drop_after", "garbage", "truncated", "server_error", "drop_before", "rate_limited"]
)
def test_one_fault_never_orders_twice(hired: Employer, sandbox: Running, admin: Any, fault: str) -> None:
    request_id = _released(hired)
    sandbox.client.screening.faults(fault, where="POST /v1/invitations", times=1)
    run_jobs(kinds=ORDER)
    for _ in range(4):
        hurry(admin)
        run_jobs(kinds=ORDER)
    assert _kept(request_id).order_state == OrderState.PLACED
    assert sandbox.client.screening.ordered_twice() == 0
    assert len([one for one in _orders(sandbox, request_id) if one["kind"] == "invitation"]) == 1


def test_an_attempt_that_was_killed_after_the_call_is_not_repeated_blindly(
    hired: Employer, sandbox: Running, admin: Any
) -> None:
    """The provider took it, and we never wrote it down: the same key brings the same answer."""
    request_id = _released(hired)
    run_jobs(kinds=ORDER)
    first = _kept(request_id).provider_invitation_id
    with transaction() as session:
        request = made.stored(session, request_id)
        request.order_state, request.provider_invitation_id = OrderState.PLACING.value, ""
        request.ordering_at = now() - timedelta(minutes=3)
    admin.execute("UPDATE job_intent SET state = 'pending', run_after = now() WHERE kind = 'screening.order'")
    run_jobs(kinds=ORDER)
    assert _kept(request_id).provider_invitation_id == first
    assert sandbox.client.screening.ordered_twice() == 0


def test_a_key_the_provider_has_forgotten_protects_no_more_so_it_is_looked_for(
    hired: Employer, sandbox: Running, admin: Any
) -> None:
    request_id = _released(hired)
    run_jobs(kinds=ORDER)
    first = _kept(request_id).provider_invitation_id
    sandbox.client.screening.advance(hours=25)
    with transaction() as session:
        request = made.stored(session, request_id)
        request.order_state, request.provider_invitation_id = OrderState.PLACING.value, ""
        request.ordering_at = now() - timedelta(hours=25)
    admin.execute("UPDATE job_intent SET state = 'pending', run_after = now() WHERE kind = 'screening.order'")
    run_jobs(kinds=ORDER)
    assert _kept(request_id).provider_invitation_id == first
    assert sandbox.client.screening.ordered_twice() == 0


def test_a_refused_order_is_for_a_person_and_can_be_placed_again_five_times(hired: Employer, sandbox: Running) -> None:
    request_id = _released(hired)
    sandbox.client.screening.remove_package("essential")
    run_jobs(kinds=ORDER)
    request = _kept(request_id)
    assert (request.order_state, request.status, request.blocker) == ("refused", "failed", "us")
    assert request.order_problem
    sandbox.client.screening.add_package("essential", *made.CHECKS)
    with transaction() as session:
        again = made.stored(session, request_id)
        ordering.order_again(session, hired.recruiter, again, "The package is back")
    run_jobs(kinds=ORDER)
    assert _kept(request_id).order_state == OrderState.PLACED


def test_a_key_that_is_refused_waits_for_a_person_and_loses_nothing(
    hired: Employer, sandbox: Running, admin: Any
) -> None:
    request_id = _released(hired)
    sandbox.client.screening.faults("bad_auth", times=0)
    run_jobs(kinds=ORDER)
    assert _kept(request_id).order_state == OrderState.PLACING
    sandbox.client.screening.faults("")
    admin.execute("UPDATE connection SET status = 'connected'")
    hurry(admin)
    run_jobs(kinds=ORDER)
    assert _kept(request_id).order_state == OrderState.PLACED
    assert sandbox.client.screening.ordered_twice() == 0


def test_consent_that_ends_before_the_order_leaves_stops_it(hired: Employer, sandbox: Running) -> None:
    request_id = _released(hired)
    with transaction() as session:
        made.stored(session, request_id).consent_expires_at = now() - timedelta(seconds=1)
        made.stored(session, request_id).consent_obtained_at = now() - timedelta(days=90)
    run_jobs(kinds=ORDER)
    request = _kept(request_id)
    assert (request.order_state, request.hold_reason) == (OrderState.NONE, "consent")
    assert _orders(sandbox, request_id) == []


def test_a_canceled_order_is_taken_back_at_the_provider(hired: Employer, sandbox: Running) -> None:
    request_id = _released(hired)
    run_jobs(kinds=ORDER)
    with transaction() as session:
        ordering.cancel(session, hired.recruiter, made.stored(session, request_id), "candidate_withdrew_consent")
    run_jobs(kinds=("screening.take_back",))
    invitation = sandbox.client.screening.get("invitation", _kept(request_id).provider_invitation_id)
    assert invitation["deleted_at"]


def test_one_canceled_while_nobody_knew_whether_it_arrived_is_found_and_taken_back(
    hired: Employer, sandbox: Running, admin: Any
) -> None:
    request_id = _released(hired)
    run_jobs(kinds=ORDER)
    with transaction() as session:
        request = made.stored(session, request_id)
        request.order_state, request.provider_invitation_id = OrderState.PLACING.value, ""
        request.ordering_at = now() - timedelta(minutes=5)
        session.flush()
        ordering.cancel(session, hired.recruiter, request, "No longer needed")
    admin.execute("UPDATE job_intent SET state = 'pending', run_after = now() WHERE kind = 'screening.order'")
    for _ in range(3):
        hurry(admin)
        run_jobs(kinds=("screening.order", "screening.take_back"))
    request = _kept(request_id)
    assert request.status == RequestStatus.CANCELED
    assert sandbox.client.screening.get("invitation", request.provider_invitation_id)["deleted_at"]
    assert sandbox.client.screening.ordered_twice() == 0


def test_one_canceled_that_never_arrived_is_not_ordered_afterwards(
    hired: Employer, sandbox: Running, admin: Any
) -> None:
    request_id = _released(hired)
    with transaction() as session:
        request = made.stored(session, request_id)
        request.order_state, request.ordering_at = OrderState.PLACING.value, now() - timedelta(minutes=5)
        session.flush()
        ordering.cancel(session, hired.recruiter, request, "No longer needed")
    run_jobs(kinds=ORDER)
    assert _kept(request_id).order_state == OrderState.NONE
    assert [one for one in _orders(sandbox, request_id) if one["kind"] == "invitation"] == []


def test_running_the_job_again_changes_nothing(hired: Employer, sandbox: Running, admin: Any) -> None:
    _released(hired)
    run_jobs(kinds=ORDER)
    admin.execute("UPDATE job_intent SET state = 'pending', run_after = now() WHERE kind = 'screening.order'")
    run_jobs(kinds=ORDER)
    with transaction() as session:
        assert len(session.scalars(sa.select(ScreeningRequest.order_state)).all()) == 1
    assert sandbox.client.screening.ordered_twice() == 0
