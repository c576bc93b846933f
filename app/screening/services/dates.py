"""What a hiring manager sees of a check: whose it is, for which job, and by when it is done. Nothing else is even read."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.access import Can
from app.core.db import own_company
from app.core.events import Actor
from app.screening.models import Candidate, JobApplication, ScreeningRequest
from app.screening.rules.states import Bucket
from app.screening.services.board import key_of, opened_name
from app.screening.services.scope import visible

PAGE = 50


class Expected(NamedTuple):
    name: str
    position: str
    by: date


def dates(session: Session, actor: Actor, after: str = "") -> tuple[list[Expected], str]:
    """Checks that still run or are being decided, the newest first. One query.

    Whether the searches are done is not told: a decision that takes long would say something.
    """
    by = sa.func.coalesce(ScreeningRequest.estimated_completion_on, ScreeningRequest.due_on).label("by")
    query = (
        sa.select(
            ScreeningRequest.id, ScreeningRequest.company_id, Candidate.id.label("person_id"), Candidate.first_name_enc,  # type: ignore[attr-defined]
            Candidate.last_name_enc, JobApplication.position, by,  # type: ignore[attr-defined]
        )
        .options(own_company)
        .join(Candidate, Candidate.id == ScreeningRequest.candidate_id)
        .join(JobApplication, JobApplication.id == ScreeningRequest.application_id)
        .where(visible(actor, Can.CHECK_DATE), ScreeningRequest.bucket != Bucket.DONE.value)
    )  # fmt: skip
    position = key_of(after)
    if position is not None:
        query = query.where(ScreeningRequest.id < position)
    rows = session.connection().execute(query.order_by(ScreeningRequest.id.desc()).limit(PAGE + 1)).all()
    shown = [Expected(opened_name(row), row.position, row.by) for row in rows[:PAGE]]
    return shown, str(rows[PAGE - 1].id) if len(rows) > PAGE else ""
