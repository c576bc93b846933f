"""The API of plainscreen: POST /orders, GET /orders/<id>, GET /orders?reference=. Basic auth with user and password."""

from __future__ import annotations

import secrets

from flask import Blueprint

from sandbox.screening import plain
from sandbox.screening.door import Asked, Door, user
from sandbox.screening.provider import PLAIN, Screening
from sandbox.screening.shelf import Facts, Item, Refused


def create_plain(box: Screening) -> Blueprint:
    """Under /screening/plainscreen."""
    pages = Blueprint("screening_plain", __name__)

    def account() -> Item | None:
        found = box.account(PLAIN)
        given = ":".join(user())
        right = f"{found.hidden['user']}:{found.hidden['password']}"
        return found if secrets.compare_digest(given.encode(), right.encode()) else None

    door = Door(box, pages, account, keys=False)

    @door.at("POST", "/orders")
    def order(asked: Asked) -> Facts:
        return plain.order(box, asked.account, asked.sent).facts

    @door.at("GET", "/orders")
    def list_orders(asked: Asked) -> list[Facts]:
        """Oldest first."""
        wanted = asked.query.get("reference")
        found = [one.facts for one in box.shelf.all("order", asked.account.id)]
        return [one for one in found if wanted in (None, one["reference"])]

    @door.at("GET", "/orders/<key>")
    def get_order(asked: Asked, key: str) -> Facts:
        found = box.shelf.get("order", key, asked.account.id)
        if found is None:
            raise Refused(404, "Order not found")
        return found.facts

    return pages
