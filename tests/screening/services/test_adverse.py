"""Adverse action over real rows: what each step needs, does and refuses."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core import storage
from app.core.clock import now
from app.core.db import fetch
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.core.events import AuditEvent, system
from app.integrations.screening import AdverseItem
from app.screening.models import Candidate, JobApplication, MatrixRule, ScreeningRequest
from app.screening.rules.adverse import Action, Stage
from app.screening.rules.clocks import Kind
from app.screening.rules.outcomes import Decision
from app.screening.rules.places import Place
from app.screening.rules.states import Bucket, Choice, DeliveryState, NoticeKind, Part
from app.screening.rules.words import AskStage, Channel, RecordKind
from app.screening.services import adverse, assessing, desk, mailing, ordering, proving, records, reports, rulings
from app.screening.services.basis import basis
from app.screening.services.desk import Waits
from tests.screening import judging as j
from tests.screening import made
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


@pytest.mark.parametrize(
    ("channel", "message"),
    [
        (Channel.EMAIL, "%(receipt)s + %(wait)s business days"),
        (Channel.MAIL, "%(receipt)s days + %(wait)s business days"),
    ],
)
def test_california_counts_from_the_receipt_of_the_channel(
    session: Session, employer: Employer, channel: Channel, message: str
) -> None:
    request = j.waiting(session, employer, channels=(channel,))
    california = next(one for one in request.due_reasons if one["values"].get("place") == "CA")
    assert message in california["message"]


def test_los_angeles_county_wants_both_ways_and_the_clock_waits_for_them(session: Session, employer: Employer) -> None:
    judge = employer.adjudicator
    request = j.notified(session, employer, work=j.EAST_LA, channels=())
    by_mail, by_post = j.letters_of(session, request)
    assert {by_mail.channel, by_post.channel} == {Channel.EMAIL, Channel.MAIL}
    j.print_letter(session, by_mail)
    mailing.sent(session, judge, by_mail, at=now())
    assert request.stage == Stage.PRE_ADVERSE
    assert request.answer_due_on is None
    j.print_letter(session, by_post)
    mailing.mailed(session, judge, by_post, on=basis(session, request).case.today())
    assert request.stage == Stage.WAITING
    assert request.answer_due_on is not None


def test_tracked_mail_counts_from_its_receipt_and_never_before_the_promise(
    session: Session, employer: Employer
) -> None:
    judge = employer.adjudicator
    request = j.notified(session, employer, channels=(Channel.TRACKED_MAIL,))
    (letter,) = j.letters_of(session, request)
    j.print_letter(session, letter)
    today = basis(session, request).case.today()
    with pytest.raises(Invalid):
        mailing.mailed(session, judge, letter, on=today + timedelta(days=3))
    mailing.mailed(session, judge, letter, on=today, tracking_number="9400 1")
    assert request.stage == Stage.PRE_ADVERSE
    with pytest.raises(Invalid):
        mailing.received(session, judge, letter, on=today - timedelta(days=9))
    mailing.received(session, judge, letter, on=today)
    assert request.stage == Stage.WAITING
    assert (
        request.answer_due_on == letter.promised_on
    )  # received at once; the letter had assumed five days for the post
    assert request.due_reasons[0]["message"] == "The letter says: answer by %(on)s"


def test_a_bounce_goes_on_paper_and_the_same_bounce_twice_changes_nothing(session: Session, employer: Employer) -> None:
    robot = system("screening.letter_failed")
    request = j.waiting(session, employer)
    (letter,) = j.letters_of(session, request)
    for _ in range(2):
        adverse.notice_bounced(session, robot, request, None)
        assert request.stage == Stage.PRE_ADVERSE
        assert request.answer_due_on is None
    assert [one.channel for one in j.letters_of(session, request)] == [Channel.EMAIL, Channel.MAIL]
    paper = j.letters_of(session, request)[-1]
    assert paper.sent_to == "12 Elm St\nFresno, CA 93650"
    assert paper.content_sha256 == letter.content_sha256
    j.print_letter(session, paper)
    mailing.mailed(session, employer.adjudicator, paper, on=basis(session, request).case.today())
    assert request.stage == Stage.WAITING


def test_a_final_letter_that_bounces_goes_on_paper_and_the_decision_stands(
    session: Session, employer: Employer
) -> None:
    request = j.reassessed(session, employer)
    adverse.act(session, employer.adjudicator, request, Action.FINALIZE)
    final = j.letters_of(session, request)[-1]
    j.print_letter(session, final)
    mailing.sent(session, employer.adjudicator, final, at=now())
    adverse.notice_bounced(session, system("test"), request, final.id)
    assert request.stage == Stage.FINAL
    assert [one.channel for one in j.letters_of(session, request) if one.kind == NoticeKind.FINAL] == [
        Channel.EMAIL,
        Channel.MAIL,
    ]
    assert final.delivery == DeliveryState.BOUNCED


def test_disputes_freeze_the_clock_and_are_counted_one_by_one(session: Session, employer: Employer) -> None:
    robot = system("screening.look")
    request = j.waiting(session, employer)
    day = basis(session, request).case.today()
    before = request.answer_due_on
    for _ in range(2):  # an event comes twice
        adverse.dispute_opened(session, robot, request, "provider:1", day)
    assert (request.stage, request.dispute_open, request.answer_due_on) == (Stage.PAUSED, True, None)
    for _ in range(2):
        adverse.dispute_closed(session, robot, request, "provider:1", day + timedelta(days=20))
    assert (request.stage, request.dispute_open) == (Stage.PAUSED, False)
    assert before is not None
    assert request.answer_due_on is not None
    assert request.answer_due_on > before + timedelta(days=19)
    adverse.dispute_opened(session, robot, request, "provider:1", day + timedelta(days=21))  # anew, under the same ref
    assert (request.dispute_open, request.answer_due_on) == (True, None)
    with pytest.raises(Conflict, match="A dispute is open"):
        adverse.act(session, employer.adjudicator, request, Action.RESUME)


def test_a_dispute_that_is_announced_gives_californias_more_time(session: Session, employer: Employer) -> None:
    request = j.waiting(session, employer)
    before = request.answer_due_on
    item = adverse.answered(session, system("candidate"), request, Kind.DISPUTE_ANNOUNCED, "That is not me.")
    assert request.stage == Stage.PAUSED
    assert before is not None
    assert request.answer_due_on is not None
    assert request.answer_due_on > before
    assert item.text == "That is not me."
    assert [one.document_key for one in j.letters_of(session, request)] == ["pre_adverse_notice", "dispute_receipt"]
    adverse.act(session, employer.adjudicator, request, Action.REASSESS)
    j.assess(session, employer.adjudicator, request)
    assert item.read_by_user_id == employer.adjudicator.user_id
    with pytest.raises(Conflict, match="The candidate still has time to answer"):
        adverse.act(session, employer.adjudicator, request, Action.FINALIZE)


def test_words_of_a_candidate_before_any_notice_are_kept_and_move_nothing(session: Session, employer: Employer) -> None:
    request = j.in_review(session, employer)
    adverse.answered(session, system("candidate"), request, Kind.EVIDENCE_ANNOUNCED, "I did my time.")
    assert (request.stage, request.answered_at) == (Stage.REVIEW, None)
    with pytest.raises(ValueError, match="provider's to say"):
        adverse.answered(session, system("candidate"), request, Kind.DISPUTE_CLOSED, "x")


def test_a_revised_report_goes_back_to_review_from_everywhere_it_can(session: Session, employer: Employer) -> None:
    robot = system("screening.look")
    request = j.reassessed(session, employer)
    adverse.act(session, employer.adjudicator, request, Action.FINALIZE)
    request.revised_at = now()
    adverse.revise(session, robot, request)
    assert (request.stage, request.decision, request.decided_at) == (Stage.REVIEW, Decision.PENDING, None)
    assert (request.notified_at, request.answer_due_on, request.due_reasons) == (None, None, [])
    with pytest.raises(Conflict, match="Write the individual assessment"):
        adverse.act(session, employer.adjudicator, request, Action.NOTIFY)
    j.assess(session, employer.adjudicator, request)
    adverse.act(session, employer.adjudicator, request, Action.NOTIFY)
    assert [one.kind for one in j.letters_of(session, request) if one.void_at is None][-1] == NoticeKind.PRE_ADVERSE
    untouched = j.in_review(session, employer)
    untouched.canceled_at = now()
    adverse.revise(session, robot, untouched)
    assert untouched.stage == Stage.REVIEW


@pytest.mark.parametrize(("clear", "decision"), [(True, Decision.ACCEPTED), (False, Decision.PENDING)])
def test_who_was_accepted_is_judged_anew_when_the_report_changes_for_the_worse(
    session: Session, employer: Employer, clear: bool, decision: Decision
) -> None:
    request = j.in_review(session, employer)
    adverse.accept(session, employer.adjudicator, request)
    request.clear = clear
    adverse.revise(session, system("screening.look"), request)
    assert (request.decision, request.decided_at is not None) == (decision, clear)


def test_a_letter_keeps_the_report_it_was_sent_with(session: Session, employer: Employer) -> None:
    request = j.waiting(session, employer)
    (letter,) = j.letters_of(session, request)
    sent_with = letter.attachments[0]["file_id"]
    reports.keep(session, system("test"), request.id, b"%PDF-1.7 another report")
    assert str(request.report_file_id) != sent_with
    assert storage.read(session, sent_with) == j.REPORT
    with pytest.raises(Conflict, match="cannot be replaced"):
        reports.upload(session, employer.adjudicator, request, b"%PDF-1.7 a third")


def test_records_keep_their_choice_while_they_read_the_same(session: Session, employer: Employer) -> None:
    request = j.assessed(session, employer)
    records.keep(session, request, j.ITEMS)
    assert {row.choice for row in j.rows(session, request)} == {Choice.RELIED_ON}
    records.keep(session, request, (j.ITEMS[0], AdverseItem("rec3", "Another")))
    found = {row.ref: row.choice for row in j.rows(session, request)}
    assert found == {"rec1": Choice.RELIED_ON, "rec3": Choice.OPEN}
    records.keep(session, request, (AdverseItem("rec1", "Dismissed"), AdverseItem("rec3", "Another"), j.ITEMS[1]))
    assert {row.choice for row in j.rows(session, request)} == {Choice.OPEN}


def test_no_record_is_added_once_a_notice_is_out(session: Session, employer: Employer) -> None:
    judge = employer.adjudicator
    request = j.waiting(session, employer)
    row = j.rows(session, request)[0]
    how = {"reason": "Again", "kind": RecordKind.FELONY, "happened_on": None}
    with pytest.raises(Conflict, match="none may be added now"):
        records.choose(session, judge, request, row.id, Choice.RELIED_ON, **how)  # type: ignore[arg-type]
    j.let_time_pass(session, request)
    adverse.act(session, judge, request, Action.REASSESS)
    records.choose(session, judge, request, row.id, Choice.SET_ASIDE, **how)  # type: ignore[arg-type]
    with pytest.raises(Conflict, match="none may be added now"):
        records.choose(session, judge, request, row.id, Choice.RELIED_ON, **how)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        records.choose(session, judge, request, uuid4(), Choice.SET_ASIDE, **how)  # type: ignore[arg-type]


def test_an_assessment_weighs_every_factor_and_only_its_time_allows_it(session: Session, employer: Employer) -> None:
    judge = employer.adjudicator
    request = j.in_review(session, employer)
    with pytest.raises(Conflict, match="choose for every record first"):
        j.assess(session, judge, request)
    j.choose_all(session, judge, request)
    with pytest.raises(Invalid) as problem:
        assessing.write(session, judge, request, factors={}, reasoning=" ", adverse=True)
    assert set(problem.value.errors) == {
        "reasoning",
        *(f"factor_{n}" for n in range(len(j.factors_of(session, request)))),
    }
    with pytest.raises(Forbidden):
        j.assess(session, employer.recruiter, request)
    made = j.assess(session, judge, request)
    assert (made.second, sorted(made.record_refs)) == (False, ["rec1", "rec2"])
    adverse.act(session, judge, request, Action.NOTIFY)
    with pytest.raises(Conflict, match="before the notice, and again"):
        j.assess(session, judge, request)


def test_a_second_person_agrees_and_nobody_else(session: Session, employer: Employer) -> None:
    request = j.assessed(session, employer)
    j.set_policy(session, second_person=True)
    first = basis(session, request).assessments[-1]
    with pytest.raises(Conflict, match="somebody else than its author"):
        assessing.agree(session, employer.adjudicator, request, first.id)
    second = j.assess(session, employer.adjudicator, request)
    with pytest.raises(Conflict, match="a newer assessment"):
        assessing.agree(session, j.another(session), request, first.id)
    with pytest.raises(Conflict, match="A second person must agree"):
        adverse.act(session, employer.adjudicator, request, Action.NOTIFY)
    assessing.agree(session, j.another(session), request, second.id)
    with pytest.raises(Conflict, match="agreed already"):
        assessing.agree(session, j.another(session), request, second.id)
    adverse.act(session, employer.adjudicator, request, Action.NOTIFY)
    assert [one for one in proving.verify(session, request.id) if "assessment" in one.subject] == []


def test_who_may_accept(session: Session, employer: Employer) -> None:
    request = j.in_review(session, employer)
    with pytest.raises(Forbidden):
        adverse.accept(session, employer.recruiter, request)
    with pytest.raises(Conflict, match="a person decides"):
        adverse.accept(session, system("job"), request)
    adverse.accept(session, employer.adjudicator, request)
    assert (request.decision, request.bucket) == (Decision.ACCEPTED, Bucket.DONE)
    with pytest.raises(Conflict):
        adverse.accept(session, employer.adjudicator, request)
    clear = j.in_review(session, employer)
    clear.clear = True
    adverse.accept(session, employer.recruiter, clear)
    assert clear.decided_by_user_id == employer.recruiter.user_id
    out = j.waiting(session, employer)
    with pytest.raises(Conflict, match="a notice is out"):
        adverse.accept(session, employer.adjudicator, out)
    unfinished = j.in_review(session, employer)
    unfinished.provider_status = "in_progress"
    with pytest.raises(Conflict, match="not complete"):
        adverse.accept(session, employer.adjudicator, unfinished)


NEW_YORK = Place("US", "NY", "New York", "New York")


def test_new_york_city_closes_criminal_records_until_the_first_stage_is_done(
    session: Session, employer: Employer
) -> None:
    j.ready(session, employer)
    first = made.order(session, employer, part=Part.FIRST, work=NEW_YORK)
    second = ordering.order(
        session,
        employer.recruiter,
        fetch(session, Candidate, first.candidate_id),
        fetch(session, JobApplication, first.application_id),
        ordering.NewOrder(package_id=employer.package_id, certified=True, part=Part.SECOND, first_part_id=first.id),
    )
    made.give_consent(session, second)
    gate_ruled(session, second)
    j.complete(session, second)
    assert (j.rows(session, second), basis(session, second).walled) == ([], 2)
    assert not adverse.facts(session, second, employer.adjudicator).report_complete
    with pytest.raises(NotFound):
        reports.read(session, employer.adjudicator, second.id)
    first.decision = Decision.ACCEPTED.value
    session.flush()
    assert (len(j.rows(session, second)), basis(session, second).walled) == (2, 0)
    assert reports.read(session, employer.adjudicator, second.id)[1] == j.REPORT
    fetch(session, JobApplication, second.application_id).stage = AskStage.INTERVIEW.value
    session.flush()
    assert basis(session, second).walled == 2


def gate_ruled(session: Session, request: ScreeningRequest) -> None:
    rulings.rule(session, request)
    request.stage = Stage.REVIEW.value
    session.flush()


def test_a_matrix_hints_and_rules_object_but_nothing_hides(session: Session, employer: Employer) -> None:
    request = j.in_review(session, employer)
    judge = employer.adjudicator
    old = (now() - timedelta(days=8 * 366)).date()
    row = j.rows(session, request)[0]
    records.choose(
        session, judge, request, row.id, Choice.RELIED_ON, reason="Old", kind=RecordKind.MISDEMEANOR, happened_on=old
    )
    matrix = [
        MatrixRule(record_kind="misdemeanor", hint="eligible", job_family="", within_years=None),
        MatrixRule(record_kind="misdemeanor", hint="escalate", job_family="", within_years=7),
    ]
    shown = {one.row.id: one for one in records.shown(basis(session, request), matrix)}
    assert "California ICRAA" in {one.rule for one in shown[row.id].against}
    assert shown[row.id].hint == "eligible"
    assert len(shown) == 2


def test_what_is_not_disclosed_in_the_trail(session: Session, employer: Employer) -> None:
    request = j.waiting(session, employer)
    adverse.act(session, employer.adjudicator, request, Action.CANCEL, reason="Theft was by another Jane Roe")
    events = session.scalars(sa.select(AuditEvent).where(AuditEvent.name.like("screening.%"))).all()
    for event in events:
        assert "Roe" not in f"{event.old_values}{event.new_values}{event.reason}", event.name
        assert "heft" not in f"{event.old_values}{event.new_values}{event.reason}", event.name
    moved = [event for event in events if event.name == "screening.case.moved"][-1]
    assert moved.phi == {"reason": "Theft was by another Jane Roe"}
    assert moved.regulation == "fcra"


def test_nobody_is_asked_to_agree_where_the_policy_wants_one_person(session: Session, employer: Employer) -> None:
    request = j.assessed(session, employer)
    other = j.another(session)
    assert desk.counts(session, other)[Waits.AGREE] == 0
    j.set_policy(session, second_person=True)
    assert desk.counts(session, other)[Waits.AGREE] == 1
    assert desk.counts(session, employer.adjudicator)[Waits.AGREE] == 0
    newer = j.assess(session, employer.adjudicator, request)
    assessing.agree(session, other, request, newer.id)
    assert desk.counts(session, j.another(session))[Waits.AGREE] == 0  # the older one was replaced


def test_counting_by_sex_and_ethnicity_never_meets_a_case() -> None:
    """29 CFR 1607.4: nothing that shows or moves a case reads the survey."""
    root = Path(__file__).resolve().parents[3] / "app" / "screening"
    names = (
        "basis",
        "cases",
        "desk",
        "dossier",
        "deadlines",
        "records",
        "assessing",
        "letters",
        "wording",
        "mailing",
        "reports",
    )
    sources = [root / "services" / f"{name}.py" for name in names] + list((root / "services" / "adverse").glob("*.py"))
    sources += [root / "views" / f"{name}.py" for name in ("desk", "case_steps", "letters", "compliance")]
    assert [path.name for path in sources if "survey" in path.read_text().casefold()] == []
