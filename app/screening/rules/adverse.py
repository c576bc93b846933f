"""Adverse action, step by step (reference/screening.md §3.5): which step may follow which, and what each step still lacks.

No step leads to `FINAL` before the candidate's time is over, without every required detail, with a dispute open, without a second
assessment, or by anything but a person (15 USC 1681b(b)(3), 1681m(a); the second assessment is Los Angeles County's, done everywhere).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from app.core.errors import Conflict
from app.screening.rules.gate import Missing, OrderFacts, Piece, missing_for_order, names, pieces
from app.screening.rules.outcomes import Decision


class Stage(StrEnum):
    """`REVIEW` begins with the order: the check runs, or its records are read, and nothing adverse has begun."""

    GATE = "gate_order"
    REVIEW = "review"
    PRE_ADVERSE = "pre_adverse"
    WAITING = "waiting"
    PAUSED = "paused"
    REASSESS = "reassess"
    FINAL = "final"
    CANCELED = "canceled"


class Action(StrEnum):
    ORDER = "order"
    NOTIFY = "notify"
    START_CLOCK = "start_clock"
    BOUNCE = "bounce"
    ANSWER = "answer"
    RESUME = "resume"
    REASSESS = "reassess"
    FINALIZE = "finalize"
    CANCEL = "cancel"
    REVISE = "revise"


class Duty(StrEnum):
    """What must follow a step; the caller does it in the same transaction."""

    SEND_NOTICE = "send_notice"
    SEND_AGAIN = "send_again"
    SEND_FINAL = "send_final"
    TELL_CANDIDATE = "tell_candidate"
    TELL_PROVIDER = "tell_provider"
    START_RETENTION = "start_retention"


_S, _A = Stage, Action
STEPS: dict[tuple[Stage, Action], Stage] = {
    (_S.GATE, _A.ORDER): _S.REVIEW,
    (_S.GATE, _A.CANCEL): _S.CANCELED,
    (_S.REVIEW, _A.NOTIFY): _S.PRE_ADVERSE,
    (_S.REVIEW, _A.CANCEL): _S.CANCELED,
    (_S.REVIEW, _A.REVISE): _S.REVIEW,
    (_S.PRE_ADVERSE, _A.START_CLOCK): _S.WAITING,
    (_S.PRE_ADVERSE, _A.BOUNCE): _S.PRE_ADVERSE,
    (_S.PRE_ADVERSE, _A.ANSWER): _S.PAUSED,  # an e-mail is answered before the letter arrives
    (_S.PRE_ADVERSE, _A.CANCEL): _S.CANCELED,
    (_S.PRE_ADVERSE, _A.REVISE): _S.REVIEW,
    (_S.WAITING, _A.BOUNCE): _S.PRE_ADVERSE,
    (_S.WAITING, _A.ANSWER): _S.PAUSED,
    (_S.WAITING, _A.REASSESS): _S.REASSESS,
    (_S.WAITING, _A.CANCEL): _S.CANCELED,
    (_S.WAITING, _A.REVISE): _S.REVIEW,
    (_S.PAUSED, _A.BOUNCE): _S.PRE_ADVERSE,
    (_S.PAUSED, _A.ANSWER): _S.PAUSED,
    (_S.PAUSED, _A.RESUME): _S.WAITING,
    (_S.PAUSED, _A.REASSESS): _S.REASSESS,
    (_S.PAUSED, _A.CANCEL): _S.CANCELED,
    (_S.PAUSED, _A.REVISE): _S.REVIEW,
    (_S.REASSESS, _A.BOUNCE): _S.PRE_ADVERSE,
    (_S.REASSESS, _A.ANSWER): _S.PAUSED,
    (_S.REASSESS, _A.FINALIZE): _S.FINAL,
    (_S.REASSESS, _A.CANCEL): _S.CANCELED,
    (_S.REASSESS, _A.REVISE): _S.REVIEW,
    # A report that is corrected afterwards is looked at again: the letter that went out may be wrong.
    (_S.FINAL, _A.REVISE): _S.REVIEW,
    (_S.CANCELED, _A.REVISE): _S.REVIEW,
}
"""Everything else is refused."""

NOTIFIED = frozenset({_S.PRE_ADVERSE, _S.WAITING, _S.PAUSED, _S.REASSESS})
"""The candidate has been told, or is about to be, that the answer may be no."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a case. Everything counts as missing until somebody says otherwise.

    Attributes:
        ruled: the frozen ruling stands, and no stop.
        assessed: the individual assessment of this revision of the report is written, with the factors of every row.
        second_person: the policy asks for one. second_person_agreed: and somebody else than the assessor agreed.
        attachments: names of papers the pre-adverse notice still lacks: report copy, Summary of Rights, notices of the places.
        due_on: `clocks.due`; None while the clock stands, whatever the reason.
        today: at the candidate's place, the earliest of its zones.
        tokens: names of details of the final notice that are empty.
        reassessed: see `counts_as_second`.
        by_person: a person acts, not a job.
        reason: why the adverse action ends.
    """

    today: date
    order: OrderFacts = field(default_factory=OrderFacts)
    ruled: bool = False
    report_complete: bool = False
    records_chosen: bool = False
    assessed: bool = False
    second_person: bool = False
    second_person_agreed: bool = False
    attachments: tuple[str, ...] = ("report_copy", "summary_of_rights")
    due_on: date | None = None
    dispute_open: bool = True
    tokens: tuple[str, ...] = ("cra_name",)
    reassessed: bool = False
    by_person: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    stage: Stage
    duties: tuple[Duty, ...]


def after(stage: str, action: Action, facts: Facts) -> Step:
    """The stage a step leads to, and what must follow.

    Raises:
        Conflict: the step is not possible from this stage, or something is missing (named in the text).
    """
    then = STEPS.get((Stage(stage), action))
    if then is None:
        raise Conflict(f"{action.value} is not possible while the case is in {stage}")
    lacks = missing(action, Stage(stage), facts)
    if lacks:
        raise Conflict(names(lacks))
    return Step(then, _duties(Stage(stage), action))


def allowed(stage: str) -> frozenset[Action]:
    """What the stage knows at all; `missing` says what a step still lacks."""
    return frozenset(action for known, action in STEPS if known == stage)


def missing(action: Action, stage: Stage, facts: Facts) -> tuple[Missing, ...]:
    """What a step still lacks, in the order a person would deal with it: a blocked button says why."""
    if action is Action.ORDER:
        return missing_for_order(facts.order)
    if action is Action.NOTIFY:
        return _missing_to_notify(facts)
    if action is Action.FINALIZE:
        return _missing_to_finalize(facts)
    if action in (Action.START_CLOCK, Action.RESUME):
        return _missing_to_run(facts)
    if action is Action.REASSESS:
        return _missing_to_reassess(stage, facts)
    return pieces((Piece.REASON, action is Action.CANCEL and not facts.reason.strip()))


def _missing_to_notify(facts: Facts) -> tuple[Missing, ...]:
    return pieces(
        (Piece.RULES, not facts.ruled),
        (Piece.REPORT, not facts.report_complete),
        (Piece.RECORDS, not facts.records_chosen),
        (Piece.ASSESSMENT, not facts.assessed),
        (Piece.SECOND_PERSON, facts.second_person and not facts.second_person_agreed),
        (Piece.ATTACHMENTS, facts.attachments),
        (Piece.PERSON, not facts.by_person),
    )


def _missing_to_run(facts: Facts) -> tuple[Missing, ...]:
    """Why the clock stands: a dispute, or else a notice that has not arrived."""
    return pieces(
        (Piece.OPEN_DISPUTE, facts.dispute_open),
        (Piece.DELIVERY, facts.due_on is None and not facts.dispute_open),
    )


def _missing_to_reassess(stage: Stage, facts: Facts) -> tuple[Missing, ...]:
    """Whoever stayed silent keeps the whole time; whoever has answered may be read at once."""
    if stage is Stage.WAITING:
        return _missing_to_run(facts) + pieces((Piece.DATE, _time_remains(facts)))
    return pieces((Piece.OPEN_DISPUTE, facts.dispute_open))


def _missing_to_finalize(facts: Facts) -> tuple[Missing, ...]:
    return _missing_to_run(facts) + pieces(
        (Piece.DATE, _time_remains(facts)),
        (Piece.RULES, not facts.ruled),
        (Piece.SECOND_ASSESSMENT, not facts.reassessed),
        (Piece.SECOND_PERSON, facts.second_person and not facts.second_person_agreed),
        (Piece.TOKENS, facts.tokens),
        (Piece.PERSON, not facts.by_person),
    )


def _time_remains(facts: Facts) -> bool:
    """The last day belongs to the candidate."""
    return facts.due_on is not None and facts.today <= facts.due_on


def _duties(stage: Stage, action: Action) -> tuple[Duty, ...]:
    if action is Action.NOTIFY:
        return (Duty.SEND_NOTICE,)
    if action is Action.BOUNCE:
        return (Duty.SEND_AGAIN,)
    if action is Action.FINALIZE:
        return (Duty.SEND_FINAL, Duty.TELL_PROVIDER, Duty.START_RETENTION)
    if action in (Action.CANCEL, Action.REVISE) and stage in NOTIFIED:
        return (Duty.TELL_CANDIDATE, Duty.TELL_PROVIDER)
    return ()


def counts_as_second(
    written_at: datetime, notified_at: datetime, answered_at: datetime | None, revised_at: datetime | None
) -> bool:
    """Whether an assessment is the second one: written after the notice, after the last answer, and of the newest report."""
    return all(written_at > moment for moment in (notified_at, answered_at, revised_at) if moment is not None)


def may_decide(stage: str, decision: Decision) -> bool:
    """Our own decision follows the stage: nobody is accepted while a notice is out, nobody refused before the final one."""
    return {
        Decision.PENDING: True,
        Decision.ACCEPTED: stage in (Stage.REVIEW, Stage.CANCELED),
        Decision.NOT_ACCEPTED: stage == Stage.FINAL,
    }[decision]
