"""Healing, and what is asked of the carriers' own books afterwards."""

from __future__ import annotations

import json
import statistics
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import psycopg

from tests.chaos.checks import Checks, judge_checks
from tests.chaos.stack import Stack
from tests.chaos.traffic import told

OPEN = "state IN ('pending', 'dispatched', 'running') AND kind <> 'screening.remind'"
"""Reminders to candidates wait for tomorrow."""

EXCHANGE = "kind IN ('feeds.make_file', 'feeds.poll', 'feeds.poll_due', 'feeds.apply_inbox')"
"""Looking at carriers goes on as long as somebody asks and carriers send; it is waited for in the end."""

ORDERING = {
    "orders under way": "SELECT count(*) FROM screening_request WHERE order_state IN ('released', 'placing')",
}
UNHEALED = ORDERING | {
    "open intents": f"SELECT count(*) FROM job_intent WHERE {OPEN} AND NOT {EXCHANGE}",
    "changes not confirmed": "SELECT count(*) FROM carrier_change WHERE status NOT IN ('confirmed', 'netted')",
    "files that have not left": "SELECT count(*) FROM feed_file WHERE state IN ('building', 'held', 'ready')",
    "notices": "SELECT count(*) FROM notice WHERE status = 'pending'",
    "enrollments not confirmed": "SELECT count(*) FROM enrollment WHERE status = 'approved' AND plan_id IS NOT NULL AND carrier_status <> 'confirmed'",
}  # fmt: skip
QUIET = {
    "exchange": f"SELECT count(*) FROM job_intent WHERE {OPEN}",
    "inbox": "SELECT count(*) FROM inbox_item WHERE state = 'received'",
    "discrepancies": "SELECT count(*) FROM discrepancy WHERE state = 'open'",
}
LATENCY = "SELECT extract(epoch FROM done_at - created_at)::float8 FROM job_intent WHERE state = 'done' AND idem_key NOT LIKE 'tick:%'"


def unhealed(stack: Stack, wanted: dict[str, str]) -> dict[str, int]:
    """What is still open, by name; empty when everything is done."""
    for said in ("said.jsonl", "signed.jsonl"):
        if not any(line["what"] == "end" for line in told(stack.folder / said)):
            return {"traffic": 1}
    try:
        counts = {name: int(stack.query(statement)[0][0]) for name, statement in wanted.items()}
    except psycopg.Error:
        return {"database": 1}
    return {name: number for name, number in counts.items() if number}


def wait_ordered(stack: Stack, seconds: float) -> None:
    """Until every order has reached its provider or a person, or the time is over."""
    _wait(stack, ORDERING, time.monotonic() + seconds)


def wait_healed(stack: Stack, seconds: float) -> dict[str, int]:
    """Waits until nothing is open; then nobody asks for anything any more, and what is left of that must end too.

    Returns what still is open after `seconds`.
    """
    deadline = time.monotonic() + seconds
    left = _wait(stack, UNHEALED, deadline)
    for name in ("web", "web-candidates"):
        stack.end(name)
    stack.box.client.wait_idle(60, with_delayed=True)
    stack.call("look")
    for slug in stack.proxies:
        stack.box.client.carrier(slug).set(census_interval_seconds=0)
    return left or _wait(stack, UNHEALED | QUIET, deadline)


def _wait(stack: Stack, wanted: dict[str, str], deadline: float) -> dict[str, int]:
    while (left := unhealed(stack, wanted)) and time.monotonic() < deadline:
        time.sleep(0.5)
    return left


@dataclass
class Verdict:
    seed: int
    faults: Counter[str]
    healed_in: float
    left: dict[str, int]
    approved: int = 0
    expected: int = 0
    lost: list[Any] = field(default_factory=list)
    ghost: list[Any] = field(default_factory=list)
    twice: list[Any] = field(default_factory=list)
    wrong_table: list[Any] = field(default_factory=list)
    unacknowledged: list[Any] = field(default_factory=list)
    refused_duplicates: int = 0
    refusals: list[Any] = field(default_factory=list)
    rolled_back: int = 0
    bad_intents: Counter[str] = field(default_factory=Counter)
    attempts: Counter[int] = field(default_factory=Counter)
    latency: list[float] = field(default_factory=list)
    mails: int = 0
    mail_copies: int = 0
    mail_lost: int = 0
    trail: str = ""
    checks: Checks = field(default_factory=Checks)

    def __str__(self) -> str:
        quantiles = statistics.quantiles(self.latency, n=100) if len(self.latency) > 1 else [0.0] * 99
        kills = ", ".join(f"{kind} {number}" for kind, number in sorted(self.faults.items()) if number)
        tries = ", ".join(f"{tries}: {number}" for tries, number in sorted(self.attempts.items()))
        return (
            f"chaos seed {self.seed}: {sum(self.faults.values())} faults ({kills})\n"
            f"  committed {self.approved} submissions approved = {self.expected} coverages; rolled back on purpose {self.rolled_back}\n"
            f"  lost {len(self.lost)}, ghost {len(self.ghost)}, twice {len(self.twice)},"
            f" duplicates refused by control number {self.refused_duplicates}, refusals {len(self.refusals)}\n"
            f"  mail {self.mails} notices, {self.mail_copies} further copies, {self.mail_lost} lost; audit trail {self.trail}\n"
            f"{self.checks}\n"
            f"  healed {self.healed_in:.1f} s after the last fault; event to done p50 {quantiles[49]:.2f} s, p99 {quantiles[98]:.1f} s,"
            f" max {max(self.latency, default=0):.1f} s over {len(self.latency)} intents; attempts {tries}\n"
            f"  not healed {self.left or 'nothing'}; not done {dict(self.bad_intents) or 'none'}"
        )


