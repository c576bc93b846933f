"""A company with a connection to an HTTP provider that listens on this machine."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import BaseModel, Field, SecretStr

from app.connections.models import Connection, Exchange
from app.connections.services import calling, door
from app.core.db import transaction
from app.integrations.api import Api, Environment, Operation, Resource
from app.integrations.auth.kinds import OAuth2Code
from app.integrations.contracts import Category, Manifest
from app.integrations.protection.limits import Limit, Per, Rate
from app.integrations.protection.retry import Safety
from tests.integrations.http_server import HttpServer, reply

KEY = "sk_live_0123456789abcdef"


def make_connection(server: HttpServer | None, **changes: Any) -> Connection:
    """A Checkr connection of the current tenant whose address is the server."""
    values: dict[str, Any] = {
        "adapter": "checkr", "name": "Checkr", "code": "CHK", "status": "connected", "api_endpoint_url": server.url if server else "",
        "credentials": {"api_key": KEY}, "environment": "staging",
    }  # fmt: skip
    with transaction() as session:
        made = Connection(**(values | changes))
        made.webhook_key = door.new_key(made.company_id)
        session.add(made)
    return made


def link(connection_id: UUID, **how: Any) -> calling.Link:
    with transaction() as session:
        return calling.link_of(session, connection_id, **how)


def stored(connection_id: UUID) -> Connection:
    with transaction() as session:
        return session.scalars(sa.select(Connection).where(Connection.id == connection_id)).one()


def exchanges() -> list[Exchange]:
    with transaction() as session:
        return list(session.scalars(sa.select(Exchange).order_by(Exchange.id)))


def answer(value: Any, status: int = 200, **headers: str) -> bytes:
    return reply(status, json.dumps(value).encode(), **headers)


class TurnConfig(BaseModel):
    """Nothing to set."""


class TurnSecrets(BaseModel):
    client_id: SecretStr = Field(title="Client")
    client_secret: SecretStr = Field(title="Secret")


def turning(*limits: Limit) -> Manifest:
    """A provider whose refresh tokens turn: each may be used once."""
    api = Api(
        base_urls={Environment.PRODUCTION: "https://turn.example"},
        auth=OAuth2Code("https://turn.example/authorize", "https://turn.example/token"),
        limits=limits or (Rate(1_000_000, 60, Per.PROVIDER),),
        resources=(Resource("thing", "/things/{id}", "/things", records="data"),),
        operations=(Operation("things.make", "POST", "/things", Safety.ASK),),
    )
    return Manifest(
        slug="turn", name="Turn", category=Category.SCREENING, docs="https://turn.example", owner="corridor",
        config=TurnConfig, secrets=TurnSecrets, api=api,
    )  # fmt: skip
