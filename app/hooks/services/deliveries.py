"""Deliveries: made from events, claimed for a try, settled by what came of it; shown to people, and sent again by them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.core.access import Can
from app.core.clock import now
from app.core.config import get_settings
from app.core.db import current_tenant, fetch, own_company
from app.core.errors import Conflict
from app.core.events import Actor, AuditEvent, record
from app.core.jobs import JobIntent
from app.hooks.models import DeliveryState, HookAttempt, HookDelivery, HookEndpoint, Stop
from app.hooks.rules import BY_EVENT, FAILING_FOR, TEST, body, failing_since, message_id, next_wait
from app.hooks.services.endpoints import stop
from app.hooks.services.sending import Message, Outcome

PAGE = 25
AT_ONCE = 2000
CLAIMED_FOR = timedelta(seconds=60)
"""Longer than a try may take: until then no second job sends the same; if the first one died, the second does."""
LATEST = timedelta(days=1)
"""No receiver puts a message off for longer."""


def make(session: Session, intent_id: UUID) -> list[UUID]:
    """A delivery of the event that promised this intent, for each endpoint that wants it. Returns their ids."""
    columns = (AuditEvent.id, AuditEvent.name, AuditEvent.entity_id, AuditEvent.occurred_at)
    event_id = fetch(session, JobIntent, intent_id).event_id
    event = session.execute(sa.select(*columns).where(AuditEvent.id == event_id)).one()
    kind = BY_EVENT[event.name]
    wanting = sa.select(HookEndpoint.id).where(HookEndpoint.is_active, HookEndpoint.kinds.contains([kind.name]))
    made = [
        HookDelivery(
            endpoint_id=endpoint_id, event_id=event.id, kind=kind.name, subject_id=event.entity_id, occurred_at=event.occurred_at,
            next_try_at=now(),
        )
        for endpoint_id in session.scalars(wanting)
    ]  # fmt: skip
    session.add_all(made)
    return [one.id for one in made]


def claim(session: Session, delivery_id: UUID) -> Message | timedelta | None:
    """What to send now, or how long it is too early, or nothing: it is settled, removed, or its endpoint is off."""
    delivery = _locked(session, delivery_id)
    if delivery is None or delivery.state != DeliveryState.WAITING:
        return None
    endpoint, moment = fetch(session, HookEndpoint, delivery.endpoint_id), now()
    if not endpoint.is_active:
        _settle(delivery, DeliveryState.FAILED, None, "endpoint-off")
        return None
    if delivery.next_try_at is not None and delivery.next_try_at > moment:
        return delivery.next_try_at - moment
    delivery.tries += 1
    delivery.next_try_at = moment + CLAIMED_FOR
    return _message(delivery, endpoint)


def _message(delivery: HookDelivery, endpoint: HookEndpoint) -> Message:
    return Message(
        delivery.company_id, endpoint.id, delivery.id, message_id(delivery.event_id), endpoint.url or "",
        tuple(secret for secret in (endpoint.secret, endpoint.old_secret) if secret),
        body(delivery.kind, delivery.occurred_at, delivery.subject_id, get_settings().base_url),
    )  # fmt: skip


def settle(session: Session, actor: Actor, message: Message, outcome: Outcome) -> timedelta | None:
    """Write down what came of a try. Returns how long to wait for the next one, or None when there is none."""
    delivery = _locked(session, message.delivery_id)
    if delivery is None:  # removed meanwhile
        return None
    if not outcome.sent:
        delivery.tries -= 1
        return _wait(delivery, outcome.until or now() + CLAIMED_FOR)
    session.add(
        HookAttempt(
            delivery_id=delivery.id, began_at=outcome.began_at, milliseconds=outcome.milliseconds, status=outcome.status,
            failure=outcome.failure, answer=outcome.answer or None,
        )
    )  # fmt: skip
    if outcome.failure:
        return _failed(session, actor, delivery, outcome)
    _settle(delivery, DeliveryState.DELIVERED, outcome.status, "")
    recovered = sa.update(HookEndpoint).where(HookEndpoint.id == delivery.endpoint_id)
    session.execute(recovered.where(HookEndpoint.failing_since.is_not(None)).values(failing_since=None))
    return None


def _failed(session: Session, actor: Actor, delivery: HookDelivery, outcome: Outcome) -> timedelta | None:
    endpoint, moment = fetch(session, HookEndpoint, delivery.endpoint_id, lock=True), now()
    endpoint.failing_since = failing_since(endpoint.failing_since, endpoint.failed_at, moment)
    endpoint.failed_at = moment
    if outcome.gone:
        stop(session, actor, endpoint, Stop.GONE)
    elif moment - endpoint.failing_since >= FAILING_FOR:
        stop(session, actor, endpoint, Stop.FAILING)
    wait = next_wait(delivery.tries, random.random())  # noqa: S311 - not a secret
    if wait is None or outcome.hopeless or not endpoint.is_active:
        _settle(delivery, DeliveryState.FAILED, outcome.status, outcome.failure)
        return None
    delivery.last_status, delivery.last_failure = outcome.status, outcome.failure
    asked = min(outcome.until or moment, moment + LATEST)
    return _wait(delivery, max(moment + wait, asked))


def _wait(delivery: HookDelivery, until: datetime) -> timedelta:
    delivery.next_try_at = until
    return until - now()


def _settle(delivery: HookDelivery, state: DeliveryState, status: int | None, failure: str) -> None:
    delivery.state, delivery.next_try_at = state.value, None
    delivery.last_status, delivery.last_failure = status, failure
    delivery.delivered_at = now() if state is DeliveryState.DELIVERED else None


def _locked(session: Session, delivery_id: UUID) -> HookDelivery | None:
    return session.get(HookDelivery, (current_tenant(), delivery_id), with_for_update=True, populate_existing=True)


# --- people -------------------------------------------------------------------------------------------------------


def send_test(session: Session, actor: Actor, endpoint_id: UUID) -> HookDelivery:
    """A message of the kind `webhook.test`. Raises Conflict when the endpoint is off."""
    actor.require(Can.CONNECTION_MANAGE)
    endpoint = _active(session, endpoint_id)
    made = HookDelivery(
        endpoint_id=endpoint.id, event_id=uuid7(), kind=TEST.name, subject_id=endpoint.id, occurred_at=now(), next_try_at=now()
    )  # fmt: skip
    session.add(made)
    record(session, actor, "hooks.delivery.wanted", made, new={"kind": made.kind})
    return made


def send_again(session: Session, actor: Actor, delivery_id: UUID) -> HookDelivery:
    """Now, whatever became of it, under the same `webhook-id`. Raises Conflict when the endpoint is off."""
    actor.require(Can.CONNECTION_MANAGE)
    delivery = fetch(session, HookDelivery, delivery_id, lock=True)
    _active(session, delivery.endpoint_id)
    delivery.state, delivery.tries, delivery.next_try_at = DeliveryState.WAITING.value, 0, now()
    record(session, actor, "hooks.delivery.wanted", delivery, new={"again": True})
    return delivery


def _active(session: Session, endpoint_id: UUID) -> HookEndpoint:
    endpoint = fetch(session, HookEndpoint, endpoint_id)
    if not endpoint.is_active:
        raise Conflict("This endpoint is off. Switch it on first.")
    return endpoint


def deliveries(
    session: Session, actor: Actor, endpoint_id: UUID, *, state: str = "", after: UUID | None = None, limit: int = PAGE
) -> Sequence[Any]:
    """A page of them, newest first; one more than `limit` says that there is a next page."""
    actor.require(Can.CONNECTION_VIEW)
    columns = (
        HookDelivery.id, HookDelivery.event_id, HookDelivery.kind, HookDelivery.subject_id, HookDelivery.state, HookDelivery.tries,
        HookDelivery.occurred_at, HookDelivery.next_try_at, HookDelivery.last_status, HookDelivery.last_failure,
    )  # fmt: skip
    query = sa.select(*columns).options(own_company).where(HookDelivery.endpoint_id == endpoint_id)
    query = query.order_by(HookDelivery.id.desc()).limit(limit + 1)
    if state:
        query = query.where(HookDelivery.state == state)
    if after is not None:
        query = query.where(HookDelivery.id < after)
    return session.connection().execute(query).all()


def delivery_of(session: Session, actor: Actor, delivery_id: UUID) -> tuple[HookDelivery, Sequence[HookAttempt]]:
    """A delivery and its latest tries, the last one first. Raises NotFound for one of another company."""
    actor.require(Can.CONNECTION_VIEW)
    found = fetch(session, HookDelivery, delivery_id)
    tries = sa.select(HookAttempt).where(HookAttempt.delivery_id == delivery_id).order_by(HookAttempt.id.desc())
    return found, session.scalars(tries.limit(50)).all()


def forget(session: Session) -> int:
    """Remove what is older than `EXCHANGE_DAYS` and settled, up to a few thousand. Returns how many."""
    ends = now() - timedelta(days=get_settings().exchange_days)
    old = (
        sa.select(HookDelivery.id)
        .where(HookDelivery.created_at < ends, HookDelivery.state != DeliveryState.WAITING)
        .order_by(HookDelivery.created_at)
        .limit(AT_ONCE)
    )
    ids = session.scalars(old).all()
    session.execute(sa.delete(HookAttempt).where(HookAttempt.delivery_id.in_(ids)))
    session.execute(sa.delete(HookDelivery).where(HookDelivery.id.in_(ids)))
    return len(ids)
