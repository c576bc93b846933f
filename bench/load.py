"""A small HTTP load generator: raw sockets, keep-alive, one thread per connection, in a process of its own.

`python -m bench.load` reads a job from standard input and answers in JSON. wrk would do, but a fresh machine has none.
"""

from __future__ import annotations

import itertools
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from worker.stack.state import CHECKOUT


@dataclass(frozen=True)
class Shot:
    """One measured burst. Seconds per answer in `times`; body and wire bytes of the last answer."""

    times: list[float]
    seconds: float
    status: int
    wire_bytes: int

    @property
    def rate(self) -> float:
        return len(self.times) / self.seconds

    def percentile(self, share: float) -> float:
        """Milliseconds below which this share of the answers stayed."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000


def request_of(path: str, *, cookie: str = "", headers: dict[str, str] | None = None) -> str:
    """A GET as a browser would send it."""
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", "Accept-Encoding: gzip", "User-Agent: corridor-bench"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if cookie:
        lines.append(f"Cookie: {cookie}")
    return "\r\n".join(lines) + "\r\n\r\n"


def posted(path: str, body: str, headers: dict[str, str] | None = None) -> str:
    """A POST of JSON as a provider would send it."""
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "User-Agent: corridor-bench", "Content-Type: application/json"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join([*lines, f"Content-Length: {len(body.encode())}"]) + "\r\n\r\n" + body


def fire(port: int, requests: str | Sequence[str], *, connections: int = 1, seconds: float = 2.0) -> Shot:
    """Send one request over and over, or several in turn, from another process.

    Raises:
        RuntimeError: the generator died or the server refused.
    """
    listed = [requests] if isinstance(requests, str) else list(requests)
    job = {"port": port, "requests": listed, "connections": connections, "seconds": seconds}
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"], input=json.dumps(job), capture_output=True, text=True, check=False,
        cwd=CHECKOUT,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"the load generator failed:\n{done.stderr[-1500:]}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return Shot(**answer)


@dataclass
class _Client:
    """One connection's loop; opens a new connection when the server closed (gunicorn's sync worker always does)."""

    port: int
    requests: Iterator[bytes]  # shared with the other connections
    times: list[float] = field(default_factory=list)
    status: int = 0
    wire_bytes: int = 0
    socket: socket.socket | None = None

    def run(self, until: float) -> None:
        while time.perf_counter() < until:
            request = next(self.requests)
            started = time.perf_counter()
            self._once(request)
            self.times.append(time.perf_counter() - started)

    def _once(self, request: bytes) -> None:
        for attempt in (1, 2):
            if self.socket is None:
                self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=30)
                self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                self.socket.sendall(request)
                if self._answer(self.socket):
                    return
            except ConnectionError:
                if attempt == 2:
                    raise
            self._drop()

    def _answer(self, line: socket.socket) -> bool:
        """Read one whole answer; False when a kept connection turned out to be closed."""
        data = b""
        while b"\r\n\r\n" not in data:
            part = line.recv(65536)
            if not part:
                return False
            data += part
        head, _, body = data.partition(b"\r\n\r\n")
        lower = head.lower()
        at = lower.find(b"content-length:")
        length = int(lower[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        size = len(body)
        while size < length:
            part = line.recv(262144)
            if not part:
                raise ConnectionError("the answer ended early")
            size += len(part)
        self.status, self.wire_bytes = int(head[9:12]), len(head) + 4 + length
        if b"connection: close" in lower:
            self._drop()
        return True

    def _drop(self) -> None:
        if self.socket is not None:
            self.socket.close()
        self.socket = None


def main() -> None:
    job = json.load(sys.stdin)
    requests = itertools.cycle([request.encode() for request in job["requests"]])
    clients = [_Client(job["port"], requests) for _ in range(job["connections"])]
    started = time.perf_counter()
    threads = [threading.Thread(target=client.run, args=(started + job["seconds"],)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - started
    times = [taken for client in clients for taken in client.times]
    last = clients[0]
    json.dump({"times": times, "seconds": seconds, "status": last.status, "wire_bytes": last.wire_bytes}, sys.stdout)


if __name__ == "__main__":
    main()
