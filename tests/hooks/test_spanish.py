"""Every text of these pages, and every refusal of the services behind them, has a Spanish twin."""

from __future__ import annotations

import re

from babel.messages.pofile import read_po

from app.notices.defaults import DEFAULTS
from tests.accounts.test_spanish import ROOT, texts

REFUSAL = re.compile(r'(?:Invalid\(|Conflict\(|errors\["\w+"\] = )(?:\{"\w+": )?"([^"]+)"')


def refusals() -> set[str]:
    sources = (ROOT / "app/hooks/services").glob("*.py")
    return {text for path in sources for text in REFUSAL.findall(path.read_text())}


def test_every_text_is_translated() -> None:
    translated: set[str] = set()
    for path in (ROOT / "app/web/translations").glob("es*.po"):
        with path.open("rb") as file:
            translated |= {m.id if isinstance(m.id, str) else m.id[0] for m in read_po(file) if m.string}
    wanted = texts("app/hooks", "python") | texts("templates/hooks", "jinja2")
    assert len(wanted) > 80
    assert len(refusals()) >= 8
    assert (wanted | refusals()) - translated == set()


def test_the_notice_is_there_in_both_languages() -> None:
    assert set(DEFAULTS["hooks.endpoint.stopped"]) == {"en", "es"}
