"""What webhooks speak of: one record, fetched again."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from app.connections.models import Connection, InboxItem
from app.connections.services import manifest_of
from app.core.clock import now
from app.core.db import fetch
from app.core.events import Actor
from app.integrations.api import Resource
from app.integrations.sync.mapping import Changes
from app.integrations.sync.reading import Ask, Item, item_of
from app.integrations.transports.http.rules import at_path
from app.syncing.services.running import changes_by, plan_of, work_of
from app.syncing.services.storing import store


@dataclass(frozen=True, slots=True)
class Told:
    """An event about one record that is kept in step."""

    connection_id: UUID
    resource: Resource
    remote_id: str
    changes: Changes


def read(session: Session, item_id: UUID) -> Told | None:
    """What an event is about; None when it is no record of ours, or the connection is not kept in step yet."""
    item = fetch(session, InboxItem, item_id)
    connection = fetch(session, Connection, item.connection_id)
    resource = manifest_of(connection.adapter).kept(item.resource)
    if resource is None or not resource.path or not item.resource_ref or not plan_of(session, connection.id).is_on:
        return None
    return Told(connection.id, resource, item.resource_ref, changes_by(connection, (resource,))[resource.name])


def hint(session: Session, item_id: UUID) -> bool:
    """An event about what is read by its changes alone (a drive) makes the next run due at once; many of them make one run.

    Returns whether it was such an event.
    """
    item = fetch(session, InboxItem, item_id)
    connection = fetch(session, Connection, item.connection_id)
    resource = manifest_of(connection.adapter).kept(item.resource)
    if resource is None or resource.path:
        return False  # most events are of others: they get no plan, and wait for no lock
    plan = plan_of(session, connection.id, lock=True)
    if not plan.is_on:
        return False
    plan.next_run_at = now()
    return True


def fetched(ask: Ask, told: Told) -> Item:
    """The record as it is now. Raises NotFound when it is gone, ContractDrift for what is no record."""
    document = ask(told.resource.get(told.remote_id)).json()
    return item_of(
        told.resource, at_path(document, told.resource.one) if told.resource.one else document, told.remote_id
    )


def take(session: Session, actor: Actor, told: Told, item: Item) -> None:
    """Keep it and have it taken, as a page of one. No cursor moves."""
    store(session, work_of(session, actor, told.connection_id, None), told.resource, told.changes, [item])
