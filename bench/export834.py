"""X3: a full 834 from the database, with totals and the read-back, against one cursor that decrypts and writes f-strings."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from bench.ground import Ground
from bench.group import make_group
from bench.result import Result

FLOOR = (
    "SELECT e.company_id, e.id, e.member_number, e.gender, e.first_name_enc, e.last_name_enc, e.date_of_birth_enc, e.ssn_enc,"
    " e.address_line1_enc, e.city_enc, e.zip_code_enc, d.id AS child, d.first_name_enc AS c_first, d.last_name_enc AS c_last,"
    " d.date_of_birth_enc AS c_birth, d.ssn_enc AS c_ssn FROM employee e JOIN dependent d"
    " ON d.company_id = e.company_id AND d.employee_id = e.id WHERE e.company_id = :company ORDER BY e.employee_number"
)


class Steps(NamedTuple):
    """CPU seconds of each step, and the wall seconds of all but the gate."""

    say: float
    write: float
    read_back: float
    wall: float
    data: bytes

    @property
    def cpu(self) -> float:
        return self.say + self.write + self.read_back


def measure(ground: Ground, rounds: int) -> list[Result]:
    """The product's own functions: `say`, `write`, `read_back`; our rules and pyx12's gate are measured beside them."""
    ground.enter(ground.work)
    company_id, members = uuid4(), 4_000 if ground.quick else 20_000
    connection_id = make_group(ground, company_id, members)
    ground.work_here()
    ours, floors = [], []
    for _ in range(max(2, min(rounds, 3))):
        floors.append(_floor(company_id))
        ours.append(_product(company_id, connection_id))
    gate = _gate(company_id, connection_id, ours[-1].data, members)
    steps = "CPU s: rows to facts {:.2f}, write {:.2f}, read back {:.2f}; floor {:.2f}".format(
        *(median(step[place] for step in ours) for place in range(3)), median(cpu for cpu, _ in floors)
    )
    ratios = [wall / step.wall for (_, wall), step in zip(floors, ours, strict=True)]
    by_cpu = [cpu / step.cpu for (cpu, _), step in zip(floors, ours, strict=True)]
    seconds = [step.wall * 20_000 / members for step in ours]
    return [
        Result(
            "X3",
            "834 from the database with read-back, of the bare floor",
            ratios,
            ">=",
            0.25,
            cpu=by_cpu,
            detail=steps,
        ),
        Result(
            "X3s", "the same, seconds for 20,000 members", seconds, "<=", 2.0, " s", detail=f"measured with {members:,}"
        ),
        Result("X3g", "our rules and pyx12's gate, seconds for 20,000 members", [gate], "<=", 60, " s"),
    ]


def _product(company_id: UUID, connection_id: UUID) -> Steps:
    from app.connections.models import Connection
    from app.core.clock import now
    from app.core.db import fetch, tenant, transaction
    from app.feeds.models import FeedFile
    from app.feeds.services.carriers import carrier_profile
    from app.feeds.services.families import say
    from app.integrations.adapters.edi834.adapter import Edi834Feed
    from app.integrations.formats.x12.readback import read_back
    from app.integrations.formats.x12.writer import Control

    began, marks = perf_counter(), [process_time()]
    with tenant(company_id), transaction() as session:
        connection = fetch(session, Connection, connection_id)
        file = FeedFile(
            connection_id=connection_id,
            kind="full",
            usage="P",
            isa13=1,
            gs06=1,
            name="bench",
            reference="BENCH1",
            made_at=now(),
        )
        profile = carrier_profile(connection)
        said = say(session, file, connection)
        marks.append(process_time())
        session.rollback()
    written = Edi834Feed(profile).write(said.batch, Control(1, 1))
    marks.append(process_time())
    findings = [*written.findings, *read_back(written, said.batch, profile)]
    marks.append(process_time())
    assert not [found for found in findings if found.severity.value == "error"], findings[:3]
    return Steps(marks[1] - marks[0], marks[2] - marks[1], marks[3] - marks[2], perf_counter() - began, written.data)


def _gate(company_id: UUID, connection_id: UUID, data: bytes, members: int) -> float:
    """CPU seconds of `feed.check` (pyx12 and our rules), scaled to 20,000 members. Runs in a job, with no transaction open."""
    from app.connections.models import Connection
    from app.core.clock import today
    from app.core.db import fetch, tenant, transaction
    from app.feeds.services.carriers import carrier_profile
    from app.integrations.adapters.edi834.adapter import Edi834Feed

    with tenant(company_id), transaction() as session:
        feed = Edi834Feed(carrier_profile(fetch(session, Connection, connection_id)))
    started = process_time()
    feed.check(data, today())
    return (process_time() - started) * 20_000 / members


def _floor(company_id: UUID) -> tuple[float, float]:
    """(CPU, wall) seconds of the least an export must do: a cursor, seven fields decrypted a member, bytes on disk."""
    import sqlalchemy as sa

    from app.core.db import transaction

    cpu, wall = process_time(), perf_counter()
    with transaction(company_id) as session, tempfile.TemporaryDirectory() as folder:
        rows = session.connection().execution_options(yield_per=2000).execute(sa.text(FLOOR), {"company": company_id})
        text = "".join(_lines(rows))
        Path(folder, "bare.834").write_text(text)
    return process_time() - cpu, perf_counter() - wall


def _lines(rows: Any) -> Iterator[str]:
    from app.people.models import Dependent, Employee

    def opener(model: Any, *names: str) -> list[Any]:
        return [getattr(model, name).open for name in names]

    parent = opener(Employee, "first_name", "last_name", "date_of_birth", "ssn", "address_line1", "city", "zip_code")
    child = opener(Dependent, "first_name", "last_name", "date_of_birth", "ssn")
    for r in rows:
        first, last, birth, ssn, street, city, postal = (
            read(r.company_id, r.id, bytes(value)) for read, value in zip(parent, r[4:11], strict=True)
        )
        yield (
            _member("Y*18", r.member_number, first, last, birth, ssn)
            + f"N3*{street}~N4*{city}*NY*{postal}~"
            + _COVERAGE
        )
        first, last, birth, ssn = (
            read(r.company_id, r.child, bytes(value)) for read, value in zip(child, r[12:16], strict=True)
        )
        yield _member("N*19", r.member_number, first, last, birth, ssn) + _COVERAGE


_COVERAGE = "HD*021**PPO*MED-PPO*ECH~DTP*348*D8*20260101~HD*021**DEN*DEN-PPO*ECH~DTP*348*D8*20260101~"


def _member(kind: str, number: str, first: str, last: str, birth: Any, ssn: str) -> str:
    return (
        f"INS*{kind}*030*XN*A***FT~REF*0F*{number}~REF*1L*GROUP~DTP*336*D8*20200106~"
        f"NM1*IL*1*{last}*{first}****34*{ssn}~DMG*D8*{birth:%Y%m%d}*F~"
    )
