"""Who would lose coverage by a file, and whether that is so many that a second person must look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

Lines = Mapping[str, Any]
"""Plan code → [tier, start, end, maintenance, line] (ISO dates, "" for none), as kept in FeedMember.coverages."""

Picture = Mapping[str, Lines]
"""Member key → lines: what a carrier was told."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Counts against what the carrier was told before. People are counted, never named."""

    members_before: int = 0
    members_added: int = 0
    members_lost: int = 0
    coverages_before: int = 0
    coverages_added: int = 0
    coverages_lost: int = 0

    @property
    def percent(self) -> float:
        """The larger loss of the two, in percent of what there was."""
        members = self.members_lost / self.members_before if self.members_before else 0.0
        coverages = self.coverages_lost / self.coverages_before if self.coverages_before else 0.0
        return round(100 * max(members, coverages), 1)

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"percent": self.percent}


def compare(before: Picture, after: Picture, today: date, *, full: bool) -> Difference:
    """What changes for whom. In a full file somebody who is left out is lost; in a change file only who is ended."""
    had = {key: _open(lines, today) for key, lines in before.items()}
    had = {key: plans for key, plans in had.items() if plans}
    has = {key: _after(plans, after.get(key), today, full=full) for key, plans in had.items()}
    new = {key: _open(lines, today) for key, lines in after.items()}
    return Difference(
        members_before=len(had),
        members_added=sum(1 for key, plans in new.items() if plans and key not in had),
        members_lost=sum(1 for plans in has.values() if not plans),
        coverages_before=sum(len(plans) for plans in had.values()),
        coverages_added=sum(len(plans - had.get(key, frozenset())) for key, plans in new.items()),
        coverages_lost=sum(len(plans - has[key]) for key, plans in had.items()),
    )


def _after(kinds: frozenset[str], lines: Lines | None, today: date, *, full: bool) -> frozenset[str]:
    if lines is None:
        return frozenset() if full else kinds
    still = _open(lines, today)
    ended = frozenset(str(values[4]) for values in lines.values()) - still
    return still if full else (kinds - ended) | still


def _open(lines: Lines, today: date) -> frozenset[str]:
    """Kinds of coverage (HD03) that go on: another plan of the same kind is no loss. A future end is not yet an end."""
    return frozenset(
        str(line) for _, _, end, maintenance, line in lines.values()
        if maintenance != "024" and (not end or date.fromisoformat(end) >= today)
    )  # fmt: skip


def merge(before: Lines, told: Lines) -> dict[str, Any]:
    """The lines a carrier knows after it was also told these."""
    return {**before, **told}


def hold_reason(found: Difference, *, percent: float, people: int) -> str:
    """Why a file must wait for a second person: "percent", "people", or "" when it may go.

    Args:
        percent: of members or coverages lost, above which a file is held (the carrier profile's threshold).
        people: number of members lost from which a file is held, however large the group is; 0 switches it off.
    """
    if people and found.members_lost >= people:
        return "people"
    return "percent" if found.percent > percent else ""
