"""One signed request. No transaction is open meanwhile.

Signed by the library of Standard Webhooks; carried as everything else that leaves: to addresses the reach allows and to no others,
without redirects, within one deadline. An endpoint that keeps failing is left alone for a while, and never holds more than a few
workers, so that it does not slow down the others.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from standardwebhooks import Webhook

from app.connections.services.calling import PostgresShelf
from app.core.clock import now
from app.hooks.services.addresses import own_reach
from app.integrations.failures import CircuitOpen, Gone, RateLimited, Rejected
from app.integrations.protection.guard import Guard
from app.integrations.protection.limits import Concurrency
from app.integrations.transports import reach
from app.integrations.transports.http.calls import Call, Exchanged, Raw
from app.integrations.transports.http.client import Http, HttpClient
from app.integrations.transports.http.wire import Wire

DEADLINE = 20.0  # seconds; the specification recommends 15 to 30
MOST_BYTES = 1024 * 1024  # of an answer; what is longer did not come from a receiver of webhooks
KEPT_BYTES = 1024
LIMITS = (Concurrency(4),)


@dataclass(frozen=True, slots=True)
class Message:
    """What leaves, and for which delivery. secrets: the newest first."""

    company_id: UUID
    endpoint_id: UUID
    delivery_id: UUID
    id: str
    url: str = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    body: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """failure: a code, empty when it arrived. until: not before (the receiver said so). sent: False when we did not even ask.

    gone: it wants no more. hopeless: our own rules refuse the address, so trying again is of no use.
    """

    began_at: datetime
    failure: str = ""
    status: int | None = None
    milliseconds: int = 0
    answer: str = field(default="", repr=False)
    until: datetime | None = None
    sent: bool = True
    gone: bool = False
    hopeless: bool = False


def signed(message: Message, moment: datetime) -> dict[str, str]:
    """The three headers of Standard Webhooks. Each secret signs; a receiver needs to know one."""
    signatures = [Webhook(secret).sign(message.id, moment, message.body) for secret in message.secrets]
    return {
        "webhook-id": message.id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def post(message: Message) -> Outcome:
    """Send it once. Raises nothing of the receiver's."""
    began_at = now()
    guard = Guard(PostgresShelf(message.company_id), "hooks", str(message.endpoint_id), LIMITS)
    try:
        with guard.call() as report:
            exchanged = _exchange(message, began_at)
            report.tell(exchanged)
    except (CircuitOpen, RateLimited) as closed:
        return Outcome(began_at, closed.code, until=closed.until, sent=False)
    return _outcome(began_at, exchanged)


def _exchange(message: Message, moment: datetime) -> Exchanged:
    parts = urlsplit(message.url)
    call = Call(
        "hooks.send", "POST", "/…", body=Raw("application/json", message.body.encode()), headers=signed(message, moment),
        exact=f"{parts.path or '/'}?{parts.query}".rstrip("?"),
    )  # fmt: skip
    http = Http(f"{parts.scheme}://{parts.netloc}", deadline_seconds=DEADLINE, most_bytes=MOST_BYTES)
    with reach.within(own_reach()), HttpClient(http, Wire()) as client:
        return client.exchange(call)


def _outcome(began_at: datetime, exchanged: Exchanged) -> Outcome:
    status, failure = exchanged.record.status, exchanged.failure
    return Outcome(
        began_at,
        failure.code if failure else "",
        status,
        round(exchanged.record.seconds * 1000),
        exchanged.answer_body[:KEPT_BYTES].decode("utf-8", "replace").replace("\0", "\ufffd"),
        until=failure.until if failure else None,
        gone=isinstance(failure, Gone),
        hopeless=status is None and isinstance(failure, Rejected),
    )
