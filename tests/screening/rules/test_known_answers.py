"""Known answers: what is due when, worked out by hand from the sources of the rows, day by day.

Notation of the comments: the days that count, in order, then why others do not. "h" is a holiday. Receipt first, wait after the bar.
2026: Thanksgiving is Thu Nov 26, Christmas Fri Dec 25. 2027: New Year Fri Jan 1, clocks change Sun Mar 14. 2026: clocks change back Sun Nov 1.
"""

from __future__ import annotations

from datetime import date

import pytest

from app.screening.rules.clocks import Delivery, Due, Happening, Kind, due
from app.screening.rules.places import Place
from app.screening.rules.words import Channel
from tests.screening.rules import cases as c

EMAIL, MAIL, TRACKED, HAND = Channel.EMAIL, Channel.MAIL, Channel.TRACKED_MAIL, Channel.IN_PERSON


def day(text: str) -> date:
    return date.fromisoformat(text)


def answer(key: str, work: Place, deliveries: list[Delivery], happenings: list[Happening] | None = None) -> date:
    found = due(c.only(key), work, deliveries, happenings or [])
    assert isinstance(found, Due)
    return found.due_on


CALIFORNIA = [
    # e-mail, Fri Dec 4: Mon 7, Tue 8 | 9 10 11 14 15
    (EMAIL, "2026-12-04", c.FRESNO, None, "2026-12-15"),
    # on a Saturday or a Sunday nothing is gained: Mon 7, Tue 8 | 9 10 11 14 15
    (EMAIL, "2026-12-05", c.FRESNO, None, "2026-12-15"),
    (EMAIL, "2026-12-06", c.FRESNO, None, "2026-12-15"),
    # untracked mail inside California, Fri Dec 4 + 5 calendar days = Wed 9 | 10 11 14 15 16: a day later than e-mail
    (MAIL, "2026-12-04", c.FRESNO, None, "2026-12-16"),
    # to Nevada: + 10 = Mon 14 | 15 16 17 18 21
    (MAIL, "2026-12-04", c.RENO, None, "2026-12-21"),
    # to France: + 20 = Thu 24 | 28 29 30 31, Jan 4 (25 h, Jan 1 h)
    (MAIL, "2026-12-04", c.LYON, None, "2027-01-04"),
    # tracked mail counts from its receipt, Mon 7 | 8 9 10 11 14
    (TRACKED, "2026-12-04", c.FRESNO, "2026-12-07", "2026-12-14"),
    # handed over on Fri Dec 4 | 7 8 9 10 11
    (HAND, "2026-12-04", c.FRESNO, "2026-12-04", "2026-12-11"),
    (HAND, "2026-12-04", c.FRESNO, None, "2026-12-11"),
    # Thanksgiving: Tue Nov 24 | Wed 25, Mon 30 (26 h, 27 h in California) | Dec 1 2 3 4 7
    (EMAIL, "2026-11-24", c.FRESNO, None, "2026-12-07"),
    # year end: Wed Dec 23: Thu 24, Mon 28 (25 h) | 29 30 31, Jan 4 5 (Jan 1 h)
    (EMAIL, "2026-12-23", c.FRESNO, None, "2027-01-05"),
    # clocks go forward on Sun Mar 14: Thu Mar 11: Fri 12, Mon 15 | 16 17 18 19 22
    (EMAIL, "2027-03-11", c.FRESNO, None, "2027-03-22"),
    # Cesar Chavez Day, Wed Mar 31, is a holiday here: Fri Mar 26: 29 30 | Apr 1 2 5 6 7
    (EMAIL, "2027-03-26", c.FRESNO, None, "2027-04-07"),
    # Columbus Day, Mon Oct 12, is federal only and does not count either: Wed Oct 7: 8 9 | 13 14 15 16 19
    (EMAIL, "2026-10-07", c.FRESNO, None, "2026-10-19"),
]


@pytest.mark.parametrize(("channel", "sent", "to", "received", "expected"), CALIFORNIA)
def test_california(channel: Channel, sent: str, to: Place, received: str | None, expected: str) -> None:
    """2 CCR 11017.1: 5 business days from receipt; e-mail + 2 business; untracked mail + 5, + 10, + 20 calendar days."""
    delivery = Delivery(channel, day(sent), to, day(received) if received else None)
    assert answer("us-ca-fca", c.FRESNO, [delivery]) == day(expected)


