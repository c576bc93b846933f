"""Who sees what of a check (reference/screening.md §4.3): each role of the demo at each page, download and operation.

A page that is not in the table fails: who adds one says here who may open it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.accounts.models import User
from app.accounts.services.tokens import offered
from app.connections.models import Exchange
from app.core.access import ROLE_DEFAULTS, Can, RoleType, Scope, grants
from app.core.clock import now
from app.core.db import enter_tenant, fetch, transaction
from app.core.events import AuditEvent
from app.screening.models import Candidate, CandidateSurvey, JobApplication, ReportRecord, ScreeningRequest
from app.screening.rules.places import Place
from app.screening.rules.states import Part
from app.screening.rules.words import AskStage
from app.screening.services import links, ordering, rulings
from tests.accounts.programs import Caller, actor_of, make_token
from tests.accounts.sign_in import make_user
from tests.screening import consents, judging, made
from tests.screening.made import Employer
from tests.security.crawl import Visitor
from tests.security.twins import Twin

pytestmark = pytest.mark.long

NEW_YORK = Place("US", "NY", "New York", "New York", False)
WALLED = "Robbery in the second degree, Kings County"
ROLES: dict[str, tuple[RoleType, ...]] = {
    "R": (RoleType.RECRUITER,), "J": (RoleType.BG_CHECK_SPECIALIST,), "A": (RoleType.BG_CHECK_ADMIN,), "M": (RoleType.HIRING_MANAGER,),
    "C": (RoleType.COMPLIANCE_OFFICER,), "H": (RoleType.HR_ADMIN,), "V": (RoleType.VIEWER,), "U": (RoleType.AUDITOR,), "E": (),
}  # fmt: skip
"""Recruiter, adjudicator (judge), screening admin, hiring manager, compliance, HR, viewer, auditor, employee."""

PAGES: dict[str, str] = {
    # progress and decision
    **dict.fromkeys(("board", "request_page", "save_view", "delete_view"), "RJAC"),
    # ordering
    **dict.fromkeys(
        (
            "order", "order_post", "preview_order", "bulk_order", "bulk_order_post", "cancel_request", "order_again",
            "found_at_provider", "change_stage", "correct_address", "send_link", "second_part", "second_part_post",
            "candidates", "candidate", "candidate_post", "stop_reminders",
        ),
        "RA",
    ),
    **dict.fromkeys(("extend_request", "hold_request", "export_board"), "A"),
    "dates": "M",
    # what a report says
    **dict.fromkeys(("desk", "case", "read_report", "letters", "letter", "print_letter"), "J"),
    **dict.fromkeys(
        (
            "accept", "answer", "note_answer", "assessment", "assess", "agree", "end", "end_it", "final", "finalize", "notice",
            "notify", "reassess", "record", "choose", "report_copy", "keep_report", "resume", "mail", "receive", "give_back",
            "send_again",
        ),
        "J",
    ),
    "traces": "A",  # SSN traces are no part of the report
    # compliance
    **dict.fromkeys(("cases", "proof", "retention", "hold", "lift_hold"), "C"),
    **dict.fromkeys(("rules", "rule", "accept_rule", "withdraw_rule", "print_rules", "export_rules", "texts"), "C"),
    **dict.fromkeys(("four_fifths", "export_four_fifths"), "C"),
    **dict.fromkeys(("analytics", "export_numbers"), "AC"),
    # configuration
    **dict.fromkeys(("letter_details", "keep_words", "agency_details", "name_agency", "policy", "keep_policy"), "A"),
    **dict.fromkeys(("matrix", "add_hint", "remove_hint"), "A"),
    **dict.fromkeys(
        (
            "files", "files_now", "order_file_copy", "order_file_handed_over", "upload_results", "upload_results_post",
            "tried_results", "confirm_results", "result_file", "packages", "packages_post",
        ),
        "A",
    ),
    "provider_events": "A",
}  # fmt: skip
API: dict[str, str] = {
    "show_bg_check_analytics": "AC",
    **dict.fromkeys(("list_bg_check_requests", "show_bg_check_request"), "RJAC"),
    **dict.fromkeys(
        ("order_bg_check", "act_on_bg_check_consent", "keep_candidate", "keep_job_application", "move_job_application"), "RA"
    ),
    **dict.fromkeys(
        (
            "list_bg_check_providers", "show_bg_check_provider", "add_bg_check_provider", "change_bg_check_provider",
            "test_bg_check_provider", "show_bg_check_provider_test",
        ),
        "A",
    ),
}  # fmt: skip

WORDS = (
    *(item.text.lower() for item in judging.ITEMS), "petty theft", WALLED.lower(), judging.WEIGHED.lower(), "it bears on the job",
    "considered as a whole", r"\bconsider\b", r"\bseverity\b", r"\bmisdemeanor\b", r"\bfelony\b", r"further_review",
)  # fmt: skip
SAYS = re.compile("|".join(WORDS))
"""Texts of the records and of what was weighed, and the words of results."""


@dataclass
class House:
    app: Flask
    employer: Employer
    users: dict[str, User]
    ids: dict[str, UUID]
    review: UUID
    waiting: UUID
    walled: UUID

    def visitor(self, role: str) -> Visitor:
        return Visitor(self.app, Twin(self.employer.company_id, "", self.users), role)

    def program(self, role: str) -> Caller:
        """Tokens are made by who may manage them, for what this role may do and no more."""
        user = self.users[f"{role}-tokens"]
        mine = {
            can for one in ROLES.get(role, ROLES["J"] + ROLES["A"]) for can in grants(ROLE_DEFAULTS[one][1], Scope.ALL)
        }
        scopes = mine & set(offered(actor_of(user))) or {Can.OPERATIONS_VIEW}
        return Caller(self.app, make_token(user, *sorted(scopes))[1])

    def pages(self, prefix: str = "screening.") -> list[Rule]:
        return sorted((r for r in self.app.url_map.iter_rules() if r.endpoint.startswith(prefix)), key=lambda r: r.rule)

    def ways(self, prefix: str) -> list[tuple[Rule, str]]:
        return [(r, m) for r in self.pages(prefix) for m in sorted((r.methods or set()) - {"HEAD", "OPTIONS"})]

    def path(self, rule: Rule, request_id: UUID | None = None) -> str:
        values = self.ids | {"request_id": request_id or self.review, "part": "volume", "key": "us-ca-fca"}
        return re.sub(r"<(?:[^:>]+:)?([^>]+)>", lambda found: str(values[found[1]]), rule.rule)


@pytest.fixture
def house(app: Flask, session: Session, employer: Employer) -> House:
    users = {
        name: make_user(session, employer.company_id, email=f"{name}@acme.example", roles=list(roles))
        for name, roles in (ROLES | {"X": (*ROLES["J"], *ROLES["A"])}).items()
    }
    users |= {
        f"{name}-tokens": make_user(
            session, employer.company_id, email=f"{name}-tokens@acme.example", roles=[*roles, RoleType.SYSTEM_ADMIN]
        )
        for name, roles in (ROLES | {"X": (*ROLES["J"], *ROLES["A"])}).items()
    }
    enter_tenant(employer.company_id)
    with transaction() as own:
        review, waiting = judging.in_review(own, employer), judging.waiting(own, employer, name="Mary")
        walled = _walled(own, employer)
        for request in (review, waiting, walled):
            request.hiring_manager_user_id = users["M"].id
            _spoken(own, employer, request)
        own.add(CandidateSurvey(candidate_id=review.candidate_id, sex="female", ethnicity="asian", answered_at=now()))
        assessment = judging.basis(own, waiting).assessments[0].id
        ids = {
            "candidate_id": review.candidate_id, "record_id": judging.rows(own, review)[0].id, "assessment_id": assessment,
            "notice_id": judging.letters_of(own, waiting)[0].id, "connection_id": employer.connection_id,
            "provider_id": employer.connection_id, "application_id": review.application_id, "view_id": review.id,
            **dict.fromkeys(("hint_id", "file_id", "draft_id", "item_id"), review.id),
        }  # fmt: skip
        made_ = (review.id, waiting.id, walled.id)
    return House(app, employer, users, ids, *made_)


def _walled(session: Session, employer: Employer) -> ScreeningRequest:
    """The second part of New York City with a criminal record in it, its first part still open: as a provider's mistake would bring it."""
    first = made.order(session, employer, part=Part.FIRST, work=NEW_YORK, name="Ida")
    facts = ordering.NewOrder(package_id=employer.package_id, certified=True, part=Part.SECOND, first_part_id=first.id)
    candidate, application = (
        fetch(session, Candidate, first.candidate_id),
        fetch(session, JobApplication, first.application_id),
    )
    second = ordering.order(session, employer.recruiter, candidate, application, facts)
    session.flush()
    made.give_consent(session, second)
    rulings.rule(session, second)
    judging.complete(session, second)
    for row in session.scalars(sa.select(ReportRecord).where(ReportRecord.request_id == second.id)):
        row.text = WALLED
    application.stage = AskStage.INTERVIEW.value
    session.flush()
    return second


