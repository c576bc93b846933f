"""The enrollment on a phone, with JavaScript and without: from the home page to the confirmation."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.benefits.services import approve
from app.core.access import RoleType
from tests.a11y import assert_accessible, assert_errors_linked
from tests.accounts.sign_in import make_user, sign_in_browser
from tests.benefits.test_jobs import run_all
from tests.benefits.world import World, enroll, hr_actor

pytestmark = pytest.mark.browser
PICTURES = os.environ.get("BENEFITS_PICTURES", "")


def look(page: Any, name: str) -> None:
    """axe (it needs timers, so with JavaScript only), no sideways scroll, and a picture when a folder is named."""
    if page.evaluate("() => Boolean(window.htmx)"):
        assert_accessible(page)
    if PICTURES:
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.wait_for_timeout(400)  # colors fade
            page.screenshot(path=Path(PICTURES) / f"{name}-{scheme}.png", full_page=True)
        page.emulate_media(color_scheme="light")


@pytest.fixture
def own(either: Any, live_url: str, session: Session, world: World) -> Any:
    """Ana's phone."""
    sign_in_browser(
        either, make_user(session, world.company_id, email="ana@acme.example", employee_id=world.ana.id), live_url
    )
    return either


def go_on(page: Any) -> None:
    page.get_by_role("button", name="Save and continue").click()


def heading(page: Any, words: str) -> None:
    page.get_by_role("heading", level=1, name=words, exact=True).wait_for()


def test_from_home_to_the_confirmation(own: Any, session: Session, world: World) -> None:
    page = own
    page.goto("/benefits")
    js = page.evaluate("() => Boolean(window.htmx)")
    mark = "js" if js else "nojs"
    look(page, f"home-{mark}")
    page.get_by_role("link", name="Start").click()
    heading(page, "Choose your benefits")
    look(page, f"start-{mark}")
    page.get_by_role("link", name="Start").click()
    heading(page, "Who to cover")
    page.get_by_label("Sam López, spouse").check(force=True)
    page.get_by_role("button", name="Add a family member").click()
    heading(page, "Add a family member")
    page.get_by_role("button", name="Save family member").click()
    page.locator("#error-summary").wait_for()
    assert_errors_linked(page)
    look(page, f"member-errors-{mark}")
    page.get_by_label("First name").fill("Nina")
    page.get_by_label("Child", exact=True).check(force=True)
    page.get_by_label("Month").fill("3")
    page.get_by_label("Day").fill("1")
    page.get_by_label("Year").fill("2015")
    page.get_by_label("Female").check(force=True)
    page.get_by_label("If there is no number yet, why?").select_option("applied")
    page.get_by_role("button", name="Save family member").click()
    heading(page, "Who to cover")
    assert page.get_by_label("Nina López, child").is_checked()
    assert page.get_by_label("Sam López, spouse").is_checked()
    look(page, f"who-{mark}")
    go_on(page)
    heading(page, "Medical")
    go_on(page)
    page.locator("#error-summary").wait_for()
    assert_errors_linked(page)
    look(page, f"choose-error-{mark}")
    page.get_by_label("Silver PPO").check(force=True)
    if js:
        page.wait_for_function("() => document.querySelector('#running-total').textContent.includes('161.54')")
    look(page, f"choose-{mark}")
    page.get_by_role("link", name="Compare the plans side by side").click()
    heading(page, "Compare plans")
    look(page, f"compare-{mark}")
    page.get_by_role("link", name="Choose Bronze HDHP with HSA").click()
    heading(page, "Medical")
    assert page.get_by_label("Bronze HDHP with HSA").is_checked()
    go_on(page)
    heading(page, "Dental")
    page.get_by_label("Dental", exact=False).first.check(force=True)
    go_on(page)
    heading(page, "Vision")
    page.get_by_label("I don't want vision coverage").check(force=True)
    go_on(page)
    heading(page, "Life insurance")
    page.get_by_label("Basic Life").check(force=True)
    go_on(page)
    heading(page, "Beneficiaries")
    page.get_by_label("Full name").fill("Sam López")
    page.get_by_label("Share in percent").fill("60")
    go_on(page)
    page.locator("#error-summary").wait_for()
    assert_errors_linked(page)
    look(page, f"beneficiaries-{mark}")
    page.get_by_label("Share in percent").fill("100")
    go_on(page)
    heading(page, "Check your answers")
    look(page, f"check-{mark}")
    page.get_by_role("link", name="Change Medical").click()
    heading(page, "Medical")
    page.get_by_label("Silver PPO").check(force=True)
    go_on(page)
    heading(page, "Check your answers")
    page.get_by_role("link", name="Continue to sign").click()
    heading(page, "Read and sign")
    page.get_by_role("button", name="Sign and send to HR").click()
    page.locator("#error-summary").wait_for()
    assert_errors_linked(page)
    look(page, f"sign-{mark}")
    page.get_by_label("I have read this and I agree").check(force=True)
    page.get_by_label("Your full name").fill("Ana López")
    page.get_by_role("button", name="Sign and send to HR").click()
    heading(page, "We have your choices")
    assert page.get_by_text("Your PDF is being prepared").is_visible()
    run_all(session)
    if not js:
        page.reload()
    page.get_by_role("link", name="Download the confirmation (PDF)").wait_for(timeout=20_000)
    look(page, f"confirmation-{mark}")
    page.goto("/benefits")
    look(page, f"home-waiting-{mark}")
    page.goto("/benefits/history")
    look(page, f"history-{mark}")


