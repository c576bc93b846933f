"""SharePoint, as Microsoft Graph shows it: one site with two libraries, files and folders by path, delta, upload sessions."""

from __future__ import annotations

import base64
import json
import re
import secrets
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.vendors.core import Caller, Change, Client, Delivery, Description, Patch, Refused, Row, Vendor
from sandbox.vendors.core.rows import DELETED

TENANT, CLIENT, SECRET = "contoso.onmicrosoft.com", "11111111-2222-3333-4444-555555555555", "sandbox~client~secret"
HOST, PATH, SITE = "contoso.sharepoint.com", "/sites/benefits", "contoso.sharepoint.com,0f0f,1e1e"
DRIVES = {"b!documents": "Documents", "b!archive": "Archive"}
UNIT, MOST_AT_ONCE = 320 * 1024, 4 * 1024 * 1024
_CODES = {
    401: "InvalidAuthenticationToken",
    403: "accessDenied",
    404: "itemNotFound",
    409: "nameAlreadyExists",
    410: "resyncRequired",
}


def hash_of(data: bytes) -> str:
    """QuickXorHash, one byte after the other as Microsoft describes it."""
    ring, whole = 0, (1 << 160) - 1
    for number, byte in enumerate(data):
        turned = byte << (number * 11) % 160
        ring ^= (turned & whole) | (turned >> 160)
    block = bytearray(ring.to_bytes(20, "little"))
    for number, byte in enumerate(len(data).to_bytes(8, "little")):
        block[12 + number] ^= byte
    return base64.b64encode(bytes(block)).decode()