def _spoken(session: Session, employer: Employer, request: ScreeningRequest) -> None:
    """What went over the wire about it."""
    session.add(
        Exchange(
            connection_id=employer.connection_id, operation="get_report", method="GET", path="/v1/reports/{id}", status=200,
            started_at=now(), milliseconds=12, attempt=1, request_bytes=0, answer_bytes=90, subject_kind="screening_request",
            subject_id=request.id, answer_body=f'{{"result":"consider","charge":"{WALLED}"}}',
        )
    )  # fmt: skip


def test_every_page_and_operation_says_who_may_open_it(house: House) -> None:
    endpoints = {rule.endpoint.removeprefix("screening.") for rule in house.pages()}
    assert endpoints - set(PAGES) == set()
    assert {rule.endpoint.removeprefix("api_screening.") for rule in house.pages("api_screening.")} == set(API)


def test_each_role_opens_its_pages_and_no_others(house: House) -> None:
    wrong: list[str] = []
    for role in ROLES:
        visitor = house.visitor(role)
        for rule, method in house.ways("screening."):
            answer = visitor.send(method, house.path(rule))
            allowed = role in PAGES[rule.endpoint.removeprefix("screening.")]
            strange = method == "GET" and allowed and answer.status_code not in (200, 303, 404)
            if (answer.status_code == 403) == allowed or answer.status_code >= 500 or strange:
                wrong.append(f"{role} {method} {rule.rule}: {answer.status_code}")
    assert wrong == []


