"""Operations about outbound webhooks: endpoints, their secrets, and what was delivered. A secret is on the answer that made it and on no other."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Flask
from pydantic import Field
from uuid_utils.compat import uuid7

from app.core.access import Can
from app.hooks.models import DeliveryState, HookDelivery, HookEndpoint
from app.hooks.rules import message_id
from app.hooks.services import deliveries as sent
from app.hooks.services import endpoints as kept
from app.web.api.endpoints import blueprint, endpoint
from app.web.api.paging import Input, Output, Page, PageQuery, cut
from app.web.edge import actor, session

bp = blueprint("hooks", "Outbound webhooks")


class EndpointIn(Input):
    url: str
    """`https://…`, on port 443, on the public internet."""
    kinds: list[str]
    """What it is told of, such as `employee.hired`; see docs/outbound-webhooks.md."""
    description: str = ""


class EndpointChange(Input):
    """What is left out stays as it is."""

    url: str | None = None
    kinds: list[str] | None = None
    description: str | None = None
    is_active: bool | None = None


class EndpointOut(Output):
    id: UUID
    url: str
    kinds: list[str]
    description: str
    is_active: bool
    stopped_by: str
    """Why it is off: `person`, `gone` (it answered 410), `failing` (five days), or empty."""
    failing_since: datetime | None
    secret: str | None = None
    """`whsec_…`, only where it was made just now."""


class EndpointList(Output):
    items: list[EndpointOut]


class DeliveryQuery(PageQuery):
    state: DeliveryState | None = None


class DeliveryOut(Output):
    id: UUID
    kind: str
    message_id: str
    """The `webhook-id` of each try."""
    subject_id: UUID
    occurred_at: datetime
    state: DeliveryState
    tries: int
    next_try_at: datetime | None
    last_status: int | None
    last_failure: str


class DeliveryPage(Page):
    items: list[DeliveryOut]


class SecretOut(Output):
    secret: str = Field(description="Shown this once. The one before signs too, until it is ended.")


def _out(row: HookEndpoint, secret: str | None = None) -> EndpointOut:
    return EndpointOut(
        id=row.id, url=row.url or "", kinds=row.kinds, description=row.description, is_active=row.is_active, stopped_by=row.stopped_by,
        failing_since=row.failing_since, secret=secret,
    )  # fmt: skip


def _delivery(row: HookDelivery) -> DeliveryOut:
    return DeliveryOut(
        id=row.id, kind=row.kind, message_id=message_id(row.event_id), subject_id=row.subject_id, occurred_at=row.occurred_at,
        state=DeliveryState(row.state), tries=row.tries, next_try_at=row.next_try_at, last_status=row.last_status,
        last_failure=row.last_failure,
    )  # fmt: skip


@endpoint(bp, "GET", "/webhook-endpoints/", Can.CONNECTION_VIEW)
def list_webhook_endpoints() -> EndpointList:
    """List the endpoints, the oldest first; there are at most 20."""
    return EndpointList(items=[_out(row) for row in kept.endpoints(session(), actor())])


@endpoint(bp, "POST", "/webhook-endpoints/", Can.CONNECTION_MANAGE, status=201)
def add_webhook_endpoint(body: EndpointIn) -> EndpointOut:
    """Add an endpoint. Its secret is in this answer only."""
    made, secret = kept.add(session(), actor(), endpoint_id=uuid7(), **body.model_dump())
    session().flush()
    return _out(made, secret)


@endpoint(bp, "GET", "/webhook-endpoints/<uuid:endpoint_id>/", Can.CONNECTION_VIEW)
def show_webhook_endpoint(endpoint_id: UUID) -> EndpointOut:
    """Show one endpoint."""
    return _out(kept.endpoint_of(session(), actor(), endpoint_id))


@endpoint(bp, "PUT", "/webhook-endpoints/<uuid:endpoint_id>/", Can.CONNECTION_MANAGE)
def change_webhook_endpoint(endpoint_id: UUID, body: EndpointChange) -> EndpointOut:
    """Change an endpoint, or switch it on or off."""
    row = kept.endpoint_of(session(), actor(), endpoint_id)
    as_it_is: dict[str, Any] = {
        "url": row.url,
        "kinds": row.kinds,
        "description": row.description,
        "is_active": row.is_active,
    }
    kept.change(session(), actor(), endpoint_id, **(as_it_is | body.model_dump(exclude_none=True)))
    return _out(row)


@endpoint(bp, "DELETE", "/webhook-endpoints/<uuid:endpoint_id>/", Can.CONNECTION_MANAGE)
def remove_webhook_endpoint(endpoint_id: UUID) -> None:
    """Remove an endpoint with its deliveries."""
    kept.remove(session(), actor(), endpoint_id)


@endpoint(bp, "POST", "/webhook-endpoints/<uuid:endpoint_id>/secret/", Can.CONNECTION_MANAGE, status=201)
def rotate_webhook_secret(endpoint_id: UUID) -> SecretOut:
    """Make a new secret; both sign until the old one is ended."""
    return SecretOut(secret=kept.rotate(session(), actor(), endpoint_id))


@endpoint(bp, "DELETE", "/webhook-endpoints/<uuid:endpoint_id>/old-secret/", Can.CONNECTION_MANAGE)
def end_old_webhook_secret(endpoint_id: UUID) -> None:
    """End the old secret; only the new one signs from now on."""
    kept.end_old_secret(session(), actor(), endpoint_id)


@endpoint(bp, "POST", "/webhook-endpoints/<uuid:endpoint_id>/test/", Can.CONNECTION_MANAGE, status=202)
def send_test_webhook(endpoint_id: UUID) -> DeliveryOut:
    """Send a test message."""
    made = sent.send_test(session(), actor(), endpoint_id)
    session().flush()
    return _delivery(made)


@endpoint(bp, "GET", "/webhook-endpoints/<uuid:endpoint_id>/deliveries/", Can.CONNECTION_VIEW)
def list_webhook_deliveries(endpoint_id: UUID, query: DeliveryQuery) -> DeliveryPage:
    """List what was delivered to an endpoint, newest first."""
    kept.endpoint_of(session(), actor(), endpoint_id)
    (after,) = query.key(UUID) or (None,)
    found = sent.deliveries(session(), actor(), endpoint_id, state=query.state or "", after=after, limit=query.limit)
    rows, following = cut(found, query.limit, "id")
    return DeliveryPage(items=[_delivery(row) for row in rows], next=following)


@endpoint(bp, "POST", "/webhook-deliveries/<uuid:delivery_id>/again/", Can.CONNECTION_MANAGE, status=202)
def send_webhook_again(delivery_id: UUID) -> DeliveryOut:
    """Send a message again, now, under the same `webhook-id`."""
    return _delivery(sent.send_again(session(), actor(), delivery_id))


def register(app: Flask) -> None:
    """Called by the composition root."""
    app.register_blueprint(bp)
