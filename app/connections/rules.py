"""Decisions about connections: phases, and what a failure means for the person who must act."""

from __future__ import annotations

from enum import StrEnum

from app.core.errors import Conflict
from app.integrations.api import Environment

__all__ = [
    "PREVIOUS", "STEPS", "ConnectionStatus", "DataRegion", "Environment", "InboxState", "Phase", "SignInState", "phase_step",
]  # fmt: skip

PREVIOUS = "previous"
"""Among the credentials: those that were replaced and that the provider may still sign with, until a person says otherwise."""


class ConnectionStatus(StrEnum):
    CONNECTED = "connected"
    DISCONNECTED = "disconnected"
    ERROR = "error"
    TESTING = "testing"
    MAINTENANCE = "maintenance"


class Phase(StrEnum):
    """Where a feed stands: test files, parallel to the old way, or live. Only PRODUCTION sends ISA15 = P."""

    TEST = "test"
    PARALLEL = "parallel"
    PRODUCTION = "production"


class DataRegion(StrEnum):
    """Where a provider keeps what we send it, as its contract says. A label for people: nothing is routed by it."""

    NOT_STATED = "not stated"
    US = "us"
    CANADA = "ca"
    EU = "eu"
    UK = "uk"
    AUSTRALIA = "au"
    OTHER = "other"


class SignInState(StrEnum):
    """One trip of a person to the provider's sign-in and back."""

    OUT = "out"
    BACK = "back"  # with a code, for which a job fetches the token
    DONE = "done"
    FAILED = "failed"


class InboxState(StrEnum):
    RECEIVED = "received"
    APPLIED = "applied"
    REFUSED = "refused"  # read, understood to be wrong; a person looks
    UNMAPPED = "unmapped"  # nobody knows what it is; a person looks


STEPS: dict[Phase, frozenset[Phase]] = {
    Phase.TEST: frozenset({Phase.PARALLEL}),
    Phase.PARALLEL: frozenset({Phase.TEST, Phase.PRODUCTION}),
    Phase.PRODUCTION: frozenset(),
}
"""Production is not left: stop the connection instead, or the carrier would hear test files about real people."""


def phase_step(now: str, then: str) -> Phase:
    """The next phase. Raises Conflict when it cannot follow."""
    if then not in STEPS[Phase(now)]:
        raise Conflict(f"a connection in {now} cannot go to {then}")
    return Phase(then)


class CopyState(StrEnum):
    """A copy of a document in a company's drive."""

    WAITING = "waiting"
    KEPT = "kept"
    FAILED = "failed"


DOCUMENT_FOLDERS = {"benefits.confirmation": "Benefit confirmations"}
"""Kinds of documents that can be copied, and the folder of each; the year is a folder below it."""
