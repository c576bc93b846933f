"""What is read from providers, in our words. Every model keeps the provider's id; what a provider does not say stays None.

Enums have `unknown` for a word nobody mapped: good news is never inferred from one.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


class Kind(StrEnum):
    """What a resource holds. A domain that takes a kind says so by `app.syncing.services.takes`."""

    EMPLOYEE = "employee"
    DEPARTMENT = "department"
    POSITION = "position"
    LEAVE = "leave"
    ACCOUNT = "account"
    CONTACT = "contact"
    INVOICE = "invoice"
    PAYMENT = "payment"
    FILE = "file"
    MEMBER = "member"
    CONTRIBUTION = "contribution"
    LEARNING = "learning"


def _none_if_empty(value: object) -> object:
    """Providers write an empty text for what they do not know."""
    return None if isinstance(value, str) and not value.strip() else value


Text = Annotated[Annotated[str, Field(max_length=500)] | None, BeforeValidator(_none_if_empty)]
Day = Annotated[date | None, BeforeValidator(_none_if_empty)]
Money = Annotated[Annotated[Decimal, Field(max_digits=14, decimal_places=4)] | None, BeforeValidator(_none_if_empty)]


class Record(BaseModel):
    """remote_id: the provider's id, unique within its resource."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    remote_id: str = Field(min_length=1, max_length=200)


class Employment(StrEnum):
    """Where somebody stands. As Finch's seven, which every HR system can be told in."""

    ACTIVE = "active"
    LEAVE = "leave"
    ONBOARDING = "onboarding"  # hired, the first day is still to come
    TERMINATED = "terminated"
    UNKNOWN = "unknown"


class EmployeeRecord(Record):
    """One person employed. `status` says how it is today; dates may lie ahead."""

    employee_number: Text = None
    first_name: str = Field(min_length=1, max_length=100)
    middle_name: Text = None
    last_name: str = Field(min_length=1, max_length=100)
    work_email: Text = None
    phone: Text = None
    date_of_birth: Day = None
    ssn: Text = None
    gender: Text = None
    marital_status: Text = None
    address_line1: Text = None
    address_line2: Text = None
    city: Text = None
    state: Text = None
    zip_code: Text = None
    country: Text = None
    status: Employment = Employment.UNKNOWN
    hired_on: Day = None
    terminated_on: Day = None
    termination_reason: Text = None
    effective_on: Day = None  # from when this is so, where the provider tells changes ahead of time
    employment_type: Text = None
    weekly_hours: Money = None
    pay_frequency: Text = None
    annual_salary: Money = None
    job_title: Text = None
    department: Text = None  # the remote id or, where a provider has none, the name
    manager: Text = None  # the remote id


class DepartmentRecord(Record):
    """A department, by the id that employees name it by."""

    name: str = Field(min_length=1, max_length=100)
    code: Text = None
    parent: Text = None


class PositionRecord(Record):
    """A job that people hold."""

    name: str = Field(min_length=1, max_length=200)
    code: Text = None


class LeaveRecord(Record):
    """An absence of somebody. approved: False also for one that is only asked for."""

    employee: str = Field(min_length=1, max_length=200)  # the remote id
    starts_on: date
    ends_on: Day = None
    kind: Text = None
    approved: bool = False


class AccountRecord(Record):
    """A line of the chart of accounts."""

    name: str = Field(min_length=1, max_length=200)
    code: Text = None
    kind: Text = None  # the provider's own word: Expense, EXPENSE, Accounts Payable
    currency: Text = None
    active: bool = True


class ContactRecord(Record):
    """Whom invoices come from or go to."""

    name: str = Field(min_length=1, max_length=300)


class Bill(StrEnum):
    """How an invoice stands."""

    DRAFT = "draft"
    OPEN = "open"
    PAID = "paid"
    VOID = "void"
    UNKNOWN = "unknown"


class InvoiceRecord(Record):
    """A bill of a carrier, as the books hold it. Amounts in `currency`."""

    number: Text = None
    contact: Text = None  # the remote id
    contact_name: Text = None
    status: Bill = Bill.UNKNOWN
    issued_on: Day = None
    due_on: Day = None
    period_on: Day = None  # the first day of the month it is for, where the books say so
    currency: Text = None
    total: Money = None
    open_amount: Money = None
    reference: Text = None


class PaymentRecord(Record):
    """Money that left for an invoice."""

    invoice: Text = None  # the remote id
    paid_on: Day = None
    currency: Text = None
    amount: Money = None
    reference: Text = None
    active: bool = True


class FileRecord(Record):
    """A document in a drive."""

    name: str = Field(min_length=1, max_length=400)
    folder: Text = None
    content_type: Text = None
    size: int | None = None
    is_folder: bool = False


class MemberRecord(Record):
    """Somebody of a pension or wellness plan."""

    email: Text = None
    employee_number: Text = None
    status: Text = None
    joined_on: Day = None


class ContributionRecord(Record):
    """What was paid into a pension for somebody and a pay period. Amounts in `currency`."""

    member: Text = None  # the remote id
    starts_on: Day = None
    ends_on: Day = None
    currency: Text = None
    employee_amount: Money = None
    employer_amount: Money = None


class LearningRecord(Record):
    """What somebody did with one piece of learning in a window of days."""

    email: Text = None
    content: Text = None
    title: Text = None
    engagement: Text = None
    value: Money = None
    starts_on: Day = None
    ends_on: Day = None


MODELS: dict[Kind, type[Record]] = {
    Kind.EMPLOYEE: EmployeeRecord, Kind.DEPARTMENT: DepartmentRecord, Kind.POSITION: PositionRecord, Kind.LEAVE: LeaveRecord,
    Kind.ACCOUNT: AccountRecord, Kind.CONTACT: ContactRecord, Kind.INVOICE: InvoiceRecord, Kind.PAYMENT: PaymentRecord,
    Kind.FILE: FileRecord, Kind.MEMBER: MemberRecord, Kind.CONTRIBUTION: ContributionRecord, Kind.LEARNING: LearningRecord,
}  # fmt: skip
