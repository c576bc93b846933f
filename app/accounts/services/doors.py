"""Finding the company before anybody is signed in."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.models import TenantDoor


class Door(NamedTuple):
    id: UUID
    slug: str
    name: str
    brand_hue: int


def find_door(session: Session, slug: str = "") -> Door | None:
    """The company of this slug; without a slug the only one. None when there is none, or several and no slug."""
    query = sa.select(TenantDoor.id, TenantDoor.slug, TenantDoor.name, TenantDoor.brand_hue).where(TenantDoor.active)
    if slug:
        query = query.where(TenantDoor.slug == slug.strip().lower())
    found = session.execute(query.limit(2)).all()
    return Door(*found[0]) if len(found) == 1 else None


def door_of(session: Session, company_id: UUID) -> Door | None:
    """The active door of a company."""
    query = sa.select(TenantDoor.id, TenantDoor.slug, TenantDoor.name, TenantDoor.brand_hue)
    row = session.execute(query.where(TenantDoor.id == company_id, TenantDoor.active)).one_or_none()
    return Door(*row) if row else None
