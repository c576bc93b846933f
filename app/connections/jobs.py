"""What connections do later."""

from __future__ import annotations

from app.connections.models import Connection
from app.connections.services import access, calling, checking, documents, health, leaving, sign_in
from app.connections.services.providers import speaks_http
from app.core.clock import now
from app.core.db import fetch
from app.core.errors import NotFound
from app.core.events import system
from app.core.jobs import GiveUp, OutcomeUnknown, Repeat, Run, enqueue, job
from app.integrations.auth.tokens import Token
from app.integrations.failures import AuthFailed, Failure, RateLimited, Transient

SIGN_IN_TRIES = 3
LEAVING_TRIES = 5
PASSING = (Transient, RateLimited)
"""Nothing happened over there: worth another try."""


@job("connections.check", on=["connections.connection.check-asked"], max_attempts=3, timeout=30)
def check_connection(run: Run) -> None:
    """Try the provider out; the page polls what comes of it."""
    with run.step() as session:
        connection = fetch(session, Connection, run.subject_id)
        adapter, settings, credentials = connection.adapter, connection.settings, connection.credentials or {}
        link = calling.link_of(session, connection.id, trying=True) if speaks_http(connection) else None
    checked = checking.check_api(link) if link else checking.check(adapter, settings, credentials)
    with run.finish() as session:
        checking.finish_check(session, system(run.kind), run.subject_id, checked)


@job("connections.forget_exchanges", every="day")
def forget_exchanges(run: Run) -> None:
    """Remove what is older than `EXCHANGE_DAYS` from the log of requests to providers."""
    gone = 1
    while gone:
        with run.step() as session:
            gone = calling.forget_exchanges(session)


@job("connections.finish_sign_in", on=["connections.sign-in.returned"], max_attempts=SIGN_IN_TRIES, timeout=60)
def finish_sign_in(run: Run) -> None:
    """The code a person brought back, for a token; the page polls what comes of it."""
    with run.step() as session:
        trip = sign_in.trip_of(session, run.subject_id)
    ended: Token | Failure | None = None
    if trip is not None:
        try:
            ended = calling.exchange_code(trip.link, trip.code, trip.pkce, trip.kept)
        except Failure as failure:
            if isinstance(failure, PASSING) and run.attempt < SIGN_IN_TRIES:
                raise
            ended = failure
    with run.finish() as session:
        if ended is not None:
            sign_in.finish(session, system(run.kind), run.subject_id, ended)


@job("connections.revoke", on=["connections.connection.disconnected"], max_attempts=LEAVING_TRIES, timeout=60)
def revoke(run: Run) -> None:
    """Tell a provider that we are gone. What it does not take in the end, a person is asked to do there."""
    with run.step() as session:
        farewell = leaving.farewell_of(session, run.subject_id)
    problem = ""
    if farewell is not None:
        try:
            calling.revoke(farewell.link, farewell.token)
        except Failure as failure:
            if isinstance(failure, PASSING) and run.attempt < LEAVING_TRIES:
                raise
            problem = failure.code
    with run.finish() as session:
        if farewell is not None:
            leaving.finish(session, system(run.kind), run.subject_id, problem)


@job("connections.keep_sign_ins", every="day")
def keep_sign_ins(run: Run) -> None:
    """Refresh tokens that die when nobody uses them are used in time, each by a job of its own; old sign-ins are forgotten."""
    with run.finish() as session:
        sign_in.forget_old(session)
        for connection_id in access.idle(session):
            enqueue(session, "connections.renew", connection_id, key=f"{connection_id}:{now():%Y-%m-%d}")


@job("connections.renew", max_attempts=5, timeout=60)
def renew(run: Run) -> None:
    """Use one refresh token so that it lives on."""
    with run.step() as session:
        link = calling.link_of(session, run.subject_id)
    refused = ""
    if link.closed is None:
        try:
            calling.renew(link)
        except AuthFailed as failure:
            refused = failure.code
    with run.finish() as session:
        if refused:
            connection = fetch(session, Connection, run.subject_id, lock=True)
            health.mark_broken(session, system(run.kind), connection, refused)


COPY_ATTEMPTS = 8


@job(
    "connections.keep_document",
    on=["connections.document.wanted"],
    repeat=Repeat.KEYED,
    max_attempts=COPY_ATTEMPTS,
    timeout=300,
)
def keep_document(run: Run) -> None:
    """Copy one document into the company's drive. The adapter looks first: the same name and bytes are not put there twice."""
    actor = system(run.kind, run.company_id)
    try:
        with run.step() as session:
            task = documents.begin(session, run.subject_id)
        if task is None:
            return
        about = ("kept_document", run.subject_id)
        with calling.open_provider(task.link, about=about, earlier=run.attempt - 1) as provider:
            kept = provider.run(provider.documents.keep(task.document, str(run.subject_id)))
    except (GiveUp, OutcomeUnknown, Failure, NotFound) as failure:
        final = isinstance(failure, GiveUp | NotFound) or run.attempt >= COPY_ATTEMPTS
        if not final:
            raise
        with run.step() as session:
            documents.fail(session, actor, run.subject_id, failure.code)
        raise GiveUp(failure.code) from None
    with run.finish() as session:
        documents.finish(session, actor, run.subject_id, kept)


@job("connections.keep_again", on=["connections.connection.recovered"])
def keep_again(run: Run) -> None:
    """A drive that was broken works again: what could not be copied meanwhile is."""
    with run.finish() as session:
        documents.again_all(session, system(run.kind, run.company_id), run.subject_id)
