"""What a vendor tells others: events queued with the change, posted by `deliver`, and the ways in which that goes wrong."""

from __future__ import annotations

import json
import random
import secrets
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sandbox.carriers.profile import Settings, switch
from sandbox.clock import Clock
from sandbox.screening.events import OPENER

TIMEOUT_SECONDS = 10


@dataclass(frozen=True)
class HookSwitches(Settings):
    duplicates: int = switch(0, "So many extra copies of every event")
    shuffle: bool = switch(False, "Deliver in another order than it happened")
    lose_next: int = switch(0, "Lose the next so many events")
    wrong_signature: bool = switch(False, "Sign with another key")
    no_signature: bool = switch(False, "Send without the headers that prove the sender")
    most_attempts: int = switch(6, "Give up after so many failed attempts")
    retries_4xx: bool = switch(False, "Also repeat what was answered with 4xx")


@dataclass
class Hook:
    """Where somebody wants to be told, and the secret the deliveries are signed with."""

    id: str
    url: str
    secret: str = field(repr=False)
    facts: dict[str, Any] = field(default_factory=dict)
    sent_at: datetime | None = None  # the last attempt of a delivery


@dataclass
class Delivery:
    """One event for one hook. answers: a status for each attempt, or what went wrong. state: waiting, delivered, given_up, lost."""

    id: str
    hook: Hook
    kind: str
    body: bytes
    content_type: str = "application/json"
    state: str = "waiting"
    answers: list[int | str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)  # of the last attempt
    sent_at: datetime | None = None  # the last attempt

    def shown(self) -> dict[str, Any]:
        return {
            "id": self.id, "hook": self.hook.id, "url": self.hook.url, "kind": self.kind, "state": self.state,
            "answers": self.answers, "body": self.body.decode(errors="replace"),
        }  # fmt: skip


class Webhooks:
    """sign: the headers that prove a delivery; the vendor's own. Nothing is sent before `deliver`, so tests choose the moment."""

    def __init__(self, clock: Clock, lock: threading.RLock, sign: Callable[[Delivery, str], dict[str, str]]) -> None:
        self._clock, self._lock, self._sign = clock, lock, sign
        self.clear()

    def clear(self) -> None:
        with self._lock:
            self.switches = HookSwitches()
            self.hooks: dict[str, Hook] = {}
            self.log: list[Delivery] = []
            self._random = random.Random(1)
            self._hook_ids = 0

    def subscribe(self, url: str, secret: str = "", facts: dict[str, Any] | None = None) -> Hook:
        with self._lock:
            self._hook_ids += 1
            hook = Hook(str(self._hook_ids), url, secret or secrets.token_hex(16), facts or {})
            self.hooks[hook.id] = hook
            return hook

    def emit(self, kind: str, payload: Any, hooks: Iterable[Hook] | None = None, content_type: str = "") -> None:
        """Queues an event for these hooks, or for all. payload: JSON, or bytes as they are."""
        body = payload if isinstance(payload, bytes) else json.dumps(payload, separators=(",", ":")).encode()
        with self._lock:
            for hook in list(self.hooks.values() if hooks is None else hooks):
                lost = self.switches.lose_next > 0
                if lost:
                    self.switches = self.switches.changed({"lose_next": self.switches.lose_next - 1})
                for _ in range(1 + self.switches.duplicates):
                    one = Delivery(secrets.token_hex(8), hook, kind, body, content_type or "application/json")
                    one.state = "lost" if lost else "waiting"
                    self.log.append(one)

    def switch(self, **switches: Any) -> None:
        """`vendor.webhooks.switch(duplicates=1, shuffle=True)`. Raises ValueError."""
        self.switches = self.switches.changed(switches)

    def waiting(self) -> list[Delivery]:
        with self._lock:
            return [one for one in self.log if one.state == "waiting"]

    def deliver(self) -> list[Delivery]:
        """One attempt for everything that waits, in order unless shuffled. What fails waits for the next call."""
        due = self.waiting()
        if self.switches.shuffle:
            self._random.shuffle(due)
        for one in due:
            self.attempt(one)
        return due

    def attempt(self, one: Delivery) -> int | str:
        """Posts it, whatever its state: also for a replay."""
        secret = one.hook.secret + ("x" if self.switches.wrong_signature else "")
        proof = {} if self.switches.no_signature else self._sign(one, secret)
        one.headers = {"Content-Type": one.content_type, **proof}
        one.sent_at = one.hook.sent_at = self._clock.now()
        answer = post(one.hook.url, one.body, one.headers)
        one.answers.append(answer)
        refused = isinstance(answer, int) and 400 <= answer < 500 and not self.switches.retries_4xx
        if isinstance(answer, int) and 200 <= answer < 300:
            one.state = "delivered"
        elif refused or len(one.answers) >= self.switches.most_attempts:
            one.state = "given_up"
        return answer

    def shown(self) -> dict[str, Any]:
        return {
            "switches": asdict(self.switches),
            "hooks": [{"id": hook.id, "url": hook.url, **hook.facts} for hook in self.hooks.values()],
            "deliveries": [one.shown() for one in self.log],
        }


def post(url: str, body: bytes, headers: dict[str, str]) -> int | str:
    """The status, or the kind of failure. No redirects, no proxy."""
    request = urllib.request.Request(url, body, {"User-Agent": "sandbox", **headers}, method="POST")
    try:
        with OPENER.open(request, timeout=TIMEOUT_SECONDS) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as fault:
        with fault:
            return int(fault.code)
    except OSError as fault:
        return type(fault).__name__
