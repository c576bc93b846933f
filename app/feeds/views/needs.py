"""What the home page says about carrier feeds and integrations."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core.access import Can
from app.core.events import Actor
from app.feeds.services.attention import waiting
from app.syncing.views.needs import needs_of
from app.web.home import Need

ANY = {Can.FEED_VIEW, Can.DISCREPANCY_VIEW, Can.CONNECTION_VIEW, Can.SYNC_VIEW}


def needs(session: Session, actor: Actor) -> list[Need]:
    found = waiting(session, actor)
    made = [_connections(found.broken)] if actor.can(Can.CONNECTION_VIEW) else []
    if actor.can(Can.FEED_VIEW):
        releases = actor.can(Can.FEED_RELEASE)
        held = _("Look at the reason, then release or cancel") if releases else _("A second person releases them")
        made += [
            Need(_("Carrier answers that are late"), found.late, url_for("feeds.files", overdue=1), _("Ask whether the file arrived"), "bad"),
            Need(_("Files a carrier rejected"), found.refused, url_for("feeds.files", state="rejected"), "", "bad"),
            Need(_("Held carrier files"), found.held, url_for("feeds.files", state="held"), held),
            Need(_("Changes to enter by hand"), found.tasks, url_for("feeds.manual_tasks"), _("Carriers without a feed")),
            Need(_("Files nobody recognized"), found.unread, url_for("feeds.inbox", state="unmapped")),
        ]  # fmt: skip
    if actor.can(Can.DISCREPANCY_VIEW):
        made.append(
            Need(
                _("Open discrepancies"),
                found.discrepancies,
                url_for("feeds.discrepancies"),
                _("The carrier's list and ours disagree"),
            )
        )
    return made + needs_of(found.integrations, actor)


def _connections(broken: int) -> Need:
    return Need(
        _("Connections that need a person"),
        broken,
        url_for("connections.connections"),
        _("Sign in again, or test them"),
        "bad",
    )
