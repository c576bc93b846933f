"""From an order to the row a provider gets, by the settings of one connection."""

from __future__ import annotations

import json
import math
from typing import Any

from app.integrations.adapters.custom_screening.mapping import OrderSettings
from app.integrations.adapters.custom_screening.steps import change_of, demand_of
from app.integrations.failures import Rejected
from app.integrations.formats.records import Format
from app.integrations.screening import Order

_TREES = frozenset({Format.JSON, Format.JSON_LINES, Format.XML})


def row_of(order: Order, settings: OrderSettings) -> dict[str, Any]:
    """Their path → value. In JSON and XML what is empty is left out; a row of columns has every column.

    Raises:
        Rejected: candidate-missing, one-location-only, rule-broken (it names the field, not the value).
    """
    values = _values(order)
    row: dict[str, Any] = {}
    for name, path in settings.fields.items():
        value = values[name]
        if isinstance(value, str):
            value = change_of(settings.changes.get(name, ""))(value)
            if reason := demand_of(settings.rules.get(name, ""))(value):
                raise Rejected("rule-broken", f"This provider needs a different {name.replace('_', ' ')}: it {reason}.")
        if value != "" or settings.format not in _TREES:
            row[path] = value
    return row | {path: _constant(text, settings.format) for path, text in settings.constants.items()}


def _values(order: Order) -> dict[str, str | bool]:
    person = order.candidate
    if person is None:
        raise Rejected("candidate-missing", "The order does not say whom to screen.")
    if len(order.locations) > 1:
        raise Rejected("one-location-only", "This provider takes one work location with an order. Order one at a time.")
    place = order.locations[0] if order.locations else None
    return {
        "reference": person.reference, "package": order.package, "first_name": person.first_name,
        "middle_name": person.middle_name, "last_name": person.last_name, "email": person.email, "phone": person.phone,
        "zip_code": person.zip_code, "node": order.node, "copy_requested": person.copy_requested,
        "country": place.country if place else "", "state": place.state if place else "", "city": place.city if place else "",
        "county": place.county if place else "",
    }  # fmt: skip


def _constant(text: str, kind: Format) -> Any:
    """In JSON true, false, null and numbers are themselves, and quotes make a text of what looks like one."""
    if kind not in (Format.JSON, Format.JSON_LINES):
        return text
    try:
        value = json.loads(text)
    except ValueError:
        return text
    is_odd = isinstance(value, dict | list) or (isinstance(value, float) and not math.isfinite(value))
    return text if is_odd else value
