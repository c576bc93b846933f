"""The audit viewer and the operations page through the browser's eyes."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.core.access import RoleType
from app.core.db import transaction
from app.core.events import record, system
from app.core.jobs import enqueue, job
from app.oversight.services import disarm
from tests.accounts.sign_in import make_user, sign_in
from tests.core.conftest import company as company


@pytest.fixture
def auditor(client: FlaskClient, company: UUID, session: Session) -> FlaskClient:
    sign_in(
        client,
        make_user(
            session, company, email="auditor@acme.example", roles=[RoleType.COMPLIANCE_OFFICER, RoleType.HR_ADMIN]
        ),
    )
    return client


@pytest.fixture
def operator(client: FlaskClient, company: UUID, session: Session) -> FlaskClient:
    sign_in(client, make_user(session, company, email="ops@acme.example", roles=[RoleType.SYSTEM_ADMIN]))
    return client


def write_event(name: str = "people.employee.changed", **more: Any) -> UUID:
    with transaction() as session:
        return record(session, system("test"), name, ("employee", uuid4()), **more).id


def dead_intent(admin: Any) -> UUID:
    job("test.broken")(lambda run: None)
    with transaction() as session:
        enqueue(session, "test.broken", uuid4(), key="1")
    admin.execute("UPDATE job_intent SET state = 'dead', last_error = 'carrier-closed' WHERE kind = 'test.broken'")
    return admin.execute("SELECT id FROM job_intent WHERE kind = 'test.broken'").fetchone()[0]


def test_the_trail_is_listed_and_filtered(auditor: FlaskClient) -> None:
    write_event()
    write_event("benefits.plan.changed")
    assert "people.employee.changed" in auditor.get("/audit/events").text
    page = auditor.get("/audit/events?name=benefits.").text
    assert "benefits.plan.changed" in page
    assert "people.employee.changed" not in page


@pytest.mark.parametrize("query", ["risk=high", "phi=1", "from=2099-01-01", "to=2000-01-01"])
def test_filters_that_match_nothing_say_so(auditor: FlaskClient, query: str) -> None:
    write_event()
    assert "Widen the filter" in auditor.get(f"/audit/events?{query}&name=people.employee.changed").text


def test_paging_goes_through_all_events_once(auditor: FlaskClient) -> None:
    for index in range(60):
        write_event(f"test.thing.happened{index:03d}")
    first = auditor.get("/audit/events?name=test.").text
    assert "happened059" in first
    assert "happened005" not in first
    import re

    following = re.search(r'href="(/audit/events\?[^"]*after=[^"]*)"', first).group(1).replace("&amp;", "&")
    assert "happened005" in auditor.get(following).text


@pytest.mark.parametrize("query", ["entity=not-an-id", "user=1", "after=x"])
def test_a_broken_link_is_not_found(auditor: FlaskClient, query: str) -> None:
    assert auditor.get(f"/audit/events?{query}").status_code == 404


def test_protected_values_need_a_reason_and_leave_a_trace(auditor: FlaskClient, admin: Any) -> None:
    event_id = write_event(phi={"ssn": "536904399"}, person_id=uuid4(), new={"ssn": "•••-••-4399"})
    page = auditor.get(f"/audit/events/{event_id}").text
    assert "536904399" not in page
    assert "4399" in page
    assert auditor.post(f"/audit/events/{event_id}/values", data={"reason": ""}).status_code in (400, 422)


def test_export_is_disarmed_and_recorded(auditor: FlaskClient, admin: Any, app: Any) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    try:
        write_event(reason="=cmd()")
        answer = auditor.post("/audit/export")
        auditor.post("/audit/export?name=Ana.Lopez&risk=Lopez")
        auditor.post("/audit/export?name=people.employee&risk=high")
    finally:
        app.config["WTF_CSRF_ENABLED"] = True
    assert answer.mimetype == "text/csv"
    assert answer.text.splitlines()[0].startswith("occurred_at,name")
    assert "people.employee.changed" in answer.text
    rows = admin.execute(
        "SELECT new_values FROM audit_event WHERE name = 'audit.trail.exported' ORDER BY id"
    ).fetchall()
    assert [values["filter"] for (values,) in rows] == [
        {}, {"name": "(9 characters)"}, {"name": "people.employee", "risk": "high"},
    ]  # fmt: skip


def test_revealing_shows_the_values_and_is_recorded(auditor: FlaskClient, admin: Any, app: Any) -> None:
    event_id = write_event(phi={"ssn": "536904399"}, person_id=uuid4())
    app.config["WTF_CSRF_ENABLED"] = False
    try:
        assert auditor.post(f"/audit/events/{event_id}/values", data={"reason": ""}).status_code == 422
        page = auditor.post(f"/audit/events/{event_id}/values", data={"reason": "subpoena"}).text
    finally:
        app.config["WTF_CSRF_ENABLED"] = True
    assert "536904399" in page
    row = admin.execute("SELECT reason, phi_accessed FROM audit_event WHERE name = 'audit.event.revealed'").fetchone()
    assert row == ("subpoena", True)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_formulas_are_disarmed(cell: str) -> None:
    assert disarm(cell) == f"'{cell}"


def test_plain_cells_stay() -> None:
    assert [disarm(value) for value in (None, 5, "Ana")] == ["", "5", "Ana"]


def test_operations_shows_what_was_given_up(operator: FlaskClient, admin: Any) -> None:
    dead_intent(admin)
    page = operator.get("/operations/intents?state=dead").text
    assert "test.broken" in page
    assert "carrier-closed" in page
    assert "No process reports" in page


@pytest.mark.parametrize(("verb", "state"), [("retry", "pending"), ("settle", "canceled")])
def test_a_person_runs_it_again_or_settles_it(
    operator: FlaskClient, admin: Any, app: Any, verb: str, state: str
) -> None:
    intent = dead_intent(admin)
    app.config["WTF_CSRF_ENABLED"] = False
    try:
        assert operator.post(f"/operations/intents/{intent}/{verb}").status_code == 303
        assert admin.execute("SELECT state FROM job_intent WHERE id = %s", (intent,)).fetchone()[0] == state
        if verb == "settle":
            assert operator.post(f"/operations/intents/{intent}/settle").status_code == 409
    finally:
        app.config["WTF_CSRF_ENABLED"] = True


def test_without_permission_there_is_no_trail(client: FlaskClient, company: UUID, session: Session, admin: Any) -> None:
    sign_in(client, make_user(session, company, email="viewer@acme.example", roles=[RoleType.VIEWER]))
    assert client.get("/audit/events").status_code == 403
    assert client.get("/operations/intents").status_code == 403
    refused = admin.execute(
        "SELECT count(*) FROM audit_event WHERE name = 'access.request.denied' AND NOT success"
    ).fetchone()[0]
    assert refused == 2
