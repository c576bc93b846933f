"""The recruiter's board as a browser without JavaScript meets it, and what it must never say."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.core.access import RoleType
from app.core.clock import now
from app.core.db import tenant, transaction
from app.core.events import Actor, system
from app.integrations.screening import Check, Report, Result, Status
from app.screening.models import CheckResult, ReportRecord, ScreeningRequest
from app.screening.rules.states import OrderState
from app.screening.services import links, reconciling, sifting
from app.screening.services.board import board, line
from app.screening.services.progress import refresh
from app.screening.services.sifting import Filters, counts
from tests.accounts.sign_in import make_user, sign_in
from tests.benefits.test_pages import statements as statements
from tests.screening.made import Employer, add_person, order, stored

SECRET = "Grand larceny in Travis County"


def placed(
    session: Session, employer: Employer, status: Status = Status.IN_PROGRESS, **changes: Any
) -> ScreeningRequest:
    """A request that is out at the provider."""
    made = order(session, employer, **changes)
    made.consent, made.consent_obtained_at, made.consent_expires_at = "approved", now(), now() + timedelta(days=90)
    made.order_state, made.provider_report_id = OrderState.PLACED.value, f"rep_{made.number}"
    made.provider_status = status.value
    refresh(made)
    session.flush()
    return made


def reported(
    session: Session, employer: Employer, result: Result = Result.CONSIDER, **changes: Any
) -> ScreeningRequest:
    """A complete report with a record in it."""
    made = placed(session, employer, **changes)
    report = Report(
        id=made.provider_report_id, candidate_id="c1", status=Status.COMPLETE, result=result, package="essential",
        checks=(Check(ref="s1", kind="county_criminal_search", status=Status.COMPLETE, result=result),), ordered=frozenset({"s1"}),
    )  # fmt: skip
    look = reconciling.look(session, made.id)
    assert look is not None
    reconciling.apply(session, system("test"), look, invitation=None, report=report)
    session.add(ReportRecord(request_id=made.id, ref="r1", text=SECRET))
    session.flush()
    return made


@pytest.fixture
def recruiter(app: Any, client: FlaskClient, session: Session, employer: Employer) -> FlaskClient:
    sign_in(client, make_user(session, employer.company_id, email="rita@acme.example", roles=[RoleType.RECRUITER]))
    return client


def text(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.partition("<main")[2]).split())


def read(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.get_data(as_text=True)[:2000]
    page = answer.get_data(as_text=True)
    assert "&lt;lazy" not in page
    return text(page)


def test_an_empty_board_says_what_to_do_first(recruiter: FlaskClient) -> None:
    page = read(recruiter, "/screening")
    assert "No background check yet" in page
    assert "Order the first check" in page


def test_a_row_says_who_blocks_and_what_comes_next(recruiter: FlaskClient, employer: Employer) -> None:
    with tenant(employer.company_id), transaction() as session:
        order(session, employer)
    page = read(recruiter, "/screening")
    for words in (
        "Jane Roe",
        "Driver",
        "Offer made",
        "Essential",
        "SANDBOX",
        "Waiting for consent",
        "Candidate",
        "The link is being sent",
        "Not signed yet",
    ):
        assert words in page


@pytest.mark.parametrize("status", list(Status))
def test_each_state_of_the_provider_is_said_in_words(
    recruiter: FlaskClient, employer: Employer, status: Status
) -> None:
    with tenant(employer.company_id), transaction() as session:
        made = placed(session, employer, status)
        number, bucket = made.number, made.bucket
    page = read(recruiter, f"/screening?bucket={bucket}")
    assert number in page
    assert "None" not in page


def test_no_result_of_a_report_reaches_a_recruiter(recruiter: FlaskClient, employer: Employer) -> None:
    with tenant(employer.company_id), transaction() as session:
        bad, good = reported(session, employer), reported(session, employer, Result.CLEAR, name="Ann")
        ids = [bad.id, good.id]
        assert session.query(CheckResult).filter_by(result_status="consider").count() == 1
    pages = [recruiter.get(f"/screening/requests/{one}").get_data(as_text=True) for one in ids]
    pages.append(recruiter.get("/screening?bucket=review").get_data(as_text=True))
    for page in pages:
        assert "Decision pending" in page
        for word in (SECRET, "larceny", "onsider", "Clear<", "severity", "county_criminal_search", "medium"):
            assert word not in page
    shape = [
        re.sub(
            r"[0-9a-f]{8}-[0-9a-f-]{27}|S\d{6}-\w{5}|Jane|Ann|[\w.]+@mail.example|hx-\w+=\"[^\"]*\"|value=\"[^\"]*\"",
            "",
            page,
        )
        for page in pages[:2]
    ]
    assert text(shape[0]) == text(shape[1])  # a clear report and another one look the same


def test_cases_under_review_look_alike_whatever_stage_they_are_in(employer: Employer) -> None:
    with tenant(employer.company_id), transaction() as session:
        made = reported(session, employer)
        made.stage, made.blocker = "waiting", "candidate"
        session.flush()
        assert line(session, employer.recruiter, made.id).blocker == "us"
        assert board(session, employer.recruiter, Filters(blocker="candidate"))[0] == []


def test_a_dispute_is_not_told_to_a_recruiter(recruiter: FlaskClient, employer: Employer) -> None:
    """Complete, in dispute, complete again: the history says once that the report is complete."""
    from app.screening.services import reconciling

    with tenant(employer.company_id), transaction() as session:
        made = reported(session, employer)
        for status in (Status.DISPUTE, Status.COMPLETE):
            look = reconciling.look(session, made.id)
            assert look is not None
            again = Report(
                id=made.provider_report_id, candidate_id="c1", status=status, result=Result.CONSIDER, package="essential",
                checks=(Check(ref="s1", kind="county_criminal_search", status=Status.COMPLETE, result=Result.CONSIDER),),
                ordered=frozenset({"s1"}),
            )  # fmt: skip
            reconciling.apply(session, system("test"), look, invitation=None, report=again)
        path = f"/screening/requests/{made.id}"
    page = read(recruiter, path)
    assert page.count("The report is complete") == 1
    assert "ispute" not in page
    assert "looks again" not in page


def test_filters_narrow_the_board(employer: Employer) -> None:
    with tenant(employer.company_id), transaction() as session:
        who = employer.recruiter
        waiting, silent = order(session, employer), placed(session, employer, name="Silas")
        late, failed = placed(session, employer, name="Lara"), order(session, employer, name="Fay")
        held = order(session, employer, name="Hedda")
        silent.last_event_at = now() - timedelta(days=4)
        late.estimated_completion_on = (now() - timedelta(days=2)).date()
        failed.order_state = OrderState.UNKNOWN.value
        held.consent, held.hold_reason = "approved", "ask_stage"
        for one in (failed, held):
            refresh(one)
        links.mark_undeliverable(session, system("test"), links.issue(session, waiting.id))
        expired = placed(session, employer, Status.INVITATION_EXPIRED, name="Eve")
        session.flush()
        for problem, one in {
            "bounced": waiting, "stale": silent, "late": late, "failed": failed, "held": held, "expired": expired
        }.items():  # fmt: skip
            rows, _ = board(session, who, Filters(problem=problem))
            assert [row.id for row in rows] == [one.id], problem
            assert counts(session, who, Filters(problem=problem)).shown == 1
        mine = {row.id for row in board(session, who, Filters(mine=True))[0]}
        assert mine == {waiting.id, failed.id, held.id, expired.id}
        assert [row.id for row in board(session, who, Filters(q="sila"))[0]] == [silent.id]
        assert [row.id for row in board(session, who, Filters(q=late.number))[0]] == [late.id]
        assert len(board(session, who, Filters(q="driv"))[0]) == 6
        assert board(session, who, Filters(q="zzz"))[0] == []
        oldest = board(session, who, Filters(oldest=True), limit=2)
        assert [row.id for row in oldest[0]] == [waiting.id, silent.id]
        assert next(row.id for row in board(session, who, Filters(oldest=True), oldest[1])[0]) == late.id


def test_only_a_recruiter_s_own_scope_is_listed(employer: Employer) -> None:
    from dataclasses import replace

    from app.core.access import Can, Scope

    with tenant(employer.company_id), transaction() as session:
        mine = order(session, employer)
        own: Actor = replace(employer.recruiter, grants={Can.CHECK_VIEW: Scope.OWN})
        other = replace(employer.adjudicator, grants={Can.CHECK_VIEW: Scope.OWN})
        assert [row.id for row in board(session, own, Filters())[0]] == [mine.id]
        assert board(session, other, Filters())[0] == []
        assert counts(session, other, Filters()) == sifting.Counts(0, 0, 0, False, 0)


def test_a_saved_view_keeps_filters_but_no_name_somebody_searched(recruiter: FlaskClient, employer: Employer) -> None:
    from tests.benefits.test_pages import Visitor

    with tenant(employer.company_id), transaction() as session:
        order(session, employer)
    visitor = Visitor(recruiter, employer.company_id)
    visitor.get("/screening?problem=late&q=Roe")
    visitor.send("/screening/views?problem=late&q=Roe", name="Late ones")
    assert 'href="/screening?problem=late"' in visitor.get("/screening")
    view = re.findall(r"/screening/views/([0-9a-f-]{36})/deletion", visitor.page)[0]
    visitor.send(f"/screening/views/{view}/deletion")
    assert "Late ones" not in visitor.get("/screening")


def test_the_export_is_safe_and_says_nothing_of_a_report(app: Any, session: Session, employer: Employer) -> None:
    client = app.test_client()
    sign_in(client, make_user(session, employer.company_id, email="bea@acme.example", roles=[RoleType.BG_CHECK_ADMIN]))
    with tenant(employer.company_id), transaction() as own:
        made = reported(own, employer)
        job = stored(own, made.id).application_id
        own.get_one(type(add_person(own, employer)[1]), (employer.company_id, job)).position = "=HYPERLINK(1)"
    page = client.get("/screening?bucket=review").get_data(as_text=True)
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
    answer = client.post("/screening/export?bucket=review", data={"csrf_token": token})
    assert answer.status_code == 200
    rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))
    assert len(rows) == 2
    assert "'=HYPERLINK(1)" in rows[1]
    for word in (SECRET, "consider", "clear", "medium", "county"):
        assert word not in answer.get_data(as_text=True)


@pytest.mark.parametrize("role", [RoleType.HIRING_MANAGER, RoleType.HR_ADMIN, RoleType.SYSTEM_ADMIN])
def test_others_do_not_see_the_board(app: Any, session: Session, employer: Employer, role: RoleType) -> None:
    client = app.test_client()
    sign_in(client, make_user(session, employer.company_id, email="other@acme.example", roles=[role]))
    with tenant(employer.company_id), transaction() as own:
        request_id: UUID = order(own, employer).id
    for path in (
        "/screening",
        "/screening/order",
        "/screening/bulk-order",
        "/screening/candidates",
        f"/screening/requests/{request_id}",
    ):
        assert client.get(path).status_code == 403, path


@pytest.mark.parametrize(
    "path",
    [
        "/screening?q=roe",
        "/screening/order",
        "/screening/bulk-order",
        "/screening/candidates",
        "/screening/requests/{id}",
        "/",
    ],
)
def test_a_page_asks_at_most_six_questions(
    recruiter: FlaskClient, employer: Employer, statements: list[str], path: str
) -> None:
    with tenant(employer.company_id), transaction() as session:
        made = order(session, employer)
        links.issue(session, made.id)
        request_id = made.id
    recruiter.get("/screening")
    statements.clear()
    read(recruiter, path.format(id=request_id))
    asked = [one for one in statements if one.lstrip().upper().startswith(("SELECT", "WITH"))]
    assert len(asked) <= 6, "\n".join(one[:160] for one in asked)
