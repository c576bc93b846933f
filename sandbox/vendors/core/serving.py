"""Finds the stand-ins in the folder and serves one of them on a port of this machine."""

from __future__ import annotations

import importlib
import pkgutil
import socket
import ssl
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

import sandbox.vendors
from sandbox.vendors.core.faults import DATE
from sandbox.vendors.core.vendor import Vendor


class QuietHandler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Requests are not worth a line each."""


class VendorHandler(QuietHandler):
    """Keeps connections open, as vendors do, at a third of the cost: a stand-in has read every request whole (`Door`) before it
    answers, which werkzeug's own handler cannot know."""

    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave together

    def run_wsgi(self) -> None:
        self.environ = self.make_environ()
        said: list[Any] = []
        body = self.server.app(self.environ, lambda *head: said.extend(head))  # type: ignore[arg-type]
        self.send_response(int(said[0][:3]), said[0][4:])
        for name, value in said[1]:
            self.send_header(name, value)
        self.end_headers()
        for piece in body:
            self.wfile.write(piece)
            self.wfile.flush()
        self.wfile.flush()

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The Date of an answer: the sandbox clock's, unless the request was too broken to be read."""
        return str(getattr(self, "environ", {}).get(DATE) or super().date_time_string(timestamp))

    def finish(self) -> None:
        try:
            super().finish()
        except ConnectionError:  # a fault has cut the line: what is left in the buffer reaches nobody
            self.rfile.close()


def slugs() -> list[str]:
    """Every module of the folder but the core is a vendor."""
    return sorted(one.name for one in pkgutil.iter_modules(sandbox.vendors.__path__) if one.name != "core")


def vendor_class(slug: str) -> type[Vendor]:
    """Raises LookupError for a vendor that is not there."""
    if slug not in slugs():
        raise LookupError(f"There is no stand-in for {slug}. Known: {', '.join(slugs())}.")
    found: type[Vendor] = importlib.import_module(f"sandbox.vendors.{slug}").VENDOR
    return found


@contextmanager
def serving(slug: str, *, referee: bool = False, tls: ssl.SSLContext | None = None) -> Iterator[Vendor]:
    """The vendor on a free port of 127.0.0.1 until the block ends: `vendor.url`, and its state and switches in Python.

    referee: hold both sides against the vendor's own description, and raise `Broken` at the end (or by
    `vendor.referee.settle()` after each test). Where ../shared is absent nothing is judged; a test that is about that skips
    unless `vendor.referee.judges`. Raises ValueError for a vendor without a description. tls: for a client certificate.
    """
    kind = vendor_class(slug)
    if referee and kind.description is None:
        raise ValueError(f"{slug} has no API description to be judged by.")
    vendor = kind(judged=referee)
    with listening(vendor, tls=tls):
        yield vendor
    vendor.referee.settle()


@contextmanager
def listening(
    vendor: Vendor, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
) -> Iterator[None]:
    """Serves the vendor from a host of its own, as in life: an address with the same path leads to the same place.

    port: tried first; 0, or one that is taken, means any.
    """
    vendor.stopping.clear()
    door = open_door(host, port)
    server = make_server(
        host, 0, vendor.wsgi, threaded=True, request_handler=VendorHandler, ssl_context=tls, fd=door.fileno()
    )
    server.daemon_threads = True  # type: ignore[attr-defined]
    vendor.url = f"http{'s' if tls else ''}://{host}:{door.getsockname()[1]}"
    door.close()  # the server has a copy
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        vendor.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


def open_door(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), backlog=128)
    except OSError:
        if not port:
            raise
        return socket.create_server((host, 0), backlog=128)


def usual_port(slug: str, http_port: int) -> int:
    """The same at every start, whoever else is there, so that a connection made by hand goes on working."""
    found = http_port + 50 + zlib.crc32(slug.encode()) % 900
    return found if found < 65536 else 0
