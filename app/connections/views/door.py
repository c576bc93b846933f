"""The webhook door: raw bytes in, an answer at once. No session, no cookie, no CSRF: only the signature speaks.

A 2xx is given after the commit, so what a provider was thanked for is stored; what it sends again is thanked for again.
"""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from app.accounts.views.identity import origin
from app.connections.services import door
from app.core.clock import now
from app.core.db import enter_tenant
from app.core.events import Actor
from app.integrations.webhooks.delivery import Delivery, NotBelieved
from app.integrations.webhooks.door import greeting, receive
from app.web.access import public
from app.web.edge import session
from app.web.security import csrf

bp = Blueprint("webhooks", __name__)
csrf.exempt(bp)


@bp.post("/webhooks/<key>")
@public
def deliver(key: str) -> Response:
    """One delivery. 404: no such address; 413: too large; 401: nobody proved it; 2xx: stored, now or before."""
    found = _door(key)
    return _answered(*found) if found else _empty(404)


@bp.get("/webhooks/<key>")
@public
def greet(key: str) -> Response:
    """Some providers look whether the address is ours before they use it; for the others there is nothing to see."""
    found = _door(key)
    if found is None or greeting(found[1].webhooks, request.args) is None:
        return _empty(404)
    return _answered(*found)


def _door(key: str) -> tuple[Actor, door.Door] | None:
    company_id = door.company_of(key)
    if company_id is None:
        return None
    enter_tenant(company_id)
    found = door.find_door(session(), key)
    return (_provider(company_id, found), found) if found else None


def _provider(company_id: UUID, found: door.Door) -> Actor:
    return Actor(company_id, "provider", label=found.adapter, **origin())


def _answered(actor: Actor, found: door.Door) -> Response:
    request.max_content_length = found.webhooks.most_bytes
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        return _empty(413)
    delivery = Delivery(dict(request.headers), body, request.args.to_dict())
    try:
        received = receive(found.webhooks, delivery, found.secrets, now())
    except NotBelieved as refused:
        session().rollback()  # gives its connection back before another one is asked for
        door.note_refusal(actor, found.id, refused.reason)
        return _empty(401)
    door.take_in(session(), actor, found, body, received)
    said = received.response
    return Response(said.body, said.status, content_type=said.content_type)


def _empty(status: int) -> Response:
    return Response("", status, content_type="text/plain; charset=utf-8")
