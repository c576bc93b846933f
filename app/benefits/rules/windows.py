"""When somebody may choose: open and closed, the deadline, reminders, and a new hire's own window."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

REMINDER_DAYS = (14, 3, 1)
SNOOZE_DAYS = 3
RESUBMIT_DAYS = 7  # after HR sent a submission back, even when the window closed meanwhile
NEW_HIRE_SEEN_WITHIN = (
    90  # days; somebody imported long after the hire is no new hire (45 CFR 147.116 waits at most 90)
)


class WindowState(StrEnum):
    UPCOMING = "upcoming"
    OPEN = "open"
    CLOSED = "closed"


def state_on(opens_on: date, closes_on: date, today: date) -> WindowState:
    """Both days belong to the window."""
    if today < opens_on:
        return WindowState.UPCOMING
    return WindowState.OPEN if today <= closes_on else WindowState.CLOSED


def days_left(closes_on: date, today: date) -> int:
    """0 on the last day, negative afterwards."""
    return (closes_on - today).days


def deadline(closes_on: date, sent_back_on: date | None) -> date:
    """The last day to sign: the window's, or a week after HR asked for a change, whichever is later."""
    if sent_back_on is None:
        return closes_on
    return max(closes_on, sent_back_on + timedelta(days=RESUBMIT_DAYS))


def may_choose(opens_on: date, closes_on: date, sent_back_on: date | None, today: date) -> bool:
    return state_on(opens_on, deadline(closes_on, sent_back_on), today) is WindowState.OPEN


def new_hire_window(hired_on: date, seen_on: date, length_days: int) -> tuple[date, date] | None:
    """(first, last day): opens when the hire is seen, closes `length_days` after the hire or, if later, after it was seen.

    None when the hire lies so far back that this is an import of an old hand.
    """
    if (seen_on - hired_on).days > NEW_HIRE_SEEN_WITHIN:
        return None
    return seen_on, max(hired_on, seen_on) + timedelta(days=length_days)


def reminder_stage(opens_on: date, closes_on: date, today: date) -> int | None:
    """Which reminder (14, 3 or 1 days before the end) is due or was missed by now.

    None outside the window, and for stages that fall on or before the day of the invitation.
    """
    if state_on(opens_on, closes_on, today) is not WindowState.OPEN or today == closes_on:
        return None
    passed = [stage for stage in REMINDER_DAYS if days_left(closes_on, today) <= stage]
    if not passed:
        return None
    stage = min(passed)
    return stage if closes_on - timedelta(days=stage) > opens_on else None


def snooze_until(closes_on: date, today: date) -> date | None:
    """The day of the next reminder after one was put off: in three days, at the latest the day before the end. None: too late."""
    day = min(today + timedelta(days=SNOOZE_DAYS), closes_on - timedelta(days=1))
    return day if day > today else None
