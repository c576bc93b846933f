"""Destruction: only what is due and nobody holds; nothing readable stays; the chain and its proof do."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.core import storage
from app.core.access import RoleType
from app.core.clock import now, today
from app.core.crypto import Undecipherable
from app.core.db import fetch, transaction
from app.core.errors import NotFound
from app.core.events import AuditEvent, system
from app.core.jobs import JobIntent
from app.core.models import StoredFile
from app.screening.models import (
    Assessment,
    Candidate,
    CandidateSurvey,
    CaseNotice,
    CheckResult,
    Disposal,
    JobApplication,
    ReportRecord,
    ScreeningRequest,
    Signature,
)
from app.screening.rules.impact import Ethnicity, Sex
from app.screening.rules.places import Place
from app.screening.rules.retention import Kept, due_on, period
from app.screening.services import evidence, holding, proving, retention, survey
from app.screening.services.candidates import work_place
from tests.feeds.pages import Visitor, admin_of
from tests.screening import judging as j
from tests.screening.consents import consent, ready
from tests.screening.made import Employer, actor, order, stored

WHO = system


def ended(request_id: UUID, years: float, **values: Any) -> None:
    """The case was over so long ago."""
    with transaction() as session:
        request, then = stored(session, request_id), now() - timedelta(days=366 * years)
        session.execute(
            sa.update(ScreeningRequest).where(ScreeningRequest.id == request.id)
            .values(initiated_at=then - timedelta(days=9), decided_at=then, decision="accepted", dispute_open=False, completed_at=None)
        )  # fmt: skip
        for name, value in values.items():
            setattr(request, name, value)


def run_all() -> int:
    total = 0
    while True:
        with transaction() as session:
            made = retention.dispose_due(session, WHO("screening.dispose"))
        total += made
        if not made:
            return total


def certificates(request_id: UUID) -> set[str]:
    with transaction() as session:
        query = sa.select(Disposal.policy).where(Disposal.subject_id == request_id)
        return {policy.partition(";")[0] for policy in session.scalars(query)}


@pytest.fixture
def case(employer: Employer) -> UUID:
    """Assessed and notified; a letter of it is sealed in the chain."""
    with transaction() as session:
        return j.waiting(session, employer).id


@pytest.fixture
def signed(employer: Employer) -> UUID:
    """Everything read and signed on the candidate's pages."""
    with transaction() as session:
        request = ready(session, employer)
        consent(session, request)
        return request.id


def test_an_open_a_held_a_disputed_and_a_young_case_stay(employer: Employer, case: UUID) -> None:
    assert run_all() == 0
    ended(case, 6, legal_hold=True)
    assert run_all() == 0
    ended(case, 6, legal_hold=False, dispute_open=True)
    assert run_all() == 0
    ended(case, 4.9, dispute_open=False)
    assert run_all() == 0
    assert certificates(case) == set()


def test_a_report_goes_first_and_what_a_notice_carried_stays_with_it(employer: Employer) -> None:
    with transaction() as session:
        plain, notified = j.in_review(session, employer), j.waiting(session, employer)
        ids = plain.id, notified.id
    for one in ids:
        ended(one, 2)
    assert run_all() == 1
    assert certificates(ids[0]) == {"report"}
    assert certificates(ids[1]) == set()
    with transaction() as session:
        request = stored(session, ids[0])
        assert request.report_file_id is not None
        assert request.disposed_at is None
        with pytest.raises(NotFound):
            storage.read(session, request.report_file_id)
        records = session.scalars(sa.select(ReportRecord).where(ReportRecord.request_id == request.id)).all()
        assert {one.text for one in records} == {"[destroyed]"}
        assert not any(one.details or one.happened_on for one in records)
        checks = session.scalars(sa.select(CheckResult).where(CheckResult.request_id == request.id)).all()
        assert not any(one.details or one.raw for one in checks)
        other = stored(session, ids[1]).report_file_id
        assert other is not None
        assert storage.read(session, other) == j.REPORT


def test_after_all_years_nothing_of_the_person_is_left_and_the_chain_holds(employer: Employer, case: UUID) -> None:
    with transaction() as session:
        candidate_id = stored(session, case).candidate_id
        survey.answer(session, WHO("test"), candidate_id, sex=Sex.MALE, ethnicity=Ethnicity.WHITE)
        evidence.seal_head(session, WHO("test"))
        before = {finding.subject for finding in proving.verify(session, case)}
    ended(case, 6)
    assert run_all() == len(Kept)
    assert run_all() == 0
    with transaction() as session:
        assert stored(session, case).disposed_at is not None
        candidate = fetch(session, Candidate, candidate_id)
        assert (candidate.first_name, candidate.last_name, candidate.email) == ("[destroyed]",) * 3
        assert candidate.erased_at is not None
        assert not any([candidate.date_of_birth, candidate.residence, candidate.address, candidate.phone])
        assert session.scalars(sa.select(CandidateSurvey)).all() == []
        files = session.scalars(sa.select(StoredFile).where(StoredFile.person_id == candidate_id)).all()
        assert files
        assert all(file.deleted_at for file in files)
        assert {row.reasoning for row in session.scalars(sa.select(Assessment))} == {"[destroyed]"}
        letters = session.scalars(sa.select(CaseNotice)).all()
        assert {row.sent_to for row in letters} == {"[destroyed]"}
        assert not any(row.to_place for row in letters)
        sealed = session.scalars(sa.select(AuditEvent).where(AuditEvent.person_id == candidate_id)).all()
        for event in sealed:
            if event.phi_accessed:
                with pytest.raises(Undecipherable):
                    _ = event.phi
        after = {finding.subject for finding in proving.verify(session, case)}
        kinds = set(session.scalars(sa.select(JobIntent.kind)))
    assert after <= before  # what stood in no chain before stands in none now; nothing is missing that was sealed
    assert not {subject for subject in after if "screening_assessment" in subject}
    assert "screening.erase_at_provider" in kinds


