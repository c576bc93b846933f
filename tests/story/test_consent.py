"""From the message to a signed consent, on a phone, with and without JavaScript: screens, bytes and reading time are counted."""

from __future__ import annotations

import io
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pikepdf
import pytest
import sqlalchemy as sa
from uuid_utils.compat import uuid7

from app.core.clock import now, today
from app.core.config import get_settings
from app.core.db import tenant, transaction
from app.domains import load_jobs
from app.screening.documents import render_pdf
from app.screening.models import CheckResult, ScreeningRequest
from app.screening.rules.places import Place
from app.screening.services import links, proving
from app.screening.services.progress import refresh
from app.screening.services.visits import TRIES
from sandbox.launch import launch
from tests.fixtures.slot import Slot
from tests.screening import judging
from tests.screening.conftest import company as company
from tests.screening.conftest import employer as employer
from tests.screening.consents import ready
from tests.screening.made import Employer, make_employer, stored
from tests.story.conftest import PROGRAMS, House, _end, _start
from tests.story.eyes import Eyes
from tests.story.parts import choose, follow, news, press, refused, stay, text, title, type_date

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(600)]

EMAIL = "jane.roe+clear@mail.example"
SAN_FRANCISCO = Place("US", "CA", "San Francisco", "San Francisco", False)
MOST_SCREENS, MOST_BYTES, MOST_SECONDS = 8, 60_000, 120
READING = {
    "landing": 10, "step-up": 15, "esign-consent": 15, "fcra-disclosure": 20, "ca-icraa-disclosure": 10, "notices": 10,
    "authorization": 20, "receipt": 5,
}  # fmt: skip
"""Seconds of the table in reference/screening.md §4.1; state pages and the Summary of Rights share 20."""


@pytest.fixture
def office(
    live_url: str, slot: Slot, admin: Any, tmp_path: Path, valkey: object, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Any]:
    """An employer with a real worker, mailbox and provider behind it."""
    with launch(tmp_path / "sandbox") as sandbox:
        smtp = f"smtp://{sandbox.host}:{sandbox.smtp_port}"
        monkeypatch.setattr(get_settings(), "smtp_url", smtp)
        load_jobs()
        company_id = uuid7()
        with tenant(company_id), transaction() as session:
            employer = make_employer(
                session,
                company_id,
                url=sandbox.screening["checkr_url"],
                credentials={"api_key": sandbox.screening["api_key"]},
            )
        with _programs(slot, smtp, tmp_path):
            yield House(live_url, sandbox, company_id, admin), employer


@contextmanager
def _programs(slot: Slot, smtp: str, logs: Path) -> Iterator[None]:
    programs = [_start(name, slot, smtp, logs) for name in PROGRAMS]
    try:
        yield
    finally:
        for program in programs:
            program.terminate()
        for program in programs:
            _end(program)
        for name in PROGRAMS:
            sys.stdout.write(f"--- {name}\n{(logs / f'{name}.log').read_text(errors='replace')[-4000:]}\n")


def order(employer: Employer, **changes: Any) -> UUID:
    with tenant(employer.company_id), transaction() as session:
        return ready(session, employer, **changes).id


class Counter:
    """What each page of a phone loads: the document and the files it names, compressed, as on a first visit."""

    def __init__(self, page: Any) -> None:
        self.pages: dict[str, int] = {}
        self.files: dict[str, int] = {}
        page.on("requestfinished", self.note)

    def note(self, request: Any) -> None:
        response = request.response()
        if response is None or response.status >= 300 or "/c/" not in request.frame.url:
            return
        size = request.sizes()["responseBodySize"]
        if request.resource_type == "document":
            self.pages[re.sub(r"/c/[^/?]+", "", request.url)] = size
        elif request.resource_type in ("stylesheet", "script", "image"):
            self.files[request.url] = max(size, self.files.get(request.url, 0))

    def largest(self) -> tuple[str, int]:
        """The heaviest page with every file any of these pages loads."""
        name = max(self.pages, key=lambda page: self.pages[page])
        return name, self.pages[name] + sum(self.files.values())


