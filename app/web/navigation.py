"""The navigation: which links a signed-in person sees, from what they may do."""

from __future__ import annotations

from typing import Any, NamedTuple

from flask import Flask, current_app, request, url_for
from flask_babel import lazy_gettext as _

from app.core.access import Can


class Entry(NamedTuple):
    label: Any
    endpoint: str
    permission: Can


class Link(NamedTuple):
    label: str
    url: str
    current: str  # the value of aria-current


ENTRIES = (
    Entry(_("My benefits"), "benefits.home", Can.ENROLL_OWN),
    Entry(_("My details"), "people.my_details", Can.ENROLL_OWN),
    Entry(_("My notices"), "notices.mine", Can.NOTICES_OWN),
    Entry(_("Enrollments"), "benefits.queue", Can.ENROLLMENT_VIEW),
    Entry(_("People"), "people.employees", Can.EMPLOYEE_VIEW),
    Entry(_("Company"), "people.company", Can.COMPANY_EDIT),
    Entry(_("Plans"), "benefits.plans", Can.PLAN_VIEW),
    Entry(_("Carrier feeds"), "feeds.files", Can.FEED_VIEW),
    Entry(_("Discrepancies"), "feeds.discrepancies", Can.DISCREPANCY_VIEW),
    Entry(_("Connections"), "connections.connections", Can.CONNECTION_VIEW),
    Entry(_("Notices"), "notices.deliveries", Can.DELIVERY_VIEW),
    Entry(_("Users and roles"), "accounts.users", Can.USER_MANAGE),
    Entry(_("Audit"), "audit.events", Can.AUDIT_VIEW),
    Entry(_("Operations"), "operations.intents", Can.OPERATIONS_VIEW),
)


def nav(identity: Any) -> list[Link]:
    """Links for this person; nothing when nobody is signed in."""
    if identity is None:
        return []
    shown = [(str(entry.label), url_for(entry.endpoint)) for entry in ENTRIES if _may_see(identity, entry)]
    above = [url for _label, url in shown if f"{request.path}/".startswith(f"{url}/")]
    section = max(above, key=len, default="")
    return [Link(label, url, _current(url, section)) for label, url in shown]


def _current(url: str, section: str) -> str:
    """`page` for the link to this very page, `true` for the link to the page it lies below."""
    return "" if url != section else "page" if url == request.path else "true"


def _may_see(identity: Any, entry: Entry) -> bool:
    """Own benefits and details only make sense for somebody who is an employee here."""
    if entry.permission is Can.ENROLL_OWN and identity.employee_id is None:
        return False
    return entry.endpoint in current_app.view_functions and bool(identity.actor.can(entry.permission))


def init_app(app: Flask) -> None:
    app.jinja_env.globals["nav"] = nav
