"""Every word has one meaning: a text that two lists share has the same label in both."""

from __future__ import annotations

from collections import Counter

from app.people.forms.words import SSN_MISSING, WORDS, no_ssn, options
from app.people.rules import words

SHARED = {"other", "domestic_partner", "active", "inactive"}  # the same word with the same meaning


def test_no_two_lists_share_a_word_by_accident() -> None:
    lists = (
        words.Gender, words.EmployeeStatus, words.Relationship, words.DependentStatus, words.PayFrequency, words.EmploymentType,
        words.MaritalStatus, words.ImportState,
    )  # fmt: skip
    counted = Counter(member.value for one in lists for member in one)
    assert {value for value, number in counted.items() if number > 1} <= SHARED
    assert all(member.value in WORDS for one in lists for member in one)


def test_every_reason_has_its_own_words() -> None:
    assert set(SSN_MISSING) == {member.value for member in words.SsnMissing}
    assert len(options(words.SsnMissing, "First")) == 4
    assert no_ssn("unheard") == ""
