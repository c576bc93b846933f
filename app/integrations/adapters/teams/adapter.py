"""One Adaptive Card to one workflow. Its address is the secret; it gives back no id and knows no key."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.integrations.adapters.teams.api import API
from app.integrations.ports import Message, Steps
from app.integrations.transports.http.calls import Json

SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"
_MOST_TITLE, _MOST_TEXT = 200, 5000  # a message for Teams must stay below 28 KB


class TeamsConfig(BaseModel):
    """Nothing secret, and nothing that decides anything: the workflow knows its channel."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    channel: str = Field("", title="Channel", description="For your own orientation.", max_length=100)


class Teams:
    """See `Messenger`. Nobody can look whether a message is there: one whose answer was lost is a person's decision (ASK)."""

    def post(self, message: Message, key: str) -> Steps[str]:
        """One card. The answer says that the workflow took it, not that it stands in the channel."""
        del key
        yield API.operation("message.post").call(Json(_enveloped(_card(message))))
        return ""


def open_messenger(config: BaseModel) -> Teams:
    """The mapping of one connection."""
    if not isinstance(config, TeamsConfig):
        raise TypeError("teams needs a TeamsConfig")
    return Teams()


def _card(message: Message) -> dict[str, Any]:
    """Text runs, not text blocks: those would read Markdown in it."""
    body = [_run(message.title[:_MOST_TITLE], size="Large", weight="Bolder")]
    if message.text:
        body.append(_run(message.text[:_MOST_TEXT]))
    card: dict[str, Any] = {"$schema": SCHEMA, "type": "AdaptiveCard", "version": "1.4", "body": body}
    if message.link:
        words = message.link_words or message.link
        card["actions"] = [{"type": "Action.OpenUrl", "title": words, "url": message.link}]
    return card


def _run(text: str, **looks: str) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **looks}]}


def _enveloped(card: dict[str, Any]) -> dict[str, Any]:
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}
