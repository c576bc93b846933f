"""An order that came to nothing, or of which nobody knows, is told to whoever asked for it, once and without a name."""

from __future__ import annotations

from uuid import UUID

import pytest
import sqlalchemy as sa

from app.core.db import transaction
from app.core.events import system
from app.core.jobs import enqueue
from app.notices.models import Notice
from app.screening.services import placing
from tests.feeds.world import run_jobs
from tests.screening import made
from tests.screening.made import Employer

JOBS = ("screening.tell_not_ordered",)


def _ended(employer: Employer, state: str) -> UUID:
    with transaction() as session:
        request = made.released(session, employer)
        placing.plan(session, system("test"), request.id)
        session.flush()
        end = placing.mark_uncertain if state == "unknown" else placing.mark_refused
        end(session, system("test"), request.id, "attempt-interrupted")
        return request.id


def _notices() -> list[Notice]:
    with transaction() as session:
        return list(session.scalars(sa.select(Notice).where(Notice.kind.like("screening.order.%"))))


@pytest.mark.parametrize("state", ["unknown", "refused"])
def test_who_ordered_is_told(employer: Employer, state: str) -> None:
    request_id = _ended(employer, state)
    assert run_jobs(kinds=JOBS) == ["screening.tell_not_ordered"]
    told = _notices()
    assert {one.kind for one in told} == {f"screening.order.{state}"}
    assert {one.user_id for one in told} == {employer.recruiter.user_id}
    assert {one.subject_id for one in told} == {request_id}
    assert {one.link_path for one in told} == {f"/screening/requests/{request_id}"}
    with transaction() as session:
        number = made.stored(session, request_id).number
    assert all(number in one.body and "Roe" not in one.body + one.subject for one in told)


def test_one_that_was_found_in_the_meantime_bothers_nobody(employer: Employer) -> None:
    request_id = _ended(employer, "unknown")
    with transaction() as session:
        made.stored(session, request_id).order_state = "placed"
        enqueue(session, JOBS[0], request_id, key="again")
    run_jobs(kinds=JOBS)
    assert _notices() == []
