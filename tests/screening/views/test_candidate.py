"""The candidate's pages, as a browser without JavaScript sees them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.core import storage
from app.core.clock import now
from app.core.db import current_tenant, fetch, tenant, transaction
from app.core.events import AuditEvent
from app.people.models import Company
from app.screening.models import Candidate, CandidateLink, CandidateSession, CaseNotice, ScreeningRequest, Signature
from app.screening.rules.places import Place
from app.screening.services import consenting, links
from app.screening.services.visits import LOCK, TRIES
from tests.screening import judging
from tests.screening.consents import consent, ready
from tests.screening.made import Employer

CALIFORNIA = Place("US", "CA", "San Francisco", "San Francisco", False)
INPUT = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


class Phone:
    """A browser on one link."""

    @classmethod
    def of(cls, app: Flask, employer: Employer, request_id: UUID) -> Phone:
        with tenant(employer.company_id):
            return cls(app.test_client(), request_id)

    def __init__(self, client: FlaskClient, request_id: UUID) -> None:
        self.client = client
        self.company_id = current_tenant()
        with transaction() as session:
            self.token = links.token_of(links.issue(session, request_id))

    def rows(self) -> Any:
        """A request leaves no tenant behind."""
        return transaction(self.company_id)

    def get(self, path: str = "", **more: Any) -> TestResponse:
        return self.client.get(f"/c/{self.token}{path}", **more)

    def press(self, page: TestResponse, action: str, **typed: Any) -> TestResponse:
        """The button of the form with this action, with its hidden fields."""
        address = f"/c/{self.token}{action}"
        form = next(part for part in page.text.split("<form")[1:] if f'action="{address}"' in part).partition(
            "</form>"
        )[0]
        return self.client.post(address, data=dict(INPUT.findall(unescape(form))) | typed, **MULTIPART)

    def prove(self) -> TestResponse:
        return self.press(self.get("/who"), "/who", **BORN)

    def sign_all(self, **typed: Any) -> TestResponse:
        """To the receipt."""
        answer = self.prove()
        while "/sign" in answer.location:
            page = self.client.get(answer.location, follow_redirects=True)
            action = page.request.path.rpartition(self.token)[2]
            answer = self.press(page, action, **(NAME | typed))
        return answer


MULTIPART: dict[str, Any] = {"content_type": "application/x-www-form-urlencoded"}
BORN = {"birth-month": "5", "birth-day": "17", "birth-year": "1990"}
NAME = {"typed_name": "Jane Roe", "agree": "y"}


@pytest.fixture
def phone(app: Flask, employer: Employer) -> Callable[..., Phone]:
    def make(**changes: Any) -> Phone:
        with transaction() as session:
            request = ready(session, employer, **changes)
        return Phone(app.test_client(), request.id)

    return make


def request_of(session: Any) -> ScreeningRequest:
    return session.scalars(sa.select(ScreeningRequest)).one()


def test_the_landing_says_who_asks_and_nothing_about_the_candidate(phone: Callable[..., Phone]) -> None:
    page = phone().get()
    assert page.status_code == 200
    for words in ("Acme", "Driver", "Criminal records", "About 2 minutes", "512-555-0100"):
        assert words in page.text
    for secret in ("Jane", "Roe", "1990", "mail.example"):
        assert secret not in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Robots-Tag"] == "noindex"


def test_from_the_link_to_the_receipt_without_javascript(phone: Callable[..., Phone]) -> None:
    one = phone(work=CALIFORNIA)
    answer = one.sign_all(**{"chosen-ca_icraa_disclosure": "y"})
    assert answer.location.endswith("/done")
    assert "Thank you" in one.get("/done").text
    with one.rows() as session:
        request = request_of(session)
        assert (request.consent, request.order_state) == ("approved", "released")
        rows = session.scalars(sa.select(Signature)).all()
        assert {row.copy_requested for row in rows if row.document_key == "ca_icraa_disclosure"} == {True}
        assert {row.scrolled_at for row in rows} == {None}, "the page could not tell"
        link = session.scalars(sa.select(CandidateLink)).one()
        assert link.expires_at > now() + timedelta(days=100)
    assert one.get().location.endswith("/status")


def test_the_disclosure_stands_alone(phone: Callable[..., Phone]) -> None:
    one = phone()
    answer = one.prove()
    page = one.client.get(answer.location, follow_redirects=True)
    page = one.client.get(one.press(page, "/sign/esign-consent").location, follow_redirects=True)
    body = page.text.partition("<body")[2].partition('<dialog id="idle"')[0]
    assert "Disclosure: background check" in body
    shown = [link for link in re.findall(r"<a [^>]*href=\"([^\"]*)\"", body) if not link.startswith("#")]
    assert shown == []
    assert len(re.findall(r"<button", body)) == 1
    assert "<header" not in body
    assert "<footer" not in body
    assert "Step " not in body


def test_everything_else_needs_a_proof(phone: Callable[..., Phone]) -> None:
    one = phone()
    for path in (
        "/sign",
        "/sign/fcra-disclosure",
        "/status",
        "/done",
        "/decline",
        "/withdraw",
        "/problem",
        "/signed.pdf",
        "/report.pdf",
    ):
        page = one.get(path)
        assert page.status_code == 303, path
        assert "/who" in page.location, path
    assert one.get("/keep-alive").status_code == 401


def test_after_the_proof_the_way_goes_on_where_it_was(phone: Callable[..., Phone]) -> None:
    one = phone()
    asked = one.client.get(one.get("/withdraw").location)
    assert one.press(asked, "/who", **BORN).location.endswith("/withdraw")
    elsewhere = one.get("/who?next=//evil.example/x")
    assert one.press(elsewhere, "/who", **BORN).location.endswith("/sign")


def test_a_wrong_birth_date_is_said_at_the_field_and_five_lock(phone: Callable[..., Phone], time_machine: Any) -> None:
    one = phone()
    wrong = BORN | {"birth-year": "1991"}
    for _ in range(TRIES - 1):
        page = one.press(one.get("/who"), "/who", **wrong)
        assert page.status_code == 422
        assert "not the birth date we have" in page.text
    assert "Too many tries" in one.press(one.get("/who"), "/who", **wrong).text
    locked = one.get("/who")
    assert "Too many tries" in locked.text
    assert "512-555-0100" in locked.text
    time_machine.move_to(now() + LOCK + timedelta(seconds=1))
    assert one.prove().status_code == 303


def test_a_link_that_ran_out_says_so_and_sends_another_to_the_address_we_have(phone: Callable[..., Phone]) -> None:
    one = phone()
    with one.rows() as session:
        session.scalars(sa.select(CandidateLink)).one().expires_at = now() - timedelta(seconds=1)
    page = one.get()
    assert page.status_code == 410
    assert one.press(page, "/again").location.endswith("/again/sent")
    with one.rows() as session:
        names = session.scalars(sa.select(AuditEvent.name)).all()
        assert names.count("screening.link.asked") == 1


@pytest.mark.parametrize("token", ["x", "00000000000000000000000000000000.abcdefghijklmnopqrstuvwxyz", "a.b"])
def test_a_link_that_never_was_tells_nothing(app: Flask, employer: Employer, token: str) -> None:
    client = app.test_client()
    assert client.get(f"/c/{token}").status_code == 410
    assert client.get(f"/c/{token}/status").status_code == 410
    assert client.get(f"/c/{token}/again/sent").status_code == 200


def test_another_company_s_token_finds_nothing(phone: Callable[..., Phone]) -> None:
    one = phone()
    other = f"{'0' * 32}.{one.token.partition('.')[2]}"
    assert one.client.get(f"/c/{other}").status_code == 410


def test_signing_shows_again_what_changed(phone: Callable[..., Phone], employer: Employer) -> None:
    one = phone()
    page = one.client.get(one.prove().location, follow_redirects=True)
    with one.rows() as session:
        fetch(session, Company, employer.company_id).name = "Acme Holdings"
    page = one.press(page, "/sign/esign-consent")
    assert "The text has changed" in page.text
    with one.rows() as session:
        assert session.scalars(sa.select(Signature)).all() == []
    assert one.press(page, "/sign/esign-consent").status_code == 303


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"typed_name": "", "agree": "y"}, "Type your full name to sign"),
        ({"typed_name": "John Smith", "agree": "y"}, "This is not the name we have"),
        ({"typed_name": "Jane Roe"}, "Tick the box to agree"),
        ({}, "Type your full name to sign"),
    ],
)
def test_what_is_wrong_with_a_signature_is_said_at_its_field(
    phone: Callable[..., Phone], typed: dict[str, str], words: str
) -> None:
    one = phone()
    answer = one.prove()
    for slug in ("esign-consent", "fcra-disclosure", "notices"):
        page = one.client.get(answer.location, follow_redirects=True)
        answer = one.press(page, f"/sign/{slug}")
    page = one.client.get(answer.location, follow_redirects=True)
    page = one.press(page, "/sign/authorization", **typed)
    assert page.status_code == 422
    assert words in page.text
    assert 'aria-invalid="true"' in page.text
    with one.rows() as session:
        assert request_of(session).consent == "pending"


def test_a_name_nearly_right_is_asked_about_once(phone: Callable[..., Phone]) -> None:
    one = phone()
    answer = one.prove()
    for slug in ("esign-consent", "fcra-disclosure", "notices"):
        answer = one.press(one.client.get(answer.location, follow_redirects=True), f"/sign/{slug}")
    page = one.client.get(answer.location, follow_redirects=True)
    page = one.press(page, "/sign/authorization", typed_name="Jane Ro", agree="y")
    assert "My name is spelled the way I typed it" in page.text
    assert one.press(page, "/sign/authorization", typed_name="Jane Ro", agree="y", confirmed="y").location.endswith(
        "/done"
    )


def test_declining_says_what_it_means_first(phone: Callable[..., Phone]) -> None:
    one = phone()
    one.prove()
    page = one.get("/decline")
    assert "That is your right" in page.text
    assert one.press(page, "/decline").location.endswith("/status")
    assert "You did not agree" in one.get("/status").text
    with one.rows() as session:
        assert request_of(session).consent == "declined"


def test_withdrawing_stops_the_check(phone: Callable[..., Phone]) -> None:
    one = phone()
    one.sign_all()
    page = one.get("/withdraw")
    assert one.press(page, "/withdraw").status_code == 422
    assert one.press(page, "/withdraw", what="paper").status_code == 303
    with one.rows() as session:
        assert request_of(session).consent == "approved"
    one.press(page, "/withdraw", what="stop")
    assert "You took your permission back" in one.get("/status").text
    assert "nothing running" in one.get("/withdraw").text


def test_the_status_says_nothing_of_what_is_in_a_report(phone: Callable[..., Phone], employer: Employer) -> None:
    one = phone()
    one.sign_all()
    with one.rows() as session:
        request = request_of(session)
        request.order_state, request.provider_status, request.provider_result = "placed", "complete", "consider"
    page = one.get("/status")
    assert "The report is finished" in page.text
    for word in ("consider", "severity", "record", "adverse"):
        assert word not in page.text.lower().partition("<main")[2].partition("</main")[0]


def test_the_candidate_s_own_words_are_kept(phone: Callable[..., Phone]) -> None:
    one = phone()
    one.sign_all()
    page = one.get("/problem")
    assert one.press(page, "/problem").status_code == 422
    assert "Only Checkr, Inc. can correct it" in page.text
    one.press(page, "/problem", kind="evidence_announced", text="It was my brother.")
    assert "We have your words" in one.get("/status").text
    with one.rows() as session:
        kinds = session.scalars(
            sa.select(AuditEvent.new_values).where(AuditEvent.name == "screening.case.answered")
        ).all()
        assert kinds == [{"kind": "evidence_announced"}]


def notified(app: Flask, employer: Employer, **changes: Any) -> tuple[Phone, UUID]:
    """A candidate to whom a notice before a decision has gone out."""
    with transaction() as session:
        request = judging.waiting(session, employer, **changes)
        (letter,) = judging.letters_of(session, request)
    return Phone(app.test_client(), request.id), letter.id


def test_a_letter_is_read_with_its_day_and_answered(app: Flask, employer: Employer) -> None:
    one, letter_id = notified(app, employer)
    one.prove()
    status = one.get("/status")
    assert "There is a letter for you" in status.text
    assert f"/letters/{letter_id}" in status.text
    page = one.get(f"/letters/{letter_id}")
    with one.rows() as session:
        request, letter = request_of(session), fetch(session, CaseNotice, letter_id)
        assert (
            f"You can answer until {request.answer_due_on:%B} {request.answer_due_on.day}, {request.answer_due_on.year}."
            in page.text
        )
        assert storage.read(session, letter.content_file_id).decode() in page.text, "the very bytes that were sent"
        assert letter.delivery == "delivered"
        names = session.scalars(sa.select(AuditEvent.name)).all()
        assert "screening.record.viewed" in names
    assert "business days" in page.text
    assert one.get(f"/letters/{letter_id}/papers/0").data.startswith(b"%PDF")
    assert one.get(f"/letters/{letter_id}/papers/1").data == judging.REPORT
    assert one.get("/report.pdf").data == judging.REPORT
    assert one.get(f"/letters/{letter_id}/papers/9").status_code == 404
    form = one.get("/problem")
    one.press(form, "/problem", kind="dispute_announced", text="That was not me.")
    with one.rows() as session:
        request = request_of(session)
        assert request.stage == "paused"
        assert request.answered_at is not None


def test_nobody_reads_the_letter_of_somebody_else(app: Flask, employer: Employer) -> None:
    _, letter_id = notified(app, employer)
    with transaction(employer.company_id) as session:
        request_id = ready(session, employer).id
    other = Phone.of(app, employer, request_id)
    other.prove()
    assert other.get(f"/letters/{letter_id}").status_code == 404
    assert other.get("/report.pdf").status_code == 404


def test_no_report_before_it_is_the_candidate_s_to_take(app: Flask, employer: Employer) -> None:
    with transaction() as session:
        request = judging.in_review(session, employer)
    one = Phone(app.test_client(), request.id)
    one.prove()
    assert one.get("/report.pdf").status_code == 404
    assert "844-824-3257" in one.get("/status").text, "the agency gives it"
    with one.rows() as session:
        fetch(session, ScreeningRequest, request.id).decision = "accepted"
    assert one.get("/report.pdf").data == judging.REPORT


def test_reminders_stop_with_one_click_and_no_proof(phone: Callable[..., Phone]) -> None:
    one = phone()
    one.press(one.get("/reminders"), "/reminders")
    assert "No more reminders" in one.get("/reminders").text
    with one.rows() as session:
        assert session.scalars(sa.select(Candidate)).one().reminders_stopped_at is not None


def test_a_forgotten_device_is_asked_again(phone: Callable[..., Phone]) -> None:
    one = phone()
    one.sign_all()
    assert one.get("/keep-alive").status_code == 204
    one.press(one.get("/status"), "/leave")
    assert "/who" in one.get("/status").location
    with one.rows() as session:
        assert session.scalars(sa.select(CandidateSession)).one().revoked_at is not None


def test_time_without_a_touch_asks_again_and_loses_nothing(phone: Callable[..., Phone], time_machine: Any) -> None:
    one = phone()
    page = one.client.get(one.prove().location, follow_redirects=True)
    one.press(page, "/sign/esign-consent")
    time_machine.move_to(now() + timedelta(minutes=21))
    assert "/who" in one.get("/sign").location
    assert one.client.get(one.prove().location).location.endswith("/sign/fcra-disclosure")


def test_spanish_is_kept_for_later_messages(phone: Callable[..., Phone]) -> None:
    one = phone()
    one.prove()
    page = one.get("/sign/esign-consent?lang=es")
    assert '<html lang="es">' in page.text
    assert '<article class="legal" lang="es"' in page.text
    with one.rows() as session:
        assert session.scalars(sa.select(Candidate)).one().language == "es"


def test_a_text_without_translation_says_so(phone: Callable[..., Phone]) -> None:
    one = phone(work=Place("US", "NY", "Erie", "Buffalo", False))
    answer = one.prove()
    for slug in ("esign-consent", "fcra-disclosure"):
        answer = one.press(one.client.get(f"{answer.location}?lang=es", follow_redirects=True), f"/sign/{slug}")
    page = one.client.get(answer.location, follow_redirects=True)
    assert 'lang="en" data-document="ny_article_23a"' in page.text
    assert "solo en inglés" in page.text


@pytest.mark.queries
def test_pages_ask_the_database_at_most_six_times(phone: Callable[..., Phone], employer: Employer) -> None:
    one = phone(work=CALIFORNIA)
    with one.rows() as session:
        consent(session, request_of(session))
        assert consenting.may_withdraw(request_of(session))
    one.prove()
    one.get("/status")  # the first look is written down
    counts: dict[str, int] = {}

    def count(*_: Any) -> None:
        counts[path] = counts.get(path, 0) + 1

    sa.event.listen(sa.Engine, "before_cursor_execute", count)
    try:
        for path in ("", "/who", "/code", "/status", "/done", "/problem", "/withdraw", "/reminders"):
            one.get(path)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", count)
    assert {path: number for path, number in counts.items() if number > 6} == {}
