"""One integration: what is done, what is next, how it is kept in step, and its switch."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from app.connections.models import Connection
from app.connections.services import is_sandbox, manifest_of
from app.connections.services.sections import missing
from app.connections.views.looks import CATEGORIES
from app.core.access import Can
from app.core.errors import Invalid
from app.syncing import services
from app.syncing.forms import ScheduleForm
from app.syncing.models import SyncPlan
from app.syncing.rules import OPEN, Frequency, Mode, RunState, ToDo
from app.syncing.services import looking
from app.syncing.services.mapping import fields_of
from app.syncing.views.blueprint import bp
from app.syncing.views.shown import head, line_of, parts_of, status_of
from app.syncing.views.words import CONFLICTS, FREQUENCIES, RECORD_STATES, STATE_HINTS
from app.web.access import requires
from app.web.edge import actor, session
from app.web.forms import choices
from app.web.pages import page

LATEST = 5
ENDED_WELL = (RunState.DONE, RunState.HELD)


@bp.get("/<uuid:connection_id>")
@requires(Can.SYNC_VIEW)
def integration(connection_id: UUID) -> BaseResponse:
    return _page(connection_id)


def _page(connection_id: UUID, problem: str = "", status: int = 200) -> BaseResponse:
    row = looking.link(session(), actor(), connection_id)
    manifest, plan = manifest_of(row.adapter), looking.plan_shown(session(), row.id)
    runs, _after = looking.runs(session(), actor(), row.id, limit=LATEST)
    under_way = next((run for run in runs if run.state in OPEN), None)
    return page(
        "syncing/integration.html", status, row=row, link=head(row), manifest=manifest, problem=problem, plan=plan,
        category=CATEGORIES[manifest.category], health=status_of(row), sandbox=is_sandbox(row),
        tasks=[] if plan.is_on else _tasks(row, runs), next_step=_next(row, runs), runs=[line_of(run) for run in runs],
        under_way=line_of(under_way) if under_way else None, parts=parts_of(manifest.synced, under_way.parts) if under_way else [],
        frequency=FREQUENCIES[Frequency(row.sync_frequency)], waiting=_waiting(row),
        may_manage=actor().can(Can.SYNC_MANAGE), sees_settings=actor().can(Can.CONNECTION_VIEW),
    )  # fmt: skip


def _next(row: Connection, runs: list[Any]) -> ToDo:
    """What the one big button of the set-up is for."""
    if not row.is_working:
        return ToDo.CONNECT
    rehearsed = any(run.is_dry and run.state in ENDED_WELL for run in runs)
    return ToDo.ACTIVATE if rehearsed else ToDo.REHEARSE


def _waiting(row: Connection) -> list[tuple[int, Any, str, str]]:
    """Records a person may do something about: number, word, hint, where to."""
    if not actor().can(Can.SYNC_REVIEW):
        return []
    counts = looking.asking(session(), row.id)
    shown = [state for state in looking.ASKING[:3] if counts[state]]
    return [
        (counts[state], RECORD_STATES[state][0], STATE_HINTS[state], url_for("syncing.records", connection_id=row.id, state=state))
        for state in shown
    ]  # fmt: skip


def _tasks(row: Connection, runs: list[Any]) -> list[dict[str, Any]]:
    """The guided set-up. What cannot begin yet has no link."""
    settings, connected = missing(row) == 0, row.is_working
    rehearsal = next((run for run in runs if run.is_dry), None)
    rehearsed = rehearsal is not None and rehearsal.state in ENDED_WELL
    done = {ToDo.SETTINGS: settings, ToDo.CONNECT: connected, ToDo.REHEARSE: rehearsed}
    opens = {ToDo.MAP: connected, ToDo.REHEARSE: connected, ToDo.ACTIVATE: rehearsed and connected}
    return [_task(row, step, done.get(step, False), opens.get(step, True), rehearsal) for step in ToDo]


def _task(row: Connection, step: ToDo, done: bool, opens: bool, rehearsal: Any) -> dict[str, Any]:
    label, hint, url = _texts(row, step)
    if step is ToDo.REHEARSE and rehearsal is not None:
        url = url_for("syncing.run", run_id=rehearsal.id)
    word, tone = (_("Done"), "good") if done else (_("To do"), "warn") if opens else (_("Not yet"), "neutral")
    if step is ToDo.MAP and opens:
        changed = sum(field.is_changed for one in manifest_of(row.adapter).synced for field in fields_of(row, one))
        word = (
            ngettext("%(num)s field changed", "%(num)s fields changed", changed)
            if changed
            else _("As the adapter has it")
        )
        tone = "good"
    may = actor().can(Can.CONNECTION_VIEW if step in (ToDo.SETTINGS, ToDo.CONNECT) else Can.SYNC_MANAGE)
    return {"label": label, "hint": hint, "url": url if opens and may else "", "status": word, "tone": tone}


def _texts(row: Connection, step: ToDo) -> tuple[str, str, str]:
    settings = url_for("connections.connection", connection_id=row.id)
    return {
        ToDo.SETTINGS: (_("Settings"), _("Which account at the provider, and its credentials"), settings),
        ToDo.CONNECT: (_("Connect"), _("Sign in where the provider asks for it, then test"), settings),
        ToDo.MAP: (_("Map"), _("Which of their fields becomes which of ours"), url_for("syncing.mapping", resource=head(row).first, connection_id=row.id)),
        ToDo.REHEARSE: (_("Rehearse"), _("Read for real, change nothing, and see what would happen"), ""),
        ToDo.ACTIVATE: (_("Activate"), _("How often, who is right, and go"), url_for("syncing.schedule", connection_id=row.id)),
    }[step]  # fmt: skip


@bp.post("/<uuid:connection_id>/sync")
@requires(Can.SYNC_MANAGE)
def sync(connection_id: UUID) -> BaseResponse:
    """Ask for a run: `what` is a rehearsal, everything, or (the default) changes."""
    looking.link(session(), actor(), connection_id)
    what = request.form.get("what", "")
    mode = Mode.FULL if what in ("rehearsal", "everything") else Mode.INCREMENTAL
    try:
        run = services.ask_run(session(), actor(), connection_id, mode=mode, dry=what == "rehearsal")
    except Invalid as problem:
        return _page(connection_id, _(str(problem)), 422)
    return redirect(url_for("syncing.run", run_id=run.id), 303)


@bp.get("/<uuid:connection_id>/schedule")
@requires(Can.SYNC_MANAGE)
def schedule(connection_id: UUID) -> BaseResponse:
    row = looking.link(session(), actor(), connection_id)
    plan = looking.plan_shown(session(), row.id)
    kept = {"frequency": row.sync_frequency, "conflicts": plan.conflicts, "most_gone_percent": plan.most_gone_percent}
    return _schedule_page(row, plan, _offered(ScheduleForm(formdata=None, data=kept)))


def _offered(form: ScheduleForm) -> ScheduleForm:
    form.frequency.choices = choices([(key.value, word) for key, word in FREQUENCIES.items()])
    form.conflicts.choices = choices([(key.value, word) for key, (word, _hint) in CONFLICTS.items()])
    return form


def _schedule_page(row: Connection, plan: SyncPlan, form: ScheduleForm, status: int = 200) -> BaseResponse:
    tiles = {key.value: {"hint": hint} for key, (_word, hint) in CONFLICTS.items()}
    return page("syncing/schedule.html", status, row=row, link=head(row), plan=plan, form=form, tiles=tiles)


@bp.post("/<uuid:connection_id>/schedule")
@requires(Can.SYNC_MANAGE)
def schedule_post(connection_id: UUID) -> BaseResponse:
    """Save, and with `go` also activate: both or nothing."""
    row, form = looking.link(session(), actor(), connection_id), _offered(ScheduleForm())
    go = request.form.get("go") == "activate"
    try:
        if not form.validate():
            raise Invalid({})
        services.set_schedule(
            session(), actor(), row.id, frequency=form.frequency.data, conflicts=form.conflicts.data,
            most_gone_percent=form.most_gone_percent.data,
        )  # fmt: skip
        if go:
            run = services.activate(session(), actor(), row.id)
    except Invalid as problem:
        form.refuse(problem)
        return _schedule_page(row, looking.plan_shown(session(), row.id), form, 422)
    if go:
        flash(_("Active. The first sync reads everything; from now on Corridor keeps up by itself."), "good")
        return redirect(url_for("syncing.run", run_id=run.id), 303)
    flash(_("Saved"), "good")
    return redirect(url_for("syncing.integration", connection_id=row.id), 303)


@bp.post("/<uuid:connection_id>/pause")
@requires(Can.SYNC_MANAGE)
def pause(connection_id: UUID) -> BaseResponse:
    row = looking.link(session(), actor(), connection_id)
    services.pause(session(), actor(), row.id)
    flash(_("Paused. Nothing is read until somebody activates it again."), "good")
    return redirect(url_for("syncing.integration", connection_id=row.id), 303)
