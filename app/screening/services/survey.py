"""The voluntary survey on sex and race or ethnicity (29 CFR 1607.4): answered by candidates, read as numbers only.

Nothing of the adjudication reads this table, and no page shows a person's answer.
"""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.events import Actor, record
from app.screening.models import CandidateSurvey
from app.screening.rules.impact import Ethnicity, Sex


def answer(session: Session, actor: Actor, candidate_id: UUID, *, sex: Sex, ethnicity: Ethnicity) -> None:
    """Keep or change a candidate's own answer. The trail says that there was one, not what it was."""
    query = sa.select(CandidateSurvey).where(CandidateSurvey.candidate_id == candidate_id).with_for_update()
    found = session.scalars(query).one_or_none()
    if found is None:
        found = CandidateSurvey(candidate_id=candidate_id, answered_at=now())
        session.add(found)
    found.sex, found.ethnicity, found.answered_at = sex.value, ethnicity.value, now()
    session.flush()
    record(session, actor, "screening.survey.answered", found)


def is_answered(session: Session, candidate_id: UUID) -> bool:
    query = sa.select(CandidateSurvey.id).where(CandidateSurvey.candidate_id == candidate_id)
    return session.scalars(query).first() is not None
