"""Individual assessments (EEOC guidance of 2012, and the factors of the places): written, read again after the notice, agreed to."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.db import fetch
from app.core.errors import Conflict, Invalid, NotFound
from app.core.events import Actor, Regulation, Risk, record
from app.screening.models import Assessment, ScreeningRequest
from app.screening.rules.adverse import Stage
from app.screening.rules.states import EvidenceOf
from app.screening.services import evidence
from app.screening.services.adverse import judge
from app.screening.services.basis import Basis, basis

WHEN = frozenset({Stage.REVIEW, Stage.REASSESS})


def write(
    session: Session,
    actor: Actor,
    request: ScreeningRequest,
    *,
    factors: Mapping[str, str],
    reasoning: str,
    adverse: bool,
) -> Assessment:
    """Add an assessment of the report as it is now and of the records relied on. It is never changed; a newer one replaces it.

    Args:
        factors: factor of the ruling → what was weighed.

    Raises:
        Invalid: a factor or the reasoning is empty; field names are `reasoning` and the place of the factor, `factor_0` and on.
        Conflict: not the time for it, no record is relied on, or the actor's own order.
    """
    judge(actor, request)
    found = basis(session, request)
    ruling = found.case.ruling
    if ruling is None:
        raise Conflict("the rules of this case must be cleared by a person first")
    if request.stage not in WHEN:
        raise Conflict("an assessment is written before the notice, and again once the time to answer is over")
    if adverse and (not found.relied_on or found.undecided):
        raise Conflict("choose for every record first whether the decision rests on it")
    _refuse_empty(ruling.factors, factors, reasoning)
    made = Assessment(
        request_id=request.id, second=request.stage == Stage.REASSESS, report_revised_at=request.revised_at,
        record_refs=sorted(row.ref for row in found.relied_on),
        factors={factor: factors[factor].strip() for factor in ruling.factors}, reasoning=reasoning.strip(), adverse=adverse,
        written_by_user_id=actor.user_id, written_at=now(),
    )  # fmt: skip
    session.add(made)
    for item in found.happened:
        if item.read_at is None:  # who weighs the whole has read what the candidate said
            item.read_at, item.read_by_user_id = made.written_at, actor.user_id
    session.flush()
    evidence.append(session, EvidenceOf.ASSESSMENT, made, person_id=request.candidate_id)
    record(
        session, actor, "screening.assessment.written", made, new={"second": made.second, "adverse": adverse}, risk=Risk.HIGH,
        regulation=Regulation.FCRA,
    )  # fmt: skip
    return made


def _refuse_empty(wanted: tuple[str, ...], factors: Mapping[str, str], reasoning: str) -> None:
    problems = {
        f"factor_{place}": "Write what you weighed; a word is not enough for the place's rule"
        for place, factor in enumerate(wanted)
        if not factors.get(factor, "").strip()
    }
    if not reasoning.strip():
        problems["reasoning"] = "Write how you come to your view of the whole"
    if problems:
        raise Invalid(problems)


def agree(session: Session, actor: Actor, request: ScreeningRequest, assessment_id: UUID) -> Assessment:
    """A second person has read the newest assessment and agrees.

    Raises:
        Conflict: written by the actor, not the newest, agreed to already, or the actor's own order.
    """
    judge(actor, request)
    row = fetch(session, Assessment, assessment_id, lock=True)
    if row.request_id != request.id:
        raise NotFound
    newest = newest_of(basis(session, request))
    if newest is None or newest.id != row.id:
        raise Conflict("a newer assessment was written: read that one")
    if row.written_by_user_id == actor.user_id:
        raise Conflict("somebody else than its author must agree")
    if row.agreed_by_user_id is not None:
        raise Conflict("somebody has agreed already")
    row.agreed_by_user_id, row.agreed_at = actor.user_id, now()
    record(session, actor, "screening.assessment.agreed", row, risk=Risk.HIGH, regulation=Regulation.FCRA)
    return row


def newest_of(found: Basis) -> Assessment | None:
    return found.assessments[-1] if found.assessments else None
