"""Sealing and verifying the audit trail.

A seal covers every row whose transaction id lies in `[from, to)`, with `to` the oldest transaction still running: all rows of that
range are committed or will never be, so a slow commit cannot slip past. Each seal signs (Ed25519) the range, the count, the root of
the rows and the previous root, and a copy goes to the checkpoint folder, which should lie on another machine.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.config import get_settings
from app.core.db import current_tenant
from app.core.events import AUDITED, AuditEvent, canonical, row_mac
from app.core.jobs import Run, job
from app.core.keys import key_provider
from app.core.models import AuditSeal

GENESIS = hashlib.sha256(b"corridor audit trail").digest()
MAX_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with the trail, in words for the person who reads the report."""

    code: str  # edited | forged | missing | inserted | broken-chain | bad-signature | truncated
    text: str


def seal(session: Session) -> AuditSeal | None:
    """Seal the current tenant's unsealed rows of finished transactions; None when there is nothing new."""
    session.execute(
        sa.text("SELECT pg_advisory_xact_lock(hashtext('seal'), hashtext(:c))"), {"c": str(current_tenant())}
    )
    last = session.scalars(sa.select(AuditSeal).order_by(AuditSeal.number.desc()).limit(1)).first()
    start = last.to_txid if last else 0
    end = session.execute(sa.text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")).scalar_one()
    count, root = _root(session, start, end)
    if not count:
        return None
    made = AuditSeal(
        number=last.number + 1 if last else 1,
        from_txid=start,
        to_txid=end,
        row_count=count,
        root=root,
        previous_root=last.root if last else GENESIS,
        signature=b"",
        sealed_at=now(),
    )
    made.signature = key_provider().signing_key().sign(_statement(made))
    session.add(made)
    return made


def _rows(session: Session, start: int, end: int) -> Iterator[Any]:
    columns = [getattr(AuditEvent, name) for name in AUDITED]
    statement = (
        sa.select(AuditEvent.mac, *columns)
        .where(AuditEvent.company_id == current_tenant(), AuditEvent.txid >= start, AuditEvent.txid < end)
        .order_by(AuditEvent.txid, AuditEvent.id)
        .execution_options(yield_per=2000)
    )
    yield from session.execute(statement)


def _root(session: Session, start: int, end: int) -> tuple[int, bytes]:
    digest, count = hashlib.sha256(), 0
    for row in _rows(session, start, end):
        digest.update(hashlib.sha256(canonical(row)).digest() + bytes(row.mac))
        count += 1
    return count, digest.digest()


def _statement(made: AuditSeal) -> bytes:
    """What a seal signs."""
    return json.dumps(
        {
            "company": str(made.company_id),
            "number": made.number,
            "from": made.from_txid,
            "to": made.to_txid,
            "rows": made.row_count,
            "root": bytes(made.root).hex(),
            "previous": bytes(made.previous_root).hex(),
        },
        sort_keys=True,
    ).encode()


def write_checkpoint(made: AuditSeal) -> Path:
    """Copy a seal to the checkpoint folder (`<company>.json`, the newest seal, with its signature)."""
    folder = get_settings().checkpoint_dir
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{made.company_id}.json"
    partial = path.with_suffix(".tmp")
    partial.write_text(json.dumps({"statement": _statement(made).decode(), "signature": bytes(made.signature).hex()}))
    partial.replace(path)
    return path


@job("audit.seal", every="five-minutes", timeout=300)
def seal_trail(run: Run) -> None:
    """Seal each company's trail every five minutes and copy the checkpoint away."""
    with run.step() as session:
        made = seal(session)
    if made is not None:
        write_checkpoint(made)


def verify(session: Session, progress: Callable[[int, int], None] | None = None) -> list[Problem]:
    """Every problem of the current tenant's trail; an empty list means that it is whole.

    Args:
        progress: called with (seals checked, seals in all).
    """
    seals = session.scalars(sa.select(AuditSeal).order_by(AuditSeal.number)).all()
    problems: list[Problem] = []
    previous_root, previous_end = GENESIS, 0
    for index, made in enumerate(seals, 1):
        problems += _check_seal(session, made, index, previous_root, previous_end)
        previous_root, previous_end = bytes(made.root), made.to_txid
        if progress:
            progress(index, len(seals))
    problems += _check_rows(session)
    return problems + _check_checkpoint(current_tenant(), list(seals))


def _check_seal(
    session: Session, made: AuditSeal, number: int, previous_root: bytes, previous_end: int
) -> list[Problem]:
    if not _signed(_statement(made), bytes(made.signature)):
        return [Problem("bad-signature", f"Seal {made.number} is not signed by this installation.")]
    if made.number != number or bytes(made.previous_root) != previous_root or made.from_txid != previous_end:
        return [
            Problem(
                "broken-chain",
                f"Seal {made.number} does not follow the one before it: a seal was removed or reordered.",
            )
        ]
    count, root = _root(session, made.from_txid, made.to_txid)
    if count < made.row_count:
        return [Problem("missing", f"{made.row_count - count} rows covered by seal {made.number} are gone.")]
    if count > made.row_count:
        return [
            Problem(
                "inserted", f"{count - made.row_count} rows were put into the range of seal {made.number} afterwards."
            )
        ]
    if root != bytes(made.root):
        return [Problem("edited", f"Rows covered by seal {made.number} were changed or replaced.")]
    return []


def _check_rows(session: Session) -> list[Problem]:
    """Each row's own proof, sealed or not: a row that Corridor did not write has none."""
    company_id = current_tenant()
    bad = [row.id for row in _rows(session, 0, 2**62) if bytes(row.mac) != row_mac(company_id, canonical(row))]
    return [
        Problem("forged", f"Row {row_id} was not written by Corridor, or was changed since.") for row_id in bad[:100]
    ]


def _check_checkpoint(company_id: UUID, seals: list[AuditSeal]) -> list[Problem]:
    path = get_settings().checkpoint_dir / f"{company_id}.json"
    if not path.exists():
        return []
    kept = json.loads(path.read_text())
    if not _signed(kept["statement"].encode(), bytes.fromhex(kept["signature"])):
        return [Problem("bad-signature", "The checkpoint file is not signed by this installation.")]
    number = json.loads(kept["statement"])["number"]
    match = next((made for made in seals if made.number == number), None)
    if match is None:
        return [
            Problem(
                "truncated",
                f"The checkpoint knows seal {number}, the database does not: the end of the trail was cut off.",
            )
        ]
    if _statement(match).decode() != kept["statement"]:
        return [Problem("broken-chain", f"Seal {number} differs from the copy in the checkpoint folder.")]
    return []


def _signed(statement: bytes, signature: bytes) -> bool:
    try:
        key_provider().signing_key().public_key().verify(signature, statement)
    except InvalidSignature:
        return False
    return True


def public_key_hex() -> str:
    """The key with which somebody else can check the checkpoints."""
    return key_provider().signing_key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
