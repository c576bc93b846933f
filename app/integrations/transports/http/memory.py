"""A provider in memory: the twin of the wire, for tests and rehearsals. What comes back is what a function answers."""

from __future__ import annotations

from collections.abc import Callable

from app.integrations.failures import BrokenAnswer, Unreachable
from app.integrations.transports.http.calls import Prepared, Reply


class MemoryCarrier:
    """Keeps what was asked in `seen`. `respond` gives the reply, or raises the failure the line would have had."""

    def __init__(self, respond: Callable[[Prepared], Reply]) -> None:
        self.seen: list[Prepared] = []
        self._respond = respond

    def carry(self, request: Prepared, seconds: float, most_bytes: int) -> Reply:
        """See `Carrier.carry`. Time does not pass here."""
        if seconds <= 0:
            raise Unreachable("connect-timeout")
        self.seen.append(request)
        reply = self._respond(request)
        if len(reply.body) > most_bytes:
            raise BrokenAnswer("answer-too-large")
        return reply

    def close(self) -> None:
        """Nothing to close."""
