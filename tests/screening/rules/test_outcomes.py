"""What a provider says: unknown codes, when a report is clear, and events that come in any order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.screening.rules.outcomes import (
    Check,
    Doubt,
    ProviderResult,
    ProviderStatus,
    Report,
    Seen,
    doubts,
    is_clear,
    mapped,
    newest,
)

S, R = ProviderStatus, ProviderResult
CODES = {"pending": S.IN_PROGRESS, "complete": S.COMPLETE}
CLEAN = Check("county 1", S.COMPLETE, R.CLEAR)
CLEAR = Report(
    S.COMPLETE, R.CLEAR, frozenset({"county 1", "county 2"}), (CLEAN, Check("county 2", S.COMPLETE, R.CLEAR))
)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("complete", S.COMPLETE),
        (" Complete ", S.COMPLETE),
        ("completed", S.UNMAPPED),
        ("clear", S.UNMAPPED),
        ("", S.UNMAPPED),
        (None, S.UNMAPPED),
    ],
)
def test_a_code_nobody_mapped_is_unmapped(code: str | None, status: ProviderStatus) -> None:
    assert mapped(CODES, code, S.UNMAPPED) is status


def test_a_clear_report() -> None:
    assert is_clear(CLEAR)


@pytest.mark.parametrize(
    ("report", "found"),
    [
        (replace(CLEAR, ordered=frozenset()), [Doubt.NOTHING_ORDERED]),
        (replace(CLEAR, ordered=frozenset(), checks=()), [Doubt.NOTHING_ORDERED]),
        (replace(CLEAR, checks=(CLEAN,)), [Doubt.CHECK_MISSING]),
        (replace(CLEAR, checks=(CLEAN, CLEAN)), [Doubt.CHECK_MISSING]),
        (replace(CLEAR, includes_canceled=True), [Doubt.SOMETHING_CANCELED]),
        (
            replace(CLEAR, checks=(*CLEAR.checks, Check("more", S.CANCELED, R.NONE))),
            [Doubt.SOMETHING_CANCELED, Doubt.CHECK_NOT_CLEAR],
        ),
        (replace(CLEAR, checks=(CLEAN, Check("county 2", S.COMPLETE, R.CONSIDER))), [Doubt.CHECK_NOT_CLEAR]),
        (replace(CLEAR, checks=(CLEAN, Check("county 2", S.IN_PROGRESS, R.CLEAR))), [Doubt.CHECK_NOT_CLEAR]),
    ],
)
def test_clear_is_never_inferred_from_absence(report: Report, found: list[Doubt]) -> None:
    assert list(doubts(report)) == found
    assert not is_clear(report)


@pytest.mark.parametrize(("status", "result"), list(product(S, R)))
def test_no_other_status_and_result_is_clear(status: ProviderStatus, result: ProviderResult) -> None:
    assert is_clear(replace(CLEAR, status=status, result=result)) is ((status, result) == (S.COMPLETE, R.CLEAR))


NOON = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
WORDS = st.tuples(st.sampled_from(list(S)), st.sampled_from(list(R)))
ORDERED = Seen(S.ORDERED, R.NONE)


@settings(max_examples=2000)
@given(st.lists(WORDS, min_size=1, max_size=9), st.randoms(use_true_random=False), st.data())
def test_any_order_repetition_and_loss_before_a_poll_ends_in_the_newest_state(words, random, data) -> None:
    """The provider's life as it was: each event a second later. What arrives is mixed, doubled, and in part lost; the poll is not."""
    life = [
        Seen(status, result, 0, NOON + timedelta(seconds=number), f"evt_{number}")
        for number, (status, result) in enumerate(words)
    ]
    lost = data.draw(st.sets(st.integers(0, len(life) - 1)))
    arrived = [seen for number, seen in enumerate(life) if number not in lost] + random.choices(life, k=3)
    poll = replace(life[-1], event_id="")
    random.shuffle(arrived)
    known = ORDERED
    for seen in [*arrived, poll, *arrived]:
        known = newest(known, [seen])
    assert replace(known, event_id="") == poll
    assert newest(ORDERED, [*arrived, poll]) == known


ANY = st.builds(
    lambda words, revision, second, number: Seen(
        *words, revision, NOON + timedelta(seconds=second) if second else None, f"evt_{number}"
    ),
    WORDS, st.integers(0, 2), st.integers(0, 3), st.integers(0, 9),
)  # fmt: skip


@settings(max_examples=500)
@given(st.lists(ANY, min_size=1), st.randoms(use_true_random=False))
def test_ties_and_missing_times_are_settled_the_same_way_in_any_order(life, random) -> None:
    mixed = life + random.choices(life, k=len(life))
    random.shuffle(mixed)
    assert newest(ORDERED, mixed) == newest(ORDERED, life)


def test_what_wins() -> None:
    early, late = NOON, NOON + timedelta(seconds=1)
    pending, complete = Seen(S.IN_PROGRESS, R.NONE, 0, early), Seen(S.COMPLETE, R.CLEAR, 0, early)
    assert newest(complete, [pending]) == complete  # the same second: how far along
    assert newest(complete, [replace(pending, occurred_at=late)]).status is S.IN_PROGRESS  # resumed later: it is so
    assert newest(complete, [replace(complete, result=R.CONSIDER)]).result is R.CONSIDER  # the same second: the graver
    assert newest(complete, [replace(pending, revision=1)]).revision == 1  # a revision goes before the clock
    assert newest(complete, [Seen(S.UNMAPPED, R.NONE, 0, early)]).status is S.UNMAPPED  # a person looks
