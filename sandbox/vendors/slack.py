"""Slack: a bot that posts into channels of one workspace, and events that tell us so."""

from __future__ import annotations

import hmac
import json
from typing import Any

from flask import Flask, Response, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.vendors.core import Caller, Change, Delivery, Description, Patch, Refused, Row, Vendor

CHANNEL = "C0123456789"
_OPERATIONS = (("/chat.postMessage", "post"), ("/auth.test", "get"), ("/conversations.history", "get"))
_HISTORY = ("paths", "/conversations.history", "get")
_ASKED = ("channel", "latest", "oldest", "inclusive", "limit", "cursor", "include_all_metadata")
_WORDS = {401: "invalid_auth", 403: "missing_scope", 404: "channel_not_found", 429: "ratelimited", 500: "fatal_error"}


def _schema(responses: dict[str, Any], status: str) -> Any:
    return responses[status]["content"]["application/json"]["schema"]


def _either(responses: dict[str, Any]) -> dict[str, Any]:
    """What was told as `default` comes with 200, too."""
    both = {"oneOf": [_schema(responses, "200"), _schema(responses, "default")]}
    return {"200": {"description": "", "content": {"application/json": {"schema": both}}}}


def _any_history(schema: dict[str, Any]) -> dict[str, Any]:
    messages = schema["properties"]["messages"]
    fewer = {name: messages[name] for name in messages if name != "minItems"}
    return schema | {"additionalProperties": True, "properties": schema["properties"] | {"messages": fewer}}


class Slack(Vendor):
    """What it says no to comes with status 200, as Slack does; only too many requests are 429."""

    slug = "slack"
    name = "Slack"
    description = Description(
        "slack/slack_web_openapi3.json",
        patches=(
            Patch(("paths", "/chat.postMessage", "post", "parameters"), [], "the token is a bearer token, no header `token`"),
            Patch(("paths", "/auth.test", "get", "parameters"), [], "the token is a bearer token, no header `token`"),
            Patch(
                (*_HISTORY, "parameters"),
                [{"name": name, "in": "query", "schema": {"type": "string"}} for name in _ASKED],
                "include_all_metadata is younger than the description (docs.slack.dev)",
            ),
            Patch(
                (*_HISTORY, "responses", "200", "content", "application/json", "schema"),
                _any_history,
                "a channel may be empty, and its own example has response_metadata",
            ),
            *(
                Patch(("paths", path, method, "responses"), _either, "a refusal comes with status 200")
                for path, method in _OPERATIONS
            ),
            Patch(
                ("components", "schemas", "objs_message", "additionalProperties"),
                True,
                "metadata is younger than the description (docs.slack.dev)",
            ),
        ),
    )  # fmt: skip
    verbs = ("archive", "ask_address")

    def setup(self) -> None:
        self.token = self.access.issue("bot", "chat:write channels:history", with_refresh=False).access
        self.rows.add("channel", {"name": "benefits", "is_member": True, "is_archived": False}, CHANNEL)

    def hints(self) -> dict[str, str]:
        return {"bot_token": self.token, "channel": CHANNEL}

    def refusal(self, status: int, message: str = "", code: str = "") -> Response:
        del message  # Slack has only words
        body = json.dumps({"ok": False, "error": code or _WORDS.get(status, "unknown_method")})
        return Response(body, status if status in (429, 500, 503) else 200, content_type="application/json")

    def admit(self) -> Caller:
        return self.access.caller(request)

    def sign(self, delivery: Delivery, secret: str) -> dict[str, str]:
        timestamp = str(int(self.clock.now().timestamp()))
        proof = hmac.new(secret.encode(), f"v0:{timestamp}:".encode() + delivery.body, "sha256").hexdigest()
        return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={proof}"}

    def on_change(self, change: Change, row: Row) -> None:
        if change.kind == "channel" and row.facts["is_archived"]:
            event = {"type": "channel_archive", "channel": row.id, "user": "U0123456789"}
            self._tell({"type": "event_callback", "event_id": f"Ev{change.number:09d}", "event": event})

    def ask_address(self) -> None:
        """What Slack sends when somebody enters our address."""
        self._tell({"type": "url_verification", "challenge": "c-7"})

    def archive(self, channel: str = CHANNEL) -> None:
        self.rows.change("channel", channel, {"is_archived": True})

    def _tell(self, body: dict[str, Any]) -> None:
        self.webhooks.emit(body["type"], {"token": "deprecated", "team_id": "T0123456789"} | body)

    def routes(self, app: Flask) -> None:
        @app.get("/auth.test")
        def who() -> ResponseReturnValue:
            return jsonify(
                ok=True, url="https://example.slack.com/", team="Example", user="corridor", team_id="T0123456789",
                user_id="U0123456789", bot_id="B0123456789",
            )  # fmt: skip

        @app.get("/conversations.history")
        def history() -> ResponseReturnValue:
            channel = self._channel(request.args.get("channel", ""))
            found = [row.facts for row in reversed(self.rows.all("message")) if row.facts["channel"] == channel.id]
            shown = [{key: one[key] for key in one if key != "channel"} for one in found]
            if request.args.get("include_all_metadata") != "true":
                shown = [{key: one[key] for key in one if key != "metadata"} for one in shown]
            most = int(request.args.get("limit", "100"))
            return jsonify(
                ok=True, messages=shown[:most], has_more=len(shown) > most, pin_count=0, channel_actions_ts=None,
                channel_actions_count=0,
            )  # fmt: skip

        @app.post("/chat.postMessage")
        def post() -> ResponseReturnValue:
            form = request.form
            channel = self._open_channel(form.get("channel", ""))
            if not form.get("text") and not form.get("blocks"):
                raise Refused(400, code="no_text")
            return jsonify(ok=True, channel=channel.id, **self._posted(channel.id, form))

    def _channel(self, channel: str) -> Row:
        row = self.rows.get("channel", channel)
        if row is None:
            raise Refused(404)
        return row

    def _open_channel(self, channel: str) -> Row:
        row = self._channel(channel)
        for fact, wrong, word in (("is_member", False, "not_in_channel"), ("is_archived", True, "is_archived")):
            if row.facts[fact] is wrong:
                raise Refused(403, code=word)
        return row

    def _posted(self, channel: str, form: Any) -> dict[str, Any]:
        ts = f"{int(self.clock.now().timestamp()):010d}.{len(self.rows.all('message')) + 1:06d}"
        message = {"type": "message", "text": form.get("text", ""), "ts": ts, "bot_id": "B0123456789"}
        kept = message | {name: json.loads(form[name]) for name in ("blocks", "metadata") if form.get(name)}
        self.rows.add("message", kept | {"channel": channel})
        return {"ts": ts, "message": message}


VENDOR = Slack
