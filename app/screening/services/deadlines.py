"""One case for who watches over it: its clock, what its next steps lack, and whether the evidence holds. Nothing a report says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.access import Can
from app.core.events import Actor
from app.screening.models import CaseNotice
from app.screening.rules.adverse import Action, Stage, allowed, missing
from app.screening.rules.gate import Missing
from app.screening.services import adverse, basis, proving
from app.screening.services.cases import Case, case
from app.screening.services.proving import Finding

STEPS = {
    Action.NOTIFY: "The notice before a decision",
    Action.START_CLOCK: "The candidate's time",
    Action.REASSESS: "The second assessment",
    Action.FINALIZE: "The final notice",
}
"""Steps a watcher asks about; the pages translate the words."""


@dataclass(frozen=True, slots=True)
class Watched:
    """steps: what each still lacks. findings: what of the evidence does not hold; empty: it is proved."""

    case: Case
    steps: dict[Action, tuple[Missing, ...]]
    notices: Sequence[CaseNotice]
    findings: list[Finding]


def watch(session: Session, actor: Actor, request_id: UUID) -> Watched:
    """Raises NotFound: no such request."""
    read = case(session, actor, request_id, Can.COMPLIANCE_MANAGE)
    found = basis.read(session, read)
    facts = adverse.facts_of(found, actor)
    stage = Stage(read.request.stage)
    steps = {action: missing(action, stage, facts) for action in STEPS if action in allowed(stage)}
    return Watched(read, steps, found.notices, proving.verify(session, request_id))
