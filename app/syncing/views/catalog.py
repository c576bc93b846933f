"""What can be connected, and what is."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, NamedTuple

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.connections.services import has_api, is_sandbox
from app.connections.views.looks import CATEGORIES
from app.core.access import Can
from app.integrations import registry
from app.integrations.contracts import Manifest
from app.syncing.forms import SearchForm
from app.syncing.services import looking
from app.syncing.views.blueprint import bp
from app.syncing.views.shown import status_of
from app.syncing.views.words import Tag, abilities
from app.web.access import requires
from app.web.edge import actor, session
from app.web.forms import choices
from app.web.pages import page


class Tile(NamedTuple):
    """One provider of the catalog. links: its connections, each (name, url or "", status, is it a sandbox)."""

    name: str
    abilities: list[str]
    links: list[tuple[str, str, Tag, bool]]
    connect_url: str


@bp.get("")
@requires(Can.SYNC_VIEW)
def catalog() -> BaseResponse:
    asked, category, show = (request.args.get(name, "").strip() for name in ("q", "category", "show"))
    tiles = [(one.category, tile) for one, links in _linked() for tile in _tiles(one, links)]
    groups = []
    for kind, title in CATEGORIES.items():
        found = [
            tile for its, tile in tiles if its is kind and category in ("", kind.value) and _fits(tile, asked, show)
        ]
        groups += [(title, sorted(found, key=_by_use))] if found else []
    return page(
        "syncing/catalog.html", form=_form(asked, category, show), groups=groups,
        clear=url_for("syncing.catalog") if asked or category or show else "", may_connect=actor().can(Can.CONNECTION_MANAGE),
    )  # fmt: skip


def _by_use(tile: Tile) -> tuple[bool, str]:
    """What is connected stands first, then by name."""
    return not tile.links, tile.name.casefold()


def _form(asked: str, category: str, show: str) -> SearchForm:
    form = SearchForm(formdata=None, q=asked, category=category, show=show)
    form.category.choices = choices([("", _("Every kind")), *((one.value, title) for one, title in CATEGORIES.items())])
    form.show.choices = choices([("", _("All")), ("connected", _("Connected")), ("free", _("Not connected"))])
    return form


def _linked() -> list[tuple[Manifest, list[Any]]]:
    """Every adapter with its connections."""
    rows: dict[str, list[Any]] = defaultdict(list)
    for row in looking.linked(session(), actor()):
        rows[row.adapter].append(row)
    return [(one, rows[slug]) for slug, one in registry.adapters().items()]


def _tiles(manifest: Manifest, rows: list[Any]) -> list[Tile]:
    """The adapter with its connections, and the providers it can begin with: known settings of it, each under its own name."""
    begun = manifest.presets() if manifest.presets else {}
    links = [
        (row.name, _page_of(manifest, row), status_of(row), has_api(row.adapter) and is_sandbox(row)) for row in rows
    ]
    alone: dict[str, Any] = {} if any(one.general for one in begun.values()) else {"adapter": manifest.slug}
    able = abilities(manifest)
    own = [Tile(manifest.name, able, links, url_for("connections.new_connection", **alone))] if alone or links else []
    return [
        *own,
        *(Tile(one.name, able, [], url_for("connections.new_connection", adapter=f"{manifest.slug}/{key}")) for key, one in begun.items()),
    ]  # fmt: skip


def _page_of(manifest: Manifest, row: Any) -> str:
    """Where a connection is looked after; nowhere for who may not see settings, when it reads nothing."""
    if manifest.synced:
        return url_for("syncing.integration", connection_id=row.id)
    return url_for("connections.connection", connection_id=row.id) if actor().can(Can.CONNECTION_VIEW) else ""


def _fits(tile: Tile, asked: str, show: str) -> bool:
    words = " ".join([tile.name, *tile.abilities, *(link[0] for link in tile.links)]).casefold()
    wanted = {"connected": bool(tile.links), "free": not tile.links}.get(show, True)
    return wanted and asked.casefold() in words
