# ruff: noqa: T201
"""The employee list over many rows: `python -m tests.people.bench_list 1000000`. Milliseconds of `services.listing`, medians of 15."""

from __future__ import annotations

import os
import random
import statistics
import sys
import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID


def lines(company_id: UUID, rows: int, departments: list[UUID]) -> Iterator[str]:
    """COPY text of employees with two sealed names and their tokens."""
    from uuid_utils.compat import uuid7

    from app.core.crypto import Sealer
    from app.people.models import Employee
    from app.people.services.names import name_tokens
    from tests.people import files

    sealer, dice = Sealer(company_id), random.Random(3)
    first, last = sealer.field(Employee.first_name), sealer.field(Employee.last_name)
    for number in range(rows):
        key = str(uuid7())
        given, family = (
            dice.choice(files.FIRST),
            f"{dice.choice(files.LAST)}{chr(97 + number % 23)}{chr(97 + number // 23 % 23)}{chr(97 + number // 529 % 23)}",
        )
        tokens = ",".join(f'"\\\\\\\\x{token.hex()}"' for token in name_tokens(company_id, given, family))
        status = "active" if number % 10 else "terminated"
        yield "\t".join(
            [
                str(company_id), key, f"E{number:07d}", f"M{number:07d}", "{" + tokens + "}",
                "\\\\x" + first(key.encode(), given), "\\\\x" + last(key.encode(), family), status,
                str(departments[number % len(departments)]), "2020-01-06",
            ]
        ) + "\n"  # fmt: skip


CONSTANTS = {
    "gender": "other", "work_email": "", "country": "USA", "marital_status": "", "employment_type": "full_time",
    "employee_class": "standard", "weekly_hours": "40", "pay_frequency": "biweekly", "job_title": "Engineer",
    "termination_reason": "", "preferred_language": "en", "communication_preferences": "{}",
}  # fmt: skip


def fill(admin: Any, company_id: UUID, rows: int, departments: list[UUID]) -> None:
    for column, value in CONSTANTS.items():
        admin.execute(f"ALTER TABLE employee ALTER {column} SET DEFAULT '{value}'")
    columns = "company_id, id, employee_number, member_number, name_tokens, first_name_enc, last_name_enc, status, department_id, hired_on"
    with admin.cursor() as cursor, cursor.copy(f"COPY employee ({columns}) FROM STDIN") as stream:
        for line in lines(company_id, rows, departments):
            stream.write(line)
    admin.execute("VACUUM ANALYZE employee")


def main(rows: int) -> None:
    from tests.fixtures.slot import Slot

    slot = Slot()
    os.environ.update(slot.environment())
    slot.make_database()
    from uuid_utils.compat import uuid7

    from app.core.db import engine, tenant, transaction
    from app.core.events import system
    from app.domains import people
    from app.people import services
    from app.people.services import Filters

    company_id = uuid7()
    try:
        with tenant(company_id):
            with transaction() as session:
                session.add(people.Company(id=company_id, name="Acme", slug="acme"))
                made = [people.Department(code=f"D{n}", name=f"Department {n}") for n in range(40)]
                session.add_all(made)
            with slot.admin(slot.database) as admin:
                fill(admin, company_id, rows, [one.id for one in made])
            cases = {
                "page 1": (Filters(), ""), "deep page": (Filters(), f"E{int(rows * 0.9):07d}"),
                "status": (Filters(status="terminated"), ""), "department": (Filters(department=str(made[3].id)), ""),
                "rare name": (Filters(q="lopezabc"), ""), "common name": (Filters(q="ana"), ""), "two letters": (Filters(q="an"), ""),
                "number": (Filters(q=f"E{rows // 2 // 1000:04d}"), ""), "nobody": (Filters(q="zzzz"), ""),
            }  # fmt: skip
            for label, (filters, after) in cases.items():
                times = []
                for _ in range(15):
                    with transaction() as session:
                        started = time.perf_counter()
                        found = services.listing(session, system("bench"), filters, after=after)
                        times.append((time.perf_counter() - started) * 1000)
                print(
                    f"{label:12}{statistics.median(times):8.2f} ms  {len(found.rows)} rows of {found.total}", flush=True
                )
    finally:
        engine().dispose()
        slot.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
