"""The chain of evidence: any byte that changes, moves or goes missing is found, and the first place is named."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.screening import documents
from app.screening.rules.evidence import (
    FIRST,
    WORDS,
    Fault,
    Link,
    Signature,
    canonical,
    facts_of,
    hash_of,
    holds,
    link,
    read,
    shows,
    verify,
)  # fmt: skip
from app.screening.rules.signatures import NameMatch
from tests.screening.documents.values import DAY, FULL

OPENED = datetime(2026, 11, 25, 18, 4, 5, tzinfo=UTC)
DOCUMENT = documents.document("authorization", "es", DAY)
HTML = documents.render_html(DOCUMENT, FULL)
SIGNED = Signature(
    signature_id="0199-a",
    request_id="0199-r",
    answer="agreed",
    document_key="authorization",
    document_version="1",
    language="es",
    asked_language="es",
    document_sha256=documents.sha256(HTML),
    screens=("esign_consent", "fcra_disclosure", "summary_of_rights", "authorization"),
    screen=4,
    opened_at=OPENED,
    scrolled_at=OPENED + timedelta(seconds=11),
    submitted_at=OPENED + timedelta(seconds=21),
    time_zone="America/Los_Angeles",
    typed_name="maria jose oneil",
    name_on_file="María José O'Neil",
    intent=documents.agreed(DOCUMENT, FULL)[0],
    choice="",
    copy_requested=None,
    ip="203.0.113.9",
    user_agent="Browser/1",
    identity={"link": "0199-l", "proof": "sms_code", "to": "•••• 0114"},
    session_id="0199-s",
    jurisdictions=("us-fcra", "us-ca-fca", "us-ca-icraa"),
    rules_version="e" * 64,
)
FACTS = facts_of(SIGNED)


def chain(length: int = 5) -> list[Link]:
    found: list[Link] = []
    for number in range(length):
        facts = canonical({"number": number})
        found.append(link(found[-1] if found else None, "screening_signature", f"id-{number}", facts))
    return found


def test_every_fact_is_in_the_record() -> None:
    kept = read(FACTS)
    assert set(kept) == {
        "format", "name_match", "signature_id", "request_id", "answer", "document_key", "document_version", "language", "asked_language",
        "document_sha256", "screens", "screen", "opened_at", "scrolled_at", "submitted_at", "time_zone", "typed_name", "name_on_file",
        "intent", "choice", "copy_requested", "ip", "user_agent", "identity", "session_id", "jurisdictions", "rules_version",
    }  # fmt: skip
    assert kept["name_match"] == NameMatch.SPELLING
    assert kept["submitted_at"] == "2026-11-25T18:04:26.000000Z"
    assert kept["screens"][kept["screen"] - 1] == kept["document_key"]


def test_the_same_facts_are_the_same_bytes_in_any_zone_and_order() -> None:
    pacific = timezone(timedelta(hours=-8))
    moved = replace(
        SIGNED, opened_at=OPENED.astimezone(pacific), identity=dict(reversed(SIGNED.identity.items()))
    )  # fmt: skip
    assert facts_of(moved) == FACTS
    assert hash_of(FACTS) == hash_of(facts_of(SIGNED))
    assert facts_of(replace(SIGNED, copy_requested=False)) != FACTS


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"screen": 2}, "not the one on this screen"),
        ({"screen": 9}, "not the one on this screen"),
        ({"opened_at": datetime(2026, 11, 25, 18)}, "no time zone"),
        ({"submitted_at": OPENED - timedelta(seconds=1)}, "not in order"),
        ({"intent": ""}, "words agreed to"),
    ],
)
def test_facts_that_cannot_be_are_refused(change: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        replace(SIGNED, **change)  # type: ignore[arg-type]


def test_a_button_needs_no_name() -> None:
    assert replace(SIGNED, typed_name="", name_on_file="").name_match is None


def test_a_whole_chain_holds() -> None:
    links = chain()
    assert links[0].previous_hash == FIRST
    assert verify(links, head=links[-1].hash) is None
    assert verify([]) is None
    assert verify(links[2:], after=links[1], head=links[-1].hash) is None


@pytest.mark.parametrize("position", range(1, 6))
@pytest.mark.parametrize(
    "change",
    [
        {"subject_type": "screening_notice"}, {"subject_id": "id-9"}, {"facts_sha256": "0" * 64}, {"hash": "0" * 64},
        {"previous_hash": "1" * 64}, {"position": 7},
    ],
    ids=str,
)  # fmt: skip
def test_the_first_link_that_was_changed_is_named(position: int, change: dict[str, object]) -> None:
    links = chain()
    links[position - 1] = replace(links[position - 1], **change)  # type: ignore[arg-type]
    broken = verify(links)
    assert broken is not None
    assert broken.position == position
    assert str(broken) == WORDS[broken.fault]


def test_a_link_forged_whole_breaks_the_one_after_it() -> None:
    links = chain()
    links[1] = link(links[0], "screening_signature", "id-1", b"other facts")
    broken = verify(links)
    assert broken is not None
    assert (broken.position, broken.fault) == (3, Fault.OUT_OF_CHAIN)


def test_left_out_swapped_repeated_and_cut_off() -> None:
    links = chain()
    for wrong, position in (
        (links[1:], 1),
        ([links[0], *links[2:]], 2),
        ([links[0], links[2], links[1], *links[3:]], 2),
        ([links[0], links[0], *links[1:]], 2),
    ):
        broken = verify(wrong)
        assert broken is not None
        assert (broken.position, broken.fault) == (position, Fault.OUT_OF_CHAIN)
    assert verify(links[:3]) is None  # only a head kept elsewhere can tell
    cut = verify(links[:3], head=links[-1].hash)
    assert cut is not None
    assert (cut.position, cut.fault) == (4, Fault.CUT_OFF)


@given(st.integers(0, len(FACTS) - 1), st.integers(1, 255))
def test_any_byte_of_the_facts_that_flips_is_found(where: int, flip: int) -> None:
    sealed = link(None, "screening_signature", SIGNED.signature_id, FACTS)
    assert holds(sealed, "screening_signature", SIGNED.signature_id, FACTS)
    other = bytearray(FACTS)
    other[where] ^= flip
    assert not holds(sealed, "screening_signature", SIGNED.signature_id, bytes(other))
    assert not holds(sealed, "screening_signature", "of-somebody-else", FACTS)
    assert not holds(sealed, "screening_notice", SIGNED.signature_id, FACTS)


@given(st.integers(0, len(HTML) - 1), st.integers(1, 255))
def test_any_byte_of_the_document_that_flips_is_found(where: int, flip: int) -> None:
    assert shows(FACTS, HTML)
    other = bytearray(HTML)
    other[where] ^= flip
    assert not shows(FACTS, bytes(other))


def test_what_is_no_record_is_not_read() -> None:
    for wrong in (b"{}", b"[]", json.dumps({"format": "another-1"}).encode(), b"\xff"):
        with pytest.raises(ValueError, match=r"."):
            read(wrong)
