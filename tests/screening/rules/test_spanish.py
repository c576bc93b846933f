"""What the rules and the rows say to people is in Spanish too. Names of laws stay as they are."""

from __future__ import annotations

from app.notices.templating import translations
from app.screening.documents import linter
from app.screening.jurisdictions import rulebook
from app.screening.rules import clocks, evidence, gate, jurisdictions, reasons, signatures

TABLES = (
    clocks.WORDS, evidence.WORDS, gate.WORDS, jurisdictions.WORDS, linter.WORDS, signatures.WORDS,
    reasons._CHANNELS, reasons._WAITED, reasons._EXTENDED,
)  # fmt: skip


def test_every_word_of_the_rules_is_translated() -> None:
    words = {word for table in TABLES for word in table.values()} | {reasons._PAUSED}
    for row in rulebook().rows:
        words |= {*row.factors, *(document.name for document in row.documents)}
    spanish = translations("es")
    assert len(words) > 100
    assert {word for word in words if spanish.gettext(word) == word} == set()
