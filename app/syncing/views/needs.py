"""What the home page says about integrations. `feeds` asks for it: see `services.attention`."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _

from app.core.access import Can
from app.core.events import Actor
from app.syncing.services.attention import Waiting
from app.web.home import Need


def needs_of(found: Waiting, actor: Actor) -> list[Need]:
    """For what the actor may see."""
    health, made = url_for("syncing.health"), list[Need]()
    if actor.can(Can.SYNC_VIEW):
        made += [
            Need(_("Integrations whose last sync failed"), found.failed, health, _("Look why, and sync again"), "bad"),
            Need(_("Held syncs"), found.held, health, _("Somebody says whether so many are really gone")),
        ]
    if actor.can(Can.SYNC_REVIEW):
        made.append(
            Need(_("Records that need a person"), found.records, health, _("Doubtful or refused, from other systems"))
        )
    return made
