"""The blueprint, and what several pages of people need."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.errors import Invalid
from app.people import services
from app.people.forms.words import no_ssn, tag, word
from app.people.models import Employee
from app.people.rules.checks import age
from app.web.edge import actor, session
from app.web.forms import Form

bp = Blueprint("people", __name__)
bp.add_app_template_global(word, "people_word")
bp.add_app_template_global(no_ssn, "people_no_ssn")
bp.add_app_template_global(tag, "people_tag")
bp.add_app_template_global(age, "age_on")


def saved(message: str, endpoint: str, **values: Any) -> Response:
    """Back to a page, with a word of what happened."""
    flash(message, "good")
    return redirect(url_for(endpoint, **values), 303)


def key(form: Form) -> UUID:
    """The one-time key of a form is the id of what it makes: sent twice, it makes one."""
    return UUID(form.form_key.data)


def yes_no(value: str | None) -> bool | None:
    return {"yes": True, "no": False}.get(value or "")


def said(value: bool | None) -> str:
    return {True: "yes", False: "no"}.get(value, "") if value is not None else ""


def id_or_none(text: str | None) -> UUID | None:
    return UUID(text) if text else None


def manager_of(number: str | None, own: UUID | None = None) -> UUID | None:
    """The manager a form names by employee number.

    Raises:
        Invalid: nobody has this number.
    """
    text = (number or "").strip()
    if not text:
        return None
    found = services.number_id(session(), actor(), text)
    if found is None or found == own:
        raise Invalid({"manager_number": "No other employee has this number. Look it up in the list of people"})
    return found


def shown(person: Employee, fields: tuple[str, ...]) -> dict[str, Any]:
    """Present values of a person for a form. The SSN never is one of them."""
    values: dict[str, Any] = {name: getattr(person, name) for name in fields}
    values["seen"] = person.updated_at.isoformat()
    return values


def day(value: date | None) -> str:
    return value.isoformat() if value else ""


__all__ = ["_", "bp", "day", "id_or_none", "key", "manager_of", "said", "saved", "shown", "yes_no"]
