"""Records that need a person: the list, one with what the provider says, and the decisions."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.core.access import Can
from app.core.errors import Invalid
from app.integrations.sync.mapping import Mapped
from app.integrations.sync.records import Kind
from app.syncing import services
from app.syncing.forms import LeaveOutForm, MatchForm
from app.syncing.models import RemoteRecord
from app.syncing.rules import CLOSE, RecordState
from app.syncing.services import looking
from app.syncing.services.deciding import OPEN
from app.syncing.views.blueprint import bp
from app.syncing.views.fields import field_label
from app.syncing.views.shown import HIDDEN, head
from app.syncing.views.words import RECORD_STATES, STATE_HINTS, kind_label, problem_of
from app.web.access import requires
from app.web.edge import actor, session
from app.web.pages import page

FIRST = 6
"""So many facts are shown at once, by which somebody is told apart; the rest opens."""


class Row(NamedTuple):
    """A record in the list."""

    id: UUID
    label: str
    kind: str
    why: str
    seen_at: datetime


@bp.get("/<uuid:connection_id>/records")
@requires(Can.SYNC_REVIEW)
def records(connection_id: UUID) -> BaseResponse:
    row, asked = looking.link(session(), actor(), connection_id), request.args.get("state", "")
    counts = looking.asking(session(), row.id)
    state = next((one for one in looking.ASKING if one == asked), None) or next(
        (one for one in looking.ASKING if counts[one]), RecordState.DOUBTFUL
    )
    found, after = looking.records(session(), actor(), row, state, request.args.get("after", ""))
    here: dict[str, Any] = {"connection_id": row.id, "state": state.value}
    tabs = [
        {"label": RECORD_STATES[one][0], "count": counts[one], "current": one is state, "url": url_for("syncing.records", connection_id=row.id, state=one.value)}
        for one in looking.ASKING
    ]  # fmt: skip
    return page(
        "syncing/records.html", link=head(row), rows=[_row(*one) for one in found], tabs=tabs, hint=STATE_HINTS[state], total=counts[state],
        next=url_for("syncing.records", **here, after=after) if after else "",
        first=url_for("syncing.records", **here) if "after" in request.args else "",
    )  # fmt: skip


def _row(row: RemoteRecord, label: str) -> Row:
    why = ", ".join(problem_of(name, text) for name, text in row.problems.items())
    if row.state == RecordState.WAITING and row.due_on:
        why = _("Holds from %(day)s", day=row.due_on.isoformat())
    if row.state in (RecordState.DOUBTFUL, RecordState.REFUSED) and not why:
        why = _("Decided; it is being taken")
    return Row(row.id, label or row.remote_id, kind_label(row.kind), why, row.seen_at)


@bp.get("/records/<uuid:record_id>")
@requires(Can.SYNC_REVIEW)
def remote_record(record_id: UUID) -> BaseResponse:
    return _page(record_id, MatchForm(formdata=None), LeaveOutForm(formdata=None))


def _page(record_id: UUID, match: MatchForm, leave: LeaveOutForm, status: int = 200) -> BaseResponse:
    row = looking.remote_record(session(), actor(), record_id)
    connection = looking.link(session(), actor(), row.connection_id)
    mapped = looking.mapped(connection, row)
    open_, gone = row.state in OPEN, row.gone_at is not None
    return page(
        "syncing/remote_record.html", status, row=row, connection=connection, match=match, leave=leave, open=open_, gone=gone,
        title=_title(row, mapped), kind=kind_label(row.kind), state=RECORD_STATES[row.state], hint=STATE_HINTS.get(RecordState(row.state), ""),
        problems=[problem_of(name, text) for name, text in row.problems.items()], facts=_facts(mapped, row), first=FIRST,
        near=_near(row, mapped) if open_ and not gone and not row.local_id else [], finds=services.finder_of(Kind(row.kind)) is not None,
    )  # fmt: skip


def _title(row: RemoteRecord, mapped: Mapped) -> str:
    return services.label_of(mapped.values) or row.remote_id


def _facts(mapped: Mapped, row: RemoteRecord) -> list[dict[str, Any]]:
    """What the provider says, in our fields. What nobody needs to tell people apart is covered."""
    values = mapped.values or row.values or {}
    shown = [{"label": field_label(name), "value": HIDDEN if name in CLOSE else str(value)} for name, value in values.items() if name != "remote_id" and value not in (None, "")]  # fmt: skip
    return [{"label": _("Id at the provider"), "value": row.remote_id}, *shown]


def _near(row: RemoteRecord, mapped: Mapped) -> list[services.Row]:
    find = services.finder_of(Kind(row.kind))
    return find(session(), actor(), mapped.record, "") if find else []


@bp.post("/records/<uuid:record_id>/match")
@requires(Can.SYNC_REVIEW)
def match(record_id: UUID) -> BaseResponse:
    form = MatchForm()
    try:
        row = services.match(session(), actor(), record_id, str(form.number.data or ""))
    except Invalid as problem:
        form.refuse(problem)
        return _page(record_id, form, LeaveOutForm(formdata=None), 422)
    return _decided(row)


@bp.post("/records/<uuid:record_id>/new")
@requires(Can.SYNC_REVIEW)
def new(record_id: UUID) -> BaseResponse:
    return _decided(services.decide(session(), actor(), record_id, local_id=None))


@bp.post("/records/<uuid:record_id>/again")
@requires(Can.SYNC_REVIEW)
def again(record_id: UUID) -> BaseResponse:
    return _decided(services.try_again(session(), actor(), record_id))


def _decided(row: RemoteRecord) -> BaseResponse:
    flash(_("Noted. The record is taken in a moment."), "good")
    return redirect(url_for("syncing.records", connection_id=row.connection_id), 303)


@bp.post("/records/<uuid:record_id>/left-out")
@requires(Can.SYNC_REVIEW)
def leave_out(record_id: UUID) -> BaseResponse:
    form = LeaveOutForm()
    try:
        row = services.ignore(session(), actor(), record_id, str(form.reason.data or ""))
    except Invalid as problem:
        form.refuse(problem)
        return _page(record_id, MatchForm(formdata=None), form, 422)
    flash(_("Left out. It stays in the list of what was left out, and can be taken up again there."), "good")
    return redirect(url_for("syncing.records", connection_id=row.connection_id), 303)
