"""The four-fifths indicator: known answers, and what may not be judged or shown."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.screening.rules.impact import Compared, Count, Mark, compare, fisher, may_leave


@pytest.mark.parametrize(
    ("table", "p"),
    [
        ((3, 1, 1, 3), 0.4857142857),  # Fisher's tea
        ((8, 2, 1, 5), 0.0349650350),
        ((1, 9, 11, 3), 0.0027594562),
        ((0, 5, 5, 0), 2 / comb(10, 5)),
        ((10, 10, 10, 10), 1.0),
        ((0, 0, 4, 6), 1.0),
    ],
)
def test_fisher_gives_the_published_answers(table: tuple[int, int, int, int], p: float) -> None:
    assert fisher(*table) == pytest.approx(p, rel=1e-8)


@given(*[st.integers(0, 40)] * 4)
def test_fisher_is_the_exact_sum(a: int, b: int, c: int, d: int) -> None:
    first, second, selected = a + b, c + d, a + c
    likely = {k: comb(first, k) * comb(second, selected - k) for k in range(selected + 1) if k <= first}
    exact = Fraction(sum(one for one in likely.values() if one <= likely[a]), comb(first + second, selected))
    assert fisher(a, b, c, d) == pytest.approx(float(exact), rel=1e-7)
    assert fisher(a, b, c, d) == pytest.approx(fisher(c, d, a, b), rel=1e-7)


def by_name(groups: dict[str, tuple[int, int]]) -> dict[str, Compared]:
    return {one.group: one for one in compare({name: Count(*pair) for name, pair in groups.items()})}


def test_the_example_of_the_guidelines() -> None:
    """Questions and Answers, no. 12: 48 of 80 (60 %) against 12 of 40 (30 %): half of the highest."""
    found = by_name({"white": (80, 48), "black": (40, 12)})
    assert found["white"].mark is Mark.REFERENCE
    assert found["white"].ratio is None
    assert found["black"].mark is Mark.BELOW
    assert found["black"].ratio == pytest.approx(0.5)
    assert found["black"].p == pytest.approx(fisher(12, 28, 48, 32))


def test_four_fifths_exactly_is_not_below() -> None:
    found = by_name({"a": (100, 50), "b": (100, 40), "c": (100, 39)})
    assert (found["b"].mark, found["c"].mark) == (Mark.WITHIN, Mark.BELOW)


def test_few_people_are_shown_gray_and_never_held_up_as_the_highest() -> None:
    found = by_name({"many": (200, 100), "few": (29, 29), "enough": (30, 3)})
    assert found["many"].mark is Mark.REFERENCE
    assert found["few"].mark is Mark.FEW
    assert found["few"].ratio == pytest.approx(2.0)
    assert found["enough"].mark is Mark.BELOW


def test_a_group_under_two_percent_is_shown_and_not_judged() -> None:
    found = by_name({"a": (2000, 1000), "b": (39, 2)})
    assert found["b"].mark is Mark.SMALL_SHARE
    assert found["b"].rate == pytest.approx(2 / 39)


def test_nothing_is_said_of_fewer_than_five() -> None:
    found = by_name({"a": (100, 50), "b": (4, 0)})
    assert (found["b"].mark, found["b"].rate, found["b"].ratio, found["b"].p) == (Mark.HIDDEN, None, None, None)


def test_without_a_group_to_hold_against_no_ratio_is_made() -> None:
    assert [one.ratio for one in compare({"a": Count(10, 5), "b": Count(10, 1)})] == [None, None]
    assert [one.ratio for one in compare({"a": Count(50, 0), "b": Count(50, 0)})] == [None, None]
    assert compare({}) == []


@pytest.mark.parametrize(
    ("total", "selected", "leaves"), [(40, 20, True), (40, 36, False), (40, 4, False), (40, 40, True), (4, 4, False)]
)
def test_no_small_cell_leaves_in_a_file(total: int, selected: int, leaves: bool) -> None:
    found = by_name({"a": (total, selected), "b": (40, 20)})
    assert may_leave(found["a"]) is leaves
