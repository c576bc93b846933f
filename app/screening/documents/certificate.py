"""The last page of a signed PDF: what the evidence says, readable for the person who signed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.screening.documents.schema import Document
from app.screening.rules.evidence import Link, hash_of, read

_NOTHING = "—"
_ANSWERS = {
    "en": {"agreed": "Agreed", "acknowledged": "Received", "declined": "Declined"},
    "es": {"agreed": "Aceptado", "acknowledged": "Recibido", "declined": "Rechazado"},
}


def certificate_values(record: bytes, document: Document, link: Link) -> Mapping[str, str]:
    """What `signature_certificate` prints, from the facts alone; the document lends only its title.

    Args:
        record: `evidence.facts_of` the signature. link: the one that seals it.

    Raises:
        ValueError: they do not belong together, or are no facts of a signature.
    """
    facts = read(record)
    if link.facts_sha256 != hash_of(record):
        raise ValueError("the link seals other facts")
    if (facts["document_key"], facts["document_version"]) != (document.key, document.version):
        raise ValueError("the facts are of another document")
    found = {
        "signed_document": f"{document.title} ({document.key} {document.version})",
        "signed_language": _language(facts),
        "signed_fingerprint": facts["document_sha256"],
        "signed_screen": f"{facts['screen']} / {len(facts['screens'])}",
        "signed_opened": _moment(facts["opened_at"], facts["time_zone"]),
        "signed_scrolled": _moment(facts["scrolled_at"], facts["time_zone"]),
        "signed_submitted": _moment(facts["submitted_at"], facts["time_zone"]),
        "signed_answer": _ANSWERS[document.language][facts["answer"]],
        "signed_intent": facts["intent"],
        "signed_name": facts["typed_name"],
        "signed_choice": _choice(facts),
        "signed_identity": "\n".join(f"{name}: {value}" for name, value in facts["identity"].items()),
        "signed_ip": facts["ip"],
        "signed_browser": facts["user_agent"],
        "signed_rules": ", ".join(facts["jurisdictions"]),
        "signed_record": link.hash,
        "signed_previous": link.previous_hash,
    }
    return {name: value or _NOTHING for name, value in found.items()}


def _language(facts: Mapping[str, Any]) -> str:
    """Both, when somebody had to read another language than the one asked for."""
    shown, asked = str(facts["language"]), str(facts["asked_language"])
    return shown if shown == asked else f"{shown} ({asked})"


def _moment(text: str | None, zone: str) -> str:
    """In UTC and in the zone kept with it; both, because a zone's rules may be corrected later."""
    if text is None:
        return ""
    moment = datetime.fromisoformat(text)
    there = moment.astimezone(ZoneInfo(zone))
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC\n{there:%Y-%m-%d %H:%M:%S} {zone}"


def _choice(facts: Mapping[str, Any]) -> str:
    if facts["copy_requested"] is None:
        return ""
    return f"{'☑' if facts['copy_requested'] else '☐'} {facts['choice']}"
