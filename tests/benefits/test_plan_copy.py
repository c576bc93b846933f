"""Next year's plans begin as this year's: same codes and terms, other premiums."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.benefits.models import BenefitPlan, EligibilityRule, PlanRate, PlanYear
from app.benefits.services import plan_terms, plans
from app.benefits.services.catalog import load_catalog
from app.benefits.services.plan_copy import copy_plans, without_successor
from app.core.access import RoleType
from app.core.clock import today
from app.core.db import fetch
from app.core.errors import Forbidden, Invalid
from app.core.events import system
from tests.accounts.sign_in import make_user, sign_in
from tests.benefits.test_pages import Visitor, text
from tests.benefits.world import World, hr_actor

D = Decimal


@pytest.fixture
def coming(session: Session, world: World) -> PlanYear:
    start = world.year.ends_on + timedelta(1)
    return plans.make_year(
        session, system("test"), name="next", starts_on=start, ends_on=date(start.year, 12, 31), is_published=False
    )


def test_everything_comes_along_and_again_nothing(session: Session, world: World, coming: PlanYear) -> None:
    later = world.year.starts_on + timedelta(30)
    raised = [plan_terms.RateRow(plan_terms.Tier("EMP"), D(510))]
    plan_terms.set_rates(session, system("test"), world.plans["SILVER"].id, later, raised)
    plan_terms.set_eligibility(session, system("test"), world.plans["SILVER"].id, region_codes=["NW"], waiting_days=30)
    assert copy_plans(session, system("test"), coming.id, world.year.id, D("4.5")) == 5
    assert copy_plans(session, system("test"), coming.id, world.year.id) == 0
    catalog = {facts.plan.plan_code: facts for facts in load_catalog(session, coming.id)}
    assert set(catalog) == set(world.plans)
    silver = catalog["SILVER"]
    assert silver.plan.id != world.plans["SILVER"].id
    assert (silver.plan.connection_id, silver.plan.deductible_amount) == (
        world.plans["SILVER"].connection_id, world.plans["SILVER"].deductible_amount,
    )  # fmt: skip
    premiums = {rate.tier: (rate.monthly_premium, rate.effective_on) for rate in silver.rates}
    assert premiums["EMP"] == (D("532.95"), coming.starts_on)
    assert premiums["FAM"] == (D("1463.00"), coming.starts_on)
    assert [(rule.percent, rule.effective_on) for rule in silver.contributions] == [(D(75), coming.starts_on)]
    assert silver.criteria[0].region_codes == frozenset({"NW"})
    assert silver.criteria[0].waiting_days == 30
    assert catalog["LIFE"].plan.requires_beneficiary
    assert len(session.scalars(sa.select(EligibilityRule)).all()) == 10


def test_what_is_there_stays_and_what_is_switched_off_is_left(session: Session, world: World, coming: PlanYear) -> None:
    fetch(session, BenefitPlan, world.plans["VISION"].id).is_active = False
    mine = plans.make_plan(
        session, system("test"), coming.id, connection_id=world.plans["DENTAL"].connection_id, coverage_type="dental",
        name="Mine", plan_code="DENTAL", carrier_plan_code="D", insurance_line="DEN",
    )  # fmt: skip
    assert copy_plans(session, system("test"), coming.id, world.year.id) == 3
    assert session.scalars(sa.select(PlanRate).where(PlanRate.plan_id == mine.id)).all() == []


def test_what_cannot_be_copied(session: Session, world: World, coming: PlanYear) -> None:
    with pytest.raises(Invalid):
        copy_plans(session, system("test"), coming.id, coming.id)
    with pytest.raises(Invalid):
        copy_plans(session, system("test"), coming.id, world.year.id, D(51))
    with pytest.raises(Forbidden):
        copy_plans(session, hr_actor(world.company_id, role=RoleType.HR_ADMIN), coming.id, world.year.id)


def test_a_year_without_a_next_one_is_noticed(session: Session, world: World, coming: PlanYear) -> None:
    end = world.year.ends_on
    assert without_successor(session, end - timedelta(100)) is None
    found = without_successor(session, end - timedelta(59))
    assert found is not None
    assert found.id == world.year.id
    coming.is_published = True
    session.flush()
    assert without_successor(session, end - timedelta(59)) is None


def test_hr_copies_with_one_form(app: Any, session: Session, world: World, coming: PlanYear) -> None:
    client = app.test_client()
    sign_in(client, make_user(session, world.company_id, email="dana@acme.example", roles=[RoleType.BENEFITS_ADMIN]))
    dana = Visitor(client, world.company_id)
    assert "Copy plans" in text(dana.get(f"/benefits/plans?year={coming.id}"))
    dana.get(f"/benefits/years/{coming.id}/copy")
    assert "Enter a change from -50 to 50 percent" in text(dana.send(from_year=str(world.year.id), percent="90"))
    assert dana.status == 422
    page = text(dana.send(from_year=str(world.year.id), percent="5"))
    assert "5 plans copied. Check their premiums." in page
    assert today() < coming.starts_on
