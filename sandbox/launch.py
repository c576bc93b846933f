"""Starts `python -m sandbox` as a process of its own, for tests and the demo.

with launch(state) as running:
    running.client.carrier("evergreen").set(silence=True)
    running.sftp_port, running.host_key, running.carriers["brightline"]["sftp_port"]
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.client import Sandbox

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Running:
    """A running sandbox: where it listens and the client that drives it."""

    client: Sandbox
    host: str
    http_port: int
    sftp_port: int
    smtp_port: int
    host_key: str  # "ssh-ed25519 AAAA…", the same for every carrier
    issuer: str
    carriers: dict[str, dict[str, Any]]  # slug → sftp_port, user, password
    screening: dict[
        str, str
    ]  # checkr_url, api_key, plain_url, plain_user, plain_password, filescreen_user, filescreen_password
    vendors: dict[str, dict[str, str]]  # slug → url and demo credentials
    pid: int


@contextmanager
def launch(
    state: Path, http_port: int = 0, sftp_port: int = 0, smtp_port: int = 0, timeout_seconds: float = 30
) -> Iterator[Running]:
    """Runs the sandbox until the block ends. Raises RuntimeError when it does not come up in time."""
    state.mkdir(parents=True, exist_ok=True)
    ready = state / "ready.json"
    ready.unlink(missing_ok=True)
    ports = {"http": http_port, "sftp": sftp_port, "smtp": smtp_port}
    command = [sys.executable, "-m", "sandbox", "--state", str(state), "--ready-file", str(ready)]
    command += [word for name, port in ports.items() for word in (f"--{name}-port", str(port))]
    with (state / "log.txt").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    try:
        yield wait_ready(process, ready, state / "log.txt", timeout_seconds)
    finally:
        stop(process)


def wait_ready(process: subprocess.Popen[bytes], ready: Path, log: Path, timeout_seconds: float) -> Running:
    deadline = time.monotonic() + timeout_seconds
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"The sandbox did not start:\n{log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.02)
    facts = json.loads(ready.read_text())
    return Running(
        client=Sandbox(facts["url"]),
        host=facts["host"],
        http_port=facts["http_port"],
        sftp_port=facts["sftp_port"],
        smtp_port=facts["smtp_port"],
        host_key=facts["sftp_host_key"],
        issuer=facts["issuer"],
        carriers=facts["carriers"],
        screening=facts["screening"],
        vendors=facts["vendors"],
        pid=process.pid,
    )


def stop(process: subprocess.Popen[bytes]) -> None:
    """SIGTERM, and SIGKILL when that is not enough."""
    process.terminate()
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
