"""Tables of the spine that no other core module owns."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.crypto import EncryptedField
from app.core.db import Base, Tenant


class DataKey(Tenant, Base):
    """A data key, wrapped by the key provider. `wrapped` becomes NULL when the key is destroyed (crypto-shredding)."""

    __tablename__ = "data_key"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "number"),
        sa.Index("ix_data_key_subject", "company_id", "period", "subject_id"),
    )

    number: Mapped[int]
    period: Mapped[str]  # `2026Q4`, or `subject`
    subject_id: Mapped[UUID | None]
    wrapped: Mapped[bytes | None]
    kek_version: Mapped[int]
    retired_at: Mapped[datetime | None]


class AuditSeal(Tenant, Base):
    """A signed statement over every audit row whose transaction id lies in `[from_txid, to_txid)`."""

    __tablename__ = "audit_seal"
    __table_args__ = (sa.UniqueConstraint("company_id", "number"),)

    number: Mapped[int]
    from_txid: Mapped[int] = mapped_column(sa.BigInteger)
    to_txid: Mapped[int] = mapped_column(sa.BigInteger)
    row_count: Mapped[int]
    root: Mapped[bytes]
    previous_root: Mapped[bytes]
    signature: Mapped[bytes]
    sealed_at: Mapped[datetime]


class StoredFile(Tenant, Base):
    """A document in the encrypted store; `storage_key` is random and says nothing."""

    __tablename__ = "stored_file"
    __table_args__ = (sa.UniqueConstraint("company_id", "storage_key"),)

    storage_key: Mapped[str]
    name: EncryptedField[str] = EncryptedField()
    content_type: Mapped[str]
    size: Mapped[int] = mapped_column(sa.BigInteger)
    sha256: Mapped[bytes]
    purpose: Mapped[str]
    person_id: Mapped[UUID | None]
    scan_state: Mapped[str] = mapped_column(default="checked")
    deleted_at: Mapped[datetime | None]


class ApiAnswer(Tenant, Base):
    """What a POST with an Idempotency-Key answered, kept a day. It commits with what the request did, or neither does."""

    __tablename__ = "api_answer"
    __table_args__ = (sa.UniqueConstraint("company_id", "key_hash"),)

    key_hash: Mapped[bytes]  # keyed, of the token and the caller's key
    fingerprint: Mapped[bytes]  # keyed, of everything the request said
    status: Mapped[int]
    body: EncryptedField[str] = EncryptedField()
    expires_at: Mapped[datetime]


class ProcessHeartbeat(Base):
    """A running web, worker or dispatcher process, so that the operations page needs no Valkey. Not tenant data."""

    __tablename__ = "process_heartbeat"

    name: Mapped[str] = mapped_column(primary_key=True)  # host:kind:pid
    kind: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())
    seen_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())
    note: Mapped[str] = mapped_column(default="")
