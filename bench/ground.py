"""Where the bench works: servers of its own, two databases, the environment. Imports nothing of `app`: addresses come first."""

from __future__ import annotations

import fcntl
import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from worker.stack.addresses import Addresses, conninfo, url_of
from worker.stack.migrate import upgrade
from worker.stack.parts import Parts
from worker.stack.provision import drop_database, provision
from worker.stack.state import CHECKOUT, default_dir

RESULTS = CHECKOUT / "bench" / "results"
LARGE, QUICK, SMALL = 1_000_000, 200_000, 1_000  # employees of the large, the quick and the small company
SCHEMA = (
    "migrations/**/*.py",
    "app/people/models.py",
    "app/accounts/models.py",
    "app/core/db.py",
    "app/core/crypto.py",
    "app/core/models.py",
)
FILLING = b"1"  # change it when bench.fill makes other rows


@dataclass(frozen=True)
class Ground:
    """What a measurement needs. `crowd`: database of the large company, kept between runs. `work`: a new one each time."""

    state: Path
    admin: str
    crowd: Addresses
    work: Addresses
    people: int
    quick: bool
    servers: tuple[int, ...]  # process ids of PostgreSQL and Valkey

    def enter(self, addresses: Addresses) -> None:
        """Put the addresses and the bench's own files into the environment of this process and its children."""
        os.environ.update(addresses.environment())
        os.environ.update(
            {
                "ENVIRONMENT": "development",
                "KEY_FILE": str(self.state / "keys.json"),
                "STORAGE_URL": str(self.state / "storage"),
                "CHECKPOINT_DIR": str(self.state / "checkpoints"),
                "QUEUE_NAME": "bench",
                "LOG_LEVEL": "ERROR",
                "SANDBOX_URL": "",
                "OIDC_ISSUER": "",
            }
        )
        _forget_former()

    def work_here(self) -> None:
        """Become like a worker: jobs loaded, and what was imported left to no garbage collector."""
        self.enter(self.work)
        from app import domains
        from worker.run import settle

        domains.load_jobs()
        settle()

    def connect(self, addresses: Addresses) -> psycopg.Connection[tuple[object, ...]]:
        """An administrator's autocommit session: fills tables, reads statistics, bypasses row-level security."""
        database = url_of(addresses.app).database
        return psycopg.connect(conninfo(url_of(self.admin).set(database=database)), autocommit=True)


@contextmanager
def ground(*, quick: bool) -> Iterator[Ground]:
    """The bench's servers, started for the length of the block, with both databases migrated."""
    for name in ("DATABASE_URL", "OWNER_DATABASE_URL", "DISPATCH_DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)  # never measure, fill or drop anybody's real database
    held = Parts(default_dir("bench"))
    alone = (held.state.dir / "bench.lock").open("w")
    fcntl.flock(alone, fcntl.LOCK_EX)  # two runs would measure each other
    try:
        server = held.start()
        assert server.admin is not None
        people = QUICK if quick else LARGE
        work = server.in_database("bench_work")
        crowd = server.in_database(f"bench_{people}_{fingerprint()}")
        _drop_stale(server.admin)
        _make(server.admin, crowd, fresh=not _is_filled(server.admin, crowd))
        _make(server.admin, work, fresh=True)
        yield Ground(held.state.dir, server.admin, crowd, work, people, quick, tuple(held.pids().values()))
    finally:
        held.leave()
        alone.close()


def fingerprint() -> str:
    """Of everything the filled database depends on; another one means another database."""
    digest = hashlib.sha256(FILLING)
    for path in sorted({path for pattern in SCHEMA for path in CHECKOUT.glob(pattern)}):
        digest.update(str(path.relative_to(CHECKOUT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:8]


def _forget_former() -> None:
    """Settings, connections and keys of the database that was entered before, when this process has read them already."""
    if "app.core.db" not in sys.modules:
        return
    from app.core.config import get_settings
    from app.core.db import engine
    from app.core.keys import keyring

    if engine.cache_info().currsize:
        engine().dispose()
    for read in (engine, get_settings):
        read.cache_clear()
    keyring.forget()


def _make(admin: str, addresses: Addresses, *, fresh: bool) -> None:
    name = str(url_of(addresses.app).database)
    if fresh:
        with _maintenance(admin) as connection:
            drop_database(connection, name)
    provision(url_of(admin), name)
    upgrade(addresses)


def _is_filled(admin: str, addresses: Addresses) -> bool:
    """False also for a database whose filling was interrupted."""
    try:
        with psycopg.connect(conninfo(url_of(admin).set(database=url_of(addresses.app).database))) as connection:
            row = connection.execute("SELECT to_regclass('public.bench_filled') IS NOT NULL").fetchone()
    except psycopg.OperationalError:
        return False
    return bool(row and row[0])


def _drop_stale(admin: str) -> None:
    """Databases of an older schema: they would only fill the disk."""
    with _maintenance(admin) as connection:
        known = connection.execute("SELECT datname FROM pg_database WHERE datname ~ '^bench_[0-9]+_'").fetchall()
        for (name,) in known:
            if not str(name).endswith(fingerprint()):
                drop_database(connection, str(name))


def _maintenance(admin: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(conninfo(url_of(admin)), autocommit=True)
