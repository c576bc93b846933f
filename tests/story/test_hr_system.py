"""An admin connects the HR system by signing in there, tries a mapping, rehearses, activates; a person hired there is invited here."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.story.parts import SOON, follow, press, sign_in, text, title, wait

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(600)]


@pytest.fixture
def with_checks() -> bool:
    return False


def test_from_the_catalog_to_an_invitation(house: Any, new_page: Callable[..., Any]) -> None:
    house.settle()  # what the demo company promised at its beginning
    vendor, eyes = house.sandbox.client.vendor("bamboohr"), house.eyes
    hints = house.sandbox.vendors["bamboohr"]
    page = new_page()
    page.set_viewport_size({"width": 1280, "height": 800})
    sign_in(page, "benefits@northwind.example")
    page.goto("/integrations")
    eyes.look(page, "h1-catalog")
    page.get_by_role("link", name=re.compile(r"Connect.*BambooHR")).click()
    title(page, "New connection")
    page.get_by_label("Provider's name").fill("People at BambooHR")
    page.get_by_label("Short code").fill("BAMBOO")
    press(page, "Make the connection")
    title(page, "People at BambooHR")
    _settings(page, hints)
    _sign_in_there(page, eyes)
    page.goto(page.url.replace("/connections/", "/integrations/"))
    eyes.look(page, "h3-set-up")
    integration = page.url
    _map(page, eyes)
    page.goto(integration)
    press(page, "Rehearse now")
    run = page.get_by_role("link", name="Look at it")
    run.or_(page.get_by_role("link", name="Go on to activate")).first.wait_for(timeout=SOON)
    page.goto(f"{integration}/runs")
    page.locator("main table a, main .data a").first.click()
    page.get_by_text("Wren Abiodun").first.wait_for(timeout=SOON)
    page.get_by_text("18 fields").first.click()
    assert re.search(r"Job title: [A-Z ]+\b", text(page)), "as it was mapped"
    eyes.look(page, "h5-rehearsal")
    page.goto(integration)
    follow(page, "Go on to activate")
    eyes.look(page, "h6-schedule")
    page.get_by_role("button", name=re.compile("[Aa]ctivate")).click()
    page.wait_for_url(lambda url: "schedule" not in url)
    eyes.look(page, "h7-progress")
    wait(lambda: _rows(house, "state = 'done' AND NOT is_dry"), 180, "the first sync", lambda: _rows(house, "true"))
    people = house.admin.execute("SELECT count(*) FROM remote_record WHERE resource = 'employees' AND state = 'taken'")
    assert people.fetchone()[0] == 30
    vendor.do("hire", first_name="Juniper", last_name="Vale")
    page.goto(integration)
    press(page, "Sync the changes now")
    message = house.mail("juniper.vale@maplecedar.example", "", seconds=180)
    assert "/accounts/" in message["text"] or "/sign-in/" in message["text"] or "/welcome" in message["text"]
    phone = new_page(phone=True)
    phone.goto(re.search(r"https?://\S+", message["text"])[0])  # type: ignore[index]
    eyes.look(phone, "h8-invited")
    house.settle()
    assert house.work("dead", "unknown") == []


def _settings(page: Any, hints: dict[str, str]) -> None:
    """Where the stand-in is, whose account it is, and the application's key."""
    parts: dict[str, dict[str, str]] = {
        "Environment": {"Sandbox address": hints["api_url"], "Most requests in an hour": "100000"},
        "Settings": {"Company at BambooHR": "maplecedar"},
        "Credentials": {"Client ID": hints["client_id"], "Client secret": hints["client_secret"]},
    }
    for part, values in parts.items():
        follow(page, part)
        for label, value in values.items():
            page.get_by_label(label).fill(value)
        press(page, "Save")
        title(page, "People at BambooHR")


def _sign_in_there(page: Any, eyes: Any) -> None:
    eyes.look(page, "h2-connection")
    page.get_by_role("button", name=re.compile("Sign in at")).click()
    page.get_by_role("button", name=re.compile("Allow")).click()
    page.get_by_text(re.compile("signed in on", re.IGNORECASE)).first.wait_for(timeout=SOON)
    press(page, "Test connection")
    page.get_by_text("It works").wait_for(timeout=SOON)


def _map(page: Any, eyes: Any) -> None:
    """The job title in capitals, as this company wants it."""
    page.goto(f"{page.url}/mapping/employees/job_title")
    eyes.look(page, "h4-map")
    page.get_by_text("Change the value on its way").click()
    page.get_by_label("Write it in capitals").check(force=True)
    press(page, "Save")
    page.wait_for_url("**/mapping/employees")


def _rows(house: Any, condition: str) -> list[Any]:
    return list(house.admin.execute(f"SELECT state, failure, parts FROM sync_run WHERE {condition}").fetchall())
