"""The whole house for one story: sandbox, a real worker and a real dispatcher, the web app on a port, the demo company."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.core.config import get_settings
from sandbox.launch import Running, launch
from tests.fixtures.slot import Slot
from worker.stack.state import CHECKOUT

PROGRAMS = ("worker.run", "worker.dispatch")


@dataclass(frozen=True)
class House:
    """Where everything listens."""

    url: str
    sandbox: Running
    company_id: Any


@pytest.fixture
def house(
    live_url: str, slot: Slot, admin: Any, tmp_path: Path, valkey: object, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    """Everything `make run` starts, on this test's own database and ports."""
    with launch(tmp_path / "sandbox") as sandbox:
        smtp = f"smtp://{sandbox.host}:{sandbox.smtp_port}"
        monkeypatch.setattr(get_settings(), "smtp_url", smtp)
        from worker.cli import seed

        seed.build(tmp_path / "sandbox" / "ready.json")
        programs = [_start(name, slot, smtp, tmp_path) for name in PROGRAMS]
        try:
            company_id = admin.execute("SELECT id FROM tenant_door").fetchone()[0]
            yield House(live_url, sandbox, company_id)
        finally:
            for program in programs:
                program.terminate()
            for program in programs:
                program.wait(timeout=20)


def _start(module: str, slot: Slot, smtp: str, logs: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, **slot.environment(), "SMTP_URL": smtp, "LEASE_SECONDS": "20"}
    with (logs / f"{module}.log").open("wb") as log:
        return subprocess.Popen([sys.executable, "-m", module], cwd=CHECKOUT, env=environment, stdout=log, stderr=log)
