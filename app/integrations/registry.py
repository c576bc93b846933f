"""Finds the adapters: every folder under `adapters/` is one, and an incomplete one stops the start."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from types import MappingProxyType

from app.integrations.contracts import Manifest

_FOLDER = Path(__file__).parent / "adapters"
_PACKAGE = "app.integrations.adapters"


class IncompleteAdapter(Exception):
    """An adapter folder lacks something; the text names the folder and what to add."""


@cache
def adapters() -> Mapping[str, Manifest]:
    """Slug → manifest, by name of folder. Raises `IncompleteAdapter`."""
    return MappingProxyType(load_adapters(_FOLDER, _PACKAGE))


def adapter(slug: str) -> Manifest:
    """The manifest of one adapter. Raises `KeyError`."""
    return adapters()[slug]


def load_adapters(folder: Path, package: str) -> dict[str, Manifest]:
    """All manifests below `folder`, whose Python name is `package`."""
    found = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(("_", ".")))
    return {path.name: _load(path, f"{package}.{path.name}") for path in found}


def _load(path: Path, name: str) -> Manifest:
    for needed in ("__init__.py", "manifest.py", "README.md", "samples"):
        if not (path / needed).exists():
            raise IncompleteAdapter(f"adapters/{path.name} lacks {needed}")
    manifest = getattr(import_module(f"{name}.manifest"), "MANIFEST", None)
    if not isinstance(manifest, Manifest):
        raise IncompleteAdapter(f"adapters/{path.name}/manifest.py has no MANIFEST")
    for fault in _faults(manifest, path.name):
        raise IncompleteAdapter(f"adapters/{path.name}/manifest.py: {fault}")
    return manifest


def _faults(manifest: Manifest, folder: str) -> list[str]:
    untitled = [name for name, field in manifest.config.model_fields.items() if not field.title]
    checks = (
        (manifest.slug != folder, "slug must be the name of the folder"),
        (not re.fullmatch(r"[a-z][a-z0-9_]{1,40}", manifest.slug), "slug must be a Python package name"),
        (not manifest.name or not manifest.owner, "name and owner must be filled in"),
        (not manifest.manual and not manifest.docs.startswith("https://"), "docs must be an https address"),
        (not manifest.capabilities, "it can do nothing: give it a feed, files or manual=True"),
        (bool(untitled), f"settings without a title: {', '.join(untitled)}"),
    )
    return [fault for failed, fault in checks if failed]
