"""Where our fields stand in ADP's JSON. A worker may hold several assignments: the primary one speaks for the person."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from app.integrations.sync.mapping import Codes, Fields, Raw, at
from app.integrations.sync.records import Employment

PRIMARY = "workAssignments[?primaryIndicator] | [0]"
_STATUS = f"({PRIMARY}.assignmentStatus.statusCode.codeValue) || workerStatus.statusCode.codeValue"
_EMPLOYMENT = Codes(
    _STATUS,
    {
        "A": Employment.ACTIVE, "Active": Employment.ACTIVE, "L": Employment.LEAVE, "Leave": Employment.LEAVE,
        "T": Employment.TERMINATED, "Terminated": Employment.TERMINATED,
    },
    Employment.UNKNOWN,
)  # fmt: skip
_HIRED = f"workerDates.rehireDate || ({PRIMARY}.hireDate) || workerDates.originalHireDate"


def day(path: str) -> Callable[[Raw], date | None]:
    """A date, or the date of a moment. Without the permission to see it ADP writes the year 0000, which is none."""

    def found(raw: Raw) -> date | None:
        text = at(raw, path)
        return date.fromisoformat(text[:10]) if text and not text.startswith("0000") else None

    return found


def ssn_of(raw: Raw) -> str | None:
    """Nine digits; `XXX-XX-1234` is none."""
    digits = re.sub(r"\D", "", at(raw, "person.governmentIDs[?nameCode.codeValue=='SSN'] | [0].idValue") or "")
    return digits if len(digits) == 9 else None


def state_of(raw: Raw) -> str | None:
    """`US-NJ` is NJ."""
    found = at(raw, "person.legalAddress.countrySubdivisionLevel1.codeValue")
    return str(found).rpartition("-")[2] if found else None


def last_day_of(raw: Raw) -> date | None:
    """Of this employment: somebody who came back keeps the end of the one before."""
    ended = day(f"({PRIMARY}.terminationDate) || workerDates.terminationDate")(raw)
    hired = day(_HIRED)(raw)
    return None if ended and hired and ended < hired else ended


def salary_of(raw: Raw) -> Decimal | None:
    """ADP writes 0 for who is paid by the hour."""
    amount = at(raw, f"{PRIMARY}.baseRemuneration.annualRateAmount.amountValue")
    return Decimal(amount) if amount and Decimal(amount) else None


WORKER: Fields = {
    "employee_number": "workerID.idValue",
    "first_name": "person.legalName.givenName",
    "middle_name": "person.legalName.middleName",
    "last_name": "person.legalName.familyName1",
    "work_email": "businessCommunication.emails[0].emailUri",
    "phone": (
        "businessCommunication.mobiles[0].formattedNumber || businessCommunication.landlines[0].formattedNumber"
        " || person.communication.mobiles[0].formattedNumber"
    ),
    "date_of_birth": day("person.birthDate"),
    "ssn": ssn_of,
    "gender": Codes("person.genderCode.codeValue", {"M": "male", "F": "female"}),
    "marital_status": Codes(
        "person.maritalStatusCode.codeValue", {"S": "single", "M": "married", "D": "divorced", "W": "widowed"}
    ),
    "address_line1": "person.legalAddress.lineOne",
    "address_line2": "person.legalAddress.lineTwo",
    "city": "person.legalAddress.cityName",
    "state": state_of,
    "zip_code": "person.legalAddress.postalCode",
    "country": "person.legalAddress.countryCode",
    "status": _EMPLOYMENT,
    "hired_on": day(_HIRED),
    "terminated_on": last_day_of,
    "termination_reason": f"{PRIMARY}.assignmentStatus.reasonCode | (shortName || codeValue)",
    "employment_type": Codes(
        f"{PRIMARY}.workerTypeCode | (shortName || codeValue)",
        {"F": "full_time", "Full Time": "full_time", "Full-Time": "full_time", "P": "part_time", "Part Time": "part_time",
         "Part-Time": "part_time", "T": "temporary", "Temporary": "temporary"},
    ),
    "pay_frequency": Codes(
        f"{PRIMARY}.payCycleCode.codeValue", {"W": "weekly", "B": "biweekly", "S": "semimonthly", "M": "monthly"}
    ),
    "annual_salary": salary_of,
    "job_title": f"{PRIMARY} | (jobTitle || jobCode.shortName)",
    "department": f"{PRIMARY}.homeOrganizationalUnits[?typeCode.codeValue=='Department'] | [0].nameCode.codeValue",
    "manager": f"{PRIMARY}.reportsTo[0].associateOID",
}  # fmt: skip

LISTED: Fields = {"name": "shortName || longName || codeValue", "code": "codeValue"}

LEAVE: Fields = {
    "employee": "associateOID",
    "starts_on": day("leaveAbsence.startDateTime"),
    "ends_on": day("leaveAbsence.endDateTime || leaveAbsence.expectedEndDateTime"),
    "kind": "leaveAbsence.leaveTypeCode | (shortName || codeValue)",
    "approved": "isOn",  # ours: ADP's own status of the worker says so today
}
