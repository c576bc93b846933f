"""The JSON control API of the stand-ins, under /api/vendors/<slug>, for stories that run the sandbox as its own process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.vendors.core.rows import Row
from sandbox.vendors.core.vendor import Vendor

Body = Callable[[], dict[str, Any]]


def add_vendor_routes(api: Blueprint, vendors: dict[str, Vendor], body: Body) -> None:
    def found(slug: str) -> Vendor:
        return vendors.get(slug) or abort(404)

    @api.get("/vendors/<slug>")
    def vendor_state(slug: str) -> ResponseReturnValue:
        return jsonify(found(slug).state())

    @api.post("/vendors/<slug>/reset")
    def vendor_reset(slug: str) -> ResponseReturnValue:
        found(slug).reset()
        return jsonify(ok=True)

    @api.get("/vendors/<slug>/requests")
    def vendor_requests(slug: str) -> ResponseReturnValue:
        """?path= a pattern, ?method="""
        asked = found(slug).asked(request.args.get("path", "*"), request.args.get("method", ""))
        return jsonify(requests=[one.shown() for one in asked])

    @api.post("/vendors/<slug>/do/<verb>")
    def vendor_do(slug: str, verb: str) -> ResponseReturnValue:
        """One of the vendor's verbs; then everything that waits is delivered."""
        vendor = found(slug)
        result = vendor.do(verb, body())
        vendor.deliver()
        return jsonify(result=result)

    add_switches(api, found, body)
    add_rows(api, found, body)


def add_switches(api: Blueprint, found: Callable[[str], Vendor], body: Body) -> None:
    @api.post("/vendors/<slug>/faults")
    def vendor_fault(slug: str) -> ResponseReturnValue:
        found(slug).fault(**body())
        return jsonify(found(slug).state())

    @api.delete("/vendors/<slug>/faults")
    def vendor_faults_off(slug: str) -> ResponseReturnValue:
        found(slug).faults.clear()
        return jsonify(ok=True)

    @api.post("/vendors/<slug>/webhooks")
    def vendor_webhooks(slug: str) -> ResponseReturnValue:
        """Switches; then everything that waits is delivered."""
        vendor = found(slug)
        vendor.webhooks.switch(**body())
        vendor.deliver()
        return jsonify(vendor.webhooks.shown())

    @api.post("/vendors/<slug>/tokens")
    def vendor_tokens(slug: str) -> ResponseReturnValue:
        """{"revoke": true}, or the terms: token_seconds, rotates, grace_seconds, …"""
        vendor, values = found(slug), body()
        if values.pop("revoke", False):
            vendor.access.revoke_family()
        vendor.terms(**values)
        return jsonify(vendor.state())


def add_rows(api: Blueprint, found: Callable[[str], Vendor], body: Body) -> None:
    def shown(row: Row) -> dict[str, Any]:
        return {"id": row.id, "changed_at": row.changed_at.isoformat(), "facts": row.facts}

    @api.get("/vendors/<slug>/rows/<kind>")
    def vendor_rows(slug: str, kind: str) -> ResponseReturnValue:
        return jsonify(rows=[shown(row) for row in found(slug).rows.all(kind)])

    @api.post("/vendors/<slug>/rows/<kind>")
    def vendor_add(slug: str, kind: str) -> ResponseReturnValue:
        return jsonify(shown(found(slug).rows.add(kind, body()))), 201

    @api.patch("/vendors/<slug>/rows/<kind>/<id>")
    def vendor_change(slug: str, kind: str, id: str) -> ResponseReturnValue:
        vendor = found(slug)
        return jsonify(shown(vendor.rows.change(kind, known(vendor, kind, id), body())))

    @api.delete("/vendors/<slug>/rows/<kind>/<id>")
    def vendor_delete(slug: str, kind: str, id: str) -> ResponseReturnValue:
        vendor = found(slug)
        return jsonify(shown(vendor.rows.delete(kind, known(vendor, kind, id))))


def known(vendor: Vendor, kind: str, id: str) -> str:
    return id if vendor.rows.get(kind, id) else abort(404)
