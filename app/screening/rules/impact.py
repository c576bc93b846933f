"""The four-fifths indicator (29 CFR 1607.4D): selection rates of groups against the highest, with Fisher's exact test beside it.

A statistical indicator, not a legal finding. Sources: reference/screening.md §3.3; 29 CFR 1607.4A-D; groups under 2 percent: Questions
and Answers to the Guidelines, no. 16 (K).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import exp, fsum, lgamma

FOUR_FIFTHS = 0.8
LEAST_SHARE = 0.02
"""A group below this share of all is shown, not judged."""
FEW = 30
"""Below this number a rate says little: shown gray."""
TOO_FEW_TO_SHOW = 5
"""Below this number nothing of a group is shown, and no cell below it leaves in a file: nobody can be told from the numbers."""


class Sex(StrEnum):
    """The words of the EEO-1 report."""

    FEMALE = "female"
    MALE = "male"
    DECLINED = "declined"


class Ethnicity(StrEnum):
    """The categories of the EEO-1 report; one answer."""

    HISPANIC = "hispanic"
    WHITE = "white"
    BLACK = "black"
    ASIAN = "asian"
    PACIFIC = "pacific"
    NATIVE = "native"
    SEVERAL = "several"
    DECLINED = "declined"


class Mark(StrEnum):
    """What may be said of a group."""

    HIDDEN = "hidden"  # too few to show anything
    SMALL_SHARE = "small_share"  # shown, not judged
    FEW = "few"  # shown gray
    REFERENCE = "reference"  # the highest rate: the others are held against it
    BELOW = "below"  # under four fifths of the highest
    WITHIN = "within"


@dataclass(frozen=True, slots=True)
class Count:
    """Of `total` people `selected` got further."""

    total: int
    selected: int

    @property
    def rate(self) -> float:
        return self.selected / self.total if self.total else 0.0


@dataclass(frozen=True, slots=True)
class Compared:
    """Attributes:
    rate, ratio: None where nothing may be shown; ratio None too without a group to hold against, or for that group itself.
    p: Fisher's exact test, two-sided, against that group.
    """

    group: str
    count: Count
    mark: Mark
    rate: float | None
    ratio: float | None
    p: float | None


def compare(groups: Mapping[str, Count]) -> list[Compared]:
    """Each group against the one with the highest rate.

    Only a group that may be judged (2 percent of all, 30 people) is held up as the highest; where there is none, no ratio is made.
    """
    everybody = sum(count.total for count in groups.values())
    marks = {name: _size(count, everybody) for name, count in groups.items()}
    judged = [name for name, mark in marks.items() if mark is Mark.WITHIN]
    highest = max(judged, key=lambda name: (groups[name].rate, groups[name].total), default=None)
    against = groups[highest] if highest is not None else None
    return [_compared(name, count, marks[name], None if name == highest else against, name == highest)
            for name, count in groups.items()]  # fmt: skip


def _size(count: Count, everybody: int) -> Mark:
    if count.total < TOO_FEW_TO_SHOW:
        return Mark.HIDDEN
    if count.total < LEAST_SHARE * everybody:
        return Mark.SMALL_SHARE
    return Mark.FEW if count.total < FEW else Mark.WITHIN


def _compared(name: str, count: Count, size: Mark, against: Count | None, highest: bool) -> Compared:
    if size is Mark.HIDDEN:
        return Compared(name, count, size, None, None, None)
    if highest:
        return Compared(name, count, Mark.REFERENCE, count.rate, None, None)
    if against is None or not against.selected:
        return Compared(name, count, size, count.rate, None, None)
    ratio = count.rate / against.rate
    p = fisher(count.selected, count.total - count.selected, against.selected, against.total - against.selected)
    below = size is Mark.WITHIN and ratio < FOUR_FIFTHS
    return Compared(name, count, Mark.BELOW if below else size, count.rate, ratio, p)


def may_leave(one: Compared) -> bool:
    """Whether the numbers of a group may leave in a file: no cell of one to four people, on either side."""
    cells = (one.count.selected, one.count.total - one.count.selected)
    return one.mark is not Mark.HIDDEN and all(cell == 0 or cell >= TOO_FEW_TO_SHOW for cell in cells)


def fisher(a: int, b: int, c: int, d: int) -> float:
    """Two-sided p of Fisher's exact test for the table [[a, b], [c, d]]: all tables with these margins that are no more likely than this one."""
    first, second, selected = a + b, c + d, a + c
    logs = [
        _log_likelihood(k, first, second, selected) for k in range(max(0, selected - second), min(first, selected) + 1)
    ]
    here = _log_likelihood(a, first, second, selected)
    slack = 1e-7  # tables that are exactly as likely differ in the last digits
    return min(1.0, fsum(exp(one) for one in logs if one <= here + slack))


def _log_likelihood(k: int, first: int, second: int, selected: int) -> float:
    """Of k selected in the first group (hypergeometric)."""
    return _log_choose(first, k) + _log_choose(second, selected - k) - _log_choose(first + second, selected)


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
