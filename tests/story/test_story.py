"""From the first day at work to "You are covered": every screen, through the real SFTP server and worker, with and without JavaScript."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.story import enrolling, working
from tests.story.enrolling import EMAIL
from tests.story.parts import follow, news, stay, text, title, wait

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(900)]
DESK = {"viewport": {"width": 1280, "height": 800}}


@pytest.fixture
def with_checks() -> bool:
    return False


@pytest.mark.parametrize("js", [True, False], ids=["js", "no-js"])
def test_from_hired_to_covered(
    house: Any, new_page: Callable[..., Any], js: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    began = time.monotonic()
    eyes = house.eyes
    phone, other = new_page(phone=True, js=js), new_page(phone=True, js=js)
    hr, admin = new_page(**DESK), new_page(**DESK)
    if not js:
        eyes.lend(new_page(phone=True), phone, other)

    working.hire(hr, eyes)
    enrolling.arrive(phone, house)
    enrolling.see_the_one_thing(phone, eyes)
    enrolling.add_the_family(phone, eyes)
    enrolling.choose_medical(phone, eyes)
    enrolling.go_on_elsewhere(phone, other, eyes)
    enrolling.choose_dental_and_vision(phone, eyes, js=js)
    enrolling.check_and_change(phone, eyes)
    working.watch_the_queue(hr)
    number = enrolling.sign(phone, eyes)
    enrolling.keep_the_document(phone, eyes, js=js)

    working.send_back(hr, number, eyes)
    number = enrolling.correct(phone, eyes, working.REASON)
    decider = hr if js else signed_in_without_js(new_page, hr)
    working.watch_the_queue(decider)
    working.approve(decider, number, js=js)

    stay(phone)
    news(phone, "Approved, telling", js=js)
    working.send_to_carriers(admin, house)
    working.fetch_answers(admin, house)
    news(phone, "Evergreen Health received it", js=js)
    assert "You are covered" not in text(phone)
    eyes.look(phone, "24-received")
    working.send_census(admin, house)
    news(phone, "You are covered", js=js)
    eyes.look(phone, "25-covered")

    the_end(phone, house)
    with capsys.disabled():
        took = time.monotonic() - began
        sys.stdout.write(
            f"\nstory, JavaScript {js}: {took:.0f} s; {dict(eyes.seen)}; 0 axe violations, 0 unlinked errors\n"
        )


def signed_in_without_js(new_page: Callable[..., Any], hr: Any) -> Any:
    page = new_page(js=False, **DESK)
    page.context.add_cookies(hr.context.cookies())
    return page


def the_end(phone: Any, house: Any) -> None:
    """Home and history agree; every step was written about; each carrier added each person once."""
    phone.goto("/benefits")
    tags = phone.get_by_text("You are covered", exact=True)
    wait(lambda: phone.reload() and tags.count() == 3, 90, "all three coverages", lambda: text(phone))
    house.eyes.look(phone, "26-home-covered")
    follow(phone, "Everything you ever chose")
    title(phone, "Everything you ever chose")
    assert {"Silver PPO", "Dental PPO", "Vision Standard"} <= set(phone.locator("td").all_inner_texts())
    house.eyes.look(phone, "27-history")
    house.mail(EMAIL, "You are covered", count=3)
    assert house.work("dead", "unknown") == []
    assert house.subjects(EMAIL) == [
        "Your benefits account is ready",
        "We have your benefit choices",
        "Your benefit choices need a change",
        "We have your benefit choices",
        "Your benefit choices are approved",
        *["You are covered"] * 3,
    ]
    found = working.adds(house)
    assert [effect[1:] for effect in found["evergreen"]] == [("021", "DEN-PPO MED-PPO")] * 3, found
    assert [effect[1:] for effect in found["brightline"]] == [("021", "VIS-STD")] * 3, found
    assert len({effect[0] for effect in found["evergreen"]}) == 3
