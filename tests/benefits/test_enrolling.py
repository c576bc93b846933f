"""From a draft to a signed submission."""

from __future__ import annotations

import threading
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.benefits.models import (
    Beneficiary,
    CoverageDetails,
    CoveredDependent,
    ElectionDraft,
    Enrollment,
    EnrollmentWindow,
    PlanYear,
    Submission,
)
from app.benefits.rules.beneficiaries import Share
from app.benefits.rules.eligibility import Reason
from app.benefits.rules.words import BeneficiaryKind, Election, Tier
from app.benefits.services import offers, open_desk, plan_terms, plans, save_step, unanswered
from app.core.clock import today
from app.core.db import fetch, tenant, transaction
from app.core.errors import Conflict, Invalid, NotFound
from app.core.events import AuditEvent, system
from tests.benefits.world import World, answer_all, enroll, hire, own_actor, sign

D = Decimal


def desk_of(session: Session, world: World):  # type: ignore[no-untyped-def]
    assert world.window is not None
    return open_desk(session, world.employee_actor, world.window.id)


def test_offers_are_priced_per_paycheck_for_the_people_covered(session: Session, world: World) -> None:
    desk = desk_of(session, world)
    silver, bronze = desk.offers("health")
    assert (silver.tier, silver.cost.total, silver.cost.employee) == (Tier.EMPLOYEE, D("230.77"), D("57.69"))
    assert offers.lowest([silver, bronze]) is bronze
    desk = desk_of(session, world)
    desk.answers.who = [str(world.family[name].id) for name in ("Sam", "Leo")]
    silver = desk.offers("health")[0]
    assert (silver.tier, silver.cost.employee) == (Tier.FAMILY, D("161.54"))
    assert [person.first_name for person in silver.covered] == ["Sam", "Leo"]


def test_a_grown_child_is_left_out_and_named(session: Session, world: World) -> None:
    desk = desk_of(session, world)
    desk.answers.who = [str(world.family["Mia"].id)]
    silver = desk.offers("health")[0]
    assert silver.tier is Tier.EMPLOYEE
    assert [(person.first_name, reason.value) for person, reason in silver.left_out] == [("Mia", "too_old")]


def test_people_can_differ_per_coverage(session: Session, world: World) -> None:
    desk = desk_of(session, world)
    sam, leo = (str(world.family[name].id) for name in ("Sam", "Leo"))
    desk.answers.who = [sam, leo]
    desk.answers.choose("dental", Election.ELECT, str(world.plans["DENTAL"].id), [leo])
    assert desk.offers("health")[0].tier is Tier.FAMILY
    assert desk.offers("dental")[0].tier is Tier.EMPLOYEE_CHILDREN


def test_life_insurance_is_the_employees_alone(session: Session, world: World) -> None:
    desk = desk_of(session, world)
    desk.answers.who = [str(world.family["Sam"].id)]
    assert (desk.offers("life")[0].tier, desk.offers("life")[0].covered) == (Tier.EMPLOYEE, ())


def test_ineligible_plans_are_explained(session: Session, world: World) -> None:
    with transaction() as own:
        plan_terms.set_eligibility(own, system("test"), world.plans["SILVER"].id, min_weekly_hours=D(50))
        plan_terms.set_eligibility(own, system("test"), world.plans["DENTAL"].id, region_codes=["SE"])
    desk = desk_of(session, world)
    silver, dental = desk.offers("health")[0], desk.offers("dental")[0]
    assert (silver.open, silver.verdict.reasons) == (False, (Reason.HOURS,))
    assert dental.verdict.reasons == (Reason.REGION,)


def test_a_plan_without_a_rate_cannot_be_chosen(session: Session, world: World) -> None:
    with transaction() as own:
        bands = [plan_terms.RateRow(Tier.EMPLOYEE, D(10), 50, 60)]
        plan_terms.set_rates(own, system("test"), world.plans["SILVER"].id, world.year.starts_on, bands)
    silver = desk_of(session, world).offers("health")[0]
    assert (silver.open, silver.verdict.reasons) == (False, (Reason.NO_RATE,))


def test_every_tier_has_a_price_to_compare(session: Session, world: World) -> None:
    desk = desk_of(session, world)
    prices = offers.tier_prices(desk.catalog[0], desk.household, today())
    assert [prices[tier].employee for tier in Tier] == [D("57.69"), D("115.38"), D("103.85"), D("161.54")]


