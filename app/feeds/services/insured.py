"""The people a carrier is told of, read in bulk: Core rows of what an 834 needs, opened once. A full file holds thousands."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from app.core.crypto import Opener, blind_index, encrypted_fields
from app.core.db import current_tenant
from app.people.models import Dependent, Employee

CHUNK = 2_000


class InsuredEmployee(NamedTuple):
    """Columns of Employee, then its encrypted fields."""

    id: UUID
    member_number: str
    status: str
    employment_type: str
    gender: str
    marital_status: str
    work_email: str
    hired_on: date
    terminated_on: date | None
    first_name: str | None
    last_name: str | None
    middle_name: str | None
    date_of_birth: date | None
    ssn: str | None
    phone: str | None
    address_line1: str | None
    address_line2: str | None
    city: str | None
    state: str | None
    zip_code: str | None


class InsuredDependent(NamedTuple):
    """Columns of Dependent, then its encrypted fields."""

    id: UUID
    employee_id: UUID
    relationship: str
    gender: str
    student: bool
    disabled: bool
    added_on: date
    first_name: str | None
    last_name: str | None
    middle_name: str | None
    date_of_birth: date | None
    ssn: str | None


Insured = InsuredEmployee | InsuredDependent
Kind = TypeVar("Kind", InsuredEmployee, InsuredDependent)


def employees_of(session: Session, ids: Collection[UUID]) -> dict[UUID, InsuredEmployee]:
    return _by_id(session, Employee, InsuredEmployee, ids)


def dependents_of(session: Session, ids: Collection[UUID]) -> dict[UUID, InsuredDependent]:
    return _by_id(session, Dependent, InsuredDependent, ids)


def _by_id(
    session: Session, model: type[Employee | Dependent], kind: type[Kind], ids: Collection[UUID]
) -> dict[UUID, Kind]:
    names: tuple[str, ...] = kind._fields
    encrypted = encrypted_fields(model)
    plain: list[str] = [name for name in names if name not in encrypted]
    sealed: list[str] = [name for name in names if name in encrypted]
    opened = Opener(current_tenant()).fields(*(getattr(model, name) for name in sealed))
    query = sa.select(*(getattr(model, name) for name in (*plain, *(f"{name}_enc" for name in sealed))))
    found: dict[UUID, Kind] = {}
    for part in chunks(list(ids)):
        for row in session.execute(query.where(among(model.id, part))):
            found[row[0]] = kind(*row[: len(plain)], *opened(row[0], row[len(plain) :]))
    return found


def chunks(ids: list[UUID]) -> Iterable[list[UUID]]:
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))


def among(column: Any, ids: Collection[UUID]) -> sa.ColumnElement[bool]:
    """`column IN ids` as one parameter: thousands of placeholders cost more to write and read than the rows."""
    found: sa.ColumnElement[bool] = column == sa.any_(sa.bindparam(None, list(ids), type_=ARRAY(sa.Uuid)))
    return found


def identity_of(person: Insured) -> dict[str, str]:
    """Who a carrier knows the person as; kept encrypted with what was sent."""
    birth = person.date_of_birth
    return {
        "last": person.last_name or "",
        "first": person.first_name or "",
        "middle": person.middle_name or "",
        "birth": birth.isoformat() if birth else "",
        "gender": person.gender,
        "ssn": person.ssn or "",
    }


def mark_of(person: Insured) -> str:
    """A keyed digest of everything a carrier is told about a person: equal as long as nothing changed."""
    parts = list(identity_of(person).values())
    if isinstance(person, InsuredEmployee):
        home = (person.address_line1, person.address_line2, person.city, person.state, person.zip_code)
        parts += [part or "" for part in (*home, person.phone, person.marital_status, person.member_number)]
    return blind_index(current_tenant(), "feed-person", "|".join(parts)).hex()
