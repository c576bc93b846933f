"""The survey on the candidate's phone: voluntary, after the signature, and shown to nobody."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask

from app.core.access import RoleType
from app.core.db import engine, transaction
from app.screening.models import CandidateSurvey, ScreeningRequest
from tests.feeds.pages import Visitor, admin_of
from tests.screening.consents import ready
from tests.screening.made import Employer
from tests.screening.views.test_candidate import Phone

ANSWERS = {"sex": "female", "ethnicity": "several"}


@pytest.fixture
def request_id(employer: Employer) -> UUID:
    with transaction() as session:
        return ready(session, employer).id


def test_nobody_is_asked_before_a_proof_and_a_signature(app: Flask, request_id: UUID) -> None:
    phone = Phone(app.test_client(), request_id)
    assert "/who" in phone.get("/survey").location
    phone.prove()
    assert phone.get("/survey").status_code == 404


def test_two_questions_after_the_signature(app: Flask, request_id: UUID) -> None:
    phone = Phone(app.test_client(), request_id)
    phone.sign_all()
    assert "/survey" in phone.get("/status").text
    page = phone.get("/survey")
    assert "checked" not in page.text
    wrong = phone.press(page, "/survey", sex="female")
    assert wrong.status_code == 422
    assert "Choose an answer" in wrong.text
    assert phone.press(page, "/survey", **ANSWERS).location.endswith("/status")
    with phone.rows() as session:
        row = session.scalars(sa.select(CandidateSurvey)).one()
        assert (row.sex, row.ethnicity) == ("female", "several")
    again = phone.get("/survey")
    assert "You have answered already" in again.text
    assert "checked" not in again.text  # a lent phone tells nothing
    phone.press(again, "/survey", sex="declined", ethnicity="declined")
    with phone.rows() as session:
        row = session.scalars(sa.select(CandidateSurvey)).one()
        assert (row.sex, row.ethnicity) == ("declined", "declined")


def test_who_decides_sees_no_answer_and_no_query_asks_for_one(app: Flask, employer: Employer, request_id: UUID) -> None:
    phone = Phone(app.test_client(), request_id)
    phone.sign_all()
    phone.press(phone.get("/survey"), "/survey", **ANSWERS)
    with phone.rows() as session:
        session.execute(sa.update(ScreeningRequest).values(bucket="review", stage="review", provider_status="complete"))
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    judge = Visitor(app, admin_of(employer.company_id, "judge@acme.example", (RoleType.BG_CHECK_SPECIALIST,)))
    sa.event.listen(engine(), "before_cursor_execute", note)
    try:
        pages = [
            judge.get(url)
            for url in (
                "/screening/desk",
                f"/screening/cases/{request_id}",
                f"/screening/cases/{request_id}/assessment",
            )
        ]
    finally:
        sa.event.remove(engine(), "before_cursor_execute", note)
    assert seen
    assert not [one for one in seen if "candidate_survey" in one]
    assert not [page for page in pages if "Two or more races" in page]
