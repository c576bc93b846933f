"""A list's filters under a name, for one user. What somebody searched for is not kept: it may be a person's name."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.db import fetch
from app.core.errors import Invalid, NotFound
from app.core.events import Actor
from app.screening.models import SavedView

MOST = 20


def save_view(session: Session, actor: Actor, page: str, name: str, query: str, allowed: tuple[str, ...]) -> SavedView:
    """Keep the filters of a query string; the same name again replaces them.

    Raises:
        Invalid: there are 20 already.
    """
    kept = urlencode([(key, value) for key, value in parse_qsl(query[:1000]) if key in allowed and key != "q"])
    mine = sa.select(SavedView).where(SavedView.user_id == actor.user_id, SavedView.page == page)
    views = {view.name: view for view in session.scalars(mine)}
    found = views.get(name.strip())
    if found is None:
        if len(views) >= MOST:
            raise Invalid({"name": "You have 20 views. Delete one first"})
        found = SavedView(user_id=actor.user_id, page=page, name=name.strip())
        session.add(found)
    found.query = kept
    return found


def delete_view(session: Session, actor: Actor, view_id: UUID) -> None:
    """Raises NotFound for somebody else's view."""
    found = fetch(session, SavedView, view_id)
    if found.user_id != actor.user_id:
        raise NotFound
    session.delete(found)
