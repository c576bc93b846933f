"""Proves years later what was signed: the chain, the records, the rows beside them, the contents, the receipt."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core import storage
from app.core.crypto import Undecipherable
from app.core.errors import NotFound
from app.screening.models import Assessment, CaseNotice, EvidenceLink, Signature
from app.screening.rules import evidence as rules
from app.screening.rules.evidence import canonical, hash_of
from app.screening.rules.retention import CLASS_OF, Kept
from app.screening.rules.states import EvidenceOf
from app.screening.services.evidence import RECORDED, facts_of, links, plain, sealed_head
from app.screening.services.retention import disposed


class Fault(StrEnum):
    CHANGED_LINK = "changed_link"
    BROKEN_CHAIN = "broken_chain"
    CUT_OFF = "cut_off"
    NO_LINK = "no_link"
    RECORD = "record"
    ROW = "row"
    CONTENT = "content"
    PDF = "pdf"
    GONE = "gone"


WORDS = {
    Fault.CHANGED_LINK: "A link of the chain was changed",
    Fault.BROKEN_CHAIN: "A link of the chain is missing or in another place",
    Fault.CUT_OFF: "The end of the chain is not the one that was sealed",
    Fault.NO_LINK: "A row stands in no chain",
    Fault.RECORD: "The record is not the one that was sealed",
    Fault.ROW: "The row says something else than its record",
    Fault.CONTENT: "What was shown is not what is stored",
    Fault.PDF: "The PDF is not the one that was made",
    Fault.GONE: "The file was destroyed or cannot be opened",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Attributes:
    subject: which row, by table and id; never what it holds.
    """

    fault: Fault
    subject: str

    def __str__(self) -> str:
        return f"{WORDS[self.fault]} ({self.subject})"


Reprint = Callable[[bytes, str, str], bytes]
"""(HTML, title, language) → PDF: `documents.render_pdf`, where the engine is at hand."""


def verify(session: Session, request_id: UUID | None = None, *, reprint: Reprint | None = None) -> list[Finding]:
    """Everything that does not hold; empty: it is proved.

    Args:
        request_id: also look at every row, record and file of this request; None: of every link.
        reprint: print each receipt again and compare byte for byte. The same version of the PDF engine gives the same bytes; with
            another one, leave it out: the hash proves the file.
    """
    findings = list(_chain(session))
    if request_id is not None:
        known = {(link.subject_type, link.subject_id): link for link in _links_of(session, request_id)}
    else:
        known = {(link.subject_type, link.subject_id): link for link in links(session)}
    gone = disposed(session, request_id)
    owners = {row.id: row.request_id for row in _owners(session, request_id)} if gone else {}
    for kind, row in _rows(session, request_id):
        link = known.get((kind.value, row.id))
        if (row.request_id, CLASS_OF[kind]) in gone and link and _read(session, link.record_file_id) is None:
            continue  # destroyed with a certificate, when its time was over; the chain still holds its hash
        name = f"{kind.value} {row.id}"
        findings += [Finding(Fault.NO_LINK, name)] if link is None else _row(session, kind, row, link, name)
    for link in known.values():
        if link.subject_type == EvidenceOf.RECEIPT:
            if (owners.get(link.subject_id), Kept.CONSENT) in gone and _read(session, link.record_file_id) is None:
                continue
            findings += _receipt(session, link, reprint)
    return findings


def _chain(session: Session) -> Iterator[Finding]:
    """The first place at which the chain does not hold, and whether the head that the audit trail sealed is in it."""
    seen: list[tuple[int, str]] = []
    broken = rules.verify(_noting(links(session), seen))
    if broken is not None:
        yield Finding(_FAULTS[broken.fault], f"link {broken.position}")
        return
    head = sealed_head(session)
    if head is not None and head not in seen:
        yield Finding(Fault.CUT_OFF, f"link {len(seen) + 1}")


_FAULTS = {rules.Fault.CHANGED: Fault.CHANGED_LINK, rules.Fault.OUT_OF_CHAIN: Fault.BROKEN_CHAIN}


def _noting(found: Iterable[Any], seen: list[tuple[int, str]]) -> Iterator[Any]:
    for link in found:
        seen.append((link.position, link.hash))
        yield link


def _links_of(session: Session, request_id: UUID) -> Iterable[Any]:
    """Links of the rows of one request; a receipt's subject is a signature."""
    signed = sa.select(Signature.id).where(Signature.request_id == request_id)
    wanted = sa.or_(
        EvidenceLink.subject_id.in_(signed),
        EvidenceLink.subject_id.in_(sa.select(CaseNotice.id).where(CaseNotice.request_id == request_id)),
        EvidenceLink.subject_id.in_(sa.select(Assessment.id).where(Assessment.request_id == request_id)),
    )
    return session.scalars(sa.select(EvidenceLink).where(wanted).order_by(EvidenceLink.position)).all()


