"""Which connections work by files, and what is needed to do so."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.connections import services as connections
from app.connections.models import Connection, ConnectionStatus
from app.core.access import Can
from app.core.db import fetch
from app.core.errors import Invalid, NotFound
from app.core.events import Actor
from app.integrations.adapters.custom_screening.adapter import Connector
from app.integrations.adapters.custom_screening.manifest import MANIFEST
from app.integrations.adapters.custom_screening.settings import ConnectorConfig, Method

ADAPTER = MANIFEST.slug
BY_FILE = (Method.SFTP.value, Method.FILE_UPLOAD.value)


def by_files(connection: Connection) -> bool:
    """Whether orders and results of this connection travel as files."""
    return connection.adapter == ADAPTER and connection.settings.get("method") in BY_FILE


def by_server(connection: Connection) -> bool:
    """Whether the provider's SFTP server carries them; else people do."""
    return by_files(connection) and connection.settings["method"] == Method.SFTP.value


def config_of(connection: Connection) -> ConnectorConfig:
    """Raises Invalid while the settings are incomplete."""
    config = connections.config_of(connection)
    if not isinstance(config, ConnectorConfig):
        raise Invalid("This connection does not work by files.")
    return config


def connector_of(connection: Connection) -> Connector:
    """Raises Invalid while the settings are incomplete."""
    return Connector(config_of(connection))


def active(session: Session) -> Sequence[Connection]:
    """Connections by files that work, with complete settings. One query."""
    query = sa.select(Connection).where(
        Connection.adapter == ADAPTER, Connection.settings["method"].astext.in_(BY_FILE), Connection.is_active,
        Connection.status == ConnectionStatus.CONNECTED.value,
    )  # fmt: skip
    return [one for one in session.scalars(query.order_by(Connection.id)) if _complete(one)]


def _complete(connection: Connection) -> bool:
    try:
        config_of(connection)
    except Invalid:
        return False
    return True


def connection(
    session: Session, actor: Actor, connection_id: UUID, permission: Can = Can.CONNECTION_VIEW
) -> Connection:
    """One that works by files. Raises NotFound for any other."""
    actor.require(permission)
    found = fetch(session, Connection, connection_id)
    if not by_files(found):
        raise NotFound
    return found
