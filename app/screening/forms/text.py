"""gettext with a return type."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext, ngettext


def _(text: str, **values: Any) -> str:
    """The text in the language of the request."""
    return str(gettext(text, **values))


def plural(one: str, many: str, count: int, **values: Any) -> str:
    return str(ngettext(one, many, count, **values))
