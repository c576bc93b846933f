"""How connections, runs and their parts are shown on several pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from flask_babel import gettext as _

from app.connections.models import Connection
from app.connections.services import manifest_of
from app.connections.views.looks import STATUSES
from app.integrations.api import Resource
from app.integrations.sync.records import Kind
from app.syncing.views.words import MODES, RUN_STATES, Tag, kind_label

HIDDEN = "•••"
"""Instead of a value that this person may not see, or that nobody needs to see here."""


class LinkHead(NamedTuple):
    """What the head of every page of one integration shows. first: the resource its mapping opens with."""

    id: UUID
    name: str
    first: str


def head(row: Connection) -> LinkHead:
    """The mapping opens with the people, or with what is read last: the others were read for it."""
    known = manifest_of(row.adapter).synced
    people = [one.name for one in known if one.kind is Kind.EMPLOYEE]
    return LinkHead(row.id, row.name, (people or [known[-1].name])[0])


def status_of(row: Any) -> Tag:
    return STATUSES[row.status] if row.is_active else (_("Stopped"), "warn")


class Line(NamedTuple):
    """A run in a table."""

    id: UUID
    at: datetime
    what: str
    state: Tag
    records: int
    failed: int


class Part(NamedTuple):
    """How far one resource is. total: None when the provider does not say."""

    label: str
    read: int
    total: int | None
    done: bool


def line_of(row: Any) -> Line:
    what = _("Rehearsal") if row.is_dry else MODES[row.mode]
    return Line(row.id, row.created_at, str(what), RUN_STATES[row.state], row.records_processed, row.records_failed)


def parts_of(resources: Sequence[Resource], parts: Mapping[str, Any]) -> list[Part]:
    """In the order they are read; those that have not begun are left out."""
    begun = [(one, parts[one.name]) for one in resources if one.name in parts]
    return [
        Part(label_in(resources, one), part.get("read", 0), part.get("total"), bool(part.get("done"))) for one, part in begun
    ]  # fmt: skip


def label_in(resources: Sequence[Resource], one: Resource) -> str:
    """By its kind; with its own name too, where two are of one kind."""
    same = sum(other.kind is one.kind for other in resources) > 1
    return f"{kind_label(one.kind)} ({one.name})" if same else kind_label(one.kind)
