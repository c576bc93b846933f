"""Carriers to begin with: what is known of their files, and what they have to tell. Each is a file of data under `presets/`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from app.integrations.contracts import Preset

_FOLDER = Path(__file__).parent / "presets"


@cache
def presets() -> Mapping[str, Preset]:
    """Slug → preset, by name. The identifiers are still missing in each: only the carrier can give them.

    Raises whatever a broken file raises: they are part of the program, and a test loads them all.
    """
    known = sorted((_preset(path) for path in _FOLDER.glob("*.json")), key=lambda one: one.name)
    return MappingProxyType({one.slug: one for one in known})


def _preset(path: Path) -> Preset:
    facts = json.loads(path.read_text(encoding="utf-8"))
    columns = "\n".join(f"{title} = {fact}" for title, fact in facts["profile"]["columns"].items())
    settings = {"profile": facts["profile"] | {"columns": columns}}
    return Preset(path.stem, facts["name"], tuple(facts["verified"]), tuple(facts["open"]), settings)
