"""The whole of a provider's webhooks as data, and what the door does with one delivery: shake hands, believe, read events."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from app.integrations.sync.mapping import at
from app.integrations.transports.http.rules import at_path
from app.integrations.webhooks.delivery import Delivery, NotBelieved, Reason
from app.integrations.webhooks.kinds import Verifier
from app.integrations.webhooks.verifiers import Proof, verify


class Handshake(StrEnum):
    """How a provider finds out whether the address is ours."""

    NONE = "none"
    SLACK = "echo the challenge of a signed url_verification"
    GRAPH = "echo ?validationToken= as plain text"
    CHALLENGE = "echo ?challenge= as plain text"
    XERO = "200 to a good signature and 401 to a bad one"


@dataclass(frozen=True, slots=True)
class Events:
    """Where the events of a body stand.

    items: a jmespath of the list, empty when the body is one event (or is itself a list). before: the shape a provider used earlier
    and may still send; it is read where its list stands in the body. id, kind: places in an event, or `header:Name`.
    Without an id the event is known by its hash. subject: the id of the object it is about. about: kind → resource to fetch
    again; `*` at the end of a kind stands for anything; kinds are compared without case, `_` and `.` alike. each_seconds: for hints
    that have no id and read the same each time (Graph): after so long the same words are a new event.
    """

    items: str = ""
    id: str = ""
    kind: str = ""
    subject: str = ""
    about: Mapping[str, str] | None = None
    before: Events | None = None
    each_seconds: int = 0


@dataclass(frozen=True, slots=True)
class Webhooks:
    """secret: the name of the field in the adapter's secrets; otherwise: the one that stands in while it is empty, for providers
    that sign with the API key itself. most_bytes: larger bodies are not read.

    empty: a delivery without a body is an event of its own (Google Drive: everything is in the headers).
    """

    verifier: Verifier | None
    events: Events
    secret: str = ""
    otherwise: str = ""
    handshake: Handshake = Handshake.NONE
    most_bytes: int = 1_000_000
    empty: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """id: the key it is kept under once, unique within a connection. resource: what to fetch again; empty when unknown."""

    id: str
    kind: str
    subject: str
    resource: str


@dataclass(frozen=True, slots=True)
class Response:
    """What the door says at once, without cookies."""

    status: int
    body: str = ""
    content_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Received:
    """events: to be stored once each, then applied by a job that fetches the object again; an event is only a hint."""

    response: Response
    events: Sequence[Event] = ()
    proof: Proof | None = None


_ASKED_IN = {Handshake.GRAPH: "validationToken", Handshake.CHALLENGE: "challenge"}


def greeting(webhooks: Webhooks, query: Mapping[str, str]) -> str | None:
    """What the address is to echo, unsigned and before anything else; None when this is no such question."""
    name = _ASKED_IN.get(webhooks.handshake)
    return query.get(name) if name else None


def receive(webhooks: Webhooks, delivery: Delivery, secrets: Sequence[str], now: datetime) -> Received:
    """What to answer and what to store. secrets: the newest first. now: UTC, aware.

    Raises:
        NotBelieved: answer 401 with an empty body, store nothing but the reason.
    """
    if (asked := greeting(webhooks, delivery.query)) is not None:
        return Received(Response(200, _echo(asked)))
    if len(delivery.body) > webhooks.most_bytes:
        raise NotBelieved(Reason.BODY_UNREADABLE)
    if webhooks.verifier is None:
        raise NotBelieved(Reason.SECRET_MISSING)
    proved = verify(webhooks.verifier, delivery, secrets, now)
    if webhooks.empty and not delivery.body:
        return Received(Response(200), [_event(webhooks.events, {}, delivery, now)], proved)
    document = delivery.json()
    if webhooks.handshake is Handshake.SLACK and at_path(document, "type") == "url_verification":
        return Received(Response(200, _echo(at_path(document, "challenge"))), (), proved)
    return Received(Response(200), read_events(webhooks.events, delivery, document, now), proved)


def read_events(events: Events, delivery: Delivery, document: Any, now: datetime) -> list[Event]:
    """The events of a body that is believed. Raises `NotBelieved` when it is not of the promised shape."""
    if events.before is not None and isinstance(document, dict) and at(document, events.before.items) is not None:
        events = events.before
    items = at(document, events.items) if events.items else document
    found = items if isinstance(items, list) else [items]
    if not all(isinstance(item, dict) for item in found):
        raise NotBelieved(Reason.BODY_UNREADABLE)
    return [_event(events, item, delivery, now) for item in found]


def resource_of(events: Events, kind: str) -> str:
    """What an event of this kind is about; empty when the manifest does not know it."""
    wanted = _plain(kind)
    for known, resource in (events.about or {}).items():
        pattern = _plain(known)
        if wanted == pattern or (pattern.endswith("*") and wanted.startswith(pattern[:-1])):
            return resource
    return ""


def _plain(kind: str) -> str:
    return re.sub(r"[^a-z0-9*]", "", kind.lower())


def _event(events: Events, item: Mapping[str, Any], delivery: Delivery, now: datetime) -> Event:
    kind = _text(events.kind, item, delivery)
    own = _text(events.id, item, delivery)
    again = f":{int(now.timestamp()) // events.each_seconds}" if events.each_seconds else ""
    return Event(
        own or _hash(delivery, item) + again, kind, _text(events.subject, item, delivery), resource_of(events, kind)
    )


def _text(place: str, item: Mapping[str, Any], delivery: Delivery) -> str:
    """Places may be joined with `+`: an event known by several."""
    parts = [
        delivery.header(part[7:]) if part.startswith("header:") else at_path(item, part)
        for part in place.split("+")
        if part
    ]
    if not all(isinstance(part, str | int) and part != "" for part in parts):
        return ""
    return ":".join(str(part) for part in parts)[:200]


def _hash(delivery: Delivery, item: Mapping[str, Any]) -> str:
    return "sha256:" + hashlib.sha256(delivery.body + repr(sorted(item.items())).encode()).hexdigest()


def _echo(text: Any) -> str:
    """Only what cannot be more than a token: it goes back as plain text."""
    if not isinstance(text, str) or not re.fullmatch(r"[\x20-\x7e]{1,2000}", text):
        raise NotBelieved(Reason.BODY_UNREADABLE)
    return text
