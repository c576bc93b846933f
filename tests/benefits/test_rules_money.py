"""Rates, the employer's share, and what leaves each paycheck."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.benefits.rules import limits
from app.benefits.rules.beneficiaries import Share, even_split, incomplete, totals
from app.benefits.rules.pricing import PAYCHECKS, Contribution, Cost, Rate, cents, contribution_on, cost, rate_on
from app.benefits.rules.words import BeneficiaryKind, Tier

D = Decimal
EMP, FAM = Tier.EMPLOYEE, Tier.FAMILY
JAN26, JAN27 = date(2026, 1, 1), date(2027, 1, 1)


def test_the_newest_rate_in_force_applies() -> None:
    rates = [Rate(EMP, D(500), JAN26), Rate(EMP, D(550), JAN27), Rate(FAM, D(1500), JAN26)]
    assert rate_on(rates, EMP, 30, None, date(2026, 12, 31)) == rates[0]
    assert rate_on(rates, EMP, 30, None, JAN27) == rates[1]
    assert rate_on(rates, FAM, None, None, JAN27) == rates[2]
    assert rate_on(rates, EMP, 30, None, date(2025, 12, 31)) is None
    assert rate_on(rates, Tier.EMPLOYEE_SPOUSE, 30, None, JAN27) is None


def test_age_bands_include_both_ends() -> None:
    young, old = Rate(EMP, D(10), JAN26, 0, 39), Rate(EMP, D(20), JAN26, 40, 150)
    assert rate_on([young, old], EMP, 39, None, JAN26) == young
    assert rate_on([young, old], EMP, 40, None, JAN26) == old
    assert rate_on([young, old], EMP, None, None, JAN26) is None  # age unknown: no band fits


def test_salary_bands_exclude_their_upper_end() -> None:
    low = Rate(EMP, D(10), JAN26, salary_to=D(50_000))
    high = Rate(EMP, D(20), JAN26, salary_from=D(50_000))
    assert rate_on([low, high], EMP, 30, D("49999.99"), JAN26) == low
    assert rate_on([low, high], EMP, 30, D(50_000), JAN26) == high
    assert rate_on([low, high], EMP, 30, None, JAN26) is None


def test_a_narrow_band_beats_the_general_rate() -> None:
    general, narrow = Rate(EMP, D(10), JAN26), Rate(EMP, D(8), JAN26, 20, 29)
    assert rate_on([narrow, general], EMP, 25, None, JAN26) == narrow
    assert rate_on([narrow, general], EMP, 30, None, JAN26) == general


def test_the_most_specific_contribution_wins() -> None:
    everybody = Contribution(JAN26, percent=D(50))
    tier = Contribution(JAN26, tier=FAM, percent=D(60))
    group = Contribution(JAN26, employee_class="union", percent=D(70))
    both = Contribution(JAN26, tier=FAM, employee_class="union", percent=D(80))
    newer = Contribution(JAN27, percent=D(55))
    rules = [everybody, tier, group, both, newer]
    assert contribution_on(rules, EMP, "standard", JAN26) == everybody
    assert contribution_on(rules, EMP, "standard", JAN27) == newer
    assert contribution_on(rules, FAM, "standard", JAN27) == tier
    assert contribution_on(rules, EMP, "union", JAN27) == group
    assert contribution_on(rules, FAM, "union", JAN27) == both
    assert contribution_on([], FAM, "union", JAN27) is None


@pytest.mark.parametrize(
    ("rule", "premium", "employer"),
    [
        (Contribution(JAN26, percent=D(75)), "501.33", "376.00"),  # 375.9975 half up
        (Contribution(JAN26, percent=D(100)), "501.33", "501.33"),
        (Contribution(JAN26, percent=D(0)), "501.33", "0"),
        (Contribution(JAN26, flat_amount=D(400)), "501.33", "400"),
        (Contribution(JAN26, flat_amount=D(600)), "501.33", "501.33"),  # never more than the premium
        (Contribution(JAN26, percent=D(75), monthly_cap=D(300)), "501.33", "300"),
        (Contribution(JAN26, flat_amount=D(400), monthly_cap=D(450)), "501.33", "400"),
        (Contribution(JAN26), "501.33", "0"),
    ],
)
def test_the_employers_share(rule: Contribution, premium: str, employer: str) -> None:
    assert rule.of(D(premium)) == D(employer)


@pytest.mark.parametrize(
    ("frequency", "total", "employee"),
    [
        ("weekly", "115.38", "28.85"),
        ("biweekly", "230.77", "57.69"),
        ("semimonthly", "250.00", "62.50"),
        ("monthly", "500.00", "125.00"),
    ],
)
def test_cost_per_paycheck(frequency: str, total: str, employee: str) -> None:
    split = cost(D(500), Contribution(JAN26, percent=D(75)), frequency)
    assert (split.total, split.employee, split.employer) == (D(total), D(employee), D(total) - D(employee))
    assert split.monthly_employee == D(125)


def test_who_pays_can_be_fixed_by_the_plan() -> None:
    rule = Contribution(JAN26, percent=D(50))
    assert cost(D(20), rule, "monthly", "employer_paid").employee == 0
    assert cost(D(20), rule, "monthly", "employee_paid").employer == 0
    assert cost(D(20), None, "monthly").employee == D(20)


def test_unknown_pay_frequency_is_an_error() -> None:
    with pytest.raises(KeyError):
        cost(D(20), None, "fortnightly")


money = st.decimals(0, 5000, places=2)
rules = st.one_of(
    st.none(),
    st.builds(Contribution, st.just(JAN26), percent=st.decimals(0, 100, places=2)),
    st.builds(Contribution, st.just(JAN26), flat_amount=money, monthly_cap=st.one_of(st.none(), money)),
)


@given(money, rules, st.sampled_from(sorted(PAYCHECKS)))
def test_the_parts_always_add_up(premium: Decimal, rule: Contribution | None, frequency: str) -> None:
    split: Cost = cost(premium, rule, frequency)
    assert split.employee + split.employer == split.total
    assert split.employee >= 0
    assert split.employer >= 0
    assert all(amount == cents(amount) for amount in (split.total, split.employee, split.employer))
    assert abs(split.yearly_drift) <= D("0.005") * split.paychecks


@given(money, st.sampled_from(sorted(PAYCHECKS)))
def test_an_employer_who_pays_all_leaves_nothing(premium: Decimal, frequency: str) -> None:
    assert cost(premium, Contribution(JAN26, percent=D(100)), frequency).employee == 0


def test_cents_round_half_up() -> None:
    assert [cents(D(text)) for text in ("0.005", "0.015", "0.0149")] == [D("0.01"), D("0.02"), D("0.01")]


PRIMARY, CONTINGENT = BeneficiaryKind.PRIMARY, BeneficiaryKind.CONTINGENT


def test_beneficiaries_add_up_to_100_percent_per_class() -> None:
    ana, leo, sam = (Share("Ana", PRIMARY, D(60)), Share("Leo", PRIMARY, D(40)), Share("Sam", CONTINGENT, D(50)))
    assert incomplete([ana, leo]) == {}
    assert incomplete([ana]) == {PRIMARY: D(60)}
    assert incomplete([ana, leo, sam]) == {CONTINGENT: D(50)}
    assert incomplete([]) == {PRIMARY: D(0)}
    assert totals([]) == {}


@given(st.integers(1, 60))
def test_an_even_split_is_exactly_100_percent(people: int) -> None:
    shares = even_split(people)
    assert sum(shares) == 100
    assert max(shares) - min(shares) <= D("0.01")


def test_nobody_gets_nothing() -> None:
    assert even_split(0) == []


PLAN = {
    "out_of_pocket_max": D(6000), "out_of_pocket_max_family": D(12000),
    "deductible_amount": D(1500), "deductible_family": D(3000),
}  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("out_of_pocket_max", D("10000.01"), "10,000"),
        ("out_of_pocket_max_family", D("20000.01"), "20,000"),
        ("deductible_amount", D(6001), "Lower the deductible"),
        ("deductible_family", D(12001), "Lower the family deductible"),
    ],
)
def test_a_plan_keeps_its_bounds(field: str, value: Decimal, words: str) -> None:
    assert limits.plan_problems(PLAN, JAN27) == {}
    problems = limits.plan_problems(PLAN | {field: value}, JAN27)
    assert list(problems) == [field]
    assert words in problems[field]


def test_limits_have_a_source_and_a_day() -> None:
    older = limits.Limit(date(2020, 1, 1), D(9000), "law A")
    newer = limits.Limit(date(2027, 1, 1), D(9500), "law B")
    assert limits.limit_on((older, newer), date(2026, 12, 31)) is older
    assert limits.limit_on((older, newer), date(2027, 1, 1)) is newer
    assert limits.limit_on((older, newer), date(2019, 1, 1)) is older
    assert all(limit.source for limit in (*limits.OUT_OF_POCKET, *limits.CONTRIBUTION_PERCENT, *limits.WAITING_DAYS))


@pytest.mark.parametrize(
    ("percent", "flat", "ok"),
    [
        (D(100), None, True),
        (D("100.01"), None, False),
        (None, D(5), True),
        (None, None, False),
        (D(5), D(5), False),
        (D(-1), None, False),
    ],
)
def test_a_contribution_is_a_percentage_or_an_amount(percent: Decimal | None, flat: Decimal | None, ok: bool) -> None:
    assert (limits.contribution_problem(percent, flat) == "") is ok
