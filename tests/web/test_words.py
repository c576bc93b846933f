"""Formats in both languages, the language of a request, and the Spanish catalog."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask, g
from flask_babel import lazy_gettext

from app.web import formats, i18n

ROOT = Path(__file__).parents[2]


def test_english(tiny_app: Flask) -> None:
    with tiny_app.test_request_context("/"):
        assert formats.money(Decimal("1234.5")) == "$1,234.50"
        assert formats.money(Decimal("-3")) == "-$3.00"
        assert formats.money(None) == "—"
        assert formats.long_date(date(2026, 11, 22)) == "November 22, 2026"
        assert formats.short_date(date(2026, 11, 22)) == "Nov 22, 2026"
        assert formats.moment(datetime(2026, 11, 22, 15, 5, tzinfo=UTC)) == "Nov 22, 2026, 3:05 PM UTC"
        assert formats.percent(Decimal("0.425"), 1) == "42.5%"
        assert formats.percent(0.42) == "42%"
        assert formats.number(1284) == "1,284"
        assert formats.count_capped(1001) == "1,000+"
        assert formats.count_capped(7) == "7"
        assert formats.cell(None) == "—"
        assert formats.cell(Decimal(2), "money") == "$2.00"
        assert {
            f(None) for f in (formats.number, formats.percent, formats.long_date, formats.short_date, formats.moment)
        } == {"—"}


def test_moments_are_in_the_time_zone_of_the_company(tiny_app: Flask) -> None:
    with tiny_app.test_request_context("/"):
        g.identity = type("Identity", (), {"time_zone": "America/Denver", "language": "en"})()
        assert formats.moment(datetime(2026, 11, 22, 5, 5, tzinfo=UTC)) == "Nov 21, 2026, 10:05 PM MST"
        assert formats.moment(datetime(2026, 7, 1, 12, 0, tzinfo=UTC)) == "Jul 1, 2026, 6:00 AM MDT", "summer time"
        assert formats.moment_utc(datetime(2026, 11, 22, 5, 5, tzinfo=UTC)) == "Nov 22, 2026, 5:05 AM UTC"
        assert formats.long_date(datetime(2026, 11, 22, 5, 5, tzinfo=UTC)) == "November 21, 2026"
        cell = formats.cell(datetime(2026, 11, 22, 5, 5, tzinfo=UTC), "at")
        assert cell.striptags() == "Nov 21, 2026, 10:05 PM MST"
        assert formats.cell(None, "at") == "—"


def test_money_is_never_a_float() -> None:
    with pytest.raises(TypeError):
        formats.money(1.5)  # type: ignore[arg-type]


def test_spanish(tiny_app: Flask) -> None:
    with tiny_app.test_request_context("/?lang=es"):
        assert formats.long_date(date(2026, 11, 22)) == "22 de noviembre de 2026"
        assert formats.money(Decimal("1234.5")) == "$1,234.50", "US dollars are written one way"


@pytest.mark.parametrize(
    ("day", "english", "spanish"),
    [
        (date(2026, 12, 1), "9 days left", "Quedan 9 días"),
        (date(2026, 11, 23), "1 day left", "Queda 1 día"),
        (date(2026, 11, 22), "Last day is today", "Hoy es el último día"),
        (date(2026, 11, 21), "Closed 1 day ago", "Cerró hace 1 día"),
        (date(2026, 11, 12), "Closed 10 days ago", "Cerró hace 10 días"),
    ],
)
def test_days_left(tiny_app: Flask, monkeypatch: pytest.MonkeyPatch, day: date, english: str, spanish: str) -> None:
    monkeypatch.setattr("app.core.clock.today", lambda: date(2026, 11, 22))
    for address, words in (("/", english), ("/?lang=es", spanish)):
        with tiny_app.test_request_context(address):
            assert formats.days_left(day) == words


def test_only_the_last_four_of_an_ssn() -> None:
    assert formats.ssn_masked("536-90-4399") == "•••-••-4399"
    assert formats.ssn_masked("") == formats.ssn_masked(None) == "—"


def test_phone_numbers_are_grouped() -> None:
    assert formats.phone("5125550192") == formats.phone("1-512-555-0192") == "(512) 555-0192"
    assert formats.phone("+44 20 7946 0000") == "+44 20 7946 0000"
    assert formats.phone(None) == ""


def test_language_order(tiny_app: Flask) -> None:
    def chosen(address: str = "/", cookie: str = "", accept: str = "", preference: str = "") -> str:
        headers = {"Accept-Language": accept, "Cookie": f"{i18n.cookie_name()}={cookie}" if cookie else ""}
        with tiny_app.test_request_context(address, headers=headers):
            g.identity = type("Identity", (), {"language": preference})() if preference else None
            return i18n.chosen_language()

    assert chosen() == "en"
    assert chosen(accept="es-MX,es;q=0.9") == "es"
    assert chosen(accept="fr") == "en"
    assert chosen(accept="es", preference="en") == "en"
    assert chosen(cookie="es", preference="en") == "es"
    assert chosen("/?lang=en", cookie="es", preference="es") == "en"
    assert chosen("/?lang=xx", cookie="zz") == "en"


def test_the_switch_sticks_and_keeps_the_address() -> None:
    from tests.web import tiny

    client = tiny.make().test_client()
    page = client.get("/dev/list?status=waiting&q=a%26b")
    assert 'href="/dev/list?status=waiting&amp;q=a%26b&amp;lang=es"' in page.text
    spanish = client.get("/dev/step?lang=es")
    assert '<html lang="es">' in spanish.text
    assert "Paso 3 de 6" in spanish.text
    cookie = spanish.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Paso 3 de 6" in client.get("/dev/step").text
    assert "Step 3 of 6" in client.get("/dev/step?lang=en").text


def our_messages() -> set[str]:
    """Every text of the web edge: its Python, its layouts, components and error pages."""
    methods = [("app/web/**.py", "python"), ("templates/components/**.html", "jinja2"), ("templates/layout*.html", "jinja2"),
               ("templates/errors/**.html", "jinja2")]  # fmt: skip
    keywords = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
    found: set[str] = set()
    for folder in ("app/web", "templates"):
        for _file, _line, message, _comments, _context in extract_from_dir(
            ROOT / folder, [(pattern.removeprefix(f"{folder}/"), kind) for pattern, kind in methods if pattern.startswith(folder)],
            keywords=keywords,
        ):  # fmt: skip
            found.add(message[0] if isinstance(message, tuple) else message)
    return found


def test_every_text_of_the_edge_has_its_spanish() -> None:
    catalogs = []
    for path in i18n.CATALOGS.glob("es*.po"):
        with path.open("rb") as source:
            catalogs.append(read_po(source, locale="es", abort_invalid=True))
    done = {
        message.id[0] if isinstance(message.id, tuple) else message.id
        for catalog in catalogs for message in catalog if message.id and all(message.string if isinstance(message.string, tuple) else [message.string])
    }  # fmt: skip
    missing = our_messages() - done
    assert len(our_messages()) > 80
    assert not missing, "add to app/web/translations/es.po:\n" + "\n".join(sorted(missing))


def test_translations_keep_their_variables() -> None:
    for path in i18n.CATALOGS.glob("es*.po"):
        with path.open("rb") as source:
            for message in read_po(source, locale="es"):
                ids, strings = (
                    value if isinstance(value, tuple) else (value,) for value in (message.id, message.string)
                )
                for one in strings:
                    assert set(re.findall(r"%\(\w+\)[sd]", one)) == set(re.findall(r"%\(\w+\)[sd]", ids[-1])), ids


def test_lazy_texts_are_escaped_like_any_other(tiny_app: Flask) -> None:
    with tiny_app.test_request_context("/"):
        lazy = lazy_gettext("Hello %(name)s", name="<script>")
        assert tiny_app.jinja_env.from_string("{{ lazy }}").render(lazy=lazy) == "Hello &lt;script&gt;"
