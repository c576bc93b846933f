"""Where somebody works or lives, and whether a rule's place contains it."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

from app.screening.rules.words import Level


class Place(NamedTuple):
    """A work location or a residence. An empty text, and None, mean: not known.

    Attributes:
        country: ISO 3166 alpha-2.
        state: two letters; DC counts as a state.
        unincorporated: outside of every city. A postal city does not tell: addresses outside of a city use its name.
    """

    country: str
    state: str = ""
    county: str = ""
    city: str = ""
    unincorporated: bool | None = None

    def __str__(self) -> str:
        county = f"{self.county} County" if self.county and not self.city else ""
        return ", ".join(part for part in (self.city, county, self.state, self.country) if part)


@dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid"))
class Pattern:
    """The place of a rule: a country, a state of it, or any of these cities or counties of the state."""

    country: str
    state: str = ""
    counties: tuple[str, ...] = ()
    cities: tuple[str, ...] = ()
    unincorporated: bool = False

    def __post_init__(self) -> None:
        if (self.counties or self.cities) and not self.state:
            raise ValueError("a county or a city needs its state")
        if self.unincorporated and not self.counties:
            raise ValueError("only a county has unincorporated areas")

    @property
    def level(self) -> Level:
        if self.cities:
            return Level.CITY
        if self.counties:
            return Level.COUNTY
        return Level.STATE if self.state else Level.FEDERAL

    def contains(self, place: Place) -> bool | None:
        """Whether the place lies in here; None when what is known of the place does not tell."""
        if place.country != self.country or (self.state and place.state and place.state != self.state):
            return False
        if not self.state:
            return True
        if not place.state:
            return None
        answers = [
            *_within(self.counties, _county(place.county)),
            *((False,) if self.cities and place.unincorporated else _within(self.cities, _plain(place.city))),
        ]
        found = _any(answers) if answers else True
        return _both(found, place.unincorporated) if self.unincorporated else found


def _within(names: tuple[str, ...], name: str) -> tuple[bool | None, ...]:
    """Empty when there is nothing to be in."""
    if not names:
        return ()
    return (name in {_county(known) for known in names} if name else None,)


def _any(answers: list[bool | None]) -> bool | None:
    if True in answers:
        return True
    return None if None in answers else False


def _both(first: bool | None, second: bool | None) -> bool | None:
    if False in (first, second):
        return False
    return None if None in (first, second) else True


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def _county(name: str) -> str:
    return _plain(name).removesuffix(" county")
