"""Remote paths, checked once for every transport."""

from __future__ import annotations

import posixpath

from app.integrations.failures import Rejected

UNFINISHED = ".tmp"


def safe_path(path: str) -> str:
    """The path without leading or doubled "/". Raises `Rejected` for one that leaves the account's root."""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if ".." in parts or any(character in path for character in "\x00\r\n\\"):
        raise Rejected("path-unsafe", "A remote path may not climb out of its folder.")
    return posixpath.join(*parts) if parts else "."


def safe_file(path: str) -> str:
    """A path to a finished file. Raises `Rejected` for an empty name or one that marks an unfinished upload."""
    checked = safe_path(path)
    if checked == "." or path.endswith("/") or checked.endswith(UNFINISHED):
        raise Rejected("path-unsafe", "This is not the name of a finished file.")
    return checked
