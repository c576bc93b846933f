"""The part of HR, the benefits admin and the carriers, at 1280 x 800."""

from __future__ import annotations

import re
import time
from datetime import date
from typing import Any

from app.core.clock import today
from tests.story.enrolling import EMAIL
from tests.story.eyes import Eyes
from tests.story.parts import SOON, follow, news, press, refused, sign_in, stay, text, title, type_date, wait

REASON = "Please take Dental PPO: the basic plan has no orthodontics for Ivy."
NUMBER = "2001"
GONE = re.compile("Sent|Syntax accepted")
CARRIERS = ("Evergreen Health", "BrightLine Vision")


def hire(page: Any, eyes: Eyes) -> None:
    """HR adds somebody with a work e-mail; the rest happens by itself."""
    sign_in(page, "hr@northwind.example")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="People").click()
    title(page, "People")
    eyes.look(page, "00-people")
    follow(page, "Add somebody")
    press(page, "Add this person")
    refused(page, "Enter a first name")
    eyes.look_at_errors(page, "00-hire-empty")
    page.get_by_label("First name").fill("Nora")
    page.get_by_label("Last name").fill("Whitfield")
    type_date(page, "Date of birth", date(1990, 2, 3))
    page.get_by_label("Gender").select_option(label="Female")
    page.get_by_label("Social Security number").fill("900-77-1234")
    page.get_by_label("Employee number").first.fill(NUMBER)
    type_date(page, "Date of hire", today().replace(day=1))
    page.get_by_label("Work email").fill(EMAIL)
    page.get_by_label("Department").select_option(index=1)
    page.get_by_label("Region").select_option(index=1)
    press(page, "Add this person")
    title(page, "Nora Whitfield")
    eyes.look(page, "00-hired")


def watch_the_queue(page: Any) -> None:
    """HR has the queue open before anybody signs."""
    page.goto("/benefits/enrollments")
    title(page, "Enrollments")
    stay(page)


def open_from_queue(page: Any, number: str, *, js: bool = True) -> None:
    news(page, number, js=js)
    page.get_by_role("row").filter(has_text=number).get_by_role("link").click()
    title(page, "Nora Whitfield")


def send_back(page: Any, number: str, eyes: Eyes) -> None:
    open_from_queue(page, number)
    eyes.look(page, "15-enrollment")
    follow(page, "Send back")
    press(page, "Send back")
    refused(page, "reason")
    eyes.look_at_errors(page, "16-rejection-empty")
    page.get_by_role("textbox").fill(REASON)
    press(page, "Send back")
    title(page, "Enrollments")
    eyes.look(page, "17-queue")


def approve(page: Any, number: str, *, js: bool) -> None:
    open_from_queue(page, number, js=js)
    assert "Dental PPO" in text(page)
    press(page, "Approve")
    title(page, "Enrollments")
    assert f"{number} approved" in text(page)


def send_to_carriers(page: Any, house: Any) -> None:
    """The benefits admin presses "Send now" for both carriers; the files appear, and go, while one looks."""
    sign_in(page, "benefits@northwind.example")
    wait(lambda: changes_wait(page) or all(adds(house).values()), 90, "changes for both carriers")
    house.eyes.look(page, "22-feeds")
    wait(lambda: send_now(page, house), 90, "both carriers to read our files")
    for carrier in CARRIERS:
        page.get_by_role("row").filter(has_text=carrier).filter(has_text=GONE).first.wait_for(timeout=SOON)


def send_now(page: Any, house: Any) -> bool:
    """Press for each carrier that does not know the new hire yet; a file of the schedule may be on its way just then."""
    for slug, carrier in (("evergreen", CARRIERS[0]), ("brightline", CARRIERS[1])):
        if not adds(house)[slug]:
            press(page, f"Send now {carrier}")
            page.locator("main .flash, main [role=status]").first.wait_for()
            time.sleep(2)
    return all(adds(house).values())


def changes_wait(page: Any) -> bool:
    page.goto("/feeds")
    title(page, "Carrier feeds")
    return bool(page.get_by_text("for the next file").count() == len(CARRIERS))


def fetch_answers(page: Any, house: Any) -> None:
    """TA1 and 999 are in the carriers' folders; "Check now" brings them in."""
    house.sandbox.client.wait_idle()
    for carrier in CARRIERS:
        page.goto("/feeds")
        press(page, f"Check now {carrier}")
        title(page, "What arrived from carriers")


def send_census(page: Any, house: Any) -> None:
    """The carriers' own records, at last."""
    for carrier in house.sandbox.carriers:
        house.sandbox.client.carrier(carrier).send_census()
    fetch_answers(page, house)


def adds(house: Any) -> dict[str, list[tuple[str, str, str]]]:
    """What each carrier did about the new hire's family: (member, code, plans), by carrier."""
    query = "SELECT member_number FROM employee WHERE employee_number = %s"
    number = house.admin.execute(query, [NUMBER]).fetchone()[0]
    return {
        slug: sorted(
            (effect["member"], effect["code"], " ".join(sorted(line["plan"] for line in effect["lines"])))
            for effect in house.sandbox.client.carrier(slug).effects()
            if effect["subscriber_id"] == number
        )
        for slug in house.sandbox.carriers
    }
