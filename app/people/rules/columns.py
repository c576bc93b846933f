"""The columns of an employee file: what they are called elsewhere, and how their text becomes a value.

A parser returns the value, or raises ValueError with a message that says what to do and never repeats the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, NamedTuple

from app.people.rules.identity import digits_of
from app.people.rules.words import EmployeeStatus, EmploymentType, Gender, MaritalStatus, PayFrequency

NEEDED = ("employee_number", "first_name", "last_name", "hired_on")
EMPTY_WORDS = frozenset({"-", "--", "n/a", "#n/a"})  # "Null", "None" and "Na" are family names


def key_of(text: str) -> str:
    """A heading or word without case, spaces and punctuation."""
    return "".join(c for c in text.casefold() if c.isalnum())


# --- parsers ----------------------------------------------------------------------------------------------------

_ISO = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?:[T ]00:00(?::00(?:\.0+)?)?)?")
_US = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_SHORT_YEAR = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2}")


@lru_cache(maxsize=20_000)
def day(text: str) -> date:
    """`2026-03-27`, `20260327` or `3/27/2026`."""
    found = _ISO.fullmatch(text)
    if found:
        year, month, number = found.groups()
    else:
        found = _US.fullmatch(text)
        if not found:
            short = _SHORT_YEAR.fullmatch(text)
            raise ValueError("Write the year with 4 digits" if short else "Write the date like 2026-03-27 or 3/27/2026")
        month, number, year = found.groups()
    try:
        return date(int(year), int(month), int(number))
    except ValueError:
        raise ValueError("Write a date that exists, with the month first, like 3/27/2026") from None


def amount(text: str) -> Decimal:
    """`61,500.00` or `$61500`."""
    plain = text.replace("$", "").replace(",", "").replace(" ", "")
    if not re.fullmatch(r"\d{1,8}(\.\d{1,4})?", plain):
        raise ValueError("Write the yearly salary in dollars, like 61500")
    return Decimal(plain).quantize(Decimal("0.01"))


def hours(text: str) -> Decimal:
    try:
        value = Decimal(text)
        if value.is_finite() and 0 <= value <= 168:
            return value.quantize(Decimal("0.01"))
    except InvalidOperation:
        pass
    raise ValueError("Write the hours of a week as a number, like 37.5")


def nine_digits(text: str) -> str:
    """An SSN's digits. Excel drops leading zeros of numbers, so eight or seven digits are filled up."""
    digits = digits_of(text)
    return digits.zfill(9) if digits == text and 7 <= len(digits) < 9 else digits


def zip_code(text: str) -> str:
    return text.zfill(5) if text.isdigit() and 3 <= len(text) < 5 else text


def yes_no(text: str) -> bool:
    found = {"yes": True, "y": True, "true": True, "1": True, "no": False, "n": False, "false": False, "0": False}.get(
        key_of(text)
    )
    if found is None:
        raise ValueError("Write yes or no")
    return found


def _word(table: dict[str, str], message: str) -> Callable[[str], str]:
    known = {key_of(word): value for word, value in table.items()}

    def parse(text: str) -> str:
        found = known.get(key_of(text))
        if found is None:
            raise ValueError(message)
        return found

    return parse


def _words_of(words: type[Any], **more: str) -> dict[str, str]:
    return {member.value: member.value for member in words} | more


GENDERS = _words_of(
    Gender,
    m="male",
    man="male",
    f="female",
    woman="female",
    x="other",
    nonbinary="other",
    undisclosed="prefer_not_to_say",
    unknown="prefer_not_to_say",
    u="prefer_not_to_say",
)
STATUSES = _words_of(
    EmployeeStatus,
    a="active",
    current="active",
    leave="inactive",
    onleave="inactive",
    loa="inactive",
    t="terminated",
    left="terminated",
    former="terminated",
)
TYPES = _words_of(
    EmploymentType,
    ft="full_time",
    full="full_time",
    regular="full_time",
    regularfulltime="full_time",
    pt="part_time",
    part="part_time",
    regularparttime="part_time",
    temp="temporary",
    seasonal="temporary",
    contract="temporary",
)
FREQUENCIES = _words_of(
    PayFrequency,
    everytwoweeks="biweekly",
    everyotherweek="biweekly",
    twiceamonth="semimonthly",
    twicemonthly="semimonthly",
    w="weekly",
    b="biweekly",
    s="semimonthly",
    m="monthly",
)
MARITAL = _words_of(MaritalStatus, s="single", m="married", d="divorced", w="widowed", partner="domestic_partner")
LANGUAGES = {"en": "en", "eng": "en", "english": "en", "es": "es", "spa": "es", "spanish": "es", "español": "es"}


class Column(NamedTuple):
    """A field an employee file may fill.

    `parse` is None for text that is kept as it is. `names` are headings other systems use, already as `key_of`.
    """

    field: str
    label: str
    parse: Callable[[str], Any] | None
    names: tuple[str, ...]
    example: str = ""


def _column(field: str, label: str, parse: Callable[[str], Any] | None, names: str, example: str = "") -> Column:
    keys = (key_of(field), key_of(label), *names.split())
    return Column(field, label, parse, tuple(dict.fromkeys(keys)), example)


