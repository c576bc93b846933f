"""The one gate in front of every order (`rules.gate`). Page, API, job, import and command all go through `release`."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.db import fetch
from app.core.events import Actor, Regulation, record
from app.screening.documents import Kind, catalog
from app.screening.models import JobApplication, ScreeningRequest, Signature
from app.screening.rules.adverse import Action, Stage
from app.screening.rules.gate import Missing, OrderFacts, missing_for_order
from app.screening.rules.jurisdictions import Ruling
from app.screening.rules.outcomes import Decision
from app.screening.rules.states import Answer, ConsentState, OrderState, Part, RequestStatus
from app.screening.rules.words import AskStage, Moment
from app.screening.services.papers import in_force
from app.screening.services.progress import refresh
from app.screening.services.rulings import rule, ruling_of


def missing(session: Session, request: ScreeningRequest) -> tuple[Missing, ...]:
    """What keeps the order back, in the order a person would deal with it; empty: it may go out."""
    return missing_for_order(order_facts(session, request))


def order_facts(session: Session, request: ScreeningRequest) -> OrderFacts:
    """What the rows say; everything that no row says counts as missing."""
    ruling = ruling_of(session, request)
    application = fetch(session, JobApplication, request.application_id)
    signed = signed_documents(session, request)
    return OrderFacts(
        ruled=ruling is not None,
        reached=AskStage(application.stage),
        needed=ruling.ask_stage if ruling else AskStage.OFFER,
        consent_in_force=in_force(session, request),
        disclosure_signed_alone=Kind.DISCLOSURE in signed.values(),
        authorization_signed=Kind.AUTHORIZATION in signed.values(),
        unsigned=_unsigned(ruling, signed),
        certified=request.certified_at is not None,
        two_stages=ruling.two_stages if ruling else True,
        first_stage_closed=_first_stage_closed(session, request),
        criminal=request.criminal,
    )


def signed_documents(session: Session, request: ScreeningRequest) -> dict[str, Kind]:
    """Key → kind of what the candidate signed or acknowledged for this request, in the version their consent was given to."""
    given = request.consent_scope.get("documents", {})
    query = sa.select(Signature.document_key, Signature.document_version).where(
        Signature.request_id == request.id, Signature.answer != Answer.DECLINED.value
    )
    known = {document.key: document.kind for document in catalog().documents}
    return {
        row.document_key: known[row.document_key]
        for row in session.execute(query)
        if row.document_key in known and given.get(row.document_key) == row.document_version
    }


def _unsigned(ruling: Ruling | None, signed: dict[str, Kind]) -> tuple[str, ...]:
    if ruling is None:
        return ()
    return tuple(document.name for document in ruling.documents(Moment.BEFORE_CHECK) if document.key not in signed)


def _first_stage_closed(session: Session, request: ScreeningRequest) -> bool:
    """The first part is complete and a person has decided to go on with it."""
    if request.part != Part.SECOND or request.first_part_id is None:
        return False
    first = fetch(session, ScreeningRequest, request.first_part_id)
    return first.status == RequestStatus.COMPLETED and first.decision == Decision.ACCEPTED


def release(session: Session, actor: Actor, request: ScreeningRequest) -> bool:
    """Let the order go to the provider if nothing is missing; else write down what is. True when it goes (or went) out."""
    if request.order_state != OrderState.NONE or request.canceled_at is not None:
        return request.order_state in (OrderState.RELEASED, OrderState.PLACING, OrderState.PLACED)
    rule(session, request)
    lacks = missing(session, request)
    if lacks:
        _hold(session, actor, request, lacks)
        return False
    request.order_state, request.hold_reason = OrderState.RELEASED.value, ""
    request.stage, request.stage_changed_at = Stage.REVIEW.value, now()
    refresh(request)
    record(
        session, actor, "screening.request.released", request, new={"number": request.number, "step": Action.ORDER},
        regulation=Regulation.FCRA,
    )  # fmt: skip
    return True


def _hold(session: Session, actor: Actor, request: ScreeningRequest, lacks: tuple[Missing, ...]) -> None:
    reason = ",".join(lack.piece.value for lack in lacks)
    # Until the candidate has answered, waiting is the ordinary thing and nobody's to deal with.
    waiting = request.consent == ConsentState.PENDING and not request.stops
    request.hold_reason, old = "" if waiting else reason, request.hold_reason
    refresh(request)
    if request.hold_reason and request.hold_reason != old:
        record(session, actor, "screening.request.held", request, new={"missing": reason})