@pytest.mark.parametrize("js", [True, False], ids=["js", "no-js"])
def test_from_the_message_to_a_signed_consent(
    office: tuple[House, Employer], new_page: Callable[..., Any], js: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    house, employer = office
    request_id = order(employer, work=SAN_FRANCISCO, email=EMAIL)
    phone = new_page(phone=True, js=js)
    counter, eyes = Counter(phone), Eyes()
    if not js:
        eyes.lend(new_page(phone=True), phone)
    began = time.monotonic()
    seen = [*arrive(phone, house, eyes), *read_and_sign(phone, eyes), *receive(phone, house, eyes, js=js)]
    took = time.monotonic() - began
    assert seen == list(READING)
    assert len(seen) <= MOST_SCREENS
    assert sum(READING[name] for name in seen) < MOST_SECONDS
    heaviest, weight = counter.largest()
    assert len(counter.pages) >= len(seen)
    assert weight < MOST_BYTES, f"{heaviest} loads {weight:,} bytes"
    hand_over(phone, house, request_id)
    prove(employer, request_id)
    with capsys.disabled():
        sys.stdout.write(
            f"\nconsent, JavaScript {js}: {len(seen)} screens, {sum(READING[name] for name in seen)} s of budgeted reading,"
            f" {took:.0f} s by the script; heaviest page {weight:,} bytes ({heaviest}); {dict(eyes.seen)}; 0 axe violations\n"
        )


def arrive(page: Any, house: House, eyes: Eyes) -> list[str]:
    """The message names no job in its subject; a scanner opens the link first; a wrong birth date is said gently."""
    message = house.mail(EMAIL, "Documents for you to read and sign", seconds=120)
    for word in ("Jane", "Driver", "background", "check", "Acme"):
        assert word not in message["subject"]
    found = re.search(r"http://localhost:\d+/c/\S+", message["text"])
    assert found is not None, message["text"]
    page.goto(found.group())
    title(page, "Your permission for a background check")
    assert "Jane" not in text(page)
    eyes.look(page, "c1-landing")
    follow(page, "Start")
    title(page, "Show that it is you")
    eyes.look(page, "c2-who")
    press(page, "Continue")
    refused(page, "Enter your date of birth")
    eyes.look_at_errors(page, "c2-who-empty")
    type_date(page, "Date of birth", page_date(1991))
    press(page, "Continue")
    refused(page, "not the birth date we have")
    eyes.look_at_errors(page, "c2-who-wrong")
    type_date(page, "Date of birth", page_date(1990))
    press(page, "Continue")
    return ["landing", "step-up"]


def page_date(year: int) -> date:
    return date(year, 5, 17)


def read_and_sign(page: Any, eyes: Eyes) -> list[str]:
    title(page, "Documents on this screen instead of paper")
    eyes.look(page, "c3-esign")
    press(page, "I agree")
    title(page, "Disclosure: background check")
    assert page.locator("body a[href^='http'], body a[href^='/']").locator("visible=true").count() == 0
    assert page.locator("button").locator("visible=true").count() == 1
    eyes.look(page, "c4-disclosure")
    press(page, "I have read this disclosure.")
    page.get_by_role("heading", level=1, name=re.compile("California")).wait_for()
    page.locator("label[for^='chosen-']").click()
    eyes.look(page, "c5-icraa")
    page.locator("main form .button.primary").click()
    title(page, "Notices for you to keep")
    eyes.look(page, "c6-notices")
    press(page, "I have received these")
    title(page, "Authorization of the background check")
    eyes.look(page, "c7-authorization")
    press(page, "Sign")
    refused(page, "Type your full name to sign")
    eyes.look_at_errors(page, "c7-authorization-empty")
    choose(page, "By typing my name")
    page.get_by_label("Your full name").fill("Jane Ro")
    press(page, "Sign")
    refused(page, "This is not quite the name we have")
    eyes.look_at_errors(page, "c7-authorization-close")
    page.get_by_label("Your full name").fill("jane roe")
    press(page, "Sign")
    return ["esign-consent", "fcra-disclosure", "ca-icraa-disclosure", "notices", "authorization"]


def receive(page: Any, house: House, eyes: Eyes, *, js: bool) -> list[str]:
    """The PDF comes to the page and to the mailbox."""
    title(page, "Thank you, that is signed")
    stay(page)
    eyes.look(page, "c8-receipt-waits")
    news(page, "Download what I signed (PDF)", js=js)
    eyes.look(page, "c8-receipt")
    with page.expect_download() as download:
        follow(page, "Download what I signed (PDF)")
    pdf = download.value.path().read_bytes()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert bool(document.Root.MarkInfo.Marked)
        assert str(document.Root.Lang).startswith("en")
        assert len(document.pages) >= 10
    message = house.mail(EMAIL, "Your copy of what you signed", seconds=120)
    assert [one["type"] for one in message["attachments"]] == ["application/pdf"]
    assert message["attachments"][0]["bytes"] == len(pdf)
    return ["receipt"]


def hand_over(page: Any, house: House, request_id: UUID) -> None:
    """The order went out once; the page hands over to the provider's own form, and the number never came here."""
    page.goto(page.url.replace("/done", "/status"))
    link = page.get_by_role("link", name="Give your details to Checkr, Inc.")
    for _ in range(60):
        if link.count():
            break
        time.sleep(0.5)
        page.reload()
    assert link.get_attribute("href").startswith("http")
    assert len([one for one in house.sandbox.client.screening.orders() if one["reference"] == str(request_id)]) == 1
    assert house.work("dead", "unknown") == []


def prove(employer: Employer, request_id: UUID) -> None:
    with tenant(employer.company_id), transaction() as session:
        request = stored(session, request_id)
        assert (request.consent, request.order_state) == ("approved", "placed")
        reprint = lambda html, title, language: render_pdf(html, title=title, language=language)  # noqa: E731
        assert proving.verify(session, request_id, reprint=reprint) == []


@pytest.fixture
def away(live_url: str, employer: Employer, slot: Slot) -> Callable[..., str]:
    """The address of a new candidate's link; nobody sends anything."""

    def make(**changes: Any) -> str:
        request_id = order(employer, **changes)
        with tenant(employer.company_id), transaction() as session:
            return f"{live_url}/c/{links.token_of(links.issue(session, request_id))}"

    return make


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_other_state_in_both_languages_and_sizes(
    away: Callable[..., str], new_page: Callable[..., Any], employer: Employer, language: str
) -> None:
    """Phone and desk, light and dark: codes, locks, dead links, saying no, the status in each state, the candidate's own words."""
    eyes = Eyes()
    for size, page in (("phone", new_page(phone=True)), ("desk", new_page())):
        walk(page, away(work=SAN_FRANCISCO), eyes, f"{language}-{size}", language, employer)
    assert eyes.seen["states"] > 50


def walk(page: Any, url: str, eyes: Eyes, name: str, language: str, employer: Employer) -> None:
    def see(path: str, shot: str) -> None:
        page.goto(f"{url}{path}?lang={language}")
        assert page.locator("html").get_attribute("lang") == language
        eyes.look(page, f"{shot}-{name}")

    for path, shot in (("", "d1-landing"), ("/who", "d2-who"), ("/code", "d2-code"), ("/reminders", "d9-reminders")):
        see(path, shot)
    page.goto(f"{url}/code?lang={language}")
    page.locator("main form .button").click()
    page.locator("input[name=code]").fill("12")
    page.locator("main form .button.primary").click()
    page.locator("#error-summary").wait_for()
    eyes.look_at_errors(page, f"d2-code-wrong-{name}")
    enter(page, url)
    for slug in ("esign-consent", "fcra-disclosure", "ca-icraa-disclosure", "notices"):
        see("/sign", f"d3-{slug}")
        page.locator("main form .button.primary").click()
        page.wait_for_url(lambda there, slug=slug: slug not in there)
    see("/sign", "d4-authorization")
    see("/decline", "d5-decline")
    see("/sign", "d4-authorization-again")
    page.locator("label[for=agree]").click()
    page.locator("#typed_name").fill("Jane Roe")
    page.locator("main form .button.primary").click()
    page.wait_for_url("**/done")
    see("/done", "d6-done")
    for state in STATES:
        set_state(employer, state)
        see("/status", f"d7-status-{'-'.join(word for word in state.values() if '/' not in word)}")
    set_state(employer, {"provider_status": "in_progress"})
    see("/problem", "d8-problem")
    page.locator("main form[enctype] .button.primary").click()
    page.locator("#error-summary").wait_for()
    eyes.look_at_errors(page, f"d8-problem-empty-{name}")
    see("/withdraw", "d8-withdraw")
    page.locator("main form .button.danger").click()
    page.locator("#error-summary").wait_for()
    eyes.look_at_errors(page, f"d8-withdraw-empty-{name}")
    page.locator("label").first.click()
    page.locator("main form .button.danger").click()
    page.wait_for_url("**/status*")
    see("/status", "d7-status-withdrawn")
    see("/withdraw", "d8-withdraw-over")
    see("/who", "d2-who-again")
    for _ in range(TRIES):
        page.goto(f"{url}/who")
        for part in ("month", "day"):
            page.locator(f"#birth-{part}").fill("1")
        page.locator("#birth-year").fill("1980")
        with page.expect_navigation():
            page.locator("main form .button.primary").click()
    see("/who", "d2-who-locked")
    run_out(employer)
    page.goto(f"{url}?lang={language}")
    eyes.look(page, f"d9-gone-{name}")
    with page.expect_navigation():
        page.locator("main form .button.primary").click()
    eyes.look(page, f"d9-again-sent-{name}")


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_letter_with_its_day_and_its_answer(
    live_url: str, new_page: Callable[..., Any], employer: Employer, language: str
) -> None:
    eyes = Eyes()
    for size, page in (("phone", new_page(phone=True)), ("desk", new_page())):
        with tenant(employer.company_id), transaction() as session:
            request = judging.waiting(session, employer, language=language)
            url = f"{live_url}/c/{links.token_of(links.issue(session, request.id))}"
        page.goto(f"{url}/status?lang={language}")
        enter(page, url)
        page.goto(f"{url}/status?lang={language}")
        eyes.look(page, f"e1-status-{language}-{size}")
        with page.expect_navigation():
            page.locator("a[href*='/letters/']").click()
        eyes.look(page, f"e2-letter-{language}-{size}")
        page.locator(".notice summary").click()
        eyes.look(page, f"e2-letter-why-{language}-{size}")
        with page.expect_navigation():
            page.locator(".notice a.button").click()
        eyes.look(page, f"e3-answer-{language}-{size}")
        page.locator("main form[enctype] label").first.click()
        page.locator("textarea").fill("That was not me.")
        page.locator("main form[enctype] .button.primary").click()
        page.wait_for_url("**/status*")
        eyes.look(page, f"e4-answered-{language}-{size}")


STATES: tuple[dict[str, Any], ...] = (
    {"order_state": "released"},
    {"order_state": "placed", "provider_status": "waiting_candidate", "invitation_url": "https://apply.example/x"},
    {"provider_status": "in_progress"},
    {"provider_status": "candidate_action"},
    {"provider_status": "client_action"},
    {"provider_status": "dispute"},
    {"provider_status": "complete", "provider_result": "consider"},
    {"provider_status": "complete", "decision": "accepted"},
    {"decision": "not_accepted"},
    {"decision": "pending"},
)


def enter(page: Any, url: str) -> None:
    page.goto(f"{url}/who")
    for part, value in (("month", "5"), ("day", "17"), ("year", "1990")):
        page.locator(f"#birth-{part}").fill(value)
    page.locator("main form .button.primary").click()
    page.wait_for_url(lambda there: "/who" not in there)


def newest(session: Any) -> Any:
    return session.scalars(sa.select(ScreeningRequest).order_by(ScreeningRequest.id.desc()).limit(1)).one()


def set_state(employer: Employer, values: dict[str, Any]) -> None:
    with tenant(employer.company_id), transaction() as session:
        request = newest(session)
        for name, value in values.items():
            setattr(request, name, value)
        request.estimated_completion_on = today()
        refresh(request)
        if values.get("provider_status") == "in_progress" and request.looks == 0:
            request.looks = 1
            for ref, kind, status in (("a", "criminal", "in_progress"), ("b", "identity_verification", "completed")):
                session.add(
                    CheckResult(
                        request_id=request.id, ref=ref, kind=kind, check_type=kind, check_status=status, provider_status="in_progress",
                        provider_result="none",
                    )
                )  # fmt: skip


def run_out(employer: Employer) -> None:
    with tenant(employer.company_id), transaction() as session:
        link = links.newest(session, newest(session).id)
        assert link is not None
        link.expires_at = now() - timedelta(seconds=1)
