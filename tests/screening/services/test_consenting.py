"""From the link to a consent in force: what is kept, what is refused, and what ends it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine

from app.core import storage
from app.core.clock import now
from app.core.db import fetch, transaction
from app.core.errors import Conflict, Invalid
from app.core.events import AuditEvent
from app.people.models import Company
from app.screening.documents import Catalog, catalog
from app.screening.models import EvidenceLink, ScreeningPolicy, ScreeningRequest, Signature
from app.screening.rules.places import Place
from app.screening.rules.states import Answer, ConsentState, OrderState
from app.screening.services import consenting, papers
from app.screening.services.consenting import Changed, Given
from tests.screening import consents, made
from tests.screening.consents import answer, consent, proven, ready, walk
from tests.screening.made import Employer

CALIFORNIA = Place("US", "CA", "San Francisco", "San Francisco", False)
NEW_YORK = Place("US", "NY", "New York", "New York", False)


def signatures(session: Any, request: ScreeningRequest) -> list[Signature]:
    return list(
        session.scalars(
            sa.select(Signature)
            .where(Signature.request_id == request.id)
            .order_by(Signature.submitted_at, Signature.screen)
        )
    )


@pytest.mark.parametrize(
    ("work", "slugs"),
    [
        (made.AUSTIN, ["esign-consent", "fcra-disclosure", "notices", "authorization"]),
        (CALIFORNIA, ["esign-consent", "fcra-disclosure", "ca-icraa-disclosure", "notices", "authorization"]),
        (NEW_YORK, ["esign-consent", "fcra-disclosure", "notices", "authorization"]),
    ],
    ids=["Texas", "California", "New York"],
)
def test_the_place_chooses_the_screens(employer: Employer, work: Place, slugs: list[str]) -> None:
    """With landing, step-up and receipt never more than eight."""
    with transaction() as session:
        there = walk(session, proven(session, ready(session, employer, work=work)))
        assert [screen.slug for screen in there.screens] == slugs
        assert len(slugs) + 3 <= 8
        assert [screen.slug for screen in there.screens if screen.alone] == ["fcra-disclosure"]
        assert [screen.slug for screen in there.screens if screen.typed_name] == ["authorization"]


def test_every_answer_keeps_the_bytes_it_was_given_to(employer: Employer) -> None:
    with transaction() as session:
        request = ready(session, employer, work=CALIFORNIA)
        visit = consent(
            session, request, chosen={"ca_icraa_disclosure": True}, read_ago=2.0, time_zone="America/Los_Angeles"
        )
        rows = signatures(session, request)
        assert [row.screen for row in rows] == list(range(1, len(rows) + 1))
        assert {row.document_key: row.answer for row in rows} == {
            "esign_consent": "agreed", "fcra_disclosure": "acknowledged", "ca_icraa_disclosure": "acknowledged",
            "sf_fco_notice": "acknowledged", "summary_of_rights": "acknowledged", "authorization": "agreed",
        }  # fmt: skip
        for row in rows:
            shown = storage.read(session, row.content_file_id)
            assert sha256(shown).hexdigest() == row.content_sha256
            assert shown.startswith(b'<article class="legal"')
            assert row.opened_at <= row.scrolled_at <= row.submitted_at
            assert (row.ip_address, row.user_agent, row.proof) == ("203.0.113.9", "Phone/1.0", "birth_date")
            assert row.session_id == visit.device.id
            assert row.time_zone == "America/Los_Angeles"
            assert row.intent
            assert any(key.startswith("us-ca") for key in row.jurisdictions), row.jurisdictions
        last = rows[-1]
        assert (last.typed_name, last.name_match) == ("Jane Roe", "exact")
        assert b"Checkr, Inc." in storage.read(session, last.content_file_id)
        assert [row.copy_requested for row in rows] == [None, None, True, None, None, None]
        assert session.scalar(sa.select(sa.func.count(EvidenceLink.id))) == len(rows)


def test_the_last_signature_gives_the_consent_and_releases_the_order(employer: Employer) -> None:
    with transaction() as session:
        request = ready(session, employer)
        consent(session, request)
        assert request.consent == ConsentState.APPROVED
        assert request.order_state == OrderState.RELEASED, request.hold_reason
        assert papers.in_force(session, request)
        zone = fetch(session, Company, employer.company_id).time_zone
        days = (papers.today(zone) + timedelta(days=91)).isoformat()
        assert request.consent_expires_at.astimezone(papers.ZoneInfo(zone)).isoformat()[:19] == f"{days}T00:00:00"
        names = session.scalars(sa.select(AuditEvent.name).where(AuditEvent.entity_id == request.id)).all()
        assert names.count("screening.consent.given") == 1


def test_the_policy_says_how_long(employer: Employer) -> None:
    with transaction() as session:
        session.add(
            ScreeningPolicy(
                id=employer.company_id,
                adverse_days=7,
                consent_days=30,
                stale_days=3,
                contact_name="Lee",
                contact_phone="1",
                contact_email="",
            )
        )
        request = ready(session, employer)
        consent(session, request)
        assert 29 <= (request.consent_expires_at - now()).days <= 31
        with time_machine.travel(request.consent_expires_at):
            assert not papers.in_force(session, request)


def test_screens_come_in_order_and_only_after_they_were_shown(employer: Employer) -> None:
    with transaction() as session:
        visit = proven(session, ready(session, employer))
        there = walk(session, visit)
        with pytest.raises(Conflict):
            consenting.sign(session, there, there.screens[-1], Given(shown={}))
        unseen = {paper.document.key: paper.sha256 for paper in papers.render(there.case, there.screens[0])}
        with pytest.raises(Changed):
            consenting.sign(session, there, there.screens[0], Given(shown=unseen))
        assert signatures(session, visit.request) == []


def test_what_changed_between_showing_and_signing_is_shown_again(employer: Employer) -> None:
    with transaction() as session:
        visit = proven(session, ready(session, employer))
        there = walk(session, visit)
        shown = {paper.document.key: paper.sha256 for paper in consenting.show(there, there.screens[0])}
        fetch(session, Company, employer.company_id).name = "Acme Holdings"
        session.flush()
        there = walk(session, visit)
        with pytest.raises(Changed):
            consenting.sign(session, there, there.screens[0], Given(shown=shown))
        assert signatures(session, visit.request) == []


def test_the_same_button_twice_signs_once(employer: Employer) -> None:
    with transaction() as session:
        visit = proven(session, ready(session, employer))
        there = walk(session, visit)
        shown = {paper.document.key: paper.sha256 for paper in consenting.show(there, there.screens[0])}
        session.flush()
        again = walk(session, visit)  # two requests that both read before either wrote
        consenting.sign(session, there, there.screens[0], Given(shown=shown))
        session.flush()
        consenting.sign(session, again, again.screens[0], Given(shown=shown))
        assert len(signatures(session, visit.request)) == 1


@pytest.mark.parametrize(
    ("typed", "confirmed", "grade"),
    [("jane roe", False, "spelling"), ("Jane M. Roe", False, "middle"), ("Jane Ro", True, "close")],
)
def test_a_name_that_is_nearly_ours_signs(employer: Employer, typed: str, confirmed: bool, grade: str) -> None:
    with transaction() as session:
        request = ready(session, employer)
        consent(session, request, typed_name=typed, confirmed=confirmed)
        assert signatures(session, request)[-1].name_match == grade


@pytest.mark.parametrize(
    ("typed", "fields"),
    [("", {"typed_name"}), ("Jane Ro", {"typed_name", "confirmed"}), ("John Smith", {"typed_name"})],
)
def test_another_name_does_not(employer: Employer, typed: str, fields: set[str]) -> None:
    with transaction() as session:
        request = ready(session, employer)
        with pytest.raises(Invalid) as refused:
            consent(session, request, typed_name=typed)
        assert set(refused.value.errors) == fields
        assert request.consent == ConsentState.PENDING


def test_declining_keeps_what_was_declined_and_stops(employer: Employer) -> None:
    with transaction() as session:
        request = ready(session, employer)
        visit = proven(session, request)
        answer(session, visit)
        there = walk(session, visit)
        consenting.show(there, there.next)
        consenting.decline(session, walk(session, visit))
        last = signatures(session, request)[-1]
        assert (last.document_key, last.answer, request.consent) == (
            "fcra_disclosure",
            Answer.DECLINED,
            ConsentState.DECLINED,
        )
        assert request.status == "canceled"
        with pytest.raises(Conflict):
            consenting.decline(session, walk(session, visit))


def test_withdrawing_cancels_the_order(employer: Employer) -> None:
    with transaction() as session:
        request = ready(session, employer)
        visit = consent(session, request)
        assert consenting.may_withdraw(request)
        consenting.withdraw(session, visit.actor, request)
        assert (request.consent, request.cancel_reason) == (ConsentState.WITHDRAWN, consenting.WITHDREW)
        assert request.canceled_at is not None
        assert not papers.in_force(session, request)
        with pytest.raises(Conflict):
            consenting.withdraw(session, visit.actor, request)


@pytest.mark.parametrize("change", ["package", "provider", "place", "version", "time"])
def test_a_consent_ends_when_what_it_was_given_for_changes(
    employer: Employer, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the candidate is asked again, for everything."""
    with transaction() as session:
        request = ready(session, employer)
        visit = consent(session, request)
        request.order_state = OrderState.NONE.value  # as if the gate had held it back
        assert not consents.asks(session, visit)
        alter(session, request, change, monkeypatch)
        session.flush()
        assert not papers.in_force(session, request)
        assert consents.asks(session, visit)
        assert walk(session, visit).signed == frozenset()
        consenting.ask_again(session, employer.recruiter, request)
        while not answer(session, visit):
            session.flush()
        assert papers.in_force(session, request)


def alter(session: Any, request: ScreeningRequest, change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if change == "package":
        request.screening_package = "professional"
    if change == "provider":
        request.consent_scope = request.consent_scope | {"connection": "another"}
    if change == "place":
        request.consent_scope = request.consent_scope | {"ruling": "another"}
    if change == "time":
        request.consent_obtained_at = now() - timedelta(days=91)
        request.consent_expires_at = now() - timedelta(seconds=1)
    if change == "version":
        newer = tuple(replace(one, version="2") if one.key == "fcra_disclosure" else one for one in catalog().documents)
        other = Catalog(newer)
        monkeypatch.setattr("app.screening.documents.catalog", lambda: other)
