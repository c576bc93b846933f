"""The words of the domain as pages show them, and the messages of the rules (marked here so that they are translated)."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from app.people.rules.words import (
    DependentStatus,
    EmployeeStatus,
    EmploymentType,
    Gender,
    ImportState,
    MaritalStatus,
    PayFrequency,
    Relationship,
    SsnMissing,
)
from app.web.forms import choices

WORDS: dict[str, Any] = {
    EmployeeStatus.ACTIVE: _l("Active"), EmployeeStatus.INACTIVE: _l("On leave"), EmployeeStatus.SUSPENDED: _l("Suspended"),
    EmployeeStatus.TERMINATED: _l("Terminated"),
    DependentStatus.AGED_OUT: _l("Aged out"),
    Gender.MALE: _l("Male"), Gender.FEMALE: _l("Female"), Gender.OTHER: _l("Other"), Gender.UNDISCLOSED: _l("Prefer not to say"),
    Relationship.SPOUSE: _l("Spouse"), Relationship.CHILD: _l("Child"), Relationship.DOMESTIC_PARTNER: _l("Domestic partner"),
    PayFrequency.WEEKLY: _l("Weekly"), PayFrequency.BIWEEKLY: _l("Every two weeks"),
    PayFrequency.SEMIMONTHLY: _l("Twice a month"), PayFrequency.MONTHLY: _l("Monthly"),
    EmploymentType.FULL_TIME: _l("Full time"), EmploymentType.PART_TIME: _l("Part time"), EmploymentType.TEMPORARY: _l("Temporary"),
    MaritalStatus.SINGLE: _l("Single"), MaritalStatus.MARRIED: _l("Married"), MaritalStatus.DIVORCED: _l("Divorced"),
    MaritalStatus.WIDOWED: _l("Widowed"), MaritalStatus.SEPARATED: _l("Separated"),
    ImportState.UPLOADED: _l("Choose columns"), ImportState.CHECKING: _l("Checking"), ImportState.CHECKED: _l("Ready to import"),
    ImportState.APPLYING: _l("Importing"), ImportState.APPLIED: _l("Imported"), ImportState.FAILED: _l("Cannot be read"),
    ImportState.DISCARDED: _l("Discarded"),
    "en": _l("English"), "es": _l("Spanish"), "yes": _l("Yes"), "no": _l("No"),
}  # fmt: skip
SSN_MISSING: dict[str, Any] = {  # "applied" is a word of imports too
    SsnMissing.NEWBORN: _l("Newborn, no number yet"),
    SsnMissing.APPLIED: _l("Applied for, not received yet"),
    SsnMissing.NONE: _l("Has no Social Security number"),
}
TONES = {
    EmployeeStatus.ACTIVE: "good", EmployeeStatus.INACTIVE: "warn", EmployeeStatus.SUSPENDED: "warn",
    EmployeeStatus.TERMINATED: "neutral", ImportState.UPLOADED: "info", ImportState.CHECKING: "info",
    ImportState.CHECKED: "warn", ImportState.APPLYING: "info", ImportState.APPLIED: "good", ImportState.FAILED: "bad",
    ImportState.DISCARDED: "neutral",
}  # fmt: skip


def word(value: Any) -> str:
    """A stored word in the language of the page."""
    return str(WORDS.get(value, value or ""))


def no_ssn(value: Any) -> str:
    """Why somebody has no Social Security number, in the language of the page."""
    return str(SSN_MISSING.get(value, ""))


def tag(value: Any) -> tuple[str, str]:
    """Word and tone of a status tag."""
    return word(value), TONES.get(value, "neutral")


def options(words: Any, first: Any = None) -> list[Any]:
    """Choices of a select; `first` is the label of the empty one."""
    table = SSN_MISSING if words is SsnMissing else WORDS
    pairs = [(member.value, table.get(member, member.value)) for member in words]
    return choices([("", first), *pairs] if first is not None else pairs)
