"""The blueprint of the pages for people who are signed in. The candidate's own pages have another one."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request, url_for

bp = Blueprint("screening", __name__, url_prefix="/screening")


def chosen(name: str, allowed: Any) -> str:
    """A filter from the URL, or "" when it is none of the known words."""
    value = request.args.get(name, "")
    return value if value in allowed else ""


def here(endpoint: str, *names: str, **more: Any) -> str:
    """The list with its filters as they stand in the URL."""
    kept: dict[str, Any] = {name: value for name in names if (value := request.args.get(name))}
    return url_for(endpoint, **kept, **more)
