"""Employee files of any size, and the way from upload to applied without a worker."""

from __future__ import annotations

import csv
import io
import random
from uuid import UUID

from uuid_utils.compat import uuid7

from app.core.db import tenant, transaction
from app.core.events import system
from app.core.jobs import REGISTRY, JobIntent, Run, claim
from app.domains import people
from app.people.services import imports

HEADINGS = [
    "Employee ID", "First Name", "Middle Name", "Last Name", "Birth Date", "SSN", "Gender", "Work Email", "Home Phone",
    "Address 1", "City", "State", "Zip", "Hire Date", "Department", "Location", "Job Title", "Annual Salary", "Manager ID",
]  # fmt: skip
FIRST = "Ana Ben Cho Dee Eva Finn Gus Hana Ivan José Kai Lena Mia Noor Omar Pia Quinn Rosa Sam Tia Uma Vera Wes Xin Yara Zoe".split()
LAST = "Lopez Okafor Kim Núñez O'Neill Smith Johnson Patel Garcia Chen Haddad Reyes Abernathy Castellanos Müller Ito Novak".split()


def made_rows(count: int, *, start: int = 1, seed: int = 7) -> list[list[str]]:
    """People that exist nowhere: SSNs begin with 9, phones with 555-01, addresses on Test Street."""
    dice = random.Random(seed)
    return [
        [
            f"E{number:07d}", dice.choice(FIRST), "", f"{dice.choice(LAST)}-{dice.choice(LAST)}",
            f"19{dice.randint(50, 95)}-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}",
            f"9{number // 989_901 % 100:02d}-{number // 9_999 % 99 + 1:02d}-{number % 9_999 + 1:04d}",
            dice.choice("MF"), f"e{number}@example.com", f"555-01{number % 100:02d}-{number % 10_000:04d}", f"{number} Test Street",
            "Springfield", dice.choice(["CA", "TX", "NY"]), f"{dice.randint(10_000, 99_999)}",
            f"{dice.randint(1, 12)}/{dice.randint(1, 28)}/20{dice.randint(10, 24)}", f"Department {number % 40}",
            f"Region {number % 5}", "Engineer", f"{dice.randint(40, 190)},000", f"E{max(start, number // 10):07d}" if number > 9 + start else "",
        ]
        for number in range(start, start + count)
    ]  # fmt: skip


def csv_of(rows: list[list[str]], headings: list[str] | None = None, delimiter: str = ",") -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerows([headings or HEADINGS, *rows])
    return text.getvalue().encode()


def run_next(company_id: UUID, kind: str) -> bool:
    """Run the oldest waiting intent of a kind as the worker does."""
    import sqlalchemy as sa

    with transaction(company_id) as session:
        waiting = session.scalars(
            sa.select(JobIntent).where(JobIntent.kind == kind, JobIntent.state == "pending").order_by(JobIntent.id)
        ).first()
        run: Run | None = claim(session, company_id, waiting.id) if waiting else None
    if run is None:
        return False
    with tenant(company_id):
        REGISTRY[kind].function(run)
    return True


def upload(data: bytes, name: str = "people.csv") -> people.PeopleImport:
    with transaction() as session:
        return imports.upload(session, system("test"), data, name, import_id=uuid7())


def check(
    kept: people.PeopleImport, mapping: dict[str, str] | None = None, *, create_missing: bool = True
) -> people.PeopleImport:
    with transaction() as session:
        imports.choose_columns(
            session, system("test"), kept.id, mapping or dict(kept.mapping), create_missing=create_missing
        )
    run_next(kept.company_id, "people.check_import")
    return reload(kept)


def apply(kept: people.PeopleImport) -> people.PeopleImport:
    with transaction() as session:
        imports.confirm(session, system("test"), kept.id)
    run_next(kept.company_id, "people.apply_import")
    return reload(kept)


def reload(kept: people.PeopleImport) -> people.PeopleImport:
    with transaction() as session:
        return imports.import_of(session, system("test"), kept.id)
