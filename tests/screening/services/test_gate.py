"""Nothing orders but through the gate, and each missing piece alone keeps it shut."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app.core.clock import now
from app.core.db import fetch, transaction
from app.core.errors import Conflict, Forbidden, Invalid
from app.core.events import AuditEvent
from app.core.jobs import JobIntent
from app.screening.models import Candidate, JobApplication, ScreeningRequest
from app.screening.rules.gate import Piece
from app.screening.rules.places import Place
from app.screening.rules.states import Blocker, ConsentState, OrderState, Part, RequestStatus
from app.screening.rules.words import AskStage
from app.screening.services import candidates, gate, ordering, rulings
from tests.feeds.world import run_jobs
from tests.screening import made
from tests.screening.made import Employer

CHICAGO = Place("US", "IL", "Cook", "Chicago", False)
NEW_YORK = Place("US", "NY", "New York", "New York", False)
LOS_ANGELES = Place("US", "CA", "Los Angeles", "Los Angeles", False)


def test_with_everything_in_place_the_order_goes_out_once(employer: Employer) -> None:
    with transaction() as session:
        request = made.released(session, employer)
        assert gate.release(session, employer.recruiter, request) is True  # again: nothing new
    with transaction() as session:
        kept = made.stored(session, request.id)
        assert (kept.order_state, kept.stage, kept.hold_reason) == (OrderState.RELEASED, "review", "")
        orders = session.scalars(sa.select(JobIntent).where(JobIntent.kind == "screening.order")).all()
        assert [intent.subject_id for intent in orders] == [request.id]


def _no_consent(_session: Any, request: ScreeningRequest) -> None:
    request.consent = ConsentState.PENDING.value


def _withdrawn(_session: Any, request: ScreeningRequest) -> None:
    request.consent = ConsentState.WITHDRAWN.value


def _run_out(_session: Any, request: ScreeningRequest) -> None:
    request.consent_obtained_at = now() - timedelta(days=91)
    request.consent_expires_at = now() - timedelta(seconds=1)


def _other_package(_session: Any, request: ScreeningRequest) -> None:
    request.consent_scope = request.consent_scope | {"package": "basic"}


def _other_provider(_session: Any, request: ScreeningRequest) -> None:
    request.consent_scope = request.consent_scope | {"connection": "somewhere else"}


def _other_rules(_session: Any, request: ScreeningRequest) -> None:
    request.consent_scope = request.consent_scope | {"ruling": "0" * 64}


def _older_documents(_session: Any, request: ScreeningRequest) -> None:
    documents = dict.fromkeys(request.consent_scope["documents"], "1999")
    request.consent_scope = request.consent_scope | {"documents": documents}


def _not_certified(_session: Any, request: ScreeningRequest) -> None:
    request.certified_at = None


@pytest.mark.parametrize(
    ("change", "pieces"),
    [
        (_no_consent, {Piece.CONSENT}),
        (_withdrawn, {Piece.CONSENT}),
        (_run_out, {Piece.CONSENT}),
        (_other_package, {Piece.CONSENT}),
        (_other_provider, {Piece.CONSENT}),
        (_other_rules, {Piece.CONSENT}),
        (_older_documents, {Piece.CONSENT, Piece.DISCLOSURE, Piece.AUTHORIZATION}),
        (_not_certified, {Piece.CERTIFICATION}),
    ],
)
def test_each_missing_piece_alone_keeps_the_gate_shut(
    employer: Employer, change: Callable[[Any, ScreeningRequest], None], pieces: set[Piece]
) -> None:
    with transaction() as session:
        request = made.order(session, employer)
        made.give_consent(session, request)
        change(session, request)
        session.flush()
        assert gate.release(session, employer.recruiter, request) is False
        assert {lack.piece for lack in gate.missing(session, request)} == pieces
        assert request.order_state == OrderState.NONE
        assert session.scalars(sa.select(JobIntent.id).where(JobIntent.kind == "screening.order")).all() == []


@pytest.mark.parametrize(
    ("key", "piece"), [("fcra_disclosure", Piece.DISCLOSURE), ("authorization", Piece.AUTHORIZATION)]
)
def test_an_unsigned_document_is_named(employer: Employer, key: str, piece: Piece) -> None:
    with transaction() as session:
        request = made.order(session, employer)
        made.give_consent(session, request, but=frozenset({key}))
        assert gate.release(session, employer.recruiter, request) is False
        assert [lack.piece for lack in gate.missing(session, request)] == [piece]
        assert request.hold_reason == piece.value
        assert (request.status, request.blocker) == (RequestStatus.ON_HOLD, Blocker.US)


def test_a_document_of_the_place_is_named(employer: Employer) -> None:
    with transaction() as session:
        request = made.order(session, employer, work=LOS_ANGELES)
        made.give_consent(session, request, but=frozenset({"ca_icraa_disclosure"}))
        (lack,) = gate.missing(session, request)
        assert lack.piece is Piece.STATE_DOCUMENTS
        assert len(lack.names) == 1


def test_a_place_that_wants_an_offer_first_waits_for_it_and_then_goes_on(employer: Employer) -> None:
    with transaction() as session:
        request = made.order(session, employer, work=LOS_ANGELES, stage=AskStage.INTERVIEW)
        made.give_consent(session, request)
        assert gate.release(session, employer.recruiter, request) is False
        assert request.hold_reason == Piece.ASK_STAGE.value
    with transaction() as session:
        candidates.change_stage(session, employer.recruiter, request.application_id, AskStage.OFFER)
    run_jobs(kinds=("screening.stage_moved", "screening.release"))
    with transaction() as session:
        assert made.stored(session, request.id).order_state == OrderState.RELEASED


def test_hiring_does_not_go_back(employer: Employer) -> None:
    with transaction() as session:
        _, application = made.add_person(session, employer, stage=AskStage.OFFER)
        with pytest.raises(Conflict):
            candidates.change_stage(session, employer.recruiter, application.id, AskStage.INTERVIEW)


def test_new_york_city_wants_its_first_stage_closed(employer: Employer) -> None:
    with transaction() as session:
        first = made.order(session, employer, work=NEW_YORK, part=Part.FIRST, stage=AskStage.INTERVIEW)
        made.give_consent(session, first)
        assert gate.release(session, employer.recruiter, first) is True  # nothing criminal in it
        candidates.change_stage(session, employer.recruiter, first.application_id, AskStage.OFFER)
        second = ordering.order(
            session, employer.recruiter, *_both(session, first),
            ordering.NewOrder(package_id=employer.package_id, certified=True, part=Part.SECOND, first_part_id=first.id),
        )  # fmt: skip
        session.flush()
        made.give_consent(session, second)
        assert gate.release(session, employer.recruiter, second) is False
        assert Piece.FIRST_STAGE.value in second.hold_reason
        first.status, first.decision = "completed", "accepted"
        session.flush()
        assert gate.release(session, employer.recruiter, second) is True


def _both(session: Any, request: ScreeningRequest) -> tuple[Any, Any]:
    return fetch(session, Candidate, request.candidate_id), fetch(session, JobApplication, request.application_id)


def test_rules_nobody_has_read_stop_the_case_until_somebody_accepts_them(company: Any) -> None:
    with transaction() as session:
        employer = made.make_employer(session, company, accept=False)
        request = made.order(session, employer, work=CHICAGO)
        assert request.ruling_id is None
        assert {stop["why"] for stop in request.stops} == {"unreviewed"}
        made.give_consent(session, request)
        assert gate.release(session, employer.recruiter, request) is False
        assert Piece.RULES.value in request.hold_reason
    with transaction() as session:
        with pytest.raises(Forbidden):
            rulings.accept_rule(session, employer.recruiter, request.stops[0]["digest"], note="me")
        with pytest.raises(Invalid):
            rulings.accept_rule(session, employer.compliance, request.stops[0]["digest"], note=" ")
    with transaction() as session:
        for stop in request.stops:
            rulings.accept_rule(session, employer.compliance, stop["digest"], note="Read with counsel")
    run_jobs(kinds=("screening.release",))
    with transaction() as session:
        kept = made.stored(session, request.id)
        assert kept.order_state == OrderState.RELEASED
        assert kept.stops == []
        names = session.scalars(sa.select(AuditEvent.name).where(AuditEvent.entity_type == "accepted_rule")).all()
        assert set(names) == {"screening.rule.accepted"}


def test_a_withdrawn_acceptance_stops_new_cases_and_leaves_old_ones(employer: Employer) -> None:
    with transaction() as session:
        old = made.order(session, employer, work=CHICAGO)
        for row in rulings.rules_today():
            rulings.withdraw_rule(session, employer.compliance, row.digest, reason="Counsel is not sure")
        session.flush()
        new = made.order(session, employer, work=CHICAGO)
        assert new.ruling_id is None
        assert old.ruling_id is not None
        assert rulings.ruling_of(session, old) is not None


def test_frozen_rules_that_were_changed_are_refused(employer: Employer, admin: Any) -> None:
    with transaction() as session:
        request = made.order(session, employer)
    admin.execute("UPDATE frozen_ruling SET rows = jsonb_set(rows, '{0,name}', '\"Something milder\"')")
    with transaction() as session, pytest.raises(ValueError, match="changed"):
        rulings.ruling_of(session, made.stored(session, request.id))


def test_only_who_may_order_orders(employer: Employer) -> None:
    with transaction() as session:
        candidate, application = made.add_person(session, employer)
        facts = ordering.NewOrder(package_id=employer.package_id, certified=True)
        with pytest.raises(Forbidden):
            ordering.order(session, employer.adjudicator, candidate, application, facts)
        with pytest.raises(Invalid) as refused:
            ordering.order(
                session, employer.recruiter, candidate, application, ordering.NewOrder(package_id=employer.package_id)
            )
        assert "certified" in refused.value.errors


def test_the_same_check_is_not_ordered_twice_at_once(employer: Employer) -> None:
    with transaction() as session:
        candidate, application = made.add_person(session, employer)
        facts = ordering.NewOrder(package_id=employer.package_id, certified=True)
        first = ordering.order(session, employer.recruiter, candidate, application, facts)
        session.flush()
        with pytest.raises(Conflict):
            ordering.order(session, employer.recruiter, candidate, application, facts)
        ordering.cancel(session, employer.recruiter, first, "The candidate took another job")
        session.flush()
        assert ordering.order(session, employer.recruiter, candidate, application, facts).number != first.number


def test_a_canceled_request_stays_canceled(employer: Employer) -> None:
    with transaction() as session:
        request = made.order(session, employer)
        made.give_consent(session, request)
        ordering.cancel(session, employer.recruiter, request, "No longer needed")
        assert gate.release(session, employer.recruiter, request) is False
        with pytest.raises(Conflict):
            ordering.cancel(session, employer.recruiter, request, "Again")


def test_a_first_stage_holds_nothing_criminal_and_a_second_one_has_a_first(employer: Employer) -> None:
    """Without this a package of criminal records could be ordered as a first stage, before any offer."""
    with transaction() as session:
        candidate, application = made.add_person(session, employer, work=NEW_YORK, stage=AskStage.INTERVIEW)
        criminal = ordering.NewOrder(package_id=employer.package_id, certified=True, part=Part.FIRST)
        with pytest.raises(Invalid):
            ordering.order(session, employer.recruiter, candidate, application, criminal)
        other = made.order(session, employer, work=NEW_YORK, part=Part.FIRST, name="Lea")
        second = ordering.NewOrder(
            package_id=employer.package_id, certified=True, part=Part.SECOND, first_part_id=other.id
        )
        with pytest.raises(Conflict):
            ordering.order(session, employer.recruiter, candidate, application, second)
