"""Runs of one integration: the list, one with its progress, and what a rehearsal would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.connections.services import manifest_of
from app.core.access import Can
from app.integrations.api import Resource
from app.syncing import services
from app.syncing.models import SyncRun
from app.syncing.rules import OPEN, RunState
from app.syncing.services import Outcome, looking
from app.syncing.views.blueprint import bp
from app.syncing.views.fields import field_label
from app.syncing.views.shown import HIDDEN, head, label_in, line_of, parts_of
from app.syncing.views.words import COUNTS, OUTCOMES, PERSONAL, Tag, failure_words, problem_of
from app.web.access import requires
from app.web.edge import actor, session
from app.web.pages import page


class Change(NamedTuple):
    """One record of a rehearsal. fields: label, before (None: it is new), after."""

    label: str
    kind: str
    fields: list[tuple[str, str | None, str]]
    problems: list[str]


@bp.get("/<uuid:connection_id>/runs")
@requires(Can.SYNC_VIEW)
def runs(connection_id: UUID) -> BaseResponse:
    row = looking.link(session(), actor(), connection_id)
    found, after = looking.runs(session(), actor(), row.id, request.args.get("after", ""))
    return page(
        "syncing/runs.html", link=head(row), rows=[line_of(one) for one in found], may_manage=actor().can(Can.SYNC_MANAGE),
        next=url_for("syncing.runs", connection_id=row.id, after=after) if after else "",
        first=url_for("syncing.runs", connection_id=row.id) if "after" in request.args else "",
    )  # fmt: skip


@bp.get("/runs/<uuid:run_id>")
@requires(Can.SYNC_VIEW)
def run(run_id: UUID) -> BaseResponse:
    found = looking.run(session(), actor(), run_id)
    row = looking.link(session(), actor(), found.connection_id)
    resources = manifest_of(row.adapter).synced
    counts, totals = _counts(resources, found.parts), services.totals(found)
    return page(
        "syncing/run.html", row=row, run=found, line=line_of(found), active=found.state in OPEN,
        parts=parts_of(resources, found.parts), counts=counts, columns=_columns(totals),
        groups=_groups(found, resources), missing=totals["missing"], told=len(found.diff or []),
        advice=failure_words(found.failure), may_manage=actor().can(Can.SYNC_MANAGE), names=actor().can(Can.SYNC_REVIEW),
        asking=0 if found.is_dry else totals["failed"] + totals["doubtful"], held=found.state == RunState.HELD and not found.is_dry,
    )  # fmt: skip


def _counts(resources: Sequence[Resource], parts: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"what": label_in(resources, one)} | {key: parts[one.name].get(key, 0) for key in COUNTS}
        for one in resources
        if one.name in parts
    ]


def _columns(totals: Mapping[str, int]) -> list[tuple[Any, ...]]:
    """What happened to nothing has no column: ten of them say less than three."""
    shown = [(key, word, "number") for key, word in COUNTS.items() if key == "read" or totals[key]]
    return [("what", _("What")), *shown]


def _groups(run: SyncRun, resources: Sequence[Resource]) -> list[tuple[Tag, list[Change]]]:
    """What a rehearsal would do, by what would happen. Who may not read records sees which fields of a person, not what is in them."""
    known = {
        one.name: (label_in(resources, one), actor().can(Can.SYNC_REVIEW) or one.kind not in PERSONAL)
        for one in resources
    }
    lines = [one for one in run.diff or [] if one["resource"] in known]
    found = [(tag, [one for one in lines if one["outcome"] == outcome]) for outcome, tag in OUTCOMES.items()]
    return [(tag, [_change(one, *known[one["resource"]]) for one in some]) for tag, some in found if some]


def _change(one: Mapping[str, Any], kind: str, names: bool) -> Change:
    label = one["label"] if names and one["label"] else one["remote_id"]
    made = one["outcome"] == Outcome.MADE
    fields = [
        (field_label(name), None if made else _shown(before, names), _shown(after, names))
        for name, (before, after) in one["changes"].items()
    ]
    problems = [problem_of(name, text) for name, text in one["problems"].items()]
    return Change(str(label), kind, fields, problems)


def _shown(value: Any, names: bool) -> str:
    if value is None or value == "":
        return str(_("nothing"))
    return str(value) if names else HIDDEN


@bp.post("/runs/<uuid:run_id>/gone")
@requires(Can.SYNC_MANAGE)
def gone(run_id: UUID) -> BaseResponse:
    """A person says that who was missing really is gone."""
    services.confirm_gone(session(), actor(), run_id)
    flash(_("Noted. Those who were missing are marked as gone; nobody's employment or coverage ends by that alone."), "good")  # fmt: skip
    return redirect(url_for("syncing.run", run_id=run_id), 303)
