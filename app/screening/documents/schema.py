"""One text that a person is shown or sent: which words, in which language, from when to when, by which source, and who has read it.

The texts are data (`texts/*.toml`, README.md says how). Every class here is frozen and checks itself when made.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass

from app.screening.rules.schema import digest

EXACT = ConfigDict(extra="forbid")
SOURCE_LANGUAGE = "en"

PLACEHOLDER = re.compile(r"\{(\w+)\}")

VALUES: Mapping[str, str] = {
    "employer": "name of the company",
    "employer_address": "postal address of the company; lines are kept",
    "employer_contact": "whom to ask at the company: a person or office, phone, e-mail",
    "candidate": "name of the person on file",
    "position": "title of the job",
    "work_location": "city and state of the job",
    "cra_name": "the consumer reporting agency",
    "cra_address": "its postal address; lines are kept",
    "cra_phone": "its phone number, toll-free where it works nationwide",
    "cra_privacy": "its web address (or phone) about its privacy practices",
    "checks": "list: every kind of check that is made, in words",
    "good_cause": "why this job needs a check of records, in the company's words",
    "consent_until": "day on which a one-time consent ends",
    "written_on": "day of the letter",
    "notified_on": "day of the notice before the decision",
    "records": "list: each record the decision rests on, in words",
    "record_sources": "list: where each record comes from, in the same order",
    "assessment": "list of pairs: factor of the place, and what was thought of it",
    "second_assessment": "list of pairs: the same after the answer, or after the time for it",
    "respond_by": "last day on which the candidate may answer",
    "how_to_respond": "ways to answer: link in the message, post, phone",
    "attachments": "list: names of the papers that go with the letter",
    "action_taken": "the decision in one sentence",
    "reasons": "why, in the words of who decided",
    "reconsideration": "how to ask the company to look again, or that it has no such way",
    "searched_on": "day and time at which the record was read",
    "searched_sources": "list: where was searched",
    "cori_policy": "the company's own policy on criminal records in Massachusetts",
    "dispute_received_on": "day on which the dispute arrived",
    "disputed": "list: what is in dispute, in the candidate's words",
    "signed_document": "title, key and version of what was signed",
    "signed_language": "its language, and the one asked for if that is another",
    "signed_fingerprint": "SHA-256 of the bytes shown",
    "signed_screen": "which of how many screens",
    "signed_opened": "moment, in UTC and in the zone kept with it",
    "signed_scrolled": "the same",
    "signed_submitted": "the same",
    "signed_answer": "agreed, received or declined, in words",
    "signed_intent": "the sentence agreed to",
    "signed_name": "the typed name",
    "signed_choice": "words of the box, and whether it was ticked",
    "signed_identity": "how the person was known",
    "signed_ip": "network address",
    "signed_browser": "what the browser says of itself",
    "signed_rules": "keys of the rows shown",
    "signed_record": "hash of the link of the chain",
    "signed_previous": "hash of the link before it",
}
"""Every value a text may take. A text that names another one is refused, so that a typing error cannot print as it stands."""

PASSAGES = "passages"
"""The place in a letter where the passages go that its places demand."""


class Kind(StrEnum):
    """What a text is, in the order in which a candidate meets them; passages are parts of letters."""

    ESIGN_CONSENT = "esign_consent"
    DISCLOSURE = "disclosure"
    INVESTIGATIVE = "investigative_disclosure"
    STATE_NOTICE = "state_notice"
    SUMMARY_OF_RIGHTS = "summary_of_rights"
    AUTHORIZATION = "authorization"
    LETTER = "letter"
    PASSAGE = "passage"


@dataclass(frozen=True, kw_only=True, config=EXACT)
class Document:
    """One version of one text in one language.

    Attributes:
        asked: the language somebody asked for; when it is not `language`, there is no such translation and the page says so.
        body: the markup of README.md.
        intent: the sentence a person agrees to, next to the button or the name; kept word for word in the evidence.
        typed_name: it is agreed to by typing a name, not by the button alone.
        choice: the words beside a box that the person may tick ("send me a copy").
        optional: values that may be empty; a paragraph which takes an empty one is left out.
        doubt: why no counsel has approved these words yet; empty once one has.
    """

    key: str
    version: str
    kind: Kind
    language: str
    asked: str
    title: str
    body: str
    intent: str = ""
    typed_name: bool = False
    choice: str = ""
    optional: frozenset[str] = frozenset()
    effective_from: date
    effective_to: date | None = None
    sources: tuple[str, ...]
    reviewed: bool
    reviewed_by: str = ""
    reviewed_on: date | None = None
    doubt: str = ""

    def __post_init__(self) -> None:
        problem = _problem(self)
        if problem:
            raise ValueError(f"{self.key} {self.version} {self.language}: {problem}")

    @property
    def translated(self) -> bool:
        """Whether it speaks the language that was asked for."""
        return self.language == self.asked

    @property
    def takes(self) -> tuple[str, ...]:
        """Names of the values it prints, each once, in order."""
        found = PLACEHOLDER.findall(" ".join((self.title, self.body, self.intent, self.choice)))
        return tuple(dict.fromkeys(name for name in found if name != PASSAGES))

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(name for name in self.takes if name not in self.optional)

    @property
    def digest(self) -> str:
        """SHA-256 of the words (hex): counsel approves these, and an approval ends when one changes."""
        return digest([self.key, self.language, self.title, self.body, self.intent, self.choice])

    def in_force(self, on: date) -> bool:
        """Both days of the span belong to it."""
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)


def _problem(document: Document) -> str:
    """What contradicts itself, or an empty text."""
    unknown = [name for name in document.takes if name not in VALUES]
    if unknown:
        return f"takes values that nobody knows: {', '.join(unknown)}"
    if not document.title.strip() or not document.body.strip():
        return "has no title or no words"
    if not document.sources or not all(document.sources):
        return "names no source"
    if document.effective_to is not None and document.effective_to < document.effective_from:
        return "ends before it begins"
    if document.typed_name and not document.intent:
        return "is signed by a name but says no sentence to sign"
    if document.reviewed != bool(document.reviewed_by) or document.reviewed != (document.reviewed_on is not None):
        return "a review needs who and when, and only a review has them"
    if document.reviewed == bool(document.doubt):
        return "an unreviewed text says why, a reviewed one has no doubt left"
    return ""


_DOCUMENT: TypeAdapter[Document] = TypeAdapter(Document)


def documents_of(raw: Mapping[str, Any], *, kind: str = "") -> list[Document]:
    """One entry of a data file: as many documents as it has languages.

    Raises:
        ValueError: a word is unknown, something is missing, or it contradicts itself (pydantic's error is one).
    """
    words = {name: value for name, value in raw.items() if isinstance(value, dict)}
    shared = {name: value for name, value in raw.items() if name not in words}
    if SOURCE_LANGUAGE not in words:
        raise ValueError(f"{raw.get('key')}: has no English words")
    if kind:
        shared["kind"] = kind
    return [
        _DOCUMENT.validate_python({**shared, **text, "language": language, "asked": language})
        for language, text in words.items()
    ]
