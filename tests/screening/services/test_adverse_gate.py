"""No step of a case is taken while something it needs is missing: every stage, every action, every missing piece, by a person and by a job.

The rows of a case in each stage are made once; each attempt happens in a savepoint that is rolled back.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.connections.models import Connection
from app.core.clock import now
from app.core.db import fetch
from app.core.errors import Conflict, Forbidden
from app.core.events import Actor, system
from app.screening.models import Assessment, CaseNotice, ReportRecord, ScreeningRequest
from app.screening.rules.adverse import STEPS, Action, Stage, allowed
from app.screening.rules.clocks import Kind
from app.screening.rules.outcomes import Decision
from app.screening.rules.states import Choice, DeliveryState
from app.screening.rules.words import Channel
from app.screening.services import adverse
from app.screening.services.agency import Agency, name_agency
from tests.screening import judging as j
from tests.screening import made
from tests.screening.made import Employer

Spoil = Callable[[Session, Employer, ScreeningRequest], None]
A, S = Action, Stage


def in_stage(session: Session, employer: Employer, stage: Stage) -> ScreeningRequest:
    """A case in which nothing is missing for what may come next."""
    judge = employer.adjudicator
    if stage is S.GATE:
        return made.order(session, employer)
    if stage is S.REVIEW:
        return j.assessed(session, employer)
    if stage in (S.REASSESS, S.FINAL):
        request = j.reassessed(session, employer)
        if stage is S.FINAL:
            adverse.act(session, judge, request, A.FINALIZE)
        return request
    request = j.notified(session, employer)
    if stage is S.PRE_ADVERSE:
        (letter,) = j.letters_of(session, request)
        letter.sent_at, letter.delivery = (
            now(),
            DeliveryState.SENT.value,
        )  # as if the job that starts the clock were slow
        session.flush()
        return request
    j.arrive(session, judge, request)
    j.let_time_pass(session, request)
    if stage is S.PAUSED:
        adverse.answered(session, system("test"), request, Kind.EVIDENCE_ANNOUNCED, "I changed.")
        j.let_time_pass(session, request)
    elif stage is S.CANCELED:
        adverse.act(session, judge, request, A.CANCEL, reason="Hired after all")
    return request


def _notice(session: Session, request: ScreeningRequest) -> CaseNotice:
    return j.letters_of(session, request)[0]


def _newest(session: Session, request: ScreeningRequest) -> Assessment | None:
    query = sa.select(Assessment).where(Assessment.request_id == request.id).order_by(Assessment.id.desc()).limit(1)
    return session.scalars(query).one_or_none()


# Each takes one thing away.


def time_remains(session: Session, employer: Employer, request: ScreeningRequest) -> None:
    for letter in j.letters_of(session, request):
        letter.sent_at = now()


def last_day(session: Session, employer: Employer, request: ScreeningRequest) -> None:
    """The letter promised today, and today belongs to the candidate."""
    for letter in j.letters_of(session, request):
        letter.promised_on = now().date() + timedelta(days=1)  # today or tomorrow at the place, whatever the hour


def no_agency_phone(session: Session, employer: Employer, request: ScreeningRequest) -> None:
    connection = fetch(session, Connection, employer.connection_id)
    name_agency(session, employer.compliance, connection, Agency(j.AGENCY.name, j.AGENCY.address, " "))


def no_reconsideration(session: Session, employer: Employer, request: ScreeningRequest) -> None:
    j.set_policy(session, reconsideration="")


def dispute(session: Session, employer: Employer, request: ScreeningRequest) -> None:
    request.dispute_open = True


def no_second(session: Session, employer: Employer, request: ScreeningRequest) -> None:
    row = _newest(session, request)
    if row is not None:
        session.delete(row)


def second_before_answer(session: Session, employer: Employer, request: ScreeningRequest) -> None:
    request.answered_at = now() + timedelta(seconds=1)


def second_in_favor(session: Session, employer: Employer, request: ScreeningRequest) -> None:
    row = _newest(session, request)
    if row is not None:
        row.adverse = False


def factor_left_out(session: Session, employer: Employer, request: ScreeningRequest) -> None:
    row = _newest(session, request)
    if row is not None:
        row.factors = {**(row.factors or {}), j.factors_of(session, request)[0]: " "}


def other_report(session: Session, employer: Employer, request: ScreeningRequest) -> None:
    request.revised_at = now() + timedelta(seconds=1)


def nobody_agreed(session: Session, employer: Employer, request: ScreeningRequest) -> None:
    j.set_policy(session, second_person=True)


def author_agreed(session: Session, employer: Employer, request: ScreeningRequest) -> None:
    j.set_policy(session, second_person=True)
    row = _newest(session, request)
    if row is not None:
        row.agreed_by_user_id, row.agreed_at = row.written_by_user_id, now()


def rules_stop(session: Session, employer: Employer, request: ScreeningRequest) -> None:
    request.stops = [{"why": "unreviewed", "subject": "a rule", "digest": ""}]


def not_sent(session: Session, employer: Employer, request: ScreeningRequest) -> None:
    for letter in j.letters_of(session, request):
        letter.sent_at, letter.delivery = None, DeliveryState.QUEUED.value


def came_back(session: Session, employer: Employer, request: ScreeningRequest) -> None:
    for letter in j.letters_of(session, request):
        letter.bounced_at, letter.delivery = now(), DeliveryState.BOUNCED.value


def receipt_owed(session: Session, employer: Employer, request: ScreeningRequest) -> None:
    for letter in j.letters_of(session, request):
        letter.channel, letter.received_on = Channel.TRACKED_MAIL.value, None


def no_report(session: Session, employer: Employer, request: ScreeningRequest) -> None:
    request.report_file_id = None


def report_runs(session: Session, employer: Employer, request: ScreeningRequest) -> None:
    request.provider_status = "in_progress"


def open_record(session: Session, employer: Employer, request: ScreeningRequest) -> None:
    row = session.scalars(sa.select(ReportRecord).where(ReportRecord.request_id == request.id)).first()
    if row is not None:
        row.choice = Choice.OPEN.value


CLOCK = {A.START_CLOCK, A.RESUME, A.FINALIZE}
WAITED = {(S.WAITING, A.REASSESS)}
"""Who stayed silent keeps the whole time; who answered may be read at once."""

SPOILED: dict[Spoil, tuple[set[Action], set[tuple[Stage, Action]]]] = {
    time_remains: ({A.FINALIZE}, WAITED),
    last_day: ({A.FINALIZE}, WAITED),
    no_agency_phone: ({A.NOTIFY, A.FINALIZE}, set()),
    no_reconsideration: ({A.FINALIZE}, set()),
    dispute: ({*CLOCK, A.REASSESS}, set()),
    no_second: ({A.NOTIFY, A.FINALIZE}, set()),
    second_before_answer: ({A.FINALIZE}, set()),
    second_in_favor: ({A.NOTIFY, A.FINALIZE}, set()),
    factor_left_out: ({A.NOTIFY, A.FINALIZE}, set()),
    other_report: ({A.NOTIFY, A.FINALIZE}, set()),
    nobody_agreed: ({A.NOTIFY, A.FINALIZE}, set()),
    author_agreed: ({A.NOTIFY, A.FINALIZE}, set()),
    rules_stop: ({A.NOTIFY, *CLOCK}, WAITED),
    not_sent: (CLOCK, WAITED),
    came_back: (CLOCK, WAITED),
    receipt_owed: (CLOCK, WAITED),
    no_report: ({A.NOTIFY}, set()),
    report_runs: ({A.NOTIFY}, set()),
    open_record: ({A.NOTIFY, A.FINALIZE}, set()),
}


def expected(
    stage: Stage, action: Action, blocked: set[Action], besides: set[tuple[Stage, Action]], person: bool
) -> bool:
    """Whether the step must be taken. An order goes through the gate, never through here."""
    if (stage, action) not in STEPS or action is A.ORDER:
        return False
    if action in (A.NOTIFY, A.FINALIZE) and not person:
        return False
    return action not in blocked and (stage, action) not in besides


def attempt(session: Session, actor: Actor, request: ScreeningRequest, action: Action) -> bool:
    try:
        adverse.act(session, actor, request, action, reason="Because")
    except Conflict:
        return False
    return True


@pytest.mark.parametrize("stage", list(Stage))
def test_every_action_with_every_piece_missing(session: Session, employer: Employer, stage: Stage) -> None:
    request = in_stage(session, employer, stage)
    session.flush()
    assert request.stage == stage
    reached_final = 0
    for spoil, (blocked, besides) in [(None, (set[Action](), set[tuple[Stage, Action]]())), *SPOILED.items()]:
        for action in Action if spoil is None else sorted(allowed(stage)):
            for actor in (employer.adjudicator, system("some.job")):
                with session.begin_nested() as tried:
                    if spoil is not None:
                        spoil(session, employer, request)
                    session.flush()
                    taken = attempt(session, actor, request, action)
                    what = (stage, action, spoil and spoil.__name__, actor.kind)
                    assert taken is expected(stage, action, blocked, besides, actor.kind == "user"), what
                    final = stage is not S.FINAL and request.stage == S.FINAL
                    assert not final or (spoil in (None, no_report, report_runs) and actor.kind == "user"), what
                    reached_final += final
                    if stage is not S.FINAL:
                        assert (request.decision == Decision.NOT_ACCEPTED) is final, what
                    tried.rollback()
                session.expire_all()
    assert reached_final == (3 if stage is S.REASSESS else 0)


def test_who_ordered_takes_no_step_of_a_judge(session: Session, employer: Employer) -> None:
    for stage, action in [(S.REVIEW, A.NOTIFY), (S.WAITING, A.REASSESS), (S.PAUSED, A.RESUME), (S.REASSESS, A.FINALIZE), (S.WAITING, A.CANCEL)]:  # fmt: skip
        request = in_stage(session, employer, stage)
        request.recruiter_user_id = employer.adjudicator.user_id
        session.flush()
        with pytest.raises(Conflict, match="Who ordered a check does not judge it"):
            adverse.act(session, employer.adjudicator, request, action, reason="Because")


def test_only_an_adjudicator_takes_these_steps(session: Session, employer: Employer) -> None:
    request = in_stage(session, employer, S.REASSESS)
    for actor in (employer.recruiter, employer.compliance):
        with pytest.raises(Forbidden):
            adverse.act(session, actor, request, A.FINALIZE)
    assert request.stage == S.REASSESS


def test_nothing_else_writes_the_stage_or_refuses_anybody() -> None:
    """The words that could do it stand in one place each; the two others only begin a case and end an order."""
    root = Path(__file__).resolve().parents[3]
    stage = re.compile(r"\.stage\b[^=!<>\n]*=[^=]")
    writers = {
        str(path.relative_to(root)): [
            line.strip() for line in path.read_text().splitlines() if stage.search(line) and "request" in line
        ]
        for folder in ("app", "worker")
        for path in (root / folder).rglob("*.py")
        if stage.search(path.read_text())
    }
    lines = {name: text for name, text in writers.items() if text}
    allowed = {
        "app/screening/services/adverse/moving.py",
        "app/screening/services/gate.py",
        "app/screening/services/ordering.py",
    }
    assert set(lines) <= allowed, lines
    assert not any("FINAL" in line for text in lines.values() for line in text)
    refusing = [
        path.name for folder in ("app", "worker") for path in (root / folder).rglob("*.py")
        if "Decision.NOT_ACCEPTED.value" in path.read_text() and "request.decision" in path.read_text()
    ]  # fmt: skip
    assert refusing == ["moving.py"]
