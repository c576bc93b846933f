"""Sentences of ours that letters take as values, in the candidate's language. What the law words is in `documents/texts`."""

from __future__ import annotations

from collections.abc import Mapping

LANGUAGES = ("en", "es")

_PHRASES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "action_taken": "We have decided not to go on with your application for the job {position}. The decision rests on the report.",
        "by_link": "On your status page: use the link in our message",
        "by_email": "By e-mail: {email}",
        "by_phone": "By phone: {phone}",
        "by_post": "By post: {address}",
        "report_copy": "A copy of the report",
        "unknown_source": "The report",
        "title": "Letter about your application",
    },
    "es": {
        "action_taken": "Hemos decidido no seguir con su solicitud para el puesto {position}. La decisión se basa en el informe.",
        "by_link": "En su página de estado: use el enlace de nuestro mensaje",
        "by_email": "Por correo electrónico: {email}",
        "by_phone": "Por teléfono: {phone}",
        "by_post": "Por correo postal: {address}",
        "report_copy": "Una copia del informe",
        "unknown_source": "El informe",
        "title": "Carta sobre su solicitud",
    },
}


def language_of(wanted: str) -> str:
    return wanted if wanted in LANGUAGES else LANGUAGES[0]


def phrase(key: str, language: str, **values: str) -> str:
    return _PHRASES[language_of(language)][key].format(**values)
