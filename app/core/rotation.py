"""Key rotation while people work, and crypto-shredding.

Rotation takes rows in small batches with FOR UPDATE SKIP LOCKED and re-encrypts what is not under the newest key. Killed and run
again, it goes on where it was, under the key it had made. A live writer is never overwritten: its row is locked, so it is either
read after or left for the next pass.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core import storage
from app.core.clock import now
from app.core.config import get_settings
from app.core.crypto import BoundField, encrypted_fields
from app.core.db import Base, current_tenant, fetch, transaction
from app.core.keys import key_provider, keyring, make_data_key, quarter
from app.core.models import DataKey, StoredFile

BATCH = 500
Progress = Callable[[int, int], None]
KEEP = ("audit_event",)  # insert-only; its values are under the person's own key and are erased with it


def encrypted_models() -> list[type[Any]]:
    """Every model with encrypted columns that rotation re-encrypts."""
    models = [mapper.class_ for mapper in Base.registry.mappers if encrypted_fields(mapper.class_)]
    return sorted((m for m in models if m.__tablename__ not in KEEP), key=lambda m: str(m.__tablename__))


def retire_current_key(session: Session) -> int:
    """Make a new data key for this quarter and retire the company's others; returns the new number."""
    company_id = current_tenant()
    session.execute(
        sa.update(DataKey).where(DataKey.subject_id.is_(None), DataKey.retired_at.is_(None)).values(retired_at=now())
    )
    make_data_key(session.connection(), company_id, None, quarter())
    number = session.scalar(sa.select(sa.func.max(DataKey.number)).where(DataKey.subject_id.is_(None)))
    return int(number or 0)


def rotate(company_id: UUID, progress: Progress | None = None) -> int:
    """Every value under a new data key, or under the one an interrupted rotation made.

    Args:
        progress: called with how many rows and documents are done and how many there are.

    Returns:
        How many rows still hold a value under an older key: 0 when complete.
    """
    number = unfinished(company_id)
    if not number:
        with transaction(company_id) as session:
            number = retire_current_key(session)
    keyring.forget()
    documents = _documents(company_id)
    total, done = remaining(company_id, number) + len(documents), 0
    tell = progress or (lambda _done, _total: None)
    for file_id in documents:  # first: that rows are left is then the sign of a rotation to be finished
        _rotate_document(company_id, file_id, number)
        tell(done := done + 1, total)
    for model in encrypted_models():
        while moved := _rotate_batch(company_id, model, number):
            tell(done := done + moved, total)
    return remaining(company_id, number)


def unfinished(company_id: UUID) -> int:
    """The key a rotation was moving everything to when it was interrupted; 0 when none was.

    A key is retired by a rotation only (a new quarter retires none), so a value under a retired key was left behind by one: by its
    interruption, or by a process that had the old key in its cache for the five minutes it may.
    """
    own = DataKey.subject_id.is_(None)
    with transaction(company_id) as session:
        retired = session.scalar(sa.select(sa.func.max(DataKey.number)).where(own, DataKey.retired_at.is_not(None)))
        newest = session.scalar(sa.select(sa.func.max(DataKey.number)).where(own))
    return int(newest or 0) if retired and remaining(company_id, retired + 1) else 0


def _documents(company_id: UUID) -> Sequence[UUID]:
    """Documents of nobody in particular: they are under the company's key."""
    with transaction(company_id) as session:
        return session.scalars(
            sa.select(StoredFile.id).where(StoredFile.person_id.is_(None), StoredFile.deleted_at.is_(None))
        ).all()


def _rotate_document(company_id: UUID, file_id: UUID, number: int) -> None:
    """Each in a transaction of its own; the old bytes go when the new ones are known."""
    with transaction(company_id) as session:
        row = fetch(session, StoredFile, file_id, lock=True)
        old_key = row.storage_key
        moved = storage.reseal(row, number)
    if moved:
        storage.blob_store().delete(old_key)


def _rotate_batch(company_id: UUID, model: type[Any], number: int) -> int:
    with transaction(company_id) as session:
        old = _older(model, number)
        statement = sa.select(model).where(old).limit(BATCH).with_for_update(skip_locked=True)
        rows = session.scalars(statement.execution_options(populate_existing=True)).all()
        for row in rows:
            _reseal(model, row, number)
        return len(rows)


def _reseal(model: type[Any], row: Any, number: int) -> None:
    for name, field in encrypted_fields(model).items():
        sealed = getattr(row, f"{name}_enc")
        if sealed is None or field.subject or int.from_bytes(bytes(sealed)[1:5], "big") >= number:
            continue
        bound: BoundField[Any] = BoundField(field, model)
        plain = bound.open(row.company_id, row.id, sealed)
        setattr(row, f"{name}_enc", bound.seal(row.company_id, row.id, plain))


def _older(model: type[Any], number: int) -> sa.ColumnElement[bool]:
    """Rows with a company-key value whose key number (bytes 2 to 5) is below `number`."""
    limit = number.to_bytes(4, "big")
    tests = [
        sa.func.substring(getattr(model, f"{name}_enc"), 2, 4) < limit
        for name, field in encrypted_fields(model).items()
        if not field.subject
    ]
    return sa.or_(*tests) if tests else sa.false()


def remaining(company_id: UUID, number: int) -> int:
    """How many rows still hold a value under an older key."""
    with transaction(company_id) as session:
        counts = [
            session.scalar(sa.select(sa.func.count()).select_from(m).where(_older(m, number)))
            for m in encrypted_models()
        ]
    return sum(count or 0 for count in counts)


def rewrap(company_id: UUID) -> int:
    """After a new key-encryption key: wrap every data key anew. The data itself does not change. Returns how many."""
    provider = key_provider()
    with transaction(company_id) as session:
        keys = session.scalars(sa.select(DataKey).where(DataKey.wrapped.is_not(None)).with_for_update()).all()
        for key in keys:
            context = b"data_key|" + company_id.bytes + key.id.bytes
            key.kek_version, key.wrapped = provider.rewrap(key.kek_version, bytes(key.wrapped or b""), context)
        return len(keys)


def shred(session: Session, person_id: UUID) -> int:
    """Destroy a person's own keys: audit values and documents under them can no longer be read, here or in a later restore.

    The ids go to the shred list beside the key file, which is replayed after a restore of an older backup.
    """
    keys = session.scalars(sa.select(DataKey).where(DataKey.subject_id == person_id)).all()
    for key in keys:
        key.wrapped = None
    _remember_shredded(current_tenant(), person_id)
    keyring.forget()
    return len(keys)


def _remember_shredded(company_id: UUID, person_id: UUID) -> None:
    path = get_settings().key_file.with_name("shred-list.jsonl")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        file.write(json.dumps({"company": str(company_id), "person": str(person_id), "at": now().isoformat()}) + "\n")


def replay_shred_list() -> int:
    """After a restore: destroy again every key on the shred list. Returns how many persons."""
    path = get_settings().key_file.with_name("shred-list.jsonl")
    lines = path.read_text().splitlines() if path.exists() else []
    for line in lines:
        entry = json.loads(line)
        with transaction(UUID(entry["company"])) as session:
            session.execute(sa.update(DataKey).where(DataKey.subject_id == UUID(entry["person"])).values(wrapped=None))
    keyring.forget()
    return len(lines)
