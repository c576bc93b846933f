"""Adjudication and adverse action: what was weighed, what was sent, what the candidate answered."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.crypto import EncryptedField
from app.core.db import Base, Tenant, choices, refs
from app.screening.rules.clocks import Kind
from app.screening.rules.states import DeliveryState, NoticeKind
from app.screening.rules.words import Channel


class Assessment(Tenant, Base):
    """An individualized assessment; insert-only but for the second person's agreement. `second`: after the notice."""

    __tablename__ = "screening_assessment"
    __table_args__ = refs(request_id="screening_request", agreed_by_user_id="user_account")

    request_id: Mapped[UUID]
    second: Mapped[bool] = mapped_column(default=False)
    report_revised_at: Mapped[datetime | None]  # the report it is about
    record_refs: Mapped[list[str]] = mapped_column(default=list)
    factors: EncryptedField[dict[str, Any]] = EncryptedField(dict)  # factor → what was weighed
    reasoning: EncryptedField[str] = EncryptedField(required=True)
    adverse: Mapped[bool]
    written_by_user_id: Mapped[UUID]
    written_at: Mapped[datetime]
    agreed_by_user_id: Mapped[UUID | None]
    agreed_at: Mapped[datetime | None]


class CaseNotice(Tenant, Base):
    """A letter of a case on one channel, with the exact bytes and what became of it."""

    __tablename__ = "screening_notice"
    __table_args__ = (
        choices("kind", NoticeKind),
        choices("channel", Channel),
        choices("delivery", DeliveryState),
        *refs(request_id="screening_request", pdf_file_id="stored_file", content_file_id="stored_file"),
    )

    request_id: Mapped[UUID]
    kind: Mapped[str]
    channel: Mapped[str]
    document_key: Mapped[str]
    document_version: Mapped[str]
    language: Mapped[str]
    content_file_id: Mapped[UUID | None]
    content_sha256: Mapped[str] = mapped_column(sa.String(64), default="")
    pdf_file_id: Mapped[UUID | None]
    pdf_sha256: Mapped[str] = mapped_column(sa.String(64), default="")
    attachments: Mapped[list[Any]] = mapped_column(default=list)  # each {name, version, sha256, file_id}
    sent_to: EncryptedField[str] = EncryptedField()
    to_place: EncryptedField[dict[str, Any]] = EncryptedField(
        dict
    )  # rules.places.Place by name: it chooses the receipt
    delivery: Mapped[str] = mapped_column(default=DeliveryState.QUEUED.value)
    sent_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    received_on: Mapped[date | None]  # a date on a receipt: tracked mail, by hand
    bounced_at: Mapped[datetime | None]
    tracking_number: EncryptedField[str] = EncryptedField()
    notice_id: Mapped[UUID | None]  # the e-mail (app.notices)
    promised_on: Mapped[date | None]  # the day the letter gives: no decision before it, however fast the post was
    void_at: Mapped[datetime | None]  # the report was corrected, or the case ended: it moves no clock any more
    created_by_user_id: Mapped[UUID | None]


class Happening(Tenant, Base):
    """What a candidate or the provider did in a case: moves the clock (`clocks.Happening`), or is the candidate's own word."""

    __tablename__ = "screening_happening"
    __table_args__ = (choices("kind", Kind), *refs(request_id="screening_request", file_id="stored_file"))

    request_id: Mapped[UUID]
    kind: Mapped[str]
    ref: Mapped[str] = mapped_column(default="")  # ties the end of a dispute to its beginning
    on: Mapped[date]
    happened_at: Mapped[datetime]
    source: Mapped[str]  # candidate | provider | us
    text: EncryptedField[str] = EncryptedField()
    file_id: Mapped[UUID | None]
    read_by_user_id: Mapped[UUID | None]
    read_at: Mapped[datetime | None]


class SavedView(Tenant, Base):
    """A list's filters under a name, for one user."""

    __tablename__ = "saved_view"
    __table_args__ = (sa.UniqueConstraint("company_id", "user_id", "page", "name"), *refs(user_id="user_account"))

    user_id: Mapped[UUID]
    page: Mapped[str]
    name: Mapped[str]
    query: Mapped[str]


class Disposal(Tenant, Base):
    """The certificate of a destruction (16 CFR 682): what, by which policy, when. Holds nothing of what was destroyed."""

    __tablename__ = "disposal"
    __table_args__ = ()

    subject_type: Mapped[str]
    subject_id: Mapped[UUID]
    policy: Mapped[str]
    items: Mapped[int]
    disposed_at: Mapped[datetime]
    disposed_by_user_id: Mapped[UUID | None]
