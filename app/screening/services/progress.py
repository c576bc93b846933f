"""The derived columns of a request. Whoever changes an axis calls `refresh` before returning."""

from __future__ import annotations

from app.core.clock import now
from app.screening.models import ScreeningRequest
from app.screening.rules.progress import Axes, blocker_of, bucket_of, status_of
from app.screening.rules.states import Blocker, RequestStatus


def refresh(request: ScreeningRequest, *, court: bool | None = None) -> None:
    """Recompute status, bucket and blocker.

    Args:
        court: whether a search waits for a court; None: as it was.
    """
    axes = Axes(
        consent=request.consent,
        order_state=request.order_state,
        provider_status=request.provider_status,
        decision=request.decision,
        stage=request.stage,
        canceled=request.canceled_at is not None,
        held=bool(request.hold_reason),
        dispute_open=request.dispute_open,
        court=request.blocker == Blocker.COURT if court is None else court,
    )
    request.status = status_of(axes).value
    request.bucket = bucket_of(axes).value
    request.blocker = blocker_of(axes).value
    if request.status == RequestStatus.COMPLETED and request.completed_at is None:
        request.completed_at = now()
