"""What the script adds in Chromium, and that every page works without it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.a11y import assert_accessible, assert_errors_linked

pytestmark = pytest.mark.browser


def focused(page: Any) -> str:
    return str(page.evaluate("() => document.activeElement.id || document.activeElement.tagName"))


def test_errors_swap_in_and_take_focus(tiny_page: Any) -> None:
    page = tiny_page()
    page.goto("/dev/step")
    page.evaluate("() => { window.sameDocument = true; }")
    page.get_by_role("button", name="Save and continue").click()
    page.wait_for_selector("#error-summary")
    assert page.evaluate("() => window.sameDocument"), "the page was not loaded again"
    assert focused(page) == "error-summary"
    assert page.title().startswith("Error: ")
    assert_errors_linked(page)
    page.get_by_role("link", name="Enter a Social Security number with 9 digits").click()
    assert focused(page) == "ssn"


def test_success_loads_the_next_page_and_back_works(tiny_page: Any) -> None:
    page = tiny_page()
    page.goto("/dev/step")
    page.get_by_label("Leo's Social Security number").fill("536 90 4399")
    page.get_by_role("button", name="Save and continue").click()
    page.wait_for_url("**/dev/list")
    page.go_back()
    assert page.get_by_role("heading", level=1).inner_text() == "Medical plan"


def test_the_same_form_without_javascript(tiny_page: Any) -> None:
    page = tiny_page(js=False)
    page.goto("/dev/step")
    page.get_by_role("button", name="Save and continue").click()
    assert page.locator("#error-summary").is_visible()
    page.get_by_label("Silver PPO").check()
    page.get_by_label("Leo's Social Security number").fill("536-90-4399")
    page.get_by_role("button", name="Save and continue").click()
    page.wait_for_url("**/dev/list")


def test_a_broken_server_fills_the_one_alert_region(tiny_page: Any) -> None:
    page = tiny_page()
    page.goto("/dev/step")
    page.route("**/dev/step", lambda route: route.fulfill(status=500, body="<p>inner detail</p>"))
    page.get_by_role("button", name="Save and continue").click()
    page.wait_for_function("() => document.getElementById('page-problem').textContent")
    assert "Your answers are saved" in page.locator("#page-problem").inner_text()
    assert page.get_by_role("heading", level=1).is_visible(), "the page was left alone"
    assert page.get_by_role("button", name="Save and continue").is_enabled()
    assert_accessible(page)


def test_a_lost_network_fills_the_alert_region_too(tiny_page: Any) -> None:
    page = tiny_page()
    page.goto("/dev/step")
    page.route("**/dev/step", lambda route: route.abort())
    page.get_by_role("button", name="Save and continue").click()
    page.wait_for_function("() => document.getElementById('page-problem').textContent")


def test_both_buttons_are_off_while_a_form_is_under_way(tiny_page: Any) -> None:
    page = tiny_page()
    page.goto("/dev/step")
    page.route("**/dev/step", lambda route: None)  # never answered
    page.get_by_role("button", name="Save and continue").click()
    page.wait_for_function("() => [...document.querySelectorAll('main form button')].every(b => b.disabled)")


def test_filters_change_the_list_and_the_address(tiny_page: Any) -> None:
    page = tiny_page(width=1280)
    page.goto("/dev/list?as=ana")
    page.evaluate("() => { window.sameDocument = true; }")
    page.get_by_label("Status", exact=True).select_option("waiting")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**/dev/list?q=&status=waiting&department=")
    assert page.evaluate("() => window.sameDocument")
    assert focused(page) == "filter-apply", "focus stays where the person is"
    assert page.get_by_label("Status", exact=True).input_value() == "waiting"


def test_idle_warning_extends_or_leaves(tiny_app: Any, tiny_page: Any) -> None:
    tiny_app.config["IDLE_SECONDS"] = 600
    try:
        page = tiny_page()
        page.clock.install()
        page.goto("/dev/list?as=ana")
        page.route("**/keep-alive", lambda route: route.fulfill(status=204))
        page.clock.fast_forward(485_000)
        page.wait_for_selector("#idle[open]")
        assert_accessible(page)
        page.get_by_role("button", name="Stay signed in").click()
        page.wait_for_selector("#idle:not([open])", state="attached")
        page.clock.fast_forward(485_000)
        page.wait_for_selector("#idle[open]")
        page.clock.fast_forward(130_000)
        page.wait_for_url("**/")
    finally:
        tiny_app.config["IDLE_SECONDS"] = None


def test_a_menu_opens_without_javascript(tiny_page: Any) -> None:
    page = tiny_page(js=False)
    page.goto("/dev/list?as=ana")
    page.get_by_text("Menu", exact=True).click()
    assert page.get_by_role("navigation", name="Main menu").get_by_role("link", name="Employees").is_visible()
    assert page.get_by_role("button", name="Sign out").is_visible()


def test_the_skip_link_is_first_and_works(tiny_page: Any) -> None:
    page = tiny_page()
    page.goto("/dev/step")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert focused(page) == "main"
