"""Reports of LinkedIn Learning: sums per learner, content and kind of engagement, over a span of at most 14 days.

A sum over another span is another number, so the spans are always the same ones: weeks from Monday (UTC). A week that is not over,
or whose last days may still be corrected, is read again and replaces what was read before; nothing is counted twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.integrations.failures import ContractDrift
from app.integrations.paging import following_link
from app.integrations.sync.mapping import Raw, at
from app.integrations.sync.reading import Batch, Cursor, Item, Mode, Reading, clock_of, moment_of
from app.integrations.transports.http.calls import Answer, Call

WEEK = timedelta(days=7)
AGAIN = timedelta(days=2)  # LinkedIn still corrects the last days
PAGE = 100


class LinkedInConfig(BaseModel):
    """Settings of one connection."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    history_days: int = Field(
        90, title="Days of history", description="How far back the first reading goes.", ge=7, le=730, examples=[90]
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """Where reading stands. until: the provider's clock when the run began; latest: up to where it has data, as far as it said so."""

    week: datetime
    until: datetime | None
    latest: datetime | None

    def cursor(self, following: Call | None) -> Cursor:
        kept = {"week": self.week, "until": self.until, "latest": self.latest}
        moments = {name: moment.isoformat() for name, moment in kept.items() if moment is not None}
        return moments | ({"next": [list(pair) for pair in following.query]} if following is not None else {})


def read_reports(reading: Reading) -> Iterator[Batch]:
    """Week after week, page after page. The next run begins two days before what the provider had data for, never after a week
    that it said nothing about.
    """
    place, following = _begin(reading)
    while True:
        following = following or _week_call(reading, place)
        answer = reading.ask(following)
        until = place.until or clock_of(answer, reading.now)
        items = [item for element in _elements(answer) for item in _activities(element, place.week)]
        place = replace(place, until=until, latest=max(filter(None, (place.latest, _latest(answer))), default=None))
        following = following_link(following, _next_link(answer))
        done = following is None and place.week + WEEK >= until
        if done:
            yield Batch(items, _for_next_run(place), last=True)
            return
        if following is None:
            place = replace(place, week=place.week + WEEK)
        yield Batch(items, place.cursor(following), last=False)


def _begin(reading: Reading) -> tuple[_Place, Call | None]:
    cursor, config = reading.cursor, reading.config
    assert isinstance(config, LinkedInConfig)
    if week := moment_of(cursor.get("week")):  # in the middle of a run that somebody else began
        query = tuple((str(name), str(value)) for name, value in cursor.get("next", ()))
        place = _Place(week, moment_of(cursor.get("until")), moment_of(cursor.get("latest")))
        return place, replace(reading.resource.list(), query=query) if query else None
    mark = moment_of(cursor.get("mark")) if reading.mode is not Mode.FULL else None
    return _Place(_monday(mark or reading.now - timedelta(days=config.history_days)), None, None), None


def _for_next_run(place: _Place) -> Cursor:
    """Without a word about how far the data goes, the same weeks once more: better twice than never."""
    if place.latest is None or place.until is None:
        return {}
    return {"mark": (min(place.until, place.latest) - AGAIN).isoformat()}


def _week_call(reading: Reading, place: _Place) -> Call:
    return reading.resource.list((
        ("q", "criteria"), ("startedAt", str(int(place.week.timestamp() * 1000))), ("timeOffset.unit", "DAY"),
        ("timeOffset.duration", str(WEEK.days)), ("aggregationCriteria.primary", "INDIVIDUAL"),
        ("aggregationCriteria.secondary", "CONTENT"), ("count", str(PAGE)), ("start", "0"),
    ))  # fmt: skip


def _elements(answer: Answer) -> list[Any]:
    document = answer.json()
    found = document.get("elements") if isinstance(document, dict) else None
    if not isinstance(found, list):
        raise ContractDrift("records-missing")
    return found


def _activities(element: Any, week: datetime) -> list[Item]:
    """One element holds all kinds of engagement of a learner with a content: each is a record of its own."""
    learner, content = at(element, "learnerDetails") or {}, at(element, "contentDetails") or {}
    who = _first(learner, ("entity.profileUrn", "uniqueUserId", "email"))
    found = []
    for activity in at(element, "activities") or ():
        kind = _first(activity, ("engagementType",))
        more = (activity.get("engagementMetricQualifier") or "", activity.get("assetType") or "")
        key = "|".join((f"{week:%Y-%m-%d}", who, _first(content, ("contentUrn",)), kind, *more))
        remote_id = hashlib.sha256(key.encode()).hexdigest()[
            :40
        ]  # ids are shown and logged; an address may be in this one
        raw = {
            "learner": {"email": learner.get("email")}, "content": content, "activity": activity, "starts_on": f"{week:%Y-%m-%d}",
            "ends_on": f"{week + WEEK - timedelta(days=1):%Y-%m-%d}",
        }  # fmt: skip
        found.append(Item(remote_id, raw))
    return found


def _first(facts: Mapping[str, Any], paths: tuple[str, ...]) -> str:
    """Raises `ContractDrift`: without it two records would have one key."""
    for path in paths:
        if isinstance(found := at(facts, path), str) and found:
            return found
    raise ContractDrift("record-without-id")


def _latest(answer: Answer) -> datetime | None:
    told = [element.get("latestDataAt") for element in _elements(answer) if isinstance(element, dict)]
    moments = [datetime.fromtimestamp(one / 1000, UTC) for one in told if isinstance(one, int)]
    return max(moments, default=None)


def _next_link(answer: Answer) -> Any:
    return at(answer.json(), "paging.links[?rel=='next'].href | [0]")


def _monday(moment: datetime) -> datetime:
    day = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day - timedelta(days=day.weekday())


def engagement_of(raw: Raw) -> str:
    """Their word in lower case, with `unique` where each learner counts once: the two must not be added up."""
    kind, how = raw["activity"]["engagementType"].lower(), raw["activity"].get("engagementMetricQualifier")
    return f"{kind}_unique" if how == "UNIQUE" else str(kind)
