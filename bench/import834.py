"""X4 and X1: an 834 to committed rows as far as the product's code goes, against split, encrypt and COPY; and against pyx12.

The product has no import of enrollments from an 834 yet (a carrier's file is compared, not taken over). Measured is: its reader and
its rules, its bulk encryption, and COPY with one upsert into a table of the bench.
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
from bench.usage import peak_mib
from worker.stack.state import CHECKOUT

PYX12_MEMBERS = 1_000
COLUMNS = "id, number, first, last, birth, ssn, street, city, postal, phone, gender, relationship"


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


def _import(ground: Ground, company_id: UUID, data: bytes, members: int, rows: Any) -> tuple[float, float]:
    """(wall, our CPU) seconds from bytes to committed rows."""
    with ground.connect(ground.work) as admin:
        admin.execute("DROP TABLE IF EXISTS bench_member")
        admin.execute(
            "CREATE TABLE bench_member (id uuid PRIMARY KEY, number text, first bytea, last bytea, birth bytea, ssn bytea,"
            " street bytea, city bytea, postal bytea, phone bytea, gender text, relationship text)"
        )
        admin.execute("CREATE INDEX ON bench_member (number)")
        admin.execute("CREATE TEMP TABLE bench_in AS SELECT * FROM bench_member WITH NO DATA")
        wall, cpu = perf_counter(), process_time()
        lines = list(_sealed(company_id, rows(data)))
        assert len(lines) == members, f"{len(lines)} of {members} members"
        with admin.transaction():
            with admin.cursor().copy(f"COPY bench_in ({COLUMNS}) FROM STDIN") as stream:
                stream.write("".join(lines))
            admin.execute(
                f"INSERT INTO bench_member ({COLUMNS}) SELECT {COLUMNS} FROM bench_in ON CONFLICT (id) DO NOTHING"
            )
        return perf_counter() - wall, process_time() - cpu


def _sealed(company_id: UUID, rows: Iterable[tuple[str, ...]]) -> Iterable[str]:
    """COPY lines: eight fields sealed as the product's bulk import does."""
    names = ("first_name", "last_name", "date_of_birth", "ssn", "address_line1", "city", "zip_code", "phone")
    seals = sealers(company_id, names)
    for row in rows:
        number, relationship, gender, *private = row
        key = str(uuid5(company_id, number + relationship + private[0]))
        sealed = ["\\\\x" + seal(key.encode(), value) for seal, value in zip(seals, private, strict=True)]
        yield "\t".join([key, number, *sealed, gender, relationship]) + "\n"


def _product_rows(data: bytes) -> Iterable[tuple[str, ...]]:
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
        yield (
            m.subscriber_number,
            m.relationship,
            m.gender,
            m.first_name,
            m.last_name,
            birth,
            m.ssn or "",
            *places,
            m.home_phone,
        )


def _split_rows(data: bytes) -> Iterable[tuple[str, ...]]:
    """The floor: two splits and no questions."""
    person: dict[str, str] = {}
    for segment in data.decode("ascii").split("~"):
        e = segment.strip().split("*")
        kind = e[0]
        if kind in ("INS", "SE"):
            if person:
                yield tuple(person.get(name, "") for name in _PLACES)
            person = {"relationship": e[2]} if kind == "INS" else {}
        elif kind == "REF" and e[1] == "0F":
            person["number"] = e[2]
        elif kind == "NM1" and e[1] == "IL":
            person |= {"last": e[3], "first": e[4], "ssn": e[9] if len(e) > 9 else ""}
        elif kind == "DMG":
            person |= {"birth": e[2], "gender": e[3]}
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
            [sys.executable, "-m", "bench.import834", file.name],
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=True,
        )
    return float(done.stdout)


def main() -> None:
    from app.integrations.formats.x12.reader import Reader834

    with Path(sys.argv[1]).open("rb") as source:
        for _ in Reader834(source):
            pass
    print(peak_mib())


if __name__ == "__main__":
    main()
