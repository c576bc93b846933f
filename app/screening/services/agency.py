"""Who made the report, as letters and disclosures must name it (15 USC 1681m(a)(3)(A)). Kept with the connection; a person typed it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.connections.models import Connection
from app.core.access import Can
from app.core.db import fetch
from app.core.errors import NotFound
from app.core.events import Actor, record
from app.integrations.registry import adapter
from app.screening.services.policy import policy

KEY = "agency"


@dataclass(frozen=True, slots=True)
class Agency:
    """Attributes:
    phone: toll-free, where the agency works nationwide. privacy: web address or phone about its privacy practices.
    """

    name: str = ""
    address: str = ""
    phone: str = ""
    privacy: str = ""

    def values(self) -> dict[str, str]:
        """By the names of `documents.schema.VALUES`."""
        return {f"cra_{name}": value for name, value in asdict(self).items()}


def agency(connection: Connection) -> Agency:
    """What is known of the agency behind a connection. Empty parts stop the documents that must print them."""
    known = connection.compliance_settings.get(KEY, {})
    return Agency(**{name: str(known.get(name, "")).strip() for name in Agency.__dataclass_fields__})


def name_agency(session: Session, actor: Actor, connection: Connection, named: Agency) -> None:
    """Keep how the agency is to be named from now on; letters that went out keep their words."""
    connection.compliance_settings = connection.compliance_settings | {KEY: asdict(named)}
    record(session, actor, "screening.agency.named", connection, new=asdict(named))


def agencies(session: Session) -> list[tuple[Connection, Agency]]:
    """Every screening provider of the company, with how it is named."""
    query = sa.select(Connection).where(Connection.is_active).order_by(Connection.name)
    return [(row, agency(row)) for row in session.scalars(query) if adapter(row.adapter).screening is not None]


def provider(session: Session, connection_id: UUID) -> Connection:
    """Raises NotFound: no such connection, or it screens nobody."""
    found = fetch(session, Connection, connection_id)
    if adapter(found.adapter).screening is None:
        raise NotFound
    return found


def policy_words(session: Session) -> dict[str, str]:
    """What letters say of the company's own ways."""
    known = policy(session)
    return {"reconsideration": known.reconsideration, "cori_policy": known.cori_policy}


def keep_policy_words(session: Session, actor: Actor, reconsideration: str, cori_policy: str) -> None:
    actor.require(Can.SCREENING_CONFIGURE)
    known = policy(session)
    known.reconsideration, known.cori_policy = reconsideration.strip(), cori_policy.strip()
    session.add(known)
    session.flush()
    record(session, actor, "screening.policy.worded", known)
