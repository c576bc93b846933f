"""Ports of the stand-in providers: the same after every start, because the database remembers them."""

import json
import socket
from contextlib import ExitStack
from pathlib import Path

WANTED = {"http": 8100, "smtp": 8125, "sftp": 8140}
CARRIERS = 10  # each carrier's SFTP door has the next port


def is_free(port: int) -> bool:
    """True when 127.0.0.1:`port` can be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def remembered(file: Path) -> dict[str, int]:
    """The ports in `file`, or new free ones, near the usual numbers, written there."""
    try:
        return {name: int(port) for name, port in json.loads(file.read_text()).items()}
    except (FileNotFoundError, ValueError):
        pass
    chosen = {name: _block(first, CARRIERS if name == "sftp" else 1) for name, first in WANTED.items()}
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(chosen))
    return chosen


def _block(first: int, length: int) -> int:
    for start in range(first, first + 20_000, 100):
        if all(is_free(port) for port in range(start, start + length)):
            return start
    with ExitStack() as held:
        probe = held.enter_context(socket.create_server(("127.0.0.1", 0)))
        return int(probe.getsockname()[1])
