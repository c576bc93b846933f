"""A whole private installation for one run: PostgreSQL (durable), Valkey, sandbox, proxies, workers, dispatchers, traffic."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import psycopg

from sandbox.launch import Running, launch
from tests.chaos.proxy import Proxy
from worker.stack.addresses import Addresses, conninfo, url_of
from worker.stack.child import adopt_orphans
from worker.stack.migrate import upgrade
from worker.stack.parts import Parts
from worker.stack.state import CHECKOUT

LEASE_SECONDS = 4
REDISPATCH_SECONDS = 3
RESTART_AFTER = 0.5  # seconds the supervisor needs to notice and start again


class Program:
    """One process of ours, started again whenever it ends."""

    def __init__(self, name: str, what: str, environment: dict[str, str], folder: Path) -> None:
        self.name, self.what = name, what
        self.environment, self.log = environment, folder / f"{name}.log"
        self.starts = 0
        self.process: subprocess.Popen[bytes] | None = None
        self._died_at = 0.0

    def start(self) -> None:
        self.starts += 1
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "tests.chaos.program", self.what]
            self.process = subprocess.Popen(
                command, cwd=CHECKOUT, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def watch(self) -> None:
        if self.process is None or self.process.poll() is None:
            return
        if not self._died_at:
            self._died_at = time.monotonic()
        elif time.monotonic() - self._died_at > RESTART_AFTER:
            self._died_at = 0.0
            self.start()

    @property
    def pid(self) -> int:
        return self.process.pid if self.process else 0

    def horses(self) -> list[int]:
        """Work horses of a worker right now."""
        try:
            return [child.pid for child in psutil.Process(self.pid).children()]
        except psutil.Error:
            return []

    def tail(self, lines: int = 15) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""


class Stack:
    """Use `with running(...) as stack`. `folder` must be open to the servers' user."""

    def __init__(
        self, folder: Path, parts: Parts, addresses: Addresses, box: Running, proxies: dict[str, Proxy]
    ) -> None:
        self.folder, self.parts, self.addresses = folder, parts, addresses
        self.box, self.proxies = box, proxies
        self.company = str(uuid4())
        self.mark = uuid4().hex
        self.door_port = _free_port()
        self.programs: dict[str, Program] = {}
        self.busy = threading.RLock()  # held while the killer holds a part down
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._supervise, daemon=True)
        self.log = folder / "log"
        self.log.mkdir(exist_ok=True)

    def environment(self, **more: str) -> dict[str, str]:
        ready = self.folder / "ready-with-proxies.json"
        if not ready.exists():
            facts = json.loads((self.folder / "sandbox" / "ready.json").read_text())
            for slug, door in facts["carriers"].items():
                door["sftp_port"] = self.proxies[slug].port
            ready.write_text(json.dumps(facts))
        return os.environ | self.addresses.environment() | {
            "ENVIRONMENT": "test", "QUEUE_NAME": "chaos", "KEY_FILE": str(self.folder / "keys.json"),
            "STORAGE_URL": str(self.folder / "storage"), "CHECKPOINT_DIR": str(self.folder / "checkpoints"),
            "LEASE_SECONDS": str(LEASE_SECONDS), "REDISPATCH_SECONDS": str(REDISPATCH_SECONDS),
            "SMTP_URL": f"smtp://127.0.0.1:{self.box.smtp_port}", "SANDBOX_READY_FILE": str(ready),
            "CHAOS_COMPANY": self.company, "CHAOS_MARK": self.mark, "CHAOS_FOLDER": str(self.folder),
            "CHAOS_DOOR_PORT": str(self.door_port),
            "LOG_LEVEL": "WARNING", "COVERAGE_PROCESS_START": "", "COVERAGE_PROCESS_CONFIG": "", **more,
        }  # fmt: skip

    def call(self, what: str, **more: str) -> None:
        """Run a program to its end. Raises RuntimeError with its last words."""
        self.command("-m", "tests.chaos.program", what, **more)

    def command(self, *arguments: str, **more: str) -> str:
        """`python …` in this installation. Returns what it printed."""
        done = subprocess.run(
            [sys.executable, *arguments], cwd=CHECKOUT, env=self.environment(**more), capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{arguments}: {(done.stdout + done.stderr)[-4000:]}")
        return done.stdout

    def add(self, name: str, what: str, **more: str) -> Program:
        program = Program(name, what, self.environment(**more), self.log)
        self.programs[name] = program
        program.start()
        return program

    def end(self, name: str) -> None:
        """End a program for good."""
        with self.busy:
            program = self.programs.pop(name)
        with suppress(ProcessLookupError):
            os.kill(program.pid, signal.SIGKILL)
        if program.process:
            program.process.wait()

    def named(self, prefix: str) -> list[Program]:
        return [program for name, program in sorted(self.programs.items()) if name.startswith(prefix)]

    def supervise(self) -> None:
        adopt_orphans()
        self._thread.start()

    def _supervise(self) -> None:
        while not self._stop.wait(0.1):
            with self.busy:
                for program in list(self.programs.values()):
                    program.watch()

    def wait_alive(self, number: int, seconds: float = 120) -> None:
        """Until so many workers and dispatchers have written that they live. Raises RuntimeError with their last words."""
        deadline = time.monotonic() + seconds
        alive = "SELECT count(*) FROM process_heartbeat WHERE kind IN ('worker', 'dispatcher')"
        while self.query(alive)[0][0] < number:
            if time.monotonic() > deadline:
                raise RuntimeError("\n".join(f"{name}: {one.tail()}" for name, one in self.programs.items()))
            time.sleep(0.2)

    def query(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """As the superuser. Raises psycopg.OperationalError while the server is down."""
        with psycopg.connect(
            conninfo(url_of(str(self.addresses.admin)).set(database="corridor")), autocommit=True
        ) as link:
            return link.execute(statement, values or None).fetchall()

    def close(self) -> None:
        """Ends every process that carries our mark, orphans included; nothing else."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        for program in self.programs.values():
            with suppress(ProcessLookupError):
                os.kill(program.pid, signal.SIGKILL)
            if program.process:
                program.process.wait()
        for process in self.ours():
            with suppress(psutil.Error):
                process.kill()
        while _reap():
            pass

    def ours(self) -> list[psutil.Process]:
        """Every living process started by this run's programs, whoever its parent is by now."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if process.environ().get("CHAOS_MARK") == self.mark:
                    found.append(process)
        return found


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _reap() -> bool:
    """Orphans that became ours and ended."""
    try:
        pid, _ = os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return False
    return pid != 0


@contextmanager
def running(folder: Path, parts: Parts) -> Iterator[Stack]:
    """Parts, tables, sandbox and proxies are up; the programs are added by the caller."""
    with ExitStack() as cleanup:
        addresses = parts.start()
        upgrade(addresses)
        box = cleanup.enter_context(launch(folder / "sandbox"))
        proxies = {slug: Proxy(door["sftp_port"]) for slug, door in box.carriers.items()}
        for proxy in proxies.values():
            cleanup.callback(proxy.close)
        stack = Stack(folder, parts, addresses, box, proxies)
        cleanup.callback(stack.close)
        yield stack
