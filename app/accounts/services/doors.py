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
    logo_file_id: UUID | None


COLUMNS = (TenantDoor.id, TenantDoor.slug, TenantDoor.name, TenantDoor.brand_hue, TenantDoor.logo_file_id)


def find_door(session: Session, slug: str = "") -> Door | None:
    """The company of this slug; without a slug the only one. None when there is none, or several and no slug."""
    query = sa.select(*COLUMNS).where(TenantDoor.active)
    if slug:
        query = query.where(TenantDoor.slug == slug.strip().lower())
    found = session.execute(query.limit(2)).all()
    return Door(*found[0]) if len(found) == 1 else None


def door_of(session: Session, company_id: UUID) -> Door | None:
    """The active door of a company."""
    query = sa.select(*COLUMNS)
    row = session.execute(query.where(TenantDoor.id == company_id, TenantDoor.active)).one_or_none()
    return Door(*row) if row else None


def door_with_logo(session: Session, file_id: UUID) -> Door | None:
    """The active door that shows this picture. Any other file is nobody's logo, whoever knows its id."""
    row = session.execute(
        sa.select(*COLUMNS).where(TenantDoor.logo_file_id == file_id, TenantDoor.active)
    ).one_or_none()
    return Door(*row) if row else None