class SharePoint(Vendor):
    """page_size: of a delta. hashes: whether new files have theirs already. oldest: delta tokens before this change are gone."""

    slug, name = "sharepoint", "SharePoint"
    token_path = f"/{TENANT}/oauth2/v2.0/token"
    description = Description(
        "msgraph/graph-v1.0-hr-subset.openapi3.json",
        patches=(
            Patch(
                ("paths", "/drives/{id}/root/delta(token={token})", "get", "parameters", 1, "schema", "type"),
                "string",
                "openapi-core reads a parameter of one type only",
            ),
        ),
        skip=("/drives/*/root:/*", "/sites/*:*", "/upload/*", token_path),  # addresses by path are not in it
    )
    verbs = ("add", "write", "rename", "remove", "expire")

    def setup(self) -> None:
        self.access.clients[CLIENT] = Client(SECRET, "https://graph.microsoft.com/.default")
        self.page_size, self.hashes, self.oldest = 200, True, 0
        self.sessions: dict[str, dict[str, Any]] = {}
        for name in ("summary of benefits.txt", "plan document.txt", "notice of privacy practices.txt"):
            self.add(f"Plans/2026/{name}", name)

    def hints(self) -> dict[str, str]:
        return {
            "tenant": TENANT, "client_id": CLIENT, "client_secret": SECRET, "sign_in": "client_secret", "site_url": f"https://{HOST}{PATH}",
        }  # fmt: skip

    def refusal(self, status: int, message: str = "", code: str = "") -> Response:
        body = {"error": {"code": code or _CODES.get(status, "generalException"), "message": message or "No."}}
        return Response(json.dumps(body), status, content_type="application/json")

    def admit(self) -> Caller:
        if not request.path.startswith("/upload/"):
            return self.access.caller(request)
        if request.headers.get("Authorization"):
            raise Refused(401, "The address of a session knows you by itself.")
        return Caller("key", "session")

    def sign(self, delivery: Delivery, secret: str) -> dict[str, str]:
        del delivery, secret  # the clientState stands in the body
        return {}

    def on_change(self, change: Change, row: Row) -> None:
        if change.kind != "item":
            return
        for hook in list(self.webhooks.hooks.values()):
            note = {
                "subscriptionId": hook.id, "clientState": hook.secret, "changeType": "updated",
                "resource": f"drives/{row.facts['drive']}/root", "tenantId": TENANT,
                "subscriptionExpirationDateTime": "2026-12-20T18:23:45.9356913Z",
            }  # fmt: skip
            self.webhooks.emit("updated", {"value": [note]}, [hook])

    # What people do in the browser

    def add(self, path: str, text: str = "", drive: str = "b!documents") -> str:
        """A file with its folders; its id."""
        return self._made(drive, path.split("/"), text.encode(), "text/plain").id

    def write(self, id: str, text: str) -> None:
        self.rows.change("item", id, {"data": text.encode()})

    def rename(self, id: str, name: str) -> None:
        self.rows.change("item", id, {"name": name})

    def remove(self, id: str) -> None:
        self.rows.delete("item", id)

    def expire(self) -> None:
        """Every delta token there is."""
        self.oldest = len(self.rows.log) + 1

    # The API

    def routes(self, app: Flask) -> None:
        app.add_url_rule("/sites/<path:address>", view_func=self.site)
        app.add_url_rule("/sites/<site>/drive", view_func=self.own_drive)
        app.add_url_rule("/sites/<site>/drives", view_func=self.drives)
        app.add_url_rule("/drives/<drive>/root/<path:delta>", view_func=self.delta)
        app.add_url_rule("/drives/<drive>/root:/<path:place>", view_func=self.by_path, methods=["GET", "PUT", "POST"])
        app.add_url_rule("/upload/<session>", view_func=self.piece, methods=["PUT"])

    def site(self, address: str) -> ResponseReturnValue:
        if address != f"{HOST}:{PATH}":
            raise Refused(404)
        return jsonify(id=SITE, name="benefits", displayName="Benefits", webUrl=f"https://{HOST}{PATH}")

    def own_drive(self, site: str) -> ResponseReturnValue:
        self._known(site)
        return jsonify(self._drive("b!documents"))

    def drives(self, site: str) -> ResponseReturnValue:
        self._known(site)
        return jsonify(value=[self._drive(drive) for drive in DRIVES])

    def _known(self, site: str) -> None:
        if site != SITE:
            raise Refused(404)

    def _drive(self, drive: str) -> dict[str, Any]:
        return {"id": drive, "name": DRIVES[drive], "driveType": "documentLibrary"}

    def delta(self, drive: str, delta: str) -> ResponseReturnValue:
        """Everything, or the last change of each item since a token; a token is `kind.since.until.offset`."""
        given = re.fullmatch(r"delta\((?:token='([a-z0-9.]+)')?\)", delta)
        if drive not in DRIVES or given is None:
            raise Refused(404)
        kind, since, until, offset = self._place(given.group(1))
        found = self._all(drive) if kind == "a" else self._changed(drive, since, until)
        page, rest = found[offset : offset + self.page_size], found[offset + self.page_size :]
        more = self.more(bool(rest))
        token = f"{kind}.{since}.{until}.{offset + len(page)}" if more else f"c.{until}.0.0"
        link = f"https://graph.microsoft.com/v1.0/drives/{drive}/root/delta(token='{token}')"
        return jsonify({"value": page, ("@odata.nextLink" if more else "@odata.deltaLink"): link})

    def _place(self, token: str | None) -> tuple[str, int, int, int]:
        now = len(self.rows.log)
        if token is None:
            return "a", 0, now, 0
        kind, since, until, offset = token.split(".")
        if int(since) < self.oldest and (kind == "c" or self.oldest > int(until)):
            raise Refused(410, headers={"Location": "https://graph.microsoft.com/v1.0/drives/x/root/delta"})
        return kind, int(since), int(until) or now, int(offset)

    def _all(self, drive: str) -> list[dict[str, Any]]:
        root = {"id": f"root-{drive}", "name": "root", "root": {}, "folder": {"childCount": 1}, "size": 0}
        return [root, *(self.shown(row) for row in self.rows.all("item") if row.facts["drive"] == drive)]

    def _changed(self, drive: str, since: int, until: int) -> list[dict[str, Any]]:
        last = {one.id: one for one in self.rows.log if one.kind == "item" and since < one.number <= until}
        found = []
        for change in sorted(last.values(), key=lambda one: one.number):
            row = self.rows.get("item", change.id)
            if change.action == DELETED or row is None:
                reference = {"driveId": drive}
                found.append({"id": change.id, "deleted": {"state": "deleted"}, "parentReference": reference})
            elif row.facts["drive"] == drive:
                found.append(self.shown(row))
        return found

    def by_path(self, drive: str, place: str) -> ResponseReturnValue:
        path, _, what = place.partition(":")
        if drive not in DRIVES:
            raise Refused(404)
        if request.method == "GET" and not what:
            found = self._at(drive, path.split("/"))
            if found is None:
                raise Refused(404)
            return jsonify(self.shown(found))
        if request.method == "PUT" and what == "/content":
            self._free(drive, path, request.args.get("@microsoft.graph.conflictBehavior", ""))
            if len(request.get_data()) > MOST_AT_ONCE:
                raise Refused(413, "Too large for one request.")
            made = self._made(drive, path.split("/"), request.get_data(), request.content_type or "")
            return jsonify(self.shown(made)), 201
        if request.method == "POST" and what == "/createUploadSession":
            self._free(drive, path, (request.get_json().get("item") or {}).get("@microsoft.graph.conflictBehavior", ""))
            session = secrets.token_hex(8)
            self.sessions[session] = {"drive": drive, "path": path, "data": b""}
            return jsonify(uploadUrl=f"{self.url}/upload/{session}?tempauth=t", **self._expected(0))
        raise Refused(400)

    def _free(self, drive: str, path: str, conflict: str) -> None:
        if conflict != "fail":
            raise Refused(400, "Say what happens to a file of this name.")
        if self._at(drive, path.split("/")) is not None:
            raise Refused(409)

    def piece(self, session: str) -> ResponseReturnValue:
        kept = self.sessions.get(session)
        said = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", request.headers.get("Content-Range", ""))
        if kept is None or said is None:
            raise Refused(404 if kept is None else 400)
        start, end, total = map(int, said.groups())
        if start != len(kept["data"]) or end - start + 1 != len(request.get_data()):
            raise Refused(416, "This is not the range that comes next.", "invalidRange")
        last = end + 1 == total
        if not last and (end - start + 1) % UNIT:
            raise Refused(400, "Pieces are multiples of 320 KiB.")
        kept["data"] += request.get_data()
        if not last:
            return jsonify(self._expected(end + 1)), 202
        del self.sessions[session]
        made = self._made(kept["drive"], kept["path"].split("/"), kept["data"], "application/octet-stream")
        return jsonify(self.shown(made, hashed=False)), 201

    def _expected(self, start: int) -> dict[str, Any]:
        ends = self.clock.now() + timedelta(days=1)
        return {"expirationDateTime": ends.isoformat().replace("+00:00", "Z"), "nextExpectedRanges": [f"{start}-"]}

    def _made(self, drive: str, parts: list[str], data: bytes, kind: str) -> Row:
        parent = ""
        for depth, name in enumerate(parts[:-1], 1):
            found = self._at(drive, parts[:depth])
            facts = {"drive": drive, "name": name, "parent": parent, "data": None, "kind": ""}
            parent = (found or self.rows.add("item", facts)).id
        return self.rows.add("item", {"drive": drive, "name": parts[-1], "parent": parent, "data": data, "kind": kind})

    def _at(self, drive: str, parts: list[str]) -> Row | None:
        """Names are compared without case, as SharePoint does."""
        parent, found = "", None
        for name in parts:
            wanted = (drive, parent, name.casefold())
            rows = (row for row in self.rows.all("item"))
            found = next(
                (
                    row
                    for row in rows
                    if (row.facts["drive"], row.facts["parent"], row.facts["name"].casefold()) == wanted
                ),
                None,
            )
            if found is None:
                return None
            parent = found.id
        return found

    def shown(self, row: Row, hashed: bool = True) -> dict[str, Any]:
        facts, way = row.facts, list[str]()
        above = self.rows.get("item", facts["parent"])
        while above is not None:
            way.insert(0, above.facts["name"])
            above = self.rows.get("item", above.facts["parent"])
        place = quote("/".join(way))
        item = {
            "id": row.id, "name": facts["name"], "webUrl": f"https://{HOST}{PATH}/{place}/{quote(facts['name'])}",
            "size": len(facts["data"] or b""), "lastModifiedDateTime": row.changed_at.isoformat().replace("+00:00", "Z"),
            "parentReference": {
                "driveId": facts["drive"], "id": facts["parent"] or f"root-{facts['drive']}",
                "path": f"/drives/{facts['drive']}/root:{'/' + place if place else ''}",
            },
        }  # fmt: skip
        if facts["data"] is None:
            return item | {"folder": {"childCount": 1}}
        hashes = {"quickXorHash": hash_of(facts["data"])} if hashed and self.hashes else {}
        return item | {"file": {"mimeType": facts["kind"], "hashes": hashes}}


VENDOR = SharePoint
