"""`corridor run` as a person starts it: everything comes up, Ctrl-C leaves nothing, the second start keeps the data."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from worker.stack.state import CHECKOUT

GIVEN = ("_URL", "KEY_FILE", "CHECKPOINT_DIR", "QUEUE_NAME", "ENVIRONMENT")  # what the test process itself was given


@pytest.mark.timeout(300)
@pytest.mark.long
def test_everything_starts_and_stops_twice(open_dir: Path) -> None:
    var = open_dir
    for _ in range(2):
        port = free_port()
        with start(var, port) as process:
            words = until_ready(process)
            assert f"Corridor is ready at http://127.0.0.1:{port}" in words
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10) as answer:
                assert answer.read() == b"ready\n"
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 0
        assert mentioning(var) == []
    assert {log.stem for log in (var / "log").glob("*.log")} >= {"web", "worker", "dispatcher", "sandbox"}


def start(var: Path, port: int) -> "subprocess.Popen[str]":
    environment = {name: value for name, value in os.environ.items() if not name.endswith(GIVEN)}
    command = [sys.executable, "-m", "worker.cli", "run", f"--port={port}"]
    return subprocess.Popen(
        command, cwd=CHECKOUT, env={**environment, "CORRIDOR_VAR": str(var)}, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def until_ready(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    words = ""
    for line in process.stdout:
        words += line
        if "Ctrl-C stops everything" in line:
            break
    assert process.poll() is None, words
    return words


def mentioning(var: Path) -> list[str]:
    """Command lines of living processes that belong to this installation."""
    found = []
    for listing in Path("/proc").glob("[0-9]*/environ"):
        try:
            text = listing.read_bytes() + listing.with_name("cmdline").read_bytes()
        except OSError:
            continue
        if str(var).encode() in text:
            found.append(listing.with_name("cmdline").read_bytes().decode(errors="replace"))
    return found


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
