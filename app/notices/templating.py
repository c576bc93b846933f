"""Jinja without Flask, for what jobs write: notices and PDFs. Text is translated and formatted as on the pages."""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency
from babel.support import NullTranslations, Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

ROOT = Path(__file__).resolve().parents[2]
CATALOGS = ROOT / "app" / "web" / "translations"
LOCALES = {"en": "en_US", "es": "es_US"}


@lru_cache(maxsize=4)
def translations(language: str) -> NullTranslations:
    """Every catalog of a language as one; English is the source."""
    merged: NullTranslations = NullTranslations()
    for path in sorted(CATALOGS.glob(f"{language}*.po")):
        catalog = _compiled(path, language)
        merged = merged.merge(catalog) if isinstance(merged, Translations) else catalog
    return merged


def _compiled(path: Path, language: str) -> Translations:
    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return Translations(compiled)


def _filters(language: str) -> dict[str, Any]:
    locale = LOCALES.get(language, "en_US")
    return {
        "money": lambda value: format_currency(value, "USD", locale=locale),
        "long_date": lambda value: format_date(value, "long", locale=locale) if value else "",
    }


@lru_cache(maxsize=4)
def documents(language: str) -> Environment:
    """For our own templates under `templates/` (PDF documents, the e-mail frame)."""
    return _equipped(
        Environment(loader=FileSystemLoader(ROOT / "templates"), autoescape=True, undefined=StrictUndefined), language
    )


@lru_cache(maxsize=4)
def notices(language: str) -> Environment:
    """For texts a company has edited: sandboxed, so that a template can only print its variables."""
    return _equipped(ImmutableSandboxedEnvironment(autoescape=False, undefined=StrictUndefined), language)


def _equipped(environment: Environment, language: str) -> Environment:
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    environment.filters.update(_filters(language))
    environment.globals["language"] = language
    return environment


def warm() -> None:
    """Read every catalog once, before a worker forks: a job would do so each time."""
    for language in LOCALES:
        documents(language)
        notices(language)


def render_document(template: str, language: str, **context: Any) -> str:
    """HTML of one of our templates, for a PDF or the HTML part of a message."""
    return documents(language).get_template(template).render(**context)


def render_notice(source: str, language: str, **context: Any) -> str:
    """Text of a company's own template.

    Raises:
        jinja2.TemplateError: the template is wrong or names a variable that the notice does not have.
    """
    return notices(language).from_string(source).render(**context)
