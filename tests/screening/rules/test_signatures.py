"""A typed name against the name on file: gentle with spelling, firm with another person's name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.screening.rules.signatures import SIGNS, WORDS, NameMatch, compare_names

EXACT, SPELLING, MIDDLE, CLOSE, DIFFERENT = NameMatch


@pytest.mark.parametrize(
    ("typed", "on_file", "grade"),
    [
        ("Ana García", "Ana García", EXACT),
        ("  Ana   García ", "Ana García", EXACT),
        ("ana garcia", "Ana García", SPELLING),
        ("ANA GARCÍA", "Ana García", SPELLING),
        ("Sean OBrien", "Seán O'Brien", SPELLING),
        ("Sean O\u2019Brien", "Sean O'Brien", SPELLING),
        ("Mary Ann Smith", "Maryann Smith", SPELLING),
        ("Jose Luis-Ortega", "José Luis Ortega", SPELLING),
        ("Soren Kjaer", "Søren Kjær", SPELLING),
        ("Gross Weiss", "Groß Weiß", SPELLING),
        ("John Smith", "John Quincy Smith", MIDDLE),
        ("John Q. Smith", "John Quincy Smith", MIDDLE),
        ("John Quincy Smith", "John Smith", MIDDLE),
        ("John Smith Jr.", "John Smith", MIDDLE),
        ("Ana García", "Ana García López", MIDDLE),
        ("Ana López", "Ana García López", MIDDLE),
        ("J. Smith", "John Smith", DIFFERENT),
        ("Jhon Smith", "John Smith", CLOSE),
        ("John Smyth", "John Smith", CLOSE),
        ("John Smit", "John Smith", CLOSE),
        ("Smith John", "John Smith", CLOSE),
        ("John", "John Smith", DIFFERENT),
        ("John S", "John Smith", DIFFERENT),
        ("John Q", "John Quincy Smith", DIFFERENT),
        ("Suharto", "Suharto", EXACT),
        ("李 小龙", "李小龙", SPELLING),
        ("Smith", "John Smith", DIFFERENT),
        ("Jane Smith", "John Smith", DIFFERENT),
        ("John Jones", "John Smith", DIFFERENT),
        ("John Xavier Smith", "John Quincy Smith", DIFFERENT),
        ("I agree", "John Smith", DIFFERENT),
        ("", "John Smith", DIFFERENT),
        ("...", "John Smith", DIFFERENT),
        ("John Smith", "", DIFFERENT),
    ],
)
def test_grades(typed: str, on_file: str, grade: NameMatch) -> None:
    assert compare_names(typed, on_file) is grade


@given(st.text(max_size=30), st.text(max_size=30))
def test_it_answers_for_any_text_and_the_same_both_ways(one: str, other: str) -> None:
    assert compare_names(one, other) is compare_names(other, one)


@given(st.text(alphabet="abcdefghij éñ'-", min_size=1).filter(lambda text: any(letter.isalpha() for letter in text)))
def test_case_and_accents_never_matter(name: str) -> None:
    assert compare_names(name.upper(), name) in {EXACT, SPELLING}


def test_every_grade_has_its_words_and_only_three_sign_at_once() -> None:
    assert set(WORDS) == set(NameMatch)
    assert SIGNS == {EXACT, SPELLING, MIDDLE}
