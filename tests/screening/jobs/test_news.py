"""Recruiters hear what they must do, once, and never a result."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.db import tenant, transaction
from app.core.events import system
from app.integrations.screening import Result, Status
from app.notices.models import Notice
from app.screening.rules.states import OrderState
from app.screening.services import placing
from tests.benefits.test_jobs import run_all
from tests.screening.made import Employer, released
from tests.screening.views.test_board import placed, reported


def told(session: Session, employer: Employer) -> list[Notice]:
    run_all(session, prefix="screening.tell_")
    query = sa.select(Notice).where(Notice.user_id == employer.recruiter.user_id, Notice.channel == "in_app")
    return list(session.scalars(query))


@pytest.mark.parametrize(
    ("mark", "kind"), [(placing.mark_uncertain, "screening.order.unknown"), (placing.mark_refused, "screening.order.refused")]
)  # fmt: skip
def test_an_order_that_failed(session: Session, employer: Employer, mark: object, kind: str) -> None:
    with tenant(employer.company_id), transaction() as own:
        made = released(own, employer)
        made.order_state = OrderState.PLACING.value
        own.flush()
        mark(own, system("test"), made.id, "http-422")  # type: ignore[operator]
        number, name = made.number, "Jane"
    (notice,) = [one for one in told(session, employer) if one.kind == kind]
    assert number in notice.body
    assert name not in notice.subject + notice.body
    assert notice.link_path == f"/screening/requests/{made.id}"


@pytest.mark.parametrize("result", [Result.CLEAR, Result.CONSIDER])
def test_a_complete_report_is_told_in_the_same_words_whatever_it_says(
    session: Session, employer: Employer, result: Result
) -> None:
    with tenant(employer.company_id), transaction() as own:
        number = reported(own, employer, result).number
    (notice,) = [one for one in told(session, employer) if one.kind == "screening.report_complete"]
    assert notice.subject == "A check is complete"
    assert notice.body.replace(number, "").count("clear") + notice.body.count("consider") == 0


def test_an_invitation_that_ran_out(session: Session, employer: Employer) -> None:
    from app.integrations.screening import Invitation
    from app.screening.services import reconciling

    with tenant(employer.company_id), transaction() as own:
        made = placed(own, employer, Status.WAITING_CANDIDATE)
        made.provider_report_id, made.provider_invitation_id = "", "inv_1"
        look = reconciling.look(own, made.id)
        assert look is not None
        gone = Invitation(id="inv_1", candidate_id="c1", package="essential", status=Status.INVITATION_EXPIRED)
        reconciling.apply(own, system("test"), look, invitation=gone, report=None)
    assert [one.kind for one in told(session, employer)] == ["screening.invitation_expired"]