def test_hr_works_the_queue_by_keyboard(desktop: Any, live_url: str, session: Session, world: World) -> None:
    enroll(session, world, covered=("Sam", "Leo"))
    session.commit()
    page = desktop
    user = make_user(session, world.company_id, email="dana@acme.example", roles=[RoleType.BENEFITS_ADMIN])
    sign_in_browser(page, user, live_url)
    page.goto("/benefits/enrollments")
    look(page, "queue")
    page.get_by_role("link", name="Ana López").focus()
    page.keyboard.press("Enter")
    heading(page, "Ana López")
    look(page, "enrollment")
    page.go_back()
    page.get_by_label("Select Ana López").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Approve selected").focus()
    page.keyboard.press("Enter")
    page.get_by_text("1 enrollment approved.").wait_for()
    for path, name in (("/benefits/plans", "plans"), (f"/benefits/plans/{world.plans['SILVER'].id}", "plan"), ("/benefits/years", "years"),
                       (f"/benefits/plans/{world.plans['SILVER'].id}/details", "details"), (f"/benefits/plans/{world.plans['SILVER'].id}/rates", "rates"),
                       (f"/benefits/plans/{world.plans['SILVER'].id}/contributions", "contributions"), (f"/benefits/plans/{world.plans['SILVER'].id}/eligibility", "eligibility")):  # fmt: skip
        page.goto(path)
        look(page, name)


def test_the_block_updates_without_a_reload(phone: Any, live_url: str, session: Session, world: World) -> None:
    made = enroll(session, world)
    session.commit()
    sign_in_browser(
        phone, make_user(session, world.company_id, email="ana@acme.example", employee_id=world.ana.id), live_url
    )
    phone.goto(f"/benefits/confirmation/{made.number}")
    phone.evaluate("() => { window.here = true }")
    approve(session, hr_actor(world.company_id), made.id)
    session.commit()
    phone.get_by_text("Approved, telling Evergreen Health").first.wait_for(timeout=20_000)
    assert phone.evaluate("() => window.here")
    look(phone, "approved")


def test_a_desk_is_as_good_as_a_phone(desktop: Any, live_url: str, session: Session, world: World) -> None:
    assert world.window is not None
    sign_in_browser(
        desktop, make_user(session, world.company_id, email="ana@acme.example", employee_id=world.ana.id), live_url
    )
    enroll(session, world, covered=("Sam",))
    session.commit()
    for path, name in (("/benefits", "home-desk"), (f"/benefits/enroll/{world.window.id}/coverage/health", "choose-desk"),
                       (f"/benefits/enroll/{world.window.id}/coverage/health/comparison", "compare-desk")):  # fmt: skip
        desktop.goto(path)
        look(desktop, name)
