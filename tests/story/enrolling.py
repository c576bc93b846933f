"""The employee's part, on a phone: arrive from the e-mail, choose, check, sign."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta
from typing import Any

import pikepdf

from app.core.clock import today
from tests.story.eyes import Eyes
from tests.story.parts import choose, follow, news, press, refused, stay, text, title, type_date

HIRE = "Nora Whitfield"
EMAIL = "nora.whitfield@northwind.example"
FAMILY = "for you(, | and )(Owen|Ivy)(, | and )(Owen|Ivy)"
SPOUSE_BORN = date(1991, 4, 12)


def newborn_day() -> date:
    return today() - timedelta(days=9)


def arrive(page: Any, house: Any) -> None:
    """The link of the invitation: opening it uses nothing up; the button signs in."""
    message = house.mail(EMAIL, "Your benefits account is ready", seconds=120)
    assert "Nora" not in message["subject"]
    link = re.search(r"http://localhost:\d+/sign-in/link/\S+", message["text"])
    assert link is not None, message["text"]
    page.goto(link.group())
    page.goto(link.group())  # a mail scanner was here first
    title(page, "Continue to your account")
    house.eyes.look(page, "01-link")
    press(page, "Continue")
    title(page, "Choose a password")
    house.eyes.look(page, "01-welcome")
    follow(page, "Continue without a password")
    title(page, "Choose your benefits")
    house.eyes.look(page, "03-before-you-start")


def see_the_one_thing(page: Any, eyes: Eyes) -> None:
    """Home names one thing to do with its deadline; in Spanish too."""
    page.goto("/benefits")
    assert page.locator("main .card.accent").count() == 1
    shown = text(page)
    assert "NEXT THING TO DO" in shown.upper()
    assert re.search(r"Do this by \w+ \d+, \d{4}\.", shown)
    assert "days left" in shown.lower() or "day left" in shown.lower()
    assert "New hire, plan year" in shown
    eyes.look(page, "02-home")
    speak(page, "Español")
    assert page.locator("html").get_attribute("lang") == "es"
    assert "beneficios" in text(page).lower()
    eyes.look(page, "02-home-es")
    speak(page, "English")
    title(page, "My benefits")
    page.get_by_role("link", name="Start").click()
    title(page, "Choose your benefits")
    follow(page, "Start")


def speak(page: Any, language: str) -> None:
    page.locator("header summary").click()
    page.locator("header .menu-panel").get_by_role("link", name=language).click()
    page.wait_for_load_state()


def add_the_family(page: Any, eyes: Eyes) -> None:
    """A spouse with the mistakes people make, then a newborn who has no number yet."""
    title(page, "Who to cover")
    eyes.look(page, "04-who-alone")
    press(page, "Add a family member")
    title(page, "Add a family member")
    eyes.look(page, "05-family-member")
    press(page, "Save family member")
    for words in ("Enter the first name", "Select who this person is to you", "select why there is none"):
        refused(page, words)
    eyes.look_at_errors(page, "05-family-member-empty")
    type_person(page, "Owen", "Spouse", "Male", SPOUSE_BORN.replace(year=2091))
    page.get_by_label("Social Security number").fill("123")
    press(page, "Save family member")
    refused(page, "date of birth in the past")
    eyes.look_at_errors(page, "05-family-member-wrong")
    page.locator("#error-summary a").first.click()  # lands in the field
    type_date(page, "Date of birth", SPOUSE_BORN)
    page.get_by_label("Social Security number").fill("601-04-7788")
    press(page, "Save family member")
    title(page, "Who to cover")
    press(page, "Add a family member")
    type_person(page, "Ivy", "Child", "Female", newborn_day())
    page.get_by_label("If there is no number yet, why?").select_option(label="Newborn, not issued yet")
    press(page, "Save family member")
    title(page, "Who to cover")
    assert page.get_by_label("Owen Whitfield").is_checked()
    assert page.get_by_label("Ivy Whitfield").is_checked()
    eyes.look(page, "06-who-family")


def type_person(page: Any, first: str, relation: str, gender: str, born_on: date) -> None:
    page.get_by_label("First name").fill(first)
    choose(page, relation)
    choose(page, gender)
    type_date(page, "Date of birth", born_on)


def choose_medical(page: Any, eyes: Eyes) -> None:
    """Nothing chosen is an error; the plans are compared; what it costs each paycheck is there."""
    press(page, "Save and continue")
    title(page, "Medical")
    eyes.look(page, "07-medical")
    press(page, "Save and continue")
    refused(page, "Select a medical plan")
    eyes.look_at_errors(page, "07-medical-empty")
    follow(page, "Compare the plans side by side")
    title(page, "Compare plans")
    eyes.look(page, "08-compare")
    follow(page, "Choose Silver PPO")
    title(page, "Medical")
    assert page.get_by_label(re.compile(r"^\s*Silver PPO")).is_checked()
    assert "per paycheck" in text(page)


def go_on_elsewhere(page: Any, other: Any, eyes: Eyes) -> None:
    """Saved for later on the phone, opened on another device: the answers are there."""
    press(page, "Save and finish later")
    title(page, "My benefits")
    assert "Go on from any device" in text(page)
    eyes.look(page, "09-later")
    other.context.add_cookies(page.context.cookies())
    other.goto("/benefits")
    follow(other, "Continue")
    assert "Medical Done" in text(other)
    eyes.look(other, "09-other-device")
    follow(page, "Continue")
    follow(page, "Continue")


def choose_dental_and_vision(page: Any, eyes: Eyes, *, js: bool) -> None:
    title(page, "Dental")
    if js:  # the total follows while one chooses
        before = page.locator("#running-total").inner_text()
        choose(page, "Dental PPO")
        page.wait_for_function("old => document.querySelector('#running-total').innerText !== old", arg=before)
    choose(page, "Dental PPO")
    eyes.look(page, "10-dental")
    press(page, "Save and continue")
    title(page, "Vision")
    choose(page, "Vision Standard")
    eyes.look(page, "11-vision")
    press(page, "Save and continue")
    title(page, "Life insurance")
    press(page, "Save and continue")
    refused(page, "Select a life insurance plan")
    choose(page, "I don't want life insurance")
    eyes.look(page, "11-life")
    press(page, "Save and continue")


def check_and_change(page: Any, eyes: Eyes) -> None:
    title(page, "Check your answers")
    assert re.search(rf"Silver PPO, {FAMILY}", text(page)), text(page)
    assert "per paycheck" in text(page)
    eyes.look(page, "12-check")
    follow(page, "Change Dental")
    title(page, "Dental")
    choose(page, "Dental Basic")
    press(page, "Save and continue")
    title(page, "Check your answers")
    assert re.search(rf"Dental Basic, {FAMILY}", text(page)), text(page)


def sign(page: Any, eyes: Eyes) -> str:
    """The wrong name first. Returns the number of what was signed."""
    follow(page, "Continue to sign")
    title(page, "Read and sign")
    eyes.look(page, "13-sign")
    page.get_by_label("Your full name").fill("Norah Whitefield")
    choose(page, "I have read this")
    press(page, "Sign and send to HR")
    refused(page, "name")
    eyes.look_at_errors(page, "13-sign-wrong")
    return sign_again(page)


def sign_again(page: Any) -> str:
    page.get_by_label("Your full name").fill(HIRE)
    choose(page, "I have read this")
    press(page, "Sign and send to HR")
    page.wait_for_url("**/benefits/confirmation/**")
    return str(page.url.rpartition("/")[2])


def keep_the_document(page: Any, eyes: Eyes, *, js: bool) -> None:
    """The PDF comes by itself (or by the link), and is a tagged one."""
    title(page, "We have your choices")
    stay(page)
    if "being prepared" in text(page):
        eyes.look(page, "14-confirmation-waits")
    news(page, "Download the confirmation (PDF)", js=js)
    eyes.look(page, "14-confirmation")
    with page.expect_download() as download:
        follow(page, "Download the confirmation (PDF)")
    with pikepdf.open(io.BytesIO(download.value.path().read_bytes())) as document:
        assert bool(document.Root.MarkInfo.Marked)
        assert str(document.Root.Lang).startswith("en")
        assert "/StructTreeRoot" in document.Root
        assert str(document.docinfo["/Title"]).startswith("S-")


def correct(page: Any, eyes: Eyes, reason: str) -> str:
    """Read HR's reason, change what it says, sign again."""
    page.goto("/benefits")
    assert reason in text(page)
    eyes.look(page, "20-sent-back")
    follow(page, "Start") if page.get_by_role("link", name="Start").count() else follow(page, "Continue")
    title(page, "Choose your benefits")
    assert reason in text(page)
    eyes.look(page, "21-start-again")
    follow(page, "Check your answers")
    follow(page, "Change Dental")
    choose(page, "Dental PPO")
    press(page, "Save and continue")
    follow(page, "Continue to sign")
    return sign_again(page)
