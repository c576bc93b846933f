"""The crowd: one company with a million employees and one with a thousand, whose names really decrypt. Made once, kept."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from multiprocessing import get_context
from typing import Any
from uuid import UUID, uuid5

from bench.ground import SMALL, Ground
from bench.sealing import sealers

LARGE_ID = UUID("0199b000-0000-7000-8000-000000000001")
SMALL_ID = UUID("0199b000-0000-7000-8000-000000000002")
DEPARTMENTS, REGIONS = 40, 5
FIRST = "Ana Ben Carla Dev Elena Farid Grace Hugo Iris Jamal Kei Luz Mara Nils Olga Pablo Quinn Rosa Sam Tara Uma Vito Wen".split()
LAST = "Adams Brown Castillo Diaz Evans Flores Garcia Hughes Ibarra Jones Khan Lopez Moore Nguyen Ortiz Patel Reyes Silva".split()
TITLES = ("Analyst", "Engineer", "Nurse", "Clerk", "Driver", "Manager", "Technician")
COLUMNS = (
    "company_id", "id", "employee_number", "member_number", "name_tokens", "gender", "work_email", "country", "marital_status",
    "status", "employment_type", "employee_class", "weekly_hours", "pay_frequency", "job_title", "hired_on", "termination_reason",
    "department_id", "region_id", "preferred_language", "communication_preferences", "first_name_enc", "last_name_enc",
    "date_of_birth_enc", "date_of_birth_bidx", "ssn_enc", "ssn_bidx",
)  # fmt: skip


@dataclass(frozen=True)
class Share:
    """One process's part of a company: employees `start` to `stop`."""

    company_id: UUID
    start: int
    stop: int
    address: str


def department_id(company_id: UUID, number: int) -> UUID:
    return uuid5(company_id, f"department {number % DEPARTMENTS}")


def region_id(company_id: UUID, number: int) -> UUID:
    return uuid5(company_id, f"region {number % REGIONS}")


def employee_id(company_id: UUID, number: int) -> UUID:
    """UUIDv7-like: grows with the number, as real ones do."""
    tail = uuid5(company_id, f"employee {number}").int & ((1 << 60) - 1)
    return UUID(int=(0x0199B0000000 + number) << 80 | 0x7000 << 64 | 0x8 << 60 | tail)


def crowd(ground: Ground) -> None:
    """Fill both companies unless an earlier run did."""
    with ground.connect(ground.crowd) as admin:
        row = admin.execute("SELECT to_regclass('public.bench_filled')").fetchone()
        if row and row[0]:
            return
    print(f"Filling {ground.people:,} employees; later runs reuse them …", flush=True)
    started = time.monotonic()
    make_company(LARGE_ID, "Meridian Works", "meridian")
    make_company(SMALL_ID, "Small Works", "small")
    fill_employees(ground, {LARGE_ID: ground.people, SMALL_ID: SMALL})
    with ground.connect(ground.crowd) as admin:
        admin.execute("CREATE TABLE bench_filled AS SELECT now() AS at")
    print(f"Filled in {time.monotonic() - started:.0f} s", flush=True)


def make_company(company_id: UUID, name: str, slug: str) -> None:
    """Company, door, departments and regions."""
    from app.core.db import tenant, transaction
    from app.domains import accounts, people

    with tenant(company_id), transaction() as session:
        session.add(accounts.TenantDoor(id=company_id, slug=slug, name=name, brand_hue=185))
        session.add(people.Company(id=company_id, name=name, slug=slug, tax_id="123456789"))
        for number in range(REGIONS):
            session.add(people.Region(id=region_id(company_id, number), code=f"R{number}", name=f"Region {number}"))
        for number in range(DEPARTMENTS):
            place = department_id(company_id, number)
            session.add(people.Department(id=place, code=f"D{number:02d}", name=f"Department {number:02d}"))


