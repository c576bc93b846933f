"""People of a company. Field sources: insurance-schema members, dependents, employers; every 🔒 field is encrypted."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.core.crypto import EncryptedField
from app.core.db import Base, Tenant, choices, refs
from app.people.rules.words import (
    DependentStatus,
    EmployeeStatus,
    EmploymentType,
    Gender,
    ImportState,
    PayFrequency,
    Relationship,
)

__all__ = [
    "Company", "Department", "Dependent", "DependentStatus", "Employee", "EmployeeStatus", "EmploymentType", "Gender",
    "ImportRowError", "ImportState", "PayFrequency", "PeopleImport", "Region", "Relationship",
]  # fmt: skip


class Company(Tenant, Base):
    """The employer (insurance-schema employers). Its id is the company_id of everything it owns."""

    __tablename__ = "company"
    __table_args__ = (
        sa.CheckConstraint("company_id = id", name="is_its_own_tenant"),
        choices("pay_frequency", PayFrequency),
    )

    name: Mapped[str]
    slug: Mapped[str]
    tax_id: EncryptedField[str] = EncryptedField()  # EIN; goes to carriers as sponsor id
    industry: Mapped[str] = mapped_column(default="")
    primary_contact_name: Mapped[str] = mapped_column(default="")
    primary_contact_email: Mapped[str] = mapped_column(default="")
    primary_contact_phone: Mapped[str] = mapped_column(default="")
    address_line1: Mapped[str] = mapped_column(default="")
    address_line2: Mapped[str] = mapped_column(default="")
    city: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="")
    zip_code: Mapped[str] = mapped_column(default="")
    group_number: Mapped[str] = mapped_column(default="")
    billing_cycle: Mapped[str] = mapped_column(default="monthly")
    payment_method: Mapped[str] = mapped_column(default="ach")
    contract_starts_on: Mapped[date | None]
    contract_ends_on: Mapped[date | None]
    status: Mapped[str] = mapped_column(default="active")
    time_zone: Mapped[str] = mapped_column(default="America/New_York")
    pay_frequency: Mapped[str] = mapped_column(default=PayFrequency.BIWEEKLY.value)
    brand_hue: Mapped[int] = mapped_column(default=185)
    logo_file_id: Mapped[UUID | None]
    new_hire_days: Mapped[int] = mapped_column(default=30)  # length of the new-hire enrollment window
    deleted_at: Mapped[datetime | None]


class Region(Tenant, Base):
    __tablename__ = "region"
    __table_args__ = (sa.UniqueConstraint("company_id", "code"),)

    code: Mapped[str]
    name: Mapped[str]
    state: Mapped[str] = mapped_column(default="")


class Department(Tenant, Base):
    __tablename__ = "department"
    __table_args__ = (sa.UniqueConstraint("company_id", "code"), *refs(region_id="region", parent_id="department"))

    code: Mapped[str]
    name: Mapped[str]
    region_id: Mapped[UUID | None]
    parent_id: Mapped[UUID | None]


class PersonFields:
    """What employee and dependent share. Every field is health-plan member data, hence encrypted."""

    first_name: EncryptedField[str] = EncryptedField(required=True)
    last_name: EncryptedField[str] = EncryptedField(required=True)
    middle_name: EncryptedField[str] = EncryptedField()
    date_of_birth: EncryptedField[date] = EncryptedField(date, index="birth")
    ssn: EncryptedField[str] = EncryptedField(index="ssn")  # nine digits, no dashes
    blood_type: EncryptedField[str] = EncryptedField()
    allergies: EncryptedField[str] = EncryptedField()
    medical_conditions: EncryptedField[str] = EncryptedField()


class Employee(PersonFields, Tenant, Base):
    __tablename__ = "employee"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "employee_number"),
        sa.UniqueConstraint("company_id", "member_number"),
        sa.Index(None, "company_id", "status", "employee_number"),
        sa.Index("ix_employee_department_list", "company_id", "department_id", "employee_number"),
        sa.Index("ix_employee_region_list", "company_id", "region_id", "employee_number"),
        sa.Index("ix_employee_ssn", "company_id", "ssn_bidx"),
        sa.Index("ix_employee_name_tokens", "name_tokens", postgresql_using="gin"),
        choices("status", EmployeeStatus),
        choices("pay_frequency", PayFrequency),
        choices("employment_type", EmploymentType),
        choices("gender", Gender),
        # The two list indexes above begin with these columns, so their own ones would only slow down writing.
        *(item for item in refs(department_id="department", region_id="region") if not isinstance(item, sa.Index)),
        *refs(manager_id="employee"),
    )

    # Byte order: one index then serves paging and the search by the beginning of a number.
    employee_number: Mapped[str] = mapped_column(sa.Text(collation="C"))
    member_number: Mapped[str] = mapped_column(
        sa.Text(collation="C")
    )  # what carriers know the subscriber by; never the SSN
    name_tokens: Mapped[list[bytes]] = mapped_column(ARRAY(sa.LargeBinary), default=list)  # blind prefixes for search
    gender: Mapped[str] = mapped_column(default=Gender.UNDISCLOSED.value)
    work_email: Mapped[str] = mapped_column(default="")
    phone: EncryptedField[str] = EncryptedField()
    alternate_phone: EncryptedField[str] = EncryptedField()
    address_line1: EncryptedField[str] = EncryptedField()
    address_line2: EncryptedField[str] = EncryptedField()
    city: EncryptedField[str] = EncryptedField()
    state: EncryptedField[str] = EncryptedField()
    zip_code: EncryptedField[str] = EncryptedField()
    country: Mapped[str] = mapped_column(default="USA")
    emergency_contact_name: EncryptedField[str] = EncryptedField()
    emergency_contact_phone: EncryptedField[str] = EncryptedField()
    emergency_contact_relation: EncryptedField[str] = EncryptedField()
    bank_account: EncryptedField[str] = EncryptedField()
    bank_routing: EncryptedField[str] = EncryptedField()
    annual_salary: EncryptedField[Decimal] = EncryptedField(Decimal)
    marital_status: Mapped[str] = mapped_column(default="")
    tobacco_user: Mapped[bool | None]
    status: Mapped[str] = mapped_column(default=EmployeeStatus.ACTIVE.value)
    employment_type: Mapped[str] = mapped_column(default=EmploymentType.FULL_TIME.value)
    employee_class: Mapped[str] = mapped_column(default="standard")
    weekly_hours: Mapped[Decimal] = mapped_column(sa.Numeric(5, 2), default=Decimal(40))
    pay_frequency: Mapped[str] = mapped_column(default=PayFrequency.BIWEEKLY.value)
    job_title: Mapped[str] = mapped_column(default="")
    hired_on: Mapped[date]
    terminated_on: Mapped[date | None]
    termination_reason: Mapped[str] = mapped_column(default="")
    department_id: Mapped[UUID | None]
    region_id: Mapped[UUID | None]
    manager_id: Mapped[UUID | None]
    preferred_language: Mapped[str] = mapped_column(default="en")
    communication_preferences: Mapped[dict[str, Any]] = mapped_column(default=dict)
    import_digest: Mapped[bytes | None]  # keyed digest of the file row that was last applied; NULL after an edit here
    deleted_at: Mapped[datetime | None]


class Dependent(PersonFields, Tenant, Base):
    __tablename__ = "dependent"
    __table_args__ = (
        choices("relationship", Relationship),
        choices("status", DependentStatus),
        choices("gender", Gender),
        sa.Index("ix_dependent_ssn", "company_id", "ssn_bidx"),
        *refs(employee_id="employee"),
    )

    employee_id: Mapped[UUID]
    relationship: Mapped[str]
    gender: Mapped[str] = mapped_column(default=Gender.UNDISCLOSED.value)
    ssn_missing_reason: Mapped[str] = mapped_column(default="")  # newborn | applied | none
    student: Mapped[bool] = mapped_column(default=False)
    disabled: Mapped[bool] = mapped_column(default=False)
    status: Mapped[str] = mapped_column(default=DependentStatus.ACTIVE.value)
    added_on: Mapped[date]
    removed_on: Mapped[date | None]
    deleted_at: Mapped[datetime | None]


class PeopleImport(Tenant, Base):
    """One uploaded employee file: mapping, dry run, progress, result."""

    __tablename__ = "people_import"
    __table_args__ = (choices("state", ImportState), *refs(file_id="stored_file"))

    file_id: Mapped[UUID]
    state: Mapped[str] = mapped_column(default=ImportState.UPLOADED.value)
    mapping: Mapped[dict[str, Any]] = mapped_column(default=dict)  # our field → column heading
    headings: Mapped[list[str]] = mapped_column(default=list)
    rows_total: Mapped[int] = mapped_column(default=0)
    rows_done: Mapped[int] = mapped_column(default=0)
    rows_new: Mapped[int] = mapped_column(default=0)
    rows_changed: Mapped[int] = mapped_column(default=0)
    rows_same: Mapped[int] = mapped_column(default=0)
    rows_refused: Mapped[int] = mapped_column(default=0)
    create_missing: Mapped[bool] = mapped_column(
        default=True
    )  # departments and regions the file names for the first time
    failure: Mapped[str] = mapped_column(default="")
    created_by_user_id: Mapped[UUID | None]
    confirmed_by_user_id: Mapped[UUID | None]


class ImportRowError(Tenant, Base):
    __tablename__ = "import_row_error"
    __table_args__ = refs(import_id="people_import")

    import_id: Mapped[UUID]
    row_number: Mapped[int]
    field: Mapped[str]
    message: Mapped[str]  # says what to do; never repeats the value
