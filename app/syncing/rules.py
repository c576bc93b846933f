"""The words and decisions of syncing: no database, no clock."""

from __future__ import annotations

import calendar
import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from app.integrations.api import Resource
from app.integrations.sync.mapping import Changes, Codes, Const, Rule, Step
from app.integrations.sync.reading import Cursor, Mode, moment_of

__all__ = [
    "CLOSE",
    "SLA_TARGET",
    "Conflicts",
    "Frequency",
    "Mode",
    "RecordState",
    "RunState",
    "ToDo",
    "changes_of",
    "fingerprint",
    "mode_of",
    "next_run",
    "too_many_gone",
]


MOST_GONE_PERCENT = 5
"""More missing from a full list than this wait for a person, where nobody has said another share."""


class RunState(StrEnum):
    """integration_sync_log.status."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    HELD = "held"  # read, and so many are gone that a person has to say so
    FAILED = "failed"
    CANCELED = "canceled"


OPEN = (RunState.WAITING, RunState.RUNNING)

CLOSE = frozenset({"ssn", "date_of_birth", "gender", "marital_status", "annual_salary"})
"""Fields that pages never show: nobody needs them to say who somebody is or where a value comes from."""


SLA_TARGET = Decimal("99.5")
"""Percent of requests in a day that a provider answers by something else than trouble of its own. Our own aim: no contract says one."""


class ToDo(StrEnum):
    """The steps from a new connection to records that are kept in step, in their order."""

    SETTINGS = "settings"
    CONNECT = "connect"
    MAP = "map"
    REHEARSE = "rehearse"
    ACTIVATE = "activate"


class RecordState(StrEnum):
    """What became of a record."""

    STORED = "stored"  # kept; nothing of ours takes this kind
    TAKEN = "taken"  # one of our rows says the same now
    WAITING = "waiting"  # it holds from a day to come, or what it names is not there yet
    DOUBTFUL = "doubtful"  # a person decides: is it the same one, is it true
    REFUSED = "refused"  # quarantined: something in it is wrong
    IGNORED = "ignored"  # a person said it is not ours


class Frequency(StrEnum):
    """sync_frequency of the specifications. Real time: by webhooks, with an hourly look for what they lost."""

    REAL_TIME = "Real-time"
    QUARTER_HOUR = "Every 15 mins"
    HOURLY = "Hourly"
    DAILY = "Daily"
    WEEKLY = "Weekly"
    MONTHLY = "Monthly"
    ON_DEMAND = "On-demand"


class Conflicts(StrEnum):
    """Who is right when both sides changed the same field since the last sync."""

    PROVIDER = "provider"
    OURS = "ours"
    ASK = "ask"


_EVERY = {
    Frequency.REAL_TIME: timedelta(hours=1), Frequency.QUARTER_HOUR: timedelta(minutes=15), Frequency.HOURLY: timedelta(hours=1),
    Frequency.DAILY: timedelta(days=1), Frequency.WEEKLY: timedelta(weeks=1),
}  # fmt: skip


def next_run(frequency: str, after: datetime) -> datetime | None:
    """When the next run is due; None when only a person asks for one. A month after January 31 is the last of February."""
    if frequency == Frequency.MONTHLY:
        year, month = after.year + after.month // 12, after.month % 12 + 1
        return after.replace(year=year, month=month, day=min(after.day, calendar.monthrange(year, month)[1]))
    every = _EVERY.get(Frequency(frequency))
    return after + every if every else None


def too_many_gone(missing: int, known: int, seen: int, percent: int) -> bool:
    """Whether leaving these out would delete more than anybody expects. A list that came back empty never deletes."""
    return missing > 0 and (seen == 0 or missing * 100 > known * percent)


def mode_of(asked: Mode, resource: Resource, cursor: Cursor, same_mapping: bool, at: datetime) -> Mode:
    """How a resource is read now: everything, where changes alone cannot be had or would miss something."""
    if asked is Mode.FULL or not resource.incremental or not cursor or not same_mapping:
        return Mode.FULL
    mark, since = moment_of(cursor.get("mark")), resource.since
    if since and since.keeps_days and mark and at - mark > timedelta(days=since.keeps_days):
        return Mode.FULL
    return Mode.INCREMENTAL


def changes_of(
    mappings: Mapping[str, Any], steps: Mapping[str, Any], rules: Mapping[str, Any], resource: str
) -> Changes:
    """What an administrator changed about a resource, from the three columns of a connection. Raises `ValueError` for nonsense."""
    return Changes(
        dict(mappings.get(resource, {})),
        {name: [Step.model_validate(one) for one in many] for name, many in steps.get(resource, {}).items()},
        {name: [Rule.model_validate(one) for one in many] for name, many in rules.get(resource, {}).items()},
    )


def fingerprint(resource: Resource, changes: Changes) -> str:
    """Of how a resource is read and mapped: when it changes, everything is read anew, else old rows keep the old meaning."""
    told = {
        "kind": resource.kind, "listing": resource.listing, "records": resource.records, "key": resource.key,
        "fields": {name: _told(found) for name, found in resource.fields.items()}, "paths": dict(changes.paths),
        "steps": {name: [one.model_dump() for one in many] for name, many in changes.steps.items()},
        "rules": {name: [one.model_dump() for one in many] for name, many in changes.rules.items()},
    }  # fmt: skip
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()[:32]


def _told(found: Any) -> Any:
    if isinstance(found, Codes):
        return [found.path, dict(found.words), found.otherwise]
    if isinstance(found, Const):
        return ["const", str(found.value)]
    return found if isinstance(found, str) else getattr(found, "__qualname__", "")
