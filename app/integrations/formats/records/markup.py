"""XML in and out. In: no entities, no document type, no endless depth. Out: elements and attributes from paths."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from html import escape
from typing import Any

from defusedxml import DefusedXmlException, ElementTree

from app.integrations.failures import Refused, Rejected
from app.integrations.formats.records.paths import TEXT, Tree, as_text

_DEEPEST = 40
_NAME = re.compile(r"[A-Za-z_][\w-]*", re.ASCII)
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read_xml(data: bytes, records: str, total: str) -> tuple[list[Tree | str], str | None]:
    """Every element at `records` (with the root: `Orders.Order`), and the text at `total`. Namespaces are left out.

    Raises `Refused`: xml-forbidden, xml-unreadable, xml-too-deep.
    """
    try:
        return _walk(ElementTree.iterparse(io.BytesIO(data), events=("start", "end"), forbid_dtd=True), records, total)
    except DefusedXmlException:
        raise Refused("xml-forbidden", "The XML file declares entities or a document type; that is not read.") from None
    except (ElementTree.ParseError, LookupError, ValueError) as error:
        line = getattr(error, "position", (0, 0))[0]
    raise Refused("xml-unreadable", f"The XML file cannot be read; look at line {line}.")


def _walk(events: Iterator[tuple[str, Any]], records: str, total: str) -> tuple[list[Tree | str], str | None]:
    found: list[Tree | str] = []
    told, path = None, []
    for event, element in events:
        if event == "start":
            path.append(_local(element.tag))
            if len(path) > _DEEPEST:
                raise Refused("xml-too-deep", "The XML file nests elements more than 40 deep; that is not read.")
            continue
        here = ".".join(path)
        if total and here == total:
            told = (element.text or "").strip()
        elif total and total.startswith(f"{here}.@"):
            told = _attributes(element).get(total.removeprefix(f"{here}."))
        if here == records:
            found.append(_tree(element))
        if not here.startswith(f"{records}."):
            element.clear()
        path.pop()
    return found, told


def _tree(element: Any) -> Tree | str:
    """An element without attributes and children is its text."""
    text = (element.text or "").strip()
    tree: Tree = dict(_attributes(element))
    for child in element:
        name, value = _local(child.tag), _tree(child)
        if name not in tree:
            tree[name] = value
        elif isinstance(tree[name], list):
            tree[name].append(value)
        else:
            tree[name] = [tree[name], value]
    if not tree:
        return text
    return tree | {TEXT: text} if text else tree


def _attributes(element: Any) -> dict[str, str]:
    return {f"@{_local(name)}": text for name, text in element.attrib.items()}


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def write_xml(root: str, tree: Tree) -> str:
    """A document. Raises `Rejected`: xml-name (from the settings), xml-character (in a value)."""
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + "".join(_element(root, tree)) + "\n"


def _element(name: str, value: Any) -> Iterator[str]:
    if not _NAME.fullmatch(name):
        raise Rejected("xml-name", "A path in the settings holds what cannot be the name of an XML element.")
    if isinstance(value, list):
        for one in value:
            yield from _element(name, one)
        return
    if not isinstance(value, dict):
        yield f"<{name}>{_escaped(value)}</{name}>"
        return
    below = {key: one for key, one in value.items() if not key.startswith("@") and key != TEXT}
    attributes = [(key[1:], one) for key, one in value.items() if key.startswith("@")]
    if not all(_NAME.fullmatch(key) for key, _ in attributes):
        raise Rejected("xml-name", "A path in the settings holds what cannot be the name of an XML attribute.")
    yield f"<{name}" + "".join(f' {key}="{_escaped(one)}"' for key, one in attributes) + ">"
    yield _escaped(value.get(TEXT, ""))
    for key, one in below.items():
        yield from _element(key, one)
    yield f"</{name}>"


def _escaped(value: Any) -> str:
    text = as_text(value)
    if _NOT_XML.search(text):
        raise Rejected("xml-character", "A value holds a control character, which XML cannot carry.")
    return escape(text).replace("\r", "&#13;").replace("\n", "&#10;").replace("\t", "&#9;")
