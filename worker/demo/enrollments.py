"""What people chose: this year's coverage of most employees, a queue at HR, a new hire who still has to choose."""

from __future__ import annotations

import hashlib
import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.benefits.rules.beneficiaries import even_split
from app.benefits.rules.calendar import age_on
from app.benefits.rules.family import tier_of
from app.benefits.rules.numbers import Series
from app.benefits.rules.pricing import Contribution, cost, rate_on
from app.benefits.rules.words import CarrierStatus, Election, EnrollmentStatus, EnrollmentType
from app.benefits.services.numbering import take_numbers
from app.core.clock import now
from app.domains import benefits, people
from app.people.services import full_name, name_tokens, new_member_number
from worker.demo import names
from worker.demo.company import Made
from worker.demo.plans import OFFERS, Year

COVERAGES = ("health", "dental", "vision", "life")
CHOICES = {
    "health": ((0, 46), (1, 26), (2, 16), (None, 12)),
    "dental": ((3, 50), (4, 30), (None, 20)),
    "vision": ((5, 62), (None, 38)),
}
WAITING_AT_HR = 14
LIFE_EVERY, LIFE_PLACE = 16, 6
"""Every sixteenth employee pays for life insurance: enough to see, few enough to enter by hand."""


class Choice(NamedTuple):
    plan: benefits.BenefitPlan | None
    covered: list[people.Dependent]


def make_windows(session: Session, years: dict[int, Year], today: date) -> tuple[UUID, UUID]:
    """This year's open enrollment, over; and next year's, in the middle of which we are. Nobody is mailed about them. Their ids."""
    present, coming = years[today.year].row, years[today.year + 1].row
    past = benefits.EnrollmentWindow(
        id=uuid7(), plan_year_id=present.id, kind=EnrollmentType.OPEN_ENROLLMENT, opens_on=date(today.year - 1, 11, 3),
        closes_on=date(today.year - 1, 12, 5), coverage_starts_on=present.starts_on, announced_at=now(),
    )  # fmt: skip
    window = benefits.EnrollmentWindow(
        id=uuid7(), plan_year_id=coming.id, kind=EnrollmentType.OPEN_ENROLLMENT, opens_on=today - timedelta(days=9),
        closes_on=today + timedelta(days=18), coverage_starts_on=coming.starts_on, announced_at=now(),
    )  # fmt: skip
    session.add_all([past, window])
    return past.id, window.id


def make_coverage(
    session: Session, made: Made, window_id: UUID, year: Year, today: date, chance: random.Random
) -> list[UUID]:
    """Approved choices of everybody eligible for this year. Returns the enrollments the carriers must hear of."""
    told: list[UUID] = []
    for employee in made.employees:
        if employee.employment_type != "full_time":
            continue
        starts_on = max(date(today.year, 1, 1), _first_of_next_month(employee.hired_on))
        if starts_on > today:
            continue
        signed_at = datetime.combine(starts_on - timedelta(days=20), datetime.min.time(), now().tzinfo)
        told += _submit(session, made, employee, window_id, year, starts_on, signed_at, chance, approved=True)
    return told


