"""One person leaves a coverage: a child who grew up, a dependent who was removed. The others go on at the right price."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.benefits.jobs import aging
from app.benefits.models import BenefitPlan, CoveredDependent, Enrollment
from app.benefits.rules.calendar import birthday, end_of_month
from app.benefits.rules.family import last_covered_day, warning_due
from app.benefits.services import approve, coverage_on, end_dependent, leaving
from app.core.clock import today
from app.core.db import fetch
from app.core.events import system
from app.core.jobs import JobIntent, enqueue
from app.people import services as people
from app.people.models import Dependent
from tests.benefits.test_jobs import notices_of, run_all
from tests.benefits.world import World, enroll, hr_actor

D = Decimal


def born_for(last_day_in: int) -> date:
    """A birth date whose 26th birthday lies so many days ahead."""
    day = today() + timedelta(last_day_in)
    return day.replace(year=day.year - 26) if (day.month, day.day) != (2, 29) else date(day.year - 26, 3, 1)


def covered_since(session: Session, world: World, *names: str, born: date | None = None) -> None:
    """Ana and her family are covered since last month, Leo about to grow up."""
    submission = enroll(session, world, covered=names)
    approve(session, hr_actor(world.company_id), submission.id)
    for row in session.scalars(sa.select(Enrollment)):
        row.coverage_starts_on = row.effective_on = today() - timedelta(40)
        row.status = "active"
    for covered in session.scalars(sa.select(CoveredDependent)):
        covered.starts_on = today() - timedelta(40)
    if born is not None:
        fetch(session, Dependent, world.family["Leo"].id).date_of_birth = born
    for intent in session.scalars(sa.select(JobIntent)):
        intent.state = "done"
    session.commit()


def last_day_rule(session: Session, rule: str) -> None:
    for plan in session.scalars(sa.select(BenefitPlan)):
        plan.ends_at = rule
    session.commit()


def run_today(session: Session, world: World) -> None:
    enqueue(session, "benefits.age_out", world.company_id, key=str(len(session.scalars(sa.select(JobIntent)).all())))
    run_all(session)
    session.expire_all()


def stays_of(session: Session, world: World, name: str) -> list[tuple[date, date | None]]:
    query = sa.select(CoveredDependent.starts_on, CoveredDependent.ends_on)
    query = query.join(Enrollment, Enrollment.id == CoveredDependent.enrollment_id)
    query = query.where(CoveredDependent.dependent_id == world.family[name].id, Enrollment.coverage_type == "health")
    return [(row[0], row[1]) for row in session.execute(query.order_by(CoveredDependent.starts_on))]


def health_on(session: Session, world: World, day: date) -> Enrollment:
    return coverage_on(session, world.employee_actor, world.ana.id, day)["health"]


def test_parents_are_warned_and_nothing_ends_early(session: Session, world: World) -> None:
    last_day_rule(session, "last_day")
    covered_since(session, world, "Leo", born=born_for(30))
    run_today(session, world)
    run_today(session, world)
    told = notices_of(session, "benefits.dependent.aging_out")
    assert len({notice.dedupe_key for notice in told if notice.channel == "in_app"}) == 1  # two plans cover Leo
    assert "Leo" not in (told[0].body or "") + told[0].subject
    assert stays_of(session, world, "Leo")[0][1] is None


def test_the_last_child_grows_up_and_the_parent_goes_on_alone(session: Session, world: World) -> None:
    last_day_rule(session, "last_day")
    covered_since(session, world, "Leo", born=born_for(10))
    before = health_on(session, world, today())
    run_today(session, world)
    last = today() + timedelta(9)
    assert stays_of(session, world, "Leo") == [(today() - timedelta(40), last)]
    old, new = health_on(session, world, last), health_on(session, world, last + timedelta(1))
    assert (old.id, old.tier, old.monthly_premium, old.coverage_ends_on) == (before.id, "ECH", D(900), last)
    assert (new.tier, new.monthly_premium, new.enrollment_type) == ("EMP", D(500), "coverage_change")
    assert (new.replaces_id, new.status, new.carrier_status) == (old.id, "approved", "ready")
    told = session.scalars(sa.select(JobIntent.subject_id).where(JobIntent.kind == "feeds.note_enrollment")).all()
    assert {old.id, new.id} <= set(told)
    run_today(session, world)
    assert session.scalar(sa.select(sa.func.count()).where(Enrollment.coverage_type == "health")) == 2


def test_a_sibling_stays_and_the_price_does_not_change(session: Session, world: World) -> None:
    mia = fetch(session, Dependent, world.family["Mia"].id)
    mia.date_of_birth = date(today().year - 8, 1, 1)
    session.commit()
    covered_since(session, world, "Leo", "Mia", born=born_for(-40))  # nobody saw the birthday
    run_today(session, world)
    grown = birthday(born_for(-40), 26)
    assert stays_of(session, world, "Leo")[0][1] == max(end_of_month(grown), today() - timedelta(40))
    assert stays_of(session, world, "Mia")[0][1] is None
    assert health_on(session, world, today()).carrier_status == "ready"
    assert session.scalar(sa.select(sa.func.count()).where(Enrollment.coverage_type == "health")) == 1


def test_a_child_with_a_disability_and_a_spouse_stay(session: Session, world: World) -> None:
    covered_since(session, world, "Leo", "Sam", born=born_for(5))
    fetch(session, Dependent, world.family["Leo"].id).disabled = True
    fetch(session, Dependent, world.family["Sam"].id).date_of_birth = born_for(5)
    session.commit()
    assert leaving.growing_up(session, today()) == []


def test_many_children_in_batches(session: Session, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aging, "BATCH", 1)
    covered_since(session, world, "Leo", born=born_for(3))
    run_today(session, world)
    ended = session.scalars(sa.select(CoveredDependent.ends_on)).all()
    assert set(ended) == {end_of_month(today() + timedelta(3))}


def test_a_removed_spouse_leaves_at_the_end_of_the_month_and_the_price_follows(session: Session, world: World) -> None:
    covered_since(session, world, "Sam")
    people.remove_dependent(session, system("test"), world.family["Sam"].id, removed_on=today())
    session.commit()
    assert end_dependent(session, system("test"), world.family["Sam"].id) == 2  # medical and dental
    assert end_dependent(session, system("test"), world.family["Sam"].id) == 0
    last = end_of_month(today())
    assert health_on(session, world, last).tier == "ESP"
    assert (health_on(session, world, last + timedelta(1)).tier) == "EMP"
    assert stays_of(session, world, "Sam") == [(today() - timedelta(40), last)]


def test_somebody_removed_before_coverage_begins_is_never_covered(session: Session, world: World) -> None:
    covered_since(session, world, "Sam")
    for row in session.scalars(sa.select(Enrollment)):
        row.coverage_starts_on = row.effective_on = end_of_month(today()) + timedelta(40)
        row.status = "approved"
    for covered in session.scalars(sa.select(CoveredDependent)):
        covered.starts_on = end_of_month(today()) + timedelta(40)
    people.remove_dependent(session, system("test"), world.family["Sam"].id, removed_on=today())
    session.commit()
    end_dependent(session, system("test"), world.family["Sam"].id)
    row = health_on(session, world, end_of_month(today()) + timedelta(40))
    assert row.tier == "EMP"
    kept = session.scalars(sa.select(Enrollment).where(Enrollment.status == "canceled")).all()
    assert {old.tier for old in kept} == {"ESP"}


def test_the_last_day_and_its_warnings() -> None:
    assert last_covered_day(date(2000, 12, 15), 26, "last_day") == date(2026, 12, 14)
    assert last_covered_day(date(2000, 12, 15), 26, "end_of_month") == date(2026, 12, 31)
    assert last_covered_day(date(2000, 2, 29), 26, "last_day") == date(2026, 2, 28)
    last = date(2026, 12, 31)
    assert warning_due(last, date(2026, 10, 1)) is None
    assert warning_due(last, date(2026, 11, 1)) == 60
    assert warning_due(last, date(2026, 12, 17)) == 14
    assert warning_due(last, date(2027, 1, 1)) is None
