"""TA1 and 999 applied: which transactions of which of our files the carrier's computer took. Never more than syntax."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.events import Actor, Risk, record
from app.feeds.models import ChangeStatus, FeedFile, FeedMember, FileState
from app.feeds.rules.states import FILE_STEPS, outcome
from app.feeds.services.sending import mark_sent, set_changes
from app.integrations.formats.x12.acknowledgements import (
    Acknowledgement,
    Complaint,
    GroupResult,
    InterchangeResult,
    SetResult,
    Verdict,
)

REJECTED_WORDS = "The carrier's computer could not read this transaction."


@dataclass(slots=True)
class Applied:
    """How much of an acknowledgement concerned files of ours."""

    known: int = 0
    unknown: int = 0
    changed: int = 0


def apply_acknowledgement(
    session: Session, actor: Actor, connection_id: UUID, usage: str, answer: Acknowledgement, at: datetime
) -> Applied:
    """Apply every TA1 and every group of an acknowledgement file. The same one again changes nothing.

    Args:
        at: when the carrier wrote it (UTC, aware); a census written before that need not know the people yet.
    """
    done = Applied()
    for interchange in answer.interchanges:
        file = _file(session, connection_id, usage, FeedFile.isa13, interchange.isa13)
        _count(done, file, _apply_ta1(session, actor, file, interchange, at) if file else False)
    for group in answer.groups:
        file = _file(session, connection_id, usage, FeedFile.gs06, group.gs06)
        _count(done, file, _apply_group(session, actor, file, group, at) if file else False)
    return done


def _count(done: Applied, file: FeedFile | None, changed: bool) -> None:
    done.known += file is not None
    done.unknown += file is None
    done.changed += changed


def _file(
    session: Session, connection_id: UUID, usage: str, column: sa.orm.InstrumentedAttribute[int], number: str
) -> FeedFile | None:
    """Our file of that control number, if it may have left; a number we never used, or only reserved, is nobody's."""
    if not number.isdecimal() or len(number) > 9:
        return None
    query = (
        sa.select(FeedFile)
        .where(FeedFile.connection_id == connection_id, FeedFile.usage == usage, column == int(number))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    file = session.scalars(query).one_or_none()
    delivered = file is not None and (file.sent_at is not None or file.upload_began_at is not None)
    return file if delivered else None


def _apply_ta1(session: Session, actor: Actor, file: FeedFile, result: InterchangeResult, at: datetime) -> bool:
    mark_sent(session, actor, file.id, evidence="acknowledged")
    if file.ta1 and (file.ta1 == result.verdict.value or result.duplicate):
        return False  # the same again, or the carrier's word about a copy of what it has already answered
    if result.duplicate and (file.acknowledged_at is not None or file.upload_tries > 1):
        return False  # an interrupted upload was repeated; the carrier rightly threw the copy away
    file.ta1 = result.verdict.value
    if result.verdict.accepted:
        return True
    words = f"The carrier refused the whole file: {result.note}."
    _reject_sets(session, actor, file, _sets(session, file), at, words)
    _settle(session, actor, file, FileState.REJECTED, {"ta1": result.note_code, "words": words})
    return True


def _apply_group(session: Session, actor: Actor, file: FeedFile, group: GroupResult, at: datetime) -> bool:
    mark_sent(session, actor, file.id, evidence="acknowledged")
    results = {st02: group.verdict_for(st02) for st02 in _sets(session, file)}
    rejected = [st02 for st02, verdict in results.items() if not verdict.accepted]
    accepted = [st02 for st02, verdict in results.items() if verdict.accepted]
    words = {item.st02.lstrip("0"): item for item in group.sets}
    changed = 0
    for st02 in rejected:
        changed += _reject_sets(session, actor, file, [st02], at, *_words_of(words.get(st02.lstrip("0")), group))
    for st02 in accepted:
        changed += _accept_set(session, actor, file, st02, at)
    state = outcome(len(accepted), len(rejected), 0)
    settled = _settle(session, actor, file, state, _ack_facts(group, accepted, rejected))
    return bool(changed) or settled


def _ack_facts(group: GroupResult, accepted: list[str], rejected: list[str]) -> dict[str, object]:
    sets = [
        {"st02": item.st02, "verdict": item.verdict.value, "words": list(item.reasons), "complaints": _plain(item.complaints)}
        for item in group.sets
        if not item.verdict.accepted
    ]  # fmt: skip
    return {
        "verdict": group.verdict.value,
        "accepted": len(accepted),
        "rejected": len(rejected),
        "reasons": list(group.reasons),
        "sets": sets[:200],
    }


def _plain(complaints: Iterable[Complaint]) -> list[dict[str, object]]:
    return [
        {"code": item.code, "message": item.message, "segment": item.segment, "position": item.position}
        for item in complaints
    ]


def _words_of(result: SetResult | None, group: GroupResult) -> tuple[str, tuple[Complaint, ...]]:
    if result is None:
        if group.verdict is Verdict.PARTIAL:
            return "The carrier did not answer for this transaction.", ()
        return " ".join([REJECTED_WORDS, *group.reasons]).strip(), ()
    return " ".join([REJECTED_WORDS, *(item.message for item in result.complaints[:3])]), result.complaints


def _sets(session: Session, file: FeedFile) -> list[str]:
    query = sa.select(FeedMember.st02).where(FeedMember.feed_file_id == file.id).distinct()
    return sorted(session.scalars(query))


def _accept_set(session: Session, actor: Actor, file: FeedFile, st02: str, at: datetime) -> int:
    touched = session.execute(
        sa.update(FeedMember)
        .where(FeedMember.feed_file_id == file.id, FeedMember.st02 == st02, FeedMember.outcome == "")
        .values(outcome="accepted")
        .execution_options(synchronize_session=False)
    )
    set_changes(session, actor, file, ChangeStatus.SYNTAX_ACCEPTED, st02=st02, values={"acknowledged_at": at})
    return int(touched.rowcount)  # type: ignore[attr-defined]


def _reject_sets(
    session: Session,
    actor: Actor,
    file: FeedFile,
    sets: list[str],
    at: datetime,
    words: str,
    complaints: tuple[Complaint, ...] = (),
) -> int:
    """The members of these transactions are unknown to the carrier; whoever it complained of is told apart."""
    members = session.scalars(
        sa.select(FeedMember)
        .where(FeedMember.feed_file_id == file.id, FeedMember.st02.in_(sets), FeedMember.outcome != "rejected")
        .order_by(FeedMember.st02, FeedMember.position)
    ).all()
    for member in members:
        member.outcome = "rejected"
    for complaint in complaints:
        before = [member for member in members if member.position <= complaint.position]
        if before and complaint.position:
            before[-1].problem = complaint.message
    for st02 in sets:
        values: dict[str, object] = {"problem": words, "acknowledged_at": at}
        set_changes(session, actor, file, ChangeStatus.SYNTAX_REJECTED, st02=st02, values=values, reason=words)
    return len(members)


def _settle(session: Session, actor: Actor, file: FeedFile, state: FileState, facts: dict[str, object]) -> bool:
    """The file's state, if this is news; it may get worse, never better."""
    if state not in FILE_STEPS[FileState(file.state)]:
        return False
    old, file.state = file.state, state.value
    file.ack = facts
    file.acknowledged_at = file.acknowledged_at or now()
    bad = state is not FileState.ACCEPTED
    counts: dict[str, Any] = {name: facts[name] for name in ("accepted", "rejected", "ta1") if name in facts}
    record(
        session,
        actor,
        "feeds.file.acknowledged",
        file,
        old={"state": old},
        new={"state": state.value} | counts,
        risk=Risk.HIGH if bad else Risk.LOW,
        success=not bad,
    )
    return True
