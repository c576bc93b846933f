"""X4 and X1: an 834 to committed rows as far as the product's code goes, against split, encrypt and COPY; and against pyx12.

The product has no import of enrollments from an 834 yet (a carrier's file is compared, not taken over). Measured is: its reader and
its rules, its bulk encryption, and COPY with one upsert each of members and coverages into two tables of the bench.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any
from uuid import UUID, uuid4, uuid5

from bench.export834 import _product
from bench.ground import Ground
from bench.group import make_group
from bench.result import Result
from bench.sealing import sealers
from bench.usage import cpu_seconds
from worker.stack.state import CHECKOUT

PYX12_MEMBERS = 1_000
COLUMNS = "id, number, first, last, birth, ssn, street, city, postal, phone, gender, relationship"
COVERAGES = "member, line, plan, starts"
Coverages = list[tuple[str, str, str]]  # line, plan, start
Read = Iterable[tuple[tuple[str, ...], Coverages]]


def measure(ground: Ground, rounds: int) -> list[Result]:
    """20,000 members; pyx12 reads the first 1,000, because it needs two milliseconds for each."""
    ground.enter(ground.work)
    from app.integrations.formats.x12.gate import check_syntax

    company_id, members = uuid4(), 4_000 if ground.quick else 20_000
    connection_id = make_group(ground, company_id, members)
    ground.work_here()
    data = _product(company_id, connection_id).data
    ours, floors, reads, splits = [], [], [], []
    for _ in range(max(2, min(rounds, 3))):
        floors.append(_import(ground, company_id, data, members, _split_rows))
        ours.append(_import(ground, company_id, data, members, _product_rows))
        reads.append(_cpu(lambda: _validate(data)))
        splits.append(_cpu(lambda: sum(1 for _ in _split_rows(data))))
    few = uuid4()
    small = _product(few, make_group(ground, few, PYX12_MEMBERS)).data
    pyx12 = _cpu(lambda: check_syntax(small)) * members / PYX12_MEMBERS
    ratios = [floor[0] / took[0] for floor, took in zip(floors, ours, strict=True)]
    by_cpu = [floor[1] / took[1] for floor, took in zip(floors, ours, strict=True)]
    rate = f"{members / median(took[0] for took in ours):,.0f} members/s; floor {members / median(f[0] for f in floors):,.0f}"
    against = [pyx12 / read for read in reads]
    return [
        Result(
            "X4",
            "834 to committed rows (reader, rules, encrypt, COPY), of the floor",
            ratios,
            ">=",
            0.5,
            cpu=by_cpu,
            detail=rate,
        ),
        Result(
            "X1",
            "read and all our rules, against pyx12 with validation",
            against,
            ">=",
            15,
            "x",
            detail=f"{members / median(reads):,.0f} members/s",
        ),
        Result(
            "X1s", "the same of the bare split floor", [s / r for s, r in zip(splits, reads, strict=True)], ">=", 0.05
        ),
        Result("X2", f"peak of a process that reads {members:,} members", [_peak(data)], "<=", 64, " MiB"),
    ]


def _cpu(call: Any) -> float:
    started = process_time()
    call()
    return process_time() - started


def _validate(data: bytes) -> None:
    from app.integrations.formats.x12.rules import check_meaning

    check_meaning(data, None, date(2026, 11, 22))


def _import(ground: Ground, company_id: UUID, data: bytes, members: int, read: Any) -> tuple[float, float]:
    """(wall, our and PostgreSQL's CPU) seconds from bytes to committed rows."""
    with ground.connect(ground.work) as admin:
        _make_tables(admin)
        wall, cpu = perf_counter(), process_time() + cpu_seconds(ground.servers)
        people, coverages = _lines(company_id, read(data))
        assert (len(people), len(coverages)) == (members, 2 * members), f"{len(people)} of {members} members"
        with admin.transaction():
            for table, columns, lines in (("member", COLUMNS, people), ("coverage", COVERAGES, coverages)):
                with admin.cursor().copy(f"COPY bench_in_{table} ({columns}) FROM STDIN") as stream:
                    stream.write("".join(lines))
                admin.execute(
                    f"INSERT INTO bench_{table} ({columns}) SELECT {columns} FROM bench_in_{table} ON CONFLICT DO NOTHING"
                )
        return perf_counter() - wall, process_time() + cpu_seconds(ground.servers) - cpu


def _make_tables(admin: Any) -> None:
    admin.execute("DROP TABLE IF EXISTS bench_member, bench_coverage")
    admin.execute(
        "CREATE TABLE bench_member (id uuid PRIMARY KEY, number text, first bytea, last bytea, birth bytea, ssn bytea,"
        " street bytea, city bytea, postal bytea, phone bytea, gender text, relationship text)"
    )
    admin.execute("CREATE INDEX ON bench_member (number)")
    admin.execute(
        "CREATE TABLE bench_coverage (member uuid, line text, plan text, starts date, PRIMARY KEY (member, line))"
    )
    for table in ("member", "coverage"):
        admin.execute(f"CREATE TEMP TABLE bench_in_{table} AS SELECT * FROM bench_{table} WITH NO DATA")


def _lines(company_id: UUID, read: Read) -> tuple[list[str], list[str]]:
    """COPY lines of members, eight fields sealed as the product's bulk import does, and of their coverages."""
    names = ("first_name", "last_name", "date_of_birth", "ssn", "address_line1", "city", "zip_code", "phone")
    seals = sealers(company_id, names)
    people: list[str] = []
    coverages: list[str] = []
    for (number, relationship, gender, *private), covered in read:
        key = str(uuid5(company_id, number + relationship + private[0]))
        row = key.encode()
        sealed = ["\\\\x" + seal(row, value) for seal, value in zip(seals, private, strict=True)]
        people.append("\t".join([key, number, *sealed, gender, relationship]) + "\n")
        coverages += [f"{key}\t{line}\t{plan}\t{start}\n" for line, plan, start in covered]
    return people, coverages


def _product_rows(data: bytes) -> Read:
    """Read and judged by the product: every rule runs; a file with errors is refused."""
    from app.integrations.formats.x12.reader import read_834
    from app.integrations.formats.x12.rules import check_facts

    file = read_834(data)
    findings = [*file.findings, *check_facts(file, None, date(2026, 11, 22))]
    assert not [found for found in findings if found.severity.value == "error"]
    for m in file.members:
        home = m.address
        places = (home.line1, home.city, home.postal) if home else ("", "", "")
        birth = m.birth_on.isoformat() if m.birth_on else ""
        person = (
            m.subscriber_number, m.relationship, m.gender, m.first_name, m.last_name, birth, m.ssn or "", *places, m.home_phone
        )  # fmt: skip
        yield person, [(c.line, c.plan_code, c.start_on.isoformat() if c.start_on else "") for c in m.coverages]


def _split_rows(data: bytes) -> Read:
    """The floor: two splits and no questions."""
    person: dict[str, str] = {}
    covered: Coverages = []
    for segment in data.decode("ascii").split("~"):
        e = segment.strip().split("*")
        kind = e[0]
        if kind in ("INS", "SE"):
            if person:
                yield tuple(person.get(name, "") for name in _PLACES), covered
            person, covered = ({"relationship": e[2]} if kind == "INS" else {}), []
        elif kind == "REF" and e[1] == "0F":
            person["number"] = e[2]
        elif kind == "NM1" and e[1] == "IL":
            person |= {"last": e[3], "first": e[4], "ssn": e[9] if len(e) > 9 else ""}
        elif kind == "DMG":
            person |= {"birth": e[2], "gender": e[3]}
        elif kind == "HD":
            line, plan = e[3], e[4]
        elif kind == "DTP" and e[1] == "348":
            covered.append((line, plan, e[3]))
        elif kind == "N3" and person:
            person["street"] = e[1]
        elif kind == "N4" and person:
            person |= {"city": e[1], "postal": e[3]}


_PLACES = ("number", "relationship", "gender", "first", "last", "birth", "ssn", "street", "city", "postal", "phone")


def _peak(data: bytes) -> float:
    """MiB of a process that streams the file through the reader; it starts from a bare interpreter."""
    with tempfile.NamedTemporaryFile(suffix=".834") as file:
        Path(file.name).write_bytes(data)
        done = subprocess.run(
            [sys.executable, "-m", "bench.reading", file.name],
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=True,
        )
    return float(done.stdout)
