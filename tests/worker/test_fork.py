"""A work horse is forked from a process with a heartbeat thread: whatever that thread holds must not be held in the child."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import redis
from rq.serializers import JSONSerializer

from worker import heartbeat
from worker.run import CorridorWorker, queue


class Importer(CorridorWorker):
    """Its work horse needs a module that the heartbeat is importing just now."""

    def main_work_horse(self, job: Any, queue: Any) -> None:
        __import__("slow_to_import")
        os._exit(0)


def test_a_heartbeat_in_the_middle_of_an_import_does_not_hang_the_child(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, valkey: redis.Redis
) -> None:
    (tmp_path / "slow_to_import.py").write_text("import time\ntime.sleep(1)\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(heartbeat, "note_life", lambda kind: __import__("slow_to_import"))
    worker = Importer([queue(valkey)], connection=valkey, serializer=JSONSerializer)
    stop = threading.Event()
    thread = threading.Thread(target=heartbeat.beat, args=("test", stop))
    thread.start()
    while "slow_to_import" not in sys.modules:
        time.sleep(0.01)
    worker.fork_work_horse(type("Job", (), {"id": "1"})(), queue(valkey))
    try:
        assert ends_within(worker.horse_pid, 10) == 0
    finally:
        stop.set()
        thread.join()
        sys.modules.pop("slow_to_import", None)


def test_a_settled_process_leaves_what_it_imported_to_no_garbage_collector() -> None:
    program = "import gc; from worker.run import settle; settle(); print(len(gc.get_objects()), gc.get_freeze_count())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    left, frozen = map(int, done.stdout.split())
    assert left < 1_000 < frozen


def ends_within(pid: int, seconds: float) -> int | None:
    """The child's exit code, or None (and it is killed) when it hangs."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    return None
