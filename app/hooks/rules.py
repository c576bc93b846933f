"""The public catalog of events, the body of a message, and when it is sent again. No database, no clock.

Names and bodies are a promise to programs of others: a name may be added, never changed. A body holds ids, never a person's data.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID


class DeliveryState(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class Stop(StrEnum):
    """Why an endpoint is off."""

    NONE = ""
    PERSON = "person"
    GONE = "gone"  # it answered 410
    FAILING = "failing"  # nothing arrived for FAILING_FOR


@dataclass(frozen=True, slots=True)
class Kind:
    """name: what receivers know. event: ours, whose subject's id the message carries. noun: what that id is of. api: where to read it."""

    name: str
    event: str
    noun: str
    api: str = ""


CATALOG = (
    Kind("employee.hired", "people.employee.hired", "employee"),
    Kind("employee.changed", "people.employee.changed", "employee"),
    Kind("employee.terminated", "people.employee.terminated", "employee"),
    Kind("enrollment.submitted", "benefits.enrollment.submitted", "submission"),
    Kind("enrollment.approved", "benefits.enrollment.approved", "submission"),
    Kind("enrollment.rejected", "benefits.enrollment.rejected", "submission"),
    Kind("coverage.confirmed", "benefits.coverage.confirmed", "enrollment"),
    Kind("coverage.disputed", "benefits.coverage.disputed", "enrollment"),
    Kind("screening.decided", "screening.decision.made", "bg-check-request", "/api/bg-check-requests/{id}/"),
    Kind("carrier_file.sent", "feeds.file.sent", "carrier_file"),
    Kind("carrier_file.overdue", "feeds.file.overdue", "carrier_file"),
    Kind("sync.failed", "syncing.run.failed", "sync_run"),
    Kind("connection.failed", "connections.connection.broke", "connection"),
    Kind("connection.recovered", "connections.connection.recovered", "connection"),
)
TEST = Kind("webhook.test", "", "webhook_endpoint")
BY_NAME = {kind.name: kind for kind in (*CATALOG, TEST)}
BY_EVENT = {kind.event: kind for kind in CATALOG}

# The example schedule of the Standard Webhooks specification, "Deliverability and reliability": ten tries over three days.
SCHEDULE = tuple(timedelta(seconds=seconds) for seconds in (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400))
SPREAD = 0.1
"""Up to a tenth later, so that what failed together does not come back together."""
FAILING_FOR = timedelta(days=5)
QUIET = timedelta(days=2)
"""Longer than any wait of the schedule: after that long without a failed try, failing begins anew."""


def next_wait(tries: int, chance: float) -> timedelta | None:
    """How long after this many failed tries to send again, or None when it was the last. chance: 0 to 1."""
    return SCHEDULE[tries - 1] * (1 + SPREAD * chance) if tries <= len(SCHEDULE) else None


def failing_since(since: datetime | None, last_failed_at: datetime | None, moment: datetime) -> datetime:
    """Since when an endpoint fails that just did."""
    if since is None or last_failed_at is None or moment - last_failed_at > QUIET:
        return moment
    return since


def body(kind: str, occurred_at: datetime, subject_id: UUID, base_url: str) -> str:
    """The message as it is signed and sent: the same bytes at each try. An old kind that is no more offered still has one."""
    known = BY_NAME.get(kind) or Kind(kind, "", "")
    data = {
        "object": known.noun,
        "id": str(subject_id),
        "url": base_url.rstrip("/") + known.api.format(id=subject_id) if known.api else None,
    }
    moment = occurred_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json.dumps({"type": kind, "timestamp": moment, "data": data}, separators=(",", ":"))


def message_id(event_id: UUID) -> str:
    """`webhook-id`: one per event, whichever endpoint gets it and however often."""
    return f"msg_{event_id.hex}"