DISPUTES = [
    # nothing said: Dec 15 (see above)
    ([], "2026-12-15"),
    # announced in time: Dec 15 | 16 17 18 21 22
    ([(Kind.DISPUTE_ANNOUNCED, "2026-12-11")], "2026-12-22"),
    # announced on the last day is in time
    ([(Kind.DISPUTE_ANNOUNCED, "2026-12-15")], "2026-12-22"),
    # announced a day late lengthens nothing; the case is read again all the same (adverse.Stage.PAUSED)
    ([(Kind.DISPUTE_ANNOUNCED, "2026-12-16")], "2026-12-15"),
    # announced twice is one extension
    ([(Kind.DISPUTE_ANNOUNCED, "2026-12-10"), (Kind.DISPUTE_ANNOUNCED, "2026-12-11")], "2026-12-22"),
    # evidence alone gives no more time by the state's rule
    ([(Kind.EVIDENCE_ANNOUNCED, "2026-12-11")], "2026-12-15"),
    # a dispute at the provider from Dec 10 to Dec 17 stops the clock: 9, then 18 21 22 23 = Dec 23; it is also an announcement:
    # + 24 28 29 30 31 (25 h)
    ([(Kind.DISPUTE_OPENED, "2026-12-10"), (Kind.DISPUTE_CLOSED, "2026-12-17")], "2026-12-31"),
    # told of twice, it began the first time
    (
        [
            (Kind.DISPUTE_OPENED, "2026-12-10"),
            (Kind.DISPUTE_OPENED, "2026-12-14"),
            (Kind.DISPUTE_CLOSED, "2026-12-17"),
        ],
        "2026-12-31",
    ),
    # a dispute that ends before it began (a provider's mistake) stops nothing, but was announced
    ([(Kind.DISPUTE_OPENED, "2026-12-10"), (Kind.DISPUTE_CLOSED, "2026-12-09")], "2026-12-22"),
]


@pytest.mark.parametrize(("said", "expected"), DISPUTES)
def test_california_disputes(said: list[tuple[Kind, str]], expected: str) -> None:
    """Gov. Code 12952(c)(3) by reference §3.2 (K): + 5 business days. 15 USC 1681i: a dispute freezes the clock."""
    delivery = Delivery(EMAIL, day("2026-12-04"), c.FRESNO)
    happenings = [Happening(kind, day(on), "d1") for kind, on in said]
    assert answer("us-ca-fca", c.FRESNO, [delivery], happenings) == day(expected)


PLACES = [
    # Federal custom, counted where the work is. New York: Wed Feb 10 2027: 11, 16 (12 h Lincoln, 15 h) | 17 18 19 22 23
    ("us-fcra", c.BUFFALO, EMAIL, "2027-02-10", None, "2027-02-23"),
    # Pennsylvania: Tue Nov 24: 25, 30 (26 h, 27 h) | Dec 1 2 3 4 7
    ("us-fcra", c.PITTSBURGH, EMAIL, "2026-11-24", None, "2026-12-07"),
    # Massachusetts, Patriots' Day Mon Apr 19 2027: Wed Apr 14: 15 16 | 20 21 22 23 26
    ("us-fcra", c.BOSTON, EMAIL, "2027-04-14", None, "2027-04-26"),
    # New Jersey, Good Friday Mar 26 2027: Mon Mar 22: 23 24 | 25 29 30 31, Apr 1
    ("us-fcra", c.NEWARK, EMAIL, "2027-03-22", None, "2027-04-01"),
    # District of Columbia, Emancipation Day Fri Apr 16 2027: Mon Apr 12: 13 14 | 15 19 20 21 22
    ("us-fcra", c.WASHINGTON, EMAIL, "2027-04-12", None, "2027-04-22"),
    # Hawaii, Kamehameha Day Fri Jun 11 2027: Mon Jun 7: 8 9 | 10 14 15 16 17
    ("us-fcra", c.HONOLULU, EMAIL, "2027-06-07", None, "2027-06-17"),
    # Texas, Independence Day Tue Mar 2 2027: Fri Feb 26: Mar 1 3 | 4 5 8 9 10
    ("us-fcra", c.HOUSTON, EMAIL, "2027-02-26", None, "2027-03-10"),
    # work abroad for a company here: federal holidays only. Fri Dec 4: 7 8 | 9 10 11 14 15
    ("us-fcra", c.LYON, EMAIL, "2026-12-04", None, "2026-12-15"),
    # somebody from California for a job in New York: its rule counts by its own holidays (Nov 27): 25 30 | Dec 1 2 3 4 7
    ("us-ca-fca", c.BUFFALO, EMAIL, "2026-11-24", None, "2026-12-07"),
    # Illinois, mail inside: Mon Nov 2 + 5 = Sat 7 | 9 10 12 13 16 (11 h)
    ("us-il-ihra", c.PEORIA, MAIL, "2026-11-02", None, "2026-11-16"),
    # Illinois, Lincoln's Birthday Fri Feb 12 2027: Mon Feb 8: 9 10 | 11 16 17 18 19 (12 h, 15 h)
    ("us-il-ihra", c.PEORIA, EMAIL, "2027-02-08", None, "2027-02-19"),
    # New York City over the end of summer time and Election Day, Tue Nov 3: Fri Oct 30: Nov 2 4 | 5 6 9 10 12 (11 h)
    ("us-ny-new-york-city", c.NEW_YORK, EMAIL, "2026-10-30", None, "2026-11-12"),
    # New York City, tracked, received Sat Dec 5 | 7 8 9 10 11
    ("us-ny-new-york-city", c.NEW_YORK, TRACKED, "2026-12-03", "2026-12-05", "2026-12-11"),
    # Philadelphia, ten days over the year's end: Fri Dec 18: 21 22 | 23 24 28 29 30 31, Jan 4 5 6 7 (25 h, Jan 1 h)
    ("us-pa-philadelphia", c.PHILADELPHIA, EMAIL, "2026-12-18", None, "2027-01-07"),
    # Washington, two days over Thanksgiving: Tue Nov 24: 25 30 | Dec 1 2 (26 h, 27 h Native American Heritage Day)
    ("us-wa-hb1747-large", c.SPOKANE, EMAIL, "2026-11-24", None, "2026-12-02"),
    # Washington, tracked, received Wed Nov 25 | 30, Dec 1
    ("us-wa-hb1747-large", c.SPOKANE, TRACKED, "2026-11-23", "2026-11-25", "2026-12-01"),
    # Washington for all employers from 2027, by hand on Mon Jan 4 | 5 6
    ("us-wa-hb1747", c.SPOKANE, HAND, "2027-01-04", None, "2027-01-06"),
    # City of Los Angeles, tracked, received Wed Dec 9 | 10 11 14 15 16
    ("us-ca-los-angeles-city", c.LOS_ANGELES, TRACKED, "2026-12-04", "2026-12-09", "2026-12-16"),
    # San Francisco counts calendar days: Fri Dec 4: 7 8 | + 7 = Dec 15
    ("us-ca-san-francisco", c.SAN_FRANCISCO, EMAIL, "2026-12-04", None, "2026-12-15"),
    # San Francisco over the holidays: Wed Dec 23: 24 28 | + 7 = Jan 4; New Year's Day counts
    ("us-ca-san-francisco", c.SAN_FRANCISCO, EMAIL, "2026-12-23", None, "2027-01-04"),
    # San Francisco, mail inside: Fri Dec 4 + 5 = 9 | + 7 = Dec 16
    ("us-ca-san-francisco", c.SAN_FRANCISCO, MAIL, "2026-12-04", None, "2026-12-16"),
]


