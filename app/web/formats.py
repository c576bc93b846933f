"""How numbers, money, dates and secrets look on a page; each is a Jinja filter of the same name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import dates, numbers
from flask import Flask, g
from flask_babel import get_locale, gettext, ngettext
from markupsafe import Markup

from app.core import clock

CAP = 1_000
"""Counts are capped at 1,001 by their queries; anything above CAP is shown as "1,000+"."""

EM_DASH = "—"


def _locale() -> str:
    """The regional form of the request's language: both write numbers and money the way the United States does."""
    locale = get_locale()
    return "es_US" if locale is not None and locale.language == "es" else "en_US"


@lru_cache(maxsize=4096)
def _format_date(value: date, style: str, locale: str) -> str:
    """Dates repeat within a list and between requests; formatting one costs more than the rest of its row."""
    return str(dates.format_date(value, style, locale=locale))


def money(value: Decimal | int | None) -> str:
    """Dollars and cents, `$1,234.50`; an em dash for nothing. Takes no floats: money is Decimal."""
    if value is None:
        return EM_DASH
    if isinstance(value, float):
        raise TypeError("money is Decimal, never float")
    amount = Decimal(value)
    text = f"{abs(amount):,.2f}"
    return f"{'-' if amount < 0 else ''}${text}"


def number(value: Decimal | int | float | None) -> str:
    """A count with its thousands separated."""
    return EM_DASH if value is None else f"{value:,}"


def count_capped(value: int) -> str:
    """A count of a capped query: `987`, or `1,000+`."""
    return f"{number(CAP)}+" if value > CAP else number(value)


def percent(value: Decimal | float | None, places: int = 0) -> str:
    """A share of one: 0.42 is `42%`."""
    if value is None:
        return EM_DASH
    pattern = "#,##0" + ("." + "0" * places if places else "") + "%"
    return str(numbers.format_percent(value, format=pattern, locale=_locale()))


def _day(value: date) -> date:
    return value.astimezone(ZoneInfo(zone())).date() if isinstance(value, datetime) else value


def long_date(value: date | None) -> str:
    """`November 22, 2026`, or in Spanish `22 de noviembre de 2026`. Of an instant: its day in the company's time zone."""
    return EM_DASH if value is None else _format_date(_day(value), "long", _locale())


def short_date(value: date | None) -> str:
    """`Nov 22, 2026`: for tables."""
    return EM_DASH if value is None else _format_date(_day(value), "medium", _locale())


def zone() -> str:
    """IANA name of the time zone this person reads: their company's; UTC before sign-in and outside of a request."""
    identity = g.get("identity") if g else None
    return getattr(identity, "time_zone", "") or "UTC"


@lru_cache(maxsize=4096)
def _clock_parts(minute: datetime, zone: str, locale: str) -> tuple[str, str]:
    """(`Nov 22, 2026`, `3:05 PM EST`) of an aware time."""
    there = minute.astimezone(ZoneInfo(zone))
    hour = str(dates.format_time(there.time(), "short", locale=locale)).replace("\u202f", " ")
    return _format_date(there.date(), "medium", locale), f"{hour} {there.tzname()}"


def _parts(value: datetime, zone: str) -> tuple[str, str]:
    return _clock_parts(value.astimezone(UTC).replace(second=0, microsecond=0), zone, _locale())


def moment(value: datetime | None) -> str:
    """`Nov 22, 2026, 3:05 PM EST`: an instant in the company's time zone, always with its zone."""
    return EM_DASH if value is None else ", ".join(_parts(value, zone()))


def moment_utc(value: datetime | None) -> str:
    """`Nov 22, 2026, 8:05 PM UTC`: for the audit trail, which is compared with the logs of other systems."""
    return EM_DASH if value is None else ", ".join(_parts(value, "UTC"))


def moment_cell(value: datetime | None) -> str | Markup:
    """An instant in a table: it breaks only between day and hour."""
    if value is None:
        return EM_DASH
    day, hour = _parts(value, zone())
    return Markup('<time class="at" datetime="{}"><span>{},</span> <span>{}</span></time>').format(
        value.isoformat(timespec="minutes"), day, hour
    )


def days_left(value: date) -> str:
    """How far a deadline is, in words: `9 days left`, `Last day is today`, `Closed 2 days ago`."""
    days = (value - clock.today()) // timedelta(days=1)
    if days == 0:
        return str(gettext("Last day is today"))
    if days < 0:
        return str(ngettext("Closed %(num)d day ago", "Closed %(num)d days ago", -days))
    return str(ngettext("%(num)d day left", "%(num)d days left", days))


def ssn_masked(value: str | None) -> str:
    """`•••-••-6789`: the last four of a Social Security number, never more."""
    digits = "".join(character for character in value or "" if character.isdigit())
    return f"•••-••-{digits[-4:]}" if len(digits) >= 4 else EM_DASH


def phone(value: str | None) -> str:
    """`(512) 555-0192`; a number that is not a North American one stays as it is."""
    digits = "".join(character for character in value or "" if character.isdigit())
    local = digits[1:] if len(digits) == 11 and digits[0] == "1" else digits
    return f"({local[:3]}) {local[3:6]}-{local[6:]}" if len(local) == 10 else value or ""


def text(value: Any) -> Any:
    """Any value, or an em dash for nothing."""
    return EM_DASH if value is None or value == "" else value


KINDS: dict[str, Callable[[Any], Any]] = {
    "text": text,
    "money": money,
    "number": number,
    "percent": percent,
    "date": short_date,
    "at": moment_cell,
    "at_utc": moment_utc,
}
"""How a column of each kind shows its values (see the data_table macro)."""


def cell(value: Any, kind: str = "text") -> Any:
    """A value by the kind of its column."""
    return KINDS[kind](value)


def init_app(app: Flask) -> None:
    """Register the filters."""
    for function in (
        money, number, count_capped, percent, long_date, short_date, moment, moment_utc, days_left, ssn_masked, phone, cell,
    ):  # fmt: skip
        app.jinja_env.filters[function.__name__] = function
