"""Ordering: one candidate, several, both stages of New York City; and what a recruiter may do with a request."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.access import RoleType
from app.core.clock import now
from app.core.db import tenant, transaction
from app.core.errors import Invalid
from app.core.events import AuditEvent, system
from app.integrations.screening import Status
from app.screening.models import Candidate, JobApplication, ScreeningPackage, ScreeningRequest
from app.screening.rules.states import OrderState
from app.screening.services import bulk, links
from app.screening.services.progress import refresh
from tests.accounts.sign_in import make_user, sign_in
from tests.benefits.test_pages import Visitor
from tests.screening.made import Employer, add_person, all_requests, order, released, stored
from tests.screening.views.test_board import placed, text

NYC = {"work_state": "NY", "work_city": "New York", "work_county": "New York"}


def fields(employer: Employer, **changes: Any) -> dict[str, Any]:
    values = {
        "first_name": "Ana", "last_name": "López", "email": "ana@mail.example", "language": "es", "position": "Driver",
        "work_state": "TX", "work_city": "Austin", "work_county": "Travis", "stage": "after_conditional_offer",
        "package": str(employer.package_id), "request_type": "pre_employment", "priority": "normal", "billing_method": "company_paid",
        "certified": "y",
    }  # fmt: skip
    return values | changes


@pytest.fixture
def rita(app: Any, session: Session, employer: Employer) -> User:
    return make_user(session, employer.company_id, email="rita@acme.example", roles=[RoleType.RECRUITER])


@pytest.fixture
def visitor(client: FlaskClient, rita: User, employer: Employer) -> Visitor:
    sign_in(client, rita)
    return Visitor(client, employer.company_id)


@pytest.fixture
def boss(app: Any, session: Session, employer: Employer) -> Visitor:
    client = app.test_client()
    sign_in(client, make_user(session, employer.company_id, email="boss@acme.example", roles=[RoleType.BG_CHECK_ADMIN]))
    return Visitor(client, employer.company_id)


def requests_of(employer: Employer) -> list[ScreeningRequest]:
    with tenant(employer.company_id), transaction() as session:
        found = all_requests(session)
        session.expunge_all()
        return found


def test_the_whole_order(visitor: Visitor, rita: User, employer: Employer) -> None:
    assert "1681" not in visitor.get("/screening/order")
    assert "for employment purposes only" in visitor.page
    visitor.send("/screening/order", **fields(employer))
    assert visitor.status == 200, text(visitor.page)
    assert "/screening/requests/" in visitor.at
    assert "Ana López" in visitor.page
    (made,) = requests_of(employer)
    assert made.recruiter_user_id == rita.id
    assert made.certification_version == "fcra-2026-11"
    with tenant(employer.company_id), transaction() as session:
        candidate = session.scalars(sa.select(Candidate)).one()
        assert (candidate.email, candidate.language) == ("ana@mail.example", "es")


def test_the_same_form_twice_orders_once(visitor: Visitor, employer: Employer) -> None:
    visitor.get("/screening/order")
    form = visitor.page
    visitor.send("/screening/order", **fields(employer))
    first = visitor.at
    visitor.page = form
    visitor.send("/screening/order", **fields(employer))
    assert visitor.at == first
    assert len(requests_of(employer)) == 1


def test_everything_that_is_wrong_is_said_at_once_and_nothing_is_kept(visitor: Visitor, employer: Employer) -> None:
    visitor.get("/screening/order")
    visitor.send("/screening/order", email="nobody", first_name="X Æ 1", work_state="TX", phone="12")
    assert visitor.status == 422
    for words in ("Enter the last name", "Enter the job", "Enter the city", "Choose a package", "Certify the purpose"):
        assert words in visitor.page, words
    visitor.send("/screening/order", **fields(employer, email="nobody", phone="12", first_name="R#D"))
    for words in ("Enter an e-mail address, for example", "Enter a phone number", "Use letters"):
        assert words in visitor.page, words
    assert requests_of(employer) == []


def test_the_page_shows_what_the_place_demands_before_anything_is_kept(visitor: Visitor, employer: Employer) -> None:
    visitor.get("/screening/order")
    page = text(visitor.send("/screening/order/preview", **fields(employer, work_state="CA", work_city="Los Angeles")))
    assert visitor.status == 200
    assert "California" in page
    assert "Offer made, on condition of the check" in page
    with tenant(employer.company_id), transaction() as session:
        add_person(session, employer, email="ana@mail.example")
    assert "Jane Roe is a candidate already" in text(visitor.send("/screening/order/preview", **fields(employer)))
    assert requests_of(employer) == []


def test_new_york_city_has_two_stages(visitor: Visitor, employer: Employer) -> None:
    with tenant(employer.company_id), transaction() as session:
        light = ScreeningPackage(
            connection_id=employer.connection_id, slug="light", name="Work history", checks=["employment_verification"],
            check_types=["employment"], criminal=False, synced_at=now(),
        )  # fmt: skip
        session.add(light)
        session.flush()
        light_id = light.id
    visitor.get("/screening/order")
    page = text(visitor.send("/screening/order", **fields(employer, **NYC)))
    assert visitor.status == 422
    assert "This place asks for two stages" in page
    visitor.send("/screening/order", **fields(employer, **NYC, package=str(light_id)))
    (first,) = requests_of(employer)
    assert first.part == "first"
    assert "Order the second part" not in visitor.page
    path = f"/screening/requests/{first.id}/second-part"
    visitor.get(path)
    assert visitor.status == 404
    with tenant(employer.company_id), transaction() as session:
        row = stored(session, first.id)
        row.order_state, row.provider_status, row.decision = "placed", "complete", "accepted"
        row.consent = "approved"
        refresh(row)
    assert "Order the second part" in visitor.get(f"/screening/requests/{first.id}")
    visitor.get(path)
    visitor.send(path, package=str(employer.package_id), certified="y")
    second = requests_of(employer)[-1]
    assert (second.part, second.first_part_id, second.criminal) == ("second", first.id, True)


def test_several_lines_with_errors_beside_them(visitor: Visitor, employer: Employer) -> None:
    shared = {key: value for key, value in fields(employer).items() if key not in ("first_name", "last_name", "email")}
    lines = "Ana,López,ana@mail.example\nBo,,bo@mail.example\nCy;Roe;cy@mail.example;212 555 0147;es;ZZ\nDi,Roe,ana@mail.example"
    visitor.get("/screening/bulk-order")
    page = text(visitor.send("/screening/bulk-order", **shared, lines=lines))
    assert visitor.status == 422
    for words in (
        "Last name: Enter the name",
        "Write the state with two letters",
        "This address stands here twice",
        "Order only the 1 good one",
    ):
        assert words in page, words
    assert requests_of(employer) == []
    page = text(visitor.send("/screening/bulk-order", **shared, lines=lines, only_good="y"))
    assert "1 check has begun" in page
    assert "3 lines were left out" in page
    assert len(requests_of(employer)) == 1


def test_a_bulk_order_sent_twice_orders_once(visitor: Visitor, employer: Employer) -> None:
    shared = {key: value for key, value in fields(employer).items() if key not in ("first_name", "last_name", "email")}
    lines = "first name,last name,email\nAna,López,ana@mail.example\nBo,Roe,bo@mail.example"
    visitor.get("/screening/bulk-order")
    form = visitor.page
    for _ in range(2):
        visitor.page = form
        visitor.send("/screening/bulk-order", **shared, lines=lines)
        assert visitor.status == 200
    assert len(requests_of(employer)) == 2


def test_one_bad_order_among_several_leaves_nothing_behind(visitor: Visitor, employer: Employer) -> None:
    shared = {
        key: value for key, value in fields(employer, **NYC).items() if key not in ("first_name", "last_name", "email")
    }
    visitor.get("/screening/bulk-order")
    visitor.send("/screening/bulk-order", **shared, lines="Ana,López,ana@mail.example\nBo,Roe,bo@mail.example")
    assert visitor.status == 422
    with tenant(employer.company_id), transaction() as session:
        assert session.scalars(sa.select(Candidate)).all() == []
        assert session.scalars(sa.select(JobApplication)).all() == []


@pytest.mark.parametrize(
    ("text_", "problem"),
    [("", "at least one"), ("\n".join(f"A,B,a{n}@mail.example" for n in range(26)), "more than 25"), ("name,mail\nx,y", "Name the columns")],
)  # fmt: skip
def test_lines_that_cannot_be_read(text_: str, problem: str) -> None:
    with pytest.raises(Invalid, match=problem):
        bulk.read(text_)


def test_lines_are_read_from_spreadsheets_and_csv() -> None:
    tabs = bulk.read("Email\tLast Name\tFirst Name\nana@mail.example\tLópez\tAna")
    assert (tabs[0].person.first_name, tabs[0].person.last_name, tabs[0].problems) == ("Ana", "López", ())
    quoted = bulk.read('"Roe, Jr.",Al,al@mail.example')
    assert quoted[0].person.first_name == "Roe, Jr."
    assert "Leave Social Security numbers out" in bulk.read("Al,Roe,al@mail.example,,en,TX,123-45-6789")[0].problems


# --- one request --------------------------------------------------------------------------------------------------


def request_id_of(employer: Employer, **changes: Any) -> UUID:
    with tenant(employer.company_id), transaction() as session:
        return order(session, employer, **changes).id


def test_cancel_needs_a_reason_and_is_told_in_the_history(visitor: Visitor, employer: Employer) -> None:
    path = f"/screening/requests/{request_id_of(employer)}"
    visitor.get(path)
    visitor.send(f"{path}/cancel")
    assert visitor.status == 422
    assert "Say why. The reason stays in the history" in visitor.page
    page = text(visitor.send(f"{path}/cancel", **{"cancel-reason": "The job is filled"}))
    assert "The check is canceled." in page
    assert "The job is filled" in page
    assert "What you can do" not in page
    visitor.send(f"{path}/cancel", **{"cancel-reason": "Again"})
    assert visitor.status == 422
    assert "the request has moved on" in visitor.page


def test_a_link_that_came_back_is_corrected_and_sent_again(visitor: Visitor, employer: Employer) -> None:
    request_id = request_id_of(employer)
    with tenant(employer.company_id), transaction() as session:
        links.mark_undeliverable(session, system("test"), links.issue(session, request_id))
    path = f"/screening/requests/{request_id}"
    assert "The link came back" in visitor.get(path)
    visitor.send(f"{path}/address", **{"address-email": "nobody"})
    assert visitor.status == 422
    visitor.send(f"{path}/address", **{"address-email": "right@mail.example"})
    assert "The address is corrected and the link is sent again." in visitor.page
    with tenant(employer.company_id), transaction() as session:
        assert session.scalars(sa.select(Candidate)).one().email == "right@mail.example"
        names = set(session.scalars(sa.select(AuditEvent.name)))
        assert {"screening.candidate.corrected", "screening.link.asked"} <= names


def test_a_lost_order_is_found_or_placed_again(visitor: Visitor, employer: Employer) -> None:
    with tenant(employer.company_id), transaction() as session:
        made = released(session, employer)
        made.order_state = OrderState.UNKNOWN.value
        refresh(made)
        request_id = made.id
    path = f"/screening/requests/{request_id}"
    page = text(visitor.get(path))
    assert "Nobody knows whether the order arrived" in page
    assert "Look whether the order arrived" in page
    visitor.send(f"{path}/found", **{"found-reason": "It is there"})
    assert "Enter the provider&#39;s number" in visitor.page
    visitor.send(f"{path}/found", **{"found-reason": "It is there", "found-invitation_id": "inv_1"})
    assert "The order is taken over" in visitor.page
    assert requests_of(employer)[0].order_state == "placed"
    visitor.send(f"{path}/order-again", **{"again-reason": "no"})
    assert visitor.status == 422


def test_only_who_approves_may_extend_or_hold(visitor: Visitor, boss: Visitor, employer: Employer) -> None:
    path = f"/screening/requests/{request_id_of(employer)}"
    visitor.get(path)
    assert "Let it run longer" not in visitor.page
    for act in ("extend", "hold"):
        visitor.send(f"{path}/{act}", **{f"{act}-reason": "x"})
        assert visitor.status == 403
    boss.get(path)
    boss.send(f"{path}/extend", **{"extend-reason": "The court is closed"})
    assert "The check may run on." in boss.page
    boss.send(f"{path}/hold", **{"hold-reason": "A charge was filed"})
    assert "Everything is kept" in boss.page
    assert requests_of(employer)[0].legal_hold


def test_the_stage_of_hiring_goes_forward_only(visitor: Visitor, employer: Employer) -> None:
    from app.screening.rules.words import AskStage

    path = f"/screening/requests/{request_id_of(employer, stage=AskStage.INTERVIEW)}"
    visitor.get(path)
    visitor.send(f"{path}/stage", **{"stage-stage": "after_application"})
    assert visitor.status == 422
    visitor.send(f"{path}/stage", **{"stage-stage": "after_conditional_offer"})
    assert "Hiring: Offer made, on condition of the check" in text(visitor.page)


def test_another_company_s_request_does_not_exist(app: Any, session: Session, employer: Employer) -> None:
    from uuid_utils.compat import uuid7

    request_id = request_id_of(employer)
    other = uuid7()
    from tests.benefits.world import make_company

    with tenant(other), transaction() as own:
        make_company(own, other)
    client = app.test_client()
    sign_in(client, make_user(session, other, email="eve@other.example", roles=[RoleType.RECRUITER]))
    with tenant(employer.company_id), transaction() as own:
        candidate_id = stored(own, request_id).candidate_id
    for path in (
        f"/screening/requests/{request_id}",
        f"/screening/candidates/{candidate_id}",
        f"/screening/requests/{request_id}/second-part",
    ):
        assert client.get(path).status_code == 404, path


def test_the_wire_is_for_who_manages_connections_and_without_content(
    visitor: Visitor, boss: Visitor, employer: Employer
) -> None:
    from app.connections.models import Exchange

    with tenant(employer.company_id), transaction() as session:
        made = placed(session, employer)
        session.add(
            Exchange(
                connection_id=employer.connection_id, operation="report", method="GET", path="/v1/reports/{id}", status=200,
                started_at=now(), milliseconds=3, attempt=1, request_bytes=0, answer_bytes=20, answer_body='{"result":"consider"}',
                subject_kind="screening_request", subject_id=made.id,
            )
        )  # fmt: skip
        request_id = made.id
    visitor.get(f"/screening/requests/{request_id}/provider-events")
    assert visitor.status == 403
    page = boss.get(f"/screening/requests/{request_id}/provider-events")
    assert "/v1/reports/{id}" in page
    assert "consider" not in page


def test_a_hiring_manager_sees_a_date_and_nothing_else(app: Any, session: Session, employer: Employer) -> None:
    client = app.test_client()
    user = make_user(session, employer.company_id, email="hank@acme.example", roles=[RoleType.HIRING_MANAGER])
    sign_in(client, user)
    with tenant(employer.company_id), transaction() as own:
        mine, other = placed(own, employer, Status.CANDIDATE_ACTION), placed(own, employer, name="Otto")
        mine.hiring_manager_user_id = user.id
        number = other.number
    page = client.get("/screening/dates").get_data(as_text=True)
    said = text(page)
    assert "Jane Roe" in said
    assert "Driver" in said
    for words in ("Otto", number, "Essential", "candidate_action", "S26", "onsent"):
        assert words not in said, words


def test_candidates_are_found_and_their_address_corrected(visitor: Visitor, employer: Employer) -> None:
    request_id_of(employer)
    assert "Jane Roe" in visitor.get("/screening/candidates?q=roe")
    assert "Nobody of this name" in visitor.get("/screening/candidates?q=zzz")
    with tenant(employer.company_id), transaction() as session:
        candidate_id = session.scalars(sa.select(Candidate.id)).one()
    path = f"/screening/candidates/{candidate_id}"
    visitor.get(path)
    visitor.send(path, email="new@mail.example", phone="12", language="es")
    assert visitor.status == 422
    visitor.send(path, email="new@mail.example", phone="212 555 0147", language="es")
    assert "The contact data are saved" in visitor.page
    visitor.send(f"{path}/reminders")
    assert "No more reminders" in visitor.page


def test_home_names_what_waits(visitor: Visitor, employer: Employer) -> None:
    with tenant(employer.company_id), transaction() as session:
        placed(session, employer, Status.INVITATION_EXPIRED)
    page = text(visitor.get("/"))
    assert "Invitations that expired" in page
