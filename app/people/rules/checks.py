"""What the fields of an employee or dependent may hold. A message says what to do next and never repeats the value.

Messages are English; pages show them through gettext.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from app.people.rules.identity import digits_of, looks_like_ssn, possible_routing, possible_ssn
from app.people.rules.words import (
    STATES,
    EmployeeStatus,
    EmploymentType,
    Gender,
    MaritalStatus,
    PayFrequency,
    Relationship,
    SsnMissing,
)

YOUNGEST_EMPLOYEE = 14  # 29 CFR 570.2: the general minimum age of employment
OLDEST_PERSON = 120
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_ZIP = re.compile(r"\d{5}(-?\d{4})?")


class Setting(NamedTuple):
    """What a check may depend on beside the value."""

    today: date
    strict: bool  # production: only SSNs that can exist


def age(born_on: date, on: date) -> int:
    """Completed years; somebody born on February 29 turns a year older on March 1."""
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))


def _text(longest: int, message: str) -> Callable[[Any, Setting], str]:
    return lambda value, _setting: "" if len(value) <= longest and value.isprintable() else message


def _one_of(words: type[Any], message: str) -> Callable[[Any, Setting], str]:
    known = frozenset(member.value for member in words)
    return lambda value, _setting: "" if value in known else message


_short_number = _text(40, "Enter an employee number of at most 40 characters")


def _number(value: str, setting: Setting) -> str:
    if looks_like_ssn(value) and not value.isdigit():
        return "Use an employee number that is not a Social Security number"
    return _short_number(value, setting)


def _ssn(value: str, setting: Setting) -> str:
    if len(value) != 9 or not value.isdigit():
        return "Enter a Social Security number with 9 digits, like 123-45-6789"
    good = possible_ssn(value, strict=setting.strict)
    return "" if good else "Check the Social Security number: this one is never issued"


def _born(value: date, setting: Setting) -> str:
    if value > setting.today:
        return "Enter a date of birth in the past"
    return "" if age(value, setting.today) <= OLDEST_PERSON else "Check the year of birth"


def _phone(value: str, _setting: Setting) -> str:
    good = 10 <= len(digits_of(value)) <= 15 and len(value) <= 40
    return "" if good else "Enter a phone number with area code, like 555-010-7788"


def _email(value: str, _setting: Setting) -> str:
    good = len(value) <= 254 and _EMAIL.fullmatch(value)
    return "" if good else "Enter an e-mail address, like name@example.com"


def _zip(value: str, _setting: Setting) -> str:
    return "" if _ZIP.fullmatch(value) else "Enter a ZIP code with 5 or 9 digits"


def _state(value: str, _setting: Setting) -> str:
    return "" if value in STATES else "Enter the two letters of the state, like CA"


def _salary(value: Decimal, _setting: Setting) -> str:
    return "" if 0 <= value < 100_000_000 else "Enter the yearly salary in dollars, like 61500"


def _hours(value: Decimal, _setting: Setting) -> str:
    return "" if 0 <= value <= 168 else "Enter the hours of a week, from 0 to 168"


def _routing(value: str, _setting: Setting) -> str:
    return "" if possible_routing(value) else "Check the routing number: its 9 digits do not fit together"


def _account(value: str, _setting: Setting) -> str:
    return "" if re.fullmatch(r"[0-9]{4,17}", value) else "Enter an account number of 4 to 17 digits"


_NAME = _text(100, "Enter a name of at most 100 characters")
_LINE = _text(200, "Enter at most 200 characters")

PERSON: dict[str, Callable[[Any, Setting], str]] = {
    "first_name": _NAME, "last_name": _NAME, "middle_name": _NAME, "date_of_birth": _born, "ssn": _ssn,
    "gender": _one_of(Gender, "Use male, female, other or prefer not to say"),
    "blood_type": _LINE, "allergies": lambda _v, _s: "", "medical_conditions": lambda _v, _s: "",
}  # fmt: skip
EMPLOYEE: dict[str, Callable[[Any, Setting], str]] = PERSON | {
    "employee_number": _number, "member_number": _text(40, "Enter a member number of at most 40 characters"),
    "work_email": _email, "phone": _phone, "alternate_phone": _phone, "emergency_contact_phone": _phone,
    "emergency_contact_name": _NAME, "emergency_contact_relation": _NAME,
    "address_line1": _LINE, "address_line2": _LINE, "city": _NAME, "state": _state, "zip_code": _zip,
    "country": _NAME, "job_title": _LINE, "employee_class": _NAME, "termination_reason": _LINE,
    "bank_account": _account, "bank_routing": _routing, "annual_salary": _salary, "weekly_hours": _hours,
    "marital_status": _one_of(MaritalStatus, "Use single, married, domestic partner, divorced, widowed or separated"),
    "status": _one_of(EmployeeStatus, "Use active, inactive, suspended or terminated"),
    "employment_type": _one_of(EmploymentType, "Use full time, part time or temporary"),
    "pay_frequency": _one_of(PayFrequency, "Use weekly, biweekly, semimonthly or monthly"),
    "preferred_language": lambda value, _s: "" if value in ("en", "es") else "Use English or Spanish",
}  # fmt: skip
DEPENDENT: dict[str, Callable[[Any, Setting], str]] = PERSON | {
    "relationship": _one_of(Relationship, "Select how this person is related"),
    "ssn_missing_reason": _one_of(SsnMissing, "Select why there is no Social Security number"),
}

NEEDED = {
    "employee_number": "Enter an employee number",
    "first_name": "Enter a first name",
    "last_name": "Enter a last name",
    "hired_on": "Enter the date of hire",
}
NEEDED_DEPENDENT = {
    "first_name": "Enter a first name",
    "last_name": "Enter a last name",
    "date_of_birth": "Enter the date of birth",
    "relationship": "Select how this person is related",
}


def problems_of(
    values: Mapping[str, Any], checks: Mapping[str, Callable[[Any, Setting], str]], setting: Setting
) -> dict[str, str]:
    """Field → message of every value that cannot be kept. Empty values are always possible here."""
    found: dict[str, str] = {}
    for field, value in values.items():
        check = checks.get(field)
        if check is not None and value is not None and value != "":
            message = check(value, setting)
            if message:
                found[field] = message
    return found


def missing(values: Mapping[str, Any], needed: Mapping[str, str]) -> dict[str, str]:
    return {field: message for field, message in needed.items() if not values.get(field)}


def conflicts(values: Mapping[str, Any]) -> dict[str, str]:
    """What does not fit together in an employee: dates before each other, too young, a number that is the SSN."""
    found: dict[str, str] = {}
    born, hired, left = values.get("date_of_birth"), values.get("hired_on"), values.get("terminated_on")
    if hired and left and left < hired:
        found["terminated_on"] = "Enter a last day that is not before the date of hire"
    if born and hired and age(born, hired) < YOUNGEST_EMPLOYEE:
        found["date_of_birth"] = "Check the date of birth: the person would be under 14 at hire"
    ssn = values.get("ssn")
    if ssn and values.get("member_number") and digits_of(values["member_number"]) == ssn:
        found["member_number"] = "Use a member number that is not the Social Security number"
    if ssn and values.get("employee_number") and digits_of(values["employee_number"]) == ssn:
        found["employee_number"] = "Use an employee number that is not the Social Security number"
    if values.get("status") == EmployeeStatus.TERMINATED and not left:
        found["terminated_on"] = "Enter the last day of work, because the status is terminated"
    return found


def dependent_conflicts(values: Mapping[str, Any], today: date) -> dict[str, str]:
    """A dependent has an SSN or a reason why not; "newborn" is one only in the first year of life."""
    reason, born = values.get("ssn_missing_reason"), values.get("date_of_birth")
    if values.get("ssn"):
        return {}
    if not reason:
        return {"ssn": "Enter the Social Security number, or say why there is none"}
    if reason == SsnMissing.NEWBORN and born and age(born, today) >= 1:
        return {"ssn_missing_reason": "Choose another reason: this person is older than one year"}
    return {}
