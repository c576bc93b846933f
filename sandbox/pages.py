"""Pages of the carriers: home, one carrier, one file. Everything works without JavaScript."""

from __future__ import annotations

import json
from dataclasses import Field, fields
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from sandbox.carriers.carrier import Carrier
from sandbox.carriers.census import census_rows
from sandbox.carriers.x12 import decode
from sandbox.world import World

SHOWN = 200


def form_fields(switches: Any) -> list[dict[str, Any]]:
    """How each switch looks as a form field."""
    return [form_field(item, getattr(switches, item.name)) for item in fields(switches)]


def form_field(item: Field[Any], value: Any) -> dict[str, Any]:
    kind = "check" if isinstance(value, bool) else "number" if isinstance(value, int | float) else "text"
    choices = item.metadata.get("choices") or ()
    step = "1" if isinstance(value, int) else "any"
    shape = {"kind": "choice" if choices else kind, "choices": choices, "step": step}
    return {"name": item.name, "label": item.metadata["label"], "value": value} | shape


def posted_switches(switches: Any) -> dict[str, Any]:
    """The form as values: a check box that was not sent is off."""
    found: dict[str, Any] = {}
    for item in fields(switches):
        off = False if isinstance(getattr(switches, item.name), bool) else getattr(switches, item.name)
        found[item.name] = request.form.get(item.name, off)
    return found


def create_pages(world: World) -> Blueprint:
    pages = Blueprint("pages", __name__)

    def carrier_or_404(slug: str) -> Carrier:
        return world.carriers.get(slug) or abort(404)

    def back(slug: str) -> Response:
        return redirect(url_for("pages.carrier", slug=slug), 303)  # type: ignore[return-value]

    @pages.errorhandler(ValueError)
    def wrong(fault: ValueError) -> ResponseReturnValue:
        return render_template("problem.html", problem=str(fault)), 422

    @pages.get("/")
    def home() -> ResponseReturnValue:
        return render_template("home.html", mail=world.mailbox.state(), issuer=request.host_url + "idp")

    @pages.post("/clock")
    def move_clock() -> ResponseReturnValue:
        days = float(request.form.get("days") or 0)
        world.clock.set_offset(days * 86400)
        return redirect(url_for("pages.home"), 303)

    @pages.post("/reset")
    def reset_all() -> ResponseReturnValue:
        world.reset()
        return redirect(url_for("pages.home"), 303)

    @pages.post("/carriers")
    def add() -> ResponseReturnValue:
        carrier = world.add_carrier({name: value for name, value in request.form.items() if value})
        return back(carrier.profile.slug)

    @pages.get("/carriers/<slug>")
    def carrier(slug: str) -> ResponseReturnValue:
        found = carrier_or_404(slug)
        rows = census_rows(found.table.all(), world.clock.today(), "")
        return render_template(
            "carrier.html",
            carrier=found,
            door=world.doors[slug],
            switches=form_fields(found.switches),
            rows=rows[:SHOWN],
            total=len(rows),
            files=found.files()[:SHOWN],
            sent=found.sent()[:SHOWN],
            effects=found.logged("effects")[-SHOWN:][::-1],
            refusals=found.logged("refusals")[-SHOWN:][::-1],
        )

    @pages.post("/carriers/<slug>/switches")
    def switches(slug: str) -> ResponseReturnValue:
        world.set_switches(slug, posted_switches(carrier_or_404(slug).switches))
        return back(slug)

    @pages.post("/carriers/<slug>/census")
    def census(slug: str) -> ResponseReturnValue:
        carrier_or_404(slug).send_census()
        return back(slug)

    @pages.post("/carriers/<slug>/reset")
    def reset(slug: str) -> ResponseReturnValue:
        carrier_or_404(slug)
        world.reset_carrier(slug)
        return back(slug)

    @pages.get("/carriers/<slug>/files/<int:number>")
    def received(slug: str, number: int) -> ResponseReturnValue:
        carrier_or_404(slug)
        row = world.store.one("SELECT * FROM files WHERE carrier = ? AND id = ?", slug, number) or abort(404)
        return render_template(
            "file.html", carrier=carrier_or_404(slug), title=row["name"], at=row["received_at"],
            outcome=row["outcome"], reports=json.loads(row["notes"]), text=one_segment_a_line(row["raw"]),
        )  # fmt: skip

    @pages.get("/carriers/<slug>/sent/<int:number>")
    def sent(slug: str, number: int) -> ResponseReturnValue:
        row = world.store.one("SELECT * FROM sent WHERE carrier = ? AND id = ?", slug, number) or abort(404)
        return render_template(
            "file.html", carrier=carrier_or_404(slug), title=row["name"], at=row["sent_at"] or "not sent yet",
            outcome=row["kind"], reports=[], text=one_segment_a_line(row["body"]),
        )  # fmt: skip

    return pages


def one_segment_a_line(raw: bytes) -> str:
    """X12 with a line break after each segment; anything else as it is."""
    text = decode(raw)
    if not text.startswith("ISA") or len(text) < 106:
        return text
    return text.replace(text[105] + "\n", text[105]).replace(text[105], text[105] + "\n")
