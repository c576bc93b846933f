"""The report as a file: kept when it comes, and every look at it written down."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from app.core import storage
from app.core.access import Can
from app.core.db import fetch
from app.core.errors import Conflict, NotFound
from app.core.events import Actor, Regulation, record, record_read
from app.screening.models import CaseNotice, ScreeningRequest
from app.screening.rules.adverse import Stage
from app.screening.services import mailing
from app.screening.services.adverse import judge
from app.screening.services.basis import report_closed
from app.screening.services.cases import case
from app.screening.services.files.said import refuse_another


def keep(session: Session, actor: Actor, request_id: UUID, data: bytes) -> None:
    """Keep the report as it is now; an older copy stays with the letters that carried it. The same bytes again change nothing."""
    storage.check_upload(data, "report.pdf", {"pdf"})
    request = fetch(session, ScreeningRequest, request_id, lock=True)
    if request.report_file_id is not None and storage.read(session, request.report_file_id) == data:
        return
    file = storage.keep(
        session, data, name=f"{request.number}.pdf", content_type="application/pdf", purpose="screening_report",
        person_id=request.candidate_id,
    )  # fmt: skip
    session.flush()
    request.report_file_id = file.id
    record(session, actor, "screening.report.kept", request, new={"size": len(data)}, regulation=Regulation.FCRA)


def upload(session: Session, actor: Actor, request: ScreeningRequest, data: bytes) -> None:
    """By hand, from the provider's portal.

    Raises:
        Invalid: not a PDF, or not the one that the provider's result file names. Conflict: a notice with the present copy is out, or the actor's own order.
    """
    judge(actor, request)
    if request.stage != Stage.REVIEW:
        raise Conflict("the copy that belongs to the notice cannot be replaced")
    refuse_another(session, request, data)
    keep(session, actor, request.id, data)


def read(session: Session, actor: Actor, request_id: UUID) -> tuple[str, bytes]:
    """Number and bytes of the report, with the look written down.

    Raises:
        NotFound: out of scope, no report, or records of New York City's second stage are in it and closed.
    """
    found = case(session, actor, request_id, Can.RECORD_VIEW)
    request = found.request
    if request.report_file_id is None or report_closed(session, found):
        raise NotFound
    viewed(session, actor, request)
    return request.number, storage.read(session, request.report_file_id)


def viewed(session: Session, actor: Actor, request: ScreeningRequest) -> None:
    """Somebody opened what a report says."""
    record_read(
        session, actor, "screening.record.viewed", request, person_id=request.candidate_id, regulation=Regulation.FCRA
    )


def letter(session: Session, actor: Actor, notice_id: UUID, permission: Can) -> tuple[CaseNotice, bytes]:
    """A letter as it was printed, with the look written down. Raises NotFound: out of scope, or not printed yet."""
    notice, request = mailing.letter(session, actor, notice_id, permission)
    if notice.pdf_file_id is None:
        raise NotFound
    viewed(session, actor, request)
    return notice, storage.read(session, notice.pdf_file_id)
