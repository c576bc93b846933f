"""`/`: what needs a person today, told by the domains; who has no such work goes to their first page, strangers to sign-in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from flask import Blueprint, Flask, current_app, g, redirect, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.core.access import Can
from app.core.clock import today
from app.core.events import Actor
from app.web.access import public
from app.web.edge import session
from app.web.navigation import nav
from app.web.pages import page

bp = Blueprint("root", __name__)
ORDER = ("bad", "warn", "info", "")


class Need(NamedTuple):
    """One kind of work and how much of it waits.

    Attributes:
        waiting: at most 1,001; nothing waits at 0, and the page says that too.
        tone: bad (late or broken), warn (a person must act), info (good to know).
    """

    label: str
    waiting: int
    url: str
    note: str = ""
    tone: str = "warn"


class Source(NamedTuple):
    """Asks one domain, in one query, when the person has any of these permissions."""

    permissions: frozenset[Can]
    needs: Callable[[Session, Actor], list[Need]]


def attend(app: Flask, permissions: set[Can], needs: Callable[[Session, Actor], list[Need]]) -> None:
    """A domain's part of the home page; called where it registers its pages."""
    app.extensions.setdefault("needs", []).append(Source(frozenset(permissions), needs))


def sources(app: Flask, identity: Any) -> list[Source]:
    """The domains that have something to say to this person."""
    found: list[Source] = app.extensions.get("needs", [])
    return [source for source in found if source.permissions & set(identity.actor.grants)]


@bp.get("/", endpoint="home")
@public
def home() -> Response:
    if g.identity is None:
        return redirect(url_for("accounts.sign_in"), 303)
    asked = sources(current_app, g.identity)
    if not asked:
        work = [link.url for link in nav(g.identity) if link.url != url_for("notices.mine")]
        return redirect(work[0] if work else url_for("accounts.account"), 303)
    return page("root/home.html", needs=_needs(asked, g.identity.actor), today=today(g.identity.time_zone))


def _needs(asked: list[Source], actor: Actor) -> list[Need]:
    """Everything, what is late or broken first."""
    found = [need for source in asked for need in source.needs(session(), actor)]
    return sorted(found, key=lambda need: ORDER.index(need.tone))


def register(app: Flask) -> None:
    app.register_blueprint(bp)
    app.config["PLACES"] = {"home": "root.home"}
