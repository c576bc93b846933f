"""How one connection wants its files: the carrier's profile with the connection's own phase on top."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.connections.models import Connection, Phase
from app.connections.services import profile_of
from app.core.db import fetch
from app.core.errors import NotFound
from app.integrations.formats.x12.profile import CarrierProfile, Premium

EDI = "edi834"
MANUAL = "manual"
DEFAULT_HOLD_PEOPLE = 25


def carrier_profile(connection: Connection) -> CarrierProfile:
    """The dialect to write and read with; its phase is the connection's.

    Raises:
        app.core.errors.Invalid: the settings are incomplete.
    """
    return profile_of(connection)


def usage_of(connection: Connection) -> str:
    return "P" if connection.phase == Phase.PRODUCTION else "T"


def takes_files(connection: Connection) -> bool:
    return connection.adapter == EDI and connection.is_active


def hold_people(connection: Connection) -> int:
    """From how many lost people on a file is held; 0 switches this half of the rule off."""
    return int(connection.compliance_settings.get("hold_people", DEFAULT_HOLD_PEOPLE))


def approver(connection: Connection) -> UUID | None:
    """The one person who may release held files, when the connection names one."""
    named = connection.compliance_settings.get("approver_user_id")
    return UUID(named) if named else None


def lock_connection(session: Session, connection_id: UUID) -> Connection:
    """The row lock that makes files of one connection happen one after the other."""
    return fetch(session, Connection, connection_id, lock=True)


def plan_words(profile: CarrierProfile, plan: Any) -> tuple[str, str]:
    """Line and code to hand to the writer for one of our plans: a key of the profile's table, or the plan's own codes."""
    if plan.plan_code in profile.plan_codes:
        return profile.plan_codes[plan.plan_code].line, plan.plan_code
    return plan.insurance_line, plan.carrier_plan_code


def carrier_code(profile: CarrierProfile, code: str) -> str:
    """The carrier's own code for what the writer or the reader calls `code`."""
    known = profile.plan_codes.get(code)
    return known.code if known else code


def wants_premium(profile: CarrierProfile, *, subscriber: bool) -> bool:
    return profile.premium is Premium.ALL or (profile.premium is Premium.SUBSCRIBER and subscriber)


def connection_or_404(session: Session, connection_id: UUID) -> Connection:
    """Raises NotFound for a connection that is not a carrier feed."""
    found = fetch(session, Connection, connection_id)
    if found.adapter not in (EDI, MANUAL):
        raise NotFound
    return found
