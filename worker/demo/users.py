"""One user per role, all with the same password, and the roles themselves."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.models import RoleAssignment, User, UserStatus
from app.accounts.services.granting import make_default_roles
from app.accounts.services.passwords import hash_password
from app.core.access import RoleType
from app.core.clock import now
from app.core.db import fetch
from app.people.models import Employee
from app.people.services import full_name

PASSWORD = "corridor-demo-2026"  # noqa: S105 - printed on purpose: it opens the demo company only


class SignIn(NamedTuple):
    email: str
    what: str
    roles: tuple[RoleType, ...]
    name: str  # empty: the employee's own


ACCOUNTS = (
    SignIn("hr@northwind.example", "HR: enrollment queue, people", (RoleType.HR_ADMIN,), "Grace Okafor"),
    SignIn(
        "benefits@northwind.example",
        "benefits admin: plans, carriers, feeds",
        (RoleType.BENEFITS_ADMIN,),
        "Daniel Novak",
    ),
    SignIn(
        "second@northwind.example", "second person: releases held files", (RoleType.BENEFITS_MANAGER,), "Irene Cohen"
    ),
    SignIn(
        "admin@northwind.example", "system admin: users, roles, operations", (RoleType.SYSTEM_ADMIN,), "Victor Haddad"
    ),
    SignIn("compliance@northwind.example", "compliance: audit trail", (RoleType.COMPLIANCE_OFFICER,), "Ruth Campbell"),
    SignIn("payroll@northwind.example", "payroll", (RoleType.PAYROLL_ADMIN,), "Oscar Reyes"),
    SignIn("recruiter@northwind.example", "recruiter: orders background checks", (RoleType.RECRUITER,), "Naomi Baker"),
    SignIn(
        "adjudicator@northwind.example",
        "adjudicator: reads records, adverse action",
        (RoleType.BG_CHECK_SPECIALIST,),
        "Julian Scott",
    ),
    SignIn(
        "screening@northwind.example",
        "screening admin: providers, policy, analytics",
        (RoleType.BG_CHECK_ADMIN,),
        "Renee Walker",
    ),
    SignIn("hiring@northwind.example", "hiring manager: sees a date", (RoleType.HIRING_MANAGER,), "Andre Mitchell"),
)


PEOPLE = (
    SignIn("manager@northwind.example", "manager: sees the team", (RoleType.MANAGER,), ""),
    SignIn("employee@northwind.example", "employee with coverage", (), ""),
    SignIn("newhire@northwind.example", "new hire: chooses benefits", (), ""),
)


def all_accounts() -> tuple[SignIn, ...]:
    return (*PEOPLE[::-1], *ACCOUNTS)


def make_users(session: Session, new_hire: UUID, employee: UUID, manager: UUID) -> None:
    """The accounts above. Roles ask for no second factor here, so that looking around is quick; elsewhere they do."""
    roles = make_default_roles(session)
    for made in roles.values():
        made.mfa_required = False
    session.flush()
    linked = {"manager": manager, "employee": employee, "newhire": new_hire}
    hashed = hash_password(PASSWORD)
    for account in all_accounts():
        employee_id = linked.get(account.email.split("@")[0])
        user = User(
            email=account.email, display_name=account.name or _name(session, employee_id), password_hash=hashed, status=UserStatus.ACTIVE.value,
            password_changed_at=now(), email_verified_at=now(), employee_id=employee_id,
        )  # fmt: skip
        session.add(user)
        for role in account.roles:
            session.add(RoleAssignment(user_id=user.id, role_id=roles[role].id))


def _name(session: Session, employee_id: UUID | None) -> str:
    employee = fetch(session, Employee, employee_id)
    return full_name(employee.first_name, employee.last_name)
