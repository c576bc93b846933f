"""Nothing personal lies anywhere in the clear: database, queue, logs, documents, temporary files, subjects, addresses."""

from __future__ import annotations

import base64
import hmac
import io
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import redis
import sqlalchemy as sa
from flask import Flask
from rq import SimpleWorker
from rq.serializers import JSONSerializer
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7
from werkzeug.test import TestResponse

from app.connections.models import Connection, Exchange
from app.core import logs
from app.core.access import RoleType
from app.core.clock import now
from app.core.config import get_settings
from app.core.db import engine, fetch, make_engine, tenant, transaction
from app.core.events import system
from app.core.jobs import REGISTRY, Run, enqueue, job
from app.domains import load_jobs
from app.notices import mail
from app.people import services
from app.people.models import Company
from app.screening.models import Assessment, CandidateLink, CheckResult, Happening, ReportRecord, ScreeningRequest
from app.screening.services import links
from tests.accounts.programs import Caller, make_token
from tests.accounts.sign_in import make_user
from tests.benefits.world import answer_all, make_company, make_world, sign
from tests.fixtures.slot import Slot
from tests.security import screened
from tests.security.crawl import Visitor, forms_of
from tests.security.planted import (
    ANSWER,
    BORN,
    CANDIDATE,
    CHILD,
    DELIVERED,
    FIRST,
    FROM_FILE,
    HERS,
    HIS,
    IMPORTED,
    INVITATION,
    LAST,
    NEW,
    OVER_THE_WIRE,
    RECORD,
    SIGNED,
    THEIRS,
    WEIGHED,
    hits,
    planted,
)
from tests.security.twins import EVERYTHING, SANDBOX, Twin
from worker import dispatch
from worker.run import queue
from worker.stack.addresses import conninfo, url_of
from worker.stack.postgres import find_binaries

pytestmark = pytest.mark.long
ADDRESS = re.compile(r'(?:href|action|src|hx-get|hx-post|hx-patch)="([^"]*)"')


def test_the_search_finds_what_it_looks_for() -> None:
    word = f"{LAST} {HIS}".encode()
    for shape in (
        word,
        word.upper(),
        word.hex().encode(),
        base64.b64encode(word),
        base64.b64encode(b"x" + word),
        base64.b64encode(b"xy" + word),
    ):
        assert {LAST, HIS} <= set(hits(b"before " + shape + b" after")), shape
    assert hits(b"nothing of this kind 900770000 1961-02-28") == []


@dataclass
class Seen:
    """What left the process on its way."""

    addresses: set[str] = field(default_factory=set)
    letters: list[EmailMessage] = field(default_factory=list)
    queued: list[bytes] = field(default_factory=list)

    def note(self, answer: TestResponse) -> TestResponse:
        self.addresses |= {answer.request.full_path, answer.headers.get("Location", ""), *ADDRESS.findall(answer.text)}
        return answer


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    out = io.StringIO()
    monkeypatch.setattr("sys.stderr", out)
    logs.configure(get_settings())
    yield out
    monkeypatch.undo()
    logs.configure(get_settings())


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def born(day: date) -> dict[str, str]:
    return {
        "date_of_birth-month": str(day.month),
        "date_of_birth-day": str(day.day),
        "date_of_birth-year": str(day.year),
    }


def press(seen: Seen, hr: Visitor, page: str, action: str = "", **values: Any) -> TestResponse:
    """Open a page and send its form with some answers, as a browser would."""
    opened = seen.note(hr.get(page))
    form = next(form for form in forms_of(opened) if form.action == (action or page))
    defaults = {name: "" if found == ["Something plausible"] else found for name, found in form.data.items()}
    nothing = {name: "" for name, offered in form.offered.items() if "" in offered and name not in form.chosen}
    return seen.note(hr.send("POST", form.action, defaults | nothing | values))


def new_employee(seen: Seen, hr: Visitor) -> None:
    work = {"hired_on-month": "3", "hired_on-day": "2", "hired_on-year": "2020", "work_email": "p1@acme.example"}
    who = {
        "first_name": FIRST,
        "last_name": LAST,
        "middle_name": "",
        "ssn": HIS,
        "employee_number": "7001",
        "annual_salary": "",
    }
    answer = press(seen, hr, "/people/new", **work, **who, **born(BORN[0]), manager_number="", weekly_hours="40")
    assert answer.status_code == 303, re.findall(r'class="error"[^<]*<[^<]*<[^<]*<', answer.text)
    page = answer.location
    child = {
        "first_name": CHILD,
        "middle_name": "",
        "last_name": LAST,
        "relationship": "child",
        "ssn_missing_reason": "",
    } | born(BORN[1])
    assert press(seen, hr, f"{page}/dependents/new", **child, ssn="12345").status_code == 422
    assert press(seen, hr, f"{page}/dependents/new", **child, ssn=HERS).status_code == 303
    shown = press(seen, hr, f"{page}/ssn", reason="for this test")
    assert hits(shown.text.encode()), "the words that are searched for are found where they may be"
    for wish in (HIS, f"{HIS[:3]}-{HIS[3:5]}-{HIS[5:]}"):
        assert HIS not in hr.get("/people", query_string={"q": wish}).headers.get("Location", "")


