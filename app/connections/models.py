"""Connections, what is said over them, and the inbox. Field sources: benefits_provider_config of both benefits documents and
BackgroundCheckProviderConfig of the screening document."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.connections.rules import ConnectionStatus, CopyState, DataRegion, Environment, InboxState, Phase, SignInState
from app.core.crypto import EncryptedField
from app.core.db import Base, Tenant, choices, refs

__all__ = [
    "Connection", "ConnectionState", "ConnectionStatus", "Environment", "Exchange", "InboxItem", "InboxState", "Phase", "ProviderSignIn",
    "ProviderState", "ProviderToken",
]  # fmt: skip


class Connection(Tenant, Base):
    """One provider of one company: benefits_provider_config, BackgroundCheckProviderConfig."""

    __tablename__ = "connection"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "code"),
        sa.UniqueConstraint("company_id", "webhook_key"),
        sa.CheckConstraint("error_count >= 0", name="error_count_valid"),
        sa.CheckConstraint(
            "timeout_seconds > 0 AND rate_limit_per_hour > 0 AND max_retry_attempts >= 0", name="positive_values"
        ),
        sa.CheckConstraint("max_retry_attempts <= 5", name="few_retries"),
        choices("status", ConnectionStatus),
        choices("environment", Environment),
        choices("phase", Phase),
        choices("data_region", DataRegion),
    )

    adapter: Mapped[str]  # slug of the folder under integrations/adapters
    name: Mapped[str]
    code: Mapped[str]
    provider_type: Mapped[str] = mapped_column(default="Health Insurance")
    integration_method: Mapped[str] = mapped_column(default="EDI")
    api_endpoint_url: Mapped[str] = mapped_column(default="")
    api_version: Mapped[str] = mapped_column(default="v1")
    environment: Mapped[str] = mapped_column(default=Environment.PRODUCTION.value)  # which of the provider's worlds
    authentication_type: Mapped[str] = mapped_column(default="SSH Key")
    credentials: EncryptedField[dict[str, Any] | None] = EncryptedField(dict)  # with those before, see `rules.PREVIOUS`
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)  # the adapter's config model, no secrets
    data_format: Mapped[str] = mapped_column(default="EDI 834")
    encoding_format: Mapped[str] = mapped_column(default="UTF-8")
    sync_frequency: Mapped[str] = mapped_column(default="Daily")
    sync_direction: Mapped[str] = mapped_column(default="Bidirectional")
    phase: Mapped[str] = mapped_column(default=Phase.TEST.value)
    is_primary: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    status: Mapped[str] = mapped_column(default=ConnectionStatus.DISCONNECTED.value)
    last_checked_at: Mapped[datetime | None]
    last_check: Mapped[dict[str, Any]] = mapped_column(default=dict)
    last_sync_at: Mapped[datetime | None]
    last_successful_sync_at: Mapped[datetime | None]
    error_count: Mapped[int] = mapped_column(default=0)
    max_retry_attempts: Mapped[int] = mapped_column(default=3)
    timeout_seconds: Mapped[int] = mapped_column(default=30)
    rate_limit_per_hour: Mapped[int] = mapped_column(default=1000)
    supported_benefit_types: Mapped[list[str]] = mapped_column(default=list)
    supported_check_types: Mapped[list[str]] = mapped_column(default=list)
    field_mappings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    validation_rules: Mapped[dict[str, Any]] = mapped_column(default=dict)
    transformation_rules: Mapped[dict[str, Any]] = mapped_column(default=dict)
    compliance_settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    data_region: Mapped[str] = mapped_column(default=DataRegion.NOT_STATED.value)
    access_ends_at: Mapped[datetime | None]  # of our certificate, or of a sign-in, however often its token is renewed
    next_poll_at: Mapped[datetime | None]
    webhook_key: Mapped[str | None]  # the unguessable end of the address we gave the provider
    webhook_refused: Mapped[int] = mapped_column(default=0)  # deliveries that nobody proved, why the last one, and when
    webhook_refusal: Mapped[str] = mapped_column(default="")
    webhook_refused_at: Mapped[datetime | None]
    created_by_user_id: Mapped[UUID | None]
    updated_by_user_id: Mapped[UUID | None]

    @property
    def is_working(self) -> bool:
        """Whether anything may be said over it: nobody stopped or left it, and it is not broken."""
        return self.is_active and self.status == ConnectionStatus.CONNECTED


class InboxItem(Tenant, Base):
    """Everything that arrives, stored raw before it is understood. The same item twice is stored once."""

    __tablename__ = "inbox_item"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "connection_id", "dedupe_key"),
        sa.Index("ix_inbox_item_remote", "company_id", "connection_id", "remote_mark"),
        choices("state", InboxState),
        *refs(connection_id="connection", file_id="stored_file"),
    )

    connection_id: Mapped[UUID]
    dedupe_key: Mapped[str]
    source: Mapped[str]  # sftp | webhook | poll | upload
    file_id: Mapped[UUID]
    remote_name: Mapped[str] = mapped_column(default="")
    remote_mark: Mapped[str] = mapped_column(
        default=""
    )  # name, size and time over there: what was fetched is not fetched again
    event_kind: Mapped[str] = mapped_column(default="")  # of a webhook: as the provider calls it
    resource: Mapped[str] = mapped_column(
        default=""
    )  # what to fetch again, by its name in the manifest; empty when unknown
    resource_ref: Mapped[str] = mapped_column(default="")  # the provider's id of it
    proof: Mapped[dict[str, Any]] = mapped_column(default=dict)  # which of our secrets fitted, and how
    kind: Mapped[str] = mapped_column(default="")  # acknowledgement | census | verify | unknown, once read
    summary: Mapped[dict[str, Any]] = mapped_column(default=dict)  # counts, no personal data
    state: Mapped[str] = mapped_column(default=InboxState.RECEIVED.value)
    received_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())
    written_at: Mapped[datetime | None]  # the provider's own time stamp, where it has one
    applied_at: Mapped[datetime | None]
    problem: Mapped[str] = mapped_column(default="")

    @property
    def as_of(self) -> datetime:
        """Up to when it can know anything: when the provider wrote it, and never later than it came."""
        return min(self.written_at or self.received_at, self.received_at)


class ConnectionState(Tenant, Base):
    """The few numbers of protection that belong to one connection: rates, places, circuit. See `services.shelf`."""

    __tablename__ = "connection_state"
    __table_args__ = (sa.UniqueConstraint("company_id", "key"),)

    key: Mapped[str]
    state: Mapped[dict[str, Any]] = mapped_column(default=dict)


class ProviderState(Base):
    """The same for a limit that a provider sets for all companies together, so it is nobody's own. Numbers, nothing else."""

    __tablename__ = "provider_state"

    key: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[dict[str, Any]] = mapped_column(default=dict)


