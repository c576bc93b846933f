"""When a candidate's time to answer is over, and why: deemed receipt by channel, the wait of each place, more time, and standing still.

`due_on` is the last day on which the candidate may answer; a decision is final on the day after at the earliest (`calendars.day_over`).
Sources: the rows of the ruling; order and freeze: reference/screening.md §3.1 (1681i) and §3.5.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.screening.rules.calendars import Calendar, days_between
from app.screening.rules.jurisdictions import Ruling
from app.screening.rules.places import Place
from app.screening.rules.reasons import Reason, extended, paused, waited
from app.screening.rules.schema import Extension, Receipt, Wait
from app.screening.rules.words import Channel, Level, Reach, StartsFrom, Trigger


@dataclass(frozen=True, slots=True)
class Delivery:
    """One sending of the notice. Days are those of the candidate's place.

    Attributes:
        to: the address a letter goes to; for an e-mail the residence.
        received_on: for tracked mail and a hand-over, the day on the receipt; not read for the others, whose receipt is deemed.
        bounced: it came back. Then it does not count.
    """

    channel: Channel
    sent_on: date
    to: Place
    received_on: date | None = None
    bounced: bool = False


class Kind(StrEnum):
    DISPUTE_ANNOUNCED = "dispute_announced"
    EVIDENCE_ANNOUNCED = "evidence_announced"
    DISPUTE_OPENED = "dispute_opened"
    DISPUTE_CLOSED = "dispute_closed"


@dataclass(frozen=True, slots=True)
class Happening:
    """What a candidate or the provider did. `ref` ties the opening of a dispute to its end; one opened anew has a new ref."""

    kind: Kind
    on: date
    ref: str = ""


class Standing(StrEnum):
    """Why no clock runs."""

    NOT_SENT = "not_sent"
    BOUNCED = "bounced"
    NOT_RECEIVED = "not_received"
    IN_DISPUTE = "in_dispute"


WORDS: Mapping[Standing, str] = {
    Standing.NOT_SENT: "The notice has not gone out by every way this place asks for",
    Standing.BOUNCED: "The notice came back: send it again another way",
    Standing.NOT_RECEIVED: "The carrier has not yet said when the letter arrived",
    Standing.IN_DISPUTE: "The report is in dispute: the clock stands still until the provider has answered",
}


@dataclass(frozen=True, slots=True)
class Stands:
    why: Standing

    def __str__(self) -> str:
        return WORDS[self.why]


@dataclass(frozen=True, slots=True)
class Due:
    """`reasons`: the one that decides comes first, each followed by what lengthened it."""

    due_on: date
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """The wait a company gives anyway; see `limits` for its bounds."""

    wait: Wait
    short: str = "Company"


@dataclass(frozen=True, slots=True)
class _Rule:
    short: str
    calendar: Calendar
    wait: Wait
    extensions: tuple[Extension, ...]


_GOOD_FOR: Mapping[Channel, frozenset[Channel]] = {
    Channel.MAIL: frozenset({Channel.MAIL, Channel.TRACKED_MAIL, Channel.IN_PERSON}),
}
"""What fulfills a demand for a channel besides itself: better proof of the same paper."""

_TRIGGERS: Mapping[Kind, Trigger] = {
    Kind.DISPUTE_ANNOUNCED: Trigger.DISPUTE_ANNOUNCED,
    Kind.DISPUTE_OPENED: Trigger.DISPUTE_ANNOUNCED,
    Kind.EVIDENCE_ANNOUNCED: Trigger.EVIDENCE_ANNOUNCED,
}


def due(
    ruling: Ruling,
    work: Place,
    deliveries: Iterable[Delivery],
    happenings: Iterable[Happening] = (),
    policy: Policy | None = None,
) -> Due | Stands:
    """The day until which the candidate may answer, the latest of all rules that bind the case.

    The order in which deliveries and happenings are given does not matter, and neither does a repetition.

    Args:
        work: its state lends the business calendar to the federal rules and to the company's policy.
    """
    sent = frozenset(deliveries)
    good = frozenset(delivery for delivery in sent if not delivery.bounced)
    known = frozenset(happenings)
    pauses = _pauses(known)
    standing = _stands(ruling, sent, good, pauses)
    if standing is not None:
        return Stands(standing)
    frozen = frozenset(day for first, last in pauses if last for day in days_between(first, last))
    found = [_due(rule, good, known, frozen) for rule in _rules(ruling, work, policy)]
    found.sort(key=lambda item: item.due_on, reverse=True)
    reasons = tuple(reason for item in found for reason in item.reasons)
    stood = tuple(paused(first, last) for first, last in sorted(pauses, key=lambda pause: pause[0]) if last)
    return Due(found[0].due_on, reasons + stood)


def received(wait: Wait, calendar: Calendar, delivery: Delivery) -> date | None:
    """The day a notice counts as received by a rule; None while a carrier still owes the answer."""
    if delivery.channel is Channel.IN_PERSON:
        return delivery.received_on or delivery.sent_on
    if delivery.channel is Channel.TRACKED_MAIL:
        return delivery.received_on
    rule = wait.receipt(delivery.channel, reach(delivery.to, calendar.state))
    return calendar.after(delivery.sent_on, rule.days, rule.unit)


def reach(to: Place, state: str) -> Reach:
    """Where a letter goes, seen from a state."""
    if to.country != "US":
        return Reach.ABROAD
    return Reach.IN_STATE if to.state == state else Reach.OUT_OF_STATE


def _rules(ruling: Ruling, work: Place, policy: Policy | None) -> list[_Rule]:
    at_work = Calendar(work.state if work.country == "US" else "")
    rules = [
        _Rule(row.short, at_work if row.level is Level.FEDERAL else Calendar(row.where.state), row.wait, row.extensions)
        for row in ruling.rows
        if row.wait is not None
    ]
    if policy:
        rules.append(_Rule(policy.short, at_work, policy.wait, ()))
    if not rules:
        raise ValueError("no rule of this case says how long to wait")
    return rules


def _stands(
    ruling: Ruling, sent: frozenset[Delivery], good: frozenset[Delivery], pauses: frozenset[tuple[date, date | None]]
) -> Standing | None:
    channels = {delivery.channel for delivery in good}
    lacks = [wanted for wanted in ruling.send_by if not channels & _GOOD_FOR.get(wanted, frozenset({wanted}))]
    if not good or lacks:
        return Standing.BOUNCED if sent - good else Standing.NOT_SENT
    if any(item.channel is Channel.TRACKED_MAIL and item.received_on is None for item in good):
        return Standing.NOT_RECEIVED
    return Standing.IN_DISPUTE if any(last is None for _, last in pauses) else None


def _due(rule: _Rule, good: frozenset[Delivery], known: frozenset[Happening], frozen: frozenset[date]) -> Due:
    """By one rule. The latest receipt counts: a notice that went out twice is not shortened by its first copy."""
    start, channel = max((_start(rule, delivery), delivery.channel) for delivery in good)
    first = rule.calendar.after(start, rule.wait.days, rule.wait.unit, frozen)
    reasons = [waited(rule.short, rule.wait, _deemed(rule, channel, good, start), channel, first)]
    due_on = first
    for extension in rule.extensions:
        said = _said(extension, known, first)
        if said:
            due_on = rule.calendar.after(due_on, extension.days, extension.unit, frozen)
            reasons.append(extended(rule.short, extension, said, due_on))
    return Due(due_on, tuple(reasons))


def _start(rule: _Rule, delivery: Delivery) -> date:
    if rule.wait.starts is StartsFrom.SENT:
        return delivery.sent_on
    return received(rule.wait, rule.calendar, delivery) or date.max  # `_stands` has refused a letter without a day


def _deemed(rule: _Rule, channel: Channel, good: frozenset[Delivery], start: date) -> Receipt | None:
    """The row of the table of receipts that made the start, for the page; None when the day is a real one."""
    if rule.wait.starts is StartsFrom.SENT or channel not in (Channel.EMAIL, Channel.MAIL):
        return None
    places = sorted((item.to for item in good if item.channel is channel and _start(rule, item) == start), key=str)
    return rule.wait.receipt(channel, reach(places[0], rule.calendar.state))


def _said(extension: Extension, known: frozenset[Happening], until: date) -> date | None:
    """When a trigger of an extension was first heard, if in time."""
    days = [item.on for item in known if _TRIGGERS.get(item.kind) in extension.triggers and item.on <= until]
    return min(days, default=None)


def _pauses(known: frozenset[Happening]) -> frozenset[tuple[date, date | None]]:
    """First and last day of each dispute; the last is None while it is open. An end without a beginning is no dispute."""
    opened: dict[str, date] = {}
    closed: dict[str, date] = {}
    for item in sorted(known, key=lambda item: item.on):
        if item.kind is Kind.DISPUTE_OPENED:
            opened.setdefault(item.ref, item.on)
        elif item.kind is Kind.DISPUTE_CLOSED:
            closed[item.ref] = item.on
    return frozenset((first, closed.get(ref)) for ref, first in opened.items())
