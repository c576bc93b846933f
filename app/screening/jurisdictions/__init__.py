"""The data files of the law, and the one place that reads them. README.md says how a row is written and reviewed."""

from __future__ import annotations

from functools import cache
from importlib import resources

from app.screening.rules.rulebook import Rulebook, parse


@cache
def rulebook() -> Rulebook:
    """Every row of this folder, read once per process.

    Raises:
        ValueError: a file cannot be used; the app must not start with it.
    """
    folder = resources.files("app.screening.jurisdictions")
    return parse(file.read_text(encoding="utf-8") for file in folder.iterdir() if file.name.endswith(".toml"))