def test_a_draft_goes_on_on_another_device(session: Session, world: World) -> None:
    desk = desk_of(session, world)
    desk.answers.who = []
    assert save_step(session, world.employee_actor, desk, "who", version=0) == 1
    session.commit()
    other = desk_of(session, world)
    assert (other.version, other.answers.who, other.draft.step) == (1, [], "who")
    other.answers.choose("health", Election.WAIVE)
    assert save_step(session, world.employee_actor, other, "health", version=1) == 2
    session.commit()
    raw = session.execute(sa.select(ElectionDraft.answers_enc)).scalar_one()
    assert b"waive" not in bytes(raw)


def test_two_devices_at_once_do_not_overwrite_each_other(session: Session, world: World) -> None:
    desk, late = desk_of(session, world), desk_of(session, world)
    save_step(session, world.employee_actor, desk, "who", version=0)
    with pytest.raises(Conflict, match="another device"):
        save_step(session, world.employee_actor, late, "who", version=0)
    session.commit()
    late = desk_of(session, world)
    with pytest.raises(Conflict, match="another device"):
        save_step(session, world.employee_actor, late, "who", version=0)


def test_a_late_update_is_refused_by_the_row(session: Session, world: World) -> None:
    save_step(session, world.employee_actor, desk_of(session, world), "who", version=0)
    session.commit()
    stale = desk_of(session, world)
    with transaction() as other:
        save_step(other, world.employee_actor, desk_of(other, world), "who", version=1)
    with pytest.raises(Conflict):
        save_step(session, world.employee_actor, stale, "who", version=1)


def test_nobody_answers_before_or_after_the_window(session: Session, world: World) -> None:
    assert world.window is not None
    for first, last in ((1, 5), (-9, -1)):
        with transaction() as own:
            window = fetch(own, EnrollmentWindow, world.window.id)
            window.opens_on, window.closes_on = today() + timedelta(first), today() + timedelta(last)
        with pytest.raises(Conflict, match="closed"):
            save_step(session, world.employee_actor, desk_of(session, world), "who", version=0)
        session.rollback()


def test_steps_without_an_answer_are_named(session: Session, world: World) -> None:
    desk = desk_of(session, world)
    assert unanswered(desk) == ["who", "health", "dental", "vision", "life"]
    desk.answers.who = []
    desk.answers.choose("health", Election.ELECT, "not-a-plan")
    desk.answers.choose("dental", Election.KEEP)  # nothing to keep
    desk.answers.choose("vision", Election.WAIVE)
    desk.answers.choose("life", Election.ELECT, str(world.plans["LIFE"].id))
    assert unanswered(desk) == ["health", "dental", "beneficiaries"]
    desk.answers.beneficiaries = [Share("Sam", BeneficiaryKind.PRIMARY, D(100))]
    assert unanswered(desk) == ["health", "dental"]


def test_signing_makes_one_submission_with_everything_in_it(session: Session, world: World) -> None:
    submission = enroll(session, world, covered=("Sam", "Leo", "Mia"))
    session.commit()
    assert submission.number == f"S-{today().year}-000001"
    assert submission.employee_cost_per_pay == D("161.54") + D("15.00")
    rows = session.scalars(sa.select(Enrollment).order_by(Enrollment.number)).all()
    told = [(r.coverage_type, r.election, r.tier, r.status, r.carrier_status) for r in rows]
    assert told == [
        ("health", "elect", "FAM", "submitted", "none"),
        ("dental", "elect", "FAM", "submitted", "none"),
        ("vision", "waive", None, "submitted", "none"),
        ("life", "waive", None, "submitted", "none"),
    ]
    health = rows[0]
    assert health.employee_contribution_amount + health.employer_contribution_amount == health.total_contribution_amount
    details = session.scalars(sa.select(CoverageDetails).where(CoverageDetails.enrollment_id == health.id)).one()
    assert (details.plan_name, details.deductible_amount, details.premium_amount) == ("Silver PPO", D(1500), D(1400))
    covered = session.scalars(sa.select(CoveredDependent).where(CoveredDependent.enrollment_id == health.id)).all()
    assert {c.dependent_id for c in covered} == {world.family["Sam"].id, world.family["Leo"].id}
    assert session.scalars(sa.select(ElectionDraft)).all() == []
    event = session.scalars(sa.select(AuditEvent).where(AuditEvent.name == "benefits.enrollment.submitted")).one()
    assert event.entity_id == submission.id
    assert event.new_values["choices"][0]["coverage"] == "health"
    assert "Ana" not in str(event.new_values)
    assert event.phi["signature"] == "Ana Lopez"


def test_a_later_edit_of_the_plan_does_not_reach_what_was_chosen(session: Session, world: World) -> None:
    enroll(session, world)
    session.commit()
    plan = world.plans["SILVER"]
    version = fetch(session, type(plan), plan.id).version
    plans.change_plan(session, system("test"), plan.id, version=version, name="Silver Plus")
    session.commit()
    assert "Silver PPO" in session.scalars(sa.select(CoverageDetails.plan_name)).all()


