"""Accurate's codes in our words. A code that stands in no table is `unmapped`: it alerts, and it is never clear."""

from __future__ import annotations

from app.integrations.screening import Result, Status

ORDER = {
    "incomplete": Status.WAITING_CANDIDATE,
    "pending": Status.IN_PROGRESS,
    "complete": Status.COMPLETE,
    "cancelled": Status.CANCELED,
}

SEARCH = {"pending": Status.IN_PROGRESS, "complete": Status.COMPLETE, "cancelled": Status.CANCELED}

# Without scoring the result of an order is empty. An account can give these other names: then the settings say which.
ORDER_RESULT = {
    "pending": Result.NONE,
    "cancelled": Result.NONE,
    "pass": Result.CLEAR,
    "meets requirements": Result.CLEAR,
    "needs review": Result.CONSIDER,
    "fail": Result.CONSIDER,
}

# A search that gives no flags (a national database, a driving record) says "not applicable": a person reads the report.
SEARCH_RESULT = {
    "not applicable": Result.NONE,
    "no record found": Result.CLEAR,
    "record found": Result.CONSIDER,
}

# The address trace by Social Security number is no part of the consumer report.
NOT_REPORTABLE = frozenset({"MOV"})
