"""Sterling's codes in our words. A code that stands in no table is `unmapped`: it alerts, and it is never clear."""

from __future__ import annotations

from app.integrations.screening import Result, Status

SCREENING = {
    "new": Status.WAITING_CANDIDATE,  # every order of ours invites
    "pending": Status.IN_PROGRESS,
    "complete": Status.COMPLETE,
}

ITEM = {"pending": Status.IN_PROGRESS, "complete": Status.COMPLETE}

# `no data`, `error`, `success` and `complete` are results of single searches whose meaning nobody has written down.
RESULT = {"n/a": Result.NONE, "clear": Result.CLEAR, "alert": Result.CONSIDER}

# Not part of the consumer report; has no result of its own.
NOT_REPORTABLE = frozenset({"ssn trace"})
