"""How a request gets in and its answer out: faults, who it is, how many, once per key, and errors in the provider's words."""

from __future__ import annotations

import json
import re
import socket
import time
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, request

from sandbox.screening.provider import Screening
from sandbox.screening.shelf import Facts, Item, Refused, written

DAY = 86400
BEFORE = {
    "server_error": (500, "Internal server error"), "unavailable": (503, "Service unavailable"),
    "bad_auth": (401, "Bad authentication error"), "forbidden": (403, "No access"), "rate_limited": (429, "Too many requests"),
}  # fmt: skip
GARBAGE = b"\xff\xfe<html><h1>502 Bad Gateway</h1>\x00{"


@dataclass
class Asked:
    """A request that was let in. key: its idempotency key."""

    account: Item
    sent: Facts
    key: str
    query: dict[str, str] = field(default_factory=dict)


Handler = Callable[..., Facts | list[Any] | tuple[Any, int]]
Gate = Callable[[], Item | None]


class Door:
    """The API of one provider. gate: the account a request proves to be; None: nobody. keys: whether it knows idempotency keys."""

    def __init__(self, box: Screening, pages: Blueprint, gate: Gate, keys: bool) -> None:
        self.box, self.pages, self.gate, self.keys = box, pages, gate, keys
        self._seen: dict[str, deque[float]] = {}

    def at(self, method: str, path: str, opens: bool = False) -> Callable[[Handler], Handler]:
        """opens: without credentials; the handler gets an account that is nobody's."""

        def register(handler: Handler) -> Handler:
            def view(**ids: str) -> Response:
                return self._answer(handler, ids, opens)

            self.pages.add_url_rule(path, f"{method} {path}".replace(".", "-"), view, methods=[method])
            return handler

        return register

    def _answer(self, handler: Handler, ids: dict[str, str], opens: bool) -> Response:
        sent, key = body(), request.headers.get("Idempotency-Key", "") if self.keys else ""
        fault, account = self._fault(sent), NOBODY if opens else self.gate()
        if fault == "drop_before":
            hang_up()
        status, facts, replayed = 0, {}, False
        if fault in BEFORE:
            status, facts = BEFORE[fault][0], self._error([BEFORE[fault][1]])
        elif fault != "drop_before":
            asked = Asked(account or NOBODY, sent, key, dict(request.args))
            status, facts, replayed = self._let_in(account, handler, ids, asked, fault)
        self._log(key, status, fault, replayed)
        response = self._after(fault, self._written(status or 503, facts))
        if self.keys:
            response.headers.update(self._rates(account, fault))
        return response

    # What goes wrong

    def _fault(self, sent: Facts) -> str:
        """The fault of the switches, or that of a candidate's scenario at the first order."""
        box, switches = self.box, self.box.switches
        with box.store.transaction():
            if switches.fault and switches.fault_where in f"{request.method} {request.path.removeprefix('/screening')}":
                if switches.fault_times:
                    left = switches.fault_times - 1
                    box.change({"fault_times": left, "fault": switches.fault if left else ""})
                return switches.fault
            if request.method == "POST" and request.path.endswith(("/invitations", "/reports")):
                candidate = box.shelf.get("candidate", str(sent.get("candidate_id")))
                if candidate and (fault := candidate.hidden.get("fault")):
                    candidate.hidden["fault"] = ""
                    box.shelf.save(candidate)
                    return str(fault)
        return ""

    def _after(self, fault: str, response: Response) -> Response:
        """What happens to an answer once the work is done."""
        if fault in ("drop_after", "hang_after"):
            if fault == "hang_after":
                time.sleep(self.box.switches.slow_seconds)
            hang_up()
        if fault == "server_error_after":
            return self._written(500, self._error(["Internal server error"]))
        if fault == "garbage":
            response.set_data(GARBAGE)
        elif fault == "empty":
            response.set_data(b"")
        elif fault == "truncated":
            whole = response.get_data()
            response.set_data(whole[: len(whole) // 2])
            response.headers["Content-Length"] = str(len(whole))
        return response

    # The way in

    def _let_in(
        self, account: Item | None, handler: Handler, ids: dict[str, str], asked: Asked, fault: str
    ) -> tuple[int, Any, bool]:
        """Status, what to answer, and whether it is the answer of an earlier request."""
        if account is None:
            return 401, self._error(["Bad authentication error"]), False
        if not self._within_limit(account):
            return 429, self._error(["Too many requests"]), False
        try:
            earlier = self._claim(asked)
        except Refused as no:
            return no.status, self._error(no.errors), False
        if earlier is not None:
            return *earlier, True
        if fault == "slow":  # the key is taken, the work not done: a repeat meanwhile is a 409
            time.sleep(self.box.switches.slow_seconds)
        status, facts = 500, None
        try:
            status, facts = self._work(handler, ids, asked)
        finally:
            self._settle(asked, status, facts)
        return status, facts, False

    def _work(self, handler: Handler, ids: dict[str, str], asked: Asked) -> tuple[int, Any]:
        try:
            with self.box.store.transaction():
                found = handler(asked, **ids)
        except Refused as no:
            return no.status, self._error(no.errors)
        except ValueError as fault:
            return 400, self._error([str(fault)])
        if isinstance(found, tuple):
            return found[1], found[0]
        return (201 if request.method == "POST" else 200), found

    def _claim(self, asked: Asked) -> tuple[int, Any] | None:
        """The earlier answer under this key, or the key is ours. Raises Refused while the first request still runs."""
        if not asked.key or request.method != "POST":
            return None
        if self.box.switches.uuid4_keys and not is_uuid4(asked.key):
            raise Refused(400, "Idempotency-Key must be a V4 UUID")
        store, what = (
            self.box.store,
            f"{request.method} {request.path} {json.dumps(asked.sent, sort_keys=True, default=str)}",
        )
        with store.transaction():
            store.run("DELETE FROM screening_keys WHERE at < ?", self.box.now() - DAY)
            row = store.one("SELECT * FROM screening_keys WHERE account = ? AND key = ?", asked.account.id, asked.key)
            if row is None:
                sql = "INSERT INTO screening_keys (account, key, request, at, status, body) VALUES (?, ?, ?, ?, 0, '')"
                store.run(sql, asked.account.id, asked.key, what, self.box.now())
                return None
        if row["status"] == 0:
            raise Refused(409, "A request with this idempotency key is being processed")
        if row["request"] != what:
            raise Refused(400, "This Idempotency-Key was used for another request")
        return row["status"], json.loads(row["body"])

    def _settle(self, asked: Asked, status: int, facts: Any) -> None:
        """Only what went well is remembered."""
        if not asked.key or request.method != "POST":
            return
        where = " WHERE account = ? AND key = ?"
        if 200 <= status < 300:
            sql = "UPDATE screening_keys SET status = ?, body = ?" + where
            self.box.store.run(sql, status, json.dumps(facts), asked.account.id, asked.key)
        else:
            self.box.store.run("DELETE FROM screening_keys" + where, asked.account.id, asked.key)

    # Limits, in real time: the one who asks waits by its own clock

    def _within_limit(self, account: Item) -> bool:
        seen, now = self._seen.setdefault(account.id, deque()), time.time()
        while seen and seen[0] <= now - 60:
            seen.popleft()
        if len(seen) >= self.box.switches.rate_limit:
            return False
        seen.append(now)
        return True

    def _rates(self, account: Item | None, fault: str) -> dict[str, str]:
        seen = self._seen.get(account.id, deque()) if account else deque()
        limit = self.box.switches.rate_limit
        left = 0 if fault == "rate_limited" else max(limit - len(seen), 0)
        reset = (seen[0] if seen else time.time()) + 60
        at = written(datetime.fromtimestamp(reset, UTC)) or ""
        return {"X-Ratelimit-Limit": str(limit), "X-Ratelimit-Remaining": str(left), "X-Ratelimit-Reset": at}

    # The way out

    def _error(self, errors: list[str]) -> Facts:
        return {"error": errors if len(errors) > 1 or self.box.switches.errors_as_list else errors[0]}

    def _written(self, status: int, facts: Any) -> Response:
        data = b"" if status == 204 else json.dumps(facts, separators=(",", ":"), ensure_ascii=False).encode()
        return Response(data, status, content_type="application/json")

    def _log(self, key: str, status: int, fault: str, replayed: bool) -> None:
        sql = "INSERT INTO screening_requests (at, method, path, key, status, fault, replayed) VALUES (?, ?, ?, ?, ?, ?, ?)"
        at, path = written(self.box.clock.now()), request.path.removeprefix("/screening")
        self.box.store.run(sql, at, request.method, path, key, status, fault, replayed)


NOBODY = Item("", "account", "", "", {})


def hang_up() -> None:
    """The line goes dead without an answer: what we still write reaches nobody."""
    line: socket.socket = request.environ["werkzeug.socket"]
    line.shutdown(socket.SHUT_RDWR)


def is_uuid4(text: str) -> bool:
    try:
        return uuid.UUID(text).version == 4
    except ValueError:
        return False


def body() -> Facts:
    """JSON, or a form with names such as `work_locations[][country]`."""
    sent = request.get_json(silent=True)
    if isinstance(sent, dict):
        return sent
    found: Facts = {}
    for name, value in request.form.items(multi=True):
        if match := re.fullmatch(r"(\w+)\[\]\[(\w+)\]", name):
            rows = found.setdefault(match[1], [])
            if not rows or match[2] in rows[-1]:
                rows.append({})
            rows[-1][match[2]] = value
        elif name.endswith("[]"):
            found.setdefault(name[:-2], []).append(value)
        else:
            found[name] = value
    return found


def user() -> tuple[str, str]:
    """User and password of basic auth; empty when there is none."""
    proof = request.authorization
    return (proof.username or "", proof.password or "") if proof and proof.type == "basic" else ("", "")


def one_page(items: list[Any], address: str, query: dict[str, str]) -> Facts:
    """A list object: page from 1, per_page to 100, the addresses of its neighbors."""
    page, size = number(query, "page", 1), min(number(query, "per_page", 25), 100)
    others = "".join(f"&{name}={value}" for name, value in query.items() if name not in ("page", "per_page"))

    def link(to: int) -> str:
        return f"{address}?page={to}&per_page={size}{others}"

    return {
        "object": "list", "data": items[(page - 1) * size : page * size], "count": len(items),
        "next_href": link(page + 1) if page * size < len(items) else None, "previous_href": link(page - 1) if page > 1 else None,
    }  # fmt: skip


def number(query: dict[str, str], name: str, usual: int) -> int:
    """Raises Refused (400)."""
    text = query.get(name, str(usual))
    if not text.isdigit() or (name == "page" and text == "0"):
        raise Refused(400, f"{name} is invalid")
    return int(text)
