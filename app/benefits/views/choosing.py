"""Choosing a plan: price tiles for the people covered, keep and waive, the running total."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.benefits.forms.wizard import ChooseForm
from app.benefits.rules.family import COVERS_FAMILY
from app.benefits.rules.words import Election
from app.benefits.services.desk import Desk
from app.benefits.services.offers import Offer, lowest
from app.benefits.views import words
from app.benefits.views.blueprint import bp
from app.benefits.views.steps import (
    CHECK,
    closed,
    desk_at,
    following,
    frame,
    person_label,
    returns_to_check,
    save,
    step_url,
)
from app.benefits.views.text import _
from app.core.access import Can
from app.core.errors import NotFound
from app.web.access import requires
from app.web.formats import long_date, money
from app.web.forms import choices
from app.web.pages import page

KEEP, WAIVE = Election.KEEP.value, Election.WAIVE.value


def _choose_form(desk: Desk, kind: str, *, fresh: bool = False, pick: str = "") -> ChooseForm:
    election, plan_id = desk.answers.choice(kind)
    chosen = pick or (plan_id if election is Election.ELECT else election.value if election else None)
    data = {"plan": chosen, "version": desk.version, "covered": sorted(desk.answers.covered_by(kind))}
    form = ChooseForm(formdata=None, data=data) if fresh else ChooseForm(data=data)
    offers, allowed = desk.offers(kind), desk.allowed(kind)
    shown = [(str(offer.id), offer.plan.name) for offer in offers]
    kept = desk.kept(kind)
    if kept is not None:
        shown.insert(0, (KEEP, _("Keep %(plan)s", plan=kept.plan.name)))
    form.plan.label.text = str(words.QUESTION.get(kind, words.ANY_QUESTION))
    form.plan.choices = choices([*shown, (WAIVE, words.WAIVE.get(kind, words.ANY_WAIVE))])
    others = desk.household.dependents if kind in COVERS_FAMILY else ()
    form.covered.choices = choices([(str(p.id), person_label(desk, p)) for p in others])
    form.possible = frozenset({str(o.id) for o in offers if o.open} | {election.value for election in allowed})
    form.possible -= {Election.ELECT.value}
    form.missing = words.CHOOSE.get(kind, words.ANY_CHOOSE)
    return form


def _choose_context(desk: Desk, kind: str, form: ChooseForm) -> dict[str, Any]:
    offers = desk.offers(kind)
    open_offers = [offer for offer in offers if offer.open]
    own = desk.answers.choices.get(kind, {}).get("covered")
    return {
        "form": form,
        "kind": kind,
        "tiles": _tiles(desk, kind),
        "offers": offers,
        "compare": url_for("benefits.compare", window_id=desk.window.id, kind=kind) if len(open_offers) > 1 else "",
        "people": [person.first_name for person in desk.wanted(kind)],
        "pre_tax": all(offer.plan.contribution_type == "pre_tax" for offer in open_offers),
        "differs": own is not None,
        "starts_on": next(iter(_starts(offers))) if len(_starts(offers)) == 1 else None,
    }


def _starts(offers: list[Offer]) -> set[date]:
    """First days of coverage among the plans that can be chosen."""
    return {offer.verdict.starts_on for offer in offers if offer.open}


def _tiles(desk: Desk, kind: str) -> dict[str, dict[str, Any]]:
    offers = desk.offers(kind)
    cheapest, own_start = lowest(offers), len(_starts(offers)) > 1
    tiles: dict[str, dict[str, Any]] = {str(offer.id): _tile(offer, offer is cheapest, own_start) for offer in offers}
    kept = desk.kept(kind)
    if kept is not None:
        now = desk.current[kind].employee_contribution_amount
        kept_tile = _tile(kept, False, own_start) | {"tag": _("Your plan now"), "tone": "info"}
        if kept.cost is not None and kept.cost.employee != now:
            kept_tile["hint"] = _("You pay %(now)s now. The new price counts from the first day.", now=money(now))
        tiles[KEEP] = kept_tile
    tiles[WAIVE] = {"hint": _waive_effect(desk, kind)}
    return tiles


def _tile(offer: Offer, cheapest: bool, own_start: bool) -> dict[str, Any]:
    if offer.cost is None:
        return {"disabled": words.why_not(offer), "note": offer.carrier}
    notes = [offer.carrier, _("employer pays %(amount)s", amount=money(offer.cost.employer))]
    hints = [words.left_out(offer)]
    if own_start:
        hints.append(_("Starts on %(day)s", day=long_date(offer.verdict.starts_on)))
    return {
        "price": offer.cost.employee,
        "per": _("per paycheck"),
        "note": " · ".join(notes),
        "tag": _("Lowest cost") if cheapest else "",
        "hint": ". ".join(hint for hint in hints if hint),
    }


def _waive_effect(desk: Desk, kind: str) -> str:
    if desk.current.get(kind) is not None:
        return _("What you have now ends, and you can come back at the next open enrollment.")
    return _("You have no coverage here until the next open enrollment, or until your life changes.")


def _refuse_unknown_kind(desk: Desk, kind: str) -> None:
    if kind not in desk.types:
        raise NotFound


@bp.get("/enroll/<uuid:window_id>/coverage/<kind>")
@requires(Can.ENROLL_OWN)
def choose(window_id: UUID, kind: str) -> BaseResponse:
    desk = desk_at(window_id)
    _refuse_unknown_kind(desk, kind)
    if not desk.may_choose:
        return closed(desk)
    form = _choose_form(desk, kind, fresh=True, pick=request.args.get("pick", ""))
    return page("benefits/choose.html", **_choose_context(desk, kind, form), **frame(desk, kind))


@bp.post("/enroll/<uuid:window_id>/coverage/<kind>")
@requires(Can.ENROLL_OWN)
def choose_post(window_id: UUID, kind: str) -> BaseResponse:
    desk = desk_at(window_id)
    _refuse_unknown_kind(desk, kind)
    if not desk.may_choose:
        return closed(desk)
    form = _choose_form(desk, kind)
    updating = "update" in request.form
    if not form.validate() and not (updating and form.covered.validate(form)):
        if "later" in request.form:
            return redirect(following(desk, kind), 303)
        return page("benefits/choose.html", 422, **_choose_context(desk, kind, form), **frame(desk, kind))
    _keep_choice(desk, kind, form)
    problem = save(desk, kind, form.version.data)
    if problem:
        newest = desk_at(window_id)
        shown = _choose_context(newest, kind, _choose_form(newest, kind, fresh=True))
        return page("benefits/choose.html", 409, **shown, **frame(newest, kind) | {"stale": problem})
    if updating:
        to = CHECK if returns_to_check() else None
        return redirect(step_url(desk, kind, to=to), 303)
    return redirect(following(desk, kind), 303)


def _keep_choice(desk: Desk, kind: str, form: ChooseForm) -> None:
    picked = set(form.covered.data or [])
    own = sorted(picked) if kind in COVERS_FAMILY and picked != set(desk.answers.who or []) else None
    if form.plan.data in form.possible:
        special = form.plan.data in (KEEP, WAIVE)
        election = Election(form.plan.data) if special else Election.ELECT
        desk.answers.choose(kind, election, "" if special else form.plan.data, own)
    else:
        desk.answers.choices[kind] = desk.answers.choices.get(kind, {}) | {"covered": own}
    desk.price_anew(kind)


@bp.post("/enroll/<uuid:window_id>/coverage/<kind>/cost")
@requires(Can.ENROLL_OWN)
def cost_post(window_id: UUID, kind: str) -> str:
    """The running total while somebody is still choosing; nothing is kept."""
    desk = desk_at(window_id)
    _refuse_unknown_kind(desk, kind)
    form = _choose_form(desk, kind)
    _keep_choice(desk, kind, form)
    return render_template("benefits/cost.html", total=desk.total)