def test_a_signed_consent_is_proved_before_and_after_it_was_destroyed(employer: Employer, signed: UUID) -> None:
    with transaction() as session:
        evidence.seal_head(session, WHO("test"))
        assert proving.verify(session, signed) == []
    ended(signed, 6)
    assert run_all() == len(Kept)
    with transaction() as session:
        assert proving.verify(session, signed) == []
        assert proving.verify(session) == []
        rows = session.scalars(sa.select(Signature).where(Signature.request_id == signed)).all()
        assert rows
        assert {row.typed_name for row in rows} == {None}


def test_destroyed_without_a_certificate_is_found(employer: Employer, signed: UUID) -> None:
    with transaction() as session:
        one = session.scalars(sa.select(Signature).where(Signature.request_id == signed)).first()
        assert one is not None
        storage.destroy(session, one.content_file_id)
        assert {finding.fault for finding in proving.verify(session, signed)} == {proving.Fault.GONE}


def test_a_candidate_with_another_case_is_not_erased(employer: Employer, case: UUID) -> None:
    with transaction() as session:
        request = stored(session, case)
        other = order(session, employer)
        session.flush()
        other.candidate_id = request.candidate_id
        name = fetch(session, Candidate, request.candidate_id).first_name
    ended(case, 6)
    run_all()
    with transaction() as session:
        candidate = fetch(session, Candidate, stored(session, case).candidate_id)
        assert (candidate.first_name, candidate.erased_at) == (name, None)


@pytest.mark.parametrize(
    "work",
    [
        Place("US", "TX", "Travis", "Austin", False), Place("US", "CA", "Los Angeles", "Los Angeles", False),
        Place("US", "CA", "", "Somewhere", None), Place("US", "CA", "Fresno", "Fresno", False),
    ],
)  # fmt: skip
def test_the_query_and_the_rule_agree(employer: Employer, work: Place) -> None:
    with transaction() as session:
        request = order(session, employer, work=work)
        request_id = request.id
    ended(request_id, 4.5)
    for notified in (None, now()):
        with transaction() as session:
            request = stored(session, request_id)
            request.notified_at = notified
            session.flush()
            job = fetch(session, JobApplication, request.application_id)
            decided: datetime | None = request.decided_at
            assert decided is not None
            for kept in Kept:
                years = period(kept, work_place(job), today(), notified=notified is not None).years
                day = due_on(decided.date(), years)
                found = {
                    one.request_id: one.on for one in retention.due(session, kept, today() + timedelta(days=3000), 10)
                }
                assert found[request_id] == day


def test_the_page_says_what_goes_what_is_held_and_what_went(app: Any, employer: Employer, case: UUID) -> None:
    who = Visitor(app, admin_of(employer.company_id, "law@acme.example", (RoleType.COMPLIANCE_OFFICER,)))
    page = "/screening/retention"
    assert "Nothing goes within a month." in who.get(page)
    with transaction() as session:
        young = j.in_review(session, employer)
        number = young.number
        holding.place_hold(session, actor(RoleType.BG_CHECK_ADMIN), stored(session, case), "Charge 123")
    ended(young.id, 0.97)
    html = who.get(page)
    assert number in html
    assert "29 CFR 1602.14" in html
    hold = f"{page}/holds/{case}"
    assert f'href="{hold}"' in html
    who.post(hold, {"reason": ""}, 422, page=hold)
    who.post(hold, {"reason": "The charge was closed"}, page=hold)
    assert "There is no hold on this check." in who.get(hold)
    ended(young.id, 2)
    run_all()
    assert "29 CFR 1602.14" in who.get(page).partition("Certificates of destruction")[2]


@pytest.mark.parametrize(
    "role", [RoleType.RECRUITER, RoleType.BG_CHECK_ADMIN, RoleType.BG_CHECK_SPECIALIST, RoleType.AUDITOR]
)
def test_only_compliance_sees_and_lifts(app: Any, employer: Employer, case: UUID, role: RoleType) -> None:
    other = Visitor(app, admin_of(employer.company_id, "other@acme.example", (role,)))
    other.get("/screening/retention", 403)
    other.get(f"/screening/retention/holds/{case}", 403)
    other.post(f"/screening/retention/holds/{case}", {"reason": "x"}, 403, page="/account")
