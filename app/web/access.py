"""Each view says who may see it: `@requires(Can.X)` or, explicitly, `@public`. The app does not start with a silent route."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from flask import Flask

from app.core.access import Can

PUBLIC: Final = "public"
View = TypeVar("View", bound=Callable[..., Any])


def requires(permission: Can) -> Callable[[View], View]:
    """Only a signed-in actor with this permission reaches the view (others: sign-in page, or 403)."""

    def mark(view: View) -> View:
        view.access = permission  # type: ignore[attr-defined]
        return view

    return mark


def public(view: View) -> View:
    """Anybody reaches the view, signed in or not."""
    view.access = PUBLIC  # type: ignore[attr-defined]
    return view


def access_of(app: Flask, endpoint: str) -> Can | str | None:
    """What an endpoint declares: a permission, PUBLIC, or None when it declares nothing."""
    return getattr(app.view_functions[endpoint], "access", None)


def refuse_undeclared(app: Flask) -> None:
    """Stop the start when a route declares nothing.

    Raises:
        RuntimeError: names the routes.
    """
    silent = [rule.rule for rule in app.url_map.iter_rules() if access_of(app, rule.endpoint) is None]
    if silent:
        raise RuntimeError(f"These routes declare neither @requires nor @public: {', '.join(sorted(silent))}")
