"""One blueprint for all pages of the domain."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for

bp = Blueprint("feeds", __name__, url_prefix="/feeds")


def chosen(name: str, allowed: Any) -> str:
    """A filter from the URL, or "" when it is none of the known words."""
    value = request.args.get(name, "")
    return value if value in allowed else ""


def chosen_id(name: str) -> UUID | None:
    try:
        return UUID(request.args.get(name, ""))
    except ValueError:
        return None


def here(endpoint: str, *names: str, **more: Any) -> str:
    """The list with its filters as they stand in the URL."""
    kept: dict[str, Any] = {name: value for name in names if (value := request.args.get(name))}
    return url_for(endpoint, **kept, **more)
