"""What courts have thrown out of disclosures is thrown out here too."""

from __future__ import annotations

import pytest

from app.screening import documents
from app.screening.documents import Kind, catalog
from app.screening.documents.linter import MAX_WORDS, Foreign, problems

GOOD = "{employer} may obtain a consumer report about you for employment purposes."
BUENO = "{employer} puede obtener un informe del consumidor sobre usted para fines de empleo."


def kinds(text: str, **more: list[str]) -> set[Foreign]:
    return {problem.kind for problem in problems(text, **more)}


def test_ours_say_nothing_else() -> None:
    ours = [item for item in catalog().documents if item.kind is Kind.DISCLOSURE]
    assert {item.language for item in ours} == {"en", "es"}
    for item in ours:
        others = [other.body for other in catalog().documents if other.key != item.key]
        assert problems(item.body, others=others) == ()


@pytest.mark.parametrize(
    ("added", "kind"),
    [
        ("I hereby discharge, release and indemnify the company.", Foreign.RELEASE),  # Syed v. M-I
        ("You agree to hold us harmless.", Foreign.RELEASE),
        ("You waive all claims.", Foreign.RELEASE),
        ("No liability arises from the report.", Foreign.RELEASE),
        ("California, Minnesota and Oklahoma applicants may request a copy.", Foreign.STATE),  # Gilberg v. CCCS
        ("State law notices follow.", Foreign.STATE),
        ("New York applicants: see Article 23-A.", Foreign.STATE),
        ("We are an equal opportunity employer.", Foreign.EEO),
        ("Employment here is at-will.", Foreign.EEO),
        ("We do not look at race or religion.", Foreign.EEO),
        ("Join our award-winning team.", Foreign.MARKETING),
        ("Thank you for applying.", Foreign.MARKETING),
        ("See https://example.org/privacy for more.", Foreign.LINK),
        ("See example.com for more.", Foreign.LINK),
        ("Write to hr@example.com.", Foreign.LINK),
        ("I hereby authorize the report.", Foreign.AUTHORIZATION),
        ("By signing below you confirm this.", Foreign.AUTHORIZATION),
        ("You have received a summary of your rights.", Foreign.OTHER_RIGHTS),
        ("It may be an investigative consumer report.", Foreign.OTHER_RIGHTS),
        ("You have the right to dispute the report.", Foreign.OTHER_RIGHTS),
    ],
)
def test_what_does_not_belong_is_named(added: str, kind: Foreign) -> None:
    assert problems(GOOD) == ()
    assert kind in kinds(f"{GOOD} {added}")


@pytest.mark.parametrize(
    ("added", "kind"),
    [
        ("Usted exonera de responsabilidad a la empresa.", Foreign.RELEASE),
        ("Los residentes de California tienen más derechos.", Foreign.STATE),
        ("La empresa ofrece igualdad de oportunidades.", Foreign.EEO),
        ("Bienvenido a nuestro equipo.", Foreign.MARKETING),
        ("Autorizo el informe.", Foreign.AUTHORIZATION),
        ("Reciba el resumen de sus derechos.", Foreign.OTHER_RIGHTS),
    ],
)
def test_in_spanish_too(added: str, kind: Foreign) -> None:
    assert problems(BUENO) == ()
    assert kind in kinds(f"{BUENO} {added}")


@pytest.mark.parametrize("word", ["trace", "embraced", "bestow", "statement", "committee"])
def test_a_word_is_not_found_inside_another(word: str) -> None:
    assert problems(f"{GOOD} {word}") == ()


@pytest.mark.parametrize(
    "added",
    ["hold us\nharmless", "RELEASE", "re\u00adlease", "re\u200blease", "\uff52elease", "**release**", "(release)"],
)
def test_nothing_hides(added: str) -> None:
    assert Foreign.RELEASE in kinds(f"{GOOD} {added}")


def test_a_sentence_of_another_document_is_found_wherever_it_stands() -> None:
    other = "Whoever holds the information needed for the report may give it to us for this purpose."
    assert kinds(f"{GOOD} {other}", others=[f"Before. {other} After."]) == {Foreign.OTHER_DOCUMENT}
    assert (
        kinds(f"{GOOD} {other}", others=["Nothing of the kind is said in this one, which is about other things."])
        == set()
    )


def test_a_page_of_text_is_no_clear_disclosure() -> None:
    assert kinds(GOOD + " word" * (MAX_WORDS - 20)) == set()
    assert kinds(GOOD + " word" * MAX_WORDS) == {Foreign.TOO_LONG}


def test_it_has_to_say_the_one_thing() -> None:
    assert kinds("We may look into your background.") == {Foreign.MISSING}


def test_a_problem_says_what_to_do() -> None:
    [problem] = problems(f"{GOOD} You release us.")
    assert str(problem) == "Take out the release of liability (“release”)"


def test_a_company_s_own_words_are_held_against_every_text_of_ours() -> None:
    assert documents.disclosure_problems(GOOD) == ()
    statute = "the license or employment sought or held by the person and more"
    copied = f"{GOOD} The specific duties and responsibilities necessarily related to {statute}."
    assert {problem.kind for problem in documents.disclosure_problems(copied)} == {Foreign.OTHER_DOCUMENT}
