"""Packages are read from the provider: when a connection works, when it says they changed, and every night."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.connections.models import Connection, ConnectionStatus
from app.connections.services import calling
from app.core.clock import today
from app.core.db import fetch
from app.core.events import system
from app.core.jobs import Run, enqueue, job
from app.integrations.registry import adapter
from app.integrations.screening import Ability
from app.screening.services import packages


@job("screening.read_packages", on=["connections.connection.checked", "screening.packages.wanted"])
def read_packages(run: Run) -> None:
    """Read what the provider of a connection sells. Other connections need nothing."""
    with run.step() as session:
        link = _link(session, run.subject_id)
    if link is None:
        return
    with calling.open_provider(link, about=("connection", run.subject_id), earlier=run.attempt - 1) as to:
        if Ability.PACKAGES not in to.screening.abilities:
            return
        pages = list(to.read_all("package", to.screening.list_packages()))
        listed = [to.screening.read_package(one) for page in pages for one in page.records]
    with run.finish() as session:
        packages.keep(session, system(run.kind), run.subject_id, listed)


def _link(session: Session, connection_id: UUID) -> calling.Link | None:
    connection = fetch(session, Connection, connection_id)
    manifest = adapter(connection.adapter)
    if manifest.screening is None or connection.status != ConnectionStatus.CONNECTED:
        return None
    return calling.http_link(session, connection_id)


@job("screening.read_all_packages", every="day")
def read_all_packages(run: Run) -> None:
    """Every night, for every connection that works."""
    with run.finish() as session:
        query = sa.select(Connection.id, Connection.adapter).where(
            Connection.is_active, Connection.status == ConnectionStatus.CONNECTED.value
        )
        for connection_id, slug in session.execute(query):
            if adapter(slug).screening is not None:
                enqueue(session, "screening.read_packages", connection_id, key=f"daily:{connection_id}:{today()}")
