"""The company's chain of evidence: every answer to a document, letter and assessment, each link tied to the one before it.

The record of a link is a stored file, kept byte for byte. `verify` holds records, rows, contents and PDFs against each other and
against the head that the audit trail sealed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core import storage
from app.core.db import Base, current_tenant
from app.core.events import Actor, AuditEvent, Regulation, record
from app.screening.models import EvidenceLink
from app.screening.rules.evidence import canonical, link
from app.screening.rules.states import EvidenceOf

HEAD_SEALED = "screening.evidence.sealed"
PAGE = 2000
RECORDED: Mapping[EvidenceOf, tuple[str, ...]] = {
    EvidenceOf.NOTICE: (
        "request_id", "kind", "channel", "document_key", "document_version", "language", "content_file_id", "content_sha256",
        "pdf_file_id", "pdf_sha256", "attachments", "sent_to", "to_place", "created_by_user_id",
    ),
    EvidenceOf.ASSESSMENT: (
        "request_id", "second", "report_revised_at", "record_refs", "factors", "reasoning", "adverse", "written_by_user_id",
        "written_at",
    ),
}  # fmt: skip
"""Columns of a row that are evidence; what happens to it later (delivery, a second person's agreement) is not."""


def append(
    session: Session,
    kind: EvidenceOf,
    row: Any,
    *,
    record: bytes | None = None,
    subject_id: UUID | None = None,
    person_id: UUID | None = None,
) -> EvidenceLink:
    """Tie a row to the chain, in the caller's transaction. Links of one company are made one after the other.

    Args:
        row: a `Signature`, `CaseNotice` or `Assessment`, complete: what it says now is what counts.
        record: the bytes to keep; None: the evidence columns of the row.
        subject_id: of what has no row of its own.
        person_id: whose record it is; it can then be destroyed with the person's key.
    """
    kept = record if record is not None else canonical(facts_of(kind, row))
    file = storage.keep(
        session,
        kept,
        name=f"{kind.value}.json",
        content_type="application/json",
        purpose="evidence",
        person_id=person_id,
    )
    session.flush()
    _one_at_a_time(session)
    sealed = link(_last(session), kind.value, str(subject_id or row.id), kept)
    made = EvidenceLink(
        position=sealed.position,
        subject_type=sealed.subject_type,
        subject_id=subject_id or row.id,
        facts_sha256=sealed.facts_sha256,
        record_file_id=file.id,
        previous_hash=sealed.previous_hash,
        hash=sealed.hash,
    )
    session.add(made)
    session.flush()
    return made


def _last(session: Session) -> EvidenceLink | None:
    return session.scalars(sa.select(EvidenceLink).order_by(EvidenceLink.position.desc()).limit(1)).first()


def facts_of(kind: EvidenceOf, row: Base) -> dict[str, Any]:
    """The evidence columns of a row as plain values."""
    return {"format": f"{kind.value}-1", **{name: plain(getattr(row, name)) for name in RECORDED[kind]}}


def plain(value: Any) -> Any:
    """A value as JSON has it; moments in UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return value if isinstance(value, str | int | bool | None) else json.loads(json.dumps(value, default=str))


def link_of(session: Session, kind: EvidenceOf, subject_id: UUID) -> EvidenceLink | None:
    query = sa.select(EvidenceLink).where(
        EvidenceLink.subject_type == kind.value, EvidenceLink.subject_id == subject_id
    )
    return session.scalars(query).one_or_none()


def links(session: Session) -> Iterator[Any]:
    """The whole chain in order, as Core rows, a page at a time."""
    names = ("position", "subject_type", "subject_id", "facts_sha256", "record_file_id", "previous_hash", "hash")
    query = sa.select(*(getattr(EvidenceLink, name) for name in names)).order_by(EvidenceLink.position).limit(PAGE)
    last = 0
    while True:
        page = session.execute(query.where(EvidenceLink.position > last)).all()
        yield from page
        if len(page) < PAGE:
            return
        last = page[-1].position


def seal_head(session: Session, actor: Actor) -> bool:
    """Write the head of the chain into the audit trail, whose seals are signed and copied away. False when it stands there already."""
    head = _last(session)
    if head is None or sealed_head(session) == (head.position, head.hash):
        return False
    record(
        session, actor, HEAD_SEALED, ("evidence_chain", current_tenant()),
        new={"position": head.position, "hash": head.hash}, regulation=Regulation.FCRA,
    )  # fmt: skip
    return True


def sealed_head(session: Session) -> tuple[int, str] | None:
    """Position and hash of the newest head in the audit trail."""
    query = (
        sa.select(AuditEvent.new_values)
        .where(AuditEvent.entity_type == "evidence_chain", AuditEvent.entity_id == current_tenant())
        .where(AuditEvent.name == HEAD_SEALED)
        .order_by(AuditEvent.id.desc())
        .limit(1)
    )
    found = session.scalars(query).first()
    return (int(found["position"]), str(found["hash"])) if found else None


def _one_at_a_time(session: Session) -> None:
    session.execute(
        sa.text("SELECT pg_advisory_xact_lock(hashtext('evidence'), hashtext(:company))"),
        {"company": str(current_tenant())},
    )
