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
    """Slug → preset, by slug. Raises whatever a broken file raises: they are part of the program, and a test loads them all."""
    return MappingProxyType({path.stem: _preset(path.stem) for path in sorted(_FOLDER.glob("*.json"))})


def _preset(slug: str) -> Preset:
    facts = json.loads((_FOLDER / f"{slug}.json").read_text(encoding="utf-8"))
    settings = facts["settings"]
    if facts.get("like"):  # the other one's settings, part by part
        settings = dict(_preset(facts["like"]).settings) | settings
    return Preset(slug, facts["name"], tuple(facts["verified"]), tuple(facts["open"]), settings | {"provider": slug})
