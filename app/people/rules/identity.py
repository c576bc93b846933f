"""Numbers and names of a person: what is a possible SSN, how a value is masked, which prefixes find a name."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from stdnum.us import ein as us_ein
from stdnum.us import ssn as us_ssn

SHORTEST_PREFIX = 2
LONGEST_PREFIX = 8  # a name is found by its first letters; more prefixes would only make the index larger
MASK = "•••"
# The same rule as `stdnum.us.ssn` (a test compares them), twenty times as fast: a file may hold 100,000 of them.
_SSN_PARTS = re.compile(r"(?!000|666)\d{3}(?!00)\d{2}(?!0000)\d{4}", re.ASCII)
NEVER_ISSUED = frozenset(number.replace("-", "") for number in us_ssn._ssn_blacklist)
_SSN_SHAPE = re.compile(r"\s*\d{3}[-. ]?\d{2}[-. ]?\d{4}\s*")
_NO_DIGIT = re.compile(r"[^0-9]")
_APOSTROPHE = re.compile("['\u2019`]")
_WORD = re.compile(r"[^\W_]+")

HIDDEN = frozenset({"bank_account", "bank_routing", "ssn", "tax_id"})  # the last four may be shown
OPEN = frozenset(
    {
        "employee_number", "status", "employment_type", "employee_class", "weekly_hours", "pay_frequency", "job_title",
        "hired_on", "terminated_on", "department_id", "region_id", "manager_id", "manager_number", "country", "preferred_language",
        "relationship", "added_on", "removed_on", "ssn_missing_reason", "member_number",
    }
)  # fmt: skip
"""Fields whose values may stand in an audit row as they are; every other field is masked there and kept under `phi`."""


def digits_of(text: str) -> str:
    return text if text.isascii() and text.isdigit() else _NO_DIGIT.sub("", text)


def possible_ssn(digits: str, *, strict: bool) -> bool:
    """Nine digits the Social Security Administration may have issued.

    Args:
        strict: True in production. Otherwise 9xx numbers, which are never issued, pass: they are the test data.
    """
    if len(digits) != 9 or not digits.isascii() or not digits.isdigit():
        return False
    if not _SSN_PARTS.fullmatch(digits):
        return False
    return not strict if digits[0] == "9" else digits not in NEVER_ISSUED


def looks_like_ssn(text: str) -> bool:
    return bool(_SSN_SHAPE.fullmatch(text))


def possible_ein(text: str) -> bool:
    return bool(us_ein.is_valid(text))


def possible_routing(digits: str) -> bool:
    """An ABA routing number: nine digits with weights 3, 7, 1 adding up to a multiple of ten."""
    if not re.fullmatch(r"[0-9]{9}", digits):
        return False
    return sum(int(d) * w for d, w in zip(digits, (3, 7, 1) * 3, strict=True)) % 10 == 0


def masked(field: str, value: Any) -> Any:
    """What an audit row may show of a field: open values as they are, numbers by their last four, the rest as `•••`."""
    if value is None or value == "" or field in OPEN:
        return value
    if field in HIDDEN:
        text = str(value)
        return f"•••-••-{text[-4:]}" if field == "ssn" else f"{MASK}{text[-4:]}"
    return MASK


def words_of(*names: str) -> list[str]:
    """Lower-case words without accents: `Núñez-O'Neill` is nunez, o, neill and oneill."""
    joined = " ".join(name for name in names if name)
    plain = unicodedata.normalize("NFKD", joined.casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return list(dict.fromkeys([*_WORD.findall(plain), *_WORD.findall(_APOSTROPHE.sub("", plain))]))


def prefixes_of(*names: str) -> list[str]:
    """Every prefix a search may use, from two letters on."""
    found: dict[str, None] = {}
    for word in words_of(*names):
        for length in range(SHORTEST_PREFIX, min(len(word), LONGEST_PREFIX) + 1):
            found[word[:length]] = None
    return list(found)


def searched_prefixes(text: str) -> list[str]:
    """What a search text asks for; words of one letter are too short to narrow anything."""
    return [word[:LONGEST_PREFIX] for word in words_of(text) if len(word) >= SHORTEST_PREFIX]
