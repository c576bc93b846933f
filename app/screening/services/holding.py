"""A legal hold: nothing of a request is destroyed while a court, an agency or a charge may ask for it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.core.access import Can
from app.core.errors import Conflict, Invalid
from app.core.events import Actor, Regulation, Risk, record
from app.screening.models import ScreeningRequest


def place_hold(session: Session, actor: Actor, request: ScreeningRequest, reason: str) -> None:
    """Keep everything of a request until the hold is lifted. Raises Invalid without a reason, Conflict when it is held."""
    actor.require(Can.CHECK_APPROVE)
    if request.legal_hold or request.disposed_at is not None:
        raise Conflict("it is held already, or destroyed")
    _set(session, actor, request, reason, held=True)


def lift_hold(session: Session, actor: Actor, request: ScreeningRequest, reason: str) -> None:
    """Let retention go on. Raises Invalid without a reason, Conflict when there is no hold."""
    actor.require(Can.COMPLIANCE_MANAGE)
    if not request.legal_hold:
        raise Conflict("there is no hold")
    _set(session, actor, request, reason, held=False)


def _set(session: Session, actor: Actor, request: ScreeningRequest, reason: str, *, held: bool) -> None:
    if not reason.strip():
        raise Invalid({"reason": "Say who asked, and for which matter"})
    request.legal_hold = held
    record(
        session, actor, "screening.hold.set" if held else "screening.hold.lifted", request, new={"number": request.number},
        reason=reason.strip(), risk=Risk.HIGH, regulation=Regulation.FCRA,
    )  # fmt: skip
