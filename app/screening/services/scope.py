"""Whose requests an actor may touch. A foreign id is a 404."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.access import Can, Scope
from app.core.errors import NotFound
from app.core.events import Actor
from app.screening.models import ScreeningRequest


def visible(actor: Actor, permission: Can) -> sa.ColumnElement[bool]:
    """A filter over `ScreeningRequest`; no scope means no rows. OWN and REPORTS: those the actor recruits or hires for."""
    here = ScreeningRequest.company_id == actor.company_id
    scope = actor.scope(permission)
    if scope is Scope.ALL:
        return here
    if scope is Scope.REGION:
        return sa.and_(here, ScreeningRequest.region_id.in_(actor.places_of(permission)))
    if scope is Scope.DEPARTMENT:
        return sa.and_(here, ScreeningRequest.department_id.in_(actor.places_of(permission)))
    if scope in (Scope.OWN, Scope.REPORTS) and actor.user_id is not None:
        mine = sa.or_(
            ScreeningRequest.recruiter_user_id == actor.user_id,
            ScreeningRequest.hiring_manager_user_id == actor.user_id,
        )
        return sa.and_(here, mine)
    return sa.false()


def request(
    session: Session, actor: Actor, request_id: UUID | str | None, permission: Can, *, lock: bool = False
) -> ScreeningRequest:
    """One request.

    Raises:
        NotFound: no such request, or outside the actor's scope: both look the same.
    """
    try:
        key = request_id if isinstance(request_id, UUID) else UUID(str(request_id))
    except ValueError:
        raise NotFound from None
    query = sa.select(ScreeningRequest).where(ScreeningRequest.id == key, visible(actor, permission))
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound
    return found
