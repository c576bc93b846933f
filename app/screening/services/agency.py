"""Who made the report, as letters and disclosures must name it (15 USC 1681m(a)(3)(A)). Kept with the connection; a person typed it."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy.orm import Session

from app.connections.models import Connection
from app.core.events import Actor, record

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
