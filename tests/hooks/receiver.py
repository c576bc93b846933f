"""A receiver as a customer writes one, and the shortest way to an endpoint, an event and the jobs that are due."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from standardwebhooks import Webhook
from uuid_utils.compat import uuid7

from app.core.db import current_tenant, transaction
from app.core.events import Actor, record, system
from app.core.jobs import JobIntent, State
from app.hooks.models import HookAttempt, HookDelivery, HookEndpoint
from app.hooks.services import endpoints
from tests.integrations.http_server import Asked, HttpServer, reply
from worker.execute import run_intent

JOBS = ("hooks.fan_out", "hooks.send", "hooks.tell_stopped")


class Receiver:
    """`says`: what it answers from now on."""

    def __init__(self) -> None:
        self.says = reply(204, b"")
        self._server = HttpServer(lambda _asked: self.says)
        self.url = f"{self._server.url}/hooks/in?from=corridor"
        self.stop = self._server.stop

    def reset(self) -> None:
        self.says = reply(204, b"")
        self._server.asked.clear()

    @property
    def got(self) -> list[Asked]:
        return self._server.asked

    def verified(self, secret: str, place: int = -1) -> Any:
        """A message, as the library of Standard Webhooks believes it. Raises WebhookVerificationError."""
        return Webhook(secret).verify(self.got[place].body, self.got[place].headers)


def add_endpoint(url: str, *kinds: str) -> tuple[UUID, str]:
    """An endpoint of the current tenant, and its secret."""
    with transaction() as session:
        made, secret = endpoints.add(
            session, admin(), endpoint_id=uuid7(), url=url, description="Warehouse", kinds=kinds or ("employee.hired",)
        )  # fmt: skip
    return made.id, secret


def admin() -> Actor:
    return system("test")


def happen(name: str = "people.employee.hired") -> UUID:
    """Something of the catalog takes place; the id of its subject."""
    subject = uuid7()
    with transaction() as session:
        record(session, admin(), name, ("employee", subject))
    return subject


def work(kinds: tuple[str, ...] = JOBS) -> None:
    """Run what waits, as if its time had come, once each; what those promise too."""
    for kind in kinds:
        with transaction() as session:
            waiting = sa.and_(JobIntent.kind == kind, JobIntent.state == State.PENDING)
            session.execute(sa.update(JobIntent).where(waiting).values(run_after=sa.func.now()))
            ids = session.scalars(sa.select(JobIntent.id).where(waiting).order_by(JobIntent.id)).all()
        for intent in ids:
            run_intent(str(current_tenant()), str(intent))


def forget_trouble() -> None:
    """The circuit and the places, as if long ago: they keep PostgreSQL's time, which no test turns."""
    with transaction() as session:
        session.execute(sa.text("DELETE FROM connection_state WHERE company_id = :own"), {"own": current_tenant()})


def stored() -> list[HookDelivery]:
    with transaction() as session:
        return list(session.scalars(sa.select(HookDelivery).order_by(HookDelivery.id)))


def attempts() -> list[HookAttempt]:
    with transaction() as session:
        return list(session.scalars(sa.select(HookAttempt).order_by(HookAttempt.id)))


def endpoint(endpoint_id: UUID) -> HookEndpoint:
    with transaction() as session:
        return session.scalars(sa.select(HookEndpoint).where(HookEndpoint.id == endpoint_id)).one()
