"""What a provider sells, as it last said so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.connections import services as connections
from app.connections.models import Connection
from app.core.access import Can
from app.core.clock import now
from app.core.db import fetch
from app.core.errors import Invalid, NotFound
from app.core.events import Actor, record
from app.integrations.screening import Package
from app.screening.models import ScreeningPackage
from app.screening.rules.mapping import check_type, is_criminal
from app.screening.rules.states import CheckType

MOST_LETTERS = 500
"""Of one typed line."""


def keep(session: Session, actor: Actor, connection_id: UUID, listed: Iterable[Package]) -> int:
    """Bring the packages of a connection up to date; one the provider no longer lists stays for old requests. Returns how many changed."""
    query = sa.select(ScreeningPackage).where(ScreeningPackage.connection_id == connection_id).with_for_update()
    known = {row.slug: row for row in session.scalars(query)}
    changed = 0
    seen = set()
    for package in listed:
        row = known.get(package.slug)
        if row is None:
            row = ScreeningPackage(connection_id=connection_id, slug=package.slug, name=package.name, synced_at=now())
            session.add(row)
        seen.add(package.slug)
        changed += _fill(row, package)
    for slug, row in known.items():
        if slug not in seen and row.gone_at is None:
            row.gone_at, changed = now(), changed + 1
    if changed:
        record(session, actor, "screening.packages.changed", ("connection", connection_id), new={"changed": changed})
    return changed


def _fill(row: ScreeningPackage, package: Package) -> bool:
    kinds = [check_type(kind) for kind in package.checks]
    facts: dict[str, Any] = {
        "name": package.name, "price": package.price, "checks": list(package.checks),
        "check_types": sorted({kind.value for kind in kinds}), "criminal": is_criminal(package.checks),
        "investigative": CheckType.REFERENCE in kinds, "orderable": package.orderable, "gone_at": None,
    }  # fmt: skip
    changed = any(getattr(row, name) != value for name, value in facts.items())
    for name, value in facts.items():
        setattr(row, name, value)
    row.synced_at = now()
    return changed


def orderable(session: Session) -> Sequence[Any]:
    """Packages a recruiter may choose, with the provider's name and world. One query."""
    query = (
        sa.select(
            ScreeningPackage.id, ScreeningPackage.name, ScreeningPackage.slug, ScreeningPackage.price,
            ScreeningPackage.currency_code, ScreeningPackage.check_types, ScreeningPackage.criminal,
            Connection.name.label("provider"), Connection.environment, Connection.is_primary,
        )
        .join(Connection, Connection.id == ScreeningPackage.connection_id)
        .where(ScreeningPackage.orderable, ScreeningPackage.gone_at.is_(None), Connection.is_active)
        .order_by(Connection.is_primary.desc(), Connection.name, ScreeningPackage.name)
    )  # fmt: skip
    return session.execute(query).all()


def typed_text(session: Session, connection_id: UUID) -> str:
    """The packages of a connection as a person types them. One query."""
    query = sa.select(ScreeningPackage).where(
        ScreeningPackage.connection_id == connection_id, ScreeningPackage.gone_at.is_(None)
    )
    rows = session.scalars(query.order_by(ScreeningPackage.slug))
    return "\n".join(f"{row.slug} = {row.name}" + (f" | {', '.join(row.checks)}" if row.checks else "") for row in rows)


def keep_typed(session: Session, actor: Actor, connection_id: UUID, text: str) -> int:
    """Packages of a provider that lists none: `their name = ours | searches`, a line each. What is not typed any more is gone.

    Raises:
        NotFound: the provider lists them itself. Invalid: field `lines`.
    """
    typed_of(session, actor, connection_id)
    listed = [_typed(line) for line in filter(None, (line.strip() for line in text.splitlines()))]
    if len({one.slug for one in listed}) < len(listed):
        raise Invalid({"lines": "A package stands there twice. Give each one line"})
    return keep(session, actor, connection_id, listed)


def typed_of(session: Session, actor: Actor, connection_id: UUID) -> Connection:
    """A connection whose packages are typed. Raises NotFound for any other."""
    actor.require(Can.CONNECTION_MANAGE)
    connection = fetch(session, Connection, connection_id)
    if not connections.types_packages(connection):
        raise NotFound
    return connection


def _typed(line: str) -> Package:
    slug, sign, rest = (part.strip() for part in line.partition("="))
    name, _bar, kinds = (part.strip() for part in rest.partition("|"))
    if not (sign and slug and name) or len(line) > MOST_LETTERS:
        raise Invalid({"lines": "Write each line as: their name = your name | searches"})
    return Package(slug, name, None, tuple(kind.strip() for kind in kinds.split(",") if kind.strip()))
