"""Premiums and bills: the report, its file, and who a carrier is in the books."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import Blueprint, Flask, flash, redirect, request, url_for
from flask import Response as FlaskResponse
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from app.accounting import services
from app.accounting.forms import FilterForm, LinkForm
from app.accounting.models import AccountLink
from app.accounting.rules import Standing, month_of
from app.accounting.services import Carrier, Filters, Line, Terms
from app.benefits.forms.words import TIER_NAME
from app.core.access import Can
from app.core.clock import today
from app.core.errors import Invalid, NotFound
from app.integrations.sync.records import Bill
from app.web.access import requires
from app.web.edge import actor, session
from app.web.formats import zone
from app.web.forms import choices
from app.web.pages import page

bp = Blueprint("accounting", __name__, url_prefix="/accounting")
BACK = {"3": 3, "6": 6, "12": 12, "24": 24}
STANDINGS = {
    Standing.MATCHED: (_l("Matched"), "good"), Standing.UNPAID: (_l("Unpaid"), "info"), Standing.SHORT: (_l("Billed too little"), "warn"),
    Standing.OVER: (_l("Billed too much"), "bad"), Standing.NO_BILL: (_l("No bill"), "warn"),
}  # fmt: skip

BILLS = {
    Bill.DRAFT: (_l("Draft"), "neutral"), Bill.OPEN: (_l("Open"), "info"), Bill.PAID: (_l("Paid"), "good"),
    Bill.VOID: (_l("Void"), "neutral"), Bill.UNKNOWN: (_l("Unknown"), "warn"),
}  # fmt: skip


def _filters() -> Filters:
    """Up to the coming month, because carriers bill ahead."""
    this = month_of(today(zone()))
    wanted = request.values
    back = BACK.get(wanted.get("months", ""), BACK["6"])
    status = wanted.get("status", "") if wanted.get("status", "") in list(Standing) else ""
    return Filters(month_of(this, 1 - back), month_of(this, 1), _id(wanted.get("carrier", "")), status)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@bp.get("/reconciliation")
@requires(Can.RECONCILIATION_VIEW)
def reconciliation() -> Response:
    filters = _filters()
    carriers, lines = services.reconcile(session(), actor(), filters)
    linked = [one for one in carriers if one.link]
    return page(
        "accounting/reconciliation.html", form=_filter_form(filters, linked), rows=[_row(line, filters) for line in lines],
        linked=linked, loose=[one for one in carriers if not one.link], counts=_counts(lines), filters=filters,
        clear=url_for("accounting.reconciliation") if request.args else "", may_link=actor().can(Can.ACCOUNT_LINK_MANAGE),
    )  # fmt: skip


def _filter_form(filters: Filters, linked: list[Carrier]) -> FilterForm:
    months = next((word for word in BACK if word == request.args.get("months")), "6")
    form = FilterForm(formdata=None, months=months, carrier=str(filters.carrier_id or ""), status=filters.status)
    form.months.choices = choices([(word, _("%(count)s months", count=count)) for word, count in BACK.items()])
    form.carrier.choices = choices([("", _("All")), *((str(one.id), one.name) for one in linked)])
    form.status.choices = choices([("", _("All")), *((word.value, tag[0]) for word, tag in STANDINGS.items())])
    return form


def _row(line: Line, filters: Filters) -> dict[str, Any]:
    word, tone = STANDINGS[line.standing]
    if line.standing is Standing.NO_BILL and line.month >= month_of(filters.last, -1):
        tone = "neutral"  # it may still come
    return {
        "month": f"{line.month:%Y-%m}", "carrier": line.carrier, "carrier_id": line.carrier_id, "people": line.people,
        "expected": line.expected, "billed": line.billed if line.bills else None, "bills": line.bills,
        "difference": line.difference if line.bills else None, "open": line.open_amount if line.bills else None, "currency": line.currency,
        "elsewhere": line.elsewhere, "status": (word, tone),
    }  # fmt: skip


def _counts(lines: list[Line]) -> dict[Standing, int]:
    return {word: sum(1 for line in lines if line.standing is word) for word in Standing}


@bp.get("/carriers/<uuid:carrier_id>/months/<month>")
@requires(Can.RECONCILIATION_VIEW)
def month(carrier_id: UUID, month: str) -> Response:
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        raise NotFound from None
    found = services.look(session(), actor(), carrier_id, first)
    return page(
        "accounting/month.html", carrier=found.carrier, month=month, line=found.line, may_link=actor().can(Can.ACCOUNT_LINK_MANAGE),
        stands=STANDINGS[found.line.standing] if found.line else None,
        bills=[one._asdict() | {"number": one.number or _("No number"), "status": BILLS[Bill(one.status)], "counted": one.counted} for one in found.bills],
        parts=[one._asdict() | {"tier": TIER_NAME.get(one.tier, "")} for one in found.parts],
    )  # fmt: skip


@bp.post("/reconciliation/export")
@requires(Can.RECONCILIATION_VIEW)
def export() -> Response:
    text = services.export(session(), actor(), _filters())
    headers = {
        "Content-Disposition": f"attachment; filename=premiums-and-bills-{today(zone()):%Y-%m-%d}.csv", "Cache-Control": "no-store",
    }  # fmt: skip
    return FlaskResponse(text, mimetype="text/csv", headers=headers)


@bp.get("/carriers/<uuid:carrier_id>")
@requires(Can.ACCOUNT_LINK_MANAGE)
def link(carrier_id: UUID) -> Response:
    _connection, known = services.carrier(session(), actor(), carrier_id)
    values: Any = known or Terms("")
    names = ("currency", "billed_for", "counted_by", "tolerance")
    form = LinkForm(formdata=None, contact=_key(known), **{name: getattr(values, name) for name in names})
    return _link_page(carrier_id, form)


def _key(known: AccountLink | None) -> str:
    return f"{known.books_id}:{known.contact_ref}" if known else ""


def _link_page(carrier_id: UUID, form: LinkForm, status: int = 200) -> Response:
    connection, known = services.carrier(session(), actor(), carrier_id)
    found = services.contacts(session(), actor())
    form.contact.choices = choices([("", _("Select one")), *((one.key, f"{one.name} ({one.books})") for one in found)])
    return page(
        "accounting/link.html", status, form=form, connection=connection, known=known, read=len(found),
    )  # fmt: skip


@bp.post("/carriers/<uuid:carrier_id>")
@requires(Can.ACCOUNT_LINK_MANAGE)
def link_post(carrier_id: UUID) -> Response:
    form = LinkForm()
    if not form.validate():
        return _link_page(carrier_id, form, 422)
    terms = Terms(
        str(form.contact.data), str(form.currency.data).strip().upper(), str(form.billed_for.data), str(form.counted_by.data),
        form.tolerance.data if form.tolerance.data is not None else Decimal(0),
    )  # fmt: skip
    try:
        services.link(session(), actor(), carrier_id, terms)
    except Invalid as problem:
        form.refuse(problem)
        return _link_page(carrier_id, form, 422)
    flash(_("Saved. The report compares with these bills now."), "good")
    return redirect(url_for("accounting.reconciliation"), 303)


@bp.post("/carriers/<uuid:carrier_id>/unlink")
@requires(Can.ACCOUNT_LINK_MANAGE)
def unlink(carrier_id: UUID) -> Response:
    services.unlink(session(), actor(), carrier_id)
    flash(_("Unlinked. Nothing else was changed."), "good")
    return redirect(url_for("accounting.reconciliation"), 303)


def register(app: Flask) -> None:
    """Called by the composition root."""
    app.register_blueprint(bp)
