"""How good an adapter is: rules in three levels, and what each adapter says of them in its `quality.toml`.

A rule is done, or does not apply and says why. A level is reached when all its rules and those below are one or the other; the file
names the level, and a test holds it against the rules and, where a machine can, against the adapter itself.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

FILE = "quality.toml"


class Level(StrEnum):
    """Each holds the ones before it."""

    NONE = "none"
    BRONZE = "bronze"
    SILVER = "silver"
    GOLD = "gold"


@dataclass(frozen=True, slots=True)
class Rule:
    """words: what is true of an adapter that keeps it. machine: a test checks it; else who writes it answers for it."""

    key: str
    level: Level
    words: str
    machine: bool = True


RULES = (
    Rule("complete", Level.BRONZE, "The manifest lacks nothing that the start asks for."),
    Rule("verified", Level.BRONZE, "Its README says what is verified and what is not."),
    Rule("samples", Level.BRONZE, "Samples in the provider's shape lie beside it."),
    Rule("tests", Level.BRONZE, "It has tests of its own."),
    Rule("checkable", Level.BRONZE, "A connection can be tested before it is used."),
    Rule("stand-in", Level.SILVER, "A stand-in of the provider is asked over real sockets."),
    Rule("refusals", Level.SILVER, "Tests meet refused credentials, a limit and a broken server."),
    Rule("scopes", Level.SILVER, "Each scope it asks a person for is said in plain words."),
    Rule(
        "signed",
        Level.SILVER,
        "What the provider sends is believed only by a signature; the missing one is refused in a test.",
    ),
    Rule("deletes", Level.SILVER, "For everything kept in step it is known how somebody who is gone is told."),
    Rule("once", Level.SILVER, "Doing something twice does it once: no operation is left to a person's guess."),
    Rule(
        "least-data",
        Level.SILVER,
        "It reads and sends no fact about a person that its domain does not use.",
        machine=False,
    ),
    Rule("incremental", Level.GOLD, "Changes alone can be read."),
    Rule("refereed", Level.GOLD, "The stand-in and our calls are held against the provider's own description."),
    Rule("small", Level.GOLD, "Without its data it has at most 150 lines of code."),
    Rule("spanish", Level.GOLD, "Everything its settings say is there in Spanish."),
    Rule("tried", Level.GOLD, "It was tried against the provider's own sandbox.", machine=False),
)


@dataclass(frozen=True, slots=True)
class Quality:
    """done: rules kept. exempt: rule → why it does not apply. The others are still to be done."""

    level: Level
    done: frozenset[str]
    exempt: Mapping[str, str]

    @property
    def reached(self) -> Level:
        """The highest level with all its rules and those below."""
        found = Level.NONE
        for level in (Level.BRONZE, Level.SILVER, Level.GOLD):
            if not all(rule.key in self.done or rule.key in self.exempt for rule in RULES if rule.level is level):
                return found
            found = level
        return found

    @property
    def lacking(self) -> tuple[Rule, ...]:
        """What is to be done for the next level."""
        todo = [rule for rule in RULES if rule.key not in self.done and rule.key not in self.exempt]
        return tuple(rule for rule in todo if rule.level is todo[0].level) if todo else ()


def read_quality(folder: Path) -> Quality:
    """Of one adapter. Raises `ValueError` for a file that says something else than the rules know."""
    facts = tomllib.loads((folder / FILE).read_text(encoding="utf-8"))
    return quality_of(facts)


def quality_of(facts: Mapping[str, Any]) -> Quality:
    """`level = "silver"`, and below `[rules]` each rule as `"done"` or `{ exempt = "why" }`. Raises `ValueError`."""
    rules = facts.get("rules", {})
    known = {rule.key for rule in RULES}
    if unknown := sorted(set(rules) - known) + sorted(set(facts) - {"level", "rules"}):
        raise ValueError(f"no such rule: {', '.join(unknown)}")
    exempt = {key: said["exempt"] for key, said in rules.items() if isinstance(said, dict) and set(said) == {"exempt"}}
    odd = [key for key, said in rules.items() if said != "done" and not str(exempt.get(key, "")).strip()]
    if odd:
        raise ValueError(f"a rule is done or exempt with a reason: {', '.join(odd)}")
    done = frozenset(key for key, said in rules.items() if said == "done")
    return Quality(Level(facts.get("level", "none")), done, exempt)


def quality_page(folders: Mapping[str, tuple[str, Path]]) -> str:
    """docs/adapters-quality.md. folders: slug → name and folder of each adapter."""
    found = {slug: (name, read_quality(folder)) for slug, (name, folder) in sorted(folders.items())}
    lines = [
        "# How good each adapter is",
        "",
        "Written by `corridor docs` from each adapter's `quality.toml`; the rules are `app/integrations/quality.py`, and a test checks what a machine can.",
        "",
        "| Level | Rule | |",
        "|---|---|---|",
        *(
            f"| {rule.level} | `{rule.key}` | {rule.words}{'' if rule.machine else ' (a person answers for it)'} |"
            for rule in RULES
        ),
        "",
        "| Adapter | Level | Next |",
        "|---|---|---|",
        *(
            f"| {name} (`{slug}`) | {one.reached} | {', '.join(f'`{rule.key}`' for rule in one.lacking)} |"
            for slug, (name, one) in found.items()
        ),
        "",
        "## What does not apply, and why",
        "",
        *(
            f"* {name}, `{key}`: {why}"
            for _slug, (name, one) in found.items()
            for key, why in sorted(one.exempt.items())
        ),
    ]
    return "\n".join(lines) + "\n"
