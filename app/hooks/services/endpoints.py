"""Set up endpoints: add, change, rotate the secret, switch off, remove."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Collection, Sequence
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.access import Can
from app.core.clock import now
from app.core.db import current_tenant, fetch
from app.core.errors import Conflict, Invalid
from app.core.events import Actor, Risk, record
from app.hooks.models import HookAttempt, HookDelivery, HookEndpoint, Stop
from app.hooks.rules import BY_EVENT
from app.hooks.services.addresses import checked

MOST = 20
NAMES = frozenset(kind.name for kind in BY_EVENT.values())


def endpoints(session: Session, actor: Actor) -> Sequence[HookEndpoint]:
    """All of them (at most `MOST`), the oldest first."""
    actor.require(Can.CONNECTION_VIEW)
    return session.scalars(sa.select(HookEndpoint).order_by(HookEndpoint.id)).all()


def endpoint_of(session: Session, actor: Actor, endpoint_id: UUID | str) -> HookEndpoint:
    """Raises NotFound for one of another company."""
    actor.require(Can.CONNECTION_VIEW)
    return fetch(session, HookEndpoint, endpoint_id)


def add(
    session: Session, actor: Actor, *, endpoint_id: UUID, url: str, description: str, kinds: Collection[str]
) -> tuple[HookEndpoint, str]:
    """A new endpoint and its secret, which is shown this once.

    Args:
        endpoint_id: made with the form, so that a form sent twice makes one endpoint.

    Raises:
        Conflict: the form was sent before; its secret cannot be shown again.
        Invalid: the address is not public https, no event is chosen, or there are `MOST` already.
    """
    actor.require(Can.CONNECTION_MANAGE)
    wanted = _checked(url, description, kinds)
    if session.get(HookEndpoint, (current_tenant(), endpoint_id)) is not None:
        raise Conflict("This endpoint is there already. Rotate its secret to see a new one.")
    if len(endpoints(session, actor)) >= MOST:
        raise Invalid("There are 20 endpoints already. Remove one that is not needed.")
    secret = _new_secret()
    made = HookEndpoint(id=endpoint_id, secret=secret, created_by_user_id=actor.user_id, **wanted)
    session.add(made)
    record(session, actor, "hooks.endpoint.added", made, new=_told(made), risk=Risk.HIGH)
    return made, secret


def change(
    session: Session,
    actor: Actor,
    endpoint_id: UUID,
    *,
    url: str,
    description: str,
    kinds: Collection[str],
    is_active: bool,
) -> None:
    """Change an endpoint; switching it on forgets that it failed. Raises Invalid as `add` does."""
    actor.require(Can.CONNECTION_MANAGE)
    wanted = _checked(url, description, kinds)
    found = fetch(session, HookEndpoint, endpoint_id, lock=True)
    old = _told(found)
    for name, value in wanted.items():
        setattr(found, name, value)
    if is_active != found.is_active:
        found.is_active, found.failing_since = is_active, None
        found.stopped_by = (Stop.NONE if is_active else Stop.PERSON).value
    record(session, actor, "hooks.endpoint.changed", found, old=old, new=_told(found), risk=Risk.HIGH)


def rotate(session: Session, actor: Actor, endpoint_id: UUID) -> str:
    """A new secret, shown this once. The one receivers use now signs too until it is ended; doing it again replaces only the new one."""
    actor.require(Can.CONNECTION_MANAGE)
    found = fetch(session, HookEndpoint, endpoint_id, lock=True)
    secret = _new_secret()
    found.old_secret = found.old_secret or found.secret
    found.secret, found.rotated_at = secret, now()
    record(session, actor, "hooks.secret.rotated", found, risk=Risk.HIGH)
    return secret


def end_old_secret(session: Session, actor: Actor, endpoint_id: UUID) -> None:
    """From now on only the new secret signs."""
    actor.require(Can.CONNECTION_MANAGE)
    found = fetch(session, HookEndpoint, endpoint_id, lock=True)
    if found.old_secret is not None:
        found.old_secret = None
        record(session, actor, "hooks.secret.ended", found, risk=Risk.HIGH)


def remove(session: Session, actor: Actor, endpoint_id: UUID) -> None:
    """An endpoint with everything that was delivered to it."""
    actor.require(Can.CONNECTION_MANAGE)
    mine = sa.select(HookDelivery.id).where(HookDelivery.endpoint_id == endpoint_id)
    session.execute(mine.with_for_update())  # deliveries before their endpoint, as whoever settles one does
    found = fetch(session, HookEndpoint, endpoint_id, lock=True)
    record(session, actor, "hooks.endpoint.removed", found, old=_told(found), risk=Risk.HIGH)
    session.execute(sa.delete(HookAttempt).where(HookAttempt.delivery_id.in_(mine)))
    session.execute(sa.delete(HookDelivery).where(HookDelivery.endpoint_id == endpoint_id))
    session.delete(found)


def stop(session: Session, actor: Actor, endpoint: HookEndpoint, why: Stop) -> None:
    """Switched off by us. Who sets up connections is told (a job subscribes to the event)."""
    if endpoint.is_active:
        endpoint.is_active, endpoint.stopped_by = False, why.value
        record(session, actor, "hooks.endpoint.stopped", endpoint, new={"why": why.value}, risk=Risk.HIGH)


def host_of(url: str) -> str:
    """What may be told of an address in logs and notices."""
    return urlsplit(url).hostname or ""


def _checked(url: str, description: str, kinds: Collection[str]) -> dict[str, Any]:
    errors: dict[str, str] = {}
    try:
        url = checked(url)
    except Invalid as problem:
        errors |= problem.errors
    if not kinds or not set(kinds) <= NAMES:
        errors["kinds"] = "Select at least one event"
    if len(description.strip()) > 100:
        errors["description"] = "Use at most 100 characters"
    if errors:
        raise Invalid(errors)
    return {"url": url, "description": description.strip(), "kinds": sorted(set(kinds))}


def _new_secret() -> str:
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


def _told(endpoint: HookEndpoint) -> dict[str, Any]:
    return {"host": host_of(endpoint.url or ""), "kinds": endpoint.kinds, "is_active": endpoint.is_active}
