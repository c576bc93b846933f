"""The home page: what needs a person today, by what they may do."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.core.access import RoleType
from app.core.db import engine
from tests.accounts.sign_in import make_user, sign_in
from tests.core.conftest import company as company
from tests.oversight.test_oversight import dead_intent

MOST_STATEMENTS = 6
Enter = Callable[..., FlaskClient]


@pytest.fixture
def enter(client: FlaskClient, company: UUID, session: Session) -> Enter:
    def enter(*roles: RoleType) -> FlaskClient:
        sign_in(client, make_user(session, company, email="somebody@acme.example", roles=list(roles)))
        return client

    return enter


def test_hr_sees_that_nothing_waits(enter: Enter) -> None:
    text = enter(RoleType.HR_ADMIN).get("/").text
    assert "What needs you today" in text
    assert "Nothing needs you right now" in text
    for words in ("Overdue enrollments", "Enrollments to decide", "Emails that failed"):
        assert words in text, "what is quiet is named too"
    assert "Jobs given up" not in text


def test_work_that_was_given_up_leads_to_it(enter: Enter, admin: Any) -> None:
    client = enter(RoleType.SYSTEM_ADMIN)
    dead_intent(admin)
    text = client.get("/").text
    assert 'href="/operations/intents?state=dead"' in text
    assert '<p class="stat-value">1</p>' in text
    assert "Enrollments to decide" not in text


@pytest.mark.parametrize("role", [RoleType.PAYROLL_ADMIN])
def test_who_has_no_such_work_goes_to_their_first_page(enter: Enter, role: RoleType) -> None:
    answer = enter(role).get("/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/benefits/plans")


def test_with_every_role_it_stays_within_six_statements(enter: Enter) -> None:
    client = enter(*RoleType)
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        sent.append(statement)

    client.get("/")
    event.listen(engine(), "before_cursor_execute", note)
    try:
        assert client.get("/").status_code == 200
    finally:
        event.remove(engine(), "before_cursor_execute", note)
    asked = [statement for statement in sent if not statement.startswith(("BEGIN", "SELECT set_config"))]
    assert len(asked) <= MOST_STATEMENTS, asked


@pytest.mark.parametrize(
    ("path", "shown"), [("/", "Today"), ("/roles", "Users and roles"), ("/users", "Users and roles")]
)
def test_the_navigation_says_where_the_page_is(enter: Enter, path: str, shown: str) -> None:
    links = re.findall(
        r"<a href=\"[^\"]+\" aria-current=\"\w+\">([^<]+)</a>", enter(RoleType.SYSTEM_ADMIN).get(path).text
    )
    assert set(links) - {"Users", "Roles"} == {shown}
