"""Where a choice stands, in the one word both the employee's and HR's pages use. Only the carrier's own data makes COVERED."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from app.benefits.rules.words import CarrierStatus, Election, EnrollmentStatus


class Progress(StrEnum):
    WAITING_FOR_HR = "waiting_for_hr"
    ON_HOLD = "on_hold"
    SENT_BACK = "sent_back"
    TELLING_CARRIER = "telling_carrier"
    SENT = "sent"
    RECEIVED = "received"  # the carrier could read the file (999 "A"); it has not said that the person is covered
    REFUSED_BY_CARRIER = "refused_by_carrier"
    CARRIER_DISAGREES = "carrier_disagrees"
    CONFIRMED = "confirmed"  # coverage starts on a later day
    COVERED = "covered"
    WAIVED = "waived"
    ENDED = "ended"
    CANCELED = "canceled"


_BY_STATUS = {
    EnrollmentStatus.PENDING: Progress.WAITING_FOR_HR,
    EnrollmentStatus.SUBMITTED: Progress.WAITING_FOR_HR,
    EnrollmentStatus.ON_HOLD: Progress.ON_HOLD,
    EnrollmentStatus.REJECTED: Progress.SENT_BACK,
    EnrollmentStatus.CANCELED: Progress.CANCELED,
}
_BY_CARRIER = {
    CarrierStatus.NONE: Progress.TELLING_CARRIER,
    CarrierStatus.READY: Progress.TELLING_CARRIER,
    CarrierStatus.SENT: Progress.SENT,
    CarrierStatus.SYNTAX_ACCEPTED: Progress.RECEIVED,
    CarrierStatus.SYNTAX_REJECTED: Progress.REFUSED_BY_CARRIER,
    CarrierStatus.DISCREPANCY: Progress.CARRIER_DISAGREES,
}
SETTLED = frozenset(
    {Progress.COVERED, Progress.CONFIRMED, Progress.WAIVED, Progress.ENDED, Progress.CANCELED, Progress.SENT_BACK}
)
"""Nothing more happens by itself: a page showing only these need not ask again."""


def progress(
    status: str, carrier_status: str, election: str, starts_on: date, ends_on: date | None, today: date
) -> Progress:
    """The stage of one enrollment as of today."""
    early = _BY_STATUS.get(EnrollmentStatus(status))
    if early is not None:
        return early
    if status == EnrollmentStatus.TERMINATED or (ends_on is not None and ends_on < today):
        return Progress.ENDED
    if election == Election.WAIVE:
        return Progress.WAIVED
    if carrier_status == CarrierStatus.CONFIRMED:
        return Progress.COVERED if starts_on <= today else Progress.CONFIRMED
    return _BY_CARRIER[CarrierStatus(carrier_status)]
