"""What every part of the API asks for: one thing of this account, or a page of them."""

from __future__ import annotations

from typing import Any

from flask import request

from sandbox.screening.door import Asked, one_page
from sandbox.screening.provider import Screening
from sandbox.screening.shelf import Facts, Item, Refused


def find(box: Screening, asked: Asked, kind: str, key: str) -> Item:
    """Raises Refused (404), also for one of another account."""
    item = box.shelf.get(kind, key, asked.account.id)
    if item is None:
        raise Refused(404, f"{kind.replace('_', ' ').capitalize()} not found")
    return item


def a_page(box: Screening, items: list[Any], asked: Asked) -> Facts:
    return one_page(items, box.base_url + request.path, asked.query)