def test_a_program_does_what_its_person_may_and_nothing_else(house: House) -> None:
    wrong: list[str] = []
    for role in ROLES:
        call = house.program(role)
        for rule, method in house.ways("api_screening."):
            answer = call(method, house.path(rule), {} if method in ("POST", "PUT") else None)
            allowed = role in API[rule.endpoint.removeprefix("api_screening.")]
            if (answer.status_code == 403) == allowed or answer.status_code >= 500:
                wrong.append(f"{role} {method} {rule.rule}: {answer.status_code}")
    assert wrong == []


def test_a_narrow_token_of_a_mighty_person_stays_narrow(house: House) -> None:
    call = Caller(house.app, make_token(house.users["X-tokens"], Can.CHECK_VIEW)[1])
    assert call("GET", "/api/bg-check-requests").status_code == 200
    assert call("GET", "/api/bg-check-providers").status_code == 403
    assert call("POST", "/api/bg-check-requests", {}).status_code == 403
    shown = call("GET", f"/api/bg-check-requests/{house.review}").json
    assert {row["result_status"] for row in shown["results"]} == {None}


def said(answer: TestResponse) -> str:
    """What a person reads: the main part of a page without its markup, or the whole of another answer."""
    text = re.sub(r'"severity_level":\s*null', "", answer.get_data().decode("utf-8", "replace"))
    main = re.sub(r"<[^>]+>", " ", text.partition("<main")[2] or text)
    return " ".join(main.split()).lower()


