"""What a candidate, the post and the provider do in a case. Each may come twice and changes something once."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.db import fetch
from app.core.events import Actor, Regulation, record
from app.screening.models import CaseNotice, Happening, ScreeningRequest
from app.screening.rules.adverse import NOTIFIED, Action, allowed
from app.screening.rules.clocks import Kind
from app.screening.rules.states import DeliveryState, NoticeKind
from app.screening.rules.words import Channel
from app.screening.services import clock, letters
from app.screening.services.adverse.moving import act
from app.screening.services.basis import basis
from app.screening.services.progress import refresh


def dispute_opened(session: Session, actor: Actor, request: ScreeningRequest, ref: str, on: date) -> None:
    """A dispute began at the provider: the clock stands. While it is open the same ref changes nothing; later it is a new dispute."""
    request = _locked(session, request)
    opened, closed = _disputes(session, request, ref)
    if opened > closed:
        return
    _happen(session, request, Kind.DISPUTE_OPENED, on, ref=f"{ref}#{opened + 1}", source="provider")
    request.dispute_open = True
    _answered(session, actor, request, Kind.DISPUTE_OPENED)


def dispute_closed(session: Session, actor: Actor, request: ScreeningRequest, ref: str, on: date) -> None:
    """The provider has answered. A person looks and resumes; a changed report goes back to review by itself (`revise`)."""
    request = _locked(session, request)
    opened, closed = _disputes(session, request, ref)
    if opened <= closed:
        return
    _happen(session, request, Kind.DISPUTE_CLOSED, on, ref=f"{ref}#{opened}", source="provider")
    session.flush()
    opened, closed = _disputes(session, request)
    request.dispute_open = opened > closed
    record(
        session, actor, "screening.case.answered", request, new={"kind": Kind.DISPUTE_CLOSED.value}, regulation=Regulation.FCRA
    )  # fmt: skip
    clock.refresh(session, basis(session, request).case)
    refresh(request)


def answered(
    session: Session,
    actor: Actor,
    request: ScreeningRequest,
    kind: Kind,
    text: str,
    *,
    file_id: UUID | None = None,
    source: str = "candidate",
) -> Happening:
    """The candidate says something: that the report is wrong, or what speaks for them. Before a notice it is kept beside the records.

    Args:
        kind: DISPUTE_ANNOUNCED or EVIDENCE_ANNOUNCED. source: `us` when somebody writes down what came by phone or post.
    """
    if kind not in (Kind.DISPUTE_ANNOUNCED, Kind.EVIDENCE_ANNOUNCED):
        raise ValueError(f"{kind} is the provider's to say")
    request = _locked(session, request)
    found = basis(session, request)
    item = _happen(session, request, kind, found.case.day_of(now()), source=source, text=text, file_id=file_id)
    _answered(session, actor, request, kind)
    if kind is Kind.DISPUTE_ANNOUNCED and request.stage in NOTIFIED:
        letter = letters.plain(
            found, "dispute_receipt", NoticeKind.DISPUTE_RECEIPT, now(), dispute_received_on=item.on,
            disputed=[text] if text.strip() else [],
        )  # fmt: skip
        letters.make(session, actor, found.case, letter, (Channel.EMAIL,))
    return item


def _answered(session: Session, actor: Actor, request: ScreeningRequest, kind: Kind) -> None:
    """Stop the clock where one runs, and tell the adjudicator."""
    if request.stage in NOTIFIED:
        request.answered_at = now()
    record(session, actor, "screening.case.answered", request, new={"kind": kind.value}, regulation=Regulation.FCRA)
    if Action.ANSWER in allowed(request.stage):
        act(session, actor, request, Action.ANSWER)
    else:
        clock.refresh(session, basis(session, request).case)
        refresh(request)


def notice_bounced(session: Session, actor: Actor, request: ScreeningRequest, notice_id: UUID | None) -> None:
    """A letter came back: the clock stops, and it goes out another way. The same again changes nothing.

    Args:
        notice_id: of the `CaseNotice`; None: the newest e-mail of the case.
    """
    request = _locked(session, request)
    notice = _which(session, request, notice_id)
    if notice is None or notice.bounced_at is not None:
        return
    notice.delivery, notice.bounced_at = DeliveryState.BOUNCED.value, now()
    letters.tell(session, actor, "screening.notice.bounced", notice)
    session.flush()
    if notice.void_at is not None:
        return
    if notice.kind == NoticeKind.PRE_ADVERSE:
        if Action.BOUNCE in allowed(request.stage):
            act(session, actor, request, Action.BOUNCE)
    elif notice.channel == Channel.EMAIL:
        letters.again(session, actor, basis(session, request).case, notice, Channel.MAIL)


def _locked(session: Session, request: ScreeningRequest) -> ScreeningRequest:
    session.flush()
    return fetch(session, ScreeningRequest, request.id, lock=True)


def _which(session: Session, request: ScreeningRequest, notice_id: UUID | None) -> CaseNotice | None:
    query = sa.select(CaseNotice).where(CaseNotice.request_id == request.id)
    if notice_id is not None:
        query = query.where(CaseNotice.id == notice_id)
    else:
        query = query.where(CaseNotice.channel == Channel.EMAIL.value, CaseNotice.bounced_at.is_(None))
    return session.scalars(query.order_by(CaseNotice.id.desc()).limit(1)).one_or_none()


def _disputes(session: Session, request: ScreeningRequest, ref: str = "") -> tuple[int, int]:
    """How many were opened and closed: under this ref, or in all. They are numbered, so that one opened anew is another."""
    query = sa.select(Happening.kind, Happening.ref).where(Happening.request_id == request.id)
    rows = [row for row in session.execute(query) if not ref or row.ref.rpartition("#")[0] == ref]
    opened, closed = (sum(row.kind == kind for row in rows) for kind in (Kind.DISPUTE_OPENED, Kind.DISPUTE_CLOSED))
    return opened, closed


def _happen(
    session: Session,
    request: ScreeningRequest,
    kind: Kind,
    on: date,
    *,
    source: str,
    ref: str = "",
    text: str = "",
    file_id: UUID | None = None,
) -> Happening:
    item = Happening(
        request_id=request.id,
        kind=kind.value,
        ref=ref,
        on=on,
        happened_at=now(),
        source=source,
        text=text or None,
        file_id=file_id,
    )
    session.add(item)
    return item
