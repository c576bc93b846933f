"""All texts together: the one in force on a day, in a language, and those a case needs, in the order in which they are met."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations

from app.screening.documents.linter import problems
from app.screening.documents.schema import SOURCE_LANGUAGE, Document, Kind, documents_of
from app.screening.rules.jurisdictions import Ruling
from app.screening.rules.words import Moment

FILES = frozenset({"report_copy"})
"""Keys of rows that are a file of the provider, not a text of ours. The caller attaches it."""

_PARTS = frozenset({"document", "passage"})


class Unknown(LookupError):
    """No text of this key is in force on this day: the case must not go on without it."""


@dataclass(frozen=True, slots=True)
class Catalog:
    documents: tuple[Document, ...]

    def document(self, key: str, language: str, on: date) -> Document:
        """The text in force on a day. Without a translation it is the English one, and `translated` is false.

        Raises:
            Unknown: there is none.
        """
        return self._find(key, language, on, passage=False)

    def passage(self, token: str, language: str, on: date) -> Document:
        """The part of a final notice that gives one detail a row asks for (`Ruling.final_tokens`).

        Raises:
            Unknown: there is none.
        """
        return self._find(token, language, on, passage=True)

    def _find(self, key: str, language: str, on: date, *, passage: bool) -> Document:
        known = {
            document.language: document
            for document in self.documents
            if document.key == key and (document.kind is Kind.PASSAGE) is passage and document.in_force(on)
        }
        found = known.get(language) or known.get(SOURCE_LANGUAGE)
        if found is None:
            raise Unknown(f"no text of {key} is in force on {on}")
        return replace(found, asked=language)

    def needed(
        self,
        ruling: Ruling,
        moment: Moment,
        language: str,
        on: date,
        *,
        investigative: bool = False,
        evergreen: bool = False,
    ) -> list[Document]:
        """What the candidate is shown before the check, or sent with a notice, in order.

        Before the check: consent to electronic records, the disclosure alone, papers of the places, the Summary of Rights, and the
        authorization last. With a notice: our letter first, then what the rows name. The report itself is no text (`FILES`).

        Args:
            investigative: people are asked about the candidate (15 USC 1681d), which has a disclosure of its own.
            evergreen: a standing authorization of somebody already employed, in place of the one for a single check.

        Raises:
            Unknown: a row names a text that we do not have; the case stops.
        """
        asked = [document.key for document in ruling.documents(moment) if document.key not in FILES]
        keys = [*_ours(moment, investigative=investigative, evergreen=evergreen), *asked]
        found = [self.document(key, language, on) for key in dict.fromkeys(keys)]
        if moment is Moment.BEFORE_CHECK:
            found.sort(key=lambda document: list(Kind).index(document.kind))
        return found


def unreviewed(found: Iterable[Document], accepted: frozenset[str] = frozenset()) -> tuple[Document, ...]:
    """The texts that no counsel has approved, for the person who clears a case.

    Args:
        accepted: digests of texts that somebody with the right to do so has read and accepted for this company; see `Document.digest`.
    """
    return tuple(document for document in found if not (document.reviewed or document.digest in accepted))


def _ours(moment: Moment, *, investigative: bool, evergreen: bool) -> tuple[str, ...]:
    if moment is Moment.WITH_PRE_ADVERSE:
        return ("pre_adverse_notice", "summary_of_rights")
    if moment is Moment.WITH_FINAL:
        return ("final_notice",)
    return (
        "esign_consent",
        "fcra_disclosure",
        *(("investigative_disclosure",) if investigative else ()),
        "summary_of_rights",
        "evergreen_authorization" if evergreen else "authorization",
    )


def parse(texts: Iterable[str]) -> Catalog:
    """The catalog that these TOML texts hold together.

    Raises:
        ValueError: a text is no TOML, an entry cannot be used, two versions overlap, or a disclosure says more than a disclosure may.
    """
    files = [tomllib.loads(text) for text in texts]
    unknown = {part for file in files for part in file} - _PARTS
    if unknown:
        raise ValueError(f"unknown parts of a data file: {', '.join(sorted(unknown))}")
    found = [document for file in files for raw in file.get("document", ()) for document in documents_of(raw)]
    found += [
        document
        for file in files
        for raw in file.get("passage", ())
        for document in documents_of(raw, kind=Kind.PASSAGE)
    ]
    _refuse_overlap(found)
    _refuse_more_than_disclosure(found)
    return Catalog(tuple(sorted(found, key=lambda item: (item.kind, item.key, item.effective_from, item.language))))


def _refuse_overlap(found: list[Document]) -> None:
    for one, other in combinations(found, 2):
        same = (one.key, one.language, one.kind is Kind.PASSAGE) == (
            other.key,
            other.language,
            other.kind is Kind.PASSAGE,
        )
        if same and (one.in_force(other.effective_from) or other.in_force(one.effective_from)):
            raise ValueError(f"{one.key} {one.language}: two versions are in force on one day")


def _refuse_more_than_disclosure(found: list[Document]) -> None:
    for document in found:
        if document.kind is Kind.DISCLOSURE:
            others = [other.body for other in found if other.key != document.key]
            lint = problems(document.body, others=others)
            if lint:
                raise ValueError(f"{document.key} {document.language}: {'; '.join(map(str, lint))}")
