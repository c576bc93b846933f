"""The life of an enrollment, and of the submission that carries it: which action leads from which status to which."""

from __future__ import annotations

from enum import StrEnum

from app.benefits.rules.words import EnrollmentStatus
from app.core.errors import Conflict


class Action(StrEnum):
    SUBMIT = "submit"
    HOLD = "hold"
    RESUME = "resume"
    APPROVE = "approve"
    REJECT = "reject"
    CANCEL = "cancel"
    ACTIVATE = "activate"
    TERMINATE = "terminate"


_S = EnrollmentStatus
STEPS: dict[tuple[EnrollmentStatus, Action], EnrollmentStatus] = {
    (_S.PENDING, Action.SUBMIT): _S.SUBMITTED,
    (_S.PENDING, Action.CANCEL): _S.CANCELED,
    (_S.SUBMITTED, Action.HOLD): _S.ON_HOLD,
    (_S.SUBMITTED, Action.APPROVE): _S.APPROVED,
    (_S.SUBMITTED, Action.REJECT): _S.REJECTED,
    (_S.SUBMITTED, Action.CANCEL): _S.CANCELED,
    (_S.ON_HOLD, Action.RESUME): _S.SUBMITTED,
    (_S.ON_HOLD, Action.REJECT): _S.REJECTED,
    (_S.ON_HOLD, Action.CANCEL): _S.CANCELED,
    (_S.APPROVED, Action.ACTIVATE): _S.ACTIVE,
    (_S.APPROVED, Action.CANCEL): _S.CANCELED,
    (_S.APPROVED, Action.TERMINATE): _S.TERMINATED,
    (_S.ACTIVE, Action.CANCEL): _S.CANCELED,  # its replacement reaches back to its first day
    (_S.ACTIVE, Action.TERMINATE): _S.TERMINATED,
}
"""Everything else is refused. What was rejected, canceled or terminated stays so; a new choice is a new enrollment."""

WAITING = frozenset({_S.SUBMITTED, _S.ON_HOLD})
IN_FORCE = frozenset({_S.APPROVED, _S.ACTIVE})
OVER = frozenset({_S.REJECTED, _S.CANCELED, _S.TERMINATED})


def after(status: str, action: Action) -> EnrollmentStatus:
    """The status an action leads to.

    Raises:
        Conflict: the action is not allowed from this status; somebody else was probably quicker.
    """
    try:
        return STEPS[EnrollmentStatus(status), action]
    except KeyError:
        raise Conflict(f"{action.value} is not possible while the enrollment is {status}") from None


def allowed(status: str) -> frozenset[Action]:
    """What may be done now."""
    return frozenset(action for known, action in STEPS if known == status)
