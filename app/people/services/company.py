"""The company's own settings: its facts, look, departments and regions."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.models import TenantDoor
from app.core.access import Can
from app.core.db import fetch
from app.core.errors import Invalid
from app.core.events import Actor, record
from app.people.models import Company, Department, Region
from app.people.rules.checks import EMPLOYEE, problems_of
from app.people.rules.identity import digits_of, masked, possible_ein
from app.people.rules.words import PayFrequency
from app.people.services.events import refuse_unknown, setting, tidy

FIELDS = frozenset(
    {
        "name", "tax_id", "industry", "primary_contact_name", "primary_contact_email", "primary_contact_phone", "address_line1",
        "address_line2", "city", "state", "zip_code", "group_number", "time_zone", "pay_frequency", "brand_hue", "new_hire_days",
        "contract_starts_on", "contract_ends_on",
    }
)  # fmt: skip


def company(session: Session, actor: Actor) -> Company:
    return fetch(session, Company, actor.company_id)


def change_company(session: Session, actor: Actor, **fields: Any) -> Company:
    """Change the company's facts and record `people.company.changed`; the door follows name, hue and time zone.

    Raises:
        Forbidden: the actor may not edit the company.
        Invalid: by field.
    """
    actor.require(Can.COMPANY_EDIT)
    refuse_unknown(fields, FIELDS)
    row = fetch(session, Company, actor.company_id, lock=True)
    values = {name: value for name, value in tidy(fields).items() if (getattr(row, name) or None) != (value or None)}
    problems = _problems(values)
    if problems:
        raise Invalid(problems)
    if not values:
        return row
    old = {name: getattr(row, name) for name in values}
    for name, value in values.items():
        setattr(row, name, value)
    if {"name", "brand_hue", "time_zone"} & set(values):
        door = sa.update(TenantDoor).where(TenantDoor.id == actor.company_id)
        session.execute(door.values(name=row.name, brand_hue=row.brand_hue, time_zone=row.time_zone))
    shown = {"old": old, "new": values}
    sides = {side: {n: masked(n, v) if n == "tax_id" else v for n, v in part.items()} for side, part in shown.items()}
    record(session, actor, "people.company.changed", row, old=sides["old"], new=sides["new"])
    return row


def _problems(values: dict[str, Any]) -> dict[str, str]:
    checked: dict[str, Any] = {
        name: values[name] for name in ("address_line1", "address_line2", "city", "state", "zip_code") if name in values
    }
    found = problems_of(checked, EMPLOYEE, setting())
    if "name" in values and not values["name"]:
        found["name"] = "Enter the company's name"
    if values.get("tax_id") and not (len(digits_of(values["tax_id"])) == 9 and possible_ein(values["tax_id"])):
        found["tax_id"] = "Enter an EIN with 9 digits, like 12-3456789"
    if "brand_hue" in values and not 0 <= (values["brand_hue"] or 0) <= 359:
        found["brand_hue"] = "Enter a hue from 0 to 359"
    if "new_hire_days" in values and not 1 <= (values["new_hire_days"] or 0) <= 90:
        found["new_hire_days"] = "Enter 1 to 90 days"
    if "pay_frequency" in values and values["pay_frequency"] not in PayFrequency._value2member_map_:
        found["pay_frequency"] = "Use weekly, biweekly, semimonthly or monthly"
    if "time_zone" in values and not _known_zone(values["time_zone"]):
        found["time_zone"] = "Choose a time zone from the list"
    return found


def _known_zone(name: str) -> bool:
    try:
        return bool(ZoneInfo(name or ""))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False


def save_place(
    session: Session,
    actor: Actor,
    model: type[Department] | type[Region],
    place_id: UUID,
    *,
    name: str,
    code: str,
    region_id: UUID | None = None,
) -> Any:
    """Add a department or region, or change the one that has this id.

    Raises:
        Invalid: by field.
    """
    actor.require(Can.COMPANY_EDIT)
    kind = "department" if model is Department else "region"
    values: dict[str, Any] = {"name": " ".join(name.split()), "code": " ".join(code.split()).upper()}
    if kind == "department":
        values["region_id"] = region_id
    problems = _place_problems(session, actor, model, place_id, values)
    if problems:
        raise Invalid(problems)
    row: Any = session.get(model, (actor.company_id, place_id))
    old = {field: getattr(row, field) for field in values} if row is not None else {}
    if row is None:
        row = model(id=place_id, company_id=actor.company_id, **values)
        session.add(row)
    elif old == values:
        return row
    for field, value in values.items():
        setattr(row, field, value)
    session.flush()
    verb = "changed" if old else "added"
    record(session, actor, f"people.{kind}.{verb}", row, old=old, new=values)
    return row


def _place_problems(
    session: Session, actor: Actor, model: type[Department] | type[Region], place_id: UUID, values: dict[str, Any]
) -> dict[str, str]:
    found: dict[str, str] = {}
    if not values["name"] or len(values["name"]) > 100:
        found["name"] = "Enter a name of at most 100 characters"
    if not re.fullmatch(r"[^\W_][\w .&/-]{0,39}", values["code"]):
        found["code"] = "Enter a code of at most 40 letters and digits"
    taken = sa.select(model.id).where(model.company_id == actor.company_id, model.code == values["code"])
    if any(other != place_id for other in session.scalars(taken)):
        found["code"] = "Another one has this code. Enter a different code"
    region_id = values.get("region_id")
    if region_id is not None and session.get(Region, (actor.company_id, region_id)) is None:
        found["region_id"] = "Choose one from the list"
    return found
