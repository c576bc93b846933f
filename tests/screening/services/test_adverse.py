"""Adverse action over real rows: what each step needs, does and refuses."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from app.core.errors import Conflict
from app.screening.rules.adverse import Action, Stage
from app.screening.rules.outcomes import Decision
from app.screening.rules.states import Bucket, NoticeKind
from app.screening.services import adverse
from tests.screening import judging as j
from tests.screening.made import Employer


def test_the_whole_way_to_the_final_notice(session: Session, employer: Employer) -> None:
    judge = employer.adjudicator
    request = j.notified(session, employer)
    assert request.stage == Stage.PRE_ADVERSE
    assert request.notified_at is not None
    assert request.answer_due_on is None
    assert request.due_reasons[0]["message"].startswith("The notice has not gone out")
    (letter,) = j.letters_of(session, request)
    assert [item["name"] for item in letter.attachments] == [
        "report_copy",
        "summary_of_rights",
        "ca_preliminary_notice",
    ]
    assert all(len(item["sha256"]) == 64 for item in letter.attachments)
    j.arrive(session, judge, request)
    assert request.stage == Stage.WAITING
    assert request.answer_due_on == letter.promised_on
    assert "CA" in {reason["values"]["place"] for reason in request.due_reasons}
    j.let_time_pass(session, request)
    adverse.act(session, judge, request, Action.REASSESS)
    with pytest.raises(Conflict, match="Write the second assessment"):
        adverse.act(session, judge, request, Action.FINALIZE)
    j.assess(session, judge, request)
    adverse.act(session, judge, request, Action.FINALIZE)
    assert (request.stage, request.decision, request.bucket) == (Stage.FINAL, Decision.NOT_ACCEPTED, Bucket.DONE)
    assert request.decided_by_user_id == judge.user_id
    assert [n.kind for n in j.letters_of(session, request)] == [NoticeKind.PRE_ADVERSE, NoticeKind.FINAL]
