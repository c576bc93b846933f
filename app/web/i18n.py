"""English and Spanish: which language a request speaks, and the Spanish catalog compiled from its .po at start."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import Flask, Response, g, request
from flask_babel import Babel, Domain, get_babel
from flask_babel import get_locale as babel_locale
from flask_babel.speaklater import LazyString
from markupsafe import escape

from app.core.config import get_settings
from app.web.api.problems import asks_api

LANGUAGES = ("en", "es")
COOKIE_SECONDS = 365 * 24 * 3600
CATALOGS = Path(__file__).with_name("translations")


def compile_catalog(path: Path) -> Translations:
    """Translations from a .po file, compiled in memory (no .mo is kept).

    Raises:
        babel.messages.pofile.PoFileError: the file is not a valid catalog.
    """
    with path.open("rb") as source:
        catalog = read_po(source, locale=path.stem.split(".")[0], abort_invalid=True)
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(compiled)


def cookie_name() -> str:
    return "__Host-corridor-language" if get_settings().production else "corridor-language"


def chosen_language() -> str:
    """The language of this request: `?lang=`, then the switch's cookie, the user's preference, Accept-Language.

    The cookie is the latest explicit choice on this device, so it comes before the stored preference; otherwise
    the switch would fall back to the old language on the next page.
    """
    preference = getattr(g.get("identity"), "language", None)
    for wish in (request.args.get("lang"), request.cookies.get(cookie_name()), preference):
        if wish in LANGUAGES:
            return str(wish)
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]


def language() -> str:
    """The code for `<html lang>`: what Flask-Babel decided for this request."""
    return str(babel_locale() or LANGUAGES[0]).split("_")[0]


def language_url(code: str) -> str:
    """This page in another language; a page that answered a POST links to itself by GET."""
    pairs = [(key, value) for key, value in request.args.items(multi=True) if key != "lang"]
    return f"{request.path}?{urlencode([*pairs, ('lang', code)])}"


def remember_choice(response: Response) -> Response:
    """Keep an explicit `?lang=` for the next pages. A program gets no cookies and English."""
    if asks_api():
        return response
    wish = request.args.get("lang")
    if wish in LANGUAGES and request.cookies.get(cookie_name()) != wish:
        secure = get_settings().production or request.is_secure
        response.set_cookie(
            cookie_name(), wish, max_age=COOKIE_SECONDS, secure=secure, httponly=True, samesite="Lax", path="/"
        )
    response.headers.setdefault("Content-Language", language())
    return response


def _escaped(lazy: LazyString) -> str:
    """A lazy text as HTML: escaped like any other text.

    Flask-Babel 4.0.0 calls its lazy strings safe HTML as they are, so `lazy_gettext("Hello %(name)s", name=typed)` in a
    template would print what somebody typed unescaped.
    """
    return str(escape(str(lazy)))


class Catalogs(Domain):
    """Flask-Babel's texts, with the catalog of a request found once: a page asks for a hundred texts."""

    def get_translations(self) -> Any:
        """The catalog of this request's language; one without texts outside of a request."""
        if not g:
            return super().get_translations()
        if "translations" not in g:
            g.translations = super().get_translations()
        return g.translations


def _preload(catalogs: dict[Any, Any]) -> None:
    """Fill Flask-Babel's cache, so that it never looks for .mo files. `es.po` and `es.<domain>.po` become one."""
    for code in LANGUAGES:
        merged = Translations()
        for path in sorted(CATALOGS.glob(f"{code}*.po")):
            part = compile_catalog(path)
            merged.merge(part)
            merged.plural = part.plural  # merge() forgets the plural rule
        catalogs[code, "messages"] = merged


def init_app(app: Flask) -> None:
    """Register Flask-Babel, the language switch's functions and the cookie."""
    app.config.setdefault("BABEL_DEFAULT_LOCALE", LANGUAGES[0])
    Babel(app, locale_selector=chosen_language)
    domain = Catalogs()
    _preload(domain.cache)
    with app.app_context():
        get_babel().instance.domain_instance = domain
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: domain.get_translations().ugettext(text),
        lambda one, many, number: domain.get_translations().ungettext(one, many, number),
        newstyle=True,
    )
    app.jinja_env.globals.update(language=language, language_url=language_url)
    app.after_request(remember_choice)
    LazyString.__html__ = _escaped
