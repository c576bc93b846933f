"""A company with 100,000 background checks: one is made by the services, the others are copies of its rows that differ where it matters."""

from __future__ import annotations

import os
import time
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from bench.fill import FIRST, LAST, TITLES, employee_id
from bench.ground import Ground

RECRUITERS = 40
# Of a hundred requests: most are long done; what runs waits for candidates and providers, a little for courts and for us.
BUCKET = "CASE WHEN n % 100 < 20 THEN 'active' WHEN n % 100 < 25 THEN 'review' ELSE 'done' END"
PLACED = "n % 100 >= 8"
BLOCKER = (
    "CASE WHEN n % 100 < 8 THEN 'candidate' WHEN n % 100 < 17 THEN 'provider' WHEN n % 100 < 19 THEN 'court'"
    " WHEN n % 100 < 25 THEN 'us' ELSE 'nobody' END"
)
REQUEST = {
    "id": "request_id", "candidate_id": "candidate_id", "application_id": "application_id", "bucket": BUCKET, "blocker": BLOCKER,
    "number": "'S26' || lpad((n % 1200)::text, 4, '0') || '-' || lpad(to_hex(n), 5, '0')",
    "recruiter_user_id": f"recruiters[n % {RECRUITERS} + 1]",
    "status": "CASE WHEN n % 100 < 8 THEN 'initiated' WHEN n % 100 < 20 THEN 'in_progress' ELSE 'completed' END",
    "consent": f"CASE WHEN {PLACED} THEN 'approved' ELSE 'pending' END",
    "order_state": f"CASE WHEN {PLACED} THEN 'placed' ELSE 'none' END",
    "provider_status": "CASE WHEN n % 100 < 8 THEN 'ordered' WHEN n % 100 < 20 THEN 'in_progress' ELSE 'complete' END",
    "provider_result": "CASE WHEN n % 100 < 20 THEN 'none' WHEN n % 100 < 25 THEN 'consider' ELSE 'clear' END",
    "clear": "n % 100 >= 25", "decision": "CASE WHEN n % 100 >= 25 THEN 'accepted' ELSE 'pending' END",
    "stage": f"CASE WHEN {PLACED} THEN 'review' ELSE 'gate_order' END",
    "initiated_at": "now() - make_interval(mins => (total - n) * 8)",
    "last_event_at": "now() - make_interval(mins => (total - n) * 8) + interval '1 hour'",
    "completed_at": "CASE WHEN n % 100 >= 20 THEN now() - make_interval(mins => (total - n) * 8) + interval '2 days' END",
    "due_on": "(now() - make_interval(mins => (total - n) * 8))::date + 30",
    "provider_invitation_id": f"CASE WHEN {PLACED} THEN 'inv_' || n ELSE '' END",
    "provider_report_id": f"CASE WHEN {PLACED} THEN 'rep_' || n ELSE '' END",
}  # fmt: skip
CANDIDATE = {"id": "candidate_id", "first_name_enc": "first", "last_name_enc": "last", "email_enc": "email", "email_bidx": "email_index",
             "name_tokens": "tokens", "external_ref": "NULL"}  # fmt: skip
APPLICATION = {"id": "application_id", "candidate_id": "candidate_id", "position": "title", "external_ref": "NULL"}
LINK = {"id": "gen_random_uuid()", "request_id": "request_id", "token_hash": "decode(md5(n::text), 'hex')", "sent_at": "now()",
        "undeliverable_at": "CASE WHEN n % 400 = 3 THEN now() END"}  # fmt: skip
CHECK = {"id": "gen_random_uuid()", "request_id": "request_id", "ref": "'ref_' || n",
         "check_status": "CASE WHEN n % 100 < 20 THEN 'in_progress' ELSE 'completed' END"}  # fmt: skip


def fill_checks(ground: Ground, company_id: UUID, recruiter_id: UUID | None, size: int) -> None:
    """recruiter_id: whose own every fortieth is."""
    from app.core.db import tenant, transaction

    started = time.monotonic()
    with tenant(company_id), transaction() as session:
        colleagues = _template(session, company_id)
    recruiters = [recruiter_id or colleagues[0], *colleagues[1:]]
    with ground.connect(ground.work) as admin:
        admin.execute("SET session_replication_role = replica")  # the foreign keys hold by construction
        _number(admin, company_id, size)
        for table, changes in (
            ("candidate", CANDIDATE), ("job_application", APPLICATION), ("screening_request", REQUEST),
            ("candidate_link", LINK), ("check_result", CHECK),
        ):  # fmt: skip
            _multiply(admin, table, changes, company_id, recruiters, size)
        admin.execute("VACUUM ANALYZE")
    print(f"Filled {size:,} background checks in {time.monotonic() - started:.0f} s", flush=True)


