"""What proves a signature years later: the canonical facts, their hash, and a chain in which each link names the one before it
(reference/screening.md §3.4).

The chain holds hashes only. So the facts of one person can be disposed of when their time is over, and everybody else's proof stands.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Protocol

from app.screening.rules.signatures import NameMatch, compare_names

FORMAT = "corridor-signature-1"
FIRST = "0" * 64
"""What the first link of a chain names as the one before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """All facts of one answer to one document. Moments are aware; they are written in UTC.

    Attributes:
        signature_id, request_id: so that the facts cannot be moved to another person.
        answer: agreed, acknowledged or declined (`states.Answer`).
        document_sha256: of the exact bytes shown (`documents.sha256(render_html(…))`).
        language: of the document; asked_language: what the person wanted to read.
        screens: keys of all documents of this consent, in the order shown. screen: the place of this one among them, from 1.
        scrolled_at: when the end of the text came into view; None where the page could not tell (no JavaScript).
        time_zone: IANA name, of the person's device or of the place.
        typed_name: empty where a button is enough; name_on_file is written only beside a typed one.
        intent: the sentence agreed to, or the words of the button, word for word.
        choice: the words beside a box; copy_requested: whether it was ticked, None without a box.
        identity: how the person was known, in words that hold no secret: id of the link, channel of the code, masked address.
        jurisdictions: keys of the rows shown. rules_version: `Ruling.version`.
    """

    signature_id: str
    request_id: str
    answer: str
    document_key: str
    document_version: str
    language: str
    asked_language: str
    document_sha256: str
    screens: tuple[str, ...]
    screen: int
    opened_at: datetime
    scrolled_at: datetime | None
    submitted_at: datetime
    time_zone: str
    typed_name: str
    name_on_file: str
    intent: str
    choice: str
    copy_requested: bool | None
    ip: str
    user_agent: str
    identity: Mapping[str, str]
    session_id: str
    jurisdictions: tuple[str, ...]
    rules_version: str

    def __post_init__(self) -> None:
        if not 1 <= self.screen <= len(self.screens) or self.screens[self.screen - 1] != self.document_key:
            raise ValueError("the document is not the one on this screen")
        moments = [moment for moment in (self.opened_at, self.scrolled_at, self.submitted_at) if moment]
        if any(moment.tzinfo is None for moment in moments):
            raise ValueError("a moment has no time zone")
        if moments != sorted(moments):
            raise ValueError("opened, scrolled and submitted are not in order")
        if not self.intent:
            raise ValueError("the words agreed to are missing")

    @property
    def name_match(self) -> NameMatch | None:
        """None where no name was typed."""
        return compare_names(self.typed_name, self.name_on_file) if self.typed_name else None


def facts_of(signature: Signature) -> bytes:
    """The one text of these facts: JSON, names sorted, no spaces, UTF-8. Kept as it is, and hashed."""
    facts = {field.name: _plain(getattr(signature, field.name)) for field in fields(signature)}
    return canonical({"format": FORMAT, "name_match": signature.name_match, **facts})


def canonical(values: Mapping[str, Any]) -> bytes:
    """Plain values as the one JSON text they have, also for the facts of a notice or an assessment."""
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def hash_of(data: bytes) -> str:
    """SHA-256 (hex): of facts, of a document's bytes, of a PDF."""
    return hashlib.sha256(data).hexdigest()


class Sealed(Protocol):
    """A link as it is kept, whatever keeps it: `Link`, a row of a table. Attributes as in `Link`; a `subject_id` may be a UUID."""

    @property
    def position(self) -> int: ...
    @property
    def subject_type(self) -> str: ...
    @property
    def subject_id(self) -> Any: ...
    @property
    def facts_sha256(self) -> str: ...
    @property
    def previous_hash(self) -> str: ...
    @property
    def hash(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Link:
    """One link of a company's chain.

    Attributes:
        position: from 1.
        subject_type, subject_id: whose facts these are.
        facts_sha256: `hash_of` their canonical bytes.
    """

    position: int
    subject_type: str
    subject_id: str
    facts_sha256: str
    previous_hash: str
    hash: str


def link(previous: Sealed | None, subject_type: str, subject_id: str, facts: bytes) -> Link:
    """The link that follows another one; None: the first of its chain."""
    position, before = (previous.position + 1, previous.hash) if previous else (1, FIRST)
    sealed = _seal(position, subject_type, subject_id, hash_of(facts), before)
    return Link(position, subject_type, subject_id, hash_of(facts), before, sealed)


class Fault(StrEnum):
    CHANGED = "changed"
    OUT_OF_CHAIN = "out_of_chain"
    CUT_OFF = "cut_off"


WORDS: Mapping[Fault, str] = {
    Fault.CHANGED: "The link is not the one that was sealed",
    Fault.OUT_OF_CHAIN: "The link before it is missing, changed or in another place",
    Fault.CUT_OFF: "The last links are missing",
}


@dataclass(frozen=True, slots=True)
class Broken:
    """The first link that does not hold. For links cut off at the end, the position is the one that should come next."""

    position: int
    fault: Fault

    def __str__(self) -> str:
        return WORDS[self.fault]


def verify(links: Iterable[Sealed], *, after: Sealed | None = None, head: str = "") -> Broken | None:
    """The first link that was changed, moved or left out; None when the chain holds.

    Args:
        links: in order.
        after: the link they follow, itself already verified; None: they begin the chain.
        head: the hash of the last link, kept elsewhere. Without it, links cut off at the end cannot be seen.
    """
    position, previous = (after.position, after.hash) if after else (0, FIRST)
    for item in links:
        position += 1
        if item.position != position or item.previous_hash != previous:
            return Broken(position, Fault.OUT_OF_CHAIN)
        if item.hash != _seal(position, item.subject_type, str(item.subject_id), item.facts_sha256, previous):
            return Broken(position, Fault.CHANGED)
        previous = item.hash
    return Broken(position + 1, Fault.CUT_OFF) if head and head != previous else None


def holds(item: Sealed, subject_type: str, subject_id: str, facts: bytes) -> bool:
    """Whether these are the facts that were sealed. The link itself is `verify`'s."""
    return (item.subject_type, str(item.subject_id), item.facts_sha256) == (subject_type, subject_id, hash_of(facts))


def read(facts: bytes) -> dict[str, Any]:
    """The facts of a signature, for a page or the certificate.

    Raises:
        ValueError: they are none, or of a format this version does not know.
    """
    found = json.loads(facts)
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise ValueError("no facts of a signature")
    return found


def shows(facts: bytes, html: bytes) -> bool:
    """Whether these bytes are the document that was signed."""
    return bool(read(facts)["document_sha256"] == hash_of(html))


def _seal(position: int, subject_type: str, subject_id: str, facts_sha256: str, previous: str) -> str:
    return hash_of(canonical({
        "position": position, "previous": previous, "subject": [subject_type, subject_id], "facts": facts_sha256,
    }))  # fmt: skip


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return dict(value) if isinstance(value, Mapping) else value
