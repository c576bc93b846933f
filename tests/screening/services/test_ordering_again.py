"""An order that came to nothing may be placed again, by a person, and never more than five times."""

from __future__ import annotations

import pytest

from app.core.db import tenant, transaction
from app.core.errors import Conflict, Invalid
from app.integrations.screening import Status
from app.screening.rules.states import OrderState
from app.screening.services import ordering, placing
from app.screening.services.progress import refresh
from tests.screening.made import Employer, released


def test_an_invitation_that_ran_out_is_ordered_anew_and_never_taken_for_the_new_one(employer: Employer) -> None:
    with tenant(employer.company_id), transaction() as session:
        made = released(session, employer)
        made.order_state, made.provider_invitation_id = OrderState.PLACED.value, "inv_old"
        made.provider_status = Status.WAITING_CANDIDATE.value
        with pytest.raises(Conflict):
            ordering.order_again(session, employer.recruiter, made, "too early")
        made.provider_status = Status.INVITATION_EXPIRED.value
        refresh(made)
        with pytest.raises(Invalid):
            ordering.order_again(session, employer.recruiter, made, " ")
        key = placing.order_key(made, "order")
        ordering.order_again(session, employer.recruiter, made, "It ran out")
        assert made.order_state == OrderState.RELEASED
        assert made.provider_status == Status.ORDERED
        assert placing.order_key(made, "order") != key
        session.flush()
        plan = placing.plan(session, employer.recruiter, made.id)
        assert plan is not None
        assert "inv_old" in plan.known_orders


def test_not_more_than_five_times(employer: Employer) -> None:
    with tenant(employer.company_id), transaction() as session:
        made = released(session, employer)
        for _ in range(5):
            made.order_state = OrderState.REFUSED.value
            ordering.order_again(session, employer.recruiter, made, "Repaired")
        made.order_state = OrderState.REFUSED.value
        with pytest.raises(Conflict):
            ordering.order_again(session, employer.recruiter, made, "Once more")
