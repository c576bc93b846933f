"""A SCIM 2.0 service (RFC 7643, 7644) of a wellness provider: users by bearer token."""

from __future__ import annotations

import json
from typing import Any

from flask import Flask, Response, request

from sandbox.vendors.core import Caller, Refused, Row, Vendor

TOKEN = "scim-sandbox-token"
MOST = 50


class ScimService(Vendor):
    slug, name = "wellness_file", "SCIM service of a wellness provider"

    def setup(self) -> None:
        self.rows.add("user", {"userName": "admin@provider.example", "active": True})  # not one of ours

    def hints(self) -> dict[str, str]:
        return {
            "api_url": f"{self.url}/scim/v2", "scim_token": TOKEN, "method": "api", "scim_url": "https://scim.provider.example/scim/v2",
        }  # fmt: skip

    def admit(self) -> Caller:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            raise Refused(401, "Unknown token")
        return Caller("key", TOKEN)

    def refusal(self, status: int, message: str = "", code: str = "") -> Response:
        schemas = ["urn:ietf:params:scim:api:messages:2.0:Error"]
        return self._said({"schemas": schemas, "status": str(status), "detail": message, "scimType": code}, status)

    def routes(self, app: Flask) -> None:
        app.get("/scim/v2/Users")(self._list)
        app.post("/scim/v2/Users")(self._create)
        app.patch("/scim/v2/Users/<id>")(self._change)

    def _said(self, value: Any, status: int = 200) -> Response:
        return Response(json.dumps(value), status, content_type="application/scim+json")

    def _shown(self, row: Row) -> dict[str, Any]:
        return {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": row.id, **row.facts}

    def _list(self) -> Response:
        start, count = int(request.args.get("startIndex", 1)), min(int(request.args.get("count", MOST)), MOST)
        rows = self.rows.all("user")
        page = rows[start - 1 : start - 1 + count] if self.more(True) or start == 1 else []
        schemas = ["urn:ietf:params:scim:api:messages:2.0:ListResponse"]
        found = {"schemas": schemas, "totalResults": len(rows), "startIndex": start, "itemsPerPage": len(page)}
        return self._said({**found, "Resources": [self._shown(row) for row in page]})

    def _create(self) -> Response:
        sent = json.loads(request.get_data())
        if any(row.facts["userName"] == sent["userName"] for row in self.rows.all("user")):
            raise Refused(409, "userName is taken", "uniqueness")
        if "@" not in sent["userName"]:
            raise Refused(400, "userName must be an address", "invalidValue")
        return self._said(self._shown(self.rows.add("user", sent)), 201)

    def _change(self, id: str) -> Response:
        if self.rows.get("user", id) is None:
            raise Refused(404, "no such user")
        for operation in json.loads(request.get_data())["Operations"]:
            self.rows.change("user", id, operation["value"])
        row = self.rows.get("user", id)
        assert row is not None
        return self._said(self._shown(row))


VENDOR = ScimService
