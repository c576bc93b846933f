"""The texts: every key of every row has one, versions do not overlap, and what a case needs comes in the order it is met."""

from __future__ import annotations

from datetime import date

import pytest

from app.screening import documents
from app.screening.documents import FILES, Kind, Unknown, catalog
from app.screening.documents.catalog import parse
from app.screening.jurisdictions import rulebook
from app.screening.rules.jurisdictions import Ruling
from app.screening.rules.schema import Row
from app.screening.rules.words import Moment
from tests.screening.documents.values import DAY
from tests.screening.rules.cases import EAST_LA, NEW_YORK, ruling

ROWS = rulebook().rows


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.key} {row.effective_from}")
def test_every_key_of_every_row_has_its_words(row: Row) -> None:
    on = max(DAY, row.effective_from)
    for document in row.documents:
        if document.key not in FILES:
            assert catalog().document(document.key, "en", on).key == document.key
    for token in row.final_tokens:
        assert catalog().passage(token, "en", on).kind is Kind.PASSAGE


def test_no_paper_of_a_place_is_kept_that_no_row_names() -> None:
    named = {document.key for row in ROWS for document in row.documents}
    assert {item.key for item in catalog().documents if item.kind is Kind.STATE_NOTICE} <= named
    assert {item.key for item in catalog().documents if item.kind is Kind.PASSAGE} == {
        token for row in ROWS for token in row.final_tokens
    }


def test_every_text_is_in_spanish_but_the_statute() -> None:
    by_language = {
        language: {(item.kind, item.key) for item in catalog().documents if item.language == language}
        for language in ("en", "es")
    }
    assert by_language["en"] - by_language["es"] == {(Kind.STATE_NOTICE, "ny_article_23a")}
    assert by_language["es"] <= by_language["en"]


def test_a_translation_takes_the_same_values() -> None:
    english = {(item.kind, item.key): item for item in catalog().documents if item.language == "en"}
    for item in catalog().documents:
        source = english[item.kind, item.key]
        assert set(item.takes) == set(source.takes), item.key
        assert (bool(item.intent), bool(item.choice), item.typed_name) == (
            bool(source.intent), bool(source.choice), source.typed_name,
        )  # fmt: skip


def test_without_a_translation_it_is_english_and_says_so() -> None:
    statute = documents.document("ny_article_23a", "es", DAY)
    assert (statute.language, statute.asked, statute.translated) == ("en", "es", False)
    assert documents.document("authorization", "es", DAY).translated


def test_nobody_has_reviewed_anything_yet_and_each_text_says_why() -> None:
    assert all(not item.reviewed and item.doubt for item in catalog().documents)


def test_a_company_accepts_a_text_by_its_digest() -> None:
    found = documents.needed(ruling(EAST_LA), Moment.BEFORE_CHECK, "es", DAY)
    assert documents.unreviewed(found) == tuple(found)
    accepted = frozenset(item.digest for item in found[1:])
    assert documents.unreviewed(found, accepted) == (found[0],)


def test_before_the_check_in_the_order_of_the_screens() -> None:
    found = documents.needed(ruling(EAST_LA), Moment.BEFORE_CHECK, "en", DAY, investigative=True)
    assert [item.key for item in found] == [
        "esign_consent", "fcra_disclosure", "investigative_disclosure", "ca_icraa_disclosure", "la_county_notice_of_intent",
        "summary_of_rights", "authorization",
    ]  # fmt: skip


def test_staff_sign_the_standing_authorization_instead() -> None:
    found = documents.needed(ruling(NEW_YORK), Moment.BEFORE_CHECK, "en", DAY, evergreen=True)
    assert [item.key for item in found] == [
        "esign_consent", "fcra_disclosure", "ny_article_23a", "summary_of_rights", "evergreen_authorization"
    ]  # fmt: skip


def test_a_notice_begins_with_our_letter_and_carries_each_paper_once() -> None:
    pre = [item.key for item in documents.needed(ruling(EAST_LA), Moment.WITH_PRE_ADVERSE, "es", DAY)]
    assert pre == ["pre_adverse_notice", "summary_of_rights", "ca_preliminary_notice", "la_county_preliminary_notice"]
    final = [item.key for item in documents.needed(ruling(EAST_LA), Moment.WITH_FINAL, "es", DAY)]
    assert final == ["final_notice", "ca_final_notice", "la_county_final_notice"]


def test_a_text_nobody_has_stops_the_case() -> None:
    with pytest.raises(Unknown):
        documents.document("no_such_text", "en", DAY)
    with pytest.raises(Unknown):
        documents.needed(Ruling(()), Moment.BEFORE_CHECK, "en", date(2020, 1, 1))


def test_the_summary_is_the_corrected_one() -> None:
    """Page 4, item 3 (reference/screening.md §3.1)."""
    for language in ("en", "es"):
        summary = documents.document("summary_of_rights", language, DAY)
        assert "Office of Aviation Consumer Protection" in summary.body
        assert "1-888-567-8688" in summary.body
        assert "1700 G Street NW" in summary.body
    assert "N.W." not in documents.document("summary_of_rights", "en", DAY).body


GOOD = """
[[document]]
key = "a"
version = "1"
kind = "letter"
effective_from = 2026-01-01
sources = ["a statute"]
reviewed = false
doubt = "not read"
[document.en]
title = "A"
body = "For {candidate}."
"""


def test_a_changed_text_is_a_new_version_of_its_own_time() -> None:
    older = GOOD.replace('version = "1"', 'version = "0"').replace(
        "effective_from = 2026-01-01", "effective_from = 2025-01-01\neffective_to = 2025-12-31"
    )
    book = parse([GOOD, older])
    assert book.document("a", "en", date(2025, 12, 31)).version == "0"
    assert book.document("a", "en", date(2026, 1, 1)).version == "1"
    with pytest.raises(ValueError, match="two versions"):
        parse([GOOD, older.replace("effective_to = 2025-12-31", "")])


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("{candidate}", "{candidat}"), "nobody knows: candidat"),
        (('sources = ["a statute"]', "sources = []"), "no source"),
        (('doubt = "not read"', ""), "says why"),
        (("[document.en]", "[document.es]"), "no English"),
        (("[[document]]", "[[documents]]"), "unknown parts"),
        (('kind = "letter"', 'kind = "poem"'), "kind"),
        (('title = "A"', 'title = " "'), "no title"),
        (('version = "1"', 'version = "1"\ntyped_name = true'), "no sentence to sign"),
        (('version = "1"', 'version = "1"\neffective_to = 2025-01-01'), "ends before"),
        (("reviewed = false", 'reviewed = true\nreviewed_by = "Counsel"'), "who and when"),
    ],
)
def test_a_text_that_contradicts_itself_is_refused(change: tuple[str, str], complaint: str) -> None:
    parse([GOOD])
    with pytest.raises(ValueError, match=complaint):
        parse([GOOD.replace(*change)])


def test_a_disclosure_that_says_more_stops_the_catalog() -> None:
    disclosure = GOOD.replace('"letter"', '"disclosure"').replace(
        "For {candidate}.", "{employer} may obtain a consumer report about you for employment purposes."
    )
    parse([disclosure])
    with pytest.raises(ValueError, match="release"):
        parse([disclosure.replace("purposes.", "purposes. You release us.")])


def test_a_changed_word_changes_what_counsel_approved() -> None:
    [one] = parse([GOOD]).documents
    [same] = parse([GOOD.replace('doubt = "not read"', 'doubt = "read by half"')]).documents
    [other] = parse([GOOD.replace("For", "To")]).documents
    assert one.digest == same.digest != other.digest
