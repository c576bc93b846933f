"""What connections do later."""

from __future__ import annotations

from app.connections.models import Connection
from app.connections.services import calling, checking
from app.connections.services.providers import speaks_http
from app.core.db import fetch
from app.core.events import system
from app.core.jobs import Run, job


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
