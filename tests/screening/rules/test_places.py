"""Whether a rule's place contains an address: yes, no, or not to be told from what is known."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from app.screening.rules.places import Pattern, Place
from app.screening.rules.words import Level
from tests.screening.rules.cases import BOOK

NYC = next(row for row in BOOK.rows if row.key == "us-ny-new-york-city").where
LA_CITY = next(row for row in BOOK.rows if row.key == "us-ca-los-angeles-city").where
LA_COUNTY = next(row for row in BOOK.rows if row.key == "us-ca-los-angeles-county").where
CALIFORNIA = Pattern(country="US", state="CA")
COUNTRY = Pattern(country="US")


@pytest.mark.parametrize(
    ("pattern", "place", "answer"),
    [
        (COUNTRY, Place("US"), True),
        (COUNTRY, Place("FR"), False),
        (CALIFORNIA, Place("US", "CA"), True),
        (CALIFORNIA, Place("US", "NV"), False),
        (CALIFORNIA, Place("US"), None),
        (NYC, Place("US", "NY", "", "New York"), True),
        (NYC, Place("US", "NY", "", "  new   YORK "), True),
        (NYC, Place("US", "NY", "Queens", "Astoria"), True),
        (NYC, Place("US", "NY", "Kings County", ""), True),
        (NYC, Place("US", "NY", "", "Astoria"), None),  # a neighborhood of Queens, or a town: the county must be known
        (NYC, Place("US", "NY", "Erie", "Buffalo"), False),
        (NYC, Place("US", "NY"), None),
        (NYC, Place("US", "NJ", "Hudson", "West New York"), False),
        (LA_CITY, Place("US", "CA", "Los Angeles", "Los Angeles"), True),
        (LA_CITY, Place("US", "CA", "Los Angeles", "Van Nuys"), True),  # a neighborhood that is a postal city
        (LA_CITY, Place("US", "CA", "Los Angeles", "Long Beach"), False),
        (LA_CITY, Place("US", "CA", "Los Angeles"), None),
        # "Los Angeles, CA" is also the postal city of addresses outside of it
        (LA_CITY, Place("US", "CA", "Los Angeles", "Los Angeles", unincorporated=True), False),
        (LA_COUNTY, Place("US", "CA", "Los Angeles", "Los Angeles", unincorporated=True), True),
        (LA_COUNTY, Place("US", "CA", "los angeles county", "", unincorporated=True), True),
        (LA_COUNTY, Place("US", "CA", "Los Angeles", "Los Angeles", unincorporated=False), False),
        (LA_COUNTY, Place("US", "CA", "Los Angeles", "Los Angeles"), None),
        (LA_COUNTY, Place("US", "CA", "", "", unincorporated=True), None),
        (LA_COUNTY, Place("US", "CA", "", "", unincorporated=False), False),
        (LA_COUNTY, Place("US", "CA", "Kern", "", unincorporated=True), False),
    ],
)
def test_containing(pattern: Pattern, place: Place, answer: bool | None) -> None:
    assert pattern.contains(place) is answer


@pytest.mark.parametrize(
    ("pattern", "level"),
    [(COUNTRY, Level.FEDERAL), (CALIFORNIA, Level.STATE), (LA_COUNTY, Level.COUNTY), (NYC, Level.CITY)],
)
def test_levels(pattern: Pattern, level: Level) -> None:
    assert pattern.level is level


@pytest.mark.parametrize(
    "values",
    [{"cities": ["Reno"]}, {"counties": ["Washoe"]}, {"state": "NV", "unincorporated": True}, {"town": "Reno"}],
)
def test_a_place_that_is_none_is_refused(values: dict[str, object]) -> None:
    with pytest.raises((ValidationError, TypeError)):
        Pattern(country="US", **values)  # type: ignore[arg-type]


def test_a_place_reads_like_an_address() -> None:
    assert str(Place("US", "CA", "Los Angeles", "Los Angeles")) == "Los Angeles, CA, US"
    assert str(Place("US", "CA", "Los Angeles")) == "Los Angeles County, CA, US"
    assert str(Place("FR")) == "FR"