def import_file(seen: Seen, hr: Visitor, work: Callable[[], None]) -> None:
    text = (
        "Employee ID,First Name,Last Name,Birth Date,SSN,Hire Date,Gender\n"
        f"7002,{IMPORTED},{LAST},{BORN[2]:%m/%d/%Y},{FROM_FILE},2020-01-02,F\n"
        f"7003,{IMPORTED},{LAST},not a date {THEIRS},{THEIRS},2020-01-02,F\n"
    )
    file = (io.BytesIO(text.encode()), f"{LAST}-{FROM_FILE}.csv")
    answer = press(seen, hr, "/people/imports", file=file)
    assert answer.status_code == 303
    place = answer.location.removesuffix("/columns")
    assert press(seen, hr, f"{place}/columns").status_code == 303
    work()
    for page in (place, f"{place}/problems.csv"):
        seen.note(hr.get(page))
    assert press(seen, hr, place, f"{place}/confirm").status_code == 303
    work()
    assert FROM_FILE not in "".join(seen.addresses)


def enroll(company_id: UUID) -> None:
    with tenant(company_id), transaction() as session:
        world = make_world(session, company_id)
        services.change(session, system("test"), world.ana.id, first_name=SIGNED, last_name=LAST, ssn=NEW)
        session.flush()
        sign(
            session,
            world,
            answer_all(session, world, covered=("Sam",)),
            signature=f"{SIGNED} {LAST}",
            signed_text=f"I, {SIGNED} {LAST}, choose.",
        )


def screen(app: Flask, hr: Visitor) -> list[str]:
    """Checks of planted people at every point, with what came over the wire. Returns secrets that only their owners may hold."""
    company_id, user = hr.twin.company_id, hr.twin.users["hr"]  # type: ignore[union-attr]
    with tenant(company_id), Session(engine()) as own:
        screened.make_staff(own, company_id)
    with tenant(company_id), transaction() as session:
        screened.make_screening(session, session.scalars(sa.select(Company)).one(), CANDIDATE, SANDBOX)
        for record in session.scalars(sa.select(ReportRecord)):
            record.text, record.details = RECORD, {"charge": RECORD}
        for check in session.scalars(sa.select(CheckResult)):
            check.raw = check.details = {"charge": RECORD}
        for assessment in session.scalars(sa.select(Assessment)):
            assessment.reasoning, assessment.factors = WEIGHED, {"age": WEIGHED}
        for happened in session.scalars(sa.select(Happening)):
            happened.text = ANSWER
        requests = session.scalars(sa.select(ScreeningRequest)).all()
        for request in requests:
            request.invitation_url = f"https://apply.example/{INVITATION}"
            session.add(_exchange(request))
        tokens = [links.token_of(link) for link in session.scalars(sa.select(CandidateLink))]
        connection = fetch(session, Connection, requests[0].connection_id)
        address, key = f"/webhooks/{connection.webhook_key}", connection.credentials["api_key"]
    _, secret = make_token(user)
    _deliver(app, address, key)
    for token in tokens[:3]:
        app.test_client().get(f"/c/{token}")
    Caller(app, secret)("GET", "/api/bg-check-requests")
    return [*(token.partition(".")[2] for token in tokens), secret, key]


def _exchange(request: ScreeningRequest) -> Exchange:
    said = f'{{"candidate":"{CANDIDATE}","charge":"{OVER_THE_WIRE}"}}'
    return Exchange(
        connection_id=request.connection_id, operation="get_report", method="GET", path="/v1/reports/{id}", status=200, started_at=now(),
        milliseconds=9, attempt=1, request_bytes=9, answer_bytes=9, request_body=said, answer_body=said, subject_kind="screening_request",
        subject_id=request.id,
    )  # fmt: skip


def _deliver(app: Flask, address: str, key: str) -> None:
    """One true delivery and one that nobody proved, both with somebody's data in them."""
    body = f'{{"id":"e1","object":"event","type":"report.completed","data":{{"object":{{"id":"r1","object":"report","name":"{DELIVERED}"}}}}}}'.encode()
    signature = hmac.new(key.encode(), body, "sha256").hexdigest()
    for sent, status in ((signature, 200), ("0" * 64, 401)):
        answer = app.test_client().post(
            address, data=body, headers={"X-Checkr-Signature": sent, "Content-Type": "application/json"}
        )
        assert answer.status_code == status


