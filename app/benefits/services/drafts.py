"""Answers saved step by step; another phone or computer goes on where this one stopped."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.benefits.models import ElectionDraft
from app.benefits.services.answers import Answers
from app.benefits.services.desk import Desk
from app.core.errors import Conflict
from app.core.events import Actor, Sensitivity, record

CLOSED = "This enrollment is closed. Ask HR if you need to change something."
STALE = "You saved newer answers on another device or tab. Those are shown now: check them, then save again."


def save_step(session: Session, actor: Actor, desk: Desk, step: str, *, version: int) -> int:
    """Keep the desk's answers after a step. Returns the new version.

    Args:
        version: of the draft the page was made from; 0 when there was none.

    Raises:
        Conflict: the window closed, or another device saved meanwhile.
    """
    if not desk.may_choose:
        raise Conflict(CLOSED)
    if desk.version != version:
        raise Conflict(STALE)
    if desk.draft is None:
        _make(session, desk, step)
    else:
        _update(session, desk.draft, desk.answers, step)
    record(
        session, actor, "benefits.draft.saved", ("election_draft", desk.draft.id if desk.draft else None),
        new={"step": step, "version": version + 1}, person_id=desk.employee.id, sensitivity=Sensitivity.CONFIDENTIAL,
    )  # fmt: skip
    return version + 1


def _make(session: Session, desk: Desk, step: str) -> None:
    draft = ElectionDraft(
        id=uuid7(), employee_id=desk.employee.id, window_id=desk.window.id, answers=desk.answers.write(),
        step=step, version=1,
    )  # fmt: skip
    values = {
        column: getattr(draft, column)
        for column in ("company_id", "id", "employee_id", "window_id", "answers_enc", "step", "version")
    }
    made = session.execute(
        insert(ElectionDraft)
        .values(**values)
        .on_conflict_do_nothing(index_elements=["company_id", "employee_id", "window_id"])
        .returning(ElectionDraft.id)
    ).scalar()
    if made is None:
        raise Conflict(STALE)
    desk.draft = session.get(ElectionDraft, (draft.company_id, draft.id))


def _update(session: Session, draft: ElectionDraft, answers: Answers, step: str) -> None:
    sealed = ElectionDraft.answers.seal(draft.company_id, draft.id, answers.write())
    changed = session.execute(
        sa.update(ElectionDraft)
        .where(ElectionDraft.id == draft.id, ElectionDraft.version == draft.version)
        .values(answers_enc=sealed, step=step, version=draft.version + 1)
        .execution_options(synchronize_session=False)
    )
    if not changed.rowcount:  # type: ignore[attr-defined]
        raise Conflict(STALE)
    session.expire(draft)


def put_back(session: Session, employee_id: UUID, window_id: UUID, answers: dict[str, object]) -> None:
    """Answers of a submission that was sent back become the draft again, unless a newer draft exists."""
    known = sa.select(ElectionDraft.id).where(
        ElectionDraft.employee_id == employee_id, ElectionDraft.window_id == window_id
    )
    if session.execute(known).first() is None:
        draft = ElectionDraft(employee_id=employee_id, window_id=window_id, answers=answers, step="check", version=1)
        session.add(draft)
