"""The whole house for one story: sandbox, a real worker and a real dispatcher, the web app on a port, a small demo company."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from app.core.config import get_settings
from sandbox.launch import Running, launch
from tests.fixtures.slot import Slot
from tests.story.eyes import Eyes
from tests.story.parts import wait
from worker.stack.state import CHECKOUT

PROGRAMS = ("worker.run", "worker.dispatch")


@dataclass(frozen=True)
class House:
    """Where everything listens, and what happened behind the pages."""

    url: str
    sandbox: Running
    company_id: Any
    admin: Any
    eyes: Eyes = field(default_factory=Eyes)

    def mail(self, to: str, subject: str, count: int = 1, seconds: float = 90) -> dict[str, Any]:
        """The newest message to this address whose subject holds `subject`, once there are `count`."""

        def arrived() -> list[dict[str, Any]]:
            found = [one for one in self.sandbox.client.mailbox(to) if subject in one["subject"]]
            return found if len(found) >= count else []

        return wait(arrived, seconds, f"{count} x {subject!r} to {to}")[0]

    def subjects(self, to: str) -> list[str]:
        """Everything written to this address, oldest first."""
        return [str(one["subject"]) for one in reversed(self.sandbox.client.mailbox(to))]

    def work(self, *states: str) -> list[tuple[str, str]]:
        """(kind, error) of every promise in these states."""
        query = "SELECT kind, last_error FROM job_intent WHERE state = ANY(%s) AND run_after < now() + '10s'"
        return list(self.admin.execute(query, [list(states)]).fetchall())

    def settle(self, seconds: float = 180) -> None:
        """Until nothing promised is open."""
        open_states = ("pending", "dispatched", "running")
        wait(lambda: not self.work(*open_states), seconds, "the end of all work", lambda: self.work(*open_states))


@pytest.fixture
def with_checks() -> bool:
    """Whether the demo company screens candidates; a story that meets none says no, and waits for none of their papers."""
    return True


@pytest.fixture
def house(
    live_url: str,
    slot: Slot,
    admin: Any,
    tmp_path: Path,
    valkey: object,
    monkeypatch: pytest.MonkeyPatch,
    with_checks: bool,
) -> Iterator[House]:
    """Everything `make run` starts, on this test's own database and ports. The carriers send a census when asked to."""
    with launch(tmp_path / "sandbox") as sandbox:
        smtp = f"smtp://{sandbox.host}:{sandbox.smtp_port}"
        monkeypatch.setattr(get_settings(), "smtp_url", smtp)
        programs = [_start(name, slot, smtp, tmp_path) for name in PROGRAMS]
        try:
            from worker.cli import seed

            seed.build(tmp_path / "sandbox" / "ready.json", small=True, checks=with_checks)
            for carrier in sandbox.carriers:
                sandbox.client.carrier(carrier).set(census_interval_seconds=0)
            company_id = admin.execute("SELECT id FROM tenant_door").fetchone()[0]
            yield House(live_url, sandbox, company_id, admin)
        finally:
            for program in programs:
                program.terminate()
            for program in programs:
                _end(program)
            for name in PROGRAMS:  # shown by pytest when the story failed
                sys.stdout.write(f"--- {name}\n{(tmp_path / f'{name}.log').read_text(errors='replace')[-4000:]}\n")


def _end(program: subprocess.Popen[bytes]) -> None:
    try:
        program.wait(timeout=10)
    except subprocess.TimeoutExpired:  # in the middle of a job
        program.kill()
        program.wait()


def _start(module: str, slot: Slot, smtp: str, logs: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, **slot.environment(), "SMTP_URL": smtp, "LEASE_SECONDS": "20"}
    with (logs / f"{module}.log").open("wb") as log:
        return subprocess.Popen([sys.executable, "-m", module], cwd=CHECKOUT, env=environment, stdout=log, stderr=log)
