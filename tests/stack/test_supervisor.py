"""The supervisor: restarts what dies, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import worker.stack.supervisor as module
from worker.stack.child import Child
from worker.stack.errors import StackError
from worker.stack.postgres import Postgres
from worker.stack.state import CHECKOUT, State
from worker.stack.supervisor import Supervisor
from worker.stack.valkey import Valkey

FAKES = Path(__file__).with_name("fake_programs.py")


@pytest.fixture
def directory(open_dir: Path) -> Path:
    return open_dir


@pytest.fixture
def supervisor(directory: Path) -> Iterator["subprocess.Popen[str]"]:
    names = ("DATABASE_URL", "OWNER_DATABASE_URL", "DISPATCH_DATABASE_URL", "REDIS_URL")
    environment = {name: value for name, value in os.environ.items() if name not in names}
    environment["PYTHONPATH"] = str(CHECKOUT)
    command = [sys.executable, str(FAKES), str(directory)]
    with subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line == "watching\n":
                break
        yield process
        process.kill()
    for pid in pids(directory)[:4]:
        kill_quietly(pid)
    state = State.at(directory / "parts")  # a restarted server has a number of its own
    Postgres.at(state).stop()
    Valkey.at(state).stop()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_every_child_grandchild_and_part(
    supervisor: "subprocess.Popen[str]", directory: Path, number: signal.Signals
) -> None:
    until(lambda: (directory / "stubborn.note").exists())
    everybody = pids(directory)
    assert len(everybody) == 6  # three programs, a grandchild in its own session, PostgreSQL, Valkey
    supervisor.send_signal(number)
    assert supervisor.wait(30) == 0
    assert [pid for pid in everybody if alive(pid)] == []


def test_killing_the_supervisor_itself_ends_its_children(supervisor: "subprocess.Popen[str]", directory: Path) -> None:
    steady = pids(directory)[0]
    supervisor.kill()
    supervisor.wait(10)
    until(lambda: not alive(steady))


def test_a_crashing_child_is_restarted_with_growing_pauses(
    supervisor: "subprocess.Popen[str]", directory: Path
) -> None:
    note = directory / "crashing.note"
    until(lambda: note.exists() and len(note.read_text()) >= 3, seconds=15)
    assert "ended with exit code 3; starts again in 0.5 s" in words(supervisor, "crashing: ended")
    assert "starts again in 1 s" in words(supervisor, "crashing: ended")


def test_a_killed_part_is_started_again(supervisor: "subprocess.Popen[str]", directory: Path) -> None:
    kill_quietly(pids(directory)[4])
    assert "was started again" in words(supervisor, "corridor:")


def test_words_of_a_child_are_kept(supervisor: "subprocess.Popen[str]", directory: Path) -> None:
    until(lambda: (directory / "log" / "steady.log").exists())
    until(lambda: (directory / "log" / "steady.log").read_text() == "steady\n")


def test_waiting_for_a_child_that_ends_shows_its_log(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "adopt_orphans", lambda: None)  # this process has children of its own
    monkeypatch.setattr(module, "_kill_descendants", lambda spared: None)
    with Supervisor(None, lambda name, line: None, cwd=directory) as supervisor:
        child = Child("web", [sys.executable, "-c", "print('no such table'); raise SystemExit(1)"], {}, directory)
        supervisor.add(child)
        with pytest.raises(StackError, match=r"(?s)web ended.*"):
            supervisor.wait_for(child, lambda: False, 20)


def test_a_large_log_is_put_aside(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.stack.child.LOG_LIMIT", 10)
    (directory / "web.log").write_text("x" * 11)
    child = Child("web", [sys.executable, "-c", "print('new')"], {}, directory)
    child.start(directory, lambda name, line: None)
    child.finish(time.monotonic() + 20)
    assert (directory / "web.log.1").read_text() == "x" * 11
    assert child.tail() == "new"


def pids(directory: Path) -> list[int]:
    found = [int(pid) for pid in (directory / "pids").read_text().split()]
    note = directory / "stubborn.note"
    return [*found[:3], *([int(note.read_text())] if note.exists() else [0]), *found[3:]]


def alive(pid: int) -> bool:
    try:
        return bool(pid) and bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except OSError:
        return False


def words(process: "subprocess.Popen[str]", beginning: str) -> str:
    assert process.stdout is not None
    return next(line for line in process.stdout if line.startswith(beginning))


def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def kill_quietly(pid: int) -> None:
    if alive(pid):
        os.kill(pid, signal.SIGKILL)
