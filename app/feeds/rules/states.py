"""State tables: which step may follow which. Anything else is refused."""

from __future__ import annotations

from app.core.errors import Conflict
from app.feeds.rules.words import ChangeStatus, FileState

_F = FileState
FILE_STEPS: dict[FileState, frozenset[FileState]] = {
    _F.BUILDING: frozenset({_F.READY, _F.HELD, _F.REFUSED, _F.CANCELED}),
    _F.HELD: frozenset({_F.READY, _F.CANCELED}),
    _F.READY: frozenset({_F.SENT, _F.CANCELED}),
    _F.SENT: frozenset({_F.ACCEPTED, _F.PARTIAL, _F.REJECTED}),
    # An acknowledgement may get worse later, never better: good news is not inferred.
    _F.ACCEPTED: frozenset({_F.PARTIAL, _F.REJECTED}),
    _F.PARTIAL: frozenset({_F.REJECTED}),
    _F.REJECTED: frozenset(),
    _F.REFUSED: frozenset(),
    _F.CANCELED: frozenset(),
}

_C = ChangeStatus
CHANGE_STEPS: dict[ChangeStatus, frozenset[ChangeStatus]] = {
    _C.DRAFT: frozenset({_C.READY, _C.NETTED}),
    _C.READY: frozenset({_C.SENT, _C.NETTED, _C.DRAFT}),
    _C.MANUAL: frozenset({_C.SENT, _C.NETTED}),
    _C.SENT: frozenset({_C.SYNTAX_ACCEPTED, _C.SYNTAX_REJECTED, _C.CONFIRMED, _C.DISCREPANCY, _C.READY}),
    _C.SYNTAX_ACCEPTED: frozenset({_C.SYNTAX_REJECTED, _C.CONFIRMED, _C.DISCREPANCY, _C.READY}),
    _C.SYNTAX_REJECTED: frozenset({_C.READY, _C.NETTED}),
    _C.CONFIRMED: frozenset({_C.DISCREPANCY, _C.READY}),
    _C.DISCREPANCY: frozenset({_C.CONFIRMED, _C.READY}),
    _C.NETTED: frozenset(),
}

UNSENT: frozenset[str] = frozenset({_F.BUILDING, _F.HELD, _F.READY})
"""File states that keep the next file of the same connection waiting: changes must arrive in order."""

ON_THE_WAY: frozenset[str] = frozenset({_F.SENT, _F.ACCEPTED, _F.PARTIAL, _F.REJECTED})
"""File states whose bytes have left."""

TOLD: frozenset[str] = frozenset({_C.SENT, _C.SYNTAX_ACCEPTED, _C.CONFIRMED, _C.DISCREPANCY})
"""Change states in which the carrier has been told (which is not the same as having understood)."""

OPEN: frozenset[str] = frozenset({_C.DRAFT, _C.READY, _C.SYNTAX_REJECTED, _C.MANUAL})
"""Change states that a newer change of the same coverage overtakes."""


def file_step(now: str, then: FileState) -> None:
    """Raises Conflict when a file may not go from `now` to `then`."""
    if then not in FILE_STEPS[FileState(now)]:
        raise Conflict(f"a file that is {now} cannot become {then}")


def may_change(now: str, then: ChangeStatus) -> bool:
    return then in CHANGE_STEPS[ChangeStatus(now)]


def outcome(accepted: int, rejected: int, unknown: int) -> FileState:
    """What the answers to its transactions make of a file; one that was not answered counts as not accepted."""
    if not accepted:
        return FileState.REJECTED
    return FileState.PARTIAL if rejected or unknown else FileState.ACCEPTED
