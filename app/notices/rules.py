"""Who is told how and when: what may wait for the morning, what is never silenced. No database, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

QUIET_FROM, QUIET_TO = 21, 8
REMINDERS = frozenset(
    {"benefits.window.opened", "benefits.window.reminder", "benefits.dependent.aging_out", "screening.reminder"}
)
"""What was written for us, not for the person who waits: it never needs to come at night."""
NEWS = frozenset({"benefits.enrollment.approved", "benefits.coverage.confirmed", "benefits.coverage.renewed"})
"""Good news, that asks for nothing: may be left to the page. Whatever asks for something is always mailed."""
WAITS = REMINDERS | NEWS | {"benefits.enrollment.rejected", "benefits.coverage.not_renewed"}
"""What waits for the morning for people who chose their quiet hours. The rest answers what somebody just did, or guards an account."""

OPERATIONAL = (
    "connections.broke", "connections.ending", "feeds.file.held", "feeds.file.overdue", "feeds.work.given_up", "hooks.endpoint.stopped",
    "syncing.failed", "syncing.held", "syncing.records",
)  # fmt: skip
"""What a team may read in its channel: about work and connections, never about a person. Their subjects hold no variable."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """One person's preferences. `chosen`: they were saved, not assumed."""

    email_reminders: bool = True
    email_news: bool = True
    quiet: bool = True
    quiet_from: int = QUIET_FROM
    quiet_to: int = QUIET_TO
    chosen: bool = False

    def wants_email(self, kind: str) -> bool:
        """Whether this kind goes out by e-mail; the notice in the app is there in any case."""
        if kind == "benefits.window.reminder":
            return self.email_reminders
        return self.email_news or kind not in NEWS

    def waits(self, kind: str) -> bool:
        """Whether this kind keeps the quiet hours."""
        return self.quiet and kind in (WAITS if self.chosen else REMINDERS)


def seconds_of_quiet(wishes: Wishes, local: datetime) -> int:
    """Seconds until the quiet hours end, 0 outside them.

    Args:
        local: now, on the wall clock of the person.
    """
    start, end = wishes.quiet_from, wishes.quiet_to
    if start == end:
        return 0
    inside = start <= local.hour < end if start < end else local.hour >= start or local.hour < end
    if not inside:
        return 0
    over = local.replace(hour=end, minute=0, second=0, microsecond=0)
    return int((over - local if over > local else over + timedelta(days=1) - local).total_seconds())
