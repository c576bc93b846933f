"""How all integrations do."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
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
from app.web.formats import EM_DASH
from app.web.pages import page


class Row(NamedTuple):
    """One connection on the board. Pairs are of the last 24 hours and the last 7 days."""

    id: UUID
    name: str
    url: str
    status: Tag
    requests: int
    speed: str
    answered: Tag | None
    failed: str
    throttled: str
    waits: str
    last: Any


@bp.get("/health")
@requires(Can.SYNC_VIEW)
def health() -> BaseResponse:
    links = looking.linked(session(), actor())
    lately, backlog = services.lately(session(), actor(), now()), services.backlog(session(), actor())
    rows = [_row(link, lately.get(link.id), backlog[link.id]) for link in links]
    days = services.days(session(), actor(), today())
    return page(
        "syncing/health.html",
        rows=rows,
        days=days,
        points=_points(days),
        target=SLA_TARGET,
        kept=_kept(days),
        worst=_worst(days),
    )


def _row(link: Any, lately: Any, backlog: Any) -> Row:
    reads = bool(manifest_of(link.adapter).synced)
    url = url_for("syncing.integration", connection_id=link.id) if reads else ""
    return Row(
        link.id, link.name, url, status_of(link), lately.day_requests if lately else 0, _speed(lately), _answered(lately),
        _pair(lately, "failed"), _pair(lately, "throttled"), _waits(backlog), link.last_successful_sync_at,
    )  # fmt: skip


def _speed(row: Any) -> str:
    """Of the last 24 hours: half of the answers came within the first, 95 of 100 within the second."""
    if row is None or row.day_p50 is None:
        return ""
    return str(_("%(median)s ms, %(slowest)s ms", median=row.day_p50, slowest=row.day_p95))


def _answered(row: Any) -> Tag | None:
    """How many of a day's requests the provider answered by something else than trouble of its own, against the target."""
    if row is None or not row.day_requests:
        return None
    share = Decimal(row.day_requests - row.day_away) * 100 / row.day_requests
    return f"{share:.1f} %", "good" if share >= SLA_TARGET else "bad"


def _pair(row: Any, what: str) -> str:
    return ", ".join(_share(row, within, what) for within in ("day", "week")) if row is not None else ""


def _share(row: Any, within: str, what: str) -> str:
    requests = getattr(row, f"{within}_requests")
    return f"{Decimal(getattr(row, f'{within}_{what}')) * 100 / requests:.1f} %" if requests else EM_DASH


def _waits(row: Any) -> str:
    """What is still to be done, in words; empty when nothing is."""
    named = (
        (row.runs, ngettext("%(num)s run", "%(num)s runs", row.runs)),
        (row.records, ngettext("%(num)s record", "%(num)s records", row.records)),
        (row.events, ngettext("%(num)s event", "%(num)s events", row.events)),
    )
    return ", ".join(words for number, words in named if number)


def _points(days: Any) -> list[tuple[str, str]]:
    """The line of the trend in an SVG of 340 by 120: the share of failed requests day by day, scaled to its worst day."""
    shown = [day for day in days if day.error_rate is not None]
    most = max(_worst(days), Decimal(1))
    step = 330 / max(len(shown) - 1, 1)
    return [(f"{5 + at * step:.1f}", f"{110 - float(day.error_rate / most) * 100:.1f}") for at, day in enumerate(shown)]


def _worst(days: Any) -> Decimal:
    return max((day.error_rate for day in days if day.error_rate is not None), default=Decimal(0))


def _kept(days: Any) -> tuple[int, int]:
    """On how many of the days the target was kept, and how many days are known."""
    known = [day.availability for day in days if day.availability is not None]
    return sum(one >= SLA_TARGET for one in known), len(known)
