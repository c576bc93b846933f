"""What a carrier must be told: by comparing what it was told last with what is true now.

Because the comparison is between states, an addition and a termination before anything was sent net out by themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from app.feeds.rules.words import ChangeKind
from app.integrations.formats.x12.eight34 import Coverage


@dataclass(frozen=True, slots=True)
class Told:
    """One coverage as a carrier knows it. `end`: last covered day. dependents: (id, start, end) sorted by id."""

    plan: str
    tier: str
    start: date
    end: date | None = None
    terminated: bool = False
    dependents: tuple[tuple[str, date, date | None], ...] = ()

    @property
    def void(self) -> bool:
        """Ended before it began: never in force."""
        return self.terminated and self.end is not None and self.end < self.start

    def as_json(self) -> dict[str, Any]:
        return {
            "plan": self.plan,
            "tier": self.tier,
            "start": self.start.isoformat(),
            "end": self.end.isoformat() if self.end else "",
            "terminated": self.terminated,
            "dependents": [[key, start.isoformat(), end.isoformat() if end else ""] for key, start, end in self.dependents],
        }  # fmt: skip


def told_of(values: dict[str, Any]) -> Told | None:
    """The coverage of a change's `told`, or None when it holds none (a demographic change)."""
    if "plan" not in values:
        return None
    dependents = tuple((key, date.fromisoformat(start), _day(end)) for key, start, end in values["dependents"])
    return Told(
        plan=values["plan"],
        tier=values["tier"],
        start=date.fromisoformat(values["start"]),
        end=_day(values["end"]),
        terminated=values["terminated"],
        dependents=dependents,
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def what_to_tell(before: Told | None, now: Told) -> ChangeKind | None:
    """The kind of change that brings a carrier from `before` to `now`; None when it need not be told anything."""
    if before is None or before.void:
        return None if now.void else ChangeKind.ADD
    if before == now:
        return None
    if before.terminated and (not now.terminated or _later(now.end, before.end)):
        return (
            ChangeKind.REINSTATE
        )  # also to a later end: carriers read a second end as a shorter coverage, never as a longer one
    if now.terminated and (not before.terminated or before.end != now.end):
        return ChangeKind.TERMINATE
    return ChangeKind.CHANGE


def _later(end: date | None, known: date | None) -> bool:
    return end is not None and known is not None and end > known


MAINTENANCE = {
    ChangeKind.ADD: "021",
    ChangeKind.CHANGE: "001",
    ChangeKind.TERMINATE: "024",
    ChangeKind.REINSTATE: "025",
    ChangeKind.DEMOGRAPHIC: "001",
}
"""HD01 of a coverage by what happened to it."""

_ENDS = {
    "death": "03", "retirement": "04", "divorce": "01", "non_payment": "59", "voluntary": "14", "quit": "08",
    "replaced": "22", "employment": "08", "resign": "08", "termination": "08", "layoff": "08",
}  # fmt: skip
_BEGINS = {
    "new_hire": "28",
    "open_enrollment": "29",
    "qualifying_life_event": "29",
    "special_enrollment": "29",
    "coverage_change": "22",
}


def reason_code(kind: ChangeKind, enrollment_type: str, why: str = "", *, employment_ended: bool = False) -> str:
    """INS04. `why`: the enrollment's termination reason as stored; unknown words become 07, benefits ended."""
    if kind is ChangeKind.TERMINATE:
        word = why.casefold().replace(" ", "_")
        known = next((code for part, code in _ENDS.items() if part in word), "")
        return known or ("08" if employment_ended else "07")
    if kind is ChangeKind.REINSTATE:
        return "41"
    if kind is ChangeKind.CHANGE:
        return "22"
    return _BEGINS.get(enrollment_type, "28") if kind is ChangeKind.ADD else "33"


def without_replaced(coverages: list[Coverage]) -> list[Coverage]:
    """For a carrier that ends a whole kind of coverage, not a plan: an end is left out when another plan of the same kind follows
    it without a gap, because the carrier would end both."""
    begun = [(c.line, c.start_on) for c in coverages if c.maintenance != "024" and c.start_on]
    return [
        one
        for one in coverages
        if one.maintenance != "024"
        or one.end_on is None
        or not any(line == one.line and start <= one.end_on + timedelta(days=1) for line, start in begun)
    ]


def left_on(lines: Mapping[str, Sequence[str]]) -> date | None:
    """The last covered day of somebody the carrier knows as ended in every plan; None while one goes on or none was ever in force.

    Args:
        lines: plan → [tier, start, end, maintenance, line], as a carrier was told.
    """
    in_force = [line for line in lines.values() if line[3] != "024" or line[2] >= line[1]]
    if not in_force or not all(line[2] for line in in_force):
        return None
    return date.fromisoformat(max(line[2] for line in in_force))


def comes_back(line: Sequence[str] | None, end: date | None) -> bool:
    """The carrier knows this plan of a person as ended, and it now goes on or ends later: it must be reinstated to that end.

    Args:
        line: [tier, start, end, maintenance, line], as the carrier was told; None when it never was.
    """
    return line is not None and line[1] <= line[2] and (end is None or end.isoformat() > line[2])


def member_maintenance(codes: set[str], *, known: bool) -> str:
    """INS03 from the codes of a member's coverages: someone new is added, someone who loses everything ends."""
    if codes == {"024"}:
        return "024"
    if codes == {"025"}:
        return "025"
    return "001" if known else "021"
