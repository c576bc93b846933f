"""`corridor run`: everything on one machine, in one terminal, until Ctrl-C."""

import fcntl
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import click

from worker.cli._console import Console, Step
from worker.stack.addresses import Addresses
from worker.stack.child import Child
from worker.stack.errors import StackError
from worker.stack.migrate import migrations_exist, upgrade
from worker.stack.parts import Parts
from worker.stack.ports import is_free, remembered
from worker.stack.state import CHECKOUT, VAR
from worker.stack.supervisor import Supervisor, stop_on_signals

HOST = "127.0.0.1"
STEPS = 5


@click.command("run")
@click.option("--port", default=8000, envvar="PORT", show_default=True, help="Port of the web pages.")
@click.option("--seed/--no-seed", default=True, help="Fill an empty database with a demo company.")
@click.option("--verbose", "-v", is_flag=True, help="Show every line of every program, not only trouble.")
def command(port: int, seed: bool, verbose: bool) -> None:
    """Run everything on this machine until Ctrl-C."""
    console = Console(verbose=verbose)
    try:
        with only_once(port):
            run(console, port, seed=seed)
    except StackError as failure:
        console.trouble(str(failure))
        sys.exit(1)


def run(console: Console, port: int, *, seed: bool) -> None:
    """Parts, tables, stand-ins, demo data, programs; then watches them. Raises `StackError` when a step fails."""
    parts = Parts()
    supervisor = Supervisor(parts, console.say)
    with stop_on_signals(supervisor), supervisor:
        try:
            with console.steps(STEPS) as step:
                sign_ins = _bring_up(supervisor, parts, port, step, seed=seed)
        except StackError:
            if not supervisor.stopping.is_set():
                raise
        if not supervisor.stopping.is_set():
            console.welcome(f"http://{HOST}:{port}", sign_ins, VAR / "log")
            supervisor.watch()
        console.line("Stopping …")
    console.line("Stopped. Everything is kept for the next start.")


def _bring_up(supervisor: Supervisor, parts: Parts, port: int, step: Step, *, seed: bool) -> str:
    step("PostgreSQL and Valkey")
    addresses = parts.start()
    environment = _environment(addresses, port)
    step("Tables")
    if migrations_exist():
        upgrade(addresses)
    step("Stand-in carriers, mailbox and identity provider")
    _start_sandbox(supervisor, environment)
    step("Demo company")
    sign_ins = _seed(environment) if seed and find_spec("worker.cli.seed") else ""
    step("Web pages, worker and dispatcher")
    _start_programs(supervisor, environment, port)
    return sign_ins


def _environment(addresses: Addresses, port: int) -> dict[str, str]:
    sandbox = f"http://{HOST}:{_sandbox_ports()['http']}"
    defaults = {
        "BASE_URL": f"http://{HOST}:{port}",
        "SANDBOX_URL": sandbox,
        "SANDBOX_READY_FILE": str(VAR / "sandbox" / "ready.json"),
        "SMTP_URL": f"smtp://{HOST}:{_sandbox_ports()['smtp']}",
        "KEY_FILE": str(VAR / "keys.json"),
        "STORAGE_URL": str(VAR / "storage"),
        "CHECKPOINT_DIR": str(VAR / "audit-checkpoints"),
        "PYTHONUNBUFFERED": "1",
        "TZ": "UTC",
    }
    return {**defaults, **os.environ, **addresses.environment(), "PORT": str(port)}


def _sandbox_ports() -> dict[str, int]:
    return remembered(VAR / "sandbox" / "ports.json")


def _start_sandbox(supervisor: Supervisor, environment: dict[str, str]) -> None:
    ready = Path(environment["SANDBOX_READY_FILE"])
    ready.unlink(missing_ok=True)
    ports = [f"--{name}-port={port}" for name, port in _sandbox_ports().items()]
    state = [f"--state={VAR / 'sandbox'}", f"--ready-file={ready}", "--screening-auto-seconds=15"]
    child = _python("sandbox", environment, "-m", "sandbox", *ports, *state)
    supervisor.add(child)
    supervisor.wait_for(child, ready.exists, 30)


def _seed(environment: dict[str, str]) -> str:
    """Returns what the seed command prints: the demo sign-ins."""
    done = subprocess.run(
        [sys.executable, "-m", "worker.cli", "seed", "--if-empty"],
        cwd=CHECKOUT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise StackError(f"The demo company could not be made:\n{(done.stdout + done.stderr)[-3000:]}")
    return done.stdout.strip()


def _start_programs(supervisor: Supervisor, environment: dict[str, str], port: int) -> None:
    web = _python(
        "web", environment, "-m", "gunicorn", "wsgi:app", "--worker-class=gthread", f"--bind={HOST}:{port}",
        "--workers=1", f"--threads={environment.get('WEB_THREADS', '8')}", "--graceful-timeout=5",
        "--no-control-socket",
    )  # fmt: skip
    supervisor.add(web)
    supervisor.add(_python("worker", environment, "-m", "worker.run"))
    supervisor.add(_python("dispatcher", environment, "-m", "worker.dispatch"))
    supervisor.wait_for(web, lambda: _answers(f"http://{HOST}:{port}/"), 60)


def _python(name: str, environment: dict[str, str], *arguments: str) -> Child:
    return Child(name, [sys.executable, *arguments], environment, VAR / "log")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own address
            return True
    except urllib.error.HTTPError as answer:
        return answer.code < 500
    except OSError:
        return False


@contextmanager
def only_once(port: int) -> Iterator[None]:
    """One `corridor run` per checkout, on a free port. Raises `StackError` otherwise."""
    VAR.mkdir(exist_ok=True)
    with (VAR / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise StackError(f"Corridor already runs here: {lock.read().strip()}. Stop it with Ctrl-C first.") from None
        if not is_free(port):
            raise StackError(f"Port {port} is taken by another program. Try another one: PORT={port + 1} make run")
        lock.truncate(0)
        lock.write(f"http://{HOST}:{port}")
        lock.flush()
        yield