COLUMNS: tuple[Column, ...] = (
    _column("employee_number", "Employee number", None, "employeeid empid empno employeeno workerid associateid personnelnumber file fileno filenumber eeid id eenumber badgenumber", "1042"),
    _column("first_name", "First name", None, "firstname givenname fname first legalfirstname forename nombre", "Ana"),
    _column("middle_name", "Middle name", None, "middlename middle mname middleinitial mi"),
    _column("last_name", "Last name", None, "lastname surname familyname lname last legallastname apellido", "Lopez"),
    _column("date_of_birth", "Date of birth", day, "dob birthdate birthday born dateofbirth birth", "1986-03-27"),
    _column("ssn", "Social Security number", nine_digits, "ssn socialsecurity socialsecuritynumber ssnno taxpayerid ssntin nationalid"),
    _column("gender", "Gender", _word(GENDERS, "Write male, female, other or prefer not to say"), "gender sex"),
    _column("marital_status", "Marital status", _word(MARITAL, "Write single, married, domestic partner, divorced, widowed or separated"), "maritalstatus married"),
    _column("tobacco_user", "Tobacco user", yes_no, "tobacco smoker tobaccouse tobaccouser"),
    _column("work_email", "Work e-mail", None, "email workemail emailaddress mail businessemail companyemail primaryemail"),
    _column("phone", "Phone", None, "phonenumber mobile mobilephone cell cellphone homephone telephone primaryphone workphone"),
    _column("address_line1", "Address", None, "address1 addressline1 street streetaddress street1 homeaddress addr1 mailingaddress"),
    _column("address_line2", "Address, second line", None, "address2 addressline2 street2 apt apartment unit suite addr2"),
    _column("city", "City", None, "town homecity"),
    _column("state", "State", str.upper, "stateprovince province homestate statecode st"),
    _column("zip_code", "ZIP code", zip_code, "zip zipcode postalcode postcode homezip"),
    _column("hired_on", "Date of hire", day, "hiredate datehired startdate originalhiredate doh hired dateofhire employmentstartdate servicedate", "2024-01-08"),
    _column("terminated_on", "Last day of work", day, "terminationdate termdate enddate separationdate dateofseparation lastday lastdayworked dot"),
    _column("status", "Status", _word(STATUSES, "Write active, inactive, suspended or terminated"), "employeestatus employmentstatus workerstatus empstatus"),
    _column("employment_type", "Full or part time", _word(TYPES, "Write full time, part time or temporary"), "employmenttype workertype fulltimeparttime ftpt employeetype fullparttime timetype"),
    _column("weekly_hours", "Hours per week", hours, "weeklyhours hoursperweek standardhours scheduledhours scheduledweeklyhours hours"),
    _column("annual_salary", "Yearly salary", amount, "annualsalary salary basesalary annualpay annualrate yearlypay annualbasepay annualcompensation baseannualsalary"),
    _column("pay_frequency", "Pay frequency", _word(FREQUENCIES, "Write weekly, biweekly, semimonthly or monthly"), "payfrequency paycycle payperiod payschedule paygroupfrequency"),
    _column("job_title", "Job title", None, "jobtitle title position positiontitle businesstitle job"),
    _column("employee_class", "Benefit class", None, "employeeclass benefitclass benefitsclass class benefitgroup"),
    _column("department", "Department", None, "dept departmentname departmentcode homedepartment costcenter division team"),
    _column("region", "Region", None, "location worklocation office site branch regioncode"),
    _column("manager_number", "Manager's employee number", None, "managerid manager supervisorid supervisor reportsto manageremployeenumber managerno managerempid managernumber managersemployeenumber", "1001"),
    _column("preferred_language", "Language", _word(LANGUAGES, "Write English or Spanish"), "language preferredlanguage lang locale"),
)  # fmt: skip
BY_FIELD = {column.field: column for column in COLUMNS}


def guess(headings: Sequence[str]) -> dict[str, str]:
    """Our field → the heading that most likely holds it. Each heading is used once; exact names win over parts."""
    keys = {heading: key_of(heading) for heading in headings}
    found: dict[str, str] = {}
    for column in COLUMNS:
        match = next(
            (h for name in column.names for h, key in keys.items() if key == name and h not in found.values()), None
        )
        if match is not None:
            found[column.field] = match
    for column in COLUMNS:
        if column.field not in found:
            match = next((h for h, key in keys.items() if h not in found.values() and _contains(column, key)), None)
            if match is not None:
                found[column.field] = match
    return found


def _contains(column: Column, key: str) -> bool:
    """`employeefirstname` holds `firstname`. Short names would match by accident."""
    return any(len(name) >= 7 and (name in key) for name in column.names)


def missing_columns(mapping: dict[str, str]) -> list[str]:
    return [field for field in NEEDED if not mapping.get(field)]


def unique_headings(cells: Sequence[str]) -> list[str]:
    """Headings as a person can tell them apart: empty ones get a number, repeated ones a suffix."""
    seen: dict[str, int] = {}
    found: list[str] = []
    for position, cell in enumerate(cells, 1):
        heading = " ".join(cell.split())[:80] or f"Column {position}"
        seen[heading] = seen.get(heading, 0) + 1
        found.append(heading if seen[heading] == 1 else f"{heading} ({seen[heading]})")
    return found
