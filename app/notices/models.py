"""Templates and deliveries. Field sources: benefits_notification_template, benefits_notification_log, insurance-schema notifications."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.crypto import EncryptedField
from app.core.db import Base, Tenant, choices, refs
from app.notices.rules import QUIET_FROM, QUIET_TO


class Channel(StrEnum):
    EMAIL = "email"
    IN_APP = "in_app"
    PDF = "pdf"
    SMS = "sms"
    POSTAL = "postal_mail"
    CHAT = "chat"


class DeliveryStatus(StrEnum):
    PENDING = "pending"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    BOUNCED = "bounced"
    OPENED = "opened"


class Category(StrEnum):
    INFORMATION = "information"
    WARNING = "warning"
    ERROR = "error"
    SUCCESS = "success"
    REMINDER = "reminder"
    ALERT = "alert"
    COMPLIANCE = "compliance"
    LEGAL = "legal_notice"


class NoticeTemplate(Tenant, Base):
    """A template per kind, channel and language; a change makes a new version, old versions stay."""

    __tablename__ = "notice_template"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "kind", "channel", "language", "version"),
        choices("channel", Channel),
        choices("category", Category),
        sa.CheckConstraint("version > 0", name="version_positive"),
    )

    kind: Mapped[str]  # `benefits.enrollment.approved`
    name: Mapped[str]
    channel: Mapped[str]
    language: Mapped[str] = mapped_column(default="en")
    version: Mapped[int] = mapped_column(default=1)
    category: Mapped[str] = mapped_column(default=Category.INFORMATION.value)
    priority: Mapped[str] = mapped_column(default="normal")
    subject: Mapped[str]  # never personal data: it travels in clear
    body: Mapped[str]
    variables: Mapped[list[str]] = mapped_column(default=list)
    is_active: Mapped[bool] = mapped_column(default=True)
    is_default: Mapped[bool] = mapped_column(default=True)
    approval_required: Mapped[bool] = mapped_column(default=False)
    approved_by_user_id: Mapped[UUID | None]
    approved_at: Mapped[datetime | None]
    created_by_user_id: Mapped[UUID | None]


class Notice(Tenant, Base):
    """One notice to one person on one channel: what was said, and what became of it."""

    __tablename__ = "notice"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "dedupe_key"),
        sa.Index(None, "company_id", "user_id", "created_at"),
        sa.Index(None, "company_id", "status", "created_at"),
        choices("channel", Channel),
        choices("status", DeliveryStatus),
        *refs(
            template_id="notice_template", user_id="user_account", employee_id="employee", file_id="stored_file",
            connection_id="connection",
        ),
    )  # fmt: skip

    dedupe_key: Mapped[str]  # event id + channel + recipient: the same notice is made once
    kind: Mapped[str]
    channel: Mapped[str]
    template_id: Mapped[UUID | None]
    user_id: Mapped[UUID | None]
    employee_id: Mapped[UUID | None]
    connection_id: Mapped[UUID | None]  # of a team channel: then nobody in particular is told
    subject_type: Mapped[str] = mapped_column(default="")
    subject_id: Mapped[UUID | None]
    recipient: EncryptedField[str] = EncryptedField()  # e-mail address or phone
    language: Mapped[str] = mapped_column(default="en")
    subject: Mapped[str] = mapped_column(default="")
    body: EncryptedField[str] = EncryptedField()
    link_path: Mapped[str] = mapped_column(default="")
    later_path: Mapped[str] = mapped_column(default="")  # page on which a reminder is put off
    link_purpose: Mapped[str] = mapped_column(default="")  # the link signs in once: invite, reset, verify
    file_id: Mapped[UUID | None]
    status: Mapped[str] = mapped_column(default=DeliveryStatus.PENDING.value)
    retry_count: Mapped[int] = mapped_column(default=0)
    message_id: Mapped[str] = mapped_column(default="")
    sent_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    failure_code: Mapped[str] = mapped_column(default="")
    response: Mapped[dict[str, Any]] = mapped_column(default=dict)


class NoticeChannel(Tenant, Base):
    """Which operational notices a company wants in a team's channel. Without a row: none."""

    __tablename__ = "notice_channel"
    __table_args__ = (sa.UniqueConstraint("company_id", "connection_id"), *refs(connection_id="connection"))

    connection_id: Mapped[UUID]
    kinds: Mapped[list[str]] = mapped_column(default=list)
    language: Mapped[str] = mapped_column(default="en")


class NoticePreference(Tenant, Base):
    """How one person wants to be told (benefits_user_preferences). Without a row: everything by e-mail, reminders not at night."""

    __tablename__ = "notice_preference"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "user_id"),
        sa.CheckConstraint("quiet_from BETWEEN 0 AND 23 AND quiet_to BETWEEN 0 AND 23", name="hours"),
        *refs(user_id="user_account"),
    )

    user_id: Mapped[UUID]
    email_reminders: Mapped[bool] = mapped_column(default=True)
    email_news: Mapped[bool] = mapped_column(default=True)
    quiet: Mapped[bool] = mapped_column(default=True)
    quiet_from: Mapped[int] = mapped_column(default=QUIET_FROM)  # hour of the day in the company's time zone
    quiet_to: Mapped[int] = mapped_column(default=QUIET_TO)
