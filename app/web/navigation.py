"""The navigation: which links a signed-in person sees, from what they may do."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from flask import Flask, current_app, request, url_for
from flask_babel import lazy_gettext as _

from app.core.access import Can
from app.web.i18n import language


class Entry(NamedTuple):
    label: Any
    endpoint: str
    permission: Can


class Link(NamedTuple):
    label: str
    url: str
    current: str  # the value of aria-current


HOME = _("Today")
"""`app.web.home`: for whom work may wait."""

BELONGS = {
    "/benefits/years": "/benefits/plans",
    "/notices/channels": "/connections",
    "/notices/preferences": "/notices/mine",
    "/outbound-webhooks": "/connections",
    "/notices/templates": "/notices/deliveries",
    "/roles": "/users",
    "/api-tokens": "/users",
    "/sessions": "/users",
    "/screening/files": "/connections",
    "/screening/packages": "/connections",
    "/screening/letters": "/screening/desk",
    "/screening/matrix": "/screening/policy",
    "/screening/letter-details": "/screening/policy",
}
"""Sections whose address does not begin with that of their link."""

ENTRIES = (
    Entry(_("My benefits"), "benefits.home", Can.ENROLL_OWN),
    Entry(_("My details"), "people.my_details", Can.ENROLL_OWN),
    Entry(_("My notices"), "notices.mine", Can.NOTICES_OWN),
    Entry(_("Enrollments"), "benefits.queue", Can.ENROLLMENT_VIEW),
    Entry(_("Background checks"), "screening.board", Can.CHECK_VIEW),
    Entry(_("Candidate dates"), "screening.dates", Can.CHECK_DATE),
    Entry(_("People"), "people.employees", Can.EMPLOYEE_VIEW),
    Entry(_("Company"), "people.company", Can.COMPANY_EDIT),
    Entry(_("Plans"), "benefits.plans", Can.PLAN_VIEW),
    Entry(_("Carrier feeds"), "feeds.files", Can.FEED_VIEW),
    Entry(_("Discrepancies"), "feeds.discrepancies", Can.DISCREPANCY_VIEW),
    Entry(_("Premiums and bills"), "accounting.reconciliation", Can.RECONCILIATION_VIEW),
    Entry(_("Adjudication"), "screening.desk", Can.ADVERSE_ACT),
    Entry(_("Cases and deadlines"), "screening.cases", Can.COMPLIANCE_MANAGE),
    Entry(_("Rules of the places"), "screening.rules", Can.RULE_ACCEPT),
    Entry(_("Retention"), "screening.retention", Can.COMPLIANCE_MANAGE),
    Entry(_("Screening in numbers"), "screening.analytics", Can.SCREENING_ANALYZE),
    Entry(_("How we screen"), "screening.policy", Can.SCREENING_CONFIGURE),
    Entry(_("Integrations"), "syncing.catalog", Can.SYNC_VIEW),
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
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    shown = _links(app, language(), frozenset(identity.actor.grants), identity.employee_id is not None)
    place = _place()
    above = [url for _label, url in shown if f"{place}/".startswith(f"{url}/")]
    section = max(above, key=len, default="")
    return [Link(label, url, _current(url, section)) for label, url in shown]


@lru_cache(maxsize=500)
def _links(app: Flask, _language: str, grants: frozenset[Can], employee: bool) -> tuple[tuple[str, str], ...]:
    """Label and URL of everything these permissions reach: the same for everybody of a role."""
    shown = [
        (str(entry.label), url_for(entry.endpoint))
        for entry in ENTRIES
        if entry.endpoint in app.view_functions
        and entry.permission in grants
        and (employee or entry.permission is not Can.ENROLL_OWN)
    ]
    waits = any(source.permissions & grants for source in app.extensions.get("needs", ()))
    return ((str(HOME), url_for("root.home")), *shown) if waits else tuple(shown)


def _place() -> str:
    """Where this page is in the navigation: its own path, or the link its section belongs to."""
    return next((home for path, home in BELONGS.items() if f"{request.path}/".startswith(f"{path}/")), request.path)


def _current(url: str, section: str) -> str:
    """`page` for the link to this very page, `true` for the link to the page it lies below."""
    return "" if url != section else "page" if url == request.path else "true"


def init_app(app: Flask) -> None:
    app.jinja_env.globals["nav"] = nav
