"""Pages to drive the stand-ins by hand, under /drive. Everything works without JavaScript."""

from __future__ import annotations

import inspect
import json
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from sandbox.pages import SHOWN, form_fields, posted_switches
from sandbox.vendors.core.faults import Fault
from sandbox.vendors.core.vendor import Vendor


def create_vendor_pages(vendors: dict[str, Vendor]) -> Blueprint:
    pages = Blueprint("vendors", __name__, url_prefix="/drive")

    def found(slug: str) -> Vendor:
        return vendors.get(slug) or abort(404)

    def back(slug: str) -> Response:
        return redirect(url_for("vendors.one", slug=slug), 303)  # type: ignore[return-value]

    @pages.errorhandler(ValueError)
    def wrong(fault: ValueError) -> ResponseReturnValue:
        return render_template("problem.html", problem=str(fault)), 422

    @pages.get("/<slug>")
    def one(slug: str) -> ResponseReturnValue:
        vendor = found(slug)
        return render_template(
            "vendor.html",
            vendor=vendor,
            verbs=[verb_form(vendor, verb) for verb in vendor.verbs],
            faults=vendor.faults.on(),
            fault=form_fields(Fault()),
            switches=form_fields(vendor.webhooks.switches),
            deliveries=vendor.webhooks.log[-SHOWN:][::-1],
            asked=[item.shown() for item in vendor.asked()[-SHOWN:][::-1]],
            tables={kind: rows_of(vendor, kind) for kind in vendor.rows.kinds()},
        )

    @pages.post("/<slug>/do/<verb>")
    def do(slug: str, verb: str) -> ResponseReturnValue:
        vendor = found(slug)
        vendor.do(verb, {name: value for name, value in request.form.items() if value})
        vendor.deliver()
        return back(slug)

    @pages.post("/<slug>/faults")
    def fault(slug: str) -> ResponseReturnValue:
        found(slug).fault(**posted_switches(Fault()))
        return back(slug)

    @pages.post("/<slug>/faults/clear")
    def clear(slug: str) -> ResponseReturnValue:
        found(slug).faults.clear()
        return back(slug)

    @pages.post("/<slug>/webhooks")
    def webhooks(slug: str) -> ResponseReturnValue:
        vendor = found(slug)
        vendor.webhooks.switch(**posted_switches(vendor.webhooks.switches))
        vendor.deliver()
        return back(slug)

    @pages.post("/<slug>/revoke")
    def revoke(slug: str) -> ResponseReturnValue:
        found(slug).access.revoke_family()
        return back(slug)

    @pages.post("/<slug>/advance")
    def advance(slug: str) -> ResponseReturnValue:
        """The clock of the whole sandbox goes on; then what is due is delivered."""
        vendor = found(slug)
        vendor.clock.advance(float(request.form.get("days") or 0) * 86400)
        vendor.deliver()
        return back(slug)

    @pages.post("/<slug>/reset")
    def reset(slug: str) -> ResponseReturnValue:
        found(slug).reset()
        return back(slug)

    return pages


def verb_form(vendor: Vendor, verb: str) -> dict[str, Any]:
    """A form for a verb, drawn from the values its method takes."""
    values = inspect.signature(getattr(vendor, verb)).parameters.values()
    return {
        "verb": verb,
        "about": (inspect.getdoc(getattr(vendor, verb)) or "").partition("\n")[0],
        "fields": [
            {
                "name": one.name,
                "value": "" if one.default is one.empty else one.default,
                "required": one.default is one.empty,
            }
            for one in values
        ],
    }


def rows_of(vendor: Vendor, kind: str) -> list[dict[str, str]]:
    rows = vendor.rows.all(kind)[-SHOWN:][::-1]
    return [{"id": row.id, "facts": json.dumps(row.facts, default=str, ensure_ascii=False)} for row in rows]