def fill_employees(ground: Ground, sizes: dict[UUID, int]) -> None:
    """COPY from two processes into a table without its secondary indexes, which are built once afterwards."""
    from app.core.keys import keyring

    for company_id in sizes:
        keyring.current(company_id)  # two processes would both make the first key
    address = ground.connect(ground.crowd)
    with address as admin:
        indexes = _drop_indexes(admin)
        conninfo = admin.info.dsn
        shares = [share for company_id, size in sizes.items() for share in _shares(company_id, size, conninfo)]
        processes = os.cpu_count() or 1
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            list(pool.map(_copy_share, shares))
        for definition in indexes:
            admin.execute(definition)
        admin.execute("VACUUM ANALYZE employee")


def _shares(company_id: UUID, size: int, address: str) -> Iterator[Share]:
    step = max(10_000, size // 8)
    for start in range(0, size, step):
        yield Share(company_id, start, min(start + step, size), address)


def _drop_indexes(admin: Any) -> list[str]:
    """Definitions of the indexes that belong to no constraint, which are gone afterwards."""
    found = admin.execute(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i"
        " WHERE i.indrelid = 'employee'::regclass"
        " AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)"
    ).fetchall()
    for name, _ in found:
        admin.execute(f"DROP INDEX {name}")
    return [definition for _, definition in found]


def _copy_share(share: Share) -> None:
    import psycopg

    with psycopg.connect(share.address) as connection:
        connection.execute("SET session_replication_role = replica")  # the foreign keys hold by construction
        connection.execute("SET synchronous_commit = off")
        with connection.cursor().copy(f"COPY employee ({', '.join(COLUMNS)}) FROM STDIN") as stream:
            lines: list[str] = []
            for line in rows(share.company_id, share.start, share.stop):
                lines.append(line)
                if len(lines) == 2000:
                    stream.write("".join(lines))
                    lines.clear()
            stream.write("".join(lines))


def rows(company_id: UUID, start: int, stop: int) -> Iterator[str]:
    """COPY lines of employees `start` to `stop`; four fields of each are sealed to their row."""
    from app.people.models import Employee
    from app.people.services.names import name_tokens

    seals = sealers(company_id, ("first_name", "last_name", "date_of_birth", "ssn"))
    blind_birth, blind_ssn = Employee.date_of_birth.blind, Employee.ssn.blind
    company, first_day = str(company_id), date(1960, 1, 1)
    tokens = {
        (first, last): '{"'
        + '","'.join(rf"\\\\x{token.hex()}" for token in name_tokens(company_id, first, last))
        + '"}'
        for first in FIRST
        for last in LAST
    }
    for number in range(start, stop):
        row = str(employee_id(company_id, number))
        first, last = FIRST[number % len(FIRST)], LAST[number // 7 % len(LAST)]
        birth, ssn = first_day + timedelta(days=number % 15_000), f"{number + 100_000_000:09d}"
        key = row.encode()
        sealed = [seal(key, plain) for seal, plain in zip(seals, (first, last, birth.isoformat(), ssn), strict=True)]
        born, secret = blind_birth(company_id, birth) or b"", blind_ssn(company_id, ssn) or b""
        status = "terminated" if number % 20 == 7 else "inactive" if number % 50 == 3 else "active"
        hired = date(2010, 1, 4) + timedelta(days=number % 5_000)
        yield (
            f"{company}\t{row}\tE{number:07d}\tM{number:010d}\t{tokens[first, last]}\tfemale\te{number}@example.com\tUSA\tsingle\t"
            f"{status}\tfull_time\tstandard\t40\tbiweekly\t{TITLES[number % 7]}\t{hired}\t\t{department_id(company_id, number)}\t"
            f"{region_id(company_id, number)}\ten\t{{}}\t\\\\x{sealed[0]}\t\\\\x{sealed[1]}\t\\\\x{sealed[2]}\t\\\\x{born.hex()}\t"
            f"\\\\x{sealed[3]}\t\\\\x{secret.hex()}\n"
        )
