"""Status tables, read like policy."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from app.benefits.rules import carrier, lifecycle
from app.benefits.rules.lifecycle import Action
from app.benefits.rules.progress import SETTLED, Progress, progress
from app.benefits.rules.words import CarrierStatus, Election, EnrollmentStatus
from app.core.errors import Conflict

TABLE = """
              submit     hold     resume     approve   reject    cancel    activate  terminate
pending       submitted  -        -          -         -         canceled  -         -
submitted     -          on_hold  -          approved  rejected  canceled  -         -
on_hold       -          -        submitted  -         rejected  canceled  -         -
approved      -          -        -          -         -         canceled  active    terminated
active        -          -        -          -         -         canceled  -         terminated
rejected      -          -        -          -         -         -         -         -
canceled      -          -        -          -         -         -         -         -
terminated    -          -        -          -         -         -         -         -
"""


def expected() -> dict[tuple[str, str], str]:
    head, *lines = [line.split() for line in TABLE.strip().splitlines()]
    return {(line[0], action): word for line in lines for action, word in zip(head, line[1:], strict=True)}


@pytest.mark.parametrize(("status", "action"), list(product(EnrollmentStatus, Action)))
def test_every_status_and_action(status: EnrollmentStatus, action: Action) -> None:
    word = expected()[status.value, action.value]
    if word == "-":
        with pytest.raises(Conflict):
            lifecycle.after(status, action)
        assert action not in lifecycle.allowed(status)
    else:
        assert lifecycle.after(status, action) == word
        assert action in lifecycle.allowed(status)


def test_what_is_over_stays_over() -> None:
    assert all(not lifecycle.allowed(status) for status in lifecycle.OVER)


TODAY = date(2026, 11, 22)
NEXT_YEAR = date(2027, 1, 1)


@pytest.mark.parametrize(
    ("status", "carrier_status", "election", "starts", "ends", "word"),
    [
        ("submitted", "none", "elect", NEXT_YEAR, None, Progress.WAITING_FOR_HR),
        ("on_hold", "none", "elect", NEXT_YEAR, None, Progress.ON_HOLD),
        ("rejected", "none", "elect", NEXT_YEAR, None, Progress.SENT_BACK),
        ("canceled", "none", "elect", NEXT_YEAR, None, Progress.CANCELED),
        ("approved", "none", "elect", NEXT_YEAR, None, Progress.TELLING_CARRIER),
        ("approved", "ready", "keep", NEXT_YEAR, None, Progress.TELLING_CARRIER),
        ("approved", "sent", "elect", NEXT_YEAR, None, Progress.SENT),
        ("active", "syntax_accepted", "elect", TODAY, None, Progress.RECEIVED),
        ("active", "syntax_rejected", "elect", TODAY, None, Progress.REFUSED_BY_CARRIER),
        ("active", "discrepancy", "elect", TODAY, None, Progress.CARRIER_DISAGREES),
        ("approved", "confirmed", "elect", NEXT_YEAR, None, Progress.CONFIRMED),
        ("active", "confirmed", "elect", TODAY, None, Progress.COVERED),
        ("approved", "none", "waive", NEXT_YEAR, None, Progress.WAIVED),
        ("active", "confirmed", "elect", date(2026, 1, 1), date(2026, 11, 21), Progress.ENDED),
        ("active", "confirmed", "elect", date(2026, 1, 1), TODAY, Progress.COVERED),
        ("terminated", "confirmed", "elect", date(2026, 1, 1), date(2026, 3, 1), Progress.ENDED),
    ],
)
def test_the_word_people_read(
    status: str, carrier_status: str, election: str, starts: date, ends: date | None, word: Progress
) -> None:
    assert progress(status, carrier_status, election, starts, ends, TODAY) is word


def test_only_the_carriers_own_data_says_covered() -> None:
    for status, answer in product(("approved", "active"), CarrierStatus):
        word = progress(status, answer, Election.ELECT, TODAY, None, TODAY)
        assert (word is Progress.COVERED) == (answer is CarrierStatus.CONFIRMED)


def test_progress_knows_every_combination() -> None:
    for status, answer, election in product(EnrollmentStatus, CarrierStatus, Election):
        assert progress(status, answer, election, TODAY, None, TODAY) in Progress
    assert Progress.RECEIVED not in SETTLED


CARRIER = """
                 none  ready  sent  syntax_accepted  syntax_rejected  confirmed  discrepancy
none             same  yes    -     -                -                yes        yes
ready            yes   same   yes   -                -                yes        yes
sent             -     yes    same  yes              yes              yes        yes
syntax_accepted  -     yes    -     same             yes              yes        yes
syntax_rejected  -     yes    yes   yes              same             yes        yes
confirmed        -     yes    late  late             late             same       yes
discrepancy      -     yes    late  late             late             yes        same
"""


def test_carrier_statuses_follow_each_other() -> None:
    head, *lines = [line.split() for line in CARRIER.strip().splitlines()]
    for line in lines:
        for to, word in zip(head, line[1:], strict=True):
            if word == "-":
                with pytest.raises(Conflict):
                    carrier.moves(line[0], CarrierStatus(to))
            else:
                assert carrier.moves(line[0], CarrierStatus(to)) is (word == "yes"), (line[0], to)
