"""What goes wrong on purpose: switches per path and number of times, and the layer around the vendor's app that follows them."""

from __future__ import annotations

import fnmatch
import io
import json
import re
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from werkzeug import Request, Response
from werkzeug.http import http_date

from sandbox.carriers.profile import Settings, switch

if TYPE_CHECKING:
    from sandbox.vendors.core.vendor import Vendor

KINDS = ("status", "drop", "hang", "slow", "cut", "truncate", "garbage", "drift", "one_page")
ONE_PAGE = "sandbox.one_page"
DATE = "sandbox.date"  # the Date header, for the server: clients take their marks from it
PIECES = 20


@dataclass(frozen=True)
class Fault(Settings):
    do: str = switch("status", "What happens", *KINDS)
    path: str = switch("*", "Where: a pattern of the path, such as `/api/v1/employees*`")
    method: str = switch("", "Only this method")
    times: int = switch(1, "So many times; 0: until cleared")
    skip: int = switch(0, "Let so many such requests pass first")
    status: int = switch(500, "status: the status")
    body: str = switch("", "status: the body; empty for the vendor's own words")
    content_type: str = switch("application/json", "status: the type of that body")
    retry_after: str = switch("", "status: the Retry-After header; empty for none")
    after: bool = switch(False, "status, drop, hang: the work is done first, so nobody can know")
    seconds: float = switch(0.5, "hang, slow: how long it takes")
    field: str = switch("", "drift: the field of the reply that changes")
    to: str = switch("", "drift: its new name; empty for another type")

    @property
    def answers_itself(self) -> bool:
        return self.do in ("status", "drop", "hang")


class Faults:
    """The switches that are on, oldest first; the first one that fits a request is used up by it."""

    def __init__(self, lock: threading.RLock) -> None:
        self._lock = lock
        self._left: list[list[Any]] = []  # fault, to be let pass, times left (None: for ever)

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._left.append([fault, fault.skip, fault.times or None])

    def clear(self) -> None:
        with self._lock:
            self._left = []

    def on(self) -> list[Fault]:
        with self._lock:
            return [fault for fault, _, _ in self._left]

    def take(self, method: str, path: str) -> Fault | None:
        with self._lock:
            for entry in self._left:
                fault, skip, times = entry
                if fault.method not in ("", method) or not fnmatch.fnmatchcase(path, fault.path):
                    continue
                if skip:
                    entry[1] -= 1
                    continue
                if times is not None:
                    entry[2] -= 1
                    if not entry[2]:
                        self._left.remove(entry)
                return fault  # type: ignore[no-any-return]
        return None


class Door:
    """The outermost layer: notes the request, lets the vendor's app answer, and spoils what a fault says."""

    def __init__(self, vendor: Vendor, app: Callable[..., Iterable[bytes]]) -> None:
        self.vendor, self.app = vendor, app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        asked = self.vendor.journal.note(request, self.vendor.clock.now())
        environ["wsgi.input"] = io.BytesIO(asked.body)  # read once for the journal, once for the app
        environ["CONTENT_LENGTH"] = str(len(asked.body))
        environ[DATE] = http_date(asked.at)
        fault = self.vendor.faults.take(request.method, request.path)
        response = self._answer(environ, request, fault)
        asked.status, asked.fault = response.status_code, fault.do if fault else ""
        return response(environ, start_response)

    def _answer(self, environ: dict[str, Any], request: Request, fault: Fault | None) -> Response:
        if fault is None:
            return Response.from_app(self.app, environ, buffered=True)
        if fault.answers_itself:
            if fault.after:
                Response.from_app(self.app, environ, buffered=True)
            return self._refuse(environ, fault, request.path)
        environ[ONE_PAGE] = fault.do == "one_page"
        response = Response.from_app(self.app, environ, buffered=True)
        return self._spoil(environ, fault, response)

    def _refuse(self, environ: dict[str, Any], fault: Fault, path: str) -> Response:
        if fault.do != "status":
            self.vendor.stopping.wait(fault.seconds if fault.do == "hang" else 0)
            hang_up(environ)
            return Response(status=500)  # reaches nobody
        if fault.body:
            response = Response(fault.body, fault.status, content_type=fault.content_type)
        elif path == self.vendor.token_path and fault.status in (400, 401):
            response = Response('{"error": "invalid_grant"}', fault.status, content_type="application/json")
        else:
            response = self.vendor.refusal(fault.status)
        if fault.retry_after:
            response.headers["Retry-After"] = fault.retry_after
        return response

    def _spoil(self, environ: dict[str, Any], fault: Fault, response: Response) -> Response:
        data = response.get_data()
        if fault.do == "truncate":
            response.set_data(data[: len(data) // 2])
        elif fault.do == "garbage":
            response.set_data(b"\x00\xff<<<" + data[:20] + b"\xfe}")
        elif fault.do == "drift":
            response.set_data(_drifted_body(data, fault))
        elif fault.do in ("slow", "cut"):
            response.response = self._pieces(environ, fault, data)
            response.headers["Content-Length"] = str(len(data))
        return response

    def _pieces(self, environ: dict[str, Any], fault: Fault, data: bytes) -> Iterator[bytes]:
        """slow: trickles. cut: half of what was promised, then the line is dead."""
        size = max(len(data) // (2 if fault.do == "cut" else PIECES), 1)
        for start in range(0, len(data), size):
            if start and fault.do == "cut":
                return hang_up(environ)
            if fault.do == "slow":
                self.vendor.stopping.wait(fault.seconds / PIECES)
            yield data[start : start + size]
        return None


def _drifted_body(data: bytes, fault: Fault) -> bytes:
    if not data.lstrip().startswith(b"<"):
        return json.dumps(drifted(json.loads(data), fault.field, fault.to)).encode() if data else data
    name = fault.to.encode() or rb"\g<2>"
    inside = (b"", b"") if fault.to else (b"<value>", b"</value>")
    begun = re.sub(
        rb"<(\w+:)?(" + fault.field.encode() + rb")\b([^>]*[^/>])?>", rb"<\g<1>" + name + rb"\g<3>>" + inside[0], data
    )
    return re.sub(rb"</(\w+:)?(" + fault.field.encode() + rb")>", inside[1] + rb"</\g<1>" + name + b">", begun)


def drifted(value: Any, field: str, to: str) -> Any:
    """The same JSON with the field under another name, or its values of another type."""
    if isinstance(value, list):
        return [drifted(one, field, to) for one in value]
    if not isinstance(value, dict):
        return value
    inner = {name: drifted(one, field, to) for name, one in value.items()}
    if field not in inner:
        return inner
    if to:
        return {to if name == field else name: one for name, one in inner.items()}
    return inner | {field: {"value": inner[field]}}


def hang_up(environ: dict[str, Any]) -> None:
    """The line goes dead without an answer: what we still write reaches nobody."""
    line: socket.socket = environ["werkzeug.socket"]
    line.shutdown(socket.SHUT_RDWR)
