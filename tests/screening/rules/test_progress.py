"""How far a request is and who must move next, over every combination of its axes."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from app.integrations.screening import Status
from app.screening.rules.adverse import Stage
from app.screening.rules.outcomes import Decision
from app.screening.rules.progress import Axes, blocker_of, bucket_of, status_of
from app.screening.rules.states import Blocker, Bucket, ConsentState, OrderState, RequestStatus

NEW = Axes(ConsentState.PENDING, OrderState.NONE, Status.ORDERED, Decision.PENDING, Stage.GATE)
PLACED = Axes(ConsentState.APPROVED, OrderState.PLACED, Status.IN_PROGRESS, Decision.PENDING, Stage.REVIEW)


@pytest.mark.parametrize(
    ("axes", "status", "bucket", "blocker"),
    [
        (NEW, "initiated", "active", "candidate"),
        (replace(NEW, consent=ConsentState.APPROVED), "initiated", "active", "us"),
        (replace(NEW, consent=ConsentState.APPROVED, held=True), "on_hold", "active", "us"),
        (replace(NEW, consent=ConsentState.APPROVED, order_state=OrderState.RELEASED), "initiated", "active", "provider"),
        (replace(NEW, consent=ConsentState.APPROVED, order_state=OrderState.PLACING), "initiated", "active", "provider"),
        (replace(NEW, consent=ConsentState.APPROVED, order_state=OrderState.UNKNOWN), "failed", "active", "us"),
        (replace(NEW, consent=ConsentState.APPROVED, order_state=OrderState.REFUSED), "failed", "active", "us"),
        (replace(NEW, consent=ConsentState.DECLINED), "canceled", "done", "nobody"),
        (replace(NEW, canceled=True), "canceled", "done", "nobody"),
        (replace(PLACED, provider_status=Status.WAITING_CANDIDATE), "submitted", "active", "candidate"),
        (replace(PLACED, provider_status=Status.INVITATION_EXPIRED), "on_hold", "active", "us"),
        (PLACED, "in_progress", "active", "provider"),
        (replace(PLACED, court=True), "in_progress", "active", "court"),
        (replace(PLACED, provider_status=Status.CANDIDATE_ACTION), "in_progress", "active", "candidate"),
        (replace(PLACED, provider_status=Status.CLIENT_ACTION), "on_hold", "active", "us"),
        (replace(PLACED, provider_status=Status.UNMAPPED), "on_hold", "active", "us"),
        (replace(PLACED, provider_status=Status.COMPLETE), "completed", "review", "us"),
        (replace(PLACED, provider_status=Status.COMPLETE, decision=Decision.ACCEPTED), "completed", "done", "nobody"),
        (replace(PLACED, provider_status=Status.COMPLETE, stage=Stage.WAITING), "completed", "review", "candidate"),
        (replace(PLACED, provider_status=Status.COMPLETE, stage=Stage.REASSESS), "completed", "review", "us"),
        (replace(PLACED, provider_status=Status.DISPUTE, stage=Stage.PAUSED, dispute_open=True), "in_progress", "review", "provider"),
    ],
)  # fmt: skip
def test_known_answers(axes: Axes, status: str, bucket: str, blocker: str) -> None:
    assert (status_of(axes), bucket_of(axes), blocker_of(axes)) == (status, bucket, blocker)


def test_nothing_open_is_ever_nobody_s_and_nothing_done_is_somebody_s() -> None:
    for consent, order, provider, decision, stage, flags in itertools.product(
        ConsentState, OrderState, Status, Decision, Stage, itertools.product((False, True), repeat=4)
    ):
        axes = Axes(consent, order, provider, decision, stage, *flags)
        assert (bucket_of(axes) is Bucket.DONE) == (blocker_of(axes) is Blocker.NOBODY)
        placed = order is OrderState.PLACED and decision is Decision.PENDING and stage is Stage.REVIEW
        if placed and status_of(axes) is RequestStatus.ON_HOLD:
            assert blocker_of(axes) is Blocker.US
