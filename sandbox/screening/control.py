"""The control API under /api/screening: everything a test may look at or make happen."""

from __future__ import annotations

import secrets
from dataclasses import asdict
from typing import Any

from flask import Blueprint, abort, jsonify
from flask.typing import ResponseReturnValue

from sandbox.screening import catalog, orders
from sandbox.screening.checkr.account import disconnect
from sandbox.screening.provider import PARTNER, Screening
from sandbox.screening.reports import scheduled
from sandbox.screening.scenarios import SCENARIOS, known
from sandbox.screening.shelf import Facts, Item
from sandbox.screening.transitions import VERBS, by_hand


def shown(item: Item) -> Facts:
    """An item with what only the sandbox knows of it."""
    hidden = {name: value for name, value in item.hidden.items() if name not in ("token", "secret")}
    return {**item.facts, "_sandbox": hidden}


def add_screening_routes(api: Blueprint, box: Screening, body: Any) -> None:
    """body: reads the JSON object of a request."""
    add_settings(api, box, body)
    add_accounts(api, box, body)
    add_packages(api, box, body)
    add_objects(api, box, body)
    add_logs(api, box)


def state(box: Screening) -> Facts:
    return {
        "now": box.clock.now().isoformat(),
        "checkr_url": f"{box.base_url}/screening/checkr/v1", "plain_url": f"{box.base_url}/screening/plainscreen",
        "partner": PARTNER, "switches": asdict(box.switches), "accounts": [shown(one) for one in box.shelf.all("account")],
        "scenarios": {name: scenario.about for name, scenario in SCENARIOS.items()},
        "transitions": {kind: list(verbs) for kind, verbs in VERBS.items()},
    }  # fmt: skip


def add_settings(api: Blueprint, box: Screening, body: Any) -> None:
    @api.get("/screening")
    def screening_state() -> ResponseReturnValue:
        return jsonify(state(box))

    @api.post("/screening/switches")
    def screening_switches() -> ResponseReturnValue:
        with box.store.transaction():
            box.change(body())
        return jsonify(asdict(box.switches))

    @api.post("/screening/advance")
    def advance() -> ResponseReturnValue:
        """Moves the sandbox clock, and everything that is due then."""
        values = body()
        units = {"days": 86400, "hours": 3600, "minutes": 60, "seconds": 1}
        if unknown := set(values) - set(units):
            raise ValueError(f"Unknown unit: {', '.join(sorted(unknown))}.")
        box.clock.advance(sum(float(value) * units[name] for name, value in values.items()))
        moved = box.tick()
        box.events.wake.set()
        return jsonify(now=box.clock.now().isoformat(), moved=moved)

    @api.post("/screening/reset")
    def screening_reset() -> ResponseReturnValue:
        box.reset()
        return jsonify(ok=True)


def add_accounts(api: Blueprint, box: Screening, body: Any) -> None:
    @api.post("/screening/accounts")
    def add_account() -> ResponseReturnValue:
        """id, name; partner: reached by OAuth, so without a key of its own, and not yet credentialed."""
        values = body()
        key = str(values.get("id") or secrets.token_hex(12))
        name = str(values.get("name") or key)
        with box.store.transaction():
            if values.get("partner"):
                item = box.add_partner_account(name, key)
            else:
                item = box.add_account(key, name, f"sk_{secrets.token_hex(16)}")
        return jsonify(shown(item)), 201

    @api.post("/screening/accounts/<key>/webhooks")
    def set_webhooks(key: str) -> ResponseReturnValue:
        """urls: the addresses from now on; include_object: false for thin events."""
        values = body()
        with box.store.transaction():
            thin = {"include_object": bool(values.get("include_object", True))}
            box.set_webhooks(key, [{"id": secrets.token_hex(12), "url": url, **thin} for url in values.get("urls", [])])
        return jsonify(shown(box.account(key)))

    @api.post("/screening/accounts/<key>/<act>")
    def account_act(key: str, act: str) -> ResponseReturnValue:
        """code: a new authorization code; credential: the account may order from now on; disconnect: by the customer."""
        with box.store.transaction():
            item = box.account(key)
            if act == "code" and "code" in item.hidden:
                item.hidden["code"] = secrets.token_hex(16)
                box.shelf.save(item)
            elif act == "credential":
                item.hidden["credentialed"] = True
                box.shelf.save(item)
                box.events.emit("account.credentialed", item, item.facts)
            elif act == "disconnect":
                disconnect(box, item)
            else:
                abort(404)
        return jsonify(shown(item))


