"""The exact bytes: the same for the same input, nothing in them but the text and its values, and nothing sent with a hole in it."""

from __future__ import annotations

import hashlib
import re
from html import unescape

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.screening import documents
from app.screening.documents import Document, Lacks, Value, agreed, catalog, markup, render_html, sha256
from app.screening.rules.jurisdictions import Ruling
from tests.screening.documents.values import DAY, FULL
from tests.screening.rules.cases import BOOK, BUFFALO, EAST_LA, NEW_YORK, PEORIA, PHILADELPHIA, ruling


def text(html: bytes) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html.decode())).split())


@pytest.mark.parametrize("document", catalog().documents, ids=lambda item: f"{item.kind}-{item.key}-{item.language}")
def test_every_text_renders_without_a_place_left_open(document: Document) -> None:
    html = render_html(document, FULL)
    assert html == render_html(document, dict(reversed(FULL.items())))
    assert not re.search(r"[{}]|\*\*|\s//\s|^(##|\||- )", html.decode(), re.MULTILINE)
    assert html.startswith(b'<article class="legal" lang="%s"' % document.language.encode())
    assert html.count(b"<h1>") == 1


@pytest.mark.parametrize("document", catalog().documents, ids=lambda item: f"{item.kind}-{item.key}-{item.language}")
def test_each_required_value_stops_the_text_when_it_is_empty(document: Document) -> None:
    for name in document.required:
        for empty in ("  ", [], [("A factor", " ")]):
            with pytest.raises(Lacks) as lacks:
                render_html(document, {**FULL, name: empty})
            assert lacks.value.names == (name,)
        with pytest.raises(Lacks, match=name):
            render_html(document, {key: value for key, value in FULL.items() if key != name})


def test_a_disclosure_is_its_own_words_and_nothing_around_them() -> None:
    """Help, navigation and reading aids belong to the page; the hashed bytes are the legal text alone."""
    for language in ("en", "es"):
        disclosure = documents.document("fcra_disclosure", language, DAY)
        wanted = f"{disclosure.title} {disclosure.body}".replace("{employer}", "Lakeside Stores, Inc.")
        assert text(render_html(disclosure, FULL)) == " ".join(wanted.split())


def test_the_fingerprint_of_a_text_does_not_move() -> None:
    """If this changes, so do the bytes of every document that is rendered from now on: raise the versions of the texts."""
    html = render_html(documents.document("fcra_disclosure", "en", DAY), FULL)
    assert sha256(html) == hashlib.sha256(html).hexdigest()
    assert sha256(html) == "5615de28d99cb3d23672f643c171b9c3447afa7f319e4934d43063d4a9001537"


def test_values_are_never_read_as_markup() -> None:
    disclosure = documents.document("fcra_disclosure", "en", DAY)
    html = render_html(disclosure, {"employer": "<script>{candidate}</script> & **Sons** // Co"}).decode()
    assert "&lt;script&gt;{candidate}&lt;/script&gt; &amp; **Sons** // Co may obtain" in html


@given(st.text())
def test_no_text_typed_anywhere_becomes_a_tag(typed: str) -> None:
    assume(typed.strip())
    letter = documents.document("pre_adverse_notice", "en", DAY)
    values = {**FULL, "employer": typed, "records": [typed], "assessment": [(typed, typed)], "how_to_respond": typed}
    tags = set(re.findall(r"<[^>]*>", render_html(letter, values).decode()))
    assert tags <= set(re.findall(r"<[^>]*>", render_html(letter, FULL).decode()))


def test_a_company_that_ends_with_a_period_does_not_end_with_two() -> None:
    signed = documents.document("evergreen_authorization", "en", DAY)
    assert agreed(signed, FULL)[0].endswith("with Lakeside Stores, Inc.")
    assert "I work for Lakeside Stores, Inc. I have" in text(render_html(signed, FULL))


def test_the_words_agreed_to_carry_their_values() -> None:
    intent, choice = agreed(documents.document("ca_icraa_disclosure", "en", DAY), FULL)
    assert intent == "I have read this disclosure."
    assert choice.endswith("within three business days after Lakeside Stores, Inc. receives it.")


def test_an_empty_optional_value_takes_its_heading_along() -> None:
    letter = documents.document("pre_adverse_notice", "en", DAY)
    assert "How we see it so far" in text(render_html(letter, FULL))
    without = text(render_html(letter, {**FULL, "assessment": []}))
    assert "How we see it so far" not in without
    assert "What you can do" in without


def test_the_notice_before_a_decision_says_what_it_must() -> None:
    said = text(render_html(documents.document("pre_adverse_notice", "en", DAY), FULL))
    for part in (
        "Theft, misdemeanor, Alameda County", "Nothing is decided yet", "Please answer by December 7, 2026.", "Handles cash.",
        "Copy of the report", "Phone: 510-555-0114", "800-555-0199",
    ):  # fmt: skip
        assert part in said
    spanish = text(render_html(documents.document("pre_adverse_notice", "es", DAY), FULL))
    assert "a más tardar el 7 de diciembre de 2026." in spanish


@pytest.mark.parametrize("place", [EAST_LA, NEW_YORK, BUFFALO, PEORIA, PHILADELPHIA], ids=str)
def test_a_final_notice_has_a_passage_for_each_detail_of_its_places(place: object) -> None:
    case = ruling(place)  # type: ignore[arg-type]
    assert documents.missing_tokens(case, FULL, on=DAY) == ()
    said = text(documents.render_final(case, FULL, language="en", on=DAY))
    for token in case.final_tokens:
        assert catalog().passage(token, "en", DAY).title in said
    assert "within 60 days" in said


@pytest.mark.parametrize("token", sorted({token for row in BOOK.rows for token in row.final_tokens}))
def test_a_detail_without_its_value_is_named_and_stops_the_notice(token: str) -> None:
    case = Ruling(tuple(row for row in BOOK.rows if token in row.final_tokens)[:1])
    for name in catalog().passage(token, "en", DAY).required:
        values: dict[str, Value] = {**FULL, name: ""}
        assert token in documents.missing_tokens(case, values, on=DAY)
        with pytest.raises(Lacks):
            documents.render_final(case, values, language="en", on=DAY)


def test_a_detail_without_words_is_missing() -> None:
    [row] = [row for row in BOOK.rows if row.key == "us-pa-chria"]
    odd = Ruling((type(row)(**{**row.__dict__, "final_tokens": ("something_new",)}),))
    assert documents.missing_tokens(odd, FULL, on=DAY) == ("something_new",)


def test_a_list_inside_a_sentence_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(TypeError, match="employer"):
        markup.html("By {employer}.", {"employer": ["a", "b"]}, "en")


def test_a_table_has_a_head_and_names_its_rows() -> None:
    made = markup.html("| Who | Where\n| One | Here // There", {}, "en")
    assert '<th scope="col">Who</th><th scope="col">Where</th>' in made
    assert '<th scope="row">One</th><td>Here<br>There</td>' in made