def _template(session: Any, company_id: UUID) -> list[UUID]:
    """One request with everything that belongs to it, and the recruiters."""
    from app.accounts.models import User, UserStatus
    from app.connections.models import Connection
    from app.core.clock import now
    from app.core.events import system
    from app.screening.models import CandidateLink, CheckResult, ScreeningPackage
    from app.screening.rules.places import Place
    from app.screening.rules.words import AskStage
    from app.screening.services import candidates, ordering

    actor, place = system("bench", company_id), Place("US", "TX", "Travis", "Austin", False)
    connection = Connection(
        adapter="checkr", name="Checkr", code="CHK", status="connected", credentials={"api_key": "sk_bench"}
    )
    users = [
        User(email=f"recruiter{number}@example.com", display_name=f"Recruiter {number}", status=UserStatus.ACTIVE.value)
        for number in range(RECRUITERS)
    ]
    session.add_all([connection, *users])
    package = ScreeningPackage(
        connection_id=connection.id, slug="essential", name="Essential", price=Decimal("54.99"), checks=["county_criminal_search"],
        check_types=["criminal"], criminal=True, synced_at=now(),
    )  # fmt: skip
    session.add(package)
    session.flush()
    facts = candidates.NewCandidate(
        first_name="Ana", last_name="Adams", email="ana@example.com", date_of_birth=date(1990, 5, 17), residence=place
    )
    person = candidates.add_candidate(session, actor, facts)
    session.flush()
    wanted = candidates.NewApplication(position="Driver", work=place, stage=AskStage.OFFER)
    application = candidates.add_application(session, actor, person, wanted)
    session.flush()
    made = ordering.order(session, actor, person, application, ordering.NewOrder(package_id=package.id, certified=True))
    session.flush()
    session.add(
        CandidateLink(request_id=made.id, token_hash=os.urandom(32), channel="email", expires_at=now(), sent_at=now())
    )
    session.add(
        CheckResult(
            request_id=made.id, ref="ref", kind="county_criminal_search", check_type="criminal", criminal=True,
            provider_status="in_progress", provider_result="none",
        )
    )  # fmt: skip
    return [user.id for user in users]


def _number(admin: Any, company_id: UUID, size: int) -> None:
    """A line for each copy: its ids, its names sealed to them, and the tokens that find them."""
    from app.core.crypto import Sealer
    from app.people.services import name_tokens
    from app.screening.models import Candidate

    sealer = Sealer(company_id)
    seals = [sealer.field(bound) for bound in (Candidate.first_name, Candidate.last_name, Candidate.email)]
    tokens = {(first, last): name_tokens(company_id, first, last) for first in FIRST for last in LAST}
    admin.execute(
        "CREATE TABLE bench_copy (n int, candidate_id uuid, application_id uuid, request_id uuid, title text, first bytea, last bytea,"
        " email bytea, email_index bytea, tokens bytea[])"
    )
    with admin.cursor().copy("COPY bench_copy FROM STDIN") as stream:
        for number in range(size):
            first, last = FIRST[number % len(FIRST)], LAST[number // 7 % len(LAST)]
            address = f"c{number}@example.com"
            ids = [employee_id(company_id, place * size + number) for place in range(3)]
            sealed = [
                bytes.fromhex(seal(str(ids[0]).encode(), plain))
                for seal, plain in zip(seals, (first, last, address), strict=True)
            ]
            index = Candidate.email.blind(company_id, address)
            stream.write_row([number, *ids, TITLES[number % len(TITLES)], *sealed, index, tokens[first, last]])


def _multiply(
    admin: Any, table: str, changes: dict[str, str], company_id: UUID, recruiters: list[UUID], size: int
) -> None:
    """Copies of the company's one row. changes: column → SQL, of a line of `bench_copy`, `recruiters` and `total`."""
    found = admin.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s"
        " AND is_generated = 'NEVER' ORDER BY ordinal_position", (table,),
    ).fetchall()  # fmt: skip
    columns = [name for (name,) in found]
    values = ", ".join(changes.get(name, f"(one).{name}") for name in columns)
    named = ", ".join(f"'{one}'" for one in recruiters)
    admin.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM bench_copy,"
        f" (SELECT t FROM {table} AS t WHERE company_id = '{company_id}' LIMIT 1) AS template (one),"
        f" (SELECT ARRAY[{named}]::uuid[] AS recruiters, {size} AS total) AS told ORDER BY n"
    )
