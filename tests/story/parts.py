"""What people do on any page: sign in, type a date, wait for news with or without JavaScript."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from worker.demo.users import PASSWORD

T = TypeVar("T")
SOON = 90_000
"""Milliseconds until work in the background must show: other tests run beside this one."""


def sign_in(page: Any, email: str) -> None:
    """With the password of the demo company, through the page."""
    page.goto("/sign-in?company=northwind")
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(page, "Sign in")
    page.wait_for_url(lambda url: "/sign-in" not in url)


def press(page: Any, name: str, within: Any = None) -> None:
    (within or page).get_by_role("button", name=name, exact=True).click()


def follow(page: Any, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).click()


def title(page: Any, words: str) -> None:
    """The page with this main heading has arrived."""
    page.get_by_role("heading", level=1, name=words, exact=True).wait_for()


def type_date(page: Any, legend: str, day: date) -> None:
    group = page.get_by_role("group", name=legend, exact=True)
    for label, number in (("Month", day.month), ("Day", day.day), ("Year", day.year)):
        group.get_by_label(label).fill(str(number))


def choose(page: Any, words: str) -> None:
    """A radio button or checkbox whose name begins with these words; pressed where a thumb presses, on its tile."""
    control = page.get_by_label(re.compile(rf"^\s*{re.escape(words)}")).first
    if not control.is_checked():
        page.locator(f"label[for='{control.get_attribute('id')}']").click()
    assert control.is_checked()


def text(page: Any) -> str:
    return " ".join(page.locator("main").inner_text().split())


def refused(page: Any, words: str) -> None:
    """The error summary came and says this."""
    page.locator("#error-summary").get_by_text(words).first.wait_for()


def stay(page: Any) -> None:
    """Mark the document, to know later that it is still the same one."""
    page.evaluate("() => { window.sameDocument = true; }")


def news(page: Any, words: str, *, js: bool) -> None:
    """The words arrive: by themselves with JavaScript, else through the link that loads the page again."""
    if not js:
        return _news_by_link(page, words)
    page.locator("main").get_by_text(re.compile(re.escape(words))).first.wait_for(timeout=SOON)
    assert page.evaluate("() => window.sameDocument === true"), "the page was loaded again"
    return None


def _news_by_link(page: Any, words: str) -> None:
    deadline = time.monotonic() + SOON / 1000
    while words not in text(page):
        assert time.monotonic() < deadline, f"{words!r} did not come: {text(page)}"
        time.sleep(0.4)
        page.get_by_role("link", name="Show what is new").first.click()


def wait(ready: Callable[[], T], seconds: float, what: str, seen: Callable[[], object] = str) -> T:
    """What `ready` gives once it is true."""
    deadline = time.monotonic() + seconds
    while not (found := ready()):
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}; there was {seen()}"
        time.sleep(0.1)
    return found
