"""A disclosure must "consist solely of the disclosure" (15 USC 1681b(b)(2)(A)(i)). What may not stand in it is refused here.

Syed v. M-I (9th Cir. 2017): no release of liability. Gilberg v. California Check Cashing (9th Cir. 2019): no notices of states, nothing
that confuses. It runs on every disclosure of the catalog and on a company's own words. It finds what it knows and proves nothing: words
it lets through still need counsel.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class Foreign(StrEnum):
    """What does not belong into a disclosure."""

    RELEASE = "release"
    STATE = "state"
    EEO = "eeo"
    MARKETING = "marketing"
    LINK = "link"
    AUTHORIZATION = "authorization"
    OTHER_RIGHTS = "other_rights"
    OTHER_DOCUMENT = "other_document"
    TOO_LONG = "too_long"
    MISSING = "missing"


WORDS = {
    Foreign.RELEASE: "Take out the release of liability",
    Foreign.STATE: "Take out what concerns a single state; it has a page of its own",
    Foreign.EEO: "Take out the words on equal opportunity or on the terms of employment",
    Foreign.MARKETING: "Take out what praises the company",
    Foreign.LINK: "Take out the link or address",
    Foreign.AUTHORIZATION: "Take out the authorization; it is signed on a page of its own",
    Foreign.OTHER_RIGHTS: "Take out other rights and notices; they have pages of their own",
    Foreign.OTHER_DOCUMENT: "Take out what stands in another document",
    Foreign.TOO_LONG: "Shorten it: a disclosure is a few sentences",
    Foreign.MISSING: "Say that a consumer report may be obtained for employment purposes",
}

MAX_WORDS = 200
_RUN = 10  # as many equal words in a row are no coincidence; the terms of the law alone make eight

_STATES = (
    "alabama|alaska|arizona|arkansas|california|colorado|connecticut|delaware|florida|georgia|hawaii|idaho|illinois|indiana|iowa|kansas|"
    "kentucky|louisiana|maine|maryland|massachusetts|michigan|minnesota|mississippi|missouri|montana|nebraska|nevada|new hampshire|"
    "new jersey|new mexico|new york|north carolina|north dakota|ohio|oklahoma|oregon|pennsylvania|rhode island|south carolina|"
    "south dakota|tennessee|texas|utah|vermont|virginia|washington|wisconsin|wyoming|nueva york|nueva jersey|nuevo m[eé]xico|"
    "state (law|notice|resident|applicant)s?|ley(es)? estatal(es)?|residents? of|residentes? de"
)

_PATTERNS = {
    Foreign.RELEASE: r"releas\w*|hold(ing)? \w*\s?harmless|indemnif\w*|waive[sdr]?\w*|liab\w+|damages|eximo|exim\w+|exoner\w+|renunci\w+|"
    r"indemni\w+|responsabilidad\w*|libero|libera\w*",
    Foreign.STATE: _STATES,
    Foreign.EEO: r"equal (employment )?opportunity|discriminat\w*|race|religion|veteran\w*|at[- ]will|igualdad de oportunidades|"
    r"discrimina\w*|raza|religi[oó]n",
    Foreign.MARKETING: r"join (us|our)|our team|great place|award\w*|excited|welcome|thank you|leading|best|competitive|"
    r"nuestro equipo|bienvenid\w*|gracias|l[ií]der\w*|mejor(es)?",
    Foreign.LINK: r"https?\S*|www\.\S*|\S+@\S+|[\w-]+\.(com|org|gov|net|io|us|edu)|click|haga clic",
    Foreign.AUTHORIZATION: r"i (hereby )?(authorize|consent|agree|certify|acknowledge|understand)|by signing|my signature|autorizo|"
    r"consiento|certifico|reconozco|acepto|al firmar",
    Foreign.OTHER_RIGHTS: r"summary of (your )?rights|right to (dispute|request|inspect)|investigative consumer report\w*|"
    r"mode of living|resumen de (sus )?derechos|derecho a (disputar|solicitar|inspeccionar)|modo de vida",
}
_FOREIGN = {kind: re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE) for kind, pattern in _PATTERNS.items()}
_SAYS_IT = (
    re.compile(r"consumer report.*employment purposes|employment purposes.*consumer report", re.IGNORECASE | re.DOTALL),
    re.compile(r"informes? (del?|sobre el) consumidor.*fines de empleo|fines de empleo.*informes? (del?|sobre el) consumidor",
               re.IGNORECASE | re.DOTALL),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """`found`: the words that gave it away; empty when something is missing."""

    kind: Foreign
    found: str = ""

    def __str__(self) -> str:
        return f"{WORDS[self.kind]} (“{self.found}”)" if self.found else WORDS[self.kind]


def problems(text: str, *, others: Iterable[str] = ()) -> tuple[Problem, ...]:
    """Everything in a disclosure that is no disclosure, one for each kind. Empty: nothing was found.

    Args:
        text: the words, in English or Spanish, with or without markup.
        others: bodies of the other documents, whose sentences may not be repeated here.
    """
    return tuple(_found(_as_read(text), others))


def _found(text: str, others: Iterable[str]) -> Iterator[Problem]:
    for kind, pattern in _FOREIGN.items():
        match = pattern.search(text)
        if match:
            yield Problem(kind, match[0])
    run = _shared_run(text, others)
    if run:
        yield Problem(Foreign.OTHER_DOCUMENT, run)
    if len(text.split()) > MAX_WORDS:
        yield Problem(Foreign.TOO_LONG)
    if not any(pattern.search(text) for pattern in _SAYS_IT):
        yield Problem(Foreign.MISSING)


def _as_read(text: str) -> str:
    """As a person reads it: line breaks, letters from elsewhere in the character set and invisible ones hide nothing."""
    visible = (letter for letter in unicodedata.normalize("NFKC", text) if unicodedata.category(letter) != "Cf")
    return " ".join("".join(visible).split())


def _shared_run(text: str, others: Iterable[str]) -> str:
    """A run of words that stands in another document too, or an empty text."""
    known = {run for other in others for run in _runs(other)}
    return next((" ".join(run) for run in _runs(text) if run in known), "")


def _runs(text: str) -> Iterator[tuple[str, ...]]:
    words = re.findall(r"\w+", text.casefold())
    return (tuple(words[start : start + _RUN]) for start in range(len(words) - _RUN + 1))
