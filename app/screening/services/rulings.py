"""The rules of a case: decided once, frozen with the case, and accepted by a person where no counsel has read them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.core.access import Can
from app.core.clock import now, today
from app.core.db import current_tenant, fetch
from app.core.errors import Invalid, NotFound
from app.core.events import Actor, Regulation, Risk, record
from app.screening.jurisdictions import rulebook
from app.screening.models import AcceptedRule, Candidate, FrozenRuling, JobApplication, ScreeningRequest
from app.screening.rules.jurisdictions import Employment, Ruling, StopsForPerson, decide, thaw
from app.screening.rules.places import Place
from app.screening.rules.schema import Row
from app.screening.services.candidates import residence, work_place
from app.screening.services.policy import policy


def rule(session: Session, request: ScreeningRequest) -> None:
    """Decide what binds the request, and freeze it or write down why a person must look. A frozen ruling stays as it is."""
    if request.ruling_id is not None:
        return
    found = decided(session, request)
    if isinstance(found, StopsForPerson):
        request.stops = [{"why": s.why.value, "subject": s.subject, "digest": s.digest} for s in found.stops]
        return
    request.ruling_id, request.stops = _freeze(session, found), []


def decided(session: Session, request: ScreeningRequest) -> Ruling | StopsForPerson:
    """What the rulebook says of the request on the day it began."""
    application = fetch(session, JobApplication, request.application_id)
    candidate = fetch(session, Candidate, request.candidate_id)
    return foreseen(
        session, work_place(application), residence(candidate, application), on=request.initiated_at.date(),
        weekly_hours=application.weekly_hours, exemptions=frozenset(application.exemptions),
    )  # fmt: skip


def foreseen(
    session: Session, work: Place, home: Place, *, on: date, weekly_hours: Decimal | None = None,
    exemptions: frozenset[str] = frozenset(),
) -> Ruling | StopsForPerson:  # fmt: skip
    """What the rulebook says of a job at one place and a candidate at another."""
    employment = Employment(policy(session).staff, weekly_hours, exemptions)
    return decide(
        rulebook(), on, work=work, residence=home, employment=employment, accepted=accepted_digests(session)
    )  # fmt: skip


def ruling_of(session: Session, request: ScreeningRequest) -> Ruling | None:
    """The rules the request froze; None while a person must look. Raises ValueError when the frozen rows were changed."""
    if request.ruling_id is None:
        return None
    frozen = fetch(session, FrozenRuling, request.ruling_id)
    return thaw({"version": frozen.version, "rows": frozen.rows})


def provisional(session: Session, request: ScreeningRequest) -> Ruling:
    """The frozen rules, or what would apply if nothing stopped the case: for showing, never for acting."""
    frozen = ruling_of(session, request)
    if frozen is not None:
        return frozen
    found = decided(session, request)
    return found.provisional if isinstance(found, StopsForPerson) else found


def _freeze(session: Session, ruling: Ruling) -> UUID:
    frozen = ruling.freeze()
    values: dict[str, Any] = {"company_id": current_tenant(), "id": uuid7(), **frozen}
    statement = insert(FrozenRuling).values(**values)
    session.execute(statement.on_conflict_do_nothing(index_elements=["company_id", "version"]))
    query = sa.select(FrozenRuling.id).where(FrozenRuling.version == frozen["version"])
    return session.scalars(query).one()


def accepted_digests(session: Session) -> frozenset[str]:
    return frozenset(session.scalars(sa.select(AcceptedRule.digest).where(AcceptedRule.withdrawn_at.is_(None))))


def accept_rule(session: Session, actor: Actor, digest: str, *, note: str) -> AcceptedRule:
    """Say for the company that this text of a rule was read and may be used. Cases that waited for it are tried again.

    Raises:
        Forbidden: not a compliance officer. NotFound: no rule of today has this digest. Invalid: nothing says who read it.
    """
    actor.require(Can.RULE_ACCEPT)
    row = next((row for row in rules_today() if row.digest == digest), None)
    if row is None:
        raise NotFound
    if not note.strip():
        raise Invalid({"note": "Say who read the rule, and when"})
    found = session.scalars(
        sa.select(AcceptedRule).where(AcceptedRule.digest == digest).with_for_update()
    ).one_or_none()
    if found is None:
        found = AcceptedRule(digest=digest, rule_key=row.key, accepted_at=now())
        session.add(found)
    found.note, found.accepted_by_user_id, found.accepted_at, found.withdrawn_at = (
        note.strip(),
        actor.user_id,
        now(),
        None,
    )
    record(
        session, actor, "screening.rule.accepted", found, new={"rule": row.key, "digest": digest}, reason=note.strip(),
        risk=Risk.HIGH, regulation=Regulation.FCRA,
    )  # fmt: skip
    return found


def withdraw_rule(session: Session, actor: Actor, digest: str, *, reason: str) -> None:
    """Take an acceptance back. Cases that froze the rule keep it; new ones stop. Raises Invalid without a reason."""
    actor.require(Can.RULE_ACCEPT)
    if not reason.strip():
        raise Invalid({"reason": "Say why the company no longer relies on it"})
    found = session.scalars(
        sa.select(AcceptedRule).where(AcceptedRule.digest == digest).with_for_update()
    ).one_or_none()
    if found is None or found.withdrawn_at is not None:
        raise NotFound
    found.withdrawn_at = now()
    record(
        session, actor, "screening.rule.withdrawn", found, new={"rule": found.rule_key}, reason=reason.strip(), risk=Risk.HIGH,
        regulation=Regulation.FCRA,
    )  # fmt: skip


def rules_today() -> Sequence[Row]:
    return rulebook().in_force(today())


def reopen_waiting(session: Session) -> Sequence[UUID]:
    """Ids of requests that stopped for their rules and are still wanted."""
    query = sa.select(ScreeningRequest.id).where(
        ScreeningRequest.ruling_id.is_(None), ScreeningRequest.canceled_at.is_(None), ScreeningRequest.stops != sa.text("'[]'::jsonb")
    )  # fmt: skip
    return session.scalars(query.order_by(ScreeningRequest.id)).all()