def test_a_double_tap_makes_one_submission(session: Session, world: World) -> None:
    version = answer_all(session, world)
    first = sign(session, world, version)
    session.commit()
    assert sign(session, world, version).id == first.id
    session.commit()
    assert session.scalar(sa.select(sa.func.count()).select_from(Submission)) == 1


def test_two_taps_at_the_same_time_make_one_submission(session: Session, world: World, company: UUID) -> None:
    version = answer_all(session, world)
    session.commit()
    made: list[UUID] = []

    def tap() -> None:
        with tenant(company), transaction() as own:
            made.append(sign(own, world, version).id)

    threads = [threading.Thread(target=tap) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 2
    assert len(set(made)) == 1


def test_choosing_again_replaces_what_waits_at_hr(session: Session, world: World) -> None:
    first = enroll(session, world)
    session.commit()
    second = sign(session, world, answer_all(session, world, medical="BRONZE"), key="b" * 32)
    session.commit()
    assert (first.status, second.status) == ("canceled", "submitted")
    rows = session.execute(sa.select(Enrollment.status, sa.func.count()).group_by(Enrollment.status)).all()
    assert dict(map(tuple, rows)) == {"canceled": 4, "submitted": 4}


@pytest.mark.parametrize("name", ["ana lopez", " ANA  LÓPEZ ", "Ana López"])
def test_a_signature_is_the_name_whatever_its_spelling(session: Session, world: World, name: str) -> None:
    version = answer_all(session, world)
    assert sign(session, world, version, signature=name).signature == name.strip()


def test_a_wrong_signature_an_open_step_and_a_stale_page_are_refused(session: Session, world: World) -> None:
    version = answer_all(session, world)
    with pytest.raises(Invalid) as refused:
        sign(session, world, version, signature="Leo")
    assert list(refused.value.errors) == ["signature"]
    with pytest.raises(Conflict, match="another device"):
        sign(session, world, version - 1)
    desk = desk_of(session, world)
    desk.answers.choices.pop("health")
    version = save_step(session, world.employee_actor, desk, "health", version=desk.version)
    session.flush()
    with pytest.raises(Invalid, match="every step"):
        sign(session, world, version)


def test_nothing_is_signed_after_the_window(session: Session, world: World) -> None:
    assert world.window is not None
    version = answer_all(session, world)
    session.commit()
    with transaction() as own:
        window = fetch(own, EnrollmentWindow, world.window.id)
        window.opens_on, window.closes_on = today() - timedelta(5), today() - timedelta(1)
    with pytest.raises(Conflict, match="closed"):
        sign(session, world, version)


def test_beneficiaries_are_kept_with_the_plan_that_needs_them(session: Session, world: World) -> None:
    answer_all(session, world)
    desk = desk_of(session, world)
    desk.answers.choose("life", Election.ELECT, str(world.plans["LIFE"].id))
    desk.answers.beneficiaries = [
        Share("Sam", BeneficiaryKind.PRIMARY, D(60), "spouse"),
        Share("Leo", BeneficiaryKind.PRIMARY, D(40)),
    ]
    version = save_step(session, world.employee_actor, desk, "beneficiaries", version=desk.version)
    session.flush()
    sign(session, world, version)
    session.commit()
    kept = session.scalars(sa.select(Beneficiary)).all()
    assert {(b.name, b.share, b.relation) for b in kept} == {("Sam", D(60), "spouse"), ("Leo", D(40), None)}
    life = session.scalars(sa.select(Enrollment).where(Enrollment.coverage_type == "life")).one()
    assert (life.employee_contribution_amount, life.employer_contribution_amount) == (D(0), D("5.54"))


def test_a_foreign_window_and_an_unpublished_year_do_not_exist(session: Session, world: World) -> None:
    assert world.window is not None
    with transaction() as own:
        other = hire(own, "1002", first_name="Ben", ssn="")
    with pytest.raises(NotFound):
        open_desk(session, own_actor(world.company_id, other.id), world.window.id)
    with pytest.raises(NotFound):
        open_desk(session, world.employee_actor, "not-an-id")
    with transaction() as own:
        fetch(own, PlanYear, world.year.id).is_published = False
    with pytest.raises(NotFound):
        desk_of(session, world)


def test_broken_stored_answers_count_as_no_answer(session: Session, world: World) -> None:
    from app.benefits.services.answers import Answers

    stored = {
        "choices": {"health": {"election": "maybe"}},
        "beneficiaries": [{"name": "x"}, {"kind": "primary", "name": "y", "percent": "z"}],
    }
    answers = Answers.read(stored)
    assert answers.choice("health") == (None, "")
    assert answers.beneficiaries == []
    assert answers.who is None
