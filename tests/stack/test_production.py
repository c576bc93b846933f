"""The Procfile in production, set up by nothing but what docs/operate.md says: its SQL, its list of variables, its commands."""

import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from tests.stack.test_run import free_port
from worker.stack.addresses import on_socket, text_of, url_of
from worker.stack.parts import Parts
from worker.stack.state import CHECKOUT

OPERATE = (CHECKOUT / "docs" / "operate.md").read_text()
ROLES = ("corridor_app", "corridor_owner", "corridor_dispatch")
COMPANY = "00000000-0000-4000-8000-000000000001"
PROBE = "corridor_requests_total{endpoint=\"health.healthz\",status=\"2xx\"}"  # fmt: skip


@dataclass
class Installation:
    """What an operator made by the page, and the programs of the Procfile that run."""

    parts: Parts
    folder: Path
    environment: dict[str, str]
    owner: str
    port: int
    programs: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def admin(self) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(host=str(self.parts._servers[0].socket_dir), user="postgres", dbname="corridor", autocommit=True)  # type: ignore[union-attr]  # fmt: skip

    def start(self, name: str) -> None:
        command = ["sh", "-c", f"exec {procfile()[name]}"]
        with (self.folder / f"{name}.log").open("ab") as log:
            self.programs[name] = subprocess.Popen(command, cwd=CHECKOUT, env=self.environment, stdout=log, stderr=log)

    def run(self, line: str, **more: str) -> "subprocess.CompletedProcess[str]":
        command = ["sh", "-c", f"exec {line}"]
        return subprocess.run(
            command, cwd=CHECKOUT, env=self.environment | more, capture_output=True, text=True, check=False, timeout=120
        )

    def get(self, path: str) -> tuple[int, str]:
        """Status and text; 0 when nobody listens."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status, f"{answer.headers}{answer.read().decode()}"
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def counted(self) -> int:
        """How often /healthz was asked, as /metrics tells it."""
        _, text = self.get("/metrics")
        return int(float(next((line.split()[-1] for line in text.splitlines() if line.startswith(PROBE)), "0")))


def procfile() -> dict[str, str]:
    return dict(line.split(": ", 1) for line in (CHECKOUT / "Procfile").read_text().splitlines() if line)


def wait(ready: Callable[[], object], what: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline, f"{what}: not within {seconds:.0f} s"
        time.sleep(0.2)


def roles_by_hand(admin: str) -> None:
    """The page's SQL, on a server where nothing of ours is left."""
    (script,) = re.findall(r"```sql\n(.*?)```", OPERATE, re.S)
    before, after = script.replace("…", "by-hand").split("\\c corridor")
    address = url_of(admin).set(drivername="postgresql")
    with psycopg.connect(text_of(address), autocommit=True) as connection:
        connection.execute("DROP DATABASE corridor WITH (FORCE)")
        for role in ROLES:
            connection.execute(f"DROP ROLE {role}")
        for statement in filter(str.strip, before.split(";")):
            connection.execute(statement)
    with psycopg.connect(text_of(address.set(database="corridor")), autocommit=True) as connection:
        connection.execute(after)


def documented_environment(folder: Path, addresses: dict[str, str], redis: str) -> dict[str, str]:
    """Exactly the variables the page calls the least, with a value each."""
    (listed,) = re.findall(r"At least: (.*?)\. Give", OPERATE, re.S)
    values = {
        "ENVIRONMENT": "production", "DATABASE_URL": addresses["corridor_app"],
        "DISPATCH_DATABASE_URL": addresses["corridor_dispatch"], "REDIS_URL": redis,
        "SECRET_KEY": secrets.token_hex(32), "KEY_FILE": str(folder / "keys.json"), "STORAGE_URL": str(folder / "files"),
        "CHECKPOINT_DIR": str(folder / "checkpoints"), "BASE_URL": "https://corridor.example",
        "SMTP_URL": "smtp://127.0.0.1:1", "TRUSTED_PROXIES": "0", "SFTP_ALLOWED": "203.0.113.0/24", "HTTP_ALLOWED": "203.0.113.0/24",
    }  # fmt: skip
    named = re.findall(r"`([A-Z_]+)(?:=[a-z]+)?`", listed)
    coverage = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE")}
    return {name: values[name] for name in named} | coverage


