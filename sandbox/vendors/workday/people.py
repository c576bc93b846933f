"""The company behind the Workday stand-in: invented people, their organizations and jobs, as facts with days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from hashlib import md5
from typing import Any

ORGANIZATIONS = {"1": ("Company", ""), "2": ("Field Work", "1"), "3": ("Office", "1")}  # number → name, parent
PROFILES = {"1": ("Surveyor", "SRV"), "2": ("Clerk", "CLK"), "3": ("Director", "DIR")}

# first, last, organization, profile, manager, hired days ago (negative: to come), weekly hours; the first leads everybody
PEOPLE = """
Avis Thornbury,1,3,,3000,40 | Corin Malloy,2,1,1,2500,40 | Delphine Aster,3,2,1,2400,40 | Emre Quist,2,1,2,1800,40
Fenna Brook,2,1,2,1500,24 | Gideon Parr,3,2,3,1200,40 | Hester Vane,3,2,3,900,40 | Idris Cole,2,1,2,700,40
Jory Lund,2,1,2,400,40 | Kerensa Dale,3,2,3,200,20 | Lorcan Pike,2,1,2,100,40 | Maeve Stroud,3,2,3,-30,40
"""
ENDED, ON_LEAVE, FUTURE = "7", "5", "12"


def wid(kind: str, number: str) -> str:
    """Workday's own id: 32 hexadecimal digits."""
    return md5(f"{kind}-{number}".encode(), usedforsecurity=False).hexdigest()


def ssn(number: int) -> str:
    """Of nobody: a different one for each, in the shape of those that are issued."""
    return f"219{(number - 1) // 9_999 % 99 + 1:02}{(number - 1) % 9_999 + 1:04}"


def person(number: int, first: str, last: str, more: dict[str, Any]) -> dict[str, Any]:
    return {
        "first": first, "last": last, "email": f"{first}.{last}@thornbury.example".lower(), "ended_on": "", "leaves": [], "moves": [],
        "born_on": date(1960 + number % 40, number % 12 + 1, number % 28 + 1).isoformat(), "ssn": ssn(number), **more,
    }  # fmt: skip


def company(today: date) -> Iterator[dict[str, Any]]:
    """Twelve: one part-time and on leave, one who has left, one who begins in thirty days."""
    lines = [line.strip() for line in PEOPLE.replace("\n", "|").split("|") if line.strip()]
    for number, line in enumerate(lines, 1):
        name, organization, profile, manager, days, hours = line.split(",")
        more = {"organization": organization, "profile": profile, "manager": manager, "hours": hours,
                "hired_on": (today - timedelta(days=int(days))).isoformat()}  # fmt: skip
        made = person(number, *name.split(), more)
        if str(number) == ENDED:
            made["ended_on"] = (today - timedelta(days=20)).isoformat()
        if str(number) == ON_LEAVE:
            began, ends = today - timedelta(days=10), today + timedelta(days=60)
            made["leaves"] = [
                leave("old", today - timedelta(days=400), today - timedelta(days=380)),
                leave("now", began, ends),
            ]
        yield made


def generated(count: int, first_number: int, today: date) -> Iterator[dict[str, Any]]:
    for number in range(first_number, first_number + count):
        hired = (today - timedelta(days=number % 3000 + 1)).isoformat()
        more = {"organization": "2", "profile": "1", "manager": "2", "hours": "40", "hired_on": hired}
        yield person(number, f"Given{number}", f"Family{number}", more)


def leave(name: str, starts: date, ends: date) -> dict[str, str]:
    return {"event": name, "starts_on": starts.isoformat(), "ends_on": ends.isoformat()}


def days_of(facts: dict[str, Any]) -> list[str]:
    """Every day from which something about somebody holds."""
    moves = [move["on"] for move in facts["moves"]]
    leaves = [day for one in facts["leaves"] for day in (one["starts_on"], one["ends_on"])]
    return [day for day in (facts["hired_on"], facts["ended_on"], *moves, *leaves) if day]


def as_of(facts: dict[str, Any], today: str) -> dict[str, Any]:
    """The same person as of a day: what comes later is not told."""
    seen = dict(facts)
    for move in sorted(facts["moves"], key=lambda one: str(one["on"])):
        if move["on"] <= today:
            seen["organization"] = move["organization"]
    seen["ended_on"] = facts["ended_on"] if facts["ended_on"] and facts["ended_on"] <= today else ""
    seen["active"] = facts["hired_on"] <= today and not seen["ended_on"]
    seen["leaves"] = [
        one | {"is_on": one["starts_on"] <= today <= one["ends_on"]}
        for one in facts["leaves"]
        if one["starts_on"] <= today
    ]
    return seen
