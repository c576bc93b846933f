"""Reaching into a record by a dotted path. An XML element and a JSON object are the same tree: names, lists and texts."""

from __future__ import annotations

from typing import Any

Tree = dict[str, Any]
TEXT = "#text"


def as_text(value: Any) -> str:
    """As a file of texts says it: true and false in words, nothing for None."""
    return ("true" if value else "false") if isinstance(value, bool) else "" if value is None else str(value)


def find(tree: Any, path: str) -> str:
    """The text at a path, without spaces around it; empty when nothing stands there. A list of one counts as its one."""
    found = _plain(_at(tree, path))
    if isinstance(found, bool):
        return "true" if found else "false"
    return found.strip() if isinstance(found, str) else ""


def find_all(tree: Any, path: str) -> list[Any] | None:
    """The list at a path; one element counts as a list of it, nothing as an empty one. None when a text stands there."""
    found = _at(tree, path)
    if found is None or found == "":
        return []
    if isinstance(found, dict):
        return [found]
    return found if isinstance(found, list) else None


def put(tree: Tree, path: str, value: Any) -> None:
    """Set what stands at a path; a number is a place in a list.

    Raises:
        ValueError: something else stands in the way, or a list would have a gap.
    """
    name, _, rest = path.partition(".")
    if not rest:
        if name in tree:
            raise ValueError(f"{name} is filled twice")
        tree[name] = value
        return
    first, _, _ = rest.partition(".")
    if not first.isdecimal():
        below = tree.setdefault(name, {})
        if not isinstance(below, dict):
            raise ValueError(f"{name} cannot be a text and an object")
        put(below, rest, value)
        return
    items = tree.setdefault(name, [])
    if not isinstance(items, list) or not 0 <= int(first) <= len(items):
        raise ValueError(f"{name} is no list, or misses an item before {first}")
    _put_item(items, int(first), rest.partition(".")[2], value)


def _put_item(items: list[Any], place: int, rest: str, value: Any) -> None:
    if place == len(items):
        items.append({} if rest else value)
    elif not rest:
        raise ValueError(f"item {place} is filled twice")
    if rest:
        if not isinstance(items[place], dict):
            raise ValueError(f"item {place} cannot be a text and an object")
        put(items[place], rest, value)


def _at(tree: Any, path: str) -> Any:
    if isinstance(tree, dict) and path in tree:  # the title of a column may hold dots
        return tree[path]
    for part in path.split("."):
        if isinstance(tree, list) and part.isdecimal():
            tree = tree[int(part)] if int(part) < len(tree) else None
            continue
        if isinstance(tree, list):
            tree = tree[0] if len(tree) == 1 else None
        if part == "0" and tree is not None and not (isinstance(tree, dict) and part in tree):
            continue  # an XML element that stands alone is the first of its kind
        tree = tree.get(part) if isinstance(tree, dict) else None
    return tree


def _plain(found: Any) -> Any:
    if isinstance(found, list) and len(found) == 1:
        found = found[0]
    return found.get(TEXT) if isinstance(found, dict) else found
