"""What a rule sees, and how it speaks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from app.integrations.formats.x12.eight34 import Coverage, Member, Transaction834
from app.integrations.formats.x12.findings import Finding, Severity
from app.integrations.formats.x12.profile import CarrierProfile

Findings = Iterator[Finding]


@dataclass(frozen=True, slots=True)
class Case:
    """One transaction and what is known around it.

    profile: the carrier's dialect, None = judge by the guide alone. today: for retroactive limits and ages, None =
    leave them out. ended_on: subscriber number → last covered day the carrier knows of, for rehires.
    """

    transaction: Transaction834
    profile: CarrierProfile | None = None
    today: date | None = None
    ended_on: Mapping[str, date] = field(default_factory=dict)

    def error(self, code: str, message: str, segment: str, member: Member | None = None, position: int = 0) -> Finding:
        """Stops the file."""
        return self._finding(Severity.ERROR, code, message, segment, member, position)

    def warning(
        self, code: str, message: str, segment: str, member: Member | None = None, position: int = 0
    ) -> Finding:
        """Wants a look."""
        return self._finding(Severity.WARNING, code, message, segment, member, position)

    def _finding(
        self, severity: Severity, code: str, message: str, segment: str, member: Member | None, position: int
    ) -> Finding:
        at = position or (member.position if member else 0)
        ref = member.ref if member else ""
        return Finding(severity, code, message, segment, at, ref, self.transaction.st02)


def age_on(birth_on: date, day: date) -> int:
    """Completed years. Someone born on February 29 completes a year on March 1 of a common year."""
    return day.year - birth_on.year - ((day.month, day.day) < (birth_on.month, birth_on.day))


def ends(coverage: Coverage) -> bool:
    """This coverage is told to end or to be deleted."""
    return coverage.maintenance in ("024", "002")
