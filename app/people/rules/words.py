"""The words of the people domain; values are what the database stores."""

from __future__ import annotations

from enum import StrEnum


class Gender(StrEnum):
    MALE = "male"
    FEMALE = "female"
    OTHER = "other"
    UNDISCLOSED = "prefer_not_to_say"


class EmployeeStatus(StrEnum):
    ACTIVE = "active"
    INACTIVE = "inactive"  # on leave
    SUSPENDED = "suspended"
    TERMINATED = "terminated"


class Relationship(StrEnum):
    SPOUSE = "spouse"
    CHILD = "child"
    DOMESTIC_PARTNER = "domestic_partner"
    OTHER = "other"


class DependentStatus(StrEnum):
    ACTIVE = "active"
    INACTIVE = "inactive"
    AGED_OUT = "aged_out"


class SsnMissing(StrEnum):
    """Why a dependent has no Social Security number (yet)."""

    NEWBORN = "newborn"
    APPLIED = "applied"
    NONE = "none"


class PayFrequency(StrEnum):
    WEEKLY = "weekly"
    BIWEEKLY = "biweekly"
    SEMIMONTHLY = "semimonthly"
    MONTHLY = "monthly"


class EmploymentType(StrEnum):
    FULL_TIME = "full_time"
    PART_TIME = "part_time"
    TEMPORARY = "temporary"


class MaritalStatus(StrEnum):
    SINGLE = "single"
    MARRIED = "married"
    DOMESTIC_PARTNER = "domestic_partner"
    DIVORCED = "divorced"
    WIDOWED = "widowed"
    SEPARATED = "separated"


class ImportState(StrEnum):
    UPLOADED = "uploaded"
    CHECKING = "checking"
    CHECKED = "checked"  # the dry run is done, waits for a person
    APPLYING = "applying"
    APPLIED = "applied"
    FAILED = "failed"
    DISCARDED = "discarded"


STATES = frozenset(
    [
        "AL",
        "AK",
        "AZ",
        "AR",
        "CA",
        "CO",
        "CT",
        "DE",
        "DC",
        "FL",
        "GA",
        "HI",
        "ID",
        "IL",
        "IN",
        "IA",
        "KS",
        "KY",
        "LA",
        "ME",
        "MD",
        "MA",
        "MI",
        "MN",
        "MS",
        "MO",
        "MT",
        "NE",
        "NV",
        "NH",
        "NJ",
        "NM",
        "NY",
        "NC",
        "ND",
        "OH",
        "OK",
        "OR",
        "PA",
        "RI",
        "SC",
        "SD",
        "TN",
        "TX",
        "UT",
        "VT",
        "VA",
        "WA",
        "WV",
        "WI",
        "WY",
        "AS",
        "GU",
        "MP",
        "PR",
        "VI",
    ]
)