def judge(stack: Stack, verdict: Verdict) -> Verdict:
    """Fill in everything the books of carriers, mail server and database say."""
    _carriers(stack, verdict)
    _database(stack, verdict)
    _mail(stack, verdict)
    verdict.checks = judge_checks(stack)
    try:
        stack.command("-m", "worker.cli", "audit", "seal")
        verdict.trail = "whole" if ": whole" in stack.command("-m", "worker.cli", "audit", "verify") else "not whole"
    except RuntimeError as broken:
        verdict.trail = str(broken)
    return verdict


def _carriers(stack: Stack, verdict: Verdict) -> None:
    expected = json.loads(stack.command("-m", "tests.chaos.program", "expect").splitlines()[-1])
    for slug in sorted(stack.proxies):
        carrier = stack.box.client.carrier(slug)
        lines = [(effect, line) for effect in carrier.effects() for line in effect["lines"]]
        wanted = {tuple(item) for item in expected.get(slug, [])}
        told_lines = {(e["member"], line["coverage"], line["plan"], line["tier"], line["start"]) for e, line in lines}
        counts = Counter((e["member"], line["coverage"], line["code"]) for e, line in lines)
        verdict.expected += len(wanted)
        verdict.lost += sorted(wanted - told_lines)
        verdict.ghost += sorted(told_lines - wanted)
        verdict.twice += [(slug, *key, number) for key, number in counts.items() if number > 1]
        verdict.wrong_table += sorted(wanted ^ _table(carrier.members()))
        verdict.refused_duplicates += carrier.duplicates_refused()
        verdict.refusals += carrier.refusals()


def _table(members: list[dict[str, Any]]) -> set[tuple[str, ...]]:
    return {
        (f"{one['subscriber_id']}/{one['relation']}/{one['first'].upper()}", line["coverage"], line["plan"], line["tier"], line["start"])
        for one in members
        for line in one["lines"]
        if not line["end"]
    }  # fmt: skip


def _database(stack: Stack, verdict: Verdict) -> None:
    lines = told(stack.folder / "said.jsonl")
    verdict.rolled_back = sum(line["what"] == "rolled back" for line in lines)
    rows = dict(stack.query("SELECT employee_id::text, status FROM submission"))
    verdict.approved = sum(status == "approved" for status in rows.values())
    outcome = {"approved": "approved", "rejected": "rejected", "approval rolled back": "submitted"}
    fated = [line for line in lines if line["what"] in outcome or line["what"] == "signature rolled back"]
    verdict.unacknowledged = [
        (line["what"], rows.get(line["employee"])) for line in fated
        if rows.get(line["employee"]) != outcome.get(line["what"])
    ]  # fmt: skip
    bad = stack.query("SELECT kind, state, last_error, count(*) FROM job_intent WHERE state <> 'done' GROUP BY 1, 2, 3")
    verdict.bad_intents = Counter({f"{kind} {state} {code}": number for kind, state, code, number in bad})
    verdict.attempts = Counter(dict(stack.query("SELECT attempts, count(*)::int FROM job_intent GROUP BY 1")))
    verdict.latency = [row[0] for row in stack.query(LATENCY)]


def _mail(stack: Stack, verdict: Verdict) -> None:
    copies = Counter(message["headers"]["Message-ID"] for message in stack.box.client.mailbox())
    notices = {f"<{row[0]}@corridor>" for row in stack.query("SELECT id FROM notice WHERE channel = 'email'")}
    verdict.mails = len(notices)
    verdict.mail_lost = len(notices - set(copies)) + len(set(copies) - notices)
    verdict.mail_copies = sum(copies.values()) - len(copies)
