"""A census (the carrier's CSV, or an 834 of purpose verify) read into rows that know whom they mean."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.crypto import blind_index
from app.core.db import current_tenant
from app.feeds.rules.census import Row, placeholder
from app.feeds.services.carriers import carrier_code
from app.feeds.services.persons import member_key
from app.integrations.formats.census import CensusRow
from app.integrations.formats.x12.profile import CarrierProfile
from app.people.models import Dependent, Employee

SELF = frozenset({"self", "subscriber", "employee", "insured", "18", "ee", "e"})


def rows_of(session: Session, lines: Sequence[CensusRow], profile: CarrierProfile) -> list[Row]:
    """Whom each line means: by our member number with birth date or first name, else by SSN (blind index)."""
    people = _Register(session, lines)
    return [_row(line, people.find(line), profile) for line in lines]


def _row(line: CensusRow, person: str, profile: CarrierProfile) -> Row:
    birth = line.birth_on.isoformat() if line.birth_on else ""
    who = "|".join((line.subscriber_number, line.member_number, line.last_name, line.first_name, birth))
    return Row(
        person=person,
        plan=carrier_code(profile, line.plan_code or line.line),
        tier=line.tier.upper(),
        start=line.start_on,
        end=line.end_on,
        last_name=line.last_name,
        first_name=line.first_name,
        birth=line.birth_on,
        ssn=_digits(line.ssn),
        stranger="" if person else blind_index(current_tenant(), "census-stranger", who).hex(),
    )


class _Register:
    """Our people a census may mean, found with two queries however long the census is."""

    def __init__(self, session: Session, lines: Sequence[CensusRow]) -> None:
        company = current_tenant()
        ssns = {_digits(line.ssn) for line in lines if not placeholder(line.ssn)}
        blinds = [Employee.ssn.blind(company, ssn) for ssn in ssns]
        numbers = {line.subscriber_number.upper() for line in lines if line.subscriber_number}
        found = session.scalars(
            sa.select(Employee).where(
                sa.or_(sa.func.upper(Employee.member_number).in_(numbers), Employee.ssn_bidx.in_(blinds))  # type: ignore[attr-defined]
            )
        ).all()
        self._by_number = {row.member_number.upper(): row for row in found}
        self._by_ssn = {bytes(row.ssn_bidx): member_key(row.member_number) for row in found if row.ssn_bidx}  # type: ignore[attr-defined]
        self._families: dict[UUID, list[Dependent]] = {}
        self._take_dependents(session, {row.id: row for row in found}, blinds)

    def _take_dependents(self, session: Session, known: dict[UUID, Employee], blinds: list[bytes | None]) -> None:
        query = (
            sa.select(Dependent, Employee)
            .join(Employee, sa.and_(Employee.company_id == Dependent.company_id, Employee.id == Dependent.employee_id))
            .where(sa.or_(Dependent.employee_id.in_(list(known)), Dependent.ssn_bidx.in_(blinds)))  # type: ignore[attr-defined]
        )
        for row in session.execute(query):
            dependent, employee = row.Dependent, row.Employee
            self._families.setdefault(employee.id, []).append(dependent)
            self._by_number.setdefault(employee.member_number.upper(), employee)
            if dependent.ssn_bidx:
                self._by_ssn.setdefault(bytes(dependent.ssn_bidx), member_key(employee.member_number, dependent.id))

    def find(self, line: CensusRow) -> str:
        """Our member key, or "" when the line means nobody we know."""
        employee = self._by_number.get(line.subscriber_number.upper())
        if employee is not None:
            if line.relationship.casefold() in SELF:
                return member_key(employee.member_number)
            dependent = self._dependent(employee, line)
            if dependent is not None:
                return member_key(employee.member_number, dependent.id)
        if not placeholder(line.ssn):
            blind = Employee.ssn.blind(current_tenant(), _digits(line.ssn))
            return self._by_ssn.get(blind or b"", "")
        return ""

    def _dependent(self, employee: Employee, line: CensusRow) -> Dependent | None:
        """By first name and birth date; one of the two is enough when it fits a single person."""
        family = self._families.get(employee.id, [])
        name, birth = _flat(line.first_name), line.birth_on
        both = [row for row in family if _flat(row.first_name or "") == name and row.date_of_birth == birth]
        names = [row for row in family if _flat(row.first_name or "") == name]
        births = [row for row in family if row.date_of_birth == birth]
        for found in (both, names, births):
            if len(found) == 1:
                return found[0]
        return None


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())


def _flat(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum() and character.isascii())
