"""The JSON control API under /api. A wrong value answers 422 with {"error": …}, an unknown thing 404."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, abort, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.carriers.carrier import Carrier
from sandbox.carriers.census import census_rows
from sandbox.carriers.profile import Profile
from sandbox.idp import DemoUser
from sandbox.screening.control import add_screening_routes
from sandbox.screening.filescreen import add_filescreen_routes
from sandbox.vendors.core.control import add_vendor_routes
from sandbox.world import World

PROFILE_FIELDS = set(Profile.__dataclass_fields__) - {"slug", "sftp_port"}


def create_api(world: World) -> Blueprint:
    api = Blueprint("api", __name__)
    api.register_error_handler(ValueError, lambda fault: (jsonify(error=str(fault)), 422))
    api.register_error_handler(404, lambda _: (jsonify(error="No such thing in the sandbox."), 404))
    add_world_routes(api, world)
    add_carrier_routes(api, world)
    add_mail_routes(api, world)
    add_screening_routes(api, world.screening, body)
    add_filescreen_routes(api, world.filescreen, body)
    add_vendor_routes(api, world.vendors, body)
    return api


def body() -> dict[str, Any]:
    values = request.get_json(silent=True)
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise ValueError("Send a JSON object.")
    return values


def add_world_routes(api: Blueprint, world: World) -> None:
    @api.get("/state")
    def state() -> ResponseReturnValue:
        return jsonify(
            now=world.clock.now().isoformat(),
            clock_offset_seconds=world.clock.offset_seconds,
            carriers={slug: carrier_state(world, slug) for slug in world.carriers},
            mail=world.mailbox.state(),
            idp=world.idp.state(),
        )

    @api.post("/clock")
    def clock() -> ResponseReturnValue:
        values = body()
        if "offset_seconds" in values:
            world.clock.set_offset(float(values["offset_seconds"]))
        world.clock.advance(float(values.get("advance_seconds", 0)))
        return jsonify(now=world.clock.now().isoformat(), offset_seconds=world.clock.offset_seconds)

    @api.post("/wait-idle")
    def wait_idle() -> ResponseReturnValue:
        values = body()
        timeout, delayed = float(values.get("timeout", 10)), bool(values.get("with_delayed", False))
        idle = world.wait_idle(min(timeout, 300), delayed)
        return jsonify(idle=idle), 200 if idle else 504

    @api.post("/reset")
    def reset() -> ResponseReturnValue:
        world.reset()
        return jsonify(ok=True)

    @api.post("/idp/switches")
    def idp_switches() -> ResponseReturnValue:
        world.idp.set_switches(body())
        return jsonify(world.idp.state())

    @api.post("/idp/users")
    def idp_users() -> ResponseReturnValue:
        """Replaces the demo users offered on the authorize page."""
        users = body().get("users", [])
        world.idp.users = [DemoUser(str(user["email"]), str(user.get("name", ""))) for user in users]
        return jsonify(world.idp.state())

    @api.post("/idp/clients")
    def idp_clients() -> ResponseReturnValue:
        world.idp.clients[str(body().get("client_id"))] = str(body().get("client_secret", ""))
        return jsonify(world.idp.state())


def carrier_state(world: World, slug: str) -> dict[str, Any]:
    carrier = world.carriers[slug]
    return {
        "profile": asdict(carrier.profile),
        "switches": asdict(carrier.switches),
        "host_key": world.doors[slug].public_key,
        "members": len(carrier.table.all()),
        "files": world.store.count("SELECT count(*) FROM files WHERE carrier = ?", slug),
        "effects": world.store.count("SELECT count(*) FROM effects WHERE carrier = ?", slug),
        "refusals": world.store.count("SELECT count(*) FROM refusals WHERE carrier = ?", slug),
        "duplicates_refused": carrier.duplicates_refused(),
        "sent": world.store.count("SELECT count(*) FROM sent WHERE carrier = ? AND sent_at IS NOT NULL", slug),
    }


def add_carrier_routes(api: Blueprint, world: World) -> None:
    def carrier_or_404(slug: str) -> Carrier:
        return world.carriers.get(slug) or abort(404)

    @api.post("/carriers")
    def add() -> ResponseReturnValue:
        carrier = world.add_carrier(body())
        return jsonify(carrier_state(world, carrier.profile.slug)), 201

    @api.get("/carriers/<slug>")
    def one(slug: str) -> ResponseReturnValue:
        carrier_or_404(slug)
        return jsonify(carrier_state(world, slug))

    @api.post("/carriers/<slug>/switches")
    def carrier_switches(slug: str) -> ResponseReturnValue:
        carrier = carrier_or_404(slug)
        world.set_switches(slug, body())
        return jsonify(asdict(carrier.switches))

    @api.post("/carriers/<slug>/profile")
    def profile(slug: str) -> ResponseReturnValue:
        carrier, values = carrier_or_404(slug), body()
        if unknown := set(values) - PROFILE_FIELDS:
            raise ValueError(f"Cannot change: {', '.join(sorted(unknown))}.")
        carrier.set_profile(values)
        return jsonify(asdict(carrier.profile))

    @api.post("/carriers/<slug>/census")
    def census(slug: str) -> ResponseReturnValue:
        return jsonify(files=carrier_or_404(slug).send_census())

    @api.post("/carriers/<slug>/reset")
    def carrier_reset(slug: str) -> ResponseReturnValue:
        carrier_or_404(slug)
        world.reset_carrier(slug)
        return jsonify(ok=True)

    @api.get("/carriers/<slug>/members")
    def members(slug: str) -> ResponseReturnValue:
        """People with their coverage lines, and the same as census rows without any mistake."""
        carrier = carrier_or_404(slug)
        people = carrier.table.all()
        today = world.clock.today()
        return jsonify(members=[asdict(item) for item in people], rows=census_rows(people, today, ""))

    @api.get("/carriers/<slug>/effects")
    def effects(slug: str) -> ResponseReturnValue:
        return jsonify(effects=carrier_or_404(slug).logged("effects"))

    @api.get("/carriers/<slug>/refusals")
    def refusals(slug: str) -> ResponseReturnValue:
        return jsonify(refusals=carrier_or_404(slug).logged("refusals"))

    @api.get("/carriers/<slug>/files")
    def files(slug: str) -> ResponseReturnValue:
        return jsonify(files=carrier_or_404(slug).files(with_text=True))

    @api.get("/carriers/<slug>/sent")
    def sent(slug: str) -> ResponseReturnValue:
        return jsonify(sent=carrier_or_404(slug).sent(with_text=True))


def add_mail_routes(api: Blueprint, world: World) -> None:
    @api.get("/mail")
    def messages() -> ResponseReturnValue:
        """All messages with their parts, newest first; `?to=` for one recipient."""
        numbers = [item["id"] for item in world.mailbox.messages(request.args.get("to", ""))]
        found = [world.mailbox.get(number) for number in numbers]
        return jsonify(messages=[message.as_json() for message in found if message])

    @api.delete("/mail")
    def clear() -> ResponseReturnValue:
        world.mailbox.clear()
        return jsonify(ok=True)

    @api.post("/mail/switches")
    def mail_switches() -> ResponseReturnValue:
        world.mailbox.set_switches(body())
        return jsonify(world.mailbox.state())