class ProviderToken(Tenant, Base):
    """The access token of a connection. Whoever renews it holds the row's lock, so a rotating one is never used twice."""

    __tablename__ = "provider_token"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "connection_id"),
        *refs(connection_id="connection", signed_in_by_user_id="user_account"),
    )

    connection_id: Mapped[UUID]
    access: EncryptedField[str] = EncryptedField()
    refresh: EncryptedField[str] = EncryptedField()
    extra: EncryptedField[dict[str, Any]] = EncryptedField(dict)  # what came with it, such as an account id
    issued_at: Mapped[datetime | None]  # None: never had one
    expires_at: Mapped[datetime | None]
    scopes: Mapped[list[str]] = mapped_column(default=list)
    signed_in_at: Mapped[datetime | None]  # by a person, at the provider
    signed_in_by_user_id: Mapped[UUID | None]
    farewell: EncryptedField[dict[str, Any] | None] = EncryptedField(dict)
    """The credentials of a connection that was disconnected, until the provider has revoked this token. Nobody uses it meanwhile."""


class ProviderSignIn(Tenant, Base):
    """One trip of a person to the provider's sign-in and back. Its secrets are gone once the token is fetched, or cannot be."""

    __tablename__ = "provider_sign_in"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "state_hash"),
        choices("state", SignInState),
        *refs(connection_id="connection", user_id="user_account"),
    )

    connection_id: Mapped[UUID]
    user_id: Mapped[UUID]
    state_hash: Mapped[bytes]  # of what the provider brings back, unguessable
    verifier: EncryptedField[str | None] = EncryptedField()  # of PKCE
    code: EncryptedField[str | None] = EncryptedField()
    kept: EncryptedField[dict[str, Any] | None] = EncryptedField(dict)  # what else came back and belongs to the token
    state: Mapped[str] = mapped_column(default=SignInState.OUT.value)
    problem: Mapped[str] = mapped_column(default="")  # why it failed, a code
    ends_at: Mapped[datetime]


class Exchange(Tenant, Base):
    """One request to a provider and what came of it, kept for `EXCHANGE_DAYS`. Path without ids, headers without secrets."""

    __tablename__ = "exchange"
    __table_args__ = (
        sa.Index(None, "company_id", "subject_id"),
        sa.Index(None, "company_id", "started_at"),
        *refs(connection_id="connection"),
    )

    connection_id: Mapped[UUID]
    operation: Mapped[str]
    method: Mapped[str]
    path: Mapped[str]
    status: Mapped[int | None]  # None: no answer
    failure: Mapped[str] = mapped_column(default="")  # its code; empty when all went well
    started_at: Mapped[datetime]
    milliseconds: Mapped[int]
    attempt: Mapped[int]
    request_bytes: Mapped[int]
    answer_bytes: Mapped[int]
    request_headers: Mapped[list[Any]] = mapped_column(default=list)
    answer_headers: Mapped[list[Any]] = mapped_column(default=list)
    request_body: EncryptedField[str] = EncryptedField()
    answer_body: EncryptedField[str] = EncryptedField()
    subject_kind: Mapped[str] = mapped_column(default="")  # the table of the row this was about
    subject_id: Mapped[UUID | None]


class DocumentDrive(Tenant, Base):
    """Which documents a company wants copied into the drive of a connection. Without a row: none."""

    __tablename__ = "document_drive"
    __table_args__ = (sa.UniqueConstraint("company_id", "connection_id"), *refs(connection_id="connection"))

    connection_id: Mapped[UUID]
    kinds: Mapped[list[str]] = mapped_column(default=list)


class KeptDocument(Tenant, Base):
    """The copy of one document in one drive, wanted or there. Its name is in the document's row, encrypted."""

    __tablename__ = "kept_document"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "file_id", "connection_id"),
        choices("state", CopyState),
        *refs(connection_id="connection", file_id="stored_file"),
    )

    connection_id: Mapped[UUID]
    file_id: Mapped[UUID]
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(default=CopyState.WAITING.value)
    remote_id: Mapped[str] = mapped_column(default="")
    url: Mapped[str] = mapped_column(default="")  # where a person opens it; https or empty
    failure: Mapped[str] = mapped_column(default="")
    kept_at: Mapped[datetime | None]
