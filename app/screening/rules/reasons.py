"""The words beside a date: "CA: 2 + 5 business days, e-mail". Messages are fixed, so that they can be translated; values fill them in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.screening.rules.schema import Extension, Receipt, Wait
from app.screening.rules.words import Channel, Unit

_CHANNELS: Mapping[Channel, str] = {
    Channel.EMAIL: "e-mail",
    Channel.TRACKED_MAIL: "tracked mail",
    Channel.MAIL: "mail without tracking",
    Channel.IN_PERSON: "in person",
}

_WAITED: Mapping[tuple[Unit | None, Unit], str] = {
    (None, Unit.BUSINESS): "%(place)s: %(wait)s business days, %(channel)s",
    (None, Unit.CALENDAR): "%(place)s: %(wait)s days, %(channel)s",
    (Unit.BUSINESS, Unit.BUSINESS): "%(place)s: %(receipt)s + %(wait)s business days, %(channel)s",
    (Unit.CALENDAR, Unit.CALENDAR): "%(place)s: %(receipt)s + %(wait)s days, %(channel)s",
    (Unit.CALENDAR, Unit.BUSINESS): "%(place)s: %(receipt)s days + %(wait)s business days, %(channel)s",
    (Unit.BUSINESS, Unit.CALENDAR): "%(place)s: %(receipt)s business days + %(wait)s days, %(channel)s",
}

_EXTENDED: Mapping[Unit, str] = {
    Unit.BUSINESS: "%(place)s: + %(days)s business days, the candidate announced a dispute or evidence on %(on)s",
    Unit.CALENDAR: "%(place)s: + %(days)s days, the candidate announced a dispute or evidence on %(on)s",
}

_PAUSED = "The clock stood still from %(first)s to %(last)s, in dispute"


@dataclass(frozen=True, slots=True)
class Reason:
    """`message` takes `values` by name (`%(place)s`); dates among them are for the page to spell."""

    message: str
    values: Mapping[str, Any]
    due_on: date | None = None

    def __str__(self) -> str:
        return self.message % self.values


def waited(place: str, wait: Wait, receipt: Receipt | None, channel: Channel, due_on: date) -> Reason:
    values: dict[str, Any] = {"place": place, "wait": wait.days, "channel": _CHANNELS[channel]}
    if receipt is not None:
        values["receipt"] = receipt.days
    return Reason(_WAITED[receipt.unit if receipt else None, wait.unit], values, due_on)


def extended(place: str, extension: Extension, said_on: date, due_on: date) -> Reason:
    return Reason(_EXTENDED[extension.unit], {"place": place, "days": extension.days, "on": said_on}, due_on)


def paused(first: date, last: date) -> Reason:
    return Reason(_PAUSED, {"first": first, "last": last})
