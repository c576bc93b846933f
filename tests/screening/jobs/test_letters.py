"""Letters leave over real SMTP as real PDFs; what comes back moves the clock; people are told, and nothing is decided."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.accounts.models import User
from app.core import storage
from app.core.access import RoleType
from app.core.clock import now, today
from app.core.db import transaction
from app.core.events import AuditEvent, system
from app.core.jobs import enqueue
from app.notices.models import Notice
from app.screening.documents import sha256
from app.screening.models import CaseNotice, Happening, ScreeningRequest
from app.screening.rules.adverse import Action, Stage
from app.screening.rules.states import DeliveryState, EvidenceOf, NoticeKind
from app.screening.rules.words import Channel
from app.screening.services import adverse, evidence, proving
from sandbox.launch import Running
from tests.feeds.pages import admin_of
from tests.feeds.world import run_jobs
from tests.notices.test_notices import Mailbox, mailbox
from tests.screening import judging as j
from tests.screening import made
from tests.screening.made import Employer, stored

__all__ = ["mailbox"]
LETTERS = ("screening.letter", "notices.send", "screening.note_", "screening.tell_")
LOOKS = ("screening.order", "screening.look", "screening.fetch_report", "screening.tell_provider")


def make(how: Any, employer: Employer, **more: Any) -> UUID:
    with transaction() as session:
        return how(session, employer, **more).id  # type: ignore[no-any-return]


def asked(request_id: UUID) -> ScreeningRequest:
    with transaction() as session:
        return stored(session, request_id)


def letters(request_id: UUID) -> list[CaseNotice]:
    with transaction() as session:
        return j.letters_of(session, stored(session, request_id))


def test_a_notice_is_printed_proved_mailed_and_starts_the_clock(employer: Employer, mailbox: Mailbox) -> None:
    request_id = make(j.notified, employer)
    run_jobs(kinds=LETTERS)
    (letter,) = letters(request_id)
    assert (letter.delivery, letter.channel) == (DeliveryState.SENT, Channel.EMAIL)
    (message,) = mailbox.messages
    assert message["To"] == letter.sent_to
    assert message["Subject"] == "A letter for you"
    body = message.get_body(("plain",)).get_content()
    assert f"/letters/{letter.id}" in body
    assert not list(message.iter_attachments())
    for word in ("theft", "Driver", "report", "decid"):
        assert word not in body
    with transaction() as session:
        pdf = storage.read(session, letter.pdf_file_id)  # type: ignore[arg-type]
        assert pdf.startswith(b"%PDF")
        assert sha256(pdf) == letter.pdf_sha256
        assert evidence.link_of(session, EvidenceOf.NOTICE, letter.id) is not None
        findings = [one for one in proving.verify(session, request_id) if "signature" not in one.subject]
    assert findings == []
    assert asked(request_id).stage == Stage.WAITING
    assert run_jobs(kinds=("screening.letter",)) == []
    assert len(mailbox.messages) == 1


def test_a_byte_changed_in_a_letter_is_found(employer: Employer, mailbox: Mailbox, admin: Any) -> None:
    request_id = make(j.notified, employer)
    run_jobs(kinds=LETTERS)
    admin.execute("UPDATE screening_notice SET content_sha256 = replace(content_sha256, left(content_sha256, 1), 'x')")
    with transaction() as session:
        found = {str(one.fault) for one in proving.verify(session, request_id) if "notice" in one.subject}
    assert found == {"row", "content"}


def test_a_bounce_stops_the_clock_and_the_letter_waits_for_the_post(employer: Employer, mailbox: Mailbox) -> None:
    request_id = make(j.notified, employer)
    mailbox.answer = "550 No such mailbox"
    run_jobs(kinds=LETTERS)
    request = asked(request_id)
    assert (request.stage, request.answer_due_on) == (Stage.PRE_ADVERSE, None)
    by_mail, paper = letters(request_id)
    assert by_mail.delivery == DeliveryState.BOUNCED
    assert (paper.channel, paper.delivery, paper.content_sha256) == (
        Channel.MAIL,
        DeliveryState.QUEUED,
        by_mail.content_sha256,
    )
    assert paper.pdf_file_id is not None
    assert request.due_reasons[0]["message"].startswith("The notice has not gone out") or "came back" in str(
        request.due_reasons
    )


def test_a_letter_that_no_longer_counts_is_not_sent(employer: Employer, mailbox: Mailbox) -> None:
    with transaction() as session:
        request = j.notified(session, employer)
        adverse.act(session, employer.adjudicator, request, Action.CANCEL, reason="Another person")
    run_jobs(kinds=LETTERS)
    first, ended = letters(request.id)
    assert (first.sent_at, first.void_at is not None) == (None, True)
    assert (ended.kind, ended.delivery) == (NoticeKind.CANCELED, DeliveryState.SENT)
    assert len(mailbox.messages) == 1


@pytest.fixture
def people(employer: Employer) -> dict[str, User]:
    roles = {
        "judge": RoleType.BG_CHECK_SPECIALIST,
        "recruiter": RoleType.RECRUITER,
        "both": RoleType.BG_CHECK_SPECIALIST,
    }
    return {name: admin_of(employer.company_id, f"{name}@acme.example", (role,)) for name, role in roles.items()}


def told(kind: str) -> set[str]:
    with transaction() as session:
        query = sa.select(User.email).join(Notice, Notice.user_id == User.id).where(Notice.kind == kind)
        return {email.partition("@")[0] for email in session.scalars(query)}


def watch(employer: Employer, key: str) -> None:
    with transaction() as session:
        enqueue(session, "screening.watch_cases", employer.company_id, key=key)
    run_jobs(kinds=("screening.watch_cases",))


def test_who_judges_is_told_when_the_time_is_over_and_nothing_moves(
    employer: Employer, people: dict[str, User]
) -> None:
    with transaction() as session:
        request = j.waiting(session, employer)
        request.recruiter_user_id = people["both"].id
    watch(employer, "early")
    assert told("screening.case.due") == set()
    with transaction() as session:
        j.let_time_pass(session, stored(session, request.id))
        adverse.settle(session, system("test"), stored(session, request.id))
    watch(employer, "first")
    watch(employer, "again")
    assert told("screening.case.due") == {"judge"}
    with transaction() as session:
        mails = session.scalars(
            sa.select(Notice).where(Notice.kind == "screening.case.due", Notice.channel == "email")
        ).all()
    assert len(mails) == 1
    assert asked(request.id).stage == Stage.WAITING


def test_long_disputes_and_late_reports_are_told(employer: Employer, people: dict[str, User]) -> None:
    with transaction() as session:
        request = j.waiting(session, employer)
        adverse.dispute_opened(session, system("test"), request, "provider:1", today() - timedelta(days=31))
        late = made.released(session, employer)
        late.order_state, late.provider_status = "placed", "in_progress"
        late.status, late.due_on, late.recruiter_user_id = (
            "in_progress",
            today() - timedelta(days=1),
            people["recruiter"].id,
        )
    watch(employer, "one")
    assert told("screening.case.disputed") == {"judge", "both"}
    assert told("screening.report.late") == {"recruiter"}
    with transaction() as session:
        session.scalars(sa.select(Happening)).one().on = today() - timedelta(days=46)
    watch(employer, "two")
    with transaction() as session:
        bodies = session.scalars(
            sa.select(Notice.body_enc).where(Notice.kind == "screening.case.disputed", Notice.channel == "email")
        ).all()
    assert len(bodies) == 4  # day 30 and day 45, to each


def test_a_report_its_copy_a_dispute_and_a_correction(hired: Employer, sandbox: Running, admin: Any) -> None:
    """With the provider: review, notice, dispute, corrected report; the notice no longer counts."""
    client = sandbox.client.screening
    with transaction() as session:
        j.ready(session, hired)
        request = made.released(session, hired, work=j.FRESNO)
    run_jobs(kinds=LOOKS)
    report_id = client.finish_invitation(asked(request.id).provider_invitation_id)
    client.complete(report_id, "consider", ["misdemeanor"])
    look(request.id)
    found = asked(request.id)
    assert (found.provider_status, found.provider_result, found.stage) == ("complete", "consider", Stage.REVIEW)
    with transaction() as session:
        assert storage.read(session, found.report_file_id).startswith(b"%PDF")  # type: ignore[arg-type]
        one = stored(session, request.id)
        j.choose_all(session, hired.adjudicator, one)
        j.assess(session, hired.adjudicator, one)
        adverse.act(session, hired.adjudicator, one, Action.NOTIFY)
        j.arrive(session, hired.adjudicator, one)
    client.advance(minutes=5)  # the provider writes whole seconds
    client.dispute(report_id)
    look(request.id)
    assert (asked(request.id).stage, asked(request.id).answer_due_on, asked(request.id).dispute_open) == (
        Stage.PAUSED,
        None,
        True,
    )
    client.advance(minutes=5)
    client.complete(report_id, "clear", [])
    look(request.id)
    after = asked(request.id)
    assert (after.stage, after.dispute_open, after.notified_at, after.clear) == (Stage.REVIEW, False, None, True)
    keys = [(one.document_key, one.void_at is not None) for one in letters(request.id)]
    assert keys == [("pre_adverse_notice", True), ("notice_withdrawn", False)]
    assert client.objects("adverse_action") == []  # the provider never sends letters of its own


def test_the_provider_hears_that_somebody_is_accepted(hired: Employer, sandbox: Running) -> None:
    client = sandbox.client.screening
    with transaction() as session:
        request = made.released(session, hired)
    run_jobs(kinds=LOOKS)
    report_id = client.finish_invitation(asked(request.id).provider_invitation_id)
    client.complete(report_id, "consider", ["misdemeanor"])
    look(request.id)
    with transaction() as session:
        adverse.accept(session, hired.adjudicator, stored(session, request.id))
    run_jobs(kinds=LOOKS)
    assert client.get("report", report_id)["adjudication"] == "engaged"
    with transaction() as session:
        names = session.scalars(sa.select(AuditEvent.name).where(AuditEvent.entity_id == request.id)).all()
    assert "screening.provider.told" in names


def look(request_id: UUID) -> None:
    with transaction() as session:
        enqueue(session, "screening.look", request_id, key=f"test:{now()}")
    run_jobs(kinds=LOOKS)
