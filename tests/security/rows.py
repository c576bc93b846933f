"""One plausible row of any tenant table, from its model: so that a table nobody thought of is tested too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.core.crypto import encrypted_fields
from app.domains import Base

LATER = ("ends", "closes", "until", "_to", "expires")
CHOICE = re.compile(r"^(\w+) IN \('([^']+)'")
# What machines read must be what they would find: a made-up word there is a broken row, not a text.
MEANINGFUL = {"totp_secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "ssn": "900114399"}
MEANINGFUL_COLUMNS = {
    ("discrepancy", "code"): "plan-differs",
    ("hook_delivery", "kind"): "employee.hired",
    ("job_intent", "kind"): "people.age_out",
    ("disposal", "policy"): "report; federal",
}
INSERT_ONLY = ("audit_event", "audit_seal", "evidence_link", "screening_signature")
ONE_PER_COMPANY = {"company", "screening_policy"}  # their id is the company's
SAMPLES: dict[type, Any] = {date: date(1990, 5, 4), Decimal: Decimal("61000.50"), dict: {}, list: []}


def tenant_models() -> list[type[Any]]:
    """Every model with a company, parents before children."""
    by_table = {mapper.local_table: mapper.class_ for mapper in Base.registry.mappers}
    return [by_table[table] for table in Base.metadata.sorted_tables if "company_id" in table.c]


def fill(session: Session, company_id: UUID, word: str, known: dict[str, UUID] | None = None) -> dict[str, UUID]:
    """A row in every tenant table that `known` does not name yet; returns table → id. Texts hold `word`."""
    ids = dict(known or {})
    for model in tenant_models():
        table = str(model.__tablename__)
        if table in ids or table == "data_key":  # encrypting makes the company's key by itself
            continue
        row = make_row(model, company_id, word, ids)
        session.add(row)
        ids[table] = row.id
        session.flush()
    return ids


def make_row(model: type[Any], company_id: UUID, word: str, ids: dict[str, UUID]) -> Any:
    values: dict[str, Any] = {
        "company_id": company_id,
        "id": company_id if model.__tablename__ in ONE_PER_COMPANY else uuid7(),
    }
    values |= dict(_columns(model, word, ids))
    row = model(**values)
    for name, field in encrypted_fields(model).items():
        if not field.subject:
            setattr(row, name, MEANINGFUL.get(name, word) if field.kind is str else SAMPLES[field.kind])
    return row


def _columns(model: type[Any], word: str, ids: dict[str, UUID]) -> Iterator[tuple[str, Any]]:
    known_words = _choices(model)
    references = {c.column_keys[1]: c.referred_table.name for c in model.__table__.foreign_key_constraints}
    for column in model.__table__.columns:
        name = column.name
        if name in ("company_id", "id", "created_at", "updated_at") or name.endswith(("_enc", "_bidx")):
            continue
        if name in references:
            if references[name] != model.__tablename__:
                yield name, ids[references[name]]
        elif name in known_words and not column.default and not column.nullable:
            yield name, known_words[name]
        elif not column.nullable and column.default is None and column.server_default is None:
            yield name, MEANINGFUL_COLUMNS.get((model.__tablename__, name)) or _value(column, word)


def _choices(model: type[Any]) -> dict[str, str]:
    checks = (c for c in model.__table__.constraints if isinstance(c, sa.CheckConstraint))
    found = (CHOICE.match(str(check.sqltext)) for check in checks)
    return {match[1]: match[2] for match in found if match}


def _value(column: sa.Column[Any], word: str) -> Any:
    kind = column.type.python_type
    later = timedelta(days=364) if any(part in column.name for part in LATER) else timedelta()
    if kind is datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + later
    if kind is date:
        return date(2026, 1, 1) + later
    if kind is bytes:
        return f"{word} {column.name}".encode()
    values: dict[type, Any] = {
        str: f"{word} {column.name}",
        int: 1,
        Decimal: Decimal(1),
        UUID: uuid7(),
        bool: False,
        object: [],
    }
    return values[kind]
