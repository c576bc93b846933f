"""Talking to a provider: what is kept, what is shared, what is renewed once, where it may lead."""

from __future__ import annotations

import base64
import json
import multiprocessing
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from uuid_utils.compat import uuid7

from app.connections.models import ConnectionState, Exchange, ProviderState, ProviderToken
from app.connections.services import calling, providers
from app.connections.services.calling.link import _pattern, reaching
from app.core import jobs
from app.core.config import get_settings
from app.core.db import current_tenant, engine, forget_connections, tenant, transaction
from app.core.errors import Conflict, Forbidden
from app.core.events import AuditEvent, system
from app.integrations import registry
from app.integrations.auth.tokens import Token
from app.integrations.failures import AuthFailed, CircuitOpen, Rejected, ServerFailed
from app.integrations.protection.guard import Guard
from app.integrations.protection.limits import Concurrency, Rate
from app.integrations.protection.retry import Decision, Next
from app.integrations.transports import reach
from tests.connections import providers as p
from tests.feeds.world import person_actor, run_jobs
from tests.integrations.http_server import Asked, HttpServer, reply

ABOUT = ("screening_request", uuid4())


@pytest.fixture
def serving() -> Iterator[Callable[[Callable[[Asked], Any]], HttpServer]]:
    made: list[HttpServer] = []

    def serve(respond: Callable[[Asked], Any]) -> HttpServer:
        made.append(HttpServer(respond))
        return made[-1]

    yield serve
    for server in made:
        server.stop()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits between two tries."""
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)


def test_a_call_is_made_and_kept(company: UUID, serving: Any) -> None:
    server = serving(lambda _asked: p.answer({"id": "rep_1", "ssn": "123-45-6789", "name": "Jane Roe"}))
    made = p.make_connection(server)
    with calling.open_provider(p.link(made.id), about=ABOUT) as provider:
        settled = provider.ask(provider.screening.get_report("rep_1"))
    assert settled.answer is not None
    assert settled.answer.json()["id"] == "rep_1"
    assert server.asked[0].headers["authorization"] == "Basic " + base64.b64encode(f"{p.KEY}:".encode()).decode()
    (kept,) = p.exchanges()
    assert (kept.operation, kept.method, kept.path, kept.status) == ("report.get", "GET", "/reports/{id}", 200)
    assert (kept.failure, kept.attempt, kept.subject_kind, kept.subject_id) == ("", 1, *ABOUT)
    assert json.loads(kept.answer_body) == {"id": "rep_1", "ssn": "•••", "name": "Jane Roe"}
    assert b"Jane" not in kept.answer_body_enc  # type: ignore[attr-defined]
    assert p.stored(made.id).last_successful_sync_at is not None


def test_no_secret_is_in_the_log_or_in_the_rows(company: UUID, serving: Any, capfd: Any, admin: Any) -> None:
    made = p.make_connection(serving(lambda _asked: p.answer({"error": "Bad authentication error"}, 401)))
    link = p.link(made.id)
    with calling.open_provider(link) as provider:
        provider.ask(provider.screening.list_packages())
    hidden = base64.b64encode(f"{p.KEY}:".encode()).decode()
    rows = admin.execute("SELECT e::text FROM exchange e UNION ALL SELECT c::text FROM connection c").fetchall()
    printed = "".join(capfd.readouterr()) + repr(link) + str(rows)
    assert len(rows) == 2
    assert p.KEY not in printed
    assert hidden not in printed
    assert ["authorization", "•••"] in p.exchanges()[0].request_headers


def test_every_try_is_kept_even_when_the_job_fails(company: UUID, serving: Any, quick: None) -> None:
    said = iter([reply(503), p.answer({"id": "cand_1", "object": "candidate"}, 201)])
    made = p.make_connection(serving(lambda _asked: next(said)))

    def fail_afterwards() -> None:
        with transaction(), calling.open_provider(p.link(made.id)) as provider:
            provider.ask(provider.screening.list_packages())
            raise RuntimeError("the job dies")

    with pytest.raises(RuntimeError):
        fail_afterwards()
    assert [(kept.attempt, kept.status, kept.failure) for kept in p.exchanges()] == [
        (1, 503, "server-failed-503"),
        (2, 201, ""),
    ]


def test_refused_credentials_break_the_connection_until_a_person_acts(company: UUID, serving: Any) -> None:
    server = serving(lambda _asked: p.answer({"error": "Bad authentication error"}, 401))
    made = p.make_connection(server)
    with calling.open_provider(p.link(made.id)) as provider:
        settled = provider.ask(provider.screening.list_packages())
    assert settled.decision == Decision(Next.SIGN_IN)
    assert p.stored(made.id).status == "error"
    again = p.link(made.id)
    assert isinstance(again.closed, AuthFailed)
    with calling.open_provider(again) as provider:
        settled = provider.ask(provider.screening.list_packages())
    assert (settled.attempts, settled.decision) == (0, Decision(Next.SIGN_IN))
    assert len(server.asked) == 1, "nothing was sent"
    assert p.link(made.id, trying=True).closed is None


def test_a_stopped_connection_waits_and_costs_no_try(company: UUID, serving: Any) -> None:
    made = p.make_connection(serving(lambda _asked: None), is_active=False)
    with calling.open_provider(p.link(made.id)) as provider:
        settled = provider.ask(provider.screening.list_packages())
    assert isinstance(settled.failure, CircuitOpen)
    assert settled.decision is not None
    assert settled.decision.next is Next.LATER
    with pytest.raises(jobs.Retry) as later:
        calling.take(settled)
    assert 880 < later.value.seconds < 940


def test_incomplete_settings_and_other_adapters(company: UUID, serving: Any) -> None:
    server = serving(lambda _asked: None)
    made = p.make_connection(server, credentials={})
    link = p.link(made.id)
    assert isinstance(link.closed, Rejected)
    with calling.open_provider(link) as provider:
        with pytest.raises(jobs.GiveUp):
            calling.take(provider.ask(provider.screening.list_packages()))
        assert provider.probe(provider.screening.list_packages()) is link.closed
    manual = p.make_connection(server, adapter="manual", code="MAN")
    with pytest.raises(Conflict):
        p.link(manual.id)


def test_take_ends_a_job_as_the_decision_says(company: UUID, serving: Any, quick: None) -> None:
    server = serving(lambda _asked: reply(503))
    made = p.make_connection(server)
    with calling.open_provider(p.link(made.id)) as provider:
        lost = provider.ask(provider.api.operation("reports.create").call(key="k"))
        with pytest.raises(ServerFailed):
            calling.take(lost)
        old = provider.ask(provider.api.operation("reports.create").call(key="k"), hours_since_first=25)
        with pytest.raises(jobs.OutcomeUnknown):
            calling.take(old)
    assert old.decision == Decision(Next.LOOK)
    assert p.stored(made.id).error_count == 2


def test_lists_are_read_to_their_end(company: UUID, serving: Any) -> None:
    def respond(asked: Asked) -> bytes:
        (number,) = parse_qs(urlsplit(asked.target).query)["page"]
        return p.answer({"data": [{"id": number}], "next_href": "more" if number == "1" else None})

    made = p.make_connection(serving(respond))
    with calling.open_provider(p.link(made.id)) as provider:
        read = [page.records for page in provider.read_all("package", provider.screening.list_packages())]
    assert read == [[{"id": "1"}], [{"id": "2"}]]


def test_a_document_is_fetched_without_our_key(company: UUID, serving: Any) -> None:
    server = serving(lambda _asked: reply(200, b"%PDF-1.7 secret", content_type="application/pdf"))
    made = p.make_connection(server)
    with calling.open_provider(p.link(made.id)) as provider:
        unsafe = provider.fetch("http://documents.example/document", "document.fetch")
        fetched = provider.fetch(f"{server.url}/document?sig=secret", "document.fetch")
    assert unsafe.decision == Decision(Next.STOP)
    assert fetched.answer is not None
    assert fetched.answer.body == b"%PDF-1.7 secret"
    assert "authorization" not in server.asked[0].headers
    (kept,) = p.exchanges()
    assert (kept.path, kept.request_body, kept.answer_body) == ("/…", None, None), (
        "neither address nor document is kept"
    )


# --- shared by all workers ----------------------------------------------------------------------------------------


def test_the_shelf_keeps_each_change(company: UUID) -> None:
    shelf, done = calling.PostgresShelf(company), threading.Barrier(8)

    def add(_: int) -> None:
        done.wait()
        for _ in range(25):
            shelf.change("rate:checkr:c1:0", lambda state, _now: ({"n": state.get("n", 0) + 1}, None))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(8)))
    assert shelf.change("rate:checkr:c1:0", lambda state, _now: (state, state["n"])) == 200


def test_the_shelf_uses_the_clock_of_the_database(company: UUID) -> None:
    times = [calling.PostgresShelf(company).change("rate:a:b:0", lambda state, now: (state, now)) for _ in range(2)]
    assert abs(times[0] - time.time()) < 60
    assert times[0] < times[1]


def test_what_all_companies_share_is_apart_from_what_is_one_s_own(company: UUID) -> None:
    def count(key: str) -> float:
        return calling.PostgresShelf(current_tenant()).change(
            key, lambda state, _now: ({"n": state.get("n", 0) + 1}, state.get("n", 0) + 1)
        )

    assert (count("rate:checkr:*:0"), count("rate:checkr:c1:0")) == (1, 1)
    with tenant(uuid7()):
        assert (count("rate:checkr:*:0"), count("rate:checkr:c1:0")) == (2, 1)
    with transaction() as session:
        assert [row.key for row in session.scalars(sa.select(ProviderState))] == ["rate:checkr:*:0"]
        assert [row.key for row in session.scalars(sa.select(ConnectionState))] == ["rate:checkr:c1:0"]


@contextmanager
def two_processes() -> Iterator[Any]:
    """A pool that is left by its own end: one that is killed may wait for ever for a child that holds a lock of ours."""
    pool = multiprocessing.get_context("fork").Pool(2)
    try:
        yield pool
    finally:
        pool.close()
        pool.join()


def _knock(company_id: UUID, tries: int) -> int:
    """In a process of its own: how many of its calls were let through. Both begin together."""
    forget_connections()
    _together[0].wait(30)
    guard = Guard(calling.PostgresShelf(company_id), "checkr", "c1", (Rate(40, 60), Concurrency(2)))
    let = 0
    for _ in range(tries):
        try:
            with guard.call():
                let += 1
        except Exception:
            pass
    return let


_together: list[Any] = []


def test_two_processes_hold_one_rate(company: UUID) -> None:
    _together[:] = [multiprocessing.get_context("fork").Barrier(2)]
    with two_processes() as pool:
        let = pool.starmap(_knock, [(company, 40)] * 2)
    assert sum(let) == 40
    assert min(let) > 0


def test_a_companys_own_hourly_rate_is_kept_to(company: UUID, serving: Any) -> None:
    server = serving(lambda _asked: p.answer({"data": []}))
    made = p.make_connection(server, rate_limit_per_hour=2, max_retry_attempts=0)
    with calling.open_provider(p.link(made.id)) as provider:
        ends = [provider.ask(provider.screening.list_packages()) for _ in range(3)]
    assert [settled.answer is not None for settled in ends] == [True, True, False]
    assert len(server.asked) == 2
    assert ends[2].decision is not None
    assert ends[2].decision.next is Next.LATER
    assert p.stored(made.id).error_count == 0, "our own limit says nothing about the provider"


# --- tokens -------------------------------------------------------------------------------------------------------


class Turning:
    """Gives a new refresh token with each refresh; an old one used again ends the grant for good, as in RFC 9700."""

    def __init__(self) -> None:
        self.current, self.refreshes, self.dead = "r0", 0, False
        self.good: set[str] = set()
        self._lock = threading.Lock()

    def respond(self, asked: Asked) -> bytes:
        if asked.target == "/token":
            return self._token(parse_qs(asked.body.decode()))
        if asked.headers.get("authorization", "").removeprefix("Bearer ") not in self.good:
            return p.answer({"error": "expired"}, 401)
        return p.answer({"data": [], "id": "1"})

    def _token(self, sent: dict[str, list[str]]) -> bytes:
        with self._lock:
            if self.dead or sent["refresh_token"] != [self.current]:
                self.dead = True
                return p.answer({"error": "invalid_grant"}, 400)
            self.refreshes += 1
            self.current, access = f"r{self.refreshes}", f"a{self.refreshes}"
            self.good = {access}
        return p.answer({"access_token": access, "refresh_token": self.current, "expires_in": 3600})


@pytest.fixture
def turn(company: UUID, serving: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[UUID, Turning]:
    manifest = p.turning()
    known = dict(registry.adapters()) | {"turn": manifest}
    monkeypatch.setattr(providers.registry, "adapter", known.__getitem__)
    provider = Turning()
    made = p.make_connection(
        serving(provider.respond), adapter="turn", environment="production",
        credentials={"client_id": "us", "client_secret": "very-secret"},
    )  # fmt: skip
    return made.id, provider


def keep_token(connection_id: UUID, access: str, *, due: bool = True) -> None:
    ends = datetime.now(UTC) + timedelta(seconds=-1 if due else 3600)
    with transaction() as session:
        calling.keep_token(
            session, connection_id, Token(access, ends - timedelta(hours=1), ends, refresh=_refresh_of(session))
        )


def _refresh_of(session: Any) -> str:
    row = session.scalar(sa.select(ProviderToken))
    return row.refresh if row is not None else "r0"


ROUNDS = 200


def _refresh(company_id: UUID, connection_id: UUID, first: bool, ready: Any) -> list[str]:
    """One worker: at each round both find the token due at the same instant."""
    forget_connections()
    got = []
    with tenant(company_id):
        link = p.link(connection_id)
        for round_ in range(ROUNDS):
            if first:
                keep_token(connection_id, f"stale{round_}")
            ready.wait(10)
            token = calling.token_for(link)
            assert token is not None
            got.append(token.access)
            ready.wait(10)
    return got


def test_two_processes_refresh_one_rotating_token_200_times(turn: tuple[UUID, Turning]) -> None:
    """Whoever sends a refresh token that was used before ends the grant for good: none is lost, none is sent twice."""
    connection_id, provider = turn
    company_id, fork = current_tenant(), multiprocessing.get_context("fork")
    with fork.Manager() as shared, two_processes() as pool:
        ready = shared.Barrier(2)
        work = [(company_id, connection_id, first, ready) for first in (True, False)]
        one, other = pool.starmap(_refresh, work, chunksize=1)
    assert one == other == [f"a{round_ + 1}" for round_ in range(ROUNDS)]
    assert (provider.refreshes, provider.dead) == (ROUNDS, False)
    with transaction() as session:
        assert _refresh_of(session) == provider.current, "the newest one is kept: 0 lost"


def test_a_token_that_ended_early_is_renewed_once(turn: tuple[UUID, Turning]) -> None:
    connection_id, provider = turn
    keep_token(connection_id, "revoked", due=False)
    with calling.open_provider(p.link(connection_id)) as conversation:
        settled = conversation.ask(conversation.api.resource("thing").get("1"))
    assert settled.answer is not None
    assert provider.refreshes == 1
    assert [(kept.operation, kept.status) for kept in p.exchanges()] == [
        ("oauth.token", 200),
        ("thing.get", 401),
        ("thing.get", 200),
    ]
    hidden = p.exchanges()[0]
    assert (hidden.request_body, hidden.answer_body) == (None, None), "bodies with tokens are not kept"


def test_without_a_grant_a_person_has_to_sign_in(turn: tuple[UUID, Turning]) -> None:
    connection_id, provider = turn
    with calling.open_provider(p.link(connection_id)) as conversation:
        settled = conversation.ask(conversation.api.resource("thing").get("1"))
    assert settled.decision == Decision(Next.SIGN_IN)
    provider.dead = True
    keep_token(connection_id, "stale")
    with pytest.raises(AuthFailed, match="grant-refused"):
        calling.token_for(p.link(connection_id))


# --- where it may lead --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("listed", "host", "address", "production", "allowed"),
    [
        ("", "api.checkr.com", "34.120.1.1", True, True),
        ("", "elsewhere.example", "34.120.1.1", True, True),
        ("", "api.checkr.com", "10.0.0.1", True, False),
        ("", "localhost", "127.0.0.1", True, False),
        ("", "localhost", "127.0.0.1", False, True),
        ("", "intern.example", "10.0.0.1", False, False),
        ("", "metadata", "169.254.169.254", False, False),
        ("other.example", "api.checkr.com", "34.120.1.1", True, True),
        ("other.example", "elsewhere.example", "34.120.1.1", True, False),
        ("10.20.0.0/16", "intern.example", "10.20.3.4", True, True),
        ("10.20.0.0/16", "intern.example", "10.30.3.4", True, False),
    ],
)
def test_egress(
    listed: str, host: str, address: str, production: bool, allowed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(get_settings(), "http_allowed", listed)
    monkeypatch.setattr(get_settings(), "sftp_allowed", "sftp.only.example")
    monkeypatch.setattr(get_settings(), "environment", "production" if production else "test")
    with reaching(registry.adapter("checkr")):
        assert reach.current().allows(host, reach.read_address(address)) is allowed


@pytest.mark.parametrize(
    ("host", "pattern"),
    [("{shop}.example.com", "*.example.com"), ("{host}", ""), ("{a}.com", ""), ("api.example.com", "api.example.com")],
)
def test_a_host_that_a_person_chooses_is_not_allowed_by_that(host: str, pattern: str) -> None:
    assert _pattern(host) == pattern


def test_in_production_no_connection_leads_to_a_sandbox(
    company: UUID, serving: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serving(lambda _asked: p.answer({"data": []}))
    made = p.make_connection(server)
    monkeypatch.setattr(get_settings(), "environment", "production")
    link = p.link(made.id)
    assert link.closed is not None
    assert link.closed.code == "sandbox-address"
    with calling.open_provider(link) as provider:
        assert provider.ask(provider.screening.list_packages()).decision == Decision(Next.STOP)
    assert server.asked == []


# --- the log ------------------------------------------------------------------------------------------------------


def test_the_log_is_forgotten_after_its_days(company: UUID, serving: Any) -> None:
    made = p.make_connection(serving(lambda _asked: p.answer({"data": []})))
    with calling.open_provider(p.link(made.id), about=ABOUT) as provider:
        for _ in range(2):
            provider.ask(provider.screening.list_packages())
    days = get_settings().exchange_days
    with transaction() as session:
        first = session.scalars(sa.select(Exchange).order_by(Exchange.id).limit(1)).one()
        first.started_at = datetime.now(UTC) - timedelta(days=days, seconds=1)
    with transaction() as session:
        jobs.enqueue(session, "connections.forget_exchanges", company, key="today")
    run_jobs()
    assert [kept.id for kept in p.exchanges()] != []
    assert first.id not in [kept.id for kept in p.exchanges()]
    with transaction() as session:
        rows = calling.about(session, system("test"), ABOUT[1])
        assert [row.operation for row in rows] == ["package.list"]
        with pytest.raises(Forbidden):
            calling.about(session, person_actor().__class__(company, "user"), ABOUT[1])


def test_health_is_recorded_once(company: UUID, serving: Any, quick: None) -> None:
    made = p.make_connection(serving(lambda _asked: p.answer({"error": "no"}, 401)))
    link = p.link(made.id)
    for _ in range(2):
        with calling.open_provider(link) as provider:
            provider.ask(provider.screening.list_packages())
    with transaction() as session:
        names = list(session.scalars(sa.select(AuditEvent.name).where(AuditEvent.entity_id == made.id)))
    assert names == ["connections.connection.broke"]
    engine()  # the pool is still whole after the threads above
