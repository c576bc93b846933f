"""Columns in their order, as a person writes them: one a line, their title = our fact. A text, because the database forgets the order
of an object."""

from __future__ import annotations

from collections.abc import Collection


def columns_of(text: str) -> dict[str, str]:
    """Their title → our fact, in order. Raises `ValueError`: a line without both, or a title twice."""
    found: dict[str, str] = {}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        title, _sign, fact = (part.strip() for part in line.partition("="))
        if not title or not fact:
            raise ValueError("write each column on a line of its own: their title = our fact")
        if title in found:
            raise ValueError(f"the column {title} is there twice")
        found[title] = fact
    return found


def checked_columns(text: str, facts: Collection[str]) -> str:
    """The same text. Raises `ValueError` also for a fact that is none of these."""
    if unknown := sorted(set(columns_of(text).values()) - set(facts)):
        raise ValueError(f"Corridor does not tell {', '.join(unknown)} here; it has {', '.join(facts)}")
    return text