def _rows(session: Session, request_id: UUID | None) -> Iterator[tuple[EvidenceOf, Any]]:
    tables: dict[EvidenceOf, Any] = {
        EvidenceOf.SIGNATURE: Signature,
        EvidenceOf.NOTICE: CaseNotice,
        EvidenceOf.ASSESSMENT: Assessment,
    }
    for kind, table in tables.items():
        query = sa.select(table).order_by(table.id)
        if kind is EvidenceOf.NOTICE:
            query = query.where(table.sent_at.is_not(None))  # a letter becomes evidence when it goes out
        if request_id is not None:
            query = query.where(table.request_id == request_id)
        for row in session.scalars(query):
            yield kind, row


def _owners(session: Session, request_id: UUID | None) -> Iterable[Any]:
    """Signatures and their requests: whose receipt is whose."""
    query = sa.select(Signature.id, Signature.request_id)
    return session.execute(query.where(Signature.request_id == request_id) if request_id else query)


def _row(session: Session, kind: EvidenceOf, row: Any, link: Any, name: str) -> list[Finding]:
    record = _read(session, link.record_file_id)
    if record is None:
        return [Finding(Fault.GONE, name)]
    if hash_of(record) != link.facts_sha256:
        return [Finding(Fault.RECORD, name)]
    found = []
    if not _agrees(kind, row, json.loads(record)):
        found.append(Finding(Fault.ROW, name))
    if kind is not EvidenceOf.ASSESSMENT:
        found += _file(session, row.content_file_id, row.content_sha256, Fault.CONTENT, name)
        found += _file(session, row.pdf_file_id, row.pdf_sha256, Fault.PDF, name)
    return found


def _agrees(kind: EvidenceOf, row: Any, record: dict[str, Any]) -> bool:
    try:
        if kind in RECORDED:
            return canonical(facts_of(kind, row)) == canonical(record)
        says = {theirs: plain(getattr(row, ours)) for theirs, ours in SIGNED.items()}
        says["typed_name"] = row.typed_name or ""
    except Undecipherable:
        return False
    known = {"link": str(row.link_id), "candidate": str(row.candidate_id), "proof": row.proof}
    return (
        says == {name: record[name] for name in says}
        and known == {name: record["identity"][name] for name in known}
        and row.name_match == (record["name_match"] or "")
    )


SIGNED = {
    "signature_id": "id", "request_id": "request_id", "document_key": "document_key", "document_version": "document_version", "language": "language",
    "document_sha256": "content_sha256", "screen": "screen", "opened_at": "opened_at", "scrolled_at": "scrolled_at",
    "submitted_at": "submitted_at", "time_zone": "time_zone", "intent": "intent", "copy_requested": "copy_requested", "ip": "ip_address",
    "user_agent": "user_agent", "session_id": "session_id", "jurisdictions": "jurisdictions", "answer": "answer",
}  # fmt: skip
"""Names of a record → columns of a signature that must say the same, beside its name and how the person was known."""


def _file(session: Session, file_id: UUID | None, sha256: str, fault: Fault, name: str) -> list[Finding]:
    if file_id is None:
        return [Finding(fault, name)] if sha256 else []
    data = _read(session, file_id)
    if data is None:
        return [Finding(Fault.GONE, name)]
    return [] if hash_of(data) == sha256 else [Finding(fault, name)]


def _receipt(session: Session, link: Any, reprint: Reprint | None) -> list[Finding]:
    name = f"{link.subject_type} {link.subject_id}"
    record = _read(session, link.record_file_id)
    if record is None or hash_of(record) != link.facts_sha256:
        return [Finding(Fault.GONE if record is None else Fault.RECORD, name)]
    made = json.loads(record)
    pdf, parts = _read(session, UUID(made["pdf"])), [_read(session, UUID(part["file"])) for part in made["parts"]]
    if pdf is None or any(part is None for part in parts):
        return [Finding(Fault.GONE, name)]
    if hash_of(pdf) != made["pdf_sha256"]:
        return [Finding(Fault.PDF, name)]
    if [hash_of(part or b"") for part in parts] != [part["sha256"] for part in made["parts"]]:
        return [Finding(Fault.CONTENT, name)]
    if reprint and reprint(b"".join(part or b"" for part in parts), made["title"], made["language"]) != pdf:
        return [Finding(Fault.PDF, name)]
    return []


def _read(session: Session, file_id: UUID) -> bytes | None:
    """The bytes of a file; None when it was destroyed, or its key was, or a byte of it was changed."""
    try:
        return storage.read(session, file_id)
    except (NotFound, Undecipherable):
        return None
