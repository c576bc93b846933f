"""Every text of the pages of integrations has a Spanish twin, and what services say there, too."""

from __future__ import annotations

import ast
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[3]
KEYWORDS = {"_": None, "_l": None, "ngettext": (1, 2), "gettext": None}
SAID = ("app/syncing/services", "app/people/services/arriving.py", "app/people/rules/matching.py")


def texts(folder: str, method: str) -> set[str]:
    found = extract_from_dir(
        str(ROOT / folder), method_map=[("**", method)], keywords=KEYWORDS,
        options_map={"**": {"extensions": "jinja2.ext.i18n,jinja2.ext.do"}} if method == "jinja2" else None,
    )  # fmt: skip
    return {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}


def sentences() -> set[str]:
    """What refusals and doubts say: texts handed to `Invalid`, `Match`, `Taken` and their constants."""
    found: set[str] = set()
    for place in SAID:
        path = ROOT / place
        for file in path.rglob("*.py") if path.is_dir() else [path]:
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Invalid", "Match"):
                    found |= {
                        one.value
                        for one in ast.walk(node)
                        if isinstance(one, ast.Constant) and isinstance(one.value, str) and " " in one.value
                    }
    return found


def test_every_text_is_translated() -> None:
    translated: set[str] = set()
    for path in (ROOT / "app/web/translations").glob("es*.po"):
        with path.open("rb") as file:
            translated |= {m.id if isinstance(m.id, str) else m.id[0] for m in read_po(file) if m.string}
    wanted = texts("app/syncing", "python") | texts("templates/syncing", "jinja2") | sentences()
    assert len(wanted) > 300
    assert wanted - translated == set()
