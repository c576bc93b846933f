"""Microsoft Teams: one workflow that posts what it is sent. There is no API description of it; the shape is checked here."""

from __future__ import annotations

import hmac
import json

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue

from sandbox.vendors.core import Caller, Refused, Vendor

PATH = "/workflows/0f0f/triggers/manual/paths/invoke"
SIGNATURE = "sandbox-signature-of-the-workflow"
QUERY = f"api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig={SIGNATURE}"
CARD = "application/vnd.microsoft.card.adaptive"


class Teams(Vendor):
    slug = "teams"
    name = "Microsoft Teams"

    def setup(self) -> None:
        self.is_on = True

    def hints(self) -> dict[str, str]:
        return {"workflow_url": f"https://prod-00.region.environment.api.powerplatform.com:443{PATH}?{QUERY}"}

    def refusal(self, status: int, message: str = "", code: str = "") -> Response:
        body = json.dumps({"error": {"code": code or "Failed", "message": message}})
        return Response(body, status, content_type="application/json")

    def admit(self) -> Caller:
        if not hmac.compare_digest(request.args.get("sig", "").encode(), SIGNATURE.encode()):
            raise Refused(401, "The signature is not of this workflow.", "DirectApiAuthorizationRequired")
        return Caller("key", "workflow")

    def routes(self, app: Flask) -> None:
        @app.post(PATH)
        def run() -> ResponseReturnValue:
            if not self.is_on:
                raise Refused(400, "The workflow is not enabled.", "WorkflowTriggerIsNotEnabled")
            sent = request.get_json(silent=True)
            attachments = sent.get("attachments") if isinstance(sent, dict) and sent.get("type") == "message" else None
            if not attachments or any(one.get("contentType") != CARD for one in attachments):
                raise Refused(400, "The body does not have the expected shape.", "TriggerInputSchemaMismatch")
            for one in attachments:
                self.rows.add("card", one["content"])
            return Response(status=202)


VENDOR = Teams
