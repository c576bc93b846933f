"""The link by e-mail, its reminders, what comes back, codes, and the receipt, over the sandbox's mail server."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.accounts.models import User
from app.connections.models import Connection
from app.core.clock import now
from app.core.config import get_settings
from app.core.db import fetch, transaction
from app.core.events import AuditEvent, system
from app.core.jobs import JobIntent, enqueue
from app.notices.models import Notice
from app.people.models import Company
from app.screening.models import Candidate, CandidateLink
from app.screening.rules.states import Proof
from app.screening.services import agency, consenting, links, proving, rulings, visits
from app.screening.services.visits import Answered
from sandbox.launch import Running
from tests.feeds.world import hurry, run_jobs
from tests.screening.consents import consent, origin, proven, ready, walk
from tests.screening.made import Employer, make_employer, order, stored

KINDS = (
    "screening.send",
    "screening.remind",
    "screening.note",
    "screening.make",
    "screening.tell",
    "screening.seal",
    "notices.",
)
TO = "jane@mail.example"
LINK = re.compile(r"http\S+/c/[0-9a-f]{32}\.[\w-]{22}\?lang=en")


@pytest.fixture
def mail(sandbox: Running, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(get_settings(), "smtp_url", f"smtp://{sandbox.host}:{sandbox.smtp_port}")
    return sandbox.client


def asked(employer: Employer, **changes: Any) -> UUID:
    with transaction() as session:
        return ready(session, employer, email=TO, **changes).id


def subjects(mail: Any, to: str = TO) -> list[str]:
    return [str(one["subject"]) for one in reversed(mail.mailbox(to))]


def recruiter_mail(mail: Any, employer: Employer) -> list[str]:
    with transaction() as session:
        return subjects(mail, fetch(session, User, employer.recruiter.user_id).email)


def test_an_order_sends_one_link_and_two_reminders_at_most(employer: Employer, mail: Any, admin: Any) -> None:
    request_id = asked(employer)
    run_jobs(kinds=KINDS)
    assert subjects(mail) == ["Documents for you to read and sign"]
    first = LINK.search(mail.mailbox(TO)[0]["text"])
    assert first is not None
    with transaction() as session:
        link = session.scalars(sa.select(CandidateLink)).one()
        waits = sorted(
            round((due - now()).total_seconds() / 3600)
            for due in session.scalars(sa.select(JobIntent.run_after).where(JobIntent.kind == "screening.remind"))
        )
        assert waits == [12, 36]
        assert link.sent_at is not None
        assert (link.expires_at - now()).days == 6
        assert links.url(link, "en") == first.group()
    hurry(admin)
    run_jobs(kinds=KINDS)
    assert subjects(mail)[1:] == ["Your documents are still waiting"] * 2
    assert LINK.search(mail.mailbox(TO)[0]["text"]).group() == first.group(), "one link in every message"
    assert f"{first.group().partition('?')[0]}/reminders" in mail.mailbox(TO)[0]["text"]
    with transaction() as session:
        assert session.scalars(sa.select(AuditEvent.name).where(AuditEvent.name == "screening.link.sent")).all() != []
        assert stored(session, request_id).consent == "pending"


def test_no_message_says_who_or_what_in_its_subject(employer: Employer, mail: Any) -> None:
    asked(employer)
    run_jobs(kinds=KINDS)
    messages = mail.mailbox(TO)
    assert messages
    for message in messages:
        for word in ("Jane", "Roe", "Driver", "Acme", "background", "check", "report", "screening"):
            assert word.lower() not in message["subject"].lower()


@pytest.mark.parametrize("why", ["stopped", "signed", "declined", "canceled"])
def test_reminders_stop(employer: Employer, mail: Any, admin: Any, why: str) -> None:
    request_id = asked(employer)
    run_jobs(kinds=KINDS)
    with transaction() as session:
        request = stored(session, request_id)
        if why == "stopped":
            consenting.stop_reminders(session, origin(), fetch(session, Candidate, request.candidate_id))
        if why == "signed":
            consent(session, request)
        if why in ("declined", "canceled"):
            request.consent = "declined"
            request.canceled_at = now() if why == "canceled" else None
    hurry(admin)
    run_jobs(kinds=KINDS)
    assert "Your documents are still waiting" not in subjects(mail)


def test_an_address_that_does_not_work_is_told_at_once(employer: Employer, mail: Any, admin: Any) -> None:
    mail.set_mail(bounce=TO)
    request_id = asked(employer)
    run_jobs(kinds=KINDS)
    assert recruiter_mail(mail, employer) == ["A candidate could not be reached"]
    hurry(admin)
    run_jobs(kinds=KINDS)
    mail.set_mail(bounce="")
    assert subjects(mail) == [], "no reminder to a dead address"
    with transaction() as session:
        assert session.scalars(sa.select(CandidateLink)).one().undeliverable_at is not None
        links.resend(session, employer.recruiter, stored(session, request_id))
    run_jobs(kinds=KINDS)
    assert subjects(mail) == ["Documents for you to read and sign"]
    with transaction() as session:
        assert session.scalars(sa.select(CandidateLink)).one().undeliverable_at is None


def test_nothing_is_sent_before_the_rules_are_cleared_and_then_by_itself(company: UUID, mail: Any) -> None:
    with transaction() as session:
        employer = make_employer(session, company, accept=False)
        ready(session, employer, email=TO)
    run_jobs(kinds=KINDS)
    assert subjects(mail) == []
    with transaction() as session:
        for row in rulings.rules_today():
            rulings.accept_rule(session, employer.compliance, row.digest, note="Read by counsel")
    run_jobs(kinds=KINDS)
    assert subjects(mail) == ["Documents for you to read and sign"]


def test_papers_that_lack_something_are_not_sent_and_the_recruiter_hears_once(employer: Employer, mail: Any) -> None:
    with transaction() as session:
        request = order(session, employer, email=TO)  # nobody has said who the agency is
    run_jobs(kinds=KINDS)
    assert subjects(mail) == []
    assert recruiter_mail(mail, employer) == ["A candidate's documents cannot be made yet"]
    with transaction() as session:
        held = session.scalars(sa.select(AuditEvent).where(AuditEvent.name == "screening.link.held")).one()
        assert "cra_name" in held.new_values["lacks"]
        assert held.entity_id == request.id
        fetch(session, Company, employer.company_id).primary_contact_phone = "512-555-0100"
        connection = fetch(session, Connection, employer.connection_id)
        agency.name_agency(
            session, system("test"), connection, agency.Agency("Checkr", "1 Street", "800", "checkr.com")
        )
        links.resend(session, employer.recruiter, stored(session, request.id))
    run_jobs(kinds=KINDS)
    assert subjects(mail) == ["Documents for you to read and sign"]


def test_a_code_comes_by_mail_works_once_and_lies_nowhere(employer: Employer, mail: Any) -> None:
    request_id = asked(employer)
    with transaction() as session:
        link_id = links.issue(session, request_id).id
    assert visits.ask_for_code(origin(), link_id)
    run_jobs(kinds=("screening.send_code", "notices."))
    text = mail.mailbox(TO)[0]["text"]
    assert "/c/" not in text, "whoever reads the code has the page open already"
    code = re.search(r"^(\d{6})\r?$", text, re.M)
    assert code is not None
    with transaction() as session:
        notice = session.scalars(sa.select(Notice).where(Notice.kind == "screening.code")).one()
        assert code.group() not in notice.body
    wrong = f"{(int(code.group()) + 1) % 10**6:06d}"
    assert visits.check_code(origin(), link_id, wrong) is Answered.WRONG
    assert visits.check_code(origin(), link_id, f"{code.group()[:3]} {code.group()[3:]}") is Answered.RIGHT
    assert visits.check_code(origin(), link_id, code.group()) is Answered.WRONG
    for _ in range(3):
        assert visits.ask_for_code(origin(), link_id)
    assert not visits.ask_for_code(origin(), link_id), "four an hour"


def test_a_code_runs_out(employer: Employer, mail: Any, time_machine: Any) -> None:
    with transaction() as session:
        link = links.issue(session, ready(session, employer).id)
        code = visits.make_code(link)
    time_machine.move_to(now() + timedelta(minutes=10, seconds=1))
    assert visits.check_code(origin(), link.id, code) is Answered.WRONG


def test_tries_lock_for_a_while_whatever_is_tried(employer: Employer, time_machine: Any) -> None:
    with transaction() as session:
        link = links.issue(session, ready(session, employer).id)
        code = visits.make_code(link)
    answers = [
        visits.check_code(origin(), link.id, "000000" if code != "000000" else "111111") for _ in range(visits.TRIES)
    ]
    assert answers == [Answered.WRONG] * (visits.TRIES - 1) + [Answered.LOCKED]
    assert visits.check_code(origin(), link.id, code) is Answered.LOCKED, "the right one too"
    time_machine.move_to(now() + visits.LOCK + timedelta(seconds=1))
    assert visits.check_code(origin(), link.id, visits_code(link.id)) is Answered.RIGHT


def visits_code(link_id: UUID) -> str:
    with transaction() as session:
        return visits.make_code(fetch(session, CandidateLink, link_id))


def test_the_receipt_is_mailed_and_proved(employer: Employer, mail: Any) -> None:
    request_id = asked(employer)
    run_jobs(kinds=KINDS)
    with transaction() as session:
        consent(session, stored(session, request_id))
    run_jobs(kinds=KINDS)
    message = mail.mailbox(TO)[0]
    assert message["subject"] == "Your copy of what you signed"
    assert [one["type"] for one in message["attachments"]] == ["application/pdf"]
    with transaction() as session:
        assert proving.verify(session, request_id) == []
        made = session.scalars(sa.select(JobIntent).where(JobIntent.kind == "screening.make_receipt")).one()
        made.state = "pending"  # as if the worker had died after the last line
    run_jobs(kinds=KINDS)
    assert subjects(mail).count("Your copy of what you signed") == 1


@pytest.mark.parametrize("how", ["declined", "withdrawn"])
def test_the_recruiter_hears_that_it_stops_and_no_reason(employer: Employer, mail: Any, how: str) -> None:
    request_id = asked(employer)
    with transaction() as session:
        request = stored(session, request_id)
        if how == "withdrawn":
            consenting.withdraw(session, consent(session, request).actor, request)
        else:
            consenting.decline(session, walk(session, proven(session, request)))
    run_jobs(kinds=("screening.tell", "notices."))
    assert "A check will not go on" in recruiter_mail(mail, employer)


def test_after_the_consent_the_same_link_is_the_status_page_s(employer: Employer, mail: Any) -> None:
    request_id = asked(employer)
    with transaction() as session:
        request = stored(session, request_id)
        visit = consent(session, request)
        before = links.token_of(visit.link)
        links.resend(session, employer.recruiter, request)
    run_jobs(kinds=KINDS)
    assert "Your page" in subjects(mail)
    with transaction() as session:
        assert links.token_of(session.scalars(sa.select(CandidateLink)).one()) == before


def test_a_new_link_after_the_old_one_takes_over_what_was_read(employer: Employer) -> None:
    request_id = asked(employer)
    with transaction() as session:
        link = links.issue(session, request_id)
        link.draft, link.expires_at = {"opened": {"a": "b"}}, now() - timedelta(seconds=1)
        session.flush()
        made = links.issue(session, request_id)
        assert made.id != link.id
        assert made.draft == {"opened": {"a": "b"}}
        assert links.token_of(made) != links.token_of(link)
        device = visits.open_device(session, origin(), link, Proof.BIRTH_DATE)
        session.flush()
        dead = visits.visit(session, links.secret_of(link), device, origin())
        assert dead is not None
        assert dead.device is None, "a dead link opens nothing"


def test_the_head_of_the_chain_goes_into_the_audit_trail(employer: Employer, admin: Any) -> None:
    with transaction() as session:
        consent(session, ready(session, employer))
        enqueue(session, "screening.seal_evidence", employer.company_id, key="today")
    run_jobs(kinds=("screening.seal",))
    with transaction() as session:
        sealed = session.scalars(sa.select(AuditEvent).where(AuditEvent.name == "screening.evidence.sealed")).one()
        assert len(sealed.new_values["hash"]) == 64
