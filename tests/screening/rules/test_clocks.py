"""When the clock runs, stands, and what the page says about it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.screening.rules.calendars import Calendar
from app.screening.rules.clocks import Delivery, Due, Happening, Kind, Policy, Standing, Stands, due, reach, received
from app.screening.rules.jurisdictions import Ruling
from app.screening.rules.schema import Extension, Receipt, Wait, row_of
from app.screening.rules.words import Channel, Reach, StartsFrom, Unit
from tests.screening.rules import cases as c

SENT = date(2026, 12, 4)
EMAIL = Delivery(Channel.EMAIL, SENT, c.FRESNO)
MAIL = Delivery(Channel.MAIL, SENT, c.FRESNO)
TRACKED = Delivery(Channel.TRACKED_MAIL, SENT, c.FRESNO)
CA = c.only("us-ca-fca")
COUNTY = c.only("us-ca-los-angeles-county")
SEVEN = Policy(Wait(days=7, unit=Unit.CALENDAR, starts=StartsFrom.SENT))


def words(found: Due | Stands) -> list[str]:
    assert isinstance(found, Due)
    return [str(reason) for reason in found.reasons]


def bounced(delivery: Delivery) -> Delivery:
    return Delivery(delivery.channel, delivery.sent_on, delivery.to, bounced=True)


@pytest.mark.parametrize(
    ("ruling", "deliveries", "why"),
    [
        (CA, [], Standing.NOT_SENT),
        (CA, [bounced(EMAIL)], Standing.BOUNCED),
        (CA, [TRACKED], Standing.NOT_RECEIVED),
        (CA, [EMAIL, TRACKED], Standing.NOT_RECEIVED),  # the later copy decides, and its day is not known
        (COUNTY, [EMAIL], Standing.NOT_SENT),
        (COUNTY, [MAIL], Standing.NOT_SENT),
        (COUNTY, [MAIL, bounced(EMAIL)], Standing.BOUNCED),
    ],
)
def test_the_clock_stands(ruling: Ruling, deliveries: list[Delivery], why: Standing) -> None:
    found = due(ruling, c.FRESNO, deliveries)
    assert found == Stands(why)
    assert str(found)


def test_a_bounced_notice_that_went_out_again_runs_from_the_second_one() -> None:
    """Fri Dec 4 came back; sent by mail on Mon Dec 7, + 5 = Sat 12 | 14 15 16 17 18."""
    again = Delivery(Channel.MAIL, date(2026, 12, 7), c.FRESNO)
    found = due(CA, c.FRESNO, [bounced(EMAIL), again])
    assert isinstance(found, Due)
    assert found.due_on == date(2026, 12, 18)


@pytest.mark.parametrize("paper", [Channel.MAIL, Channel.TRACKED_MAIL, Channel.IN_PERSON])
def test_better_proof_of_the_same_paper_is_good_for_mail(paper: Channel) -> None:
    found = due(COUNTY, c.EAST_LA, [EMAIL, Delivery(paper, SENT, c.EAST_LA, date(2026, 12, 7))])
    assert isinstance(found, Due)


def test_an_open_dispute_stops_the_clock_until_it_is_closed() -> None:
    opened = Happening(Kind.DISPUTE_OPENED, date(2026, 12, 10), "d1")
    closed = Happening(Kind.DISPUTE_CLOSED, date(2026, 12, 17), "d1")
    assert due(CA, c.FRESNO, [EMAIL], [opened]) == Stands(Standing.IN_DISPUTE)
    assert isinstance(due(CA, c.FRESNO, [EMAIL], [opened, closed]), Due)
    other = Happening(Kind.DISPUTE_OPENED, date(2026, 12, 17), "d2")
    assert due(CA, c.FRESNO, [EMAIL], [opened, closed, other]) == Stands(Standing.IN_DISPUTE)
    assert isinstance(due(CA, c.FRESNO, [EMAIL], [closed]), Due)  # an end without a beginning is no dispute


def test_the_page_says_why() -> None:
    assert words(due(CA, c.FRESNO, [EMAIL])) == ["CA: 2 + 5 business days, e-mail"]
    assert words(due(CA, c.FRESNO, [MAIL])) == ["CA: 5 days + 5 business days, mail without tracking"]
    tracked = Delivery(Channel.TRACKED_MAIL, SENT, c.FRESNO, date(2026, 12, 7))
    assert words(due(CA, c.FRESNO, [tracked])) == ["CA: 5 business days, tracked mail"]
    in_person = Delivery(Channel.IN_PERSON, SENT, c.FRESNO)
    assert words(due(CA, c.FRESNO, [in_person])) == ["CA: 5 business days, in person"]
    francisco = c.only("us-ca-san-francisco")
    assert words(due(francisco, c.FRESNO, [EMAIL])) == ["SF: 2 business days + 7 days, e-mail"]
    assert words(due(francisco, c.FRESNO, [MAIL])) == ["SF: 5 + 7 days, mail without tracking"]


def test_what_decides_comes_first_and_what_lengthened_it_follows() -> None:
    happenings = [
        Happening(Kind.DISPUTE_ANNOUNCED, date(2026, 12, 9)),
        Happening(Kind.DISPUTE_OPENED, date(2026, 12, 10), "d1"),
        Happening(Kind.DISPUTE_CLOSED, date(2026, 12, 11), "d1"),
    ]
    found = due(c.ruling(c.FRESNO), c.FRESNO, [EMAIL], happenings, SEVEN)
    assert words(found) == [
        "CA: 2 + 5 business days, e-mail",
        "CA: + 5 business days, the candidate announced a dispute or evidence on 2026-12-09",
        "Federal: 2 + 5 business days, e-mail",
        "Company: 7 days, e-mail",
        "The clock stood still from 2026-12-10 to 2026-12-11, in dispute",
    ]
    assert isinstance(found, Due)
    # 9, 14 15 16 17 = Dec 17 | 18 21 22 23 24; the company's 7 days from Dec 4: 5 6 7 8 9, 12 13
    assert [reason.due_on for reason in found.reasons] == [
        date(2026, 12, 17), date(2026, 12, 24), date(2026, 12, 17), date(2026, 12, 13), None,
    ]  # fmt: skip


def test_an_extension_may_count_calendar_days() -> None:
    row = CA.rows[0]
    values = row.as_json() | {
        "extensions": [{"triggers": ["dispute_announced"], "days": 3, "unit": "calendar_days"}],
    }
    found = due(Ruling((row_of(values),)), c.FRESNO, [EMAIL], [Happening(Kind.DISPUTE_ANNOUNCED, SENT)])
    assert words(found)[1] == "CA: + 3 days, the candidate announced a dispute or evidence on 2026-12-04"
    assert isinstance(found, Due)
    assert found.due_on == date(2026, 12, 18)


def test_two_extensions_are_both_measured_by_the_first_period() -> None:
    """Dec 15 without; the second one was announced after it, within the first extension, and so too late."""
    more = Extension(
        triggers=c.only("us-ca-los-angeles-county").rows[0].extensions[0].triggers[1:], days=2, unit=Unit.BUSINESS
    )
    values = CA.rows[0].as_json()
    values["extensions"] = [
        *values["extensions"],
        {"triggers": list(more.triggers), "days": 2, "unit": "business_days"},
    ]
    happenings = [
        Happening(Kind.DISPUTE_ANNOUNCED, date(2026, 12, 15)),
        Happening(Kind.EVIDENCE_ANNOUNCED, date(2026, 12, 16)),
    ]
    found = due(Ruling((row_of(values),)), c.FRESNO, [EMAIL], happenings)
    assert isinstance(found, Due)
    assert found.due_on == date(2026, 12, 22)


def test_without_any_wait_there_is_no_date() -> None:
    with pytest.raises(ValueError, match="how long to wait"):
        due(c.only("us-ca-icraa"), c.FRESNO, [EMAIL])


def test_where_a_letter_goes_is_seen_from_the_place_of_the_rule() -> None:
    assert [reach(place, "CA") for place in (c.FRESNO, c.RENO, c.LYON)] == [
        Reach.IN_STATE, Reach.OUT_OF_STATE, Reach.ABROAD,
    ]  # fmt: skip


def test_a_wait_from_sending_needs_no_receipt() -> None:
    assert SEVEN.wait.receipts == ()
    found = due(Ruling(()), c.FRESNO, [TRACKED, MAIL], [], SEVEN)
    assert found == Stands(Standing.NOT_RECEIVED)  # we still want to know whether the letter arrived at all
    found = due(Ruling(()), c.FRESNO, [MAIL], [], SEVEN)
    assert isinstance(found, Due)
    assert found.due_on == date(2026, 12, 11)


def test_the_special_row_of_a_table_of_receipts_comes_first() -> None:
    wait = CA.rows[0].wait
    assert wait is not None
    assert wait.receipt(Channel.EMAIL, Reach.ABROAD) == Receipt(channel=Channel.EMAIL, days=2, unit=Unit.BUSINESS)
    assert wait.receipt(Channel.MAIL, Reach.ABROAD).days == 20
    far = Receipt(channel=Channel.EMAIL, reach=Reach.ABROAD, days=9, unit=Unit.BUSINESS)
    both = Wait(days=5, unit=Unit.BUSINESS, starts=StartsFrom.RECEIVED, receipts=(*wait.receipts, far))
    assert both.receipt(Channel.EMAIL, Reach.ABROAD) == far
    assert both.receipt(Channel.EMAIL, Reach.IN_STATE).days == 2
    assert received(wait, Calendar("CA"), TRACKED) is None


DAYS = st.dates(date(2026, 1, 1), date(2028, 12, 31))
CHANNELS = st.sampled_from(list(Channel))
TO = st.sampled_from([c.FRESNO, c.RENO, c.LYON])
DELIVERIES = st.lists(
    st.builds(
        lambda channel, sent, to, later, back: Delivery(channel, sent, to, sent + timedelta(days=later), back),
        CHANNELS, DAYS, TO, st.integers(0, 9), st.booleans(),
    ),
    min_size=1, max_size=4,
)  # fmt: skip
HAPPENINGS = st.lists(
    st.builds(Happening, st.sampled_from(list(Kind)), DAYS, st.sampled_from(["", "d1", "d2"])), max_size=6
)


@settings(max_examples=500)
@given(DELIVERIES, HAPPENINGS, st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_changes_a_due_date(sent, said, random) -> None:
    ruling = c.ruling(c.FRESNO, c.PHILADELPHIA)
    in_order = due(ruling, c.FRESNO, sent, said)
    mixed_sent = sent + random.choices(sent, k=3)
    mixed_said = said + (random.choices(said, k=3) if said else [])
    random.shuffle(mixed_sent)
    random.shuffle(mixed_said)
    assert due(ruling, c.FRESNO, mixed_sent, mixed_said) == in_order


@settings(max_examples=300)
@given(DELIVERIES, HAPPENINGS)
def test_nobody_gets_less_than_five_business_days_from_the_last_sending(sent, said) -> None:
    found = due(c.ruling(c.FRESNO), c.FRESNO, sent, said)
    if isinstance(found, Due):
        last = max(item.sent_on for item in sent if not item.bounced)
        assert found.due_on >= Calendar("CA").after(last, 5, Unit.BUSINESS)
        assert found.due_on == max(reason.due_on for reason in found.reasons if reason.due_on)
        assert all(str(reason) for reason in found.reasons)
