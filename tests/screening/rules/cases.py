"""The world of the tests: the real data files, and short ways to say who is where."""

from __future__ import annotations

from datetime import date

from app.screening.jurisdictions import rulebook
from app.screening.rules.jurisdictions import Employment, Ruling, StopsForPerson, decide
from app.screening.rules.places import Place

BOOK = rulebook()
CASE_DAY = date(2026, 12, 1)

LOS_ANGELES = Place("US", "CA", "Los Angeles", "Los Angeles", unincorporated=False)
EAST_LA = Place("US", "CA", "Los Angeles", "", unincorporated=True)
FRESNO = Place("US", "CA", "Fresno", "Fresno", unincorporated=False)
SAN_FRANCISCO = Place("US", "CA", "San Francisco", "San Francisco", unincorporated=False)
NEW_YORK = Place("US", "NY", "New York", "New York")
BUFFALO = Place("US", "NY", "Erie", "Buffalo")
PHILADELPHIA = Place("US", "PA", "Philadelphia", "Philadelphia")
PITTSBURGH = Place("US", "PA", "Allegheny", "Pittsburgh")
SPOKANE = Place("US", "WA", "Spokane", "Spokane")
PEORIA = Place("US", "IL", "Peoria", "Peoria")
BOSTON = Place("US", "MA", "Suffolk", "Boston")
NEWARK = Place("US", "NJ", "Essex", "Newark")
WASHINGTON = Place("US", "DC", "", "Washington")
HONOLULU = Place("US", "HI", "Honolulu", "Honolulu")
HOUSTON = Place("US", "TX", "Harris", "Houston")
RENO = Place("US", "NV", "Washoe", "Reno")
LYON = Place("FR", "", "", "Lyon")

LARGE = Employment(staff=500)


def ruling(work: Place, residence: Place | None = None, on: date = CASE_DAY, employment: Employment = LARGE) -> Ruling:
    """What binds a case; the data files are unreviewed, so it is the provisional one."""
    found = decide(BOOK, on, work=work, residence=residence or work, employment=employment)
    return found.provisional if isinstance(found, StopsForPerson) else found


def only(key: str) -> Ruling:
    """The ruling of a single row, to count by it alone."""
    return Ruling(tuple(row for row in BOOK.rows if row.key == key))


def keys(found: Ruling) -> list[str]:
    return [row.key for row in found.rows]
