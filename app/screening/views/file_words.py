"""Files in words."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from app.connections.models import InboxState
from app.screening.forms.text import _
from app.screening.rules.states import OrderFileState

Tag = tuple[Any, str]

ORDER_STATES: dict[str, Tag] = {
    OrderFileState.READY: (_l("Waits to leave"), "info"),
    OrderFileState.DELIVERED: (_l("At the provider"), "good"),
    OrderFileState.WITHDRAWN: (_l("Withdrawn"), "neutral"),
    OrderFileState.UNKNOWN: (_l("Nobody knows"), "bad"),
}
RESULT_STATES: dict[str, Tag] = {
    InboxState.RECEIVED: (_l("Being read"), "info"),
    InboxState.APPLIED: (_l("Read"), "good"),
    InboxState.REFUSED: (_l("Look at it"), "bad"),
    InboxState.UNMAPPED: (_l("Settings are missing"), "warn"),
}
COUNTS = {
    "rows": _l("Rows"),
    "requests": _l("Checks it tells something new of"),
    "new": _l("New"),
    "known": _l("Known already"),
    "left_out": _l("Rows left out"),
    "unmapped": _l("Codes that stand in no table"),
}
FAILURES = {
    "file-too-large": _l("A file in the provider's folder is too large."),
    "not-found": _l("A folder of the settings is not there."),
    "name-taken": _l("Another file lies under the name of an order file."),
    "forbidden": _l("The server does not let us write into a folder or move a file away."),
}
BY_CODE = {
    "rule-broken": _l("It breaks a rule of the settings."),
    "other-version": _l("The row is in another version of the layout."),
    "too-many-rows": _l("The file has too many rows."),
    "total-wrong": _l("The control total does not fit the number of rows."),
    "file-too-large": _l("The file is too large."),
}
"""What the adapter says with a number or a word in it, said without."""


def failure(code: str) -> str:
    """Why the server could not be used, of a connection that last failed so."""
    return str(FAILURES.get(code, _("The provider's server: %(code)s", code=code))) if code else ""


def counts(numbers: dict[str, Any]) -> list[dict[str, str]]:
    """For the summary list."""
    return [{"label": str(title), "value": str(numbers[name])} for name, title in COUNTS.items() if name in numbers]


def reason(text: str) -> str:
    """Words of the adapter or of a service in the language of the request."""
    return _(text) if text else ""


def problem(one: dict[str, Any]) -> dict[str, Any]:
    """A row that was left out. Nothing of what stands in it."""
    known = BY_CODE.get(one["code"])
    return {"row": one["row"], "place": one["place"] or "—", "reason": str(known) if known else reason(one["reason"])}
