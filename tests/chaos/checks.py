"""Screening after the chaos: the providers' books against our requests, and what every webhook became."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.hiring import BLIND, KEYED, LOOKED_FOR
from tests.chaos.stack import Stack
from tests.chaos.traffic import told

SETTLED = ("placed", "unknown", "refused")
REQUESTS = (
    "SELECT r.id::text, c.code, r.order_state, r.provider_invitation_id, r.provider_report_id, r.provider_status, r.provider_result, r.blocker"
    " FROM screening_request r JOIN connection c ON c.company_id = r.company_id AND c.id = r.connection_id"
    " WHERE r.consent = 'approved'"
)
ASKED = "SELECT subject_id::text FROM notice WHERE kind IN ('screening.order.unknown', 'screening.order.refused')"
ARRIVED = "SELECT dedupe_key, state FROM inbox_item WHERE source = 'webhook'"

# What the provider says, in our words: written down here again, so that a mistake of the adapter shows.
STATUS = {
    "pending": "in_progress", "complete": "complete", "suspended": "candidate_action", "paused": "client_action",
    "canceled": "canceled", "dispute": "dispute", "RECEIVED": "ordered", "COMPLETED": "complete", "CANCELED": "canceled",
}  # fmt: skip
RESULT = {None: "none", "clear": "clear", "consider": "consider", "PASS": "clear", "REVIEW": "consider"}


@dataclass
class Checks:
    """orders: by connection and order state. lost: nobody has it, or it was never settled. untold: a person should know and does not."""

    orders: Counter[tuple[str, str]] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    lost: list[Any] = field(default_factory=list)
    ghost: list[Any] = field(default_factory=list)
    twice: list[Any] = field(default_factory=list)
    untold: list[Any] = field(default_factory=list)
    uncommitted: list[Any] = field(default_factory=list)
    differs: list[Any] = field(default_factory=list)
    reports: int = 0
    events: Counter[str] = field(default_factory=Counter)
    not_applied: list[Any] = field(default_factory=list)
    rolled_back: int = 0

    def __str__(self) -> str:
        return (
            f"  screening: {self._at(KEYED)} with keys, {self._at(LOOKED_FOR)} looked for, {self._at(BLIND)} blind;"
            f" rolled back on purpose {self.rolled_back}\n"
            f"    ordered twice {len(self.twice)}, lost {len(self.lost)}, ghost {len(self.ghost)}, nobody told {len(self.untold)};"
            f" provider faults {self.faults.total()} ({_listed(self.faults)})\n"
            f"    events {_listed(self.events)}, not applied {len(self.not_applied)};"
            f" {self.reports} reports, different from the provider {len(self.differs)}"
        )

    def _at(self, code: str) -> str:
        found = {state: number for (at, state), number in self.orders.items() if at == code}
        return f"{sum(found.values())} orders ({_listed(found)})"


def _listed(counts: Any) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(counts.items())) or "none"


def judge_checks(stack: Stack) -> Checks:
    """Asks the providers' own books, the database and the traffic's notes."""
    checks, box = Checks(), stack.box.client.screening
    rows = stack.query(REQUESTS)
    lines = told(stack.folder / "signed.jsonl")
    checks.rolled_back = sum(line["what"] == "rolled back" for line in lines)
    checks.uncommitted = sorted({line["request"] for line in lines if "request" in line} - {row[0] for row in rows})
    checks.faults = Counter(one["fault"] for one in box.requests() if one["fault"])
    books = defaultdict(set)
    for one in box.orders():
        if one["kind"] != "report":  # made of an invitation
            books[one["reference"]].add(one["object"])
    checks.twice = sorted(reference for reference, found in books.items() if len(found) > 1)
    checks.ghost = sorted(set(books) - {row[0] for row in rows})
    asked = {row[0] for row in stack.query(ASKED)}
    for request, code, state, invitation, _, _, _, blocker in rows:
        checks.orders[code, state] += 1
        if state not in SETTLED or (state == "placed" and books[request] != {invitation}):
            checks.lost.append((request, code, state, books[request]))
        if state in ("unknown", "refused") and (request not in asked or blocker != "us"):
            checks.untold.append((request, code, state))
    _compare(checks, rows, box)
    _events(checks, stack, box)
    return checks


def _compare(checks: Checks, rows: list[tuple[Any, ...]], box: Any) -> None:
    """The state of every order that has a report against the provider's object."""
    reports = {one["id"]: one for one in box.objects("report")}
    orders = {one["id"]: one for one in box.objects("order")}
    invitations = {one["id"]: one for one in box.objects("invitation")}
    for request, code, state, invitation, report, status, result, _ in rows:
        if state != "placed":
            continue
        invited = invitations.get(invitation)
        theirs = reports.get(invited["report_id"]) if invited else orders.get(invitation)
        if theirs is None:
            expired = invited is not None and invited["status"] == "expired"
            wanted = ("", "invitation_expired" if expired else "waiting_candidate", "none")
        else:
            checks.reports += 1
            ref = theirs["id"] if invited else report
            wanted = (ref, STATUS[theirs["status"]], RESULT[theirs["result"]])
        if (report, status, result) != wanted:
            checks.differs.append((request, code, (report, status, result), wanted))


def _events(checks: Checks, stack: Stack, box: Any) -> None:
    """Each event that was thanked for is in the inbox once, and was applied."""
    arrived: dict[str, str] = dict(stack.query(ARRIVED))
    for event in box.events():
        states = [delivery["state"] for delivery in event["deliveries"]]
        if not states:
            continue
        checks.events["sent"] += 1
        checks.events["copies"] += len(states) - 1
        checks.events["lost on purpose"] += states == ["lost"]
        key = f"event:{event['id']}"
        if "delivered" in states and arrived.get(key) != "applied":
            checks.not_applied.append((event["type"], arrived.get(key)))
        checks.events["applied"] += arrived.get(key) == "applied"
