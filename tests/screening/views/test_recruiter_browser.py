"""The recruiter's pages in a browser, on a phone and at a desk, light and dark: readable for everybody, also with errors."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from app.core.access import RoleType
from app.core.clock import now
from app.core.db import tenant, transaction
from app.core.events import system
from app.integrations.screening import Result, Status
from app.screening.models import CheckResult
from app.screening.rules.states import CheckStatus, OrderState
from app.screening.rules.words import AskStage
from app.screening.services import links
from app.screening.services.gate import release
from app.screening.services.progress import refresh
from tests.a11y import assert_accessible, assert_errors_linked
from tests.accounts.sign_in import make_user, sign_in_browser
from tests.screening.made import Employer, give_consent, order, released
from tests.screening.views.test_board import placed, reported

pytestmark = pytest.mark.browser


def look(page: Any, name: str) -> None:
    """Accessible in both themes; pictures for a person when LOOK names a folder."""
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        assert_accessible(page)
        if os.environ.get("LOOK"):
            wide = page.viewport_size["width"]
            page.screenshot(path=str(Path(os.environ["LOOK"]) / f"{name}-{wide}-{theme}.png"), full_page=True)


def many(session: Session, employer: Employer) -> dict[str, UUID]:
    """One request of every kind a recruiter meets."""
    waiting = order(session, employer, name="Wanda")
    links.mark_sent(session, system("test"), links.issue(session, waiting.id))
    bounced = order(session, employer, name="Bruno")
    links.mark_undeliverable(session, system("test"), links.issue(session, bounced.id))
    running = placed(session, employer, name="Rhea")
    running.estimated_completion_on = (now() + timedelta(days=3)).date()
    for number, state in enumerate(("completed", "in_progress", "in_progress")):
        kind, ours = ("ssn_trace", "identity_verification") if not number else ("county_criminal_search", "criminal")
        session.add(
            CheckResult(
                request_id=running.id, ref=f"s{number}", kind=kind, check_type=ours, provider_status="in_progress", provider_result="none",
                check_status=CheckStatus(state).value, delay_reason="court_closed" if number == 2 else "",
            )
        )  # fmt: skip
    silent = placed(session, employer, name="Silas")
    silent.last_event_at, silent.estimated_completion_on = now() - timedelta(days=5), (now() - timedelta(days=1)).date()
    lost = released(session, employer, name="Lotte")
    lost.order_state = OrderState.UNKNOWN.value
    refresh(lost)
    expired = placed(session, employer, Status.INVITATION_EXPIRED, name="Eve")
    held = order(session, employer, name="Hedda", stage=AskStage.INTERVIEW)
    give_consent(session, held)
    held.criminal = True
    release(session, system("test"), held)
    pending = reported(session, employer, Result.CLEAR, name="Paula")
    return {
        "waiting": waiting.id, "bounced": bounced.id, "running": running.id, "silent": silent.id, "lost": lost.id,
        "expired": expired.id, "held": held.id, "pending": pending.id,
    }  # fmt: skip


@pytest.mark.parametrize("phone", [True, False], ids=["phone", "desk"])
def test_every_page_of_a_recruiter(
    new_page: Callable[..., Any], live_url: str, session: Session, employer: Employer, phone: bool
) -> None:
    page = new_page(phone=phone)
    user = make_user(session, employer.company_id, email="rita@acme.example", roles=[RoleType.BG_CHECK_ADMIN])
    sign_in_browser(page, user, live_url)
    page.goto("/screening")
    page.get_by_text("No background check yet").wait_for()
    look(page, "board-empty")
    with tenant(employer.company_id), transaction() as own:
        found = many(own, employer)
    for name, path in {
        "board": "/screening", "board-review": "/screening?bucket=review", "board-done": "/screening?bucket=done",
        "board-none": "/screening?q=zzz", "candidates": "/screening/candidates", "order": "/screening/order",
        "bulk": "/screening/bulk-order", "home": "/", "wire": f"/screening/requests/{found['running']}/provider-events",
        **{f"request-{name}": f"/screening/requests/{key}" for name, key in found.items()},
    }.items():  # fmt: skip
        page.goto(path)
        page.locator("h1").wait_for()
        look(page, name)
    page.goto("/screening/candidates")
    page.get_by_role("link", name="Wanda Roe").click()
    page.get_by_role("heading", name="How to reach them").wait_for()
    look(page, "candidate")
    page.reload()
    page.get_by_label("E-mail address").fill("nobody")
    page.get_by_role("button", name="Save").click()
    page.locator("#error-summary").wait_for()
    assert_errors_linked(page)


@pytest.mark.parametrize("js", [True, False], ids=["js", "no-js"])
def test_an_order_with_its_errors_and_what_the_place_demands(
    new_page: Callable[..., Any], live_url: str, session: Session, employer: Employer, js: bool
) -> None:
    page = new_page(phone=True, js=js)
    user = make_user(session, employer.company_id, email="rita@acme.example", roles=[RoleType.RECRUITER])
    sign_in_browser(page, user, live_url)
    page.goto("/screening/order")
    page.get_by_role("button", name="Order the check").click()
    page.locator("#error-summary").wait_for()
    if js:
        assert_errors_linked(page)
        look(page, "order-errors")
    page.get_by_label("E-mail address").fill("ana@mail.example")
    page.get_by_label("First name").fill("Ana")
    page.get_by_label("Last name").fill("López")
    page.get_by_label("Job", exact=True).fill("Driver")
    page.get_by_label("City", exact=True).fill("Los Angeles")
    page.get_by_label("State", exact=True).select_option("CA")
    if not js:
        page.get_by_role("button", name="Show what the place demands").click()
    page.get_by_role("heading", name="What this place demands").wait_for()
    assert page.get_by_label("First name").input_value() == "Ana"
    page.get_by_label("Is the address inside the city's limits?").select_option("inside")
    page.get_by_label("County").fill("Los Angeles")
    page.locator("label", has_text="Offer made, on condition of the check").click()
    page.locator("label", has_text="Essential").click()
    page.locator("label", has_text="I certify that this report").click()
    if js:
        look(page, "order-filled")
    page.get_by_role("button", name="Order the check").click()
    page.get_by_role("heading", name="Ana López").wait_for()
    page.get_by_text("The check has begun.").wait_for()
    page.get_by_text("Cancel the check").locator("visible=true").first.click()
    page.get_by_label("Reason").locator("visible=true").fill("The job is filled")
    page.get_by_role("button", name="Cancel the check").click()
    page.get_by_text("The check is canceled.").wait_for()
