"""A candidate's link, and the evidence of what was signed (reference/screening.md §3.4). Signatures and the chain are insert-only."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.crypto import EncryptedField
from app.core.db import Base, Tenant, choices, refs
from app.screening.rules.states import Answer, EvidenceOf, Proof


class CandidateLink(Tenant, Base):
    """The one link of a request: consent first, then the status page. Only the token's hash is kept."""

    __tablename__ = "candidate_link"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "token_hash"),
        sa.Index(
            "ix_candidate_link_came_back", "company_id", "request_id",
            postgresql_where=sa.text("undeliverable_at IS NOT NULL AND revoked_at IS NULL"),
        ),
        *refs(request_id="screening_request"),
    )  # fmt: skip

    request_id: Mapped[UUID]
    token_hash: Mapped[bytes]
    channel: Mapped[str]  # email | sms
    expires_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    undeliverable_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    code_hash: Mapped[bytes | None]  # six digits, ten minutes
    code_expires_at: Mapped[datetime | None]
    failed_tries: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    draft: EncryptedField[dict[str, Any]] = EncryptedField(dict)  # what was typed and opened so far, page by page


class CandidateSession(Tenant, Base):
    """A device on which the candidate proved who they are. The cookie holds company and token."""

    __tablename__ = "candidate_session"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "token_hash"),
        choices("proof", Proof),
        *refs(link_id="candidate_link"),
    )

    link_id: Mapped[UUID]
    token_hash: Mapped[bytes]
    proof: Mapped[str]
    ip_address: Mapped[str] = mapped_column(sa.String(45), default="")
    user_agent: Mapped[str] = mapped_column(default="")
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Signature(Tenant, Base):
    """One answer to one document, with the exact bytes it was given to."""

    __tablename__ = "screening_signature"
    __table_args__ = (
        choices("answer", Answer),
        choices("proof", Proof),
        *refs(request_id="screening_request", candidate_id="candidate", content_file_id="stored_file", pdf_file_id="stored_file"),
    )  # fmt: skip

    request_id: Mapped[UUID]
    candidate_id: Mapped[UUID]
    session_id: Mapped[UUID]
    link_id: Mapped[UUID]
    screen: Mapped[int]  # the order in which documents were shown, from 1
    document_key: Mapped[str]
    document_version: Mapped[str]
    language: Mapped[str]
    content_sha256: Mapped[str] = mapped_column(sa.String(64))  # of the rendered bytes
    content_file_id: Mapped[UUID]
    pdf_file_id: Mapped[UUID | None]
    pdf_sha256: Mapped[str] = mapped_column(sa.String(64), default="")
    answer: Mapped[str]
    intent: Mapped[str]  # the words beside the button
    opened_at: Mapped[datetime]
    scrolled_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime]
    time_zone: Mapped[str] = mapped_column(default="")
    typed_name: EncryptedField[str] = EncryptedField()
    name_match: Mapped[str] = mapped_column(default="")
    copy_requested: Mapped[bool | None]
    ip_address: Mapped[str] = mapped_column(sa.String(45), default="")
    user_agent: Mapped[str] = mapped_column(default="")
    proof: Mapped[str]
    jurisdictions: Mapped[list[str]] = mapped_column(default=list)


class EvidenceLink(Tenant, Base):
    """A link of the company's chain: hash = SHA-256(position, previous hash, subject, hash of its record). Insert-only.

    The record itself is a stored file: it can be destroyed with everything else of a person, and the chain still holds.
    """

    __tablename__ = "evidence_link"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "position"),
        sa.UniqueConstraint("company_id", "subject_type", "subject_id"),
        choices("subject_type", EvidenceOf),
        *refs(record_file_id="stored_file"),
    )

    position: Mapped[int] = mapped_column(sa.BigInteger)
    subject_type: Mapped[str]
    subject_id: Mapped[UUID]
    facts_sha256: Mapped[str] = mapped_column(sa.String(64))
    record_file_id: Mapped[UUID]
    previous_hash: Mapped[str] = mapped_column(sa.String(64))
    hash: Mapped[str] = mapped_column(sa.String(64))