def test_who_may_not_read_records_reads_none_of_their_words(house: House) -> None:
    """Every page, the CSV and the API, for each case, by everybody but the adjudicator."""
    found, looked = [], dict.fromkeys("RAMCHVUE", 0)
    cases = (house.review, house.waiting, house.walled)
    for role in looked:
        visitor, call = house.visitor(role), house.program(role)
        answers = [
            visitor.send("GET" if "GET" in (rule.methods or ()) else "POST", house.path(rule, request_id))
            for rule, method in house.ways("screening.")
            for request_id in (cases if "request_id" in rule.arguments else cases[:1])
            if (method == "GET" or rule.endpoint == "screening.export_board") and not rule.rule.startswith(OF_THE_LAW)
        ]
        answers += [
            call("GET", "/api/bg-check-requests"),
            *(call("GET", f"/api/bg-check-requests/{one}") for one in cases),
        ]
        for answer in answers:
            looked[role] += answer.status_code == 200
            found += [f"{role} {answer.request.path}: {word}" for word in SAYS.findall(said(answer))]
    assert found == []
    assert min(looked["R"], looked["A"]) > 10
    assert looked["C"] > 8
    assert looked["M"] == 1


OF_THE_LAW = ("/screening/letter-details", "/screening/policy", "/screening/matrix", "/screening/rules")
"""Pages about rules and papers: their words say nothing of anybody."""


def test_a_hiring_manager_sees_a_date(house: House) -> None:
    """Name, job, day: the same line whatever became of the check."""
    visitor = house.visitor("M")
    text = said(visitor.get("/screening/dates"))
    assert "jane roe" in text
    for word in (
        "review",
        "complete",
        "notice",
        "waiting",
        "decision",
        "clear",
        "consent",
        "provider",
        "checkr",
        "hold",
    ):
        assert not re.search(rf"\b{word}", text), word
    others = house.visitor("R").get("/screening/dates")
    assert others.status_code == 403


@pytest.mark.parametrize("role", ["J", "X"])
def test_nobody_reads_a_criminal_result_before_the_offer(house: House, role: str) -> None:
    """New York City: no page, download, operation or raw event, also for who may read records and manage providers."""
    visitor, call = house.visitor(role), house.program(role)
    answers = [
        visitor.send(method, house.path(rule, house.walled))
        for rule, method in house.ways("screening.")
        if method == "GET" or rule.endpoint in ("screening.read_report", "screening.export_board")
    ]
    answers += [call("GET", f"/api/bg-check-requests/{house.walled}"), call("GET", "/api/bg-check-requests")]
    assert [answer.request.path for answer in answers if WALLED.lower() in said(answer)] == []
    downloads = [answer.request.path for answer in answers if answer.data.startswith(b"%PDF")]
    assert [path for path in downloads if str(house.walled) in path] == []
    shown = answers[-2].json
    assert shown is not None
    assert {(row["result_status"], row["severity_level"]) for row in shown["results"]} == {(None, None)}


def test_the_wall_falls_with_the_offer_and_the_first_stage(house: House) -> None:
    with transaction() as session:
        request = made.stored(session, house.walled)
        fetch(session, JobApplication, request.application_id).stage = AskStage.OFFER.value
        fetch(session, ScreeningRequest, request.first_part_id).decision = "accepted"
    judge = house.visitor("J")
    assert WALLED.lower() in said(judge.get(f"/screening/cases/{house.walled}"))
    assert judge.send("POST", f"/screening/cases/{house.walled}/report").data == judging.REPORT


def test_the_wall_does_not_say_how_much_is_behind_it(house: House) -> None:
    """A number of closed records would be a criminal result before the offer."""
    judge = house.visitor("J")
    before = said(judge.get(f"/screening/cases/{house.walled}"))
    with transaction() as session:
        session.execute(sa.delete(ReportRecord).where(ReportRecord.request_id == house.walled))
    assert said(judge.get(f"/screening/cases/{house.walled}")) == before


READS = ("case", "record", "assessment", "notice", "read_report", "report_copy", "answer", "end", "print_letter")


