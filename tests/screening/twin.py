"""A carrier in memory: one invitation and its report, moved by words. It says everything as an adapter would have read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from app.integrations.screening import AdverseItem, Check, Invitation, Report, Result, Status
from app.screening.services.reconciling import Look

STARTED = datetime(2026, 11, 20, 9, tzinfo=UTC)
KINDS = ("ssn_trace", "national_criminal_search", "county_criminal_search")
RECORDS = (AdverseItem("item_1", "Grand theft"), AdverseItem("item_2", "Disorderly conduct"))

# What may follow, by state of the report ("" while there is none).
MOVES: dict[str, tuple[str, ...]] = {
    "": ("finish", "expire"),
    "expired": (),
    "in_progress": ("suspend", "pause", "clear", "consider", "canceled_part", "cancel"),
    "candidate_action": ("resume", "clear", "canceled_part"),
    "client_action": ("resume",),
    "complete": ("dispute", "clear", "consider"),
    "dispute": ("clear", "consider"),
    "canceled": (),
}


class Told(NamedTuple):
    """What one question was answered with, at the moment it was asked."""

    invitation: Invitation | None
    report: Report | None
    items: Sequence[AdverseItem] | None


class Event(NamedTuple):
    id: str
    kind: str
    subject: str


@dataclass
class Carrier:
    """events: what was sent so far, the oldest first."""

    invitation: Invitation = field(
        default_factory=lambda: Invitation("inv_1", Status.WAITING_CANDIDATE, "cand_1", "essential")
    )
    report: Report | None = None
    events: list[Event] = field(default_factory=list)
    version: int = 0  # of the report
    _at: datetime = STARTED

    def moves(self) -> tuple[str, ...]:
        if self.invitation.status is Status.INVITATION_EXPIRED:
            return ()
        return MOVES[self.report.status.value if self.report else ""]

    def move(self, word: str) -> None:
        """The next step, and its event."""
        self._at += timedelta(hours=1)
        if word == "expire":
            self.invitation = replace(self.invitation, status=Status.INVITATION_EXPIRED)
            return self._tell("invitation.expired", self.invitation.id)
        if word == "finish":
            self.invitation = replace(self.invitation, status=Status.COMPLETE, report_id="rep_1")
            self._report(Status.IN_PROGRESS, Result.NONE)
            return self._tell("report.created", "rep_1")
        plain = {"suspend": Status.CANDIDATE_ACTION, "pause": Status.CLIENT_ACTION, "resume": Status.IN_PROGRESS,
                 "cancel": Status.CANCELED, "dispute": Status.DISPUTE}  # fmt: skip
        if word in plain:
            self._report(plain[word], self.report.result if self.report and word == "dispute" else Result.NONE)
        else:
            self.version += 1
            result = Result.CONSIDER if word == "consider" else Result.CLEAR
            self._report(Status.COMPLETE, result, partly=word == "canceled_part")
        return self._tell(f"report.{word}", "rep_1")

    def answer(self, seen: Look) -> Told:
        """As `jobs.reconciling.look` would fetch it now."""
        report = self.report if seen.report_id or self.invitation.report_id else None
        items: Sequence[AdverseItem] | None = None
        if report is not None and report.status in (Status.COMPLETE, Status.DISPUTE):
            items = RECORDS[: 1 + self.version % 2] if report.result is Result.CONSIDER else ()
        return Told(None if seen.report_id else self.invitation, report, items)

    def _report(self, status: Status, result: Result, *, partly: bool = False) -> None:
        done = status in (Status.COMPLETE, Status.DISPUTE)
        revised = self._at if status is Status.COMPLETE else self.report.revised_at if self.report else None
        checks = tuple(
            Check(kind, kind, Status.COMPLETE if done else status, result if kind == KINDS[-1] else Result.NONE if not done else Result.CLEAR,
                  reportable=kind != "ssn_trace")
            for kind in KINDS
        )  # fmt: skip
        self.report = Report(
            "rep_1", status, result, "cand_1", "essential", frozenset(KINDS[1:]), checks, includes_canceled=partly, revised_at=revised,
        )  # fmt: skip

    def _tell(self, kind: str, subject: str) -> None:
        self.events.append(Event(f"ev_{len(self.events) + 1}", kind, subject))
