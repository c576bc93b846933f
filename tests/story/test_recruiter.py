"""A recruiter's day with real parts: order on a page, the stand-in Checkr over HTTP, the board that follows; on a phone and at a desk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.access import RoleType
from app.core.db import enter_tenant, transaction
from app.core.events import system
from app.core.jobs import enqueue
from app.notices.models import Notice
from app.screening.models import ScreeningRequest
from app.screening.rules.outcomes import Decision
from app.screening.services import gate
from app.screening.services.progress import refresh
from sandbox.launch import Running
from tests.a11y import assert_accessible
from tests.accounts.sign_in import make_user, sign_in_browser
from tests.feeds.world import run_jobs
from tests.screening.conftest import _sandbox as _sandbox
from tests.screening.conftest import company as company
from tests.screening.conftest import hired as hired
from tests.screening.conftest import sandbox as sandbox
from tests.screening.made import Employer, give_consent, stored

pytestmark = pytest.mark.browser
TOLD = "screening.tell_"


@pytest.mark.parametrize("phone", [True, False], ids=["390x844", "1280x900"])
def test_from_the_order_to_the_decision(
    new_page: Callable[..., Any], live_url: str, session: Session, hired: Employer, sandbox: Running, phone: bool
) -> None:
    page = new_page(phone=phone)
    rita = make_user(session, hired.company_id, email="rita@acme.example", roles=[RoleType.RECRUITER])
    sign_in_browser(page, rita, live_url)
    order(page)
    request_id = the_request(hired)
    see(page, "Waiting for consent")

    consented(hired, request_id)
    assert "screening.order" in run_jobs(kinds=("screening.order",))
    page.goto("/screening")
    see(page, "Ordered")
    page.get_by_role("link", name="Ana López").click()
    page.get_by_text("Ordered at the provider").wait_for()
    assert_accessible(page)

    finish_at_provider(hired, sandbox, request_id)
    page.get_by_role("heading", name="Decision pending").wait_for(timeout=20_000)  # the page moves by itself
    page.reload()
    page.get_by_text("The report is complete").wait_for()
    assert "onsider" not in page.content()
    assert_accessible(page)

    assert run_jobs(kinds=(TOLD,))
    with transaction() as own:
        told = own.scalars(sa.select(Notice.subject).where(Notice.user_id == rita.id)).all()
    assert "A check is complete" in told
    page.goto("/screening?bucket=review")
    see(page, "An adjudicator decides")
    with transaction() as own:
        row = stored(own, request_id)
        row.decision = Decision.ACCEPTED.value  # the adjudicator's own pages have a story of their own
        refresh(row)
    page.goto("/screening?bucket=done")
    see(page, "Accepted")


def order(page: Any) -> None:
    page.goto("/screening")
    page.get_by_role("link", name="Order the first check").click()
    page.get_by_label("E-mail address").fill("ana@mail.example")
    page.get_by_label("First name").fill("Ana")
    page.get_by_label("Last name").fill("López")
    page.get_by_label("Job", exact=True).fill("Driver")
    page.get_by_label("State", exact=True).select_option("TX")
    page.get_by_label("City", exact=True).fill("Austin")
    page.get_by_label("County").fill("Travis")
    page.locator("label", has_text="Offer made, on condition of the check").click()
    page.locator("label", has_text="Essential").click()
    page.locator("label", has_text="I certify that this report").click()
    page.get_by_role("heading", name="What this place demands").wait_for()
    page.get_by_role("button", name="Order the check").click()
    page.get_by_role("heading", name="Ana López").wait_for()


def see(page: Any, words: str) -> None:
    page.get_by_text(words).locator("visible=true").first.wait_for()


def the_request(employer: Employer) -> Any:
    enter_tenant(employer.company_id)
    with transaction() as own:
        return own.scalars(sa.select(ScreeningRequest.id)).one()


def consented(employer: Employer, request_id: Any) -> None:
    """The candidate's own pages have a story of their own; here only what they leave behind."""
    with transaction() as own:
        row = stored(own, request_id)
        give_consent(own, row)
        assert gate.release(own, system("test"), row), row.hold_reason


def finish_at_provider(employer: Employer, sandbox: Running, request_id: Any) -> None:
    """The candidate fills in the provider's form, the provider finds something, and the job that looks brings it home."""
    with transaction() as own:
        invitation = stored(own, request_id).provider_invitation_id
    report = sandbox.client.screening.finish_invitation(invitation)
    sandbox.client.screening.complete(report, "consider", ["misdemeanor"])
    for again in range(2):  # the invitation first, then the report it names
        with transaction() as own:
            enqueue(own, "screening.look", request_id, key=f"story:{again}")
        run_jobs(kinds=("screening.look",))
