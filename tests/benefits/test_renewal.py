"""The turn of the plan year: nobody loses coverage in silence, nobody keeps last year's price."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from sqlalchemy.orm import Session

from app.benefits import jobs
from app.benefits.models import (
    Beneficiary,
    BenefitPlan,
    CoverageDetails,
    CoveredDependent,
    Enrollment,
    EnrollmentWindow,
    PlanYear,
)
from app.benefits.rules.beneficiaries import Share
from app.benefits.rules.renewal import Fate, fate, settles
from app.benefits.rules.words import BeneficiaryKind, Election, EnrollmentType, Tier
from app.benefits.services import (
    approve,
    coverage_on,
    drafts,
    open_desk,
    plan_terms,
    plans,
    reject,
    renewal,
    submit,
    windows,
)
from app.core.access import RoleType
from app.core.clock import now, today
from app.core.db import fetch
from app.core.events import system
from app.core.jobs import JobIntent, enqueue
from app.people import services as people
from app.people.models import Dependent
from tests.accounts.sign_in import make_user, sign_in
from tests.benefits.test_jobs import notices_of, run_all, states
from tests.benefits.test_pages import Visitor, text
from tests.benefits.world import PREMIUMS, SIGNED, World, _plan, hire, hr_actor, sign

D = Decimal
DECEMBER = date(2026, 12, 1)


@pytest.fixture(autouse=True)
def november() -> Any:
    """A fixed autumn: the plan years are calendar years, open enrollment is in November."""
    with time_machine.travel(f"{date(2026, 11, 16)} 17:00", tick=True):
        yield


@pytest.fixture
def turn(session: Session, world: World) -> PlanYear:
    """Ana is covered in 2026 with Sam and Leo; 2027 costs a tenth more; its open enrollment closes on November 30."""
    present = fetch(session, PlanYear, world.year.id)
    present.name, present.starts_on, present.ends_on = "2026", date(2026, 1, 1), date(2026, 12, 31)
    assert world.window is not None
    version = _answer(session, world)
    submission = sign(session, world, version)
    approve(session, hr_actor(world.company_id), submission.id)
    for row in session.scalars(sa.select(Enrollment)):
        row.coverage_starts_on = row.effective_on = date(2026, 1, 1)
        row.status = "active"
    return _next_year(session, world)


def _answer(session: Session, world: World) -> int:
    assert world.window is not None
    desk = open_desk(session, world.employee_actor, world.window.id)
    desk.answers.who = [str(world.family[name].id) for name in ("Sam", "Leo")]
    for kind, code in (("health", "SILVER"), ("dental", "DENTAL"), ("vision", ""), ("life", "LIFE")):
        desk.answers.choose(kind, Election.ELECT if code else Election.WAIVE, str(world.plans[code].id) if code else "")
    desk.answers.beneficiaries = [Share("Sam López", BeneficiaryKind.PRIMARY, D(100), "spouse")]
    return drafts.save_step(session, world.employee_actor, desk, "check", version=desk.version)


def _next_year(session: Session, world: World) -> PlanYear:
    actor = system("test")
    year = plans.make_year(
        session, actor, name="2027", starts_on=date(2027, 1, 1), ends_on=date(2027, 12, 31), is_published=True
    )
    for code, premiums in PREMIUMS.items():
        plan = _plan(session, actor, year, world.carriers, code)
        rows = [plan_terms.RateRow(tier, D(p) * D("1.1")) for tier, p in zip(Tier, premiums, strict=True)]
        plan_terms.set_rates(session, actor, plan.id, year.starts_on, rows)
    for intent in session.scalars(sa.select(JobIntent)):
        intent.state = "done"  # what hiring and signing promised is tested elsewhere
    session.add(
        EnrollmentWindow(
            plan_year_id=year.id, kind=EnrollmentType.OPEN_ENROLLMENT.value, opens_on=date(2026, 11, 2),
            closes_on=date(2026, 11, 30), coverage_starts_on=year.starts_on, announced_at=now(),
        )
    )  # fmt: skip
    session.commit()
    return year


def day_by_day(session: Session, world: World, day: date) -> None:
    """What the clock starts on a day, and everything that follows."""
    with time_machine.travel(f"{day} 17:00", tick=True):
        enqueue(session, "benefits.daily", world.company_id, key=str(day))
        run_all(session)
        session.expire_all()


def in_force(session: Session, world: World, day: date) -> dict[str, Enrollment]:
    return coverage_on(session, world.employee_actor, world.ana.id, day)


def window_of(session: Session, year: PlanYear) -> EnrollmentWindow:
    return session.scalars(sa.select(EnrollmentWindow).where(EnrollmentWindow.plan_year_id == year.id)).one()


def test_who_does_nothing_goes_on_at_the_new_price(session: Session, world: World, turn: PlanYear) -> None:
    before = in_force(session, world, date(2026, 12, 31))
    day_by_day(session, world, date(2026, 11, 30))
    assert in_force(session, world, date(2027, 1, 1))["health"].id == before["health"].id  # people may still choose
    day_by_day(session, world, DECEMBER)
    after = in_force(session, world, date(2027, 1, 1))
    old, new = before["health"], after["health"]
    assert in_force(session, world, date(2026, 12, 31))["health"].id == old.id
    assert (old.coverage_ends_on, new.coverage_starts_on, new.replaces_id) == (
        date(2026, 12, 31),
        date(2027, 1, 1),
        old.id,
    )
    assert (new.election, new.status, new.carrier_status, new.tier) == ("keep", "approved", "ready", "FAM")
    assert new.monthly_premium == old.monthly_premium * D("1.1")
    assert new.employee_contribution_amount > old.employee_contribution_amount
    assert new.employee_contribution_amount + new.employer_contribution_amount == new.total_contribution_amount
    plan = session.scalars(sa.select(BenefitPlan).where(BenefitPlan.id == new.plan_id)).one()
    assert (plan.plan_code, plan.plan_year_id) == ("SILVER", turn.id)
    covered = session.scalars(sa.select(CoveredDependent).where(CoveredDependent.enrollment_id == new.id)).all()
    assert {row.dependent_id for row in covered} == {world.family["Sam"].id, world.family["Leo"].id}
    assert {row.starts_on for row in covered} == {date(2027, 1, 1)}
    copied = session.scalars(sa.select(CoverageDetails).where(CoverageDetails.enrollment_id == new.id)).one()
    assert copied.premium_amount == new.monthly_premium
    shares = session.scalars(sa.select(Beneficiary).where(Beneficiary.enrollment_id == after["life"].id)).all()
    assert [(row.name, row.share) for row in shares] == [("Sam López", D(100))]
    assert after["vision"].election == "waive"  # what was waived stays waived


def test_the_turn_is_told_once_and_runs_again_without_effect(session: Session, world: World, turn: PlanYear) -> None:
    for day in (DECEMBER, DECEMBER + timedelta(1), date(2027, 1, 1), date(2027, 1, 2)):
        day_by_day(session, world, day)
    assert session.scalar(sa.select(sa.func.count()).where(Enrollment.coverage_type == "health")) == 2
    told = notices_of(session, "benefits.coverage.renewed")
    assert {notice.channel for notice in told} == {"in_app"} | ({"email"} if len(told) == 2 else set())
    assert "January 1, 2027" in (told[0].body or "")
    assert {state for _, state, _ in states(session)} == {"done"}
    after = in_force(session, world, date(2027, 1, 2))
    assert {row.status for row in after.values()} == {"active", "approved"} - {"approved"}
    old = session.scalars(sa.select(Enrollment).where(Enrollment.coverage_ends_on == date(2026, 12, 31))).all()
    assert {row.status for row in old} == {"terminated"}


def test_a_plan_that_is_not_offered_again_ends_and_is_told(session: Session, world: World, turn: PlanYear) -> None:
    gone = session.scalars(
        sa.select(BenefitPlan).where(BenefitPlan.plan_code == "DENTAL", BenefitPlan.plan_year_id == turn.id)
    ).one()
    gone.is_active = False
    session.commit()
    day_by_day(session, world, DECEMBER)
    assert "dental" not in in_force(session, world, date(2027, 1, 1))
    row = in_force(session, world, date(2026, 12, 31))["dental"]
    assert (row.coverage_ends_on, row.termination_reason) == (date(2026, 12, 31), Fate.NOT_OFFERED.value)
    assert "December 31, 2026" in (notices_of(session, "benefits.coverage.not_renewed")[0].body or "")
    assert notices_of(session, "benefits.coverage.renewed")


def test_a_child_who_grew_up_is_left_out_and_the_tier_follows(session: Session, world: World, turn: PlanYear) -> None:
    fetch(session, Dependent, world.family["Leo"].id).date_of_birth = date(2000, 12, 15)
    session.commit()
    day_by_day(session, world, DECEMBER)
    assert in_force(session, world, date(2027, 1, 1))["health"].tier == "ESP"


def test_what_waits_or_was_sent_back_is_not_overtaken_before_the_year_begins(
    session: Session, world: World, turn: PlanYear
) -> None:
    world.window = window_of(session, turn)
    desk = open_desk(session, world.employee_actor, world.window.id)
    desk.answers.who = []
    for kind in ("health", "dental", "life"):
        desk.answers.choose(kind, Election.KEEP)
    desk.answers.choose("vision", Election.WAIVE)
    desk.answers.beneficiaries = [Share("Sam", BeneficiaryKind.PRIMARY, D(100))]
    version = drafts.save_step(session, world.employee_actor, desk, "check", version=0)
    signed = submit(
        session, world.employee_actor, world.window.id, form_key="b" * 32, signature="Ana Lopez", signed_text=SIGNED,
        version=version,
    )  # fmt: skip
    session.commit()
    day_by_day(session, world, DECEMBER)
    assert in_force(session, world, date(2027, 1, 1))["health"].replaces_id is None
    with time_machine.travel(f"{DECEMBER} 18:00", tick=True):
        reject(session, hr_actor(world.company_id), signed.id, "Please add Sam")
        session.commit()
    day_by_day(session, world, DECEMBER + timedelta(3))
    assert in_force(session, world, date(2027, 1, 1))["health"].replaces_id is None
    day_by_day(session, world, DECEMBER + timedelta(10))
    assert in_force(session, world, date(2027, 1, 1))["health"].replaces_id is not None


def test_keep_what_i_have_continues_at_the_new_price_and_the_late_approval_wins(
    session: Session, world: World, turn: PlanYear
) -> None:
    world.window = window_of(session, turn)
    desk = open_desk(session, world.employee_actor, world.window.id)
    assert {kind for kind in desk.types if Election.KEEP in desk.allowed(kind)} == {"health", "dental", "life"}
    assert desk.lapsing == []
    desk.answers.who = [str(world.family["Sam"].id)]
    for kind in ("health", "dental", "life"):
        desk.answers.choose(kind, Election.KEEP)
    desk.answers.choose("vision", Election.WAIVE)
    desk.answers.beneficiaries = [Share("Leo", BeneficiaryKind.PRIMARY, D(100))]
    version = drafts.save_step(session, world.employee_actor, desk, "check", version=0)
    signed = submit(
        session, world.employee_actor, world.window.id, form_key="b" * 32, signature="Ana Lopez", signed_text=SIGNED,
        version=version,
    )  # fmt: skip
    session.commit()
    day_by_day(session, world, date(2027, 1, 1))  # HR was late: the year begins with what she had, at the new price
    renewed = in_force(session, world, date(2027, 1, 1))["health"]
    assert (renewed.tier, renewed.submission_id) == ("FAM", None)
    with time_machine.travel("2027-01-04 17:00", tick=True):
        approve(session, hr_actor(world.company_id), signed.id)
        session.commit()
    kept = in_force(session, world, date(2027, 1, 1))["health"]
    assert (kept.submission_id, kept.tier, kept.monthly_premium) == (signed.id, "ESP", D(1100))
    session.refresh(renewed)
    assert renewed.status == "canceled"


def test_batches_and_people_who_left(
    session: Session, world: World, turn: PlanYear, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs.coverage, "BATCH", 1)
    people.terminate(session, system("test"), world.ana.id, last_day=date(2026, 11, 20))
    session.commit()
    assert renewal.to_renew(session, turn, DECEMBER) == []
    day_by_day(session, world, DECEMBER)
    assert notices_of(session, "benefits.coverage.renewed") == []


def test_somebody_hired_in_december_chooses_in_the_next_year(session: Session, world: World, turn: PlanYear) -> None:
    for plan in session.scalars(sa.select(BenefitPlan).where(BenefitPlan.plan_year_id == world.year.id)):
        plan_terms.set_eligibility(session, system("test"), plan.id, waiting_days=0, starts_first_of_month=True)
    with time_machine.travel("2026-12-07 17:00", tick=True):
        ben = hire(session, "1002", first_name="Ben", hired_on=date(2026, 12, 7))
        window = windows.open_new_hire(session, system("test"), ben.id, today())
    assert window is not None
    assert window.plan_year_id == turn.id


def test_when_a_year_is_settled() -> None:
    start, end = date(2027, 1, 1), date(2027, 12, 31)
    assert not settles(start, end, None, date(2026, 12, 31))
    assert settles(start, end, None, start)
    assert not settles(start, end, date(2026, 11, 30), date(2026, 11, 30))
    assert settles(start, end, date(2026, 11, 30), DECEMBER)
    assert not settles(start, end, date(2026, 11, 30), date(2028, 1, 1))
    assert fate(auto_renewal=False, offered=True, eligible=True) is Fate.CHOOSE_ANEW
    assert fate(auto_renewal=True, offered=True, eligible=False) is Fate.NOT_ELIGIBLE


def test_hr_sees_how_the_year_began(app: Any, session: Session, world: World, turn: PlanYear) -> None:
    gone = session.scalars(
        sa.select(BenefitPlan).where(BenefitPlan.plan_code == "DENTAL", BenefitPlan.plan_year_id == turn.id)
    ).one()
    gone.is_active = False
    session.commit()
    day_by_day(session, world, DECEMBER)
    client = app.test_client()
    sign_in(client, make_user(session, world.company_id, email="dana@acme.example", roles=[RoleType.BENEFITS_ADMIN]))
    dana = Visitor(client, world.company_id)
    page = text(dana.get(f"/benefits/years/{turn.id}/turn"))
    assert "Coverages that continue 2" in page
    assert "Coverages that end with the old year 1" in page
    assert "Ana López 1001 Dental Dental Dec 31, 2026 The plan is not offered again" in page
    assert "Everybody who chose nothing continues." in text(dana.get(f"/benefits/years/{world.year.id}/turn"))
    assert f"/benefits/years/{turn.id}/turn" in dana.get("/benefits/years")