def make_queue(session: Session, made: Made, window_id: UUID, year: Year, today: date, chance: random.Random) -> None:
    """Choices for next year that wait for HR."""
    full_time = [e for e in made.employees if e.employment_type == "full_time"]
    for employee in chance.sample(full_time, min(WAITING_AT_HR, len(full_time) // 3)):
        signed_at = now() - timedelta(hours=chance.randint(1, 150))
        _submit(session, made, employee, window_id, year, date(today.year + 1, 1, 1), signed_at, chance, approved=False)


def make_new_hire(session: Session, made: Made, year: Year, hired_on: date, chance: random.Random) -> people.Employee:
    """Somebody who started this week and has a family to cover; the window is theirs alone."""
    lead = made.employees[0]
    hired = people.Employee(
        id=uuid7(),
        employee_number="1901",
        member_number=new_member_number(),
        first_name="Maya",
        last_name="Torres",
        name_tokens=name_tokens(made.company.id, "Maya", "Torres"),
        gender="female",
        date_of_birth=date(1992, 5, 17),
        ssn="900114321",
        work_email="newhire@northwind.example",
        phone="2125550142",
        hired_on=hired_on,
        job_title="Software engineer",
        department_id=lead.department_id,
        region_id=lead.region_id,
        manager_id=lead.id,
        **names.address(chance, "NY"),
    )
    session.add(hired)
    for relation, first, born_on, number in (
        ("spouse", "Daniel", date(1990, 9, 3), "900114322"),
        ("child", "Leo", date(2020, 2, 29), "900114323"),
    ):
        session.add(
            people.Dependent(
                employee_id=hired.id,
                relationship=relation,
                gender="male",
                first_name=first,
                last_name="Torres",
                date_of_birth=born_on,
                ssn=number,
                added_on=hired_on,
            )
        )
    session.add(
        benefits.EnrollmentWindow(
            plan_year_id=year.row.id,
            kind=EnrollmentType.NEW_HIRE,
            employee_id=hired.id,
            opens_on=hired_on,
            closes_on=hired_on + timedelta(days=30),
            announced_at=now(),
        )
    )
    return hired


def _first_of_next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _submit(
    session: Session, made: Made, employee: people.Employee, window_id: UUID, year: Year, starts_on: date,
    signed_at: datetime, chance: random.Random, *, approved: bool,
) -> list[UUID]:  # fmt: skip
    status = EnrollmentStatus.APPROVED if approved else EnrollmentStatus.SUBMITTED
    name = full_name(employee.first_name, employee.last_name)
    text = f"I choose the coverage above. Signed by {name}."
    submission = benefits.Submission(
        number=take_numbers(session, Series.SUBMISSION, signed_at.year, 1)[0], employee_id=employee.id, window_id=window_id,
        form_key=uuid7().hex, status=status.value, signature=name, signed_text=text,
        signed_text_sha256=hashlib.sha256(text.encode()).digest(), submitted_at=signed_at, decided_at=signed_at if approved else None,
    )  # fmt: skip
    session.add(submission)
    told = []
    for coverage in COVERAGES:
        family = made.dependents[employee.id]
        choice = (
            _life(employee, year) if coverage == "life" else _choice(coverage, family, year.plans, starts_on, chance)
        )
        enrollment = _enrollment(session, employee, submission, coverage, choice, year, starts_on, approved=approved)
        if coverage == "life" and choice.plan is not None:
            _name_beneficiaries(session, employee, enrollment, family)
        if choice.plan is not None:
            submission.employee_cost_per_pay += enrollment.employee_contribution_amount
            told.append(enrollment.id)
    return told


def _choice(
    coverage: str, family: list[people.Dependent], plans: list[benefits.BenefitPlan], on: date, chance: random.Random
) -> Choice:
    options = CHOICES[coverage]
    place = chance.choices([option for option, _ in options], [weight for _, weight in options])[0]
    plan = None if place is None else plans[place]
    covered = [d for d in family if d.relationship != "child" or (on - d.date_of_birth).days < 26 * 365]
    return Choice(plan, covered if chance.random() < 0.8 else [])


def _life(employee: people.Employee, year: Year) -> Choice:
    wants = int(employee.employee_number) % LIFE_EVERY == 5
    return Choice(year.plans[LIFE_PLACE] if wants else None, [])


def _name_beneficiaries(
    session: Session, employee: people.Employee, row: benefits.Enrollment, family: list[people.Dependent]
) -> None:
    """Spouse and children in equal parts, else a sister."""
    named = [(full_name(p.first_name, p.last_name), p.relationship) for p in family]
    named = named or [(full_name("Robin", employee.last_name), "sister")]
    for (name, relation), share in zip(named, even_split(len(named)), strict=True):
        session.add(
            benefits.Beneficiary(enrollment_id=row.id, kind="primary", name=name, relation=relation, share=share)
        )


def _enrollment(
    session: Session, employee: people.Employee, submission: benefits.Submission, coverage: str, choice: Choice, year: Year, starts_on: date,
    *, approved: bool,
) -> benefits.Enrollment:  # fmt: skip
    row = benefits.Enrollment(
        id=uuid7(), number=take_numbers(session, Series.ENROLLMENT, submission.submitted_at.year, 1)[0], employee_id=employee.id,
        submission_id=submission.id, coverage_type=coverage, election=Election.WAIVE if choice.plan is None else Election.ELECT,
        enrollment_type=EnrollmentType.OPEN_ENROLLMENT, coverage_starts_on=starts_on, effective_on=starts_on,
        status=EnrollmentStatus.ACTIVE if approved and choice.plan else submission.status,
        carrier_status=CarrierStatus.READY if approved and choice.plan else CarrierStatus.NONE,
        approved_at=submission.decided_at,
    )  # fmt: skip
    session.add(row)
    if choice.plan is not None:
        _cover(session, employee, row, choice.plan, year, choice.covered)
    return row


def _cover(
    session: Session,
    employee: people.Employee,
    row: benefits.Enrollment,
    plan: benefits.BenefitPlan,
    year: Year,
    covered: list[people.Dependent],
) -> None:
    tier = tier_of(person.relationship for person in covered)
    offer = next(offer for offer in OFFERS if offer.code == plan.plan_code)
    share = Contribution(row.coverage_starts_on, percent=Decimal(offer.employer_percent))
    on = max(row.coverage_starts_on, year.row.starts_on)
    rate = rate_on(year.rates[plan.id], tier, age_on(employee.date_of_birth, on), None, on)
    assert rate is not None
    price = cost(rate.monthly_premium, share, employee.pay_frequency, plan.contribution_type)
    row.plan_id, row.connection_id, row.tier = plan.id, plan.connection_id, tier.value
    row.contribution_type = plan.contribution_type
    row.monthly_premium, row.total_contribution_amount = price.monthly_premium, price.total
    row.employee_contribution_amount, row.employer_contribution_amount = price.employee, price.employer
    session.add(
        benefits.CoverageDetails(
            enrollment_id=row.id,
            coverage_type=row.coverage_type,
            plan_name=plan.name,
            plan_code=plan.plan_code,
            deductible_amount=plan.deductible_amount,
            copay_amount=plan.copay_amount,
            out_of_pocket_max=plan.out_of_pocket_max,
            coinsurance_percentage=plan.coinsurance_percentage,
            network_type=plan.network_type,
            plan_tier=plan.plan_tier,
            premium_amount=price.monthly_premium,
            coverage_amount=plan.coverage_amount,
        )
    )
    for person in covered:
        starts_on = max(row.coverage_starts_on, person.date_of_birth)
        session.add(benefits.CoveredDependent(enrollment_id=row.id, dependent_id=person.id, starts_on=starts_on))
