"""The candidate's copy: one PDF of everything that was signed, each document followed by the record of its signature.

It is printed from stored bytes alone, and its own hash stands in the chain, so that it can be printed again or proved years later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core import storage
from app.core.db import fetch
from app.notices.templating import translations
from app.screening.documents import Document, catalog, certificate_values, document, render_html
from app.screening.models import Candidate, EvidenceLink, ScreeningRequest, Signature
from app.screening.rules.evidence import Link, canonical, hash_of
from app.screening.rules.states import Answer, EvidenceOf
from app.screening.services import evidence
from app.screening.services.phrases import language_of

TITLE = "What you signed"


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes to print: of a document that was shown (`file_id`: already stored), or of the record after it."""

    html: bytes
    file_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What the printer needs, read in one transaction and printed with none open."""

    request_id: UUID
    candidate_id: UUID
    signatures: tuple[UUID, ...]
    parts: tuple[Part, ...]
    title: str
    language: str

    @property
    def html(self) -> bytes:
        return b"".join(part.html for part in self.parts)


def draft(session: Session, request: ScreeningRequest) -> Draft | None:
    """The receipt of the consent in force; None when it was made already, or nothing is signed."""
    rows = signed(session, request)
    if not rows or any(row.pdf_file_id for row in rows):
        return None
    candidate = fetch(session, Candidate, request.candidate_id)
    language = language_of(candidate.language)
    parts = [part for row in rows for part in _parts(session, row)]
    title = translations(language).gettext(TITLE)
    return Draft(request.id, candidate.id, tuple(row.id for row in rows), tuple(parts), title, language)


def signed(session: Session, request: ScreeningRequest) -> Sequence[Signature]:
    """The newest answers that the consent rests on, in the order of the screens; without those of an earlier asking."""
    if request.consent_obtained_at is None:
        return ()
    query = (
        sa.select(Signature)
        .where(Signature.request_id == request.id, Signature.answer != Answer.DECLINED.value)
        .where(Signature.submitted_at <= request.consent_obtained_at)
        .order_by(Signature.submitted_at.desc())
    )
    newest: dict[str, Signature] = {}
    for row in session.scalars(query):
        newest.setdefault(row.document_key, row)
    asked = request.consent_scope.get("documents", {})
    return sorted((row for key, row in newest.items() if key in asked), key=lambda row: row.screen)


def _parts(session: Session, row: Signature) -> tuple[Part, Part]:
    shown = storage.read(session, row.content_file_id)
    sealed = evidence.link_of(session, EvidenceOf.SIGNATURE, row.id)
    if sealed is None:
        raise LookupError("a signature stands in no chain")
    facts = storage.read(session, sealed.record_file_id)
    values = certificate_values(facts, _document(row, row.language), _link(sealed))
    record = render_html(document("signature_certificate", row.language, row.submitted_at.date()), values)
    return Part(shown, row.content_file_id), Part(record)


def _document(row: Signature, language: str) -> Document:
    """The text that was signed, in the version it had."""
    known = {
        text.language: text
        for text in catalog().documents
        if (text.key, text.version) == (row.document_key, row.document_version)
    }
    return known.get(language) or known["en"]


def titles(rows: Sequence[Signature], language: str) -> list[str]:
    """What was signed, in the reader's words."""
    return [_document(row, language).title for row in rows]


def _link(row: EvidenceLink) -> Link:
    return Link(row.position, row.subject_type, str(row.subject_id), row.facts_sha256, row.previous_hash, row.hash)


def keep(session: Session, made: Draft, pdf: bytes) -> UUID | None:
    """Store the printed receipt and tie it to the chain. None: another attempt was first."""
    query = sa.select(Signature).where(Signature.id.in_(made.signatures)).order_by(Signature.screen)
    rows = session.scalars(query).all()
    last = rows[-1]
    if last.pdf_file_id is not None or evidence.link_of(session, EvidenceOf.RECEIPT, last.id) is not None:
        return None
    file = storage.keep(
        session,
        pdf,
        name=f"{made.title}.pdf",
        content_type="application/pdf",
        purpose="consent",
        person_id=made.candidate_id,
    )
    parts = [
        {"file": str(part.file_id or _keep_part(session, made, part)), "sha256": hash_of(part.html)}
        for part in made.parts
    ]
    record = canonical(
        {
            "format": f"{EvidenceOf.RECEIPT.value}-1", "request": str(made.request_id), "signatures": list(map(str, made.signatures)),
            "pdf": str(file.id), "pdf_sha256": hash_of(pdf), "parts": parts, "title": made.title, "language": made.language,
        }
    )  # fmt: skip
    evidence.append(session, EvidenceOf.RECEIPT, last, record=record, subject_id=last.id, person_id=made.candidate_id)
    for row in rows:
        row.pdf_file_id, row.pdf_sha256 = file.id, hash_of(pdf)
    return file.id


def _keep_part(session: Session, made: Draft, part: Part) -> UUID:
    kept = storage.keep(
        session, part.html, name="record.html", content_type="text/html", purpose="consent", person_id=made.candidate_id
    )
    return kept.id


def receipt_id(session: Session, request: ScreeningRequest) -> UUID | None:
    """The stored PDF of the consent in force, once it is printed."""
    return next((row.pdf_file_id for row in signed(session, request) if row.pdf_file_id), None)