def fail(company_id: UUID) -> None:
    """A job that breaks with everything it knows in its exception."""

    @job("test.breaks", max_attempts=1)
    def breaks(run: Run) -> None:
        raise ValueError(f"{FIRST} {LAST} {HIS} {BORN[0]}")

    with tenant(company_id), transaction() as session:
        enqueue(session, "test.breaks", uuid7(), key="1")


@pytest.fixture
def worker(valkey: redis.Redis, database: Slot) -> Iterator[Callable[[Seen], Callable[[], None]]]:
    """Dispatch and run everything that is due, through the real queue; what lay in Valkey meanwhile is kept."""
    engine = make_engine(get_settings().dispatch_database_url)

    def of(seen: Seen) -> Callable[[], None]:
        def work() -> None:
            while dispatch.dispatch_due(engine, queue(valkey)):
                seen.queued += dump(valkey)
                SimpleWorker([queue(valkey)], connection=valkey, serializer=JSONSerializer).work(
                    burst=True, logging_level="DEBUG"
                )
                seen.queued += dump(valkey)

        return work

    yield of
    engine.dispose()
    REGISTRY.pop("test.breaks", None)


def dump(valkey: redis.Redis) -> list[bytes]:
    return [key + b" " + (valkey.dump(key) or b"") + repr(_plain(valkey, key)).encode() for key in valkey.scan_iter()]


def _plain(valkey: redis.Redis, key: bytes) -> Any:
    readers: dict[Any, Any] = {b"hash": valkey.hgetall, b"string": valkey.get, b"set": valkey.smembers}
    reader: Any = readers.get(valkey.type(key))
    return reader(key) if reader else ""


@pytest.fixture
def hr(app: Flask, session: Session) -> Visitor:
    load_jobs()
    company_id = uuid7()
    with tenant(company_id), transaction() as own:
        make_company(own, company_id)
    user = make_user(session, company_id, email="hr@acme.example", roles=[*EVERYTHING, RoleType.HR_ADMIN])
    return Visitor(app, Twin(company_id, "acme", {"hr": user}), "hr")


def dumped(slot: Slot) -> bytes:
    url = url_of(str(slot.server.admin)).set(database=slot.database)
    command = [str(find_binaries() / "pg_dump"), "--no-owner", conninfo(url)]
    return subprocess.run(command, capture_output=True, check=True).stdout


# What may hold a person's name in the clear, and why; anything else is a leak.
KNOWN_IN_DATABASE: dict[str, list[str]] = {}


def test_nothing_personal_lies_anywhere_in_the_clear(
    app: Flask,
    hr: Visitor,
    slot: Slot,
    worker: Any,
    log: io.StringIO,
    temporary: Path,
    monkeypatch: pytest.MonkeyPatch,
    say: Callable[[str], None],
) -> None:
    seen = Seen()
    monkeypatch.setattr(mail, "send", seen.letters.append)
    assert hr.twin is not None
    work = worker(seen)
    new_employee(seen, hr)
    import_file(seen, hr, work)
    enroll(hr.twin.company_id)
    secrets = screen(app, hr)
    fail(hr.twin.company_id)
    work()
    data = dumped(slot)
    files = [path for path in [*slot.folder.rglob("*"), *temporary.rglob("*")] if path.is_file()]
    say(
        f"Leaks: {len(planted())} planted words looked for in {len(data):,} bytes of database, {len(seen.queued)} values of Valkey,"
        f" {len(log.getvalue()):,} characters of log, {len(files)} files, {len(seen.letters)} letters, {len(seen.addresses)} addresses"
    )
    assert len(data) > 100_000
    assert b"\t7002\t" in data, "the file was imported"
    assert b"employee" in data
    assert len(files) > 2
    assert seen.queued
    assert seen.letters
    assert {str(path): found for path in files if (found := hits(path.read_bytes() + path.name.encode()))} == {}
    assert hits(log.getvalue().encode()) == []
    assert [found for value in seen.queued if (found := hits(value))] == []
    assert [
        letter["Subject"]
        for letter in seen.letters
        if hits(str(letter["Subject"]).encode() + str(letter["Message-ID"]).encode())
    ] == []
    assert [address for address in seen.addresses if hits(address.encode())] == []
    assert by_table(data) == KNOWN_IN_DATABASE
    assert len(secrets) > 10
    places = {
        "database": data,
        "log": log.getvalue().encode(),
        "queue": b" ".join(seen.queued),
        "addresses": repr(seen.addresses).encode(),
    }
    assert [
        (secret[:6], where) for secret in secrets for where, held in places.items() if secret.encode() in held
    ] == []


def by_table(data: bytes) -> dict[str, list[str]]:
    """Table → planted words in its rows, so that a leak says where it is."""
    found: dict[str, set[str]] = {}
    table = ""
    for line in data.splitlines():
        if line.startswith(b"COPY "):
            table = line.split()[1].decode()
        words = hits(line)
        if words:
            found.setdefault(table, set()).update(words)
    return {name: sorted(words) for name, words in found.items()}