@pytest.mark.parametrize("name", READS)
def test_every_look_at_a_report_is_written_down(house: House, name: str) -> None:
    rule = next(
        r
        for r in house.pages()
        if r.endpoint == f"screening.{name}" and ("GET" in (r.methods or ()) or name in ("read_report", "print_letter"))
    )
    before = looks(house)
    answer = house.visitor("J").send("GET" if "GET" in (rule.methods or ()) else "POST", house.path(rule))
    assert answer.status_code == 200, answer.text[:300]
    (look,) = looks(house) - before
    about, person, who = look[1:]
    wanted = house.waiting if name == "print_letter" else house.review
    assert (about, who) == (wanted, house.users["J"].id)
    assert person is not None


def test_looks_of_programs_and_at_raw_events_are_written_down(house: House) -> None:
    before = looks(house)
    assert house.program("J")("GET", f"/api/bg-check-requests/{house.review}").json["results"][0]["result_status"]
    assert len(looks(house) - before) == 1
    text = said(house.visitor("X").get(f"/screening/requests/{house.review}/provider-events"))
    assert WALLED.lower() in text, "who may read records reads what came over the wire"
    assert len(looks(house) - before) == 2
    assert WALLED.lower() not in said(house.visitor("A").get(f"/screening/requests/{house.review}/provider-events"))
    house.program("R")("GET", f"/api/bg-check-requests/{house.review}")
    assert len(looks(house) - before) == 2, "who saw nothing looked at nothing"


def looks(house: House) -> set[tuple[Any, ...]]:
    enter_tenant(house.employer.company_id)
    with transaction() as session:
        query = sa.select(AuditEvent.id, AuditEvent.entity_id, AuditEvent.person_id, AuditEvent.actor_user_id)
        return {tuple(row) for row in session.execute(query.where(AuditEvent.name == "screening.record.viewed"))}


def test_the_audit_trail_says_nothing_of_results(house: House) -> None:
    """Auditors and administrators read it; they may not read reports."""
    with transaction() as session:
        rows = session.scalars(sa.select(AuditEvent).where(AuditEvent.name.like("screening.%"))).all()
        texts = [f"{row.name} {row.old_values} {row.new_values}".lower() for row in rows]
    assert len(texts) > 20
    assert [text for text in texts if SAYS.search(text) or "'clear'" in text] == []


def test_a_candidates_cookie_opens_nothing_but_their_own_pages(house: House) -> None:
    with transaction() as session:
        own = links.token_of(links.issue(session, consents.ready(session, house.employer).id))
        foreign = links.token_of(links.issue(session, house.waiting))
    client = house.app.test_client()
    enter_tenant(None)
    csrf = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(f"/c/{own}/who").text)
    assert csrf is not None
    born = {"birth-month": "5", "birth-day": "17", "birth-year": "1990", "csrf_token": csrf[1]}
    assert client.post(f"/c/{own}/who", data=born).status_code == 303
    assert "/who" not in str(client.get(f"/c/{own}/sign").location), "proven here"
    for rule, method in house.ways("screening."):
        if method == "GET":
            assert client.get(house.path(rule)).status_code in (302, 303), rule.rule
    tried = 0
    for rule, method in house.ways("candidate."):
        if method == "GET" and rule.endpoint not in OPEN:
            answer = client.get(of_candidate(house, rule, foreign))
            refused = answer.status_code == 401 or (answer.status_code == 303 and "/who" in answer.location)
            assert refused, f"{rule.rule}: {answer.status_code}"
            assert client.get(of_candidate(house, rule, own)).status_code != 200 or "notice_id" not in rule.arguments, (
                rule.rule
            )
            tried += 1
    assert tried > 10


def of_candidate(house: House, rule: Rule, token: str) -> str:
    """A candidate's page; its letter is another candidate's."""
    values = {"token": token, "notice_id": str(house.ids["notice_id"]), "number": "0", "slug": "disclosure"}
    return re.sub(r"<(?:[^:>]+:)?([^>]+)>", lambda found: values[found[1]], rule.rule)


OPEN = ("candidate.landing", "candidate.who", "candidate.code", "candidate.again_sent", "candidate.reminders")
"""What the link alone opens: who asks and for which job, the proof itself, and an end to messages."""
