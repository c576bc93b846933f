"""How all integrations do."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.connections.services import manifest_of
from app.core.access import Can
from app.core.clock import now, today
from app.syncing.rules import SLA_TARGET
from app.syncing.services import health as services
from app.syncing.services import looking
from app.syncing.views.blueprint import bp
from app.syncing.views.shown import status_of
from app.syncing.views.words import Tag
from app.web.access import requires
from app.web.edge import actor, session
from app.web.pages import page


class Row(NamedTuple):
    """One connection on the board."""

    id: UUID
    name: str
    url: str
    status: Tag
    requests: int
    median: str
    slowest: str
    failed: str
    throttled: str
    week_failed: str
    waits: str
    last: Any


@bp.get("/health")
@requires(Can.SYNC_VIEW)
def health() -> BaseResponse:
    links = looking.linked(session(), actor())
    lately, backlog = services.lately(session(), actor(), now()), services.backlog(session(), actor())
    rows = [_row(link, lately.get(link.id), backlog[link.id]) for link in links]
    days = services.days(session(), actor(), today())
    return page("syncing/health.html", rows=rows, days=days, points=_points(days), target=SLA_TARGET, kept=_kept(days))


def _row(link: Any, lately: Any, backlog: Any) -> Row:
    reads = bool(manifest_of(link.adapter).synced)
    url = url_for("syncing.integration", connection_id=link.id) if reads else ""
    return Row(
        link.id, link.name, url, status_of(link), lately.day_requests if lately else 0, _ms(lately, "day_p50"), _ms(lately, "day_p95"),
        _share(lately, "day", "failed"), _share(lately, "day", "throttled"), _share(lately, "week", "failed"), _waits(backlog),
        link.last_successful_sync_at,
    )  # fmt: skip


def _ms(row: Any, name: str) -> str:
    value = getattr(row, name, None)
    return "" if value is None else str(_("%(number)s ms", number=value))


def _share(row: Any, within: str, what: str) -> str:
    requests = getattr(row, f"{within}_requests", 0)
    return f"{Decimal(getattr(row, f'{within}_{what}')) * 100 / requests:.1f} %" if requests else ""


def _waits(row: Any) -> str:
    """What is still to be done, in words; empty when nothing is."""
    named = ((row.runs, _("%(num)s runs", num=row.runs)), (row.records, _("%(num)s records", num=row.records)), (row.events, _("%(num)s events", num=row.events)))  # fmt: skip
    return ", ".join(str(words) for number, words in named if number)


def _points(days: Any) -> list[tuple[str, str]]:
    """The line of the trend in an SVG of 340 by 120: the share of failed requests day by day, scaled to its worst day."""
    shown = [day for day in days if day.error_rate is not None]
    most = max([*(day.error_rate for day in shown), Decimal(1)])
    step = 330 / max(len(shown) - 1, 1)
    return [(f"{5 + at * step:.1f}", f"{110 - float(day.error_rate / most) * 100:.1f}") for at, day in enumerate(shown)]


def _kept(days: Any) -> tuple[int, int]:
    """On how many of the days the target was kept, and how many days are known."""
    known = [day.availability for day in days if day.availability is not None]
    return sum(one >= SLA_TARGET for one in known), len(known)
