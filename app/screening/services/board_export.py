"""The board as CSV: what the list shows, a line per request, with safe cells. Recorded. No result of a report is in it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from app.core.access import Can
from app.core.errors import Invalid
from app.core.events import Actor, Regulation, Risk, Sensitivity, record
from app.people.rules.cells import csv_text
from app.screening.services.board import BoardRow, board
from app.screening.services.sifting import Filters

MOST_ROWS = 10_000
COLUMNS = (
    "number", "candidate", "job", "package", "provider", "sandbox", "recruiter", "priority", "hiring_stage", "status", "waiting_for",
    "consent", "consent_until", "began", "expected", "due", "completed", "decision", "late", "silent", "link_came_back",
)  # fmt: skip


def export(session: Session, actor: Actor, filters: Filters) -> str:
    """What the filters select.

    Raises:
        Forbidden: the actor may not export, or not see the board.
        Invalid: more than 10,000 requests.
    """
    actor.require(Can.EMPLOYEE_EXPORT)
    actor.require(Can.CHECK_VIEW)
    rows, more = board(session, actor, filters, limit=MOST_ROWS)
    if more:
        raise Invalid("These are more than 10,000 requests. Choose a package, provider or recruiter first.")
    said = {
        "bucket": filters.bucket, "problem": filters.problem, "blocker": filters.blocker, "priority": filters.priority,
        "searched": bool(filters.q.strip()),
    }  # fmt: skip
    record(
        session, actor, "screening.board.exported", ("screening_request", None), new={"rows": len(rows), "filters": said},
        risk=Risk.HIGH, sensitivity=Sensitivity.PHI, regulation=Regulation.FCRA,
    )  # fmt: skip
    return csv_text([COLUMNS, *(_line(row) for row in rows)])


def _line(row: BoardRow) -> list[Any]:
    return [
        row.number, row.name, row.position, row.package, row.provider, _yes(row.sandbox), row.recruiter, row.priority,
        row.hiring_stage, row.status, row.blocker, row.consent, _day(row.consent_expires_at), _day(row.initiated_at),
        _day(row.expected_on), _day(row.due_on), _day(row.completed_at), row.decision, _yes(row.late), _yes(row.stale),
        _yes(row.bounced),
    ]  # fmt: skip


def _yes(value: bool) -> str:
    return "yes" if value else ""


def _day(value: date | datetime | None) -> str:
    return "" if value is None else value.strftime("%Y-%m-%d")
