"""Submissions: the confirmation document, and telling what HR decided."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from app.benefits.models import Submission
from app.benefits.services import confirmation
from app.connections.services import documents
from app.core import storage
from app.core.db import fetch
from app.core.errors import Unavailable
from app.core.events import system
from app.core.jobs import Retry, Run, job
from app.core.models import StoredFile
from app.notices import pdf
from app.notices import services as notices
from app.notices.templating import render_document


@job("benefits.confirm", on=["benefits.enrollment.submitted"], timeout=300)
def confirm(run: Run) -> None:
    """The confirmation document (tagged PDF), kept under the person's key and attached to the e-mail."""
    with run.step() as session:
        submission = fetch(session, Submission, run.subject_id)
        ready = submission.confirmation_file_id is not None
        letter = None if ready else confirmation.letter(session, submission)
    document = _printed(letter) if letter else b""
    with run.finish() as session:
        submission = fetch(session, Submission, run.subject_id, lock=True)
        if submission.confirmation_file_id is None and document:
            submission.confirmation_file_id = _keep(session, submission, document)
            own = system(run.kind, run.company_id)
            documents.want(session, own, "benefits.confirmation", submission.confirmation_file_id)
        _tell(session, run, "benefits.enrollment.submitted", submission, attachment_id=submission.confirmation_file_id)


def _printed(letter: confirmation.Letter) -> bytes:
    html = render_document("benefits/confirmation_document.html", letter.language, letter=letter)
    try:
        return pdf.render(html, title=letter.number, language=letter.language)
    except Unavailable as away:
        raise Retry(str(away), 300) from away


def _keep(session: Session, submission: Submission, document: bytes) -> UUID:
    file_id = uuid5(submission.id, "confirmation")  # a second attempt means the same row
    known = session.get(StoredFile, (submission.company_id, file_id))
    if known is None:
        storage.keep(
            session, document, name=f"{submission.number}.pdf", content_type="application/pdf",
            purpose="benefits.confirmation", person_id=submission.employee_id, file_id=file_id,
        )  # fmt: skip
        session.flush()
    return file_id


@job("benefits.tell_decision", on=["benefits.enrollment.approved", "benefits.enrollment.rejected"])
def tell_decision(run: Run) -> None:
    """Approved, or what needs a change. The reason is read after signing in, never in an e-mail."""
    with run.finish() as session:
        submission = fetch(session, Submission, run.subject_id)
        if submission.status in ("approved", "rejected"):
            _tell(session, run, f"benefits.enrollment.{submission.status}", submission)


def _tell(session: Session, run: Run, kind: str, submission: Submission, **more: Any) -> None:
    decided = submission.decided_at.isoformat() if submission.decided_at else ""
    notices.issue(
        session, system(run.kind, run.company_id), kind, subject=("submission", submission.id), dedupe=decided,
        context={"number": submission.number}, employee_id=submission.employee_id,
        link_path=f"/benefits/confirmation/{submission.number}", **more,
    )  # fmt: skip
