"""Destroying what a case kept, class by class. Files lose their bytes, personal columns are overwritten, rows and the chain stay."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.connections.models import Exchange, InboxItem
from app.core import rotation, storage
from app.core.clock import now
from app.core.crypto import Undecipherable
from app.core.errors import NotFound
from app.core.events import Actor, Regulation, Risk, record
from app.core.models import StoredFile
from app.notices.models import Notice
from app.screening.models import (
    Assessment,
    Candidate,
    CandidateLink,
    CandidateSession,
    CandidateSurvey,
    CaseNotice,
    CheckResult,
    EvidenceLink,
    Happening,
    JobApplication,
    ReportRecord,
    ScreeningFact,
    ScreeningRequest,
    Signature,
)
from app.screening.rules.retention import Kept
from app.screening.rules.states import EvidenceOf

GONE = "[destroyed]"
"""What stands in a column that must not be empty."""


def destroy(session: Session, request: ScreeningRequest, kept: Kept) -> int:
    """Destroy a class of a case. Twice changes nothing. Returns how many files and rows it was."""
    return {Kept.REPORT: _report, Kept.NOTICE: _notices, Kept.DECISION: _decision, Kept.CONSENT: _consent}[kept](
        session, request
    )


def _report(session: Session, request: ScreeningRequest) -> int:
    done = _files(session, [request.report_file_id])
    for check in _rows(session, CheckResult, request):
        check.details, check.raw, done = None, None, done + 1
    for kept in _rows(session, ReportRecord, request):
        kept.text, kept.details, kept.happened_on, kept.choice_reason, done = GONE, None, None, None, done + 1
    request.invitation_url = None
    return done + _as_it_came(session, request)


def _as_it_came(session: Session, request: ScreeningRequest) -> int:
    """What the provider sent and answered about the report: events, facts of files, and bodies of the exchanges that the log still has."""
    refs = [ref for ref in (request.provider_report_id, request.provider_invitation_id) if ref]
    arrived = sa.select(InboxItem.file_id).where(
        InboxItem.connection_id == request.connection_id, InboxItem.resource_ref.in_(refs)
    )
    calls = session.scalars(sa.select(Exchange).where(Exchange.subject_id == request.id)).all()
    for call in calls:
        call.request_body = call.answer_body = None
    facts = _rows(session, ScreeningFact, request)
    for fact in facts:
        fact.said = {}
    return _files(session, session.scalars(arrived).all()) + len(calls) + len(facts)


def _notices(session: Session, request: ScreeningRequest) -> int:
    letters = _rows(session, CaseNotice, request)
    files: list[Any] = []
    for letter in letters:
        files += [letter.content_file_id, letter.pdf_file_id, *(one.get("file_id") for one in letter.attachments)]
        letter.sent_to, letter.to_place, letter.tracking_number = GONE, None, None
    answers = _rows(session, Happening, request)
    for answer in answers:
        files.append(answer.file_id)
        answer.text = None
    ids = [letter.id for letter in letters]
    return _files(session, files) + _records(session, EvidenceOf.NOTICE, ids) + _messages(session, ids) + len(answers)


def _decision(session: Session, request: ScreeningRequest) -> int:
    written = _rows(session, Assessment, request)
    for one in written:
        one.factors, one.reasoning = None, GONE
    return _records(session, EvidenceOf.ASSESSMENT, [one.id for one in written]) + len(written)


def _consent(session: Session, request: ScreeningRequest) -> int:
    signed = _rows(session, Signature, request)
    ids = [one.id for one in signed]
    parts = _receipt_parts(session, ids)
    done = _files(session, [*(one.content_file_id for one in signed), *(one.pdf_file_id for one in signed), *parts])
    done += _records(session, EvidenceOf.SIGNATURE, ids) + _records(session, EvidenceOf.RECEIPT, ids)
    for one in signed:
        one.typed_name = None
    links = _rows(session, CandidateLink, request)
    for link in links:
        link.draft = None
    keys = [link.id for link in links]
    devices = sa.update(CandidateSession).where(CandidateSession.link_id.in_(keys))
    session.execute(devices.values(ip_address="", user_agent=""))
    return done + len(signed) + _messages(session, keys)


def _rows(session: Session, table: Any, request: ScreeningRequest) -> list[Any]:
    return list(session.scalars(sa.select(table).where(table.request_id == request.id)))


def _files(session: Session, ids: Iterable[Any]) -> int:
    known = {UUID(str(one)) for one in ids if one}
    for file_id in sorted(known):
        storage.destroy(session, file_id)
    return len(known)


def _records(session: Session, kind: EvidenceOf, subjects: list[UUID]) -> int:
    """The records that links of the chain are about. The links stay: they hold hashes only."""
    query = sa.select(EvidenceLink.record_file_id).where(
        EvidenceLink.subject_type == kind.value, EvidenceLink.subject_id.in_(subjects)
    )
    return _files(session, session.scalars(query).all())


def _receipt_parts(session: Session, signatures: list[UUID]) -> list[str]:
    """The receipt's PDF and its pages, which only its record names."""
    query = sa.select(EvidenceLink.record_file_id).where(
        EvidenceLink.subject_type == EvidenceOf.RECEIPT.value, EvidenceLink.subject_id.in_(signatures)
    )
    found: list[str] = []
    for file_id in session.scalars(query):
        try:
            made = json.loads(storage.read(session, file_id))
        except (NotFound, Undecipherable):  # destroyed before
            continue
        found += [made["pdf"], *(part["file"] for part in made["parts"])]
    return found


def _messages(session: Session, subjects: list[UUID]) -> int:
    """What was written to the candidate's address about these rows."""
    query = sa.select(Notice).where(Notice.subject_id.in_(subjects), Notice.user_id.is_(None))
    messages = session.scalars(query).all()
    for message in messages:
        message.recipient = message.body = GONE
    return len(messages)


def erase(session: Session, actor: Actor, candidate: Candidate) -> None:
    """Overwrite a candidate of whom no case is kept, and destroy their key: what was missed can no longer be read either."""
    candidate.first_name = candidate.last_name = candidate.email = GONE
    candidate.middle_name = candidate.phone = None
    candidate.date_of_birth = candidate.residence = candidate.address = None
    candidate.name_tokens, candidate.external_ref, candidate.erased_at = [], None, now()
    for job in session.scalars(sa.select(JobApplication).where(JobApplication.candidate_id == candidate.id)):
        job.annual_salary, job.external_ref = None, None
    session.execute(sa.delete(CandidateSurvey).where(CandidateSurvey.candidate_id == candidate.id))
    left = sa.select(StoredFile.id).where(StoredFile.person_id == candidate.id, StoredFile.deleted_at.is_(None))
    _files(session, session.scalars(left).all())
    session.flush()
    record(session, actor, "screening.candidate.erased", candidate, risk=Risk.HIGH, regulation=Regulation.FCRA)
    rotation.shred(session, candidate.id)
