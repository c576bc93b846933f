"""A TCP proxy in front of a carrier's SFTP door. It can cut every line, and answers travel a little late, so that a line can be
cut after the carrier renamed our file and before we hear of it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress

ANSWER_DELAY = 0.0
LATE = 0.6  # seconds answers travel while a cut is being prepared
CHUNK = 65536


class Proxy:
    """Listens on its own port until closed."""

    def __init__(self, port: int) -> None:
        self.target = port
        self.delay = ANSWER_DELAY
        self.cuts = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = int(self._listener.getsockname()[1])
        self._lines: set[socket.socket] = set()
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def cut(self) -> None:
        """Every open line ends now; what was on its way is lost."""
        with self._lock:
            lines, self._lines = self._lines, set()
        for line in lines:
            _end(line)
        self.cuts += bool(lines)

    def cut_when(self, happened: Callable[[], bool], seconds: float) -> bool:
        """Cut as soon as `happened`; answers are late meanwhile, so the client has not heard of it. False: it never did."""
        deadline = time.monotonic() + seconds
        self.delay = LATE
        try:
            while time.monotonic() < deadline:
                if happened():
                    self.cut()
                    return True
                time.sleep(0.003)
            return False
        finally:
            self.delay = ANSWER_DELAY

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self.target), timeout=5)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            with self._lock:
                self._lines |= {near, far}
            threading.Thread(target=self._copy, args=(near, far, False), daemon=True).start()
            threading.Thread(target=self._copy, args=(far, near, True), daemon=True).start()

    def _copy(self, source: socket.socket, target: socket.socket, answers: bool) -> None:
        with suppress(OSError):
            while data := source.recv(CHUNK):
                if answers and self.delay:
                    time.sleep(self.delay)
                target.sendall(data)
        with self._lock:
            self._lines -= {source, target}
        _end(source)
        _end(target)


def _end(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()
