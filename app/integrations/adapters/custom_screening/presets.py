"""Where to begin with a provider: settings to copy into a connection. Each is a file of data under `presets/`."""

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
    """Slug → preset, those of one provider first, by name. Raises whatever a broken file raises: they are part of the program, and a test loads them all."""
    known = sorted((_preset(path.stem) for path in _FOLDER.glob("*.json")), key=lambda one: (one.general, one.name))
    return MappingProxyType({one.slug: one for one in known})


def _preset(slug: str) -> Preset:
    facts = json.loads((_FOLDER / f"{slug}.json").read_text(encoding="utf-8"))
    settings = facts["settings"]
    if facts.get("like"):  # the other one's settings, part by part
        settings = dict(_preset(facts["like"]).settings) | settings
    known, still_open = tuple(facts["verified"]), tuple(facts["open"])
    return Preset(slug, facts["name"], known, still_open, settings | {"provider": slug}, facts.get("general", False))
