"""One conversation of a job with a provider."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

from app.connections.models import Connection, ConnectionStatus
from app.connections.services import health
from app.connections.services.calling.exchanges import About, keep_exchange
from app.connections.services.calling.link import Link, reaching
from app.connections.services.calling.shelf import PostgresShelf
from app.connections.services.calling.tokens import token_for
from app.core import jobs
from app.core.clock import now
from app.core.db import fetch, transaction
from app.core.errors import Conflict
from app.core.events import system
from app.integrations.api import open_api
from app.integrations.auth.tokens import Token
from app.integrations.failures import AuthFailed, CircuitOpen, Failure, RateLimited, Rejected
from app.integrations.paging import Page, pages
from app.integrations.ports import DocumentStore, Messenger, PensionScheme, Steps, WellnessPlan, walk
from app.integrations.protection.breaker import is_sick
from app.integrations.protection.guard import Guard, Settled, settle
from app.integrations.protection.retry import Next, Safety, decide
from app.integrations.screening import ScreeningProvider
from app.integrations.transports.http.calls import Answer, Call, Exchanged, fetching
from app.integrations.transports.http.client import Http, HttpClient
from app.integrations.transports.http.wire import Wire

T = TypeVar("T")


@contextmanager
def open_provider(link: Link, *, about: About | None = None, earlier: int = 0) -> Iterator[Provider]:
    """A conversation, closed at the end. No transaction may be open meanwhile.

    Args:
        about: the row the calls are about, for the log: its table and id.
        earlier: how many attempts of this job came before (`run.attempt - 1`); what has to wait then waits longer.
    """
    provider = Provider(link, about, earlier)
    try:
        yield provider
    finally:
        provider.close()


def _offered(factory: T | None, otherwise: str) -> T:
    if factory is None:
        raise Conflict(otherwise)
    return factory


class Provider:
    """What a job says to a provider. One thread at a time."""

    def __init__(self, link: Link, about: About | None, earlier: int) -> None:
        self.link, self.api = link, link.api
        self._about, self._earlier = about, earlier
        self._guard = Guard(
            PostgresShelf(link.company_id), link.manifest.slug, str(link.connection_id), link.limits
        )  # the circuit is the connection's own, so one company's trouble does not stop another
        self._client: HttpClient | None = None
        self._token: Token | None = None
        self._attempt = 0
        self._told_well_at = float("-inf")

    @property
    def screening(self) -> ScreeningProvider:
        """Makes calls and reads answers of a screening provider. Raises Conflict when it is none."""
        return _offered(self.link.manifest.screening, "this connection screens nobody")(self.link.config)

    @property
    def messenger(self) -> Messenger:
        """Posts into a team's channel. Raises Conflict when it does not."""
        return _offered(self.link.manifest.messenger, "this connection posts no messages")(self.link.config)

    @property
    def documents(self) -> DocumentStore:
        """Keeps documents. Raises Conflict when it does not."""
        return _offered(self.link.manifest.documents, "this connection keeps no documents")(self.link.config)

    @property
    def pension(self) -> PensionScheme:
        """Tells what was withheld. Raises Conflict when it does not."""
        return _offered(self.link.manifest.pension, "this connection takes no contributions")(self.link.config)

    @property
    def wellness(self) -> WellnessPlan:
        """Tells who may use an offer. Raises Conflict when it does not."""
        return _offered(self.link.manifest.wellness, "this connection is told of nobody's eligibility")(
            self.link.config
        )

    def ask(self, call: Call, *, hours_since_first: float = 0) -> Settled:
        """The answer, or the last failure and what to do about it: LATER, LOOK, ASK, SIGN_IN or STOP. Raises nothing of the provider's.

        Args:
            hours_since_first: since the first try of this very intent; a key the provider has forgotten protects no more.
        """
        safety = self.api.safety(call, hours_since_first=hours_since_first)
        if self.link.closed is not None:
            return self._left(self.link.closed, safety)
        self._attempt = 0
        settled = settle(
            lambda: self._send(call), self._guard, safety, self.api.retry, keep=self._keep, earlier=self._earlier
        )
        self._note(settled)
        return settled

    def read_all(self, resource: str, call: Call) -> Iterator[Page]:
        """Page after page of one of the manifest's lists.

        Raises:
            Failure, or what `take` makes of it: a page that cannot be had ends the reading.
        """
        known = self.api.resource(resource)
        return pages(known.pages, known.records, call, lambda one: take(self.ask(one)))

    def run(self, steps: Steps[T]) -> T:
        """Send what an adapter's steps say, one after the other, and return their result.

        Raises:
            What `take` makes of a call that ends otherwise; GiveUp also for a refusal the steps do not know what to do about.
        """
        try:
            return walk(steps, self.answer)
        except Rejected as refused:
            raise jobs.GiveUp(refused.code) from None

    def answer(self, call: Call) -> Answer:
        """For readers and steps: a refusal of one thing is raised as it is, for they may know what it means; the rest as `take` does."""
        settled = self.ask(call)
        if isinstance(settled.failure, Rejected):
            raise settled.failure
        return take(settled)

    def fetch(self, url: str, operation: str) -> Settled:
        """A document at an address the provider gave us: without our credentials, and not kept in the log."""
        try:
            base, call = fetching(url, operation)
        except Failure as unsafe:
            return self._left(unsafe, Safety.FREE)
        self._attempt = 0
        http = Http(base, deadline_seconds=self.api.deadline_seconds, most_bytes=self.api.most_bytes)
        with reaching(self.link.manifest), HttpClient(http, Wire()) as client:
            return settle(
                lambda: client.exchange(replace(call, secret=True)), self._guard, Safety.FREE, self.api.retry, keep=self._keep,
                earlier=self._earlier,
            )  # fmt: skip

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def probe(self, call: Call) -> Failure | None:
        """For a test of the connection: one try, whatever limits and circuit say. What went wrong, or None."""
        if self.link.closed is not None:
            return self.link.closed
        try:
            exchanged = self._send(call)
        except Failure as failure:
            return failure
        self._keep(exchanged)
        return exchanged.failure

    def fetch_token(self) -> Failure | None:
        """For a test of a connection that has nothing to ask for: what its token address says."""
        if self.link.closed is not None:
            return self.link.closed
        try:
            token_for(self.link)
        except Failure as failure:
            return failure
        return None

    def _left(self, failure: Failure, safety: Safety) -> Settled:
        """Nothing was sent."""
        decision = decide(
            failure, safety, self.api.retry, attempt=1, elapsed=0, now=now(), chance=0.5, earlier=self._earlier
        )
        return Settled(None, failure, decision, 0)

    def _send(self, call: Call) -> Exchanged:
        # A token that holds is not read anew for each call; one that ended before its time shows by being refused.
        known = self._token if self._token is not None and not self._token.is_due(now()) else token_for(self.link)
        exchanged = self._opened(known).exchange(call)
        if self._token is None or not isinstance(exchanged.failure, AuthFailed):
            return exchanged
        # It ended before its time. Once, and only when there is another one.
        fresh = token_for(self.link, refused=self._token.access)
        self._keep(exchanged)
        return self._opened(fresh).exchange(call)

    def _opened(self, token: Token | None) -> HttpClient:
        if self._client is None or token != self._token:
            self.close()
            link = self.link
            with reaching(link.manifest):
                self._client = open_api(
                    self.api,
                    link.config,
                    link.secrets,
                    environment=link.environment,
                    token=token,
                    base_url=link.base_url,
                )
            self._token = token
        return self._client

    def _keep(self, exchanged: Exchanged) -> None:
        self._attempt += 1
        keep_exchange(self.link, exchanged, self._attempt, self._about)

    def _note(self, settled: Settled) -> None:
        """What this says about the connection's health. Our own limits say nothing, and good news is no news for a while."""
        failure, own = settled.failure, system("connections.calling", self.link.company_id)
        if failure is not None and not (isinstance(failure, AuthFailed) or is_sick(failure)):
            return
        if failure is None and time.monotonic() - self._told_well_at < health.ANSWERED_EVERY.total_seconds():
            return
        with transaction(self.link.company_id) as session:
            if failure is None:
                health.note_answer(session, self.link.connection_id)
                self._told_well_at = time.monotonic()
                return
            self._told_well_at = float("-inf")
            connection = fetch(session, Connection, self.link.connection_id, lock=True)
            if failure.code == "token-missing" and connection.status == ConnectionStatus.DISCONNECTED:
                return  # nobody signed in yet: nothing broke
            if isinstance(failure, AuthFailed):
                health.mark_broken(session, own, connection, failure.code)
            else:
                health.note_failure(session, connection, failure.code)


def take(settled: Settled) -> Answer:
    """The answer, for a job that decides nothing itself; else the exception by which the job ends.

    Raises:
        app.core.jobs.Retry: a limit, the circuit or a stopped connection: not now, and it costs no try.
        app.core.jobs.OutcomeUnknown: nobody knows what happened; the job's `repeat` says what comes next.
        app.core.jobs.GiveUp: the provider said no, or a person has to repair the connection.
        app.integrations.failures.Failure: a passing trouble; it counts, and the executor waits longer each time.
    """
    if settled.answer is not None:
        return settled.answer
    failure, decision = settled.failure, settled.decision
    assert failure is not None
    assert decision is not None
    if decision.next in (Next.LOOK, Next.ASK):
        raise jobs.OutcomeUnknown(failure.code)
    if decision.next is not Next.LATER:
        raise jobs.GiveUp(failure.code)
    if isinstance(failure, RateLimited | CircuitOpen) and decision.until is not None:
        raise jobs.Retry(failure.code, max((decision.until - now()).total_seconds(), 1))
    raise failure
