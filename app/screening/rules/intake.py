"""What may be typed about a candidate and a job. Names and birth dates follow the strictest provider (reference/screening.md §2.1)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

NAME = re.compile(r"[a-zA-Z0-9ªµºÀ-ÖØ-öø-ÿ\-'., ]{1,100}")
LEAST_AGE = 18
MOST_AT_ONCE = 25
"""Candidates in one bulk order."""

STATES = frozenset(
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD"
    " TN TX UT VT VA WA WV WI WY PR GU VI".split()
)


def name_problem(text: str, *, required: bool = True) -> str:
    if not text.strip():
        return "Enter the name" if required else ""
    if not NAME.fullmatch(text.strip()):
        return "Use letters, spaces, hyphens, apostrophes, commas and periods only"
    return ""


def birth_problem(born_on: date | None, today: date) -> str:
    if born_on is None:
        return ""
    if born_on > today or today.year - born_on.year > 110:
        return "Check the year of the birth date"
    if age_on(born_on, today) < LEAST_AGE:
        return "The candidate must be 18 or older for this check"
    return ""


def age_on(born_on: date, day: date) -> int:
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def phone_problem(text: str) -> str:
    digits = re.sub(r"\D", "", text)
    if text.strip() and not (10 <= len(digits) <= 15):
        return "Enter a phone number with area code, for example 212 555 0147"
    return ""


def place_problems(country: str, state: str, city: str, *, prefix: str) -> Mapping[str, str]:
    """The city chooses local rules, so a place in the United States needs both."""
    if country != "US":
        return {}
    found = {}
    if state not in STATES:
        found[f"{prefix}state"] = "Choose the state"
    if not city.strip():
        found[f"{prefix}city"] = "Enter the city: local rules depend on it"
    return found
