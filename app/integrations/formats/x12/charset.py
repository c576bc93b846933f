"""Text as it may stand in an X12 element: allowed characters only, no accents, no delimiter, no line break."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

_SPELLED = str.maketrans({
    "ß": "ss", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "œ": "oe", "Œ": "OE", "ł": "l", "Ł": "L", "đ": "d",
    "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "\u0131": "i", "\u2019": "'", "\u2018": "'", "\u02bc": "'", "\u201c": '"',
    "\u201d": '"', "\u2013": "-", "\u2014": "-", "\u2010": "-", "\u2011": "-", "\u00a0": " ", "\u202f": " ", "\u00ab": '"', "\u00bb": '"',
})  # fmt: skip
_BASIC = "A-Z0-9 !\"&'()+,./;?="
_EXTENDED = _BASIC + "a-z%@_{}<#$"
_ALWAYS_FORBIDDEN = "*~:^|\\>[]"
_SEPARATOR = "\x1f"

Report = Callable[[str, str], None]
"""Called with a finding code and the plain name of the field."""


class Cleaner:
    """Cleans the texts of one member at once; the usual member costs one search and one `upper`.

    basic: the basic character set. upper: upper case only. delimiters: the file's own, forbidden besides the usual.
    """

    def __init__(self, *, basic: bool, upper: bool, delimiters: str) -> None:
        forbidden = set(_ALWAYS_FORBIDDEN + delimiters)
        allowed = _BASIC if basic else _EXTENDED
        kept = "".join(c for c in map(chr, range(32, 127)) if re.match(f"[{allowed}-]", c) and c not in forbidden)
        self._upper = upper or basic
        self._allowed = frozenset(kept)
        lower = "abcdefghijklmnopqrstuvwxyz" if self._upper else ""
        self._unusual = re.compile(f"[^{re.escape(kept + lower)}\\x1f]")

    def clean(self, texts: Sequence[str], limits: Sequence[tuple[str, int]], report: Report) -> list[str]:
        """The texts, cleaned, in order. `limits`: (plain field name, most characters) of each text."""
        joined = _SEPARATOR.join(("", *texts, ""))
        if (
            self._unusual.search(joined) is None
            and "  " not in joined
            and "\x1f " not in joined
            and " \x1f" not in joined
        ):
            cleaned = (joined.upper() if self._upper else joined).split(_SEPARATOR)[1:-1]
            if len(cleaned) == len(texts):
                return self._cut(cleaned, limits, report)
        return self._cut([self._one(t, n, report) for t, (n, _) in zip(texts, limits, strict=True)], limits, report)

    def _one(self, text: str, name: str, report: Report) -> str:
        plain = "".join(
            c for c in unicodedata.normalize("NFKD", text.translate(_SPELLED)) if not unicodedata.combining(c)
        )
        if plain != text and not text.isascii():
            report("accents-removed", name)
        plain = plain.upper() if self._upper else plain
        kept = "".join(c if c in self._allowed else " " for c in plain)
        if kept != plain:
            report("character-removed", name)
        return " ".join(kept.split())

    def _cut(self, texts: list[str], limits: Sequence[tuple[str, int]], report: Report) -> list[str]:
        for index, (name, most) in enumerate(limits):
            if len(texts[index]) > most:
                report("text-cut", f"{name} (longer than {most} characters)")
                texts[index] = texts[index][:most].rstrip()
        return texts
