"""Renders a call, has it carried within one deadline, judges the reply and keeps a record that shows no secret."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

import httpx2

from app.integrations.failures import Failure, Rejected
from app.integrations.transports.http.calls import (
    SECURITY,
    Answer,
    Body,
    Call,
    Carrier,
    Exchange,
    Exchanged,
    Form,
    Json,
    Prepared,
    Raw,
    Reply,
    Upload,
)
from app.integrations.transports.http.redact import redacted, redacted_body
from app.integrations.transports.http.rules import PLAIN, Rules, is_spent, judge, read_pause

AGENT = "Corridor/1.0"


@dataclass(frozen=True, slots=True)
class Http:
    """How a provider is spoken to.

    base_url: `https://…`, without a trailing slash. headers: the same for every call. deadline_seconds: for look-up, connection,
    request and reply together. most_bytes: the largest reply taken in.
    """

    base_url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    rules: Rules = PLAIN
    deadline_seconds: float = 30
    most_bytes: int = 10 * 1024 * 1024


class HttpClient:
    """A conversation with one provider, with one set of credentials. One thread at a time.

    credentials: headers that prove who we are (`auth.credentials`), or a function that gives them for each call anew.
    security: what does so inside of a body instead; it stands in no record.
    """

    def __init__(
        self,
        http: Http,
        carrier: Carrier,
        credentials: Mapping[str, str] | Callable[[], Mapping[str, str]] | None = None,
        *,
        security: bytes = b"",
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._http = http
        self._carrier = carrier
        self._credentials = credentials or {}
        self._security = security
        self._clock = clock

    def __repr__(self) -> str:
        return f"HttpClient({urlsplit(self._http.base_url).hostname})"

    def __enter__(self) -> HttpClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the carrier's connections. Safe to call twice."""
        self._carrier.close()

    def send(self, call: Call) -> Answer:
        """The answer. Raises `Failure`."""
        return self.exchange(call).result()

    def exchange(self, call: Call) -> Exchanged:
        """Everything that became of the call; raises nothing but programming errors."""
        began_at, began = self._clock(), time.monotonic()
        request, reply, failure = Prepared(call.method, "", (), b""), None, None
        try:
            request = self._prepared(call)
            reply = self._carrier.carry(request, self._http.deadline_seconds, self._http.most_bytes)
            failure = self._judged(reply)
        except Failure as met:
            failure = met
        record = _record(call, request, reply, failure, began_at, time.monotonic() - began)
        if reply is None or failure is not None:
            return Exchanged(record, *_kept(call, request, reply), None, failure)
        answer = Answer(reply.status, _by_name(reply), reply.body)
        return Exchanged(record, *_kept(call, request, reply), answer, None, self._hold(answer))

    def _hold(self, answer: Answer) -> datetime | None:
        rules = self._http.rules
        return read_pause(rules, answer.headers, self._clock()) if is_spent(rules, answer.headers) else None

    def _judged(self, reply: Reply) -> Failure | None:
        return judge(self._http.rules, reply.status, _by_name(reply), reply.body, self._clock())

    def _prepared(self, call: Call) -> Prepared:
        own = self._credentials() if callable(self._credentials) else self._credentials
        always, own = ({}, {}) if call.at else (self._http.headers, own)
        headers = {
            "user-agent": AGENT, "accept": "application/json", "accept-encoding": "identity",
            **_lower(always), **_lower(call.headers), **_lower(own),
        }  # fmt: skip
        if not all(_HEADER.fullmatch(value) for value in headers.values()):
            raise Rejected("header-unsafe", "A credential or setting holds a line break or an unusual character.")
        url = httpx2.URL((call.at or self._http.base_url).rstrip("/") + (call.exact or filled(call)))
        if call.query:
            url = url.copy_merge_params(list(call.query))
        body = call.body
        if self._security and isinstance(body, Raw) and not call.at:
            body = Raw(body.content_type, body.data.replace(SECURITY, self._security))
        request = _with_body(call.method, url, headers, body)
        # `Host` and the length come from the library; the rest is exactly what is written here.
        return Prepared(call.method, str(request.url), tuple(request.headers.multi_items()), request.read())


_HEADER = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


def filled(call: Call) -> str:
    """The path with its values. Raises `Rejected` for a value that would change the path."""
    values = {name: quote(value, safe="") for name, value in call.fills.items()}
    if any(value in ("", ".", "..") for value in values.values()):
        raise Rejected("path-unsafe", "An id for the provider is empty or is no id.")
    return call.path.format(**values)


def _with_body(method: str, url: httpx2.URL, headers: Mapping[str, str], body: Body | None) -> httpx2.Request:
    if isinstance(body, Json):
        content = json.dumps(body.value, separators=(",", ":"), ensure_ascii=False).encode()
        return httpx2.Request(method, url, headers={**headers, "content-type": "application/json"}, content=content)
    if isinstance(body, Form):
        content = str(httpx2.QueryParams(list(body.fields))).encode()
        return httpx2.Request(
            method, url, headers={**headers, "content-type": "application/x-www-form-urlencoded"}, content=content
        )
    if isinstance(body, Upload):
        files = [(file.field_name, (file.name, file.data, file.content_type)) for file in body.files]
        return httpx2.Request(method, url, headers=headers, data=dict(body.fields), files=files)
    if isinstance(body, Raw):
        return httpx2.Request(method, url, headers={**headers, "content-type": body.content_type}, content=body.data)
    return httpx2.Request(method, url, headers=headers)


def _kept(call: Call, request: Prepared, reply: Reply | None) -> tuple[bytes, bytes]:
    """The bodies of request and reply, as far as they may be stored: a raw one as it was before credentials went into it."""
    sent = call.body.data if isinstance(call.body, Raw) else request.body
    bodies = (b"", b"") if call.secret else (sent, reply.body if reply else b"")
    return redacted_body(bodies[0]), redacted_body(bodies[1])


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _by_name(reply: Reply) -> dict[str, str]:
    return {name.lower(): value for name, value in reply.headers}


def _record(
    call: Call, request: Prepared, reply: Reply | None, failure: Failure | None, began_at: datetime, seconds: float
) -> Exchange:
    return Exchange(
        operation=call.operation,
        method=call.method,
        path=call.path,
        status=reply.status if reply else None,
        outcome=failure.code if failure else "ok",
        began_at=began_at,
        seconds=seconds,
        request_bytes=len(request.body),
        answer_bytes=len(reply.body) if reply else 0,
        request_headers=redacted(request.headers),
        answer_headers=redacted(reply.headers) if reply else (),
    )
