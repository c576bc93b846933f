"""The adjudicator's pages: what they show, what they refuse, what they write down, how many queries they need."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.core.access import RoleType
from app.core.clock import today
from app.core.db import engine, transaction
from app.core.events import AuditEvent
from app.screening.models import Assessment, ReportRecord, ScreeningRequest
from app.screening.rules.adverse import Stage
from app.screening.rules.states import Choice
from app.screening.rules.words import Channel
from tests.feeds.pages import Visitor, admin_of
from tests.screening import judging as j
from tests.screening.made import Employer, stored

DESK = "/screening/desk"


@pytest.fixture
def judge(app: Any, employer: Employer) -> Visitor:
    return Visitor(app, admin_of(employer.company_id, "judge@acme.example", (RoleType.BG_CHECK_SPECIALIST,)))


@pytest.fixture
def compliance(app: Any, employer: Employer) -> Visitor:
    return Visitor(app, admin_of(employer.company_id, "law@acme.example", (RoleType.COMPLIANCE_OFFICER,)))


@pytest.fixture
def queries() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    sa.event.listen(engine(), "before_cursor_execute", note)
    yield seen
    sa.event.remove(engine(), "before_cursor_execute", note)


def make(how: Any, employer: Employer, **more: Any) -> UUID:
    with transaction() as session:
        return how(session, employer, **more).id  # type: ignore[no-any-return]


def asked(request_id: UUID) -> ScreeningRequest:
    with transaction() as session:
        return stored(session, request_id)


def post(who: Visitor, request_id: UUID, step: str, data: dict[str, Any] | None = None, status: int = 303) -> Any:
    return who.post(f"/screening/cases/{request_id}/{step}", data, status, page="/screening/letters")


def reads(queries: list[str]) -> list[str]:
    return [one for one in queries if one.lstrip().startswith("SELECT") and "set_config" not in one]


def test_a_case_from_review_to_the_notice(judge: Visitor, employer: Employer, queries: list[str]) -> None:
    request_id = make(j.in_review, employer)
    html = judge.get(f"{DESK}?why=review")
    assert "Jane Roe" in html
    queries.clear()
    html = judge.get(f"/screening/cases/{request_id}")
    assert len(reads(queries)) <= 6, reads(queries)
    assert "petty theft" in html
    assert "Choose the records the decision rests on" in html
    assert "ssn_trace" not in html
    with transaction() as session:
        records = list(session.scalars(sa.select(ReportRecord.id)))
        seen = session.scalars(sa.select(AuditEvent).where(AuditEvent.name == "screening.record.viewed")).all()
    assert {event.regulation for event in seen} == {"fcra"}
    typed = {
        "kind": "misdemeanor", "choice": "relied_on", "reason": "It bears on the job", "happened_on-month": "3",
        "happened_on-day": "1", "happened_on-year": "2015",
    }  # fmt: skip
    for record_id in records:
        post(judge, request_id, f"records/{record_id}", {}, 422)
        post(judge, request_id, f"records/{record_id}", typed)
    assert "too old since March 1, 2022" in judge.get(f"/screening/cases/{request_id}").replace("\n", " ")
    html = judge.get(f"/screening/cases/{request_id}/assessment")
    names = re.findall(r'name="(factor_\d+)"', html)
    assert len(names) >= 4
    written = dict.fromkeys(names, "Weighed against the duties") | {"reasoning": "As a whole", "adverse": "yes"}
    html = post(judge, request_id, "assessment", written | {"factor_1": " "}, 422).get_data(as_text=True)
    assert "write what you weighed" in html
    post(judge, request_id, "assessment", written)
    html = judge.get(f"/screening/cases/{request_id}/notice")
    assert "Before we decide: please check what was reported" in html
    assert "Weighed against the duties" in html
    post(judge, request_id, "notice", {"channels": ["email"]})
    assert asked(request_id).stage == Stage.PRE_ADVERSE
    html = judge.get(f"/screening/cases/{request_id}")
    assert "The notice has not gone out by every way this place asks for" in html


def test_the_page_of_a_long_case_needs_few_queries(judge: Visitor, employer: Employer, queries: list[str]) -> None:
    request_id = make(j.reassessed, employer)
    judge.get(f"/screening/cases/{request_id}")
    queries.clear()
    html = judge.get(f"/screening/cases/{request_id}")
    assert len(reads(queries)) <= 6, reads(queries)
    assert "Second assessment" in html
    assert "Look at the final notice" in html
    assert "Our decision about your application" in judge.get(f"/screening/cases/{request_id}/final")
    post(judge, request_id, "final")
    assert asked(request_id).stage == Stage.FINAL
    assert "Not accepted" in judge.get(f"/screening/cases/{request_id}")
    post(judge, request_id, "final", status=409)


def test_who_ordered_may_read_and_not_judge(app: Any, employer: Employer) -> None:
    request_id = make(j.in_review, employer)
    user = admin_of(employer.company_id, "both@acme.example", (RoleType.BG_CHECK_SPECIALIST, RoleType.RECRUITER))
    with transaction() as session:
        stored(session, request_id).recruiter_user_id = user.id
    both = Visitor(app, user)
    html = both.get(f"/screening/cases/{request_id}")
    assert "You ordered this check or recruit for this job" in html
    assert "Decide about this record" not in html
    assert "Jane Roe" not in both.get(DESK)
    with transaction() as session:
        record_id = session.scalars(sa.select(ReportRecord.id)).first()
    typed = {"kind": "felony", "choice": "set_aside", "reason": "x"}
    post(both, request_id, f"records/{record_id}", typed, 409)
    post(both, request_id, "accept", status=409)
    with transaction() as session:
        assert set(session.scalars(sa.select(ReportRecord.choice))) == {Choice.OPEN.value}


@pytest.mark.parametrize(
    "role", [RoleType.RECRUITER, RoleType.BG_CHECK_ADMIN, RoleType.HIRING_MANAGER, RoleType.COMPLIANCE_OFFICER]
)
def test_who_orders_follows_or_watches_reads_no_record(app: Any, employer: Employer, role: RoleType) -> None:
    request_id = make(j.in_review, employer)
    other = Visitor(app, admin_of(employer.company_id, "other@acme.example", (role,)))
    for url in (DESK, "/screening/letters", f"/screening/cases/{request_id}", f"/screening/cases/{request_id}/notice"):
        other.get(url, 403)


def test_letters_on_paper_are_printed_mailed_and_received(judge: Visitor, employer: Employer) -> None:
    request_id = make(j.notified, employer, channels=(Channel.TRACKED_MAIL,))
    with transaction() as session:
        (letter,) = j.letters_of(session, stored(session, request_id))
        j.print_letter(session, letter)
    assert "To print and mail" in judge.get("/screening/letters")
    page = f"/screening/letters/{letter.id}"
    assert "12 Elm St" in judge.get(page)
    assert judge.post(f"{page}/pdf", {}, 200, page="/screening/letters").data.startswith(b"%PDF")
    day = today("America/Los_Angeles")
    left = {"on-month": str(day.month), "on-day": str(day.day), "on-year": str(day.year), "tracking_number": "9400 1"}
    judge.post(f"{page}/mailed", left | {"on-year": "2019"}, 422, page=page)
    judge.post(f"{page}/mailed", {}, 422, page=page)
    judge.post(f"{page}/mailed", left, page=page)
    assert asked(request_id).stage == Stage.PRE_ADVERSE
    assert "The carrier has not yet said when the letter arrived" in judge.get(f"/screening/cases/{request_id}")
    assert "Receipt is owed" in judge.get("/screening/letters")
    judge.post(f"{page}/received", left, page=page)
    request = asked(request_id)
    assert request.stage == Stage.WAITING
    assert request.answer_due_on is not None
    judge.post(f"{page}/returned", page=page)
    assert asked(request_id).stage == Stage.PRE_ADVERSE
    assert asked(request_id).answer_due_on is None
    judge.post(f"{page}/again", {"channel": "email"}, page=page)
    assert "Letters that came back" in judge.get("/")


def test_an_answer_stops_the_clock_and_an_end_tells_the_candidate(judge: Visitor, employer: Employer) -> None:
    request_id = make(j.waiting, employer)
    post(judge, request_id, "answer", {"kind": "dispute_announced"}, 422)
    post(judge, request_id, "answer", {"kind": "dispute_announced", "text": "That is my brother."})
    assert asked(request_id).stage == Stage.PAUSED
    html = judge.get(f"/screening/cases/{request_id}")
    assert "That is my brother." in html
    assert "the candidate announced a dispute or evidence" in html
    assert "Jane Roe" in judge.get(f"{DESK}?why=answered")
    post(judge, request_id, "resume")
    assert asked(request_id).stage == Stage.WAITING
    post(judge, request_id, "end", {}, 422)
    post(judge, request_id, "end", {"reason": "The record is another person's"})
    assert asked(request_id).stage == Stage.CANCELED
    with transaction() as session:
        kinds = [one.document_key for one in j.letters_of(session, stored(session, request_id))]
    assert kinds == ["pre_adverse_notice", "dispute_receipt", "adverse_canceled"]
    post(judge, request_id, "accept")
    assert asked(request_id).decision == "accepted"


def test_a_second_person_agrees_on_the_page(app: Any, judge: Visitor, employer: Employer) -> None:
    with transaction() as session:
        request = j.assessed(session, employer)
        j.set_policy(session, second_person=True)
    html = judge.get(f"/screening/cases/{request.id}")
    assert "A second person must agree" in html
    found = re.search(r"assessments/([0-9a-f-]+)/agree", html)
    assert found is not None
    assert "Jane Roe" in judge.get(f"{DESK}?why=agree")
    post(judge, request.id, f"assessments/{found[1]}/agree")
    assert "A second person must agree" not in judge.get(f"/screening/cases/{request.id}")


def test_compliance_sees_deadlines_and_proof_and_no_record(
    compliance: Visitor, employer: Employer, queries: list[str]
) -> None:
    request_id = make(j.waiting, employer)
    compliance.get("/screening/cases")
    queries.clear()
    html = compliance.get("/screening/cases?stage=waiting")
    assert len(reads(queries)) <= 6, reads(queries)
    assert "Jane Roe" in html
    assert "business days, e-mail" in html
    assert "Jane Roe" not in compliance.get("/screening/cases?state=standing")
    html = compliance.get(f"/screening/cases/{request_id}/proof")
    assert "screening_notice" not in html  # the builder's signatures stand in no chain, what was judged does
    assert "screening_assessment" not in html
    assert "The candidate still has time to answer" in html
    assert "petty theft" not in html
    with transaction() as session:
        row = session.scalars(sa.select(Assessment)).first()
        assert row is not None
        row.reasoning = "Another view"
    html = compliance.get(f"/screening/cases/{request_id}/proof")
    assert "The evidence does not hold" in html
    assert "The row says something else than its record (screening_assessment" in html


def test_agencies_are_named_before_letters_go_out(app: Any, employer: Employer) -> None:
    admin = Visitor(app, admin_of(employer.company_id, "admin@acme.example", (RoleType.BG_CHECK_ADMIN,)))
    page = f"/screening/letter-details/{employer.connection_id}"
    assert "Not given" in admin.get("/screening/letter-details")
    admin.post(page, {"name": "Checkr"}, 422, page=page)
    admin.post(
        page, {"name": "Checkr, Inc.", "address": "1 Main St", "phone": "844-824-3257", "privacy": ""}, page=page
    )
    assert "844-824-3257" in admin.get("/screening/letter-details")
    words = {"reconsideration": "Write to us.", "cori_policy": ""}
    admin.post("/screening/letter-details", words, page="/screening/letter-details")
    assert "Write to us." in admin.get("/screening/letter-details")


def test_traces_are_for_administrators_only(app: Any, judge: Visitor, employer: Employer) -> None:
    request_id = make(j.in_review, employer)
    manager = Visitor(app, admin_of(employer.company_id, "head@acme.example", (RoleType.BG_CHECK_MANAGER,)))
    assert "no ground for a decision" in manager.get(f"/screening/cases/{request_id}/traces")
    judge.get(f"/screening/cases/{request_id}/traces", 403)
