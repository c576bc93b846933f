"""A person as an 834 says it: from our rows to `Member`, without any coverage yet."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from app.feeds.services.insured import Insured, InsuredDependent, InsuredEmployee, identity_of, mark_of
from app.integrations.formats.x12.eight34 import Address, Coverage, Identity, Member
from app.people.models import EmployeeStatus, EmploymentType

RELATIONSHIPS = {"spouse": "01", "child": "19", "domestic_partner": "53", "other": "G8"}
GENDERS = {"male": "M", "female": "F"}
MARITAL = {
    "married": "M", "single": "I", "divorced": "D", "widowed": "W", "separated": "S", "domestic_partner": "B",
}  # fmt: skip
DEPENDENT_SUFFIX = 8


def member_key(member_number: str, dependent_id: UUID | None = None) -> str:
    """Member number, with a suffix for dependents: names a person in our records without saying who it is."""
    return f"{member_number}-{dependent_id.hex[-DEPENDENT_SUFFIX:]}" if dependent_id else member_number


@dataclass(slots=True)
class Person:
    """Somebody who goes into a file: the row, what the carrier knew before, and the coverages gathered so far."""

    employee: InsuredEmployee
    dependent: InsuredDependent | None = None
    before: dict[str, Any] | None = None  # what FeedMember.identity held when the carrier was told last
    coverages: list[Coverage] = field(default_factory=list)
    lines: dict[str, list[str]] = field(default_factory=dict)
    reason: str = ""
    void: bool = False
    key: str = field(init=False)

    def __post_init__(self) -> None:
        self.key = member_key(self.employee.member_number, self.dependent_id)

    @property
    def row(self) -> Insured:
        return self.dependent or self.employee

    @property
    def dependent_id(self) -> UUID | None:
        return self.dependent.id if self.dependent else None

    def identity(self) -> dict[str, str]:
        return identity_of(self.row)

    def mark(self) -> str:
        return mark_of(self.row)

    def come_back(self, left_on: date, had: Collection[str]) -> None:
        """Of somebody whose every coverage had ended: what begins without a gap, in plans they had, is reinstated, not added."""
        seamless = all(one.start_on and one.start_on <= left_on + timedelta(days=1) for one in self.coverages)
        if not self.coverages or not seamless or not set(self.lines) <= set(had):
            return
        if {one.maintenance for one in self.coverages} == {"021"}:
            self.coverages = [replace(one, maintenance="025") for one in self.coverages]
            self.lines = {plan: [*line[:3], "025", line[4]] for plan, line in self.lines.items()}
            self.reason = "41"


def as_member(person: Person, maintenance: str, reason: str, *, group: str, end: date | None) -> Member:
    """Everything an 834 says of a person besides the coverages, in our words; the writer applies the dialect."""
    employee, dependent = person.employee, person.dependent
    known = person.identity()
    facts: dict[str, Any] = {
        "ref": person.key,
        "subscriber": dependent is None,
        "relationship": RELATIONSHIPS.get(dependent.relationship, "G8") if dependent else "18",
        "maintenance": maintenance,
        "reason": reason,
        "subscriber_number": employee.member_number,
        "last_name": known["last"],
        "first_name": known["first"],
        "middle_name": known["middle"],
        "ssn": known["ssn"] or None,
        "birth_on": person.row.date_of_birth,
        "gender": GENDERS.get(known["gender"], "U"),
        "group": group,
        "member_number": person.key,
        "coverages": tuple(person.coverages),
        "ineligible_on": end,
        "extra_reason": ("CANCEL" if person.void else "TERM") if maintenance == "024" else "",
    }
    facts |= _of_dependent(dependent) if dependent else _of_employee(employee)
    previous = _previous(person, known) if maintenance == "001" else None
    if previous is not None:
        facts |= {"previous": previous, "reason": "25"}
    return Member(**facts)


def _of_employee(employee: InsuredEmployee) -> dict[str, Any]:
    left = employee.status == EmployeeStatus.TERMINATED
    part_time = employee.employment_type == EmploymentType.PART_TIME
    on_leave = employee.status == EmployeeStatus.INACTIVE
    return {
        "employment_status": "TE" if left else "L1" if on_leave else "PT" if part_time else "FT",
        "marital": MARITAL.get(employee.marital_status.casefold(), ""),
        "address": _address(employee),
        "home_phone": employee.phone or "",
        "email": employee.work_email,
        "employed_on": employee.hired_on,
        "employment_ended_on": employee.terminated_on if left else None,
    }


def _of_dependent(dependent: InsuredDependent) -> dict[str, Any]:
    return {"student": "F" if dependent.student else "", "disabled": True if dependent.disabled else None}


def _address(employee: InsuredEmployee) -> Address | None:
    if not employee.address_line1:
        return None
    return Address(
        line1=employee.address_line1,
        line2=employee.address_line2 or "",
        city=employee.city or "",
        state=employee.state or "",
        postal=employee.zip_code or "",
    )


def _previous(person: Person, known: dict[str, str]) -> Identity | None:
    """Who the carrier wrongly believes this is, when the name, birth date or SSN it was told is no longer ours."""
    before = person.before
    if not before or all(before.get(name) == known[name] for name in ("last", "first", "birth", "ssn")):
        return None
    return Identity(
        last_name=before["last"],
        first_name=before["first"],
        middle_name=before.get("middle", ""),
        ssn=before["ssn"] or None,
        birth_on=date.fromisoformat(before["birth"]) if before["birth"] else None,
        gender=GENDERS.get(before.get("gender", ""), "U"),
    )
