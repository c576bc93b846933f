"""One message into one channel. Slack knows no idempotency key, so ours travels in the message's metadata and is looked for first."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.integrations.adapters.slack.api import API
from app.integrations.ports import Message, Steps
from app.integrations.reading import facts_of, needed, records_in
from app.integrations.transports.http.calls import Answer, Call, Form

EVENT = "corridor_notice"
LOOKS_BACK = "100"
_MOST_TITLE, _MOST_TEXT = 150, 2900  # Slack's own: 150 and 3000


class SlackConfig(BaseModel):
    """Nothing secret."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    channel: str = Field(
        title="Channel ID",
        description="In Slack: click the name of the channel; the ID is at the bottom. Invite the bot to the channel first.",
        examples=["C0123456789"],
        pattern=r"^[CG][A-Z0-9]{8,20}$",
    )


class Slack:
    """See `Messenger`."""

    def __init__(self, config: SlackConfig) -> None:
        self._channel = config.channel

    def post(self, message: Message, key: str) -> Steps[str]:
        """Look whether it is there, then post. Returns the message's `ts`."""
        found = _ours((yield self._history()), key)
        if found:
            return found
        answer = yield API.operation("message.post").call(Form(tuple(self._fields(message, key).items())))
        return needed(facts_of(answer.json()), "ts")

    def _history(self) -> Call:
        query = (("channel", self._channel), ("limit", LOOKS_BACK), ("include_all_metadata", "true"))
        return API.resource("message").list(query)

    def _fields(self, message: Message, key: str) -> dict[str, str]:
        return {
            "channel": self._channel,
            "text": escaped(message.title),
            "blocks": _json(_blocks(message)),
            "metadata": _json({"event_type": EVENT, "event_payload": {"key": key}}),
            "unfurl_links": "false",
            "unfurl_media": "false",
        }


def open_messenger(config: BaseModel) -> Slack:
    """The mapping of one connection."""
    if not isinstance(config, SlackConfig):
        raise TypeError("slack needs a SlackConfig")
    return Slack(config)


def escaped(text: str) -> str:
    """Slack's three control characters; nothing in it becomes a mention or a link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _blocks(message: Message) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = [{"type": "header", "text": _plain(message.title[:_MOST_TITLE])}]
    if message.text:
        blocks.append({"type": "section", "text": _plain(message.text[:_MOST_TEXT])})
    if message.link:
        link = f"<{escaped(message.link).replace('|', '%7C')}|{escaped(message.link_words or message.link)}>"
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": link}})
    return blocks


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}


def _ours(answer: Answer, key: str) -> str:
    for one in records_in(facts_of(answer.json()), "messages"):
        metadata = one.get("metadata") or {}
        if metadata.get("event_type") == EVENT and (metadata.get("event_payload") or {}).get("key") == key:
            return needed(one, "ts")
    return ""


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
