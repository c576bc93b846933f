"""How far a request is and who must move next, derived from its axes; nobody sets these by hand (reference/screening.md §2.3, §4.3)."""

from __future__ import annotations

from dataclasses import dataclass

from app.integrations.screening import Status
from app.screening.rules.adverse import Stage
from app.screening.rules.outcomes import Decision
from app.screening.rules.states import Blocker, Bucket, ConsentState, OrderState, RequestStatus


@dataclass(frozen=True, slots=True)
class Axes:
    """Attributes:
    held: the gate named something missing. court: a search waits for a court.
    """

    consent: str
    order_state: str
    provider_status: str
    decision: str
    stage: str
    canceled: bool = False
    held: bool = False
    dispute_open: bool = False
    court: bool = False


def status_of(axes: Axes) -> RequestStatus:
    """Where we say the request is."""
    if axes.canceled or axes.consent in (ConsentState.DECLINED, ConsentState.WITHDRAWN):
        return RequestStatus.CANCELED
    if axes.order_state in (OrderState.UNKNOWN, OrderState.REFUSED):
        return RequestStatus.FAILED
    if axes.order_state != OrderState.PLACED:
        return RequestStatus.ON_HOLD if axes.held else RequestStatus.INITIATED
    return _BY_PROVIDER.get(Status(axes.provider_status), RequestStatus.ON_HOLD)


_BY_PROVIDER = {
    Status.ORDERED: RequestStatus.SUBMITTED,
    Status.WAITING_CANDIDATE: RequestStatus.SUBMITTED,
    Status.IN_PROGRESS: RequestStatus.IN_PROGRESS,
    Status.CANDIDATE_ACTION: RequestStatus.IN_PROGRESS,
    Status.DISPUTE: RequestStatus.IN_PROGRESS,
    Status.COMPLETE: RequestStatus.COMPLETED,
    Status.CANCELED: RequestStatus.CANCELED,
}
"""What is missing here needs one of us: an expired invitation, a question to us, a word nobody knows."""


def bucket_of(axes: Axes) -> Bucket:
    if axes.decision != Decision.PENDING or status_of(axes) is RequestStatus.CANCELED:
        return Bucket.DONE
    if status_of(axes) is RequestStatus.COMPLETED or axes.stage in _ADVERSE:
        return Bucket.REVIEW
    return Bucket.ACTIVE


_ADVERSE = frozenset({Stage.PRE_ADVERSE, Stage.WAITING, Stage.PAUSED, Stage.REASSESS, Stage.FINAL})


def blocker_of(axes: Axes) -> Blocker:
    """Who must move next. What nobody can tell is ours to look at."""
    status = status_of(axes)
    if bucket_of(axes) is Bucket.DONE:
        return Blocker.NOBODY
    if axes.stage in _ADVERSE:
        return _in_adverse(axes)
    if axes.order_state in (OrderState.RELEASED, OrderState.PLACING):
        return Blocker.PROVIDER  # a worker is asking it; none of us has to
    if status is RequestStatus.INITIATED:
        return Blocker.CANDIDATE if axes.consent == ConsentState.PENDING else Blocker.US
    if status is RequestStatus.SUBMITTED:
        return Blocker.CANDIDATE
    if status is RequestStatus.IN_PROGRESS:
        return _in_progress(axes)
    return Blocker.US


def _in_adverse(axes: Axes) -> Blocker:
    if axes.dispute_open:
        return Blocker.PROVIDER
    return Blocker.CANDIDATE if axes.stage == Stage.WAITING else Blocker.US


def _in_progress(axes: Axes) -> Blocker:
    if axes.provider_status == Status.CANDIDATE_ACTION:
        return Blocker.CANDIDATE
    return Blocker.COURT if axes.court else Blocker.PROVIDER
