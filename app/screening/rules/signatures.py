"""Whether a typed name is the name on file, said gently: nobody fails over an accent, and nobody signs with another person's name.

The law asks for an intent to sign, not for spelling (15 USC 7006(5)); the grade is kept with the signature so that a person can judge.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum


class NameMatch(StrEnum):
    """How near a typed name is, the nearest first."""

    EXACT = "exact"
    SPELLING = "spelling"
    MIDDLE = "middle"
    CLOSE = "close"
    DIFFERENT = "different"


WORDS: Mapping[NameMatch, str] = {
    NameMatch.EXACT: "The name is the one we have",
    NameMatch.SPELLING: "The name is the one we have, written a little differently",
    NameMatch.MIDDLE: "The name is the one we have, with a middle name or a suffix more or less",
    NameMatch.CLOSE: "This is not quite the name we have. If it is right, sign with it; if not, correct it",
    NameMatch.DIFFERENT: "This is not the name we have. Type your own first and last name, as on the job application",
}

SIGNS = frozenset({NameMatch.EXACT, NameMatch.SPELLING, NameMatch.MIDDLE})
"""Grades that sign at once. `CLOSE` signs when the person confirms it; `DIFFERENT` does not sign."""

_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv", "v", "md", "phd", "esq"})
_PLAIN = str.maketrans({"ß": "ss", "ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "\u0131": "i"})


def compare_names(typed: str, on_file: str) -> NameMatch:
    """How near a typed name is to the one on file ("first middle last").

    Upper and lower case, accents, punctuation and spaces do not count. A middle name, an initial or a suffix may be missing or added;
    first and last name must be there. One slip of the fingers, or the last name first, is close.
    """
    if not _words(typed) or not _words(on_file):
        return NameMatch.DIFFERENT
    if " ".join(typed.split()) == " ".join(on_file.split()):
        return NameMatch.EXACT
    one, other = _words(typed), _words(on_file)
    if "".join(one) == "".join(other):
        return NameMatch.SPELLING
    if _middle_differs(_core(one), _core(other)):
        return NameMatch.MIDDLE
    if sorted(one) == sorted(other) or _slips("".join(_core(one)), "".join(_core(other))) <= 1:
        return NameMatch.CLOSE
    return NameMatch.DIFFERENT


def _words(name: str) -> list[str]:
    decomposed = unicodedata.normalize("NFKD", name.casefold().translate(_PLAIN))
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return re.findall(r"\w+", re.sub("['\u2019`.]", "", bare))


def _core(words: list[str]) -> list[str]:
    """Without suffixes, as long as two words are left."""
    kept = [word for word in words if word not in _SUFFIXES]
    return kept if len(kept) >= 2 else words


def _middle_differs(one: list[str], other: list[str]) -> bool:
    """Whether only what stands after the first name and beside the last one differs, and does not contradict.

    An initial stands for a middle name, never for a last one. Of two family names one may be left out ("Ana García" for "Ana García
    López").
    """
    short, long = sorted((one, other), key=len)
    if len(short) < 2 or short[0] != long[0] or short[-1] not in long[1:]:
        return False
    rest = iter(long[1:])
    return all(any(_stands_for(word, known) for known in rest) for word in short[1:])


def _stands_for(word: str, known: str) -> bool:
    return word == known or (1 in (len(word), len(known)) and word[0] == known[0])


def _slips(one: str, other: str) -> int:
    """Letters to insert, drop, change or swap with their neighbor to make one of the other; no more than two are told apart."""
    if abs(len(one) - len(other)) > 1:
        return 2
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    left, right = one[start:], other[start:]
    if left == right:
        return 0
    swapped = left[:2] == right[1::-1] and left[2:] == right[2:]
    return 1 if swapped or left[1:] == right[1:] or left[1:] == right or left == right[1:] else 2
