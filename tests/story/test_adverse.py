"""An adverse decision that follows the law, in Chromium: the adjudicator at a desk and on a phone, the candidate on a phone.

The letters are real PDFs over real SMTP, and the work behind runs here in order, so that each state can be looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from app.core.access import RoleType
from app.core.clock import today
from app.core.db import Session, tenant, transaction
from app.core.events import system
from app.domains import load_jobs
from app.screening.models import ScreeningRequest
from app.screening.rules.adverse import Stage
from app.screening.rules.calendars import Calendar
from app.screening.rules.words import Channel, Unit
from app.screening.services import adverse
from tests.accounts.sign_in import sign_in_browser
from tests.feeds.pages import admin_of
from tests.feeds.world import run_jobs
from tests.notices.test_notices import Mailbox, mailbox
from tests.screening import judging as j
from tests.screening.made import Employer, make_employer, stored
from tests.story.eyes import Eyes
from tests.story.parts import choose, follow, press, refused, text, title, type_date

__all__ = ["mailbox"]
pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(600)]
BORN = date(1990, 5, 17)
WORK = ("screening.letter", "notices.send", "screening.note_", "screening.tell_")
CALIFORNIA = Calendar("CA")


@pytest.fixture
def employer(live_url: str) -> Iterator[Employer]:
    load_jobs()
    company_id = uuid4()
    with tenant(company_id):
        with transaction() as session:
            made = make_employer(session, company_id)
        yield made


def make(employer: Employer, how: Callable[..., ScreeningRequest], **more: Any) -> ScreeningRequest:
    with tenant(employer.company_id), transaction() as session:
        return how(session, employer, **more)


def now_(employer: Employer, request: ScreeningRequest) -> ScreeningRequest:
    with tenant(employer.company_id), transaction() as session:
        return stored(session, request.id)


def work(employer: Employer) -> None:
    with tenant(employer.company_id):
        run_jobs(kinds=WORK)


def change(employer: Employer, request: ScreeningRequest, how: Callable[[Session, ScreeningRequest], None]) -> None:
    with tenant(employer.company_id), transaction() as session:
        how(session, stored(session, request.id))


def desk_of(employer: Employer, new_page: Any, url: str, role: RoleType, *, phone: bool = False) -> Any:
    page = new_page(phone=phone)
    sign_in_browser(page, admin_of(employer.company_id, f"{uuid4().hex[:6]}@acme.example", (role,)), url)
    return page


def linked(box: Mailbox) -> str:
    """The path of the button in the newest message."""
    body = box.messages[-1].get_body(("plain",)).get_content()
    found = re.search(r"https?://[^/\s]+(/c/\S+)", body)
    assert found is not None, body
    return found[1]


def open_letter(page: Any, box: Mailbox, eyes: Eyes) -> None:
    """The candidate follows the message, shows who they are, and reads."""
    page.goto(linked(box))
    if "/who" in page.url:
        type_date(page, "Date of birth", BORN)
        press(page, "Continue")
    page.locator("article.legal").first.wait_for()
    eyes.look(page, "candidate-letter")


@pytest.mark.parametrize("small", [False, True], ids=["desk", "phone"])
def test_from_a_report_to_the_final_notice(
    employer: Employer, new_page: Any, live_url: str, mailbox: Mailbox, small: bool
) -> None:
    eyes = Eyes()
    request = make(employer, j.in_review)
    page = desk_of(employer, new_page, live_url, RoleType.BG_CHECK_SPECIALIST, phone=small)
    size = "phone" if small else "desk"
    review(page, eyes, size)
    assess(page, eyes, size)
    follow(page, "Look at the notice")
    title(page, "Notice before a decision")
    assert "Before we decide: please check what was reported" in text(page)
    eyes.look(page, f"{size}-notice")
    press(page, "Send the notice")
    title(page, "Jane Roe")
    assert "The notice has not gone out by every way this place asks for" in text(page)
    work(employer)
    page.reload()
    sent_on = today("America/Los_Angeles")
    due = CALIFORNIA.after(CALIFORNIA.after(sent_on, 2, Unit.BUSINESS), 5, Unit.BUSINESS)
    found = now_(employer, request)
    assert found.stage == Stage.WAITING
    assert found.answer_due_on is not None
    assert found.answer_due_on >= due
    assert "CA: 2 + 5 business days, e-mail" in text(page)
    assert "The candidate still has time to answer" in text(page)
    eyes.look(page, f"{size}-waiting")
    the_candidate_answers(new_page(phone=True), mailbox, eyes)
    page.reload()
    assert "It was my brother" in text(page)
    eyes.look(page, f"{size}-answered")
    the_end(employer, page, request, eyes, size)
    work(employer)
    watched(employer, new_page, live_url, request, eyes)


def review(page: Any, eyes: Eyes, size: str) -> None:
    """The desk, the case, and a choice about each record."""
    page.goto("/screening/desk")
    eyes.look(page, f"{size}-desk")
    follow(page, "Jane Roe")
    title(page, "Jane Roe")
    assert "Choose the records the decision rests on" in text(page)
    eyes.look(page, f"{size}-review")
    for number in (1, 2):
        follow(page, f"Decide about this record {number}")
        title(page, "Decide about a record")
        if number == 1:
            press(page, "Keep this choice")
            refused(page, "Say why. The reason is kept with the record")
            eyes.look_at_errors(page, f"{size}-record-errors")
        page.get_by_label("What it is").select_option("misdemeanor")
        type_date(page, "The day the years count from (optional)", date(2024, 3, 1))
        choose(page, "The decision rests on it")
        page.get_by_label("Why", exact=True).fill("It bears on handling cash.")
        press(page, "Keep this choice")
        title(page, "Jane Roe")


def assess(page: Any, eyes: Eyes, size: str, button: str = "Write the assessment") -> None:
    follow(page, button)
    page.get_by_role("button", name="Keep the assessment").wait_for()
    if button == "Write the assessment":
        press(page, "Keep the assessment")
        refused(page, "write what you weighed")
        eyes.look_at_errors(page, f"{size}-assessment-errors")
    for field in page.locator("textarea").all():
        field.fill("Weighed for this person and this job.")
    choose(page, "We may not go on with this person")
    press(page, "Keep the assessment")
    title(page, "Jane Roe")


def the_candidate_answers(page: Any, box: Mailbox, eyes: Eyes) -> None:
    open_letter(page, box, eyes)
    assert "You can answer until" in text(page)
    assert "Petty theft" in text(page) or "petty theft" in text(page)
    follow(page, "Answer this letter")
    eyes.look(page, "candidate-answer")
    page.locator("input[type=radio][value=evidence_announced]").evaluate("radio => radio.click()")
    page.locator("textarea").first.fill("It was my brother. I will send papers.")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/status*")
    eyes.look(page, "candidate-status")


def the_end(employer: Employer, page: Any, request: ScreeningRequest, eyes: Eyes, size: str) -> None:
    """Read at once, since there is an answer; the decision still waits for the last day."""
    press(page, "Assess it again")
    title(page, "Jane Roe")
    assert "Write the second assessment" in text(page)
    assert page.get_by_role("link", name="Look at the final notice").count() == 0
    assess(page, eyes, size, "Write the second assessment")
    assert "The candidate still has time to answer" in text(page)
    eyes.look(page, f"{size}-reassess")
    change(employer, request, lambda session, row: j.let_time_pass(session, row))
    page.reload()
    follow(page, "Look at the final notice")
    title(page, "Final notice")
    eyes.look(page, f"{size}-final")
    press(page, "Send the final notice")
    title(page, "Jane Roe")
    assert "Not accepted" in text(page)
    eyes.look(page, f"{size}-decided")


def watched(employer: Employer, new_page: Any, url: str, request: ScreeningRequest, eyes: Eyes) -> None:
    """Compliance finds the letters proved."""
    page = desk_of(employer, new_page, url, RoleType.COMPLIANCE_OFFICER)
    page.goto("/screening/cases")
    eyes.look(page, "cases")
    page.goto(f"/screening/cases/{request.id}/proof")
    assert "theft" not in text(page)
    eyes.look(page, "proof")


def test_untracked_mail_in_california_counts_longer_and_a_dispute_stops_it(
    employer: Employer, new_page: Any, live_url: str, mailbox: Mailbox
) -> None:
    eyes = Eyes()
    request = make(employer, j.notified, channels=(Channel.MAIL,))
    work(employer)
    page = desk_of(employer, new_page, live_url, RoleType.BG_CHECK_SPECIALIST)
    page.goto("/screening/letters")
    eyes.look(page, "letters")
    page.locator("main table a").first.click()
    title(page, "Notice before a decision")
    press(page, "Note that it left")
    refused(page, "Enter the day the letter left")
    eyes.look_at_errors(page, "mail-errors")
    sent_on = today("America/Los_Angeles")
    type_date(page, "The day it left", sent_on)
    press(page, "Note that it left")
    title(page, "Letters to mail")
    page.goto(f"/screening/cases/{request.id}")
    assert "CA: 5 days + 5 business days, mail without tracking" in text(page)
    by_mail = now_(employer, request).answer_due_on
    received = CALIFORNIA.after(sent_on, 5, Unit.CALENDAR)
    assert by_mail is not None
    assert by_mail >= CALIFORNIA.after(received, 5, Unit.BUSINESS)
    change(
        employer,
        request,
        lambda session, row: adverse.dispute_opened(session, system("test"), row, "provider:1", sent_on),
    )
    page.reload()
    assert "The report is in dispute" in text(page)
    assert page.get_by_role("button", name="Let the time go on").count() == 0
    assert now_(employer, request).answer_due_on is None
    eyes.look(page, "disputed")
    change(
        employer,
        request,
        lambda session, row: adverse.dispute_closed(session, system("test"), row, "provider:1", sent_on),
    )
    page.reload()
    press(page, "Let the time go on")
    title(page, "Jane Roe")
    after = now_(employer, request)
    assert (after.stage, after.answer_due_on is not None) == (Stage.WAITING, True)


def test_a_bounce_opens_a_task_and_the_end_is_told(
    employer: Employer, new_page: Any, live_url: str, mailbox: Mailbox
) -> None:
    eyes = Eyes()
    request = make(employer, j.notified)
    mailbox.answer = "550 No such mailbox"
    work(employer)
    mailbox.answer = "250 OK"
    page = desk_of(employer, new_page, live_url, RoleType.BG_CHECK_SPECIALIST, phone=True)
    page.goto("/")
    assert "Letters that came back" in text(page)
    eyes.look(page, "home")
    page.goto("/screening/desk?why=bounced")
    follow(page, "Jane Roe")
    title(page, "Jane Roe")
    assert "The clock stands" in text(page)
    eyes.look(page, "bounced")
    follow(page, "End the adverse action")
    press(page, "End the adverse action")
    refused(page, "Write down why")
    eyes.look_at_errors(page, "end-errors")
    page.get_by_label("Why it ends").fill("The record belongs to somebody else.")
    press(page, "End the adverse action")
    title(page, "Jane Roe")
    press(page, "Accept")
    title(page, "Jane Roe")
    assert "Accepted" in text(page)
    eyes.look(page, "accepted")
    assert now_(employer, request).decision == "accepted"


def test_in_spanish(employer: Employer, new_page: Any, live_url: str) -> None:
    request = make(employer, j.waiting)
    page = desk_of(employer, new_page, live_url, RoleType.BG_CHECK_SPECIALIST)
    page.goto(f"/screening/cases/{request.id}?lang=es")
    words = text(page)
    for english in ("Next step", "business days", "The candidate", "Records", "Nature of the job"):
        assert english not in words, english
    assert "días hábiles" in words
