"""What the rows say of a case, and who may judge it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.core.access import Can
from app.core.errors import Conflict
from app.core.events import Actor
from app.integrations.screening import Status
from app.screening.models import ScreeningRequest
from app.screening.rules.adverse import NOTIFIED, Facts
from app.screening.rules.clocks import Due
from app.screening.services import wording
from app.screening.services.basis import Basis, basis

OWN_ORDER = "Who ordered a check does not judge it: another adjudicator must do this"


def facts(session: Session, request: ScreeningRequest, actor: Actor, *, reason: str = "") -> Facts:
    """What the rows say of a case. Everything no row says counts as missing."""
    return facts_of(basis(session, request), actor, reason=reason)


def facts_of(found: Basis, actor: Actor, *, reason: str = "") -> Facts:
    """The same, of rows that were read already."""
    case, request = found.case, found.case.request
    weighed = found.second if request.stage in NOTIFIED else found.first
    return Facts(
        case.today(),
        ruled=case.ruling is not None,
        report_complete=request.provider_status == Status.COMPLETE and not found.walled,
        records_chosen=bool(found.relied_on) and not found.undecided,
        assessed=found.first is not None,
        second_person=case.policy.second_person,
        second_person_agreed=weighed is not None
        and weighed.agreed_by_user_id not in (None, weighed.written_by_user_id),
        attachments=wording.papers_lacking(found),
        due_on=found.due.due_on if isinstance(found.due, Due) else None,
        dispute_open=request.dispute_open,
        tokens=wording.tokens_lacking(found),
        reassessed=found.second is not None,
        by_person=actor.kind == "user" and actor.user_id is not None,
        reason=reason,
    )


def is_own(actor: Actor, request: ScreeningRequest) -> bool:
    """Whether the actor ordered the check, or recruits for it: then somebody else must judge it."""
    return actor.user_id is not None and actor.user_id in (request.initiated_by_user_id, request.recruiter_user_id)


def judge(actor: Actor, request: ScreeningRequest) -> None:
    """Raises Forbidden without the permission to judge, Conflict for the actor's own order."""
    actor.require(Can.ADVERSE_ACT)
    if is_own(actor, request):
        raise Conflict(OWN_ORDER)
