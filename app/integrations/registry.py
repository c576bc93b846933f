"""Finds the adapters: every folder under `adapters/` is one, and an incomplete one stops the start."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from types import MappingProxyType

from app.integrations.completeness import faults
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
    if manifest.api is not None and not any((path / "samples").iterdir()):
        raise IncompleteAdapter(f"adapters/{path.name}/samples is empty")
    for fault in faults(manifest, path.name):
        raise IncompleteAdapter(f"adapters/{path.name}/manifest.py: {fault}")
    return manifest
