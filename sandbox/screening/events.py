"""Events: made with the change they tell of, delivered over HTTP by a thread, repeated until somebody says 2xx."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
import secrets
import sqlite3
import threading
import urllib.error
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING, Any

from sandbox.screening.shelf import Item, written

if TYPE_CHECKING:
    from sandbox.screening.provider import Screening

QUICK, MOST = 10, 34  # the first ten repeats come quickly, then one an hour for a day
TIMEOUT_SECONDS = 10
SENTENCE = "Create an API key to sign your webhooks"


class NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


# No proxy from the environment either: receivers are on this machine.
OPENER = urllib.request.build_opener(NoRedirects, urllib.request.ProxyHandler({}))


class Events:
    """The log of events and the deliveries that came of them."""

    def __init__(self, box: Screening) -> None:
        self.box, self.store = box, box.store
        self.wake = threading.Event()
        self._random = random.Random(box.switches.seed)

    def reseed(self, seed: int) -> None:
        self._random = random.Random(seed)

    def emit(self, kind: str, account: Item, facts: dict[str, Any], account_id: str = "") -> str:
        """Called in the transaction of the change. facts: the object, whole. account_id: when the event names another account."""
        key = secrets.token_hex(12)
        event = {
            "id": key, "object": "event", "type": kind, "created_at": written(self.box.clock.now()), "webhook_url": None,
            "data": {"object": facts}, "account_id": account_id or account.id,
        }  # fmt: skip
        sql = "INSERT INTO screening_events (id, account, type, about, created_at, body) VALUES (?, ?, ?, ?, ?, ?)"
        about = str(facts.get("id", ""))
        self.store.run(sql, key, account.id, kind, about, event["created_at"], json.dumps(event))
        for hook in account.hidden.get("webhooks", []):
            self._plan(key, hook)
        return key

    def send_again(self, key: str) -> None:
        """The same event once more, past every switch that loses or delays. Raises ValueError for an unknown one."""
        event = self.store.one("SELECT * FROM screening_events WHERE id = ?", key)
        account = self.box.shelf.get("account", event["account"]) if event else None
        if account is None:
            raise ValueError("There is no such event.")
        for hook in account.hidden.get("webhooks", []):
            self._queue(key, hook, self.box.now(), 0)

    def _plan(self, key: str, hook: dict[str, Any]) -> None:
        switches = self.box.switches
        if switches.lose_next or self._random.random() < switches.loss:
            self.box.change({"lose_next": max(switches.lose_next - 1, 0)})
            return self._queue(key, hook, self.box.now(), 0, "lost")
        due = self.box.now() + switches.delay_seconds
        for _ in range(1 + switches.duplicate_events):
            if switches.disorder_seconds:
                self._queue(key, hook, self._window(due, switches.disorder_seconds), self._random.random())
            else:
                self._queue(key, hook, due, 0)
        return None

    def _window(self, due: float, seconds: float) -> float:
        """The end of the window this event is shuffled in: the one that is open, or a new one."""
        sql = "SELECT max(due_at) FROM screening_deliveries WHERE state = 'waiting' AND rank > 0 AND due_at > ?"
        row = self.store.one(sql, due)
        return float(row[0]) if row and row[0] is not None else due + seconds

    def _queue(self, key: str, hook: dict[str, Any], due: float, rank: float, state: str = "waiting") -> None:
        sql = "INSERT INTO screening_deliveries (event, url, thin, due_at, rank, state, attempts) VALUES (?, ?, ?, ?, ?, ?, '[]')"
        self.store.run(sql, key, hook["url"], not hook.get("include_object", True), due, rank, state)
        self.wake.set()

    # Delivery

    def deliver_due(self) -> bool:
        """The next delivery that is due; False when there is none."""
        sql = (
            "SELECT d.*, e.body, e.account FROM screening_deliveries d JOIN screening_events e ON e.id = d.event"
            " WHERE d.state = 'waiting' AND d.due_at <= ? ORDER BY d.due_at, d.rank, d.id LIMIT 1"
        )
        row = self.store.one(sql, self.box.now())
        if row is None:
            return False
        account = self.box.shelf.get("account", row["account"])
        answer = post(row["url"], *self._written(row, account)) if account else "no account"
        self._note(row, answer)
        return True

    def _written(self, row: sqlite3.Row, account: Item) -> tuple[bytes, dict[str, str]]:
        """Body and headers. The signature is over the compact body."""
        switches, event = self.box.switches, json.loads(row["body"])
        event["webhook_url"] = row["url"]
        if row["thin"]:
            whole = event["data"]["object"]
            event["data"]["object"] = {name: whole[name] for name in ("id", "object", "uri") if name in whole}
        if account.hidden.get("unsigned"):
            told = event["data"]["object"]
            plain = {"orderId": told["id"], "reference": told["reference"], "status": told["status"]}
            return json.dumps(plain).encode(), {}
        body = json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()
        key = account.hidden["signing_key"] + ("x" if switches.wrong_signature else "")
        signature = hmac.digest(key.encode(), body, hashlib.sha256).hex()
        if switches.sentence_signature or not account.hidden["signing_key"]:
            signature = SENTENCE
        headers = {} if switches.no_signature else {"X-Checkr-Signature": signature}
        return json.dumps(event, indent=1, ensure_ascii=False).encode() if switches.spaced_body else body, headers

    def _note(self, row: sqlite3.Row, answer: int | str) -> None:
        """Done with any 2xx; else again later, until it is given up."""
        attempts = [*json.loads(row["attempts"]), {"at": written(self.box.clock.now()), "answer": answer}]
        good = isinstance(answer, int) and 200 <= answer < 300
        state = "delivered" if good else "given_up" if len(attempts) >= MOST else "waiting"
        pause = self.box.switches.retry_seconds if len(attempts) <= QUICK else 3600
        sql = "UPDATE screening_deliveries SET state = ?, due_at = ?, attempts = ? WHERE id = ?"
        self.store.run(sql, state, self.box.now() + pause, json.dumps(attempts), row["id"])

    def is_idle(self, with_delayed: bool) -> bool:
        before = float("inf") if with_delayed else self.box.now()
        sql = "SELECT count(*) FROM screening_deliveries WHERE state = 'waiting' AND due_at <= ?"
        return not self.store.count(sql, before)

    # What pages and API read

    def log(self) -> list[dict[str, Any]]:
        """Events newest first, each with its deliveries and their attempts."""
        deliveries: dict[str, list[dict[str, Any]]] = {}
        for row in self.store.rows("SELECT * FROM screening_deliveries ORDER BY id"):
            found = {"url": shown(row["url"]), "state": row["state"], "attempts": json.loads(row["attempts"])}
            deliveries.setdefault(row["event"], []).append(found)
        rows = self.store.rows("SELECT * FROM screening_events ORDER BY rowid DESC")
        return [
            {name: row[name] for name in ("id", "account", "type", "about", "created_at")}
            | {"body": json.loads(row["body"]), "deliveries": deliveries.get(row["id"], [])}
            for row in rows
        ]


def post(url: str, body: bytes, headers: dict[str, str]) -> int | str:
    """The status, or what went wrong. A user and password in the address become basic auth."""
    parts = urllib.parse.urlsplit(url)
    headers = {"Content-Type": "application/json", "User-Agent": "Checkr-Webhook/1.0", **headers}
    if parts.username:
        proof = f"{urllib.parse.unquote(parts.username)}:{urllib.parse.unquote(parts.password or '')}"
        headers["Authorization"] = "Basic " + base64.b64encode(proof.encode()).decode()
        url = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    try:
        with OPENER.open(urllib.request.Request(url, body, headers, method="POST"), timeout=TIMEOUT_SECONDS) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as fault:
        with fault:
            return int(fault.code)
    except (OSError, ValueError, urllib.error.URLError) as fault:
        return type(fault).__name__ + f": {getattr(fault, 'reason', fault)}"[:100]


def shown(url: str) -> str:
    """The address without a user and password."""
    parts = urllib.parse.urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
