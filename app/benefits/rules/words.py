"""The words of the benefits domain, as the specification spells them (values are stored in lower snake case)."""

from __future__ import annotations

from enum import StrEnum


class CoverageType(StrEnum):
    HEALTH = "health"
    DENTAL = "dental"
    VISION = "vision"
    LIFE = "life"
    ADD = "ad_and_d"
    SHORT_TERM_DISABILITY = "short_term_disability"
    LONG_TERM_DISABILITY = "long_term_disability"
    ACCIDENT = "accident"
    CRITICAL_ILLNESS = "critical_illness"
    HOSPITAL_INDEMNITY = "hospital_indemnity"


class Tier(StrEnum):
    """Coverage tier (X12 HD05 code)."""

    EMPLOYEE = "EMP"
    EMPLOYEE_SPOUSE = "ESP"
    EMPLOYEE_CHILDREN = "ECH"
    FAMILY = "FAM"


class Relation(StrEnum):
    """Relationship of a covered person to the employee, as people spells it."""

    SPOUSE = "spouse"
    CHILD = "child"
    DOMESTIC_PARTNER = "domestic_partner"
    OTHER = "other"


class BeneficiaryKind(StrEnum):
    PRIMARY = "primary"
    CONTINGENT = "contingent"


class EndsAt(StrEnum):
    """When coverage ends after the last day of work."""

    END_OF_MONTH = "end_of_month"
    LAST_DAY = "last_day"


class NetworkType(StrEnum):
    PPO = "PPO"
    HMO = "HMO"
    EPO = "EPO"
    POS = "POS"
    INDEMNITY = "Indemnity"
    OUT_OF_NETWORK = "Out of Network"


class PlanTier(StrEnum):
    BASIC = "basic"
    STANDARD = "standard"
    ENHANCED = "enhanced"
    PREMIUM = "premium"


class EnrollmentType(StrEnum):
    NEW_HIRE = "new_hire"
    OPEN_ENROLLMENT = "open_enrollment"
    QUALIFYING_LIFE_EVENT = "qualifying_life_event"
    SPECIAL_ENROLLMENT = "special_enrollment"
    TERMINATION = "termination"
    COVERAGE_CHANGE = "coverage_change"


class EnrollmentStatus(StrEnum):
    PENDING = "pending"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    CANCELED = "canceled"
    ACTIVE = "active"
    TERMINATED = "terminated"
    ON_HOLD = "on_hold"


class Election(StrEnum):
    ELECT = "elect"
    WAIVE = "waive"
    KEEP = "keep"


class ContributionType(StrEnum):
    PRE_TAX = "pre_tax"
    POST_TAX = "post_tax"
    EMPLOYER_PAID = "employer_paid"
    EMPLOYEE_PAID = "employee_paid"
    SHARED = "shared"


class ContributionFrequency(StrEnum):
    PAY_PERIOD = "pay_period"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    ANNUALLY = "annually"


class CarrierStatus(StrEnum):
    """Where the change stands at the carrier. SYNTAX_ACCEPTED (a 999 "A") never means covered."""

    NONE = "none"  # nothing to tell the carrier (waived, or not yet approved)
    READY = "ready"
    SENT = "sent"
    SYNTAX_ACCEPTED = "syntax_accepted"
    SYNTAX_REJECTED = "syntax_rejected"
    CONFIRMED = "confirmed"  # the carrier's own data agrees
    DISCREPANCY = "discrepancy"
