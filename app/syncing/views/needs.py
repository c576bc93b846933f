"""What the home page says about integrations."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core.access import Can
from app.core.events import Actor
from app.syncing.services.attention import waiting
from app.web.home import Need

ANY = {Can.SYNC_VIEW}


def needs(session: Session, actor: Actor) -> list[Need]:
    found, health = waiting(session, actor), url_for("syncing.health")
    made = [
        Need(_("Integrations whose last sync failed"), found.failed, health, _("Look why, and sync again"), "bad"),
        Need(_("Held syncs"), found.held, health, _("Somebody says whether so many are really gone")),
    ]
    if actor.can(Can.SYNC_REVIEW):
        made.append(
            Need(_("Records that need a person"), found.records, health, _("Doubtful or refused, from other systems"))
        )
    return made
