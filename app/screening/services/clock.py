"""The candidate's clock as rows: what was sent and what happened go into `rules.clocks.due`, the day and its reasons into the request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.screening.models import CaseNotice, Happening
from app.screening.rules import clocks
from app.screening.rules.adverse import NOTIFIED
from app.screening.rules.calendars import VERSION
from app.screening.rules.clocks import Delivery, Due, Kind, Policy, Standing, Stands
from app.screening.rules.reasons import Reason
from app.screening.rules.schema import Wait
from app.screening.rules.states import DeliveryState, NoticeKind
from app.screening.rules.words import Channel, StartsFrom, Unit
from app.screening.services.cases import Case, place_of

PROMISED = "The letter says: answer by %(on)s"
_SAID = frozenset({Kind.DISPUTE_ANNOUNCED, Kind.EVIDENCE_ANNOUNCED})


def notices(session: Session, case: Case) -> Sequence[CaseNotice]:
    """The pre-adverse letters that count, on every channel."""
    query = sa.select(CaseNotice).where(
        CaseNotice.request_id == case.request.id,
        CaseNotice.kind == NoticeKind.PRE_ADVERSE.value,
        CaseNotice.void_at.is_(None),
    )
    return session.scalars(query.order_by(CaseNotice.id)).all()


def happened(session: Session, case: Case) -> Sequence[Happening]:
    query = sa.select(Happening).where(Happening.request_id == case.request.id)
    return session.scalars(query.order_by(Happening.happened_at, Happening.id)).all()


def due(session: Session, case: Case) -> Due | Stands:
    """When the candidate's time is over by what the rows say now. Nothing is written."""
    return of(case, notices(session, case), happened(session, case))


def of(case: Case, sent: Sequence[CaseNotice], known: Sequence[Happening]) -> Due | Stands:
    """The same, for a page that has read the rows already."""
    waits = any(notice.sent_at is None and notice.bounced_at is None for notice in sent)
    if case.ruling is None or case.request.notified_at is None or waits:
        came_back = waits and any(notice.bounced_at for notice in sent)
        return Stands(Standing.BOUNCED if came_back else Standing.NOT_SENT)
    found = clocks.due(
        case.ruling, case.work, _deliveries(case, sent), _moves(known, case.request.notified_at), policy(case)
    )
    if case.request.dispute_open and isinstance(found, Due):
        return Stands(Standing.IN_DISPUTE)
    return _promise_kept(found, sent)


def planned(case: Case, channels: Sequence[Channel], moment: datetime) -> date:
    """The day a letter may promise when it goes out now by these ways. A tracked letter counts as one without tracking.

    Raises:
        ValueError: the rules of the case are not cleared, or no channel is given.
    """
    if case.ruling is None:
        raise ValueError("the rules of this case are not cleared")
    deemed = [Channel.MAIL if channel is Channel.TRACKED_MAIL else channel for channel in channels]
    deliveries = [
        Delivery(channel, case.day_of(moment), to(case, channel)) for channel in {*deemed, *case.ruling.send_by}
    ]
    found = clocks.due(case.ruling, case.work, deliveries, policy=policy(case))
    if isinstance(found, Stands):
        raise ValueError(str(found))
    return found.due_on


def refresh(session: Session, case: Case) -> Due | Stands:
    """Write the day and its reasons into the request; None while the clock stands. Called after everything that moves it."""
    session.flush()
    found = due(session, case)
    request = case.request
    request.answer_due_on = found.due_on if isinstance(found, Due) else None
    if isinstance(found, Due):
        request.due_reasons = [stored(reason) for reason in found.reasons]
    else:
        request.due_reasons = [_standing(found)] if request.stage in NOTIFIED else []
    request.calendar_version = VERSION
    return found


def stored(reason: Reason) -> dict[str, Any]:
    """A reason as the request keeps it."""
    values = {name: _plain(value) for name, value in reason.values.items()}
    return {"message": reason.message, "values": values, "due_on": _plain(reason.due_on)}


def _plain(value: Any) -> Any:
    return {"date": value.isoformat()} if isinstance(value, date) else value


def reason_of(kept: Mapping[str, Any]) -> Reason:
    """What `stored` kept, with its dates as dates again."""
    values = {name: _real(value) for name, value in kept["values"].items()}
    return Reason(kept["message"], values, _real(kept["due_on"]))


def _real(value: Any) -> Any:
    return date.fromisoformat(value["date"]) if isinstance(value, dict) else value


def _standing(stands: Stands) -> dict[str, Any]:
    return {"message": clocks.WORDS[stands.why], "values": {}, "due_on": None}


def policy(case: Case) -> Policy:
    """The company's own wait; a law that gives more wins in `clocks.due`."""
    return Policy(Wait(days=case.policy.adverse_days, unit=Unit.CALENDAR, starts=StartsFrom.SENT))


def to(case: Case, channel: Channel) -> Any:
    """Where a letter goes; for an e-mail the residence."""
    if channel is Channel.EMAIL:
        return case.residence
    return place_of(case.candidate.address) if case.candidate.address else case.residence


def _deliveries(case: Case, sent: Sequence[CaseNotice]) -> list[Delivery]:
    return [
        Delivery(
            Channel(notice.channel), case.day_of(notice.sent_at), place_of(notice.to_place), notice.received_on,
            notice.delivery == DeliveryState.BOUNCED,
        )
        for notice in sent
        if notice.sent_at is not None
    ]  # fmt: skip


def _moves(known: Sequence[Happening], notified_at: datetime) -> list[clocks.Happening]:
    """Disputes at any time; what the candidate says counts from the notice on."""
    return [
        clocks.Happening(Kind(item.kind), item.on, item.ref)
        for item in known
        if Kind(item.kind) not in _SAID or item.happened_at >= notified_at
    ]


def _promise_kept(found: Due | Stands, sent: Sequence[CaseNotice]) -> Due | Stands:
    """Never before the day a letter named: its reader relies on it."""
    promised = max((notice.promised_on for notice in sent if notice.promised_on), default=None)
    if isinstance(found, Stands) or promised is None or promised <= found.due_on:
        return found
    return Due(promised, (Reason(PROMISED, {"on": promised}, promised), *found.reasons))
