"""Which carrier status may follow which. Reports from a carrier may come late, twice or out of order."""

from __future__ import annotations

from app.benefits.rules.words import CarrierStatus
from app.core.errors import Conflict

_C = CarrierStatus
FOLLOWS: dict[CarrierStatus, frozenset[CarrierStatus]] = {
    _C.NONE: frozenset({_C.READY, _C.CONFIRMED, _C.DISCREPANCY}),
    _C.READY: frozenset({_C.NONE, _C.SENT, _C.CONFIRMED, _C.DISCREPANCY}),
    _C.SENT: frozenset({_C.READY, _C.SYNTAX_ACCEPTED, _C.SYNTAX_REJECTED, _C.CONFIRMED, _C.DISCREPANCY}),
    _C.SYNTAX_ACCEPTED: frozenset({_C.READY, _C.SYNTAX_REJECTED, _C.CONFIRMED, _C.DISCREPANCY}),
    _C.SYNTAX_REJECTED: frozenset({_C.READY, _C.SENT, _C.SYNTAX_ACCEPTED, _C.CONFIRMED, _C.DISCREPANCY}),
    _C.CONFIRMED: frozenset({_C.READY, _C.DISCREPANCY}),
    _C.DISCREPANCY: frozenset({_C.READY, _C.SENT, _C.CONFIRMED}),
}
"""A late acknowledgement never takes a confirmation back; a new change (READY) starts over from anywhere."""


def moves(now: str, to: CarrierStatus) -> bool:
    """Whether the status changes: False when it is already so, or when the report is older than what we know.

    Raises:
        Conflict: the step makes no sense (a file was accepted that was never sent).
    """
    known = CarrierStatus(now)
    if known is to or (known in (_C.CONFIRMED, _C.DISCREPANCY) and to in _OLDER):
        return False
    if to not in FOLLOWS[known]:
        raise Conflict(f"the carrier status {to.value} cannot follow {known.value}")
    return True


_OLDER = frozenset({_C.SENT, _C.SYNTAX_ACCEPTED, _C.SYNTAX_REJECTED})
