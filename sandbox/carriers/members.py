"""The carrier's member table: people and their coverage lines, kept as JSON rows in the state file."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from sandbox.carriers.read834 import MemberRecord
from sandbox.store import Store

RELATIONSHIPS = {
    "18": "self", "01": "spouse", "25": "ex_spouse", "53": "partner", "19": "child", "17": "child",
    "09": "child", "10": "child", "15": "child",
}  # fmt: skip


@dataclass
class Coverage:
    """One line of coverage. `start` and `end` are ISO dates; `end` is the last covered day."""

    coverage: str
    plan: str
    tier: str
    start: str = ""
    end: str = ""

    def status(self, today: date) -> str:
        """active, pending, terminated, or canceled (ended before it began)."""
        now = today.isoformat()
        if self.end and self.start and self.end < self.start:
            return "canceled"
        if self.end and self.end < now:
            return "terminated"
        return "pending" if self.start > now else "active"

    @property
    def ended(self) -> bool:
        return bool(self.end)


@dataclass
class Member:
    sponsor: str
    subscriber_id: str
    relation: str
    member_id: str = ""
    last: str = ""
    first: str = ""
    birth: str = ""
    gender: str = ""
    identifier: str = ""
    benefit_status: str = ""
    contact: dict[str, str] = field(default_factory=dict)
    lines: list[Coverage] = field(default_factory=list)
    row: int = 0

    @property
    def key(self) -> str:
        """Names a person across files: subscriber, relationship and first name."""
        return f"{self.subscriber_id}/{self.relation}/{self.first.upper()}"

    @property
    def relationship(self) -> str:
        return RELATIONSHIPS.get(self.relation, "other")


class MemberTable:
    """Reads and writes the members of one carrier."""

    def __init__(self, store: Store, carrier: str, prefix: str) -> None:
        self.store, self.carrier, self.prefix = store, carrier, prefix

    def all(self) -> list[Member]:
        return self._load("SELECT * FROM members WHERE carrier = ? ORDER BY id", self.carrier)

    def of_sponsor(self, sponsor: str) -> list[Member]:
        sql = "SELECT * FROM members WHERE carrier = ? AND sponsor = ? ORDER BY id"
        return self._load(sql, self.carrier, sponsor)

    def family(self, sponsor: str, subscriber_id: str) -> list[Member]:
        sql = "SELECT * FROM members WHERE carrier = ? AND sponsor = ? AND subscriber_id = ? ORDER BY id"
        return self._load(sql, self.carrier, sponsor, subscriber_id)

    def save(self, member: Member) -> None:
        if not member.member_id:
            member.member_id = self._new_id(member)
        values = asdict(member)
        row = values.pop("row")
        if row:
            self.store.run("UPDATE members SET data = ? WHERE id = ?", json.dumps(values), row)
        else:
            sql = "INSERT INTO members (carrier, sponsor, subscriber_id, data) VALUES (?, ?, ?, ?)"
            member.row = self.store.run(sql, self.carrier, member.sponsor, member.subscriber_id, json.dumps(values))

    def _new_id(self, member: Member) -> str:
        """The subscriber's own number and a two-digit person code, as on an insurance card."""
        family = self.family(member.sponsor, member.subscriber_id)
        known = [item.member_id for item in family if item.member_id]
        if known:
            return f"{known[0].partition('-')[0]}-{len(known):02d}"
        return f"{self.prefix}{self.store.next_number(self.carrier, 'member'):07d}-00"

    def _load(self, sql: str, *values: Any) -> list[Member]:
        return [member_of(json.loads(row["data"]), row["id"]) for row in self.store.rows(sql, *values)]


def member_of(values: dict[str, Any], row: int) -> Member:
    lines = [Coverage(**line) for line in values.pop("lines")]
    return Member(**values, lines=lines, row=row)


def find(family: list[Member], record: MemberRecord) -> Member | None:
    """The member a record is about: by subscriber flag, then identifier, then (old) name and birth date."""
    if record.subscriber:
        return next((item for item in family if item.relation == "18"), None)
    others = [item for item in family if item.relation != "18"]
    if record.identifier:
        for item in others:
            if item.identifier == record.identifier:
                return item
    birth = record.old_birth or record.birth
    first = (record.old_first or record.first).upper()
    same_name = [item for item in others if item.first.upper() == first]
    return next((item for item in same_name if item.birth == birth or not birth), None)
