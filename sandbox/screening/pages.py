"""Pages to drive the screening providers by hand, and those a candidate or a customer sees. Everything works without JavaScript."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from sandbox.pages import SHOWN, form_fields, posted_switches
from sandbox.screening import documents, invitations, orders
from sandbox.screening.catalog import KINDS
from sandbox.screening.control import choose, shown, state
from sandbox.screening.provider import PARTNER, Screening
from sandbox.screening.scenarios import SCENARIOS, known
from sandbox.screening.shelf import Item
from sandbox.screening.transitions import VERBS, by_hand

CHOICES = {
    "records": ("", "felony", "misdemeanor", "felony,misdemeanor"),
    "state": ("delivered", "queued", "sent", "unopened", "unknown", "none"),
    "result": ("clear", "consider", ""),
    "search": tuple(KINDS),
}
PLAIN_RESULTS = ("PASS", "REVIEW", "FAIL")
LISTED = ("invitation", "report", "adverse_action", "order")


def verb_forms(item: Item) -> list[dict[str, Any]]:
    """A form for each transition, drawn from the values its function takes."""
    return [
        {"verb": verb, "fields": [as_field(item, verb, one) for one in values_of(move)]}
        for verb, move in VERBS[item.kind].items()
    ]


def values_of(move: Callable[..., None]) -> list[inspect.Parameter]:
    return list(inspect.signature(move).parameters.values())[2:]


def as_field(item: Item, verb: str, value: inspect.Parameter) -> dict[str, Any]:
    usual = "" if value.default in (inspect.Parameter.empty, None) else value.default
    choices = PLAIN_RESULTS if item.kind == "order" and value.name == "result" else CHOICES.get(value.name, ())
    kind = "check" if isinstance(usual, bool) else "choice" if choices else "text"
    return {"name": value.name, "id": f"{verb}-{value.name}", "kind": kind, "choices": choices, "value": usual}


def posted_values(move: Callable[..., None]) -> dict[str, Any]:
    """The form as the values of a transition: an empty text is left out, an empty result is null."""
    found: dict[str, Any] = {}
    for value in values_of(move):
        text = request.form.get(value.name, "")
        if isinstance(value.default, bool):
            found[value.name] = bool(text)
        elif value.name == "records":
            found[value.name] = [one for one in text.split(",") if one]
        elif text or value.name == "result":
            found[value.name] = text or None
    return found


def create_screening_pages(box: Screening) -> Blueprint:
    pages = Blueprint("screening", __name__, url_prefix="/screening")

    @pages.errorhandler(ValueError)
    def wrong(fault: ValueError) -> ResponseReturnValue:
        return render_template("problem.html", problem=str(fault)), 422

    add_overview(pages, box)
    add_items(pages, box)
    add_candidate(pages, box)
    add_partner(pages, box)
    return pages


def home() -> Response:
    return redirect(url_for("screening.overview"), 303)  # type: ignore[return-value]


def add_overview(pages: Blueprint, box: Screening) -> None:
    @pages.get("")
    def overview() -> ResponseReturnValue:
        people = {one.id: one for one in box.shelf.all("candidate")}
        made = orders.listed(box)
        return render_template(
            "screening.html", box=state(box), switches=form_fields(box.switches), scenarios=SCENARIOS,
            candidates=list(people.values())[-SHOWN:][::-1], people=people, made=made[-SHOWN:][::-1],
            twice=sum(one["twice"] for one in made), lists={kind: box.shelf.all(kind)[-SHOWN:][::-1] for kind in LISTED},
            events=box.events.log()[:SHOWN],
        )  # fmt: skip

    @pages.post("/switches")
    def switches() -> ResponseReturnValue:
        with box.store.transaction():
            box.change(posted_switches(box.switches))
        return home()

    @pages.post("/advance")
    def advance() -> ResponseReturnValue:
        box.clock.advance(float(request.form.get("days") or 0) * 86400)
        box.tick()
        return home()

    @pages.post("/reset")
    def reset() -> ResponseReturnValue:
        box.reset()
        return home()

    @pages.post("/webhooks")
    def webhooks() -> ResponseReturnValue:
        urls = request.form.get("urls", "").split()
        with box.store.transaction():
            box.set_webhooks(request.form.get("account", ""), [{"url": url} for url in urls])
        return home()

    @pages.post("/events/<key>/send")
    def send(key: str) -> ResponseReturnValue:
        with box.store.transaction():
            box.events.send_again(key)
        return home()


def add_items(pages: Blueprint, box: Screening) -> None:
    @pages.get("/items/<kind>/<key>")
    def item(kind: str, key: str) -> ResponseReturnValue:
        found = box.shelf.get(kind, key) or abort(404)
        return render_template(
            "screening_item.html", item=found, forms=verb_forms(found) if kind in VERBS else [], scenarios=SCENARIOS,
            text=json.dumps(shown(found), indent=2, ensure_ascii=False),
            searches=box.shelf.all("search", parent=key), actions=box.shelf.all("adverse_action", parent=key),
            events=[one for one in box.events.log() if one["about"] == key],
        )  # fmt: skip

    @pages.post("/items/candidate/<key>/scenario")
    def scenario(key: str) -> ResponseReturnValue:
        with box.store.transaction():
            choose(box, box.shelf.get("candidate", key) or abort(404), known(request.form.get("name", "")))
        return redirect(url_for("screening.item", kind="candidate", key=key), 303)

    @pages.post("/items/<kind>/<key>/<verb>")
    def move(kind: str, key: str, verb: str) -> ResponseReturnValue:
        found = box.shelf.get(kind, key) or abort(404)
        function = VERBS.get(kind, {}).get(verb) or abort(404)
        by_hand(box, found, verb, posted_values(function))
        return redirect(url_for("screening.item", kind=kind, key=key), 303)


def add_candidate(pages: Blueprint, box: Screening) -> None:
    """What the candidate opens, and the addresses of documents."""

    def opened(token: str) -> Item:
        return invitations.by_token(box, token) or abort(404)

    def page(invitation: Item, problem: str = "") -> ResponseReturnValue:
        about = invitations.with_package_name(box, invitation)
        html = render_template("screening_apply.html", invitation=invitation, problem=problem, **about)
        return html, 422 if problem else 200

    @pages.get("/apply/<token>")
    def apply(token: str) -> ResponseReturnValue:
        return page(opened(token))

    @pages.post("/apply/<token>")
    def finish(token: str) -> ResponseReturnValue:
        invitation, dob, name = opened(token), request.form.get("dob", ""), request.form.get("signature", "").strip()
        if problem := wrong_application(box, dob, name):
            return page(invitation, problem)
        with box.store.transaction():
            invitations.finish(box, invitation, dob)
        return redirect(url_for("screening.apply", token=token), 303)

    @pages.get("/files/<key>/<int:until>/<mark>")
    def file(key: str, until: int, mark: str) -> ResponseReturnValue:
        found = documents.fetch(box, key, until, mark)
        if found is None:
            return Response("The address is wrong or no longer valid.", 403)
        item, data = found
        headers = {"Content-Disposition": "attachment"}
        return Response(data, content_type=item.facts["content_type"], headers=headers)


def wrong_application(box: Screening, dob: str, name: str) -> str:
    try:
        born = date.fromisoformat(dob)
    except ValueError:
        return "Enter your date of birth."
    if (box.clock.today() - born).days < 18 * 365.2425:
        return "You must be at least 18 years old."
    return "" if name else "Type your full name to sign."


def add_partner(pages: Blueprint, box: Screening) -> None:
    """Where a customer lets a partner in: OAuth's first half."""

    def checked() -> dict[str, str]:
        asked = {name: request.values.get(name, "") for name in ("client_id", "redirect_uri", "state")}
        if asked["client_id"] != PARTNER["client_id"] or urlsplit(asked["redirect_uri"]).scheme not in (
            "http",
            "https",
        ):
            raise ValueError("Unknown client_id, or a redirect_uri that is no web address.")
        return asked

    @pages.get("/authorize")
    def ask() -> ResponseReturnValue:
        return render_template("screening_authorize.html", asked=checked())

    @pages.post("/authorize")
    def allow() -> ResponseReturnValue:
        asked = checked()
        with box.store.transaction():
            account = box.add_partner_account(request.form.get("name") or "A customer")
        separator = "&" if "?" in asked["redirect_uri"] else "?"
        answer = {"code": account.hidden["code"], "state": asked["state"]}
        return redirect(asked["redirect_uri"] + separator + urlencode(answer), 303)
