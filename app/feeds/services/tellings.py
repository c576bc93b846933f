"""Which coverages a file tells of, and why: the claimed changes, or everything for a full file."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.connections.models import Connection
from app.core.clock import today
from app.feeds.models import CarrierChange, ChangeKind
from app.feeds.rules.telling import MAINTENANCE, Told
from app.feeds.services.facts import CoveredRow, Fact, facts_of
from app.feeds.services.noting import last_told
from app.integrations.formats.x12.profile import CarrierProfile, FullFileEnds


@dataclass(slots=True)
class Telling:
    """One coverage that goes into the file, and why. before: what the carrier was told, for dependents who came or went."""

    fact: Fact
    kind: ChangeKind
    before: Told | None = None


def claimed(session: Session, file_id: UUID) -> list[CarrierChange]:
    query = sa.select(CarrierChange).where(CarrierChange.feed_file_id == file_id).order_by(CarrierChange.id)
    return list(session.scalars(query))


def tellings_of(session: Session, changes: list[CarrierChange]) -> list[Telling]:
    ids = [change.enrollment_id for change in changes if change.enrollment_id]
    if not ids:
        return []
    facts = {fact.enrollment.id: fact for fact in facts_of(session, changes[0].connection_id, enrollment_ids=ids)}
    before = _told_before(session, ids, changes[0].feed_file_id)
    return [
        Telling(facts[change.enrollment_id], ChangeKind(change.kind), before.get(change.enrollment_id))
        for change in changes
        if change.enrollment_id in facts
    ]


def _told_before(session: Session, ids: list[UUID], file_id: UUID | None) -> dict[UUID, Told | None]:
    """What the carrier knew of each coverage before this file."""
    query = sa.select(CarrierChange).where(CarrierChange.enrollment_id.in_(ids)).order_by(CarrierChange.id)
    history: dict[UUID, list[CarrierChange]] = defaultdict(list)
    for change in session.scalars(query):
        if change.enrollment_id and change.feed_file_id != file_id:
            history[change.enrollment_id].append(change)
    return {enrollment_id: last_told(rows) for enrollment_id, rows in history.items()}


def everything(
    session: Session, connection: Connection, profile: CarrierProfile, changes: list[CarrierChange]
) -> list[Telling]:
    """Every coverage a full file holds: in force or to come, and ended ones as the carrier wants them told."""
    ready = {change.enrollment_id for change in changes}
    found = []
    for fact in facts_of(session, connection.id):
        told = fact.told
        if not told.terminated or (told.end is not None and told.end >= today()):
            found.append(Telling(fact, ChangeKind.ADD))
        elif not told.void and _tell_end(profile, told, news=fact.enrollment.id in ready):
            found.append(Telling(fact, ChangeKind.TERMINATE))
    return found


def _tell_end(profile: CarrierProfile, told: Told, *, news: bool) -> bool:
    if profile.full_ends is FullFileEnds.LOOK_BACK:
        return told.end is None or told.end >= today() - timedelta(days=profile.look_back_days)
    omitted = profile.full_ends is FullFileEnds.OMISSION and profile.absence_ends_coverage
    return news and not omitted  # where absence ends nothing, leaving somebody out would tell nothing


def gone(telling: Telling) -> list[str]:
    """Ids of dependents the carrier was told of who are not covered any more."""
    if telling.before is None or telling.kind is ChangeKind.TERMINATE:
        return []
    covered = {str(item.dependent_id) for item in telling.fact.covered}
    return [key for key, _, end in telling.before.dependents if key not in covered and end is None]


def dependent_code(telling: Telling, item: CoveredRow, *, known: bool) -> str:
    if telling.kind is not ChangeKind.CHANGE:
        return MAINTENANCE[telling.kind]
    if not known:
        return "021"
    return "024" if item.ends_on is not None else "001"


def ends_first(telling: Telling) -> tuple[bool, date, str]:
    """An old plan ends before the new one of the same kind begins."""
    row = telling.fact.enrollment
    return telling.kind is not ChangeKind.TERMINATE, row.coverage_starts_on, str(row.id)
