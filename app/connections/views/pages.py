"""The pages of connections: list, set-up, test, phases."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.connections import services
from app.connections.forms import NewForm, PhaseForm, RegionForm
from app.connections.models import Connection
from app.connections.rules import PREVIOUS, STEPS, Phase
from app.connections.services import hostkeys, sign_in
from app.connections.services.calling.signing import way_back
from app.connections.services.door import address_of
from app.connections.services.sections import progress
from app.connections.views.blueprint import bp
from app.connections.views.looks import (
    CATEGORIES,
    METHODS,
    NEXT_WORDS,
    REFUSALS,
    REGIONS,
    STATUSES,
    advice,
    known_of,
    stage,
)
from app.core.access import Can
from app.core.errors import Invalid, NotFound
from app.integrations import registry
from app.integrations.contracts import Category, Manifest, Preset
from app.web.access import requires
from app.web.edge import actor, session
from app.web.forms import choices
from app.web.pages import page
from app.web.security import allow_form_to


@bp.get("")
@requires(Can.CONNECTION_VIEW)
def connections() -> BaseResponse:
    rows, after = services.listed(session(), actor(), request.args.get("after", ""))
    shown = [
        {
            "id": row.id, "name": row.name, "code": row.code, "how": services.manifest_of(row.adapter).name,
            "phase": stage(row), "last": row.last_successful_sync_at,
            "status": STATUSES[row.status] if row.is_active else (_("Stopped"), "warn"), "region": REGIONS[row.data_region],
        }
        for row in rows
    ]  # fmt: skip
    return page(
        "connections/connections.html", rows=shown,
        next=url_for("connections.connections", after=after) if after else "",
        first=url_for("connections.connections") if "after" in request.args else "",
    )  # fmt: skip


@bp.get("/new")
@requires(Can.CONNECTION_MANAGE)
def new_connection() -> BaseResponse:
    return _new_page(_new_form(NewForm(formdata=None, adapter=request.args.get("adapter", ""))))


def _new_form(form: NewForm) -> NewForm:
    form.adapter.choices = choices([one for _title, offers in _offers() for one in offers])
    return form


def _offers() -> list[tuple[Any, list[tuple[str, str]]]]:
    """What may be connected, by kind: adapters, and what some of them begin with (`adapter/preset`)."""
    offers: dict[Any, list[tuple[str, str]]] = {title: [] for title in CATEGORIES.values()}
    begun = _("Other screening providers, by settings")
    for slug, one in registry.adapters().items():
        title = CATEGORIES.get(one.category)
        known = one.presets() if one.presets else {}
        if title is None:
            continue
        if not any(preset.general for preset in known.values()):  # else one of these is the adapter without a provider
            offers[title].append((slug, one.name))
        place = begun if one.category is Category.SCREENING else title
        offers.setdefault(place, []).extend((f"{slug}/{key}", preset.name) for key, preset in known.items())
    return list(offers.items())


def _catalog(form: NewForm) -> list[tuple[Any, list[Any]]]:
    """The kinds of providers, each with its choices of the form."""
    options = {option.data: option for option in form.adapter}
    return [(title, [options[value] for value, _name in offers]) for title, offers in _offers()]


def _tiles() -> dict[str, dict[str, str]]:
    """What is known of a beginning, and what the provider has to tell first."""
    return {
        f"{slug}/{key}": {"note": str(METHODS[_travels(one, preset)]), "hint": known_of(preset)}
        for slug, one in registry.adapters().items() if one.presets for key, preset in one.presets().items()
    }  # fmt: skip


def _travels(manifest: Manifest, preset: Preset) -> str:
    return str(preset.settings.get("method", "sftp" if manifest.feed else "api"))


def _new_page(form: NewForm, status: int = 200) -> BaseResponse:
    return page("connections/new_connection.html", status, form=form, catalog=_catalog(form), tiles=_tiles())


@bp.post("/new")
@requires(Can.CONNECTION_MANAGE)
def new_connection_post() -> BaseResponse:
    form = _new_form(NewForm())
    if not form.validate():
        return _new_page(form, 422)
    adapter, _slash, preset = str(form.adapter.data).partition("/")
    try:
        made = services.create(
            session(), actor(), adapter=adapter, name=str(form.name.data), code=str(form.code.data),
            connection_id=UUID(form.form_key.data), preset=preset,
        )  # fmt: skip
    except Invalid as problem:
        form.refuse(problem)
        return _new_page(form, 422)
    flash(_("The connection is made. Go through its set-up step by step."), "good")
    return to_page(made.id)


def to_page(connection_id: UUID) -> BaseResponse:
    return redirect(url_for("connections.connection", connection_id=connection_id), 303)


@bp.get("/<uuid:connection_id>")
@requires(Can.CONNECTION_VIEW)
def connection(connection_id: UUID) -> BaseResponse:
    return connection_page(connection_id, PhaseForm(formdata=None))


def connection_page(connection_id: UUID, form: PhaseForm, status: int = 200, problem: str = "") -> BaseResponse:
    row = services.show(session(), actor(), connection_id)
    manifest = services.manifest_of(row.adapter)
    check, has_api = row.last_check, services.has_api(row.adapter)
    may_manage = actor().can(Can.CONNECTION_MANAGE)
    signing = sign_in.shown(session(), row)
    made = page(
        "connections/connection.html", status, row=row, manifest=manifest, form=form, check=check, problem=problem,
        health=STATUSES[row.status] if row.is_active else (_("Stopped"), "warn"), phase=stage(row),
        tasks=_tasks(row) if may_manage else [], testable=services.testable(row),
        advice=advice(check), has_api=has_api, sandbox=has_api and services.is_sandbox(row), door=_door(row) if may_manage else None,
        next_phases=[] if has_api else [(step.value, NEXT_WORDS[step.value]) for step in sorted(STEPS[Phase(row.phase)])],
        pinned=hostkeys.fingerprint(row.settings.get("sftp", {}).get("host_key", "")),
        may_manage=may_manage, running=check.get("state") == "running",
        signing=signing, way_back=way_back(), trouble=advice({"code": signing.problem}) if signing else "",
        ends_in=services.days_left(row.access_ends_at), region=REGIONS[row.data_region], region_form=region_form(row),
        files_url=_files_url(row),
        packages_url=url_for("screening.packages", connection_id=row.id) if may_manage and services.types_packages(row) else "",
    )  # fmt: skip
    if signing and signing.origin:
        allow_form_to(made, signing.origin)
    return made


def region_form(row: Connection) -> RegionForm:
    form = RegionForm(formdata=None, obj=row)
    form.data_region.choices = choices(list(REGIONS.items()))
    return form


@bp.post("/<uuid:connection_id>/data-region")
@requires(Can.CONNECTION_MANAGE)
def data_region(connection_id: UUID) -> BaseResponse:
    try:
        services.set_data_region(session(), actor(), connection_id, request.form.get("data_region", ""))
    except Invalid as problem:
        return connection_page(connection_id, PhaseForm(formdata=None), 422, _(problem.errors["data_region"]))
    flash(_("Saved"), "good")
    return to_page(connection_id)


def _files_url(row: Connection) -> str:
    """The page of orders and results of a screening provider that works by files."""
    by_files = services.manifest_of(row.adapter).screening is not None and not services.speaks_http(row)
    return url_for("screening.files", connection_id=row.id) if by_files else ""


def _tasks(row: Connection) -> list[dict[str, Any]]:
    """The guided set-up: what is complete, what is not."""
    tasks = []
    for section, complete in progress(row):
        url = url_for("connections.section", connection_id=row.id, name=section.name)
        word, tone = (_("Complete"), "good") if complete else (_("To do"), "warn")
        tasks.append({"label": section.title, "url": url, "status": word, "tone": tone, "hint": section.hint})
    if services.has_api(row.adapter):
        return [_conduct_task(row), *tasks]
    safety = url_for("connections.safety", connection_id=row.id)
    hint = _("When a file is held, and who releases it")
    tasks.append({"label": _("Safety"), "url": safety, "status": _("Optional"), "tone": "neutral", "hint": hint})
    return tasks


def _conduct_task(row: Connection) -> dict[str, Any]:
    url = url_for("connections.conduct", connection_id=row.id)
    word, tone = stage(row)
    hint = _("Sandbox or production, patience, limits")
    return {"label": _("Environment"), "url": url, "status": word, "tone": tone, "hint": hint}


def _door(row: Connection) -> dict[str, Any] | None:
    """What the provider has to know about our webhook address, and what came there."""
    if not row.webhook_key:
        return None
    return {
        "address": address_of(row.webhook_key),
        "last": services.last_arrival(session(), row.id),
        "rotating": PREVIOUS in (row.credentials or {}),
        "why": REFUSALS.get(row.webhook_refusal, row.webhook_refusal),
    }


@bp.post("/<uuid:connection_id>/check")
@requires(Can.CONNECTION_MANAGE)
def check(connection_id: UUID) -> BaseResponse:
    """Only asks: a job talks to the provider, and the page polls what came of it."""
    try:
        services.ask_check(session(), actor(), connection_id)
    except Invalid as problem:
        return connection_page(connection_id, PhaseForm(formdata=None), 422, _(str(problem)))
    return to_page(connection_id)


@bp.post("/<uuid:connection_id>/pin")
@requires(Can.CONNECTION_MANAGE)
def pin(connection_id: UUID) -> BaseResponse:
    services.pin_host_key(session(), actor(), connection_id, request.form.get("fingerprint", ""))
    flash(_("The host key is pinned. Test the connection now."), "good")
    return to_page(connection_id)


@bp.post("/<uuid:connection_id>/phase")
@requires(Can.CONNECTION_MANAGE)
def phase(connection_id: UUID) -> BaseResponse:
    form, target = PhaseForm(), request.form.get("phase", "")
    if target not in set(Phase):
        raise NotFound
    try:
        services.change_phase(session(), actor(), connection_id, target, confirm=str(form.confirm.data or ""))
    except Invalid as problem:
        named = problem.errors.get("confirm")
        if named:
            form.confirm.errors = [named]
        general = "" if named else _("Complete every step of the set-up and test the connection first.")
        return connection_page(connection_id, form, 422, general)
    flash(_("The phase is changed."), "good")
    return to_page(connection_id)


@bp.post("/<uuid:connection_id>/active")
@requires(Can.CONNECTION_MANAGE)
def active(connection_id: UUID) -> BaseResponse:
    wanted = request.form.get("active") == "1"
    services.set_active(session(), actor(), connection_id, wanted)
    flash(
        _("The connection works again.") if wanted else _("The connection is stopped. Nothing is sent or fetched."),
        "good",
    )
    return to_page(connection_id)
