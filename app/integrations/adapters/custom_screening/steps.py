"""What an administrator may have done to a value, and ask of it: a few words each, read from settings. No code, no expressions."""

from __future__ import annotations

import re
from collections.abc import Callable

Change = Callable[[str], str]
Demand = Callable[[str], str]
"""Plain words for what is wrong, empty when it is fine. They never repeat the value."""


def listed(text: str) -> list[str]:
    """`a | b` → a, b."""
    return [part for part in (part.strip() for part in text.split("|")) if part]


def change_of(text: str) -> Change:
    """`digits | first 9` → one function. Raises `ValueError` for a word it does not know."""
    steps = [_step(part) for part in listed(text)]

    def changed(value: str) -> str:
        for step in steps:
            value = step(value)
        return value

    return changed


def _step(text: str) -> Change:
    word, _, rest = text.partition(" ")
    rest = rest.strip()
    if word == "upper" and not rest:
        return str.upper
    if word == "lower" and not rest:
        return str.lower
    if word == "digits" and not rest:
        return lambda value: re.sub(r"[^0-9]", "", value)
    if word == "first" and rest.isdecimal():
        return lambda value: value[: int(rest)]
    if word == "last" and rest.isdecimal() and int(rest):
        return lambda value: value[-int(rest) :]
    if word == "default" and rest:
        return lambda value: value or rest
    if word == "without" and rest:
        return lambda value: value.replace(rest, "")
    raise ValueError("known changes: upper, lower, digits, first 20, last 4, default US, without -")


def demand_of(text: str) -> Demand:
    """`required | length 5-12` → the first thing that is wrong. An empty value is only wrong where it is required.

    Raises `ValueError` for a word it does not know.
    """
    demands = [_demand(part) for part in listed(text)]

    def wrong(value: str) -> str:
        return next((words for words in (demand(value) for demand in demands) if words), "")

    return wrong


def _demand(text: str) -> Demand:
    word, _, rest = text.partition(" ")
    if word == "required" and not rest:
        return lambda value: "" if value else "is empty"
    if word == "digits" and not rest:
        return _unless(r"[0-9]*", "may hold digits only")
    if word == "email" and not rest:
        return _unless(r"[^@\s]+@[^@\s]+\.[^@\s]+|", "is no e-mail address")
    if word == "length" and (ends := re.fullmatch(r"(\d{1,4})-(\d{1,4})", rest.strip())):
        least, most = int(ends[1]), int(ends[2])
        return lambda value: (
            "" if not value or least <= len(value) <= most else f"must have {least} to {most} characters"
        )
    if word == "one" and rest.startswith("of ") and rest[3:].split():
        allowed = rest[3:].split()
        return lambda value: "" if not value or value in allowed else "is none of the allowed words"
    raise ValueError("known rules: required, digits, email, length 1-20, one of A B C")


def _unless(pattern: str, words: str) -> Demand:
    good = re.compile(pattern, re.ASCII)
    return lambda value: "" if good.fullmatch(value) else words
