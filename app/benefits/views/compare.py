"""Two or three plans side by side, every feature with its explanation; it stacks on a phone."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import request, url_for
from werkzeug.wrappers import Response

from app.benefits.forms.words import plain
from app.benefits.rules.words import Tier
from app.benefits.services.desk import Desk
from app.benefits.services.offers import Offer, tier_prices
from app.benefits.views import words
from app.benefits.views.blueprint import bp
from app.benefits.views.steps import closed, desk_at, returns_to_check, step_url
from app.benefits.views.text import _
from app.core.access import Can
from app.core.errors import NotFound
from app.web.access import requires
from app.web.formats import money
from app.web.pages import page

MOST = 3
Feature = tuple[str, str, Callable[[Offer], str]]


def features() -> list[Feature]:
    """(name, explanation, value of a plan)."""
    return [
        (
            _("Deductible"),
            _("What you pay for care in a year before the plan starts to pay."),
            lambda offer: _pair(offer.plan.deductible_amount, offer.plan.deductible_family),
        ),
        (
            _("Most you pay in a year"),
            _("The out-of-pocket maximum. After it the plan pays everything it covers until the year ends."),
            lambda offer: _pair(offer.plan.out_of_pocket_max, offer.plan.out_of_pocket_max_family),
        ),
        (
            _("Your share after the deductible"),
            _("Coinsurance: the percentage of a bill that is yours once the deductible is used up."),
            lambda offer: f"{plain(offer.plan.coinsurance_percentage)}%",
        ),
        (
            _("Doctor visit"),
            _("Copay: a fixed amount for one visit."),
            lambda offer: _dollars(offer.plan.copay_amount) if offer.plan.copay_amount else _("After the deductible"),
        ),
        (
            _("Network"),
            _("The doctors and hospitals the plan has prices with. PPO: any doctor, cheaper inside. HMO: inside only."),
            lambda offer: " ".join(part for part in (offer.plan.network_type, offer.plan.provider_network) if part),
        ),
        (
            _("Health savings account"),
            _(
                "HSA: your own tax-free account for health costs, only with some plans. What you do not spend stays yours."
            ),
            lambda offer: _("Yes") if offer.plan.hsa_eligible else _("No"),
        ),
    ]


def _dollars(amount: Decimal) -> str:
    """Whole dollars without cents, so that two plans fit side by side on a phone."""
    return money(amount).removesuffix(".00")


def _pair(single: Any, family: Any) -> str:
    if not single:
        return _("None")
    return _("%(one)s, family %(all)s", one=_dollars(single), all=_dollars(family)) if family else _dollars(single)


@bp.get("/enroll/<uuid:window_id>/coverage/<kind>/comparison")
@requires(Can.ENROLL_OWN)
def compare(window_id: UUID, kind: str) -> Response:
    desk = desk_at(window_id)
    if kind not in desk.types:
        raise NotFound
    if not desk.may_choose:
        return closed(desk)
    offers = [offer for offer in desk.offers(kind) if offer.open]
    wanted = request.args.getlist("plan")
    shown = [offer for offer in offers if str(offer.id) in wanted][:MOST] or offers[:MOST]
    to = {"to": "check"} if returns_to_check() else {}
    picks = [(offer.plan.name, step_url(desk, kind, pick=offer.id, **to)) for offer in shown]
    own = url_for("benefits.compare", window_id=window_id, kind=kind)
    return page(
        "benefits/compare.html", desk=desk, kind=kind, shown=shown, offers=offers, rows=_rows(desk, shown), picks=picks,
        columns=_columns(shown), back=step_url(desk, kind, **to), action=own, most=MOST,
    )  # fmt: skip


def _columns(shown: list[Offer]) -> list[tuple[str, str, str]]:
    return [("feature", _("What"), "custom"), *((f"p{n}", offer.plan.name, "text") for n, offer in enumerate(shown))]


def _rows(desk: Desk, shown: list[Offer]) -> list[dict[str, str]]:
    """One row per feature: its name, why it matters, and a cell per plan."""
    rows = [
        _row(_("You pay each paycheck"), "", [money(offer.cost.employee if offer.cost else None) for offer in shown]),
        _row(
            _("Employer pays each paycheck"),
            "",
            [money(offer.cost.employer if offer.cost else None) for offer in shown],
        ),
    ]
    rows += [_row(name, why, [value(offer) for offer in shown]) for name, why, value in features()]
    prices = [tier_prices(offer.facts, desk.household, offer.verdict.starts_on) for offer in shown]
    for tier in Tier:
        cells = [money(found.employee) if (found := of[tier]) else "" for of in prices]
        rows.append(_row(_("Per paycheck: %(who)s", who=words.TIER[tier]), "", cells))
    return rows


def _row(name: str, why: str, cells: list[str]) -> dict[str, str]:
    return {"feature": name, "why": why} | {f"p{n}": cell for n, cell in enumerate(cells)}
