"""Adverse action: every stage and action, every combination of what may be missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.errors import Conflict
from app.screening.rules import adverse
from app.screening.rules.adverse import STEPS, Action, Duty, Facts, Stage, Step, counts_as_second, may_decide, missing
from app.screening.rules.gate import Piece
from app.screening.rules.outcomes import Decision
from tests.screening.rules.test_gate import READY

TABLE = """
             order   notify       start_clock  bounce       answer  resume   reassess  finalize  cancel    revise
gate_order   review  -            -            -            -       -        -         -         canceled  -
review       -       pre_adverse  -            -            -       -        -         -         canceled  review
pre_adverse  -       -            waiting      pre_adverse  paused  -        -         -         canceled  review
waiting      -       -            -            pre_adverse  paused  -        reassess  -         canceled  review
paused       -       -            -            pre_adverse  paused  waiting  reassess  -         canceled  review
reassess     -       -            -            pre_adverse  paused  -        -         final     canceled  review
final        -       -            -            -            -       -        -         -         -         review
canceled     -       -            -            -            -       -        -         -         -         review
"""
TODAY = date(2026, 12, 16)
DUE = {"none": None, "later": TODAY + timedelta(days=1), "today": TODAY, "past": TODAY - timedelta(days=1)}
COMPLETE = Facts(
    TODAY,
    order=READY,
    ruled=True,
    report_complete=True,
    records_chosen=True,
    assessed=True,
    second_person=True,
    second_person_agreed=True,
    attachments=(),
    due_on=DUE["past"],
    dispute_open=False,
    tokens=(),
    reassessed=True,
    by_person=True,
    reason="Hired after all",
)
BOTH = (False, True)


def expected() -> dict[tuple[str, str], str]:
    head, *lines = [line.split() for line in TABLE.strip().splitlines()]
    return {(line[0], action): word for line in lines for action, word in zip(head, line[1:], strict=True)}


@pytest.mark.parametrize(("stage", "action"), list(product(Stage, Action)))
def test_every_stage_and_action(stage: Stage, action: Action) -> None:
    word = expected()[stage.value, action.value]
    if word == "-":
        assert action not in adverse.allowed(stage)
        with pytest.raises(Conflict, match="is not possible while the case is in"):
            adverse.after(stage, action, COMPLETE)
    else:
        assert action in adverse.allowed(stage)
        assert adverse.after(stage, action, COMPLETE).stage == word


def test_only_one_step_leads_to_the_end() -> None:
    assert [step for step, then in STEPS.items() if then is Stage.FINAL] == [(Stage.REASSESS, Action.FINALIZE)]


def everything(first: Facts) -> list[Facts]:
    """All combinations of what the final step asks for."""
    return [
        replace(
            first, ruled=ruled, due_on=due, dispute_open=dispute, reassessed=again, second_person=two,
            second_person_agreed=agreed, tokens=tokens, by_person=person,
        )
        for due in DUE.values()
        for tokens in ((), ("cra_phone",))
        for ruled, dispute, again, two, agreed, person in product(BOTH, repeat=6)
    ]  # fmt: skip


@pytest.mark.parametrize("first", [COMPLETE, Facts(TODAY)], ids=["else all there", "else nothing there"])
@pytest.mark.parametrize("stage", list(Stage))
def test_no_way_to_a_final_notice_with_anything_missing(stage: Stage, first: Facts) -> None:
    """8 stages, 10 actions, 512 combinations, and what else is known: final only with all of it, and by one step."""
    reached = 0
    for facts, action in product(everything(first), Action):
        try:
            step = adverse.after(stage, action, facts)
        except Conflict:
            continue
        if step.stage is Stage.FINAL:
            reached += 1
            assert (stage, action) == (Stage.REASSESS, Action.FINALIZE)
            assert facts.due_on is not None
            assert facts.due_on < TODAY
            assert facts.ruled
            assert not facts.dispute_open
            assert not facts.tokens
            assert facts.reassessed
            assert facts.by_person
            assert facts.second_person_agreed or not facts.second_person
    assert reached == (3 if stage is Stage.REASSESS else 0)  # one person; one person, agreed anyway; two persons


def test_what_a_final_notice_lacks_is_named() -> None:
    for facts in everything(COMPLETE):
        wanted = {
            Piece.OPEN_DISPUTE: not facts.dispute_open,
            Piece.DELIVERY: facts.due_on is not None or facts.dispute_open,
            Piece.DATE: facts.due_on in (None, DUE["past"]),
            Piece.RULES: facts.ruled,
            Piece.SECOND_ASSESSMENT: facts.reassessed,
            Piece.SECOND_PERSON: facts.second_person_agreed or not facts.second_person,
            Piece.TOKENS: not facts.tokens,
            Piece.PERSON: facts.by_person,
        }
        lacks = missing(Action.FINALIZE, Stage.REASSESS, facts)
        assert [item.piece for item in lacks] == [piece for piece, there in wanted.items() if not there]
        for item in lacks:
            assert item.names == (facts.tokens if item.piece is Piece.TOKENS else ())
            with pytest.raises(Conflict, match=str(item)[:20]):
                adverse.after(Stage.REASSESS, Action.FINALIZE, facts)


def test_what_a_pre_adverse_notice_lacks_is_named() -> None:
    """All 2^8 combinations."""
    for ruled, report, records, assessed, two, agreed, lacking, person in product(BOTH, repeat=8):
        facts = replace(
            COMPLETE, ruled=ruled, report_complete=report, records_chosen=records, assessed=assessed, second_person=two,
            second_person_agreed=agreed, attachments=("Copy of the report",) if lacking else (), by_person=person,
        )  # fmt: skip
        wanted = {
            Piece.RULES: ruled,
            Piece.REPORT: report,
            Piece.RECORDS: records,
            Piece.ASSESSMENT: assessed,
            Piece.SECOND_PERSON: agreed or not two,
            Piece.ATTACHMENTS: not lacking,
            Piece.PERSON: person,
        }
        lacks = missing(Action.NOTIFY, Stage.REVIEW, facts)
        assert [item.piece for item in lacks] == [piece for piece, there in wanted.items() if not there]
        if lacks:
            with pytest.raises(Conflict):
                adverse.after(Stage.REVIEW, Action.NOTIFY, facts)
        else:
            assert adverse.after(Stage.REVIEW, Action.NOTIFY, facts) == Step(Stage.PRE_ADVERSE, (Duty.SEND_NOTICE,))


@pytest.mark.parametrize(
    ("stage", "action", "change", "lacks"),
    [
        (Stage.PRE_ADVERSE, Action.START_CLOCK, {"due_on": None}, [Piece.DELIVERY]),
        (Stage.PAUSED, Action.RESUME, {"dispute_open": True}, [Piece.OPEN_DISPUTE]),
        # a dispute alone explains why there is no date
        (Stage.PAUSED, Action.RESUME, {"due_on": None, "dispute_open": True}, [Piece.OPEN_DISPUTE]),
        (Stage.PRE_ADVERSE, Action.START_CLOCK, {"due_on": None, "dispute_open": True}, [Piece.OPEN_DISPUTE]),
        # whoever stayed silent keeps the whole time, the last day included
        (Stage.WAITING, Action.REASSESS, {"due_on": TODAY}, [Piece.DATE]),
        (Stage.WAITING, Action.REASSESS, {"due_on": None}, [Piece.DELIVERY]),
        (Stage.WAITING, Action.REASSESS, {"dispute_open": True}, [Piece.OPEN_DISPUTE]),
        # whoever answered may be read at once
        (Stage.PAUSED, Action.REASSESS, {"due_on": TODAY}, []),
        (Stage.PAUSED, Action.REASSESS, {"dispute_open": True}, [Piece.OPEN_DISPUTE]),
        (Stage.PRE_ADVERSE, Action.CANCEL, {"reason": "  "}, [Piece.REASON]),
        (Stage.WAITING, Action.ANSWER, {"dispute_open": True, "due_on": None}, []),
        (Stage.WAITING, Action.BOUNCE, {"due_on": None}, []),
        (Stage.FINAL, Action.REVISE, {}, []),
    ],
)
def test_what_the_other_steps_lack(stage: Stage, action: Action, change: dict[str, object], lacks: list[Piece]) -> None:
    facts = replace(COMPLETE, **change)  # type: ignore[arg-type]
    assert [item.piece for item in missing(action, stage, facts)] == lacks
    if lacks:
        with pytest.raises(Conflict):
            adverse.after(stage, action, facts)
    else:
        adverse.after(stage, action, facts)


def test_what_must_follow() -> None:
    def duties(stage: Stage, action: Action) -> tuple[Duty, ...]:
        return adverse.after(stage, action, COMPLETE).duties

    assert duties(Stage.WAITING, Action.BOUNCE) == (Duty.SEND_AGAIN,)
    assert duties(Stage.REASSESS, Action.FINALIZE) == (Duty.SEND_FINAL, Duty.TELL_PROVIDER, Duty.START_RETENTION)
    assert duties(Stage.REVIEW, Action.CANCEL) == ()  # nobody was told anything
    assert duties(Stage.WAITING, Action.CANCEL) == (Duty.TELL_CANDIDATE, Duty.TELL_PROVIDER)
    assert duties(Stage.WAITING, Action.REVISE) == (Duty.TELL_CANDIDATE, Duty.TELL_PROVIDER)
    assert duties(Stage.FINAL, Action.REVISE) == ()
    assert duties(Stage.WAITING, Action.ANSWER) == ()


STEPS_TAKEN = st.lists(
    st.tuples(
        st.sampled_from(list(Action)), st.sampled_from(list(DUE)), st.lists(st.booleans(), min_size=4, max_size=4)
    ),
    max_size=25,
)


@settings(max_examples=500)
@given(STEPS_TAKEN)
def test_no_walk_is_final_without_notice_wait_and_second_assessment(walk) -> None:
    """Any walk from the gate: whoever ends in `FINAL` was notified, the clock ran or an answer came, and was assessed anew."""
    stage, seen = Stage.GATE, [Stage.GATE]
    for action, due, (dispute, again, person, tokens) in walk:
        facts = replace(
            COMPLETE, due_on=DUE[due], dispute_open=dispute, reassessed=again, by_person=person,
            tokens=("cra_name",) if tokens else (),
        )  # fmt: skip
        try:
            stage = adverse.after(stage, action, facts).stage
        except Conflict:
            continue
        seen.append(stage)
        if stage is Stage.FINAL:
            since = seen[len(seen) - 1 - seen[::-1].index(Stage.REVIEW) :]
            assert Stage.PRE_ADVERSE in since
            assert Stage.REASSESS in since
            assert {Stage.WAITING, Stage.PAUSED} & set(since)


NINE = datetime(2026, 12, 16, 9, 0, tzinfo=UTC)
EIGHT, TEN = NINE - timedelta(hours=1), NINE + timedelta(hours=1)


@pytest.mark.parametrize(
    ("notified", "answered", "revised", "counts"),
    [
        (EIGHT, None, None, True),
        (EIGHT, EIGHT, EIGHT, True),
        (NINE, None, None, False),
        (TEN, None, None, False),
        (EIGHT, TEN, None, False),
        (EIGHT, None, TEN, False),
    ],
)
def test_a_second_assessment_is_newer_than_notice_answer_and_report(
    notified: datetime, answered: datetime | None, revised: datetime | None, counts: bool
) -> None:
    assert counts_as_second(NINE, notified, answered, revised) is counts


@pytest.mark.parametrize(("stage", "decision"), list(product(Stage, Decision)))
def test_our_decision_follows_the_stage(stage: Stage, decision: Decision) -> None:
    allowed = {
        Decision.PENDING: set(Stage),
        Decision.ACCEPTED: {Stage.REVIEW, Stage.CANCELED},
        Decision.NOT_ACCEPTED: {Stage.FINAL},
    }
    assert may_decide(stage, decision) is (stage in allowed[decision])