@pytest.mark.parametrize(("key", "work", "channel", "sent", "received", "expected"), PLACES)
def test_places(key: str, work: Place, channel: Channel, sent: str, received: str | None, expected: str) -> None:
    delivery = Delivery(channel, day(sent), work, day(received) if received else None)
    assert answer(key, work, [delivery]) == day(expected)


LA_COUNTY = [
    # mail and e-mail on Fri Dec 4; the letter is the later one: + 5 = Wed 9 | 10 11 14 15 16
    ([], "2026-12-16"),
    # evidence announced: + 17 18 21 22 23 24 28 29 30 31 (25 h)
    ([(Kind.EVIDENCE_ANNOUNCED, "2026-12-14")], "2026-12-31"),
    # evidence and a dispute are one extension
    ([(Kind.EVIDENCE_ANNOUNCED, "2026-12-14"), (Kind.DISPUTE_ANNOUNCED, "2026-12-15")], "2026-12-31"),
]


@pytest.mark.parametrize(("said", "expected"), LA_COUNTY)
def test_los_angeles_county(said: list[tuple[Kind, str]], expected: str) -> None:
    """5 business days, + 10 when evidence or a dispute is announced (Ordinance 2024-0012)."""
    sent = day("2026-12-04")
    deliveries = [Delivery(EMAIL, sent, c.EAST_LA), Delivery(MAIL, sent, c.EAST_LA)]
    happenings = [Happening(kind, day(on)) for kind, on in said]
    assert answer("us-ca-los-angeles-county", c.EAST_LA, deliveries, happenings) == day(expected)


TOGETHER = [
    # California and federal: both Dec 15
    (c.FRESNO, c.FRESNO, "2026-12-15"),
    # New York City job, lives in Philadelphia: Philadelphia's ten days: 7 8 | 9 10 11 14 15 16 17 18 21 22
    (c.NEW_YORK, c.PHILADELPHIA, "2026-12-22"),
    # Washington job (2 days), federal floor of five
    (c.SPOKANE, c.SPOKANE, "2026-12-15"),
]


@pytest.mark.parametrize(("work", "residence", "expected"), TOGETHER)
def test_the_longest_of_all_rows_counts(work: Place, residence: Place, expected: str) -> None:
    """E-mail on Fri Dec 4."""
    found = due(c.ruling(work, residence), work, [Delivery(EMAIL, day("2026-12-04"), residence)])
    assert isinstance(found, Due)
    assert found.due_on == day(expected)