@pytest.fixture(scope="module")
def installed() -> Iterator[Installation]:
    """Roles, variables, keys, release; then all three programs."""
    folder = Path(tempfile.mkdtemp(prefix="corridor-production-"))
    folder.chmod(0o755)
    parts = Parts(folder / "parts", fast=True)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("DATABASE_URL", "OWNER_DATABASE_URL", "DISPATCH_DATABASE_URL", "REDIS_URL"):
            patch.delenv(name, raising=False)
        given = parts.start()
    roles_by_hand(str(given.admin))
    sockets = str(url_of(given.app).query["host"])
    addresses = {role: text_of(on_socket(sockets, role, "corridor")) for role in ROLES}
    port = free_port()
    environment = documented_environment(folder, addresses, given.redis)
    environment |= {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "PORT": str(port)}
    made = Installation(parts, folder, environment, addresses["corridor_owner"], port)
    try:
        yield made
    finally:
        for program in made.programs.values():
            program.kill()
            program.wait()
        parts.leave()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def running(installed: Installation) -> Installation:
    keys = installed.run("corridor keys init")
    assert keys.returncode == 0, keys.stderr
    assert (installed.folder / "keys.json").stat().st_mode & 0o777 == 0o600
    released = installed.run(procfile()["release"], OWNER_DATABASE_URL=installed.owner)
    assert released.returncode == 0, released.stderr
    with installed.admin() as admin:
        admin.execute(
            "INSERT INTO tenant_door (id, slug, name, brand_hue, active) VALUES (%s, 'acme', 'Acme', 185, true)",
            (COMPANY,),
        )
    for name in ("web", "worker", "dispatcher"):
        installed.start(name)
    wait(lambda: installed.get("/readyz")[0] == 200, "ready")
    return installed


def test_nothing_starts_without_keys(installed: Installation) -> None:
    for name in ("web", "worker"):
        refused = installed.run(procfile()[name], WEB_CONCURRENCY="1", KEY_FILE=str(installed.folder / "lost.json"))
        assert refused.returncode != 0, name
        assert "restore it from escrow or run `corridor keys init`" in refused.stderr, name


def test_release_needs_the_owner(installed: Installation) -> None:
    refused = installed.run(procfile()["release"])
    assert refused.returncode != 0
    assert "OWNER_DATABASE_URL is not set" in refused.stderr


def test_the_programs_run_together(running: Installation) -> None:
    assert running.get("/readyz")[1].endswith("ready\n")
    assert running.get("/healthz")[1].endswith("ok\n")

    def done() -> set[object]:
        with running.admin() as admin:
            return {row[0] for row in admin.execute("SELECT kind FROM job_intent WHERE state = 'done'").fetchall()}

    wait(lambda: "audit.seal" in done(), "a scheduled job went through dispatcher, Valkey and worker")
    with running.admin() as admin:
        kinds = {str(row[0]) for row in admin.execute("SELECT kind FROM process_heartbeat").fetchall()}
    assert kinds >= {"worker", "dispatcher", "counts"}
    assert {name: program.poll() for name, program in running.programs.items()} == dict.fromkeys(running.programs)


def test_production_has_no_conveniences(running: Installation) -> None:
    assert running.get("/dev/components")[0] == 404
    status, page = running.get("/sign-in")
    assert status == 200
    cookies = [line.split(": ", 1)[1] for line in page.splitlines() if line.startswith("Set-Cookie")]
    assert cookies
    for cookie in cookies:
        assert cookie.startswith("__Host-")
        assert "Secure" in cookie


def test_metrics_are_the_sum_of_all_workers_and_outlive_them(running: Installation) -> None:
    before = running.counted()
    for _ in range(20):
        assert running.get("/healthz")[0] == 200
    assert running.counted() == before + 20
    master = running.programs["web"].pid
    workers = children(master)
    assert len(workers) == 2
    for worker in workers:
        os.kill(worker, signal.SIGTERM)
    wait(lambda: len(children(master) - workers) == 2 and running.get("/readyz")[0] == 200, "workers replaced")
    assert running.counted() == before + 20
    assert re.search(r"^corridor_oldest_due_intent_seconds ", running.get("/metrics")[1], re.M)


def children(parent: int) -> set[int]:
    return {int(word) for word in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()}


def test_postgresql_away_is_an_apology_and_passes_by_itself(running: Installation) -> None:
    assert running.get("/sign-in")[0] == 200
    os.kill(running.parts.pids()["Postgres"], signal.SIGKILL)
    wait(lambda: "Postgres" not in running.parts.pids(), "PostgreSQL gone")
    for path in ("/sign-in", "/me"):
        status, page = running.get(path)
        if status != 503:
            pytest.fail(f"{path}: {status} {(running.folder / 'web.log').read_text()[-3000:]}")
        assert "Try again in a few minutes" in page
    assert running.get("/readyz") == (503, "not ready: database\n")
    assert running.get("/healthz")[0] == 200
    running.parts.revive()
    wait(lambda: running.get("/readyz")[0] == 200, "healed")
    assert running.get("/sign-in")[0] == 200
    assert {name: program.poll() for name, program in running.programs.items()} == dict.fromkeys(running.programs)


def test_each_program_ends_when_it_is_asked_to(running: Installation) -> None:
    """The last one: nothing runs afterwards."""
    for program in running.programs.values():
        program.terminate()
    assert {name: program.wait(30) for name, program in running.programs.items()} == dict.fromkeys(running.programs, 0)
    assert children(os.getpid()) & {program.pid for program in running.programs.values()} == set()
