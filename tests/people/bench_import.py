# ruff: noqa: T201
"""How fast an employee file comes in: `python -m tests.people.bench_import 10000`. Prints wall and CPU seconds of this process
and of PostgreSQL's, beside the price of one AES-GCM call in the same run, so that a busy machine shows."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

TICKS = os.sysconf("SC_CLK_TCK")


def postgres_seconds(database: str) -> float:
    """CPU of the server processes of this database."""
    total = 0.0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if database in (process / "cmdline").read_text():
                fields = (process / "stat").read_text().rsplit(")", 1)[1].split()
                total += (int(fields[11]) + int(fields[12])) / TICKS
        except (OSError, IndexError):
            continue
    return total


def encrypt_microseconds() -> float:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    cipher, nonce, data = AESGCM(os.urandom(32)), os.urandom(12), b"x" * 80
    started = time.process_time()
    for _ in range(50_000):
        cipher.encrypt(nonce, b"hello world", data)
    return (time.process_time() - started) / 50_000 * 1e6


def measure(label: str, rows: int, database: str, step: Callable[[], Any]) -> Any:
    wall, cpu, server = time.perf_counter(), time.process_time(), postgres_seconds(database)
    found = step()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    server = postgres_seconds(database) - server
    print(
        f"{label:22}{wall:7.2f} s wall {cpu:6.2f} s python {server:6.2f} s postgres"
        f"  {rows / wall:8,.0f} rows/s wall {rows / (cpu + server):8,.0f} rows/s of CPU",
        flush=True,
    )
    return found


def main(rows: int) -> None:
    from tests.fixtures.slot import Slot

    slot = Slot()
    os.environ.update(slot.environment())
    slot.make_database()
    from uuid_utils.compat import uuid7

    from app.core.db import engine, tenant, transaction
    from app.domains import load_jobs, people
    from tests.people import files

    load_jobs()
    company_id, name = uuid7(), slot.database
    try:
        with tenant(company_id):
            with transaction() as session:
                session.add(people.Company(id=company_id, name="Acme", slug="acme"))
            table = files.made_rows(rows)
            print(f"AES-GCM {encrypt_microseconds():.2f} us a call, load {os.getloadavg()[0]:.1f}")
            for label, change in (("all new", 0), ("again", 0), ("5 % changed", 20)):
                for row in table[::change] if change else []:
                    row[9] = "1 New Street"
                data = files.csv_of(table)
                kept = files.upload(data)
                kept = measure(f"check, {label}", rows, name, lambda kept=kept: files.check(kept))
                kept = measure(f"apply, {label}", rows, name, lambda kept=kept: files.apply(kept))
                print(
                    f"  new {kept.rows_new} changed {kept.rows_changed} same {kept.rows_same} refused {kept.rows_refused}"
                )
            print(f"AES-GCM {encrypt_microseconds():.2f} us a call, load {os.getloadavg()[0]:.1f}")
    finally:
        engine().dispose()
        slot.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
