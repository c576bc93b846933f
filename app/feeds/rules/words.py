"""The words of the feeds domain. "Accepted by syntax" is never covered."""

from __future__ import annotations

from enum import StrEnum


class ChangeKind(StrEnum):
    ADD = "add"
    CHANGE = "change"
    TERMINATE = "terminate"
    REINSTATE = "reinstate"
    DEMOGRAPHIC = "demographic"


class ChangeStatus(StrEnum):
    """Per change and carrier."""

    DRAFT = "draft"  # our own gate found this person's data wrong; waits for a correction
    READY = "ready"
    SENT = "sent"
    SYNTAX_ACCEPTED = "syntax_accepted"
    SYNTAX_REJECTED = "syntax_rejected"
    CONFIRMED = "confirmed"
    DISCREPANCY = "discrepancy"
    NETTED = "netted"  # undone or overtaken by a later change before it was sent
    MANUAL = "manual"  # waits in the manual-fulfillment queue


class FileState(StrEnum):
    BUILDING = "building"  # row and control numbers exist, bytes not yet
    REFUSED = "refused"  # our own gate found it wrong; never leaves
    HELD = "held"  # over the threshold: a second person must release it
    READY = "ready"
    SENT = "sent"
    ACCEPTED = "accepted"
    PARTIAL = "partial"
    REJECTED = "rejected"
    CANCELED = "canceled"


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    FAILURE = "failure"


class Owner(StrEnum):
    EMPLOYEE = "employee"
    HR = "hr"
    CARRIER = "carrier"
    BROKER = "broker"


class DiscrepancyState(StrEnum):
    OPEN = "open"
    RESOLVED = "resolved"
    AUTO_CLOSED = "auto_closed"


class Code(StrEnum):
    """How the carrier's data can differ from ours."""

    MISSING = "missing-at-carrier"
    UNKNOWN = "unknown-at-employer"
    STILL_ACTIVE = "active-after-end"
    ENDED_THERE = "ended-at-carrier"
    PLAN = "plan-differs"
    TIER = "tier-differs"
    START = "start-differs"
    END = "end-differs"
    NAME = "name-differs"
    BIRTH = "birth-date-differs"
    SSN = "ssn-differs"