def add_packages(api: Blueprint, box: Screening, body: Any) -> None:
    @api.post("/screening/packages")
    def add_package() -> ResponseReturnValue:
        """slug, name, price in cents, kinds of searches; replaces one of the same slug."""
        values = body()
        slug = str(values.get("slug", ""))
        facts = catalog.package(
            slug, str(values.get("name", slug)), int(values.get("price", 0)), list(values.get("kinds", []))
        )
        with box.store.transaction():
            item = next((one for one in box.shelf.all("package") if one.facts["slug"] == slug), None)
            event = "package.updated" if item else "package.created"
            item = item or box.shelf.add("package", "", facts)
            item.facts |= facts
            box.shelf.save(item)
            tell_all(box, event, item)
        return jsonify(shown(item)), 201

    @api.delete("/screening/packages/<slug>")
    def remove_package(slug: str) -> ResponseReturnValue:
        with box.store.transaction():
            item = next((one for one in box.shelf.all("package") if one.facts["slug"] == slug), None) or abort(404)
            item.facts["deleted_at"] = box.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
            box.shelf.save(item)
            tell_all(box, "package.deleted", item)
        return jsonify(shown(item))


def tell_all(box: Screening, event: str, item: Item) -> None:
    for account in box.shelf.all("account"):
        if not account.hidden.get("unsigned"):
            box.events.emit(event, account, item.facts)


def add_objects(api: Blueprint, box: Screening, body: Any) -> None:
    @api.get("/screening/objects/<kind>")
    def listed(kind: str) -> ResponseReturnValue:
        """Oldest first: candidate, invitation, report, search, adverse_action, document, package, order."""
        return jsonify(objects=[shown(one) for one in box.shelf.all(kind)])

    @api.post("/screening/objects/candidate/<key>/scenario")
    def set_scenario(key: str) -> ResponseReturnValue:
        """Also for a report that already runs: its script begins again, now."""
        name = known(str(body().get("name")))
        with box.store.transaction():
            choose(box, box.shelf.get("candidate", key) or abort(404), name)
        return jsonify(ok=True)

    @api.post("/screening/objects/<kind>/<key>/<verb>")
    def move(kind: str, key: str, verb: str) -> ResponseReturnValue:
        """A transition; the body holds its values. See `transitions.VERBS`."""
        item = box.shelf.get(kind, key) or abort(404)
        by_hand(box, item, verb, body())
        found = box.shelf.get(kind, key)
        assert found is not None
        return jsonify(shown(found))


def choose(box: Screening, candidate: Item, name: str) -> None:
    candidate.hidden |= {"scenario": name, "fault": SCENARIOS[name].fault}
    box.shelf.save(candidate)
    for report in box.shelf.all("report", parent=candidate.id):
        if report.facts["status"] in ("pending", "suspended", "paused"):
            report.plan(*scheduled(box.now(), SCENARIOS[name].report))
            box.shelf.save(report)


def add_logs(api: Blueprint, box: Screening) -> None:
    @api.get("/screening/events")
    def events() -> ResponseReturnValue:
        return jsonify(events=box.events.log())

    @api.post("/screening/events/<key>/send")
    def send(key: str) -> ResponseReturnValue:
        with box.store.transaction():
            box.events.send_again(key)
        return jsonify(ok=True)

    @api.get("/screening/orders")
    def all_orders() -> ResponseReturnValue:
        found = orders.listed(box)
        return jsonify(orders=found, twice=sum(one["twice"] for one in found))

    @api.get("/screening/requests")
    def requests() -> ResponseReturnValue:
        """Oldest first: at, method, path, key, status (0: cut off before), fault, replayed."""
        rows = box.store.rows("SELECT * FROM screening_requests ORDER BY id")
        return jsonify(requests=[dict(row) | {"replayed": bool(row["replayed"])} for row in rows])
