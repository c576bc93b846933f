"""The pages as a browser without JavaScript meets them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.benefits.models import BenefitPlan, ElectionDraft, Enrollment, EnrollmentWindow, PlanYear, Submission
from app.benefits.rules.words import CarrierStatus, EnrollmentType
from app.benefits.services import approve, reject, set_carrier_status
from app.core.access import RoleType
from app.core.clock import now, today
from app.core.db import engine, enter_tenant, fetch
from app.core.events import AuditEvent, system
from app.people.models import Dependent
from tests.accounts.sign_in import make_user, sign_in
from tests.benefits.test_jobs import run_all
from tests.benefits.world import World, answer_all, enroll, hire, hr_actor


class Visitor:
    """A signed-in client that sends back what the form on the page holds."""

    def __init__(self, client: FlaskClient, company: UUID) -> None:
        self.client, self.company, self.page = client, company, ""
        self.status = 0
        self.at = ""

    def get(self, path: str) -> str:
        return self._keep(self.client.get(path, follow_redirects=True))

    def send(self, path: str = "", **fields: Any) -> str:
        """Submit the form of the current page; lists become several values."""
        held: dict[str, Any] = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', self.page))
        for name, value in re.findall(
            r'<input type="checkbox" id="[^"]*" name="(\w+)" value="([^"]*)" checked', self.page
        ):
            held.setdefault(name, []).append(value)
        return self._keep(self.client.post(path or self.at, data=held | fields, follow_redirects=True))

    def _keep(self, answer: Any) -> str:
        self.status, self.page, self.at = (
            answer.status_code,
            answer.get_data(as_text=True),
            answer.request.full_path.rstrip("?"),
        )
        enter_tenant(self.company)  # a request of the same thread forgets it at its end
        assert "&lt;lazy" not in self.page
        return self.page


def text(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.partition("<main")[2]).split())


@pytest.fixture
def ana(app: object, client: FlaskClient, session: Session, world: World) -> Visitor:
    user = make_user(session, world.company_id, email="ana@acme.example", employee_id=world.ana.id)
    sign_in(client, user)
    return Visitor(client, world.company_id)


@pytest.fixture
def dana(app: Any, session: Session, world: World) -> Visitor:
    client = app.test_client()
    sign_in(client, make_user(session, world.company_id, email="dana@acme.example", roles=[RoleType.BENEFITS_ADMIN]))
    return Visitor(client, world.company_id)


@pytest.fixture
def statements() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(engine(), "before_cursor_execute", note)
    yield seen
    event.remove(engine(), "before_cursor_execute", note)


def base(world: World) -> str:
    assert world.window is not None
    return f"/benefits/enroll/{world.window.id}"


# --- employee -----------------------------------------------------------------------------------------------------


def test_home_names_the_one_next_thing_with_its_deadline(ana: Visitor, world: World) -> None:
    page = text(ana.get("/benefits"))
    assert "Next thing to do Choose your benefits" in page
    assert "30 days left" in page
    assert "If you do nothing, you have no coverage" in page
    assert "No coverage yet" not in page


def test_the_whole_journey(ana: Visitor, world: World, session: Session) -> None:
    ana.get("/benefits")
    page = ana.get(base(world))
    assert "Before you start" in page
    ana.get(f"{base(world)}/who")
    assert "Leo López, child, age 6" in ana.page
    page = ana.send(covered=[str(world.family[name].id) for name in ("Sam", "Leo")])
    assert ana.at.endswith("/coverage/health")
    assert "Step 2 of 7" in page
    assert "$161.54" in page
    assert "employer pays $484.61" in page
    assert "Lowest cost" in page
    page = ana.send(plan=str(world.plans["SILVER"].id))
    assert ana.at.endswith("/coverage/dental")
    assert "$161.54" in text(page).partition("Your cost so far")[2]
    ana.send(plan=str(world.plans["DENTAL"].id))
    ana.send(plan="waive")
    ana.send(plan=str(world.plans["LIFE"].id))
    assert ana.at.endswith("/beneficiaries")
    page = ana.send(**{"people-0-name": "Sam López", "people-0-kind": "primary", "people-0-percent": "60"})
    assert ana.status == 422
    assert "The primary shares add up to 60%" in page
    page = ana.send(**{"people-0-name": "Sam López", "people-0-kind": "primary", "people-0-percent": "100"})
    assert ana.at.endswith("/check")
    assert "Silver PPO, for you and Sam, Leo" in text(page)
    assert "Sam López 100%" in text(page)
    page = ana.get(f"{base(world)}/sign")
    assert "I, Ana López, choose these benefits" in page
    page = ana.send(agree="y", signature="Ana Lopez")
    assert "/benefits/confirmation/S-" in ana.at
    assert "We have your choices" in page
    assert "Your PDF is being prepared" in page
    assert session.scalars(sa.select(Submission)).one().signed_text.startswith("I, Ana López")
    run_all(session)
    page = ana.get(ana.at)
    assert "Download the confirmation" in page
    answer = ana.client.get(f"{ana.at}/document")
    assert answer.data.startswith(b"%PDF")
    enter_tenant(world.company_id)
    session.commit()
    assert session.scalars(sa.select(AuditEvent).where(AuditEvent.name == "benefits.confirmation.downloaded")).one()
    home = text(ana.get("/benefits"))
    assert "Waiting for HR" in home
    assert "Next thing to do" not in home


def test_every_change_returns_to_the_check_page(ana: Visitor, world: World, session: Session) -> None:
    answer_all(session, world)
    session.commit()
    page = ana.get(f"{base(world)}/check")
    links = re.findall(r'href="([^"]+\?to=check)"', page)
    assert len(links) == 5
    ana.get(f"{base(world)}/coverage/health?to=check")
    ana.send(plan=str(world.plans["BRONZE"].id))
    assert ana.at.endswith("/check")
    assert "Bronze HDHP" in ana.page


def test_an_empty_answer_is_an_error_that_says_what_to_do(ana: Visitor, world: World) -> None:
    ana.get(f"{base(world)}/coverage/health")
    page = ana.send()
    assert ana.status == 422
    assert "<title>Error: Medical" in page
    assert page.count("Select a medical plan, or choose to waive coverage") == 2


def test_a_plan_that_is_closed_to_the_person_is_shown_but_not_taken(
    ana: Visitor, world: World, session: Session
) -> None:
    from app.benefits.services import plan_terms

    plan_terms.set_eligibility(session, system("t"), world.plans["SILVER"].id, min_weekly_hours=50)
    session.commit()
    page = ana.get(f"{base(world)}/coverage/health")
    assert "For people who work 50 hours a week or more" in page
    ana.send(plan=str(world.plans["SILVER"].id))
    assert ana.status == 422


def test_save_and_finish_later(ana: Visitor, world: World, session: Session) -> None:
    ana.get(f"{base(world)}/who")
    page = ana.send(covered=[], later="1")
    assert "Go on from any device until" in page
    assert "Continue" in page
    ana.get(f"{base(world)}/coverage/health")
    ana.send(later="1")
    assert ana.at == "/benefits"
    assert session.scalars(sa.select(ElectionDraft)).one().version == 1


def test_two_devices_are_told_apart(ana: Visitor, world: World, session: Session) -> None:
    ana.get(f"{base(world)}/who")
    old = ana.page
    ana.send(covered=[str(world.family["Sam"].id)])
    ana.page = old
    page = ana.send(f"{base(world)}/who", covered=[])
    assert ana.status == 409
    assert "Newer answers are shown" in page
    assert re.search(rf'value="{world.family["Sam"].id}" checked', page)
    ana.page = old
    page = ana.send(f"{base(world)}/coverage/health", plan="waive")
    assert ana.status == 409
    page = ana.send(f"{base(world)}/coverage/health", plan="waive")
    assert ana.at.endswith("/coverage/dental")


def test_other_people_for_one_plan(ana: Visitor, world: World) -> None:
    sam, leo = str(world.family["Sam"].id), str(world.family["Leo"].id)
    ana.get(f"{base(world)}/who")
    ana.send(covered=[sam, leo])
    page = ana.send(covered=[leo], update="1")
    assert ana.at.endswith("/coverage/health")
    assert "Prices are for you and Leo" in page
    assert "$103.85" in page
    ana.send(covered=[leo], plan=str(world.plans["SILVER"].id))
    page = ana.get(f"{base(world)}/check")
    assert "Silver PPO, for you and Leo" in text(page)


def test_the_running_total_answers_without_keeping_anything(ana: Visitor, world: World, session: Session) -> None:
    ana.get(f"{base(world)}/coverage/health")
    page = ana.send(f"{base(world)}/coverage/health/cost", plan=str(world.plans["SILVER"].id))
    assert "$57.69" in page
    assert "<html" not in page
    assert session.scalars(sa.select(ElectionDraft)).all() == []


def member(**more: str) -> dict[str, str]:
    born = today() - timedelta(9)
    fields = {
        "first_name": "Nina", "last_name": "López", "relationship": "child", "gender": "female",
        "date_of_birth-month": str(born.month), "date_of_birth-day": str(born.day), "date_of_birth-year": str(born.year),
        "ssn": "", "ssn_missing_reason": "newborn",
    }  # fmt: skip
    return fields | more


def test_a_newborn_is_added_in_the_middle_and_is_selected(ana: Visitor, world: World, session: Session) -> None:
    ana.get(f"{base(world)}/who")
    ana.send(covered=[str(world.family["Leo"].id)], add="1")
    assert "/family-member" in ana.at
    ana.send(**member(first_name="", ssn_missing_reason=""))
    assert ana.status == 422
    assert "Enter the first name" in ana.page
    assert "select why there is none" in ana.page
    form = ana.page
    page = ana.send(**member())
    assert ana.status == 200, text(page)[:600]
    nina = session.scalars(sa.select(Dependent).order_by(Dependent.id.desc())).first()
    assert re.search(rf'value="{nina.id}" checked', page)
    assert re.search(rf'value="{world.family["Leo"].id}" checked', page)
    ana.page = form
    ana.send(f"{base(world)}/family-member", **member())  # a double tap
    session.commit()
    assert session.scalar(sa.select(sa.func.count()).select_from(Dependent)) == 4


def test_what_people_refuses_is_shown_at_its_field(ana: Visitor, world: World) -> None:
    ana.get(f"{base(world)}/family-member")
    page = ana.send(**member(relationship="spouse"))
    assert ana.status == 422
    assert "Remove the present spouse or partner first" in page


def test_plans_side_by_side(ana: Visitor, world: World) -> None:
    page = text(ana.get(f"{base(world)}/coverage/health/comparison"))
    assert "Deductible" in page
    assert "$1,500, family $3,000" in page
    assert "Per paycheck: You and your family" in page
    ana.get(f"{base(world)}/coverage/health/comparison?plan={world.plans['BRONZE'].id}&to=check")
    assert "Choose Silver" not in ana.page
    page = ana.get(f"{base(world)}/coverage/health?pick={world.plans['BRONZE'].id}")
    assert re.search(rf'value="{world.plans["BRONZE"].id}" checked', page)
    assert ana.client.get(f"{base(world)}/coverage/pets/comparison").status_code == 404
    assert ana.client.get(f"{base(world)}/coverage/pets").status_code == 404


def test_a_closed_window_explains_itself_and_keeps_nothing(ana: Visitor, world: World, session: Session) -> None:
    ana.get(f"{base(world)}/who")
    form = ana.page
    window = fetch(session, EnrollmentWindow, world.window.id)
    window.opens_on, window.closes_on = today() - timedelta(9), today() - timedelta(1)
    session.commit()
    for path in (
        "who",
        "coverage/health",
        "check",
        "sign",
        "beneficiaries",
        "family-member",
        "coverage/health/comparison",
    ):
        assert "This enrollment is closed" in ana.get(f"{base(world)}/{path}")
    for path in ("who", "coverage/health", "beneficiaries", "family-member"):
        ana.page = form
        assert "This enrollment is closed" in ana.send(f"{base(world)}/{path}")
    window.opens_on, window.closes_on = today() + timedelta(5), today() + timedelta(9)
    session.commit()
    assert "You can choose from" in ana.get(base(world))
    assert "Nothing to do right now" in ana.get("/benefits")


def test_a_late_signature_lands_on_the_explanation(ana: Visitor, world: World, session: Session) -> None:
    answer_all(session, world)
    session.commit()
    ana.get(f"{base(world)}/sign")
    window = fetch(session, EnrollmentWindow, world.window.id)
    window.opens_on, window.closes_on = today() - timedelta(9), today() - timedelta(1)
    session.commit()
    assert "This enrollment is closed" in ana.send(agree="y", signature="Ana López")


def test_signing_needs_the_box_the_name_and_the_newest_answers(ana: Visitor, world: World, session: Session) -> None:
    assert ana.get(f"{base(world)}/sign").count("Answer these first") == 1
    answer_all(session, world)
    session.commit()
    ana.get(f"{base(world)}/sign")
    page = ana.send(signature="")
    assert ana.status == 422
    assert "Check the box to agree" in page
    assert "Type your full name to sign" in page
    page = ana.send(agree="y", signature="Somebody Else")
    assert "Type your full name as it is shown above the box" in page
    form = ana.page
    answer_all(session, world, medical="BRONZE")
    session.commit()
    ana.page = form
    page = ana.send(f"{base(world)}/sign", agree="y", signature="Ana López")
    assert ana.at.endswith("/check")
    assert "newer answers" in page


def test_a_double_tap_on_sign_is_one_submission(ana: Visitor, world: World, session: Session) -> None:
    answer_all(session, world)
    session.commit()
    form = ana.get(f"{base(world)}/sign")
    first = ana.send(agree="y", signature="Ana López") and ana.at
    ana.page = form
    ana.send(f"{base(world)}/sign", agree="y", signature="Ana López")
    assert ana.at == first
    assert session.scalar(sa.select(sa.func.count()).select_from(Submission)) == 1


def test_more_beneficiaries_without_javascript(ana: Visitor, world: World, session: Session) -> None:
    assert ana.get(f"{base(world)}/beneficiaries").count("Check your answers") >= 1
    answer_all(session, world)
    session.commit()
    ana.get(f"{base(world)}/coverage/life")
    ana.send(plan=str(world.plans["LIFE"].id))
    one = {"people-0-name": "Sam", "people-0-kind": "primary", "people-0-percent": "50"}
    page = ana.send(**one, add="1")
    assert "people-1-name" in page
    page = ana.send(**one, **{"people-1-name": "", "people-1-kind": "primary", "people-1-percent": "50"})
    assert "Enter the name of this beneficiary" in page
    page = ana.send(**one, **{"people-1-name": "Leo", "people-1-kind": "primary", "people-1-percent": "many"})
    assert "Enter a share from" in page
    stale = ana.page
    ana.send(**one, **{"people-1-name": "Leo", "people-1-kind": "primary", "people-1-percent": "50"})
    assert ana.at.endswith("/check")
    ana.page = stale
    ana.send(
        f"{base(world)}/beneficiaries",
        **one,
        **{"people-1-name": "Leo", "people-1-kind": "primary", "people-1-percent": "50"},
    )
    assert ana.status == 409


def test_what_was_sent_back_is_corrected_and_signed_again(ana: Visitor, world: World, session: Session) -> None:
    made = enroll(session, world)
    reject(session, hr_actor(world.company_id), made.id, "Bronze was meant")
    session.commit()
    page = text(ana.get("/benefits"))
    assert "Change your choices" in page
    assert "Bronze was meant" in page
    assert "Bronze was meant" in ana.get(f"/benefits/confirmation/{made.number}")
    assert "Bronze was meant" in ana.get(base(world))


def test_changing_what_waits(ana: Visitor, world: World, session: Session) -> None:
    enroll(session, world)
    session.commit()
    assert "the new choices replace them" in ana.get(base(world))
    page = ana.get(f"{base(world)}/check")
    assert "Change an answer to sign again" in page
    ana.get(f"{base(world)}/coverage/vision?to=check")
    ana.send(plan=str(world.plans["VISION"].id))
    assert "Continue to sign" in ana.page
    ana.get(f"{base(world)}/sign")
    ana.send(agree="y", signature="Ana López")
    assert "We have your choices" in ana.page
    old = session.scalars(sa.select(Submission).order_by(Submission.submitted_at)).first()
    assert "These choices were replaced" in ana.get(f"/benefits/confirmation/{old.number}")


def test_the_words_of_every_stage(ana: Visitor, world: World, session: Session) -> None:
    made = enroll(session, world)
    approve(session, hr_actor(world.company_id), made.id)
    session.commit()
    row = session.scalars(sa.select(Enrollment).where(Enrollment.coverage_type == "health")).one()
    assert "Approved, telling Evergreen Health" in ana.get("/benefits")
    told = {
        CarrierStatus.SENT: "Sent to Evergreen Health",
        CarrierStatus.SYNTAX_ACCEPTED: "Evergreen Health received it",
        CarrierStatus.SYNTAX_REJECTED: "Being corrected",
        CarrierStatus.DISCREPANCY: "Being checked with Evergreen Health",
        CarrierStatus.CONFIRMED: "You are covered from",
    }
    for status, words in told.items():
        set_carrier_status(session, system("t"), row.id, status)
        session.commit()
        page = ana.get("/benefits")
        assert words in text(page)
        assert ("You are covered" in text(page)) == (status is CarrierStatus.CONFIRMED)
        assert 'hx-trigger="every 10s"' in page  # dental is still on its way
    for other in session.scalars(sa.select(Enrollment).where(Enrollment.coverage_type == "dental")):
        set_carrier_status(session, system("t"), other.id, CarrierStatus.CONFIRMED)
    session.commit()
    assert "hx-trigger" not in ana.get("/benefits").partition("<main")[2]
    page = ana.get(f"/benefits/confirmation/{made.number}")
    assert "Medical: Evergreen Health received it" in text(page)
    assert "Evergreen Health confirmed the coverage" in text(page)


def test_keep_and_waive_say_what_they_do(ana: Visitor, world: World, session: Session) -> None:
    made = enroll(session, world)
    approve(session, hr_actor(world.company_id), made.id)
    for row in session.scalars(sa.select(Enrollment)):
        row.coverage_starts_on = today()
        row.employee_contribution_amount += 0
    health = session.scalars(sa.select(Enrollment).where(Enrollment.coverage_type == "health")).one()
    health.employee_contribution_amount, health.employer_contribution_amount = 50, health.total_contribution_amount - 50
    window = EnrollmentWindow(
        plan_year_id=world.year.id, kind=EnrollmentType.OPEN_ENROLLMENT.value, opens_on=today(), announced_at=now(),
        closes_on=today() + timedelta(5), coverage_starts_on=today() + timedelta(40),
    )  # fmt: skip
    session.add(window)
    session.commit()
    page = text(ana.get(f"/benefits/enroll/{window.id}/coverage/health"))
    assert "Keep Silver PPO" in page
    assert "Your plan now" in page
    assert "You pay $50.00 now" in page
    assert "What you have now ends" in page
    ana.get(f"/benefits/enroll/{window.id}/coverage/health")
    ana.send(plan="keep")
    assert "Keep Silver PPO, for you" in text(ana.get(f"/benefits/enroll/{window.id}/check"))


def test_history_as_of_a_day(ana: Visitor, world: World, session: Session) -> None:
    made = enroll(session, world)
    approve(session, hr_actor(world.company_id), made.id)
    session.commit()
    assert "E-" in ana.get("/benefits/history")
    later = today() + timedelta(200)
    page = text(ana.get(f"/benefits/history?on-month={later.month}&on-day={later.day}&on-year={later.year}"))
    assert "Silver PPO" in page.partition("Every choice")[0]
    page = text(ana.get("/benefits/history?on-month=1&on-day=1&on-year=2020"))
    assert "Nothing was in force on that day" in page
    ana.get("/benefits/history?on-month=13&on-day=1&on-year=2020")
    assert ana.status == 422


def test_somebody_elses_pages_do_not_exist(ana: Visitor, world: World, app: Any, session: Session) -> None:
    made = enroll(session, world)
    ben = hire(session, "1002", first_name="Ben")
    session.commit()
    other = app.test_client()
    sign_in(other, make_user(session, world.company_id, email="ben@acme.example", employee_id=ben.id))
    for path in (
        base(world),
        f"{base(world)}/who",
        f"/benefits/confirmation/{made.number}",
        f"/benefits/confirmation/{made.number}/document",
    ):
        assert other.get(path).status_code == 404
    assert ana.client.get(f"/benefits/confirmation/{made.number}/document").status_code == 404  # not made yet
    assert ana.client.get("/benefits/enrollments").status_code == 403


def test_a_user_without_an_employee_is_led_to_their_work(
    dana: Visitor, app: Any, session: Session, world: World
) -> None:
    dana.get("/benefits")
    assert dana.at == "/benefits/enrollments"
    auditor = app.test_client()
    sign_in(auditor, make_user(session, world.company_id, email="au@acme.example", roles=[RoleType.AUDITOR]))
    assert "does not belong to an employee" in auditor.get("/benefits").get_data(as_text=True)


def test_spanish(ana: Visitor, world: World) -> None:
    page = text(ana.get(f"{base(world)}/coverage/health?lang=es"))
    assert "¿Qué plan médico quiere?" in page
    assert "por cheque de pago" in page


# --- HR -----------------------------------------------------------------------------------------------------------


def test_the_queue_filters_by_url_and_approves_many(dana: Visitor, world: World, session: Session) -> None:
    made = enroll(session, world, covered=("Sam",))
    session.commit()
    page = dana.get("/benefits/enrollments")
    assert "Ana López" in page
    assert f'value="{made.id}"' in page
    assert "Medical: Silver PPO (Employee and spouse)" in text(page)
    assert "Ana" not in dana.get("/benefits/enrollments?status=approved")
    assert "Ana" not in dana.get(f"/benefits/enrollments?carrier={world.year.id}&overdue=y")
    assert "Ana" in dana.get(
        f"/benefits/enrollments?carrier={world.carriers['Summit Dental'].id}&status=all&kind=new_hire"
    )
    assert "Ana" in dana.get("/benefits/enrollments?status=nonsense")
    dana.get("/benefits/enrollments")
    page = dana.send("/benefits/enrollments/approvals")
    assert dana.status == 422
    assert "Select at least one enrollment" in page
    page = dana.send("/benefits/enrollments/approvals", submission=str(made.id))
    assert "1 enrollment approved." in page
    page = dana.send("/benefits/enrollments/approvals", submission=[str(made.id), "junk"])
    assert "somebody decided meanwhile" in page
    assert "not found" in page


def test_hr_sees_who_when_and_from_where(dana: Visitor, world: World, session: Session) -> None:
    made = enroll(session, world, covered=("Sam",))
    session.commit()
    page = text(dana.get(f"/benefits/enrollments/{made.id}"))
    assert "Sam López" in page
    assert "Signed and sent to HR" in page
    viewed = sa.select(sa.func.count()).select_from(AuditEvent).where(AuditEvent.name == "benefits.enrollment.viewed")
    assert session.scalar(viewed) == 1
    dana.client.get(f"/benefits/enrollments/{made.id}", headers={"X-Corridor-Poll": "1"})
    enter_tenant(world.company_id)
    session.commit()
    assert session.scalar(viewed) == 1
    assert "is on hold" in dana.send(f"/benefits/enrollments/{made.id}/hold")
    assert "Back to the queue" in dana.page
    assert "is back in the queue" in dana.send(f"/benefits/enrollments/{made.id}/resumption")
    assert "approved. The carriers are told next" in dana.send(f"/benefits/enrollments/{made.id}/approval")
    assert "Somebody decided meanwhile" in dana.send(f"/benefits/enrollments/{made.id}/approval")
    assert "Approved by HR" in text(dana.get(f"/benefits/enrollments/{made.id}"))
    assert "Dana" in dana.page
    assert "Somebody decided meanwhile" in dana.get(f"/benefits/enrollments/{made.id}/rejection")


def test_sending_back_needs_a_reason(dana: Visitor, world: World, session: Session) -> None:
    made = enroll(session, world)
    session.commit()
    dana.get(f"/benefits/enrollments/{made.id}/rejection")
    assert "Enter a reason" in dana.send(reason=" ")
    assert dana.status == 422
    form = dana.page
    assert "sent back" in dana.send(f"/benefits/enrollments/{made.id}/rejection", reason="Wrong plan")
    dana.page = form
    assert "Somebody decided meanwhile" in dana.send(f"/benefits/enrollments/{made.id}/rejection", reason="Wrong plan")
    assert "Wrong plan" in dana.get(f"/benefits/enrollments/{made.id}")


def test_nobody_sees_buttons_for_their_own_enrollment(app: Any, world: World, session: Session) -> None:
    made = enroll(session, world)
    session.commit()
    client = app.test_client()
    user = make_user(
        session, world.company_id, email="hr@acme.example", employee_id=world.ana.id, roles=[RoleType.HR_ADMIN]
    )
    sign_in(client, user)
    me = Visitor(client, world.company_id)
    assert "Send back" not in me.get(f"/benefits/enrollments/{made.id}")
    me.get("/benefits/enrollments")
    assert "nobody decides about their own benefits" in me.send(
        "/benefits/enrollments/approvals", submission=str(made.id)
    )
    assert client.get(f"/benefits/enrollments/{made.id}/rejection").status_code == 403
    me.get("/benefits/enrollments")
    me.send(f"/benefits/enrollments/{made.id}/approval")
    assert me.status == 403


def test_paging_the_queue(dana: Visitor, world: World, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.benefits.services.queue import queue as load

    monkeypatch.setattr(load, "__defaults__", ("", 1))
    enroll(session, world)
    from tests.benefits.world import sign

    sign(session, world, answer_all(session, world), key="b" * 32)
    session.commit()
    page = dana.get("/benefits/enrollments?status=all")
    following = re.search(r'href="([^"]+after=[^"]+)"', page)
    assert following
    page = dana.get(following[1].replace("&amp;", "&"))
    assert "First page" in page


# --- plans --------------------------------------------------------------------------------------------------------


def plan_values(world: World, **more: str) -> dict[str, str]:
    fields = {
        "name": "Gold PPO", "coverage_type": "health", "connection_id": str(world.carriers["Evergreen Health"].id),
        "plan_code": "GOLD", "carrier_plan_code": "GOL01", "insurance_line": "PPO", "network_type": "PPO",
        "plan_tier": "premium", "contribution_type": "pre_tax", "ends_at": "end_of_month", "deductible_amount": "500",
        "out_of_pocket_max": "4,000", "coinsurance_percentage": "10", "is_active": "y",
    }  # fmt: skip
    return fields | more


def test_hr_makes_a_plan_prices_it_and_opens_it(dana: Visitor, world: World, session: Session) -> None:
    assert "Silver PPO" in dana.get("/benefits/plans")
    dana.get(f"/benefits/years/{world.year.id}/plans/new")
    page = dana.send(**plan_values(world, out_of_pocket_max="10,000.01", name=""))
    assert dana.status == 422
    assert "Enter the name people will see" in page
    page = dana.send(**plan_values(world, out_of_pocket_max="10,000.01"))
    assert "Lower the out-of-pocket maximum to $10,000 or less" in page
    page = dana.send(**plan_values(world, plan_code="SILVER"))
    assert "Another one has this name or code already" in page
    page = dana.send(**plan_values(world))
    assert dana.at.endswith("/rates")
    gold = session.scalars(sa.select(BenefitPlan).where(BenefitPlan.plan_code == "GOLD")).one()
    starts = {f"effective_on-{part}": str(getattr(world.year.starts_on, part)) for part in ("month", "day", "year")}
    page = dana.send(**starts)
    assert "Enter a monthly premium for at least one tier" in page
    page = dana.send(**starts, EMP="700", FAM="1,900.00")
    assert "$1,900.00" in page
    dana.get(f"/benefits/plans/{gold.id}/rates")
    page = dana.send(**starts, EMP="800", age_from="50", age_to="64")
    assert "Two bands of one tier overlap" in page
    dana.get(f"/benefits/plans/{gold.id}/contributions")
    page = dana.send(**starts, tier="", how="percent", percent="")
    assert "Enter the percentage or the amount below" in page
    page = dana.send(**starts, tier="", how="percent", percent="80")
    assert "80%" in page
    dana.get(f"/benefits/plans/{gold.id}/contributions")
    dana.send(**starts, tier="FAM", how="flat", flat_amount="900", monthly_cap="1000")
    assert "$900.00" in dana.page
    dana.get(f"/benefits/plans/{gold.id}/eligibility")
    page = dana.send(employment_types="sometimes", min_weekly_hours="20", waiting_days="91")
    assert "Enter a waiting period from 0 to 90 days" in page
    assert "Use full_time" in page
    page = dana.send(
        employment_types="full_time, part_time", min_weekly_hours="20", waiting_days="30", starts_first_of_month="y"
    )
    assert "30 days, then the first of a month" in text(page)
    assert "part_time" in dana.get(f"/benefits/plans/{gold.id}/eligibility")


def test_two_editors_of_a_plan(dana: Visitor, world: World, session: Session) -> None:
    silver = world.plans["SILVER"].id
    dana.get(f"/benefits/plans/{silver}/details")
    form = dana.page
    values = plan_values(world, plan_code="SILVER", name="Silver Plus")
    page = dana.send(f"/benefits/plans/{silver}/details", **values)
    assert "keeps its own copy" in page
    dana.page = form
    page = dana.send(f"/benefits/plans/{silver}/details", **plan_values(world, plan_code="SILVER", name="Silver Minus"))
    assert dana.status == 409
    assert "Somebody else changed this plan" in page
    dana.get(f"/benefits/plans/{silver}/details")
    page = dana.send(**plan_values(world, plan_code="SILVER", deductible_amount="9,000"))
    assert "Lower the deductible" in page
    page = dana.send(**plan_values(world, plan_code="SILVER", coinsurance_percentage="120"))
    assert "Enter a percentage from 0 to 100" in page


def dates(**parts: Any) -> dict[str, str]:
    return {
        f"{name}-{part}": str(getattr(day, part)) for name, day in parts.items() for part in ("month", "day", "year")
    }


def test_a_year_is_made_published_and_opened(dana: Visitor, world: World, session: Session) -> None:
    from datetime import date

    dana.get("/benefits/years")
    page = dana.send(name="Next", **dates(starts_on=date(2031, 1, 1), ends_on=date(2030, 1, 1)))
    assert "Enter a last day that is after the first day" in page
    page = dana.send(name=world.year.name, **dates(starts_on=date(2031, 1, 1), ends_on=date(2031, 12, 31)))
    assert "has this name" in page
    dana.send(name="")
    assert dana.status == 422
    page = dana.send(name="Next", **dates(starts_on=date(2031, 1, 1), ends_on=date(2031, 12, 31)))
    assert "Next is made" in page
    year = session.scalars(sa.select(PlanYear).where(PlanYear.name == "Next")).one()
    dana.get(f"/benefits/years/{year.id}/open-enrollment")
    page = dana.send(**dates(opens_on=today(), closes_on=today() + timedelta(14)))
    assert dana.status == 422
    assert "published" in dana.send(f"/benefits/years/{year.id}/publication")
    dana.send(f"/benefits/years/{year.id}/publication")
    dana.get(f"/benefits/years/{year.id}/open-enrollment")
    page = dana.send(**dates(opens_on=today() - timedelta(3), closes_on=today() + timedelta(14)))
    assert "Enter today or a later day" in page
    page = dana.send(**dates(opens_on=today(), closes_on=today() + timedelta(14)))
    assert "Open enrollment is planned" in page
    dana.get(f"/benefits/years/{year.id}/open-enrollment")
    page = dana.send(**dates(opens_on=today(), closes_on=today() + timedelta(14)))
    assert "has an open enrollment at that time already" in page
    assert (
        "Nobody" not in dana.get(f"/benefits/plans?year={year.id}").partition("<main")[2].partition("Not published")[0]
    )


def test_an_empty_company_is_told_where_to_begin(app: Any, session: Session, company: UUID) -> None:
    client = app.test_client()
    sign_in(client, make_user(session, company, email="dana@acme.example", roles=[RoleType.BENEFITS_ADMIN]))
    assert "Make a plan year first" in Visitor(client, company).get("/benefits/plans")


# --- cost ---------------------------------------------------------------------------------------------------------


@pytest.mark.queries
def test_pages_ask_few_questions(
    ana: Visitor, dana: Visitor, world: World, session: Session, statements: list[str]
) -> None:
    made = enroll(session, world, covered=("Sam", "Leo"))
    answer_all(session, world, covered=("Sam", "Leo"))
    session.commit()
    identity = 2

    def asked(visitor: Visitor, path: str) -> int:
        visitor.get(path)
        statements.clear()
        visitor.get(path)
        assert visitor.status == 200
        selects = [s for s in statements if not s.startswith(("INSERT", "SAVEPOINT", "RELEASE"))]
        return len(selects) - identity

    counted: dict[str, Callable[[], int]] = {
        "/benefits": lambda: asked(ana, "/benefits"),
        "who": lambda: asked(ana, f"{base(world)}/who"),
        "choose": lambda: asked(ana, f"{base(world)}/coverage/health"),
        "check": lambda: asked(ana, f"{base(world)}/check"),
        "history": lambda: asked(ana, "/benefits/history"),
        "confirmation": lambda: asked(ana, f"/benefits/confirmation/{made.number}"),
        "queue": lambda: asked(dana, "/benefits/enrollments"),
        "enrollment": lambda: asked(dana, f"/benefits/enrollments/{made.id}"),
        "plans": lambda: asked(dana, "/benefits/plans"),
    }
    found = {name: count() for name, count in counted.items()}
    assert all(count <= 5 for count in found.values()), found
    assert max(found["/benefits"], found["queue"], found["who"], found["choose"], found["check"]) <= 4, found


def test_the_queue_as_a_file(dana: Visitor, world: World, session: Session) -> None:
    enroll(session, world, covered=("Sam",))
    session.commit()
    assert "/benefits/enrollments/export?status=submitted" in dana.get("/benefits/enrollments?status=submitted")
    page = dana.send("/benefits/enrollments/export?status=submitted")
    lines = page.removeprefix("\ufeff").splitlines()
    assert lines[0].startswith("number,employee_number,name,type,status,signed_at")
    assert [line.split(",")[8:11] for line in lines[1:]] == [
        ["health", "elect", "Silver PPO"], ["dental", "elect", "Dental"], ["vision", "waive", ""], ["life", "waive", ""],
    ]  # fmt: skip
    assert "Ana López" in lines[1]
    event = session.scalars(sa.select(AuditEvent).where(AuditEvent.name == "benefits.queue.exported")).one()
    assert (event.new_values["rows"], event.risk) == (1, "high")
    assert "export" not in dana.get("/benefits/enrollments?status=approved")
    assert len(dana.send("/benefits/enrollments/export?status=approved").splitlines()) == 1


def test_a_specialist_may_look_but_not_export(app: Any, world: World, session: Session) -> None:
    client = app.test_client()
    user = make_user(session, world.company_id, email="eva@acme.example", roles=[RoleType.BENEFITS_SPECIALIST])
    sign_in(client, user)
    enroll(session, world)
    session.commit()
    eva = Visitor(client, world.company_id)
    assert "export" not in eva.get("/benefits/enrollments")
    eva.send("/benefits/enrollments/export")
    assert eva.status == 403
