"""Which rules of today the company has read: what the page of rules shows, and what each waits for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.access import Can
from app.core.errors import NotFound
from app.core.events import Actor
from app.screening.models import AcceptedRule, FrozenRuling, ScreeningRequest
from app.screening.rules.schema import Row, row_of
from app.screening.services.rulings import rules_today


class Standing(StrEnum):
    """CHANGED: the company accepted earlier words of the rule; these it has not read."""

    UNREAD = "unread"
    CHANGED = "changed"
    ACCEPTED = "accepted"
    REVIEWED = "reviewed"


@dataclass(frozen=True, slots=True)
class Acceptance:
    digest: str
    note: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Read:
    """A rule of today.

    Attributes:
        acceptance: of these words, or the newest of earlier ones (`Standing.CHANGED`).
        before: the words that were accepted, where they differ from today's and a case froze them; only `rule` looks.
        waits: open requests that stopped at this rule.
    """

    row: Row
    standing: Standing
    acceptance: Acceptance | None
    before: Row | None
    waits: int

    @property
    def binds(self) -> bool:
        """Whether cases may go on under it."""
        return self.standing in (Standing.ACCEPTED, Standing.REVIEWED)


def rules(session: Session, actor: Actor) -> list[Read]:
    """Every rule of today, the widest places first within a state. Two queries.

    Raises:
        Forbidden: the actor may not accept rules.
    """
    actor.require(Can.RULE_ACCEPT)
    accepted = _accepted(session)
    waits = _waits(session)
    rows = sorted(rules_today(), key=lambda row: (row.where.state, row.key))
    return [_read(row, accepted, waits.get(row.digest, 0)) for row in rows]


def rule(session: Session, actor: Actor, key: str) -> Read:
    """One rule of today, with its earlier words when they changed. Raises NotFound when there is none of this key. Three queries."""
    found = next((read for read in rules(session, actor) if read.row.key == key), None)
    if found is None:
        raise NotFound
    if found.standing is Standing.CHANGED and found.acceptance:
        return replace(found, before=_frozen(session, key, found.acceptance.digest))
    return found


def _frozen(session: Session, key: str, digest: str) -> Row | None:
    """The rule of a digest, out of the rulings that cases froze; None when no case ever came under it."""
    query = sa.select(FrozenRuling.rows).where(FrozenRuling.rows.contains([{"key": key}]))
    for rows in session.scalars(query.order_by(FrozenRuling.id.desc()).limit(200)):
        kept = row_of(next(row for row in rows if row["key"] == key))
        if kept.digest == digest:
            return kept
    return None


def sift(found: Iterable[Read], state: str, standing: str) -> list[Read]:
    """Those of a state (the federal ones with it, they bind there too) and of a standing; empty texts: all."""
    return [
        read
        for read in found
        if (not state or read.row.where.state in ("", state)) and (not standing or read.standing == standing)
    ]


def _accepted(session: Session) -> Sequence[Any]:
    query = (
        sa.select(AcceptedRule, User.display_name)
        .outerjoin(
            User, sa.and_(User.company_id == AcceptedRule.company_id, User.id == AcceptedRule.accepted_by_user_id)
        )
        .where(AcceptedRule.withdrawn_at.is_(None))
        .order_by(AcceptedRule.accepted_at.desc())
    )
    return session.execute(query).all()


def _waits(session: Session) -> dict[str, int]:
    """Open requests by the digest of the rule they stopped at."""
    path: sa.ColumnElement[Any] = sa.literal_column("'$[*].digest'")
    whole: sa.ColumnElement[Any] = sa.literal_column("'{}'")
    digest = sa.func.jsonb_path_query(ScreeningRequest.stops, path).op("#>>")(whole).label("digest")
    stopped = (
        sa.select(digest)
        .where(ScreeningRequest.ruling_id.is_(None), ScreeningRequest.canceled_at.is_(None))
        .subquery("stopped")
    )
    query = sa.select(stopped.c.digest, sa.func.count()).where(stopped.c.digest != "").group_by(stopped.c.digest)
    return {row[0]: row[1] for row in session.execute(query)}


def _read(row: Row, accepted: Sequence[Any], waits: int) -> Read:
    same = next((pair for pair in accepted if pair[0].digest == row.digest), None)
    earlier = next((pair for pair in accepted if pair[0].rule_key == row.key), None)
    kept = same or earlier
    acceptance = Acceptance(kept[0].digest, kept[0].note, kept[1] or "", kept[0].accepted_at) if kept else None
    standing = (
        Standing.REVIEWED if row.reviewed
        else Standing.ACCEPTED if same
        else Standing.CHANGED if earlier
        else Standing.UNREAD
    )  # fmt: skip
    return Read(row, standing, acceptance, None, waits)
