"""Which rows bind a case, what they demand together, and when a person must decide."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from app.screening.rules.jurisdictions import Employment, Ruling, StopsForPerson, Why, decide, thaw
from app.screening.rules.places import Place
from app.screening.rules.rulebook import Rulebook
from app.screening.rules.words import AskStage, Channel, Moment
from tests.screening.rules import cases as c

DEC26, JAN27 = date(2026, 12, 1), date(2027, 1, 1)
REVIEWED = Rulebook(
    tuple(replace(row, reviewed=True, reviewed_by="Counsel", reviewed_on=DEC26, doubt="") for row in c.BOOK.rows),
    c.BOOK.zones,
)


@pytest.mark.parametrize(
    ("work", "residence", "expected"),
    [
        (c.FRESNO, c.FRESNO, "us-fcra us-ca-fca us-ca-icraa"),
        (c.LOS_ANGELES, c.LOS_ANGELES, "us-fcra us-ca-fca us-ca-icraa us-ca-los-angeles-city"),
        (c.EAST_LA, c.EAST_LA, "us-fcra us-ca-fca us-ca-icraa us-ca-los-angeles-county"),
        (c.SAN_FRANCISCO, c.SAN_FRANCISCO, "us-fcra us-ca-fca us-ca-icraa us-ca-san-francisco"),
        (c.BUFFALO, c.BUFFALO, "us-fcra us-ny-article-23a us-ny-credit-history"),
        (c.NEW_YORK, c.NEW_YORK, "us-fcra us-ny-article-23a us-ny-credit-history us-ny-new-york-city"),
        (c.PHILADELPHIA, c.PHILADELPHIA, "us-fcra us-pa-chria us-pa-philadelphia"),
        (c.PEORIA, c.PEORIA, "us-fcra us-il-ihra us-il-joqaa"),
        (c.SPOKANE, c.SPOKANE, "us-fcra us-wa-fca-2018 us-wa-hb1747-large"),
        (c.BOSTON, c.BOSTON, "us-fcra us-ma-cori"),
        (c.WASHINGTON, c.WASHINGTON, "us-fcra us-dc-fcrsa"),
        # where somebody lives counts as well
        (c.NEWARK, c.PHILADELPHIA, "us-fcra us-nj-otca us-pa-chria us-pa-philadelphia"),
        (c.LYON, c.LYON, ""),
    ],
)
def test_every_row_of_both_places_applies(work: Place, residence: Place, expected: str) -> None:
    assert c.keys(c.ruling(work, residence)) == expected.split()


@pytest.mark.parametrize(
    ("on", "staff", "expected"),
    [
        (date(2026, 6, 30), 500, "us-wa-fca-2018"),
        (date(2026, 7, 1), 14, "us-wa-fca-2018"),
        (date(2026, 7, 1), 15, "us-wa-fca-2018 us-wa-hb1747-large"),
        (date(2026, 7, 1), None, "us-wa-fca-2018 us-wa-hb1747-large"),
        (date(2026, 12, 31), 14, "us-wa-fca-2018"),
        (JAN27, 14, "us-wa-hb1747"),
        (JAN27, 500, "us-wa-hb1747"),
    ],
)
def test_rows_begin_and_end(on: date, staff: int | None, expected: str) -> None:
    """Washington HB 1747: 15 and more employees from 2026-07-01, everybody from 2027-01-01."""
    assert c.keys(c.ruling(c.SPOKANE, on=on, employment=Employment(staff))) == ["us-fcra", *expected.split()]


@pytest.mark.parametrize(
    ("employment", "bound"),
    [
        (Employment(), True),  # unknown counts as bound
        (Employment(5, Decimal(8)), True),
        (Employment(4, Decimal(40)), False),
        (Employment(5, Decimal("7.5")), False),
    ],
)
def test_coverage(employment: Employment, bound: bool) -> None:
    """San Francisco: five employees, eight hours a week in the city."""
    assert ("us-ca-san-francisco" in c.keys(c.ruling(c.SAN_FRANCISCO, employment=employment))) is bound


def test_an_exemption_takes_the_job_out_of_the_rows_that_know_it() -> None:
    exempt = Employment(500, exemptions=frozenset({"required_by_law"}))
    assert c.keys(c.ruling(c.LOS_ANGELES, employment=exempt)) == ["us-fcra", "us-ca-icraa"]
    assert len(c.keys(c.ruling(c.LOS_ANGELES, employment=replace(exempt, exemptions=frozenset({"tired"}))))) == 4


def test_the_strictest_of_each_demand_wins() -> None:
    both = c.ruling(c.NEW_YORK, c.PEORIA)
    assert both.ask_stage is AskStage.OFFER
    assert both.two_stages
    assert "Age at the time of the conviction" in both.factors
    assert len(both.factors) == len(set(both.factors))
    assert both.final_tokens[:2] == ("action_taken", "cra_name")
    assert "il_idhr_charge_right" in both.final_tokens
    assert [document.key for document in both.documents(Moment.WITH_PRE_ADVERSE)] == [
        "report_copy", "summary_of_rights", "il_preliminary_notice", "nyc_inquiry_copy", "nyc_fair_chance_notice",
    ]  # fmt: skip
    assert [document.key for document in both.documents(Moment.BEFORE_CHECK)] == ["ny_article_23a"]
    assert both.send_by == ()
    assert c.ruling(c.EAST_LA).send_by == (Channel.EMAIL, Channel.MAIL)
    assert c.ruling(c.BOSTON).ask_stage is AskStage.APPLICATION
    assert c.ruling(c.PITTSBURGH).ask_stage is AskStage.ANY_TIME
    assert not c.ruling(c.PEORIA).two_stages
    assert Ruling(()).ask_stage is AskStage.OFFER  # nothing known: as strict as can be


def stops(book: Rulebook, work: Place, residence: Place, accepted: frozenset[str] = frozenset()) -> list[Why]:
    found = decide(book, DEC26, work=work, residence=residence, employment=c.LARGE, accepted=accepted)
    return [stop.why for stop in found.stops] if isinstance(found, StopsForPerson) else []


@pytest.mark.parametrize(
    ("work", "residence", "expected"),
    [
        (c.FRESNO, c.FRESNO, []),
        (c.FRESNO, c.LYON, [Why.NO_ROW]),
        (c.RENO, c.RENO, [Why.NO_ROW]),  # no row for Nevada; the federal one is not enough
        (c.RENO, Place("US", "NV", "Clark", "Las Vegas"), [Why.NO_ROW, Why.NO_ROW]),
        (c.FRESNO, Place("US", "CA"), [Why.PLACE_UNKNOWN]),
        (c.FRESNO, Place("US"), [Why.NO_ROW, Why.PLACE_UNKNOWN]),
        (c.FRESNO, Place("US", "NY", "", "Astoria"), [Why.PLACE_UNKNOWN]),
        (Place("US", "CA", "Los Angeles", "Los Angeles"), c.FRESNO, [Why.PLACE_UNKNOWN]),
    ],
)
def test_a_missing_row_or_an_unknown_place_stops_even_when_all_rows_are_reviewed(
    work: Place, residence: Place, expected: list[Why]
) -> None:
    assert stops(REVIEWED, work, residence) == expected


def test_an_address_that_cannot_be_told_does_not_stop_whom_the_rule_would_not_bind() -> None:
    small = Employment(staff=3)
    found = decide(REVIEWED, DEC26, work=Place("US", "NY"), residence=c.BUFFALO, employment=small)
    assert isinstance(found, Ruling)


def test_an_unreviewed_row_stops_until_it_is_accepted_word_by_word() -> None:
    assert stops(c.BOOK, c.FRESNO, c.FRESNO) == [Why.UNREVIEWED] * 3
    digests = frozenset(row.digest for row in c.ruling(c.FRESNO).rows)
    found = decide(c.BOOK, DEC26, work=c.FRESNO, residence=c.FRESNO, employment=c.LARGE, accepted=digests)
    assert isinstance(found, Ruling)
    assert found == c.ruling(c.FRESNO)
    changed = Rulebook(tuple(replace(row, short=row.short + "!") for row in c.BOOK.rows), c.BOOK.zones)
    assert stops(changed, c.FRESNO, c.FRESNO, digests) == [Why.UNREVIEWED] * 3
    assert stops(c.BOOK, c.RENO, c.RENO, digests) == [Why.NO_ROW]  # what is missing cannot be accepted


def test_a_stop_says_what_to_do() -> None:
    found = decide(c.BOOK, DEC26, work=c.FRESNO, residence=Place("US", "CA"), employment=c.LARGE)
    assert isinstance(found, StopsForPerson)
    assert str(found.stops[0]).startswith("CA, US: say in which city and county")
    assert "California Fair Chance Act: no counsel has read this rule yet" in map(str, found.stops)


def test_a_case_keeps_the_rules_it_began_with() -> None:
    ruling = c.ruling(c.NEW_YORK)
    frozen = ruling.freeze()
    assert thaw(frozen) == ruling
    assert frozen["version"] == ruling.version
    assert thaw(frozen).version == ruling.version
    frozen["rows"][0]["wait"]["days"] = 1
    with pytest.raises(ValueError, match="were changed"):
        thaw(frozen)


def test_the_version_changes_with_a_word_and_with_a_review() -> None:
    ruling = c.ruling(c.FRESNO)
    row = ruling.rows[0]
    other = [replace(row, name="x"), replace(row, reviewed=True, reviewed_by="Counsel", reviewed_on=DEC26, doubt="")]
    assert len({ruling.version, *(Ruling((changed, *ruling.rows[1:])).version for changed in other)}) == 3
