"""A changed byte is found, wherever it is: in what was shown, in a record, in a row, in the chain, in the PDF."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from app.core import storage
from app.core.config import get_settings
from app.core.crypto import encrypt_bytes
from app.core.db import fetch, transaction
from app.core.events import system
from app.core.models import StoredFile
from app.screening.documents import render_pdf
from app.screening.models import EvidenceLink, Signature
from app.screening.services import evidence, proving, receipts
from app.screening.services.proving import Fault
from tests.screening.consents import consent, ready
from tests.screening.made import Employer


def reprint(html: bytes, title: str, language: str) -> bytes:
    return render_pdf(html, title=title, language=language)


@pytest.fixture
def signed(employer: Employer) -> UUID:
    """A consent with its receipt, and the head of the chain sealed."""
    with transaction() as session:
        request = ready(session, employer)
        consent(session, request)
    with transaction() as session:
        draft = receipts.draft(session, request)
        assert draft is not None
        assert receipts.keep(session, draft, reprint(draft.html, draft.title, draft.language))
        assert receipts.draft(session, request) is None, "the receipt is made once"
        assert evidence.seal_head(session, system("test"))
        assert not evidence.seal_head(session, system("test"))
    return request.id


def faults(request_id: UUID | None) -> set[Fault]:
    with transaction() as session:
        return {finding.fault for finding in proving.verify(session, request_id)}


def test_what_nobody_touched_is_proved_and_printed_again_byte_for_byte(signed: UUID) -> None:
    with transaction() as session:
        assert proving.verify(session, signed, reprint=reprint) == []
        assert proving.verify(session, reprint=reprint) == []
        assert proving.verify(session, uuid4()) == []


def columns() -> list[str]:
    kept = ("company_id", "created_at", "updated_at", "pdf_file_id", "pdf_sha256", "session_id", "link_id")
    return [
        column.name for column in Signature.__table__.c if column.name not in kept and not column.name.endswith("_enc")
    ]


OTHER: dict[str, str] = {
    "request_id": "gen_random_uuid()", "candidate_id": "gen_random_uuid()", "content_file_id": "gen_random_uuid()",
    "screen": "screen + 1", "jurisdictions": "'[\"us-tx\"]'::jsonb", "copy_requested": "NOT coalesce(copy_requested, false)",
    "opened_at": "opened_at - interval '1 microsecond'", "submitted_at": "submitted_at + interval '1 microsecond'",
    "scrolled_at": "submitted_at", "answer": "CASE answer WHEN 'agreed' THEN 'acknowledged' ELSE 'agreed' END",
    "proof": "'email_code'", "id": "gen_random_uuid()", "content_sha256": "md5('a') || md5('b')",
}  # fmt: skip


def change_and_put_back(admin: Any, table: str, column: str, value: str, where: str) -> set[Fault]:
    """As somebody who owns the server; what is found while the value is another one."""
    admin.execute("SET session_replication_role = replica")
    old = admin.execute(f"SELECT {column} FROM {table} WHERE {where}").fetchone()[0]
    key = admin.execute(f"UPDATE {table} SET {column} = {value} WHERE {where} RETURNING ctid::text").fetchone()[0]
    found = faults(None)
    shown = json.dumps(old) if isinstance(old, list) else old
    admin.execute(f"UPDATE {table} SET {column} = %s WHERE ctid = %s::tid", [shown, key])
    assert faults(None) == set()
    return found


def test_no_column_of_a_signature_can_be_changed(signed: UUID, admin: Any) -> None:
    for column in [*columns(), "session_id", "link_id"]:
        value = OTHER.get(column, "gen_random_uuid()" if column in ("session_id", "link_id") else f"{column} || 'x'")
        assert change_and_put_back(admin, "screening_signature", column, value, "typed_name_enc IS NOT NULL"), column


def test_the_typed_name_cannot_be_changed(signed: UUID, admin: Any) -> None:
    with transaction() as session:
        row = session.scalars(sa.select(Signature).where(Signature.document_key == "authorization")).one()
        row.typed_name = "John Smith"
    assert faults(signed) == {Fault.ROW}
    admin.execute(
        "UPDATE screening_signature SET typed_name_enc = set_byte(typed_name_enc, 30, 1 # get_byte(typed_name_enc, 30))"
    )
    assert faults(signed) == {Fault.ROW}


def test_no_column_of_the_chain_can_be_changed(signed: UUID, admin: Any) -> None:
    other = {
        "subject_type": "'screening_notice'", "subject_id": "gen_random_uuid()", "position": "position + 100",
        "record_file_id": "(SELECT record_file_id FROM evidence_link WHERE position = 1)",
    }  # fmt: skip
    for column in ("facts_sha256", "previous_hash", "hash", *other):
        value = other.get(column, f"md5({column}) || md5('x')")
        where = "subject_id = (SELECT id FROM screening_signature WHERE document_key = 'fcra_disclosure')"
        if column == "subject_id":
            where = "position = 2"
        assert change_and_put_back(admin, "evidence_link", column, value, where), column


@pytest.mark.parametrize(
    "where", ["position = 1", "position = 3", "position = (SELECT max(position) FROM evidence_link)"]
)
def test_no_link_can_be_taken_out(signed: UUID, admin: Any, where: str) -> None:
    admin.execute(f"DELETE FROM evidence_link WHERE {where}")
    assert faults(None) & {Fault.BROKEN_CHAIN, Fault.CUT_OFF}


def test_a_signature_taken_out_with_its_link_is_missed_by_the_sealed_head(signed: UUID, admin: Any) -> None:
    admin.execute("DELETE FROM screening_signature WHERE document_key = 'authorization'")
    admin.execute("DELETE FROM evidence_link WHERE position >= (SELECT max(position) - 1 FROM evidence_link)")
    assert Fault.CUT_OFF in faults(None)


def test_the_application_itself_cannot_change_evidence(signed: UUID) -> None:
    for statement in (
        "UPDATE evidence_link SET hash = hash", "DELETE FROM evidence_link", "DELETE FROM screening_signature",
        "UPDATE screening_signature SET intent = intent",
    ):  # fmt: skip
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), transaction() as session:
            session.execute(sa.text(statement))


def stored(purpose: str, content_type: str) -> list[tuple[UUID, str]]:
    with transaction() as session:
        query = sa.select(StoredFile.id, StoredFile.storage_key).where(
            StoredFile.purpose == purpose, StoredFile.content_type == content_type
        )
        return [(row.id, row.storage_key) for row in session.execute(query)]


FILES = [("consent", "text/html"), ("consent", "application/pdf"), ("evidence", "application/json")]


@pytest.mark.parametrize(("purpose", "content_type"), FILES)
def test_a_flipped_bit_on_the_disk_is_found(signed: UUID, purpose: str, content_type: str) -> None:
    for _, key in stored(purpose, content_type):
        path = Path(get_settings().storage_url) / key
        whole = path.read_bytes()
        for place in (0, 5, 20, len(whole) // 2, len(whole) - 1):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            assert faults(signed) == {Fault.GONE}
        path.write_bytes(whole)
    assert faults(signed) == set()


@pytest.mark.parametrize(("purpose", "content_type"), FILES)
def test_a_file_sealed_anew_by_who_has_the_keys_is_found(signed: UUID, purpose: str, content_type: str) -> None:
    """Any byte of what is inside: somebody with keys and disk rewrites it, properly encrypted."""
    for file_id, key in stored(purpose, content_type):
        path = Path(get_settings().storage_url) / key
        whole = path.read_bytes()
        with transaction() as session:
            plain, row = storage.read(session, file_id), fetch(session, StoredFile, file_id)
            aad = f"v1|stored_file|content|{row.company_id}|{row.id}"
            for place in (0, len(plain) // 3, len(plain) - 1):
                changed = plain[:place] + bytes([plain[place] ^ 1]) + plain[place + 1 :]
                path.write_bytes(encrypt_bytes(row.company_id, aad, changed, row.person_id))
                assert {finding.fault for finding in proving.verify(session, signed)} & {
                    Fault.CONTENT,
                    Fault.PDF,
                    Fault.RECORD,
                }
        path.write_bytes(whole)
    assert faults(signed) == set()


def test_a_receipt_made_of_other_parts_is_found(signed: UUID) -> None:
    """The record names each part and its hash; printing it again shows a PDF that says something else."""
    with transaction() as session:
        link = session.scalars(sa.select(EvidenceLink).where(EvidenceLink.subject_type == "screening_receipt")).one()
        made: dict[str, Any] = json.loads(storage.read(session, link.record_file_id))
        assert len(made["parts"]) == 2 * len(made["signatures"])
        found = proving.verify(
            session, signed, reprint=lambda html, title, language: reprint(html + b"<p>x</p>", title, language)
        )
        assert [finding.fault for finding in found] == [Fault.PDF]


def test_a_finding_names_rows_and_no_person(signed: UUID, admin: Any) -> None:
    admin.execute("UPDATE screening_signature SET intent = 'x'")
    with transaction() as session:
        text = " ".join(map(str, proving.verify(session, signed)))
    assert "Roe" not in text
    assert "screening_signature" in text
