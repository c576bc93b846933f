"""Every text of the accounts pages has a Spanish twin."""

from __future__ import annotations

from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from app.accounts.services.own import WEAKNESS

ROOT = Path(__file__).resolve().parents[2]
KEYWORDS = {"_": None, "_l": None, "gettext": None, "ngettext": (1, 2)}


def texts(folder: str, method: str) -> set[str]:
    found = extract_from_dir(
        str(ROOT / folder), method_map=[("**", method)], keywords=KEYWORDS,
        options_map={"**": {"extensions": "jinja2.ext.i18n,jinja2.ext.do"}} if method == "jinja2" else None,
    )  # fmt: skip
    return {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}


def test_every_text_is_translated() -> None:
    translated: set[str] = set()
    for path in (ROOT / "app/web/translations").glob("es*.po"):
        with path.open("rb") as file:
            translated |= {m.id if isinstance(m.id, str) else m.id[0] for m in read_po(file) if m.string}
    wanted = texts("app/accounts", "python") | texts("templates/accounts", "jinja2") | set(WEAKNESS.values())
    assert len(wanted) > 250
    assert wanted - translated == set()
