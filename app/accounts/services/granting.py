"""What a user may do right now, from role assignments; and the roles a company starts with."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.models import Role, RoleAssignment, User, UserStatus
from app.accounts.rules import add_up, needs_second_factor
from app.core.access import GRANTS, ROLE_DEFAULTS, Can, Flag, RoleType
from app.core.clock import today as today_at

FLAG_COLUMNS = tuple(getattr(Role, flag.value) for flag in Flag)
ASSIGNMENT_COLUMNS = (
    RoleAssignment.id, RoleAssignment.role_id, RoleAssignment.is_active, RoleAssignment.expires_on,
    RoleAssignment.department_id, RoleAssignment.region_id, RoleAssignment.assigned_at, RoleAssignment.notes,
    RoleAssignment.clearance,
    RoleAssignment.hipaa_training_required, RoleAssignment.hipaa_training_status,
    RoleAssignment.benefits_certification_required, RoleAssignment.benefits_certification_status,
    RoleAssignment.compliance_training_required, RoleAssignment.compliance_training_status,
    RoleAssignment.fcra_certification_required, RoleAssignment.fcra_certification_status,
    RoleAssignment.background_check_required, RoleAssignment.background_check_status,
    Role.name.label("role_name"), Role.role_type, Role.is_active.label("role_is_active"), Role.data_access_level,
)  # fmt: skip


def assignments_of(session: Session, user_id: UUID) -> Sequence[Any]:
    """A user's assignments joined with their roles. One query."""
    return session.execute(
        sa.select(*ASSIGNMENT_COLUMNS, *FLAG_COLUMNS)
        .join(Role, Role.id == RoleAssignment.role_id)
        .where(RoleAssignment.user_id == user_id)
        .order_by(RoleAssignment.id)
    ).all()


def holders(session: Session, permission: Can) -> list[UUID]:
    """Active users who have a permission today, over whatever rows. One query."""
    flags = [getattr(Role, flag.value) for flag, cans in GRANTS.items() if permission in cans]
    query = (
        sa.select(RoleAssignment.user_id, *ASSIGNMENT_COLUMNS, *FLAG_COLUMNS)
        .join(Role, Role.id == RoleAssignment.role_id)
        .join(User, User.id == RoleAssignment.user_id)
        .where(sa.or_(*flags), User.status == UserStatus.ACTIVE.value, User.deleted_at.is_(None))
        .order_by(RoleAssignment.user_id)
    )
    by_user = groupby(session.execute(query), key=attrgetter("user_id"))
    today = today_at()
    return [user_id for user_id, theirs in by_user if permission in add_up(theirs, today).grants]


def role_asks_second_factor(session: Session, user_id: UUID) -> bool:
    """True when any role of the user asks for a second factor (also one that is switched off today: it may come back)."""
    query = (
        sa.select(RoleAssignment.id)
        .join(Role, Role.id == RoleAssignment.role_id)
        .where(RoleAssignment.user_id == user_id, RoleAssignment.is_active, Role.is_active, Role.mfa_required)
    )
    return session.execute(query.limit(1)).first() is not None


ROLE_NAMES = {
    RoleType.BENEFITS_ADMIN: "Benefits administrator",
    RoleType.BENEFITS_MANAGER: "Benefits manager",
    RoleType.BENEFITS_SPECIALIST: "Benefits specialist",
    RoleType.HR_ADMIN: "HR administrator",
    RoleType.PAYROLL_ADMIN: "Payroll administrator",
    RoleType.ENROLLMENT_SPECIALIST: "Enrollment specialist",
    RoleType.COMPLIANCE_OFFICER: "Compliance officer",
    RoleType.AUDITOR: "Auditor",
    RoleType.VIEWER: "Viewer",
    RoleType.EMPLOYEE_SELF_SERVICE: "Employee",
    RoleType.SYSTEM_ADMIN: "System administrator",
    RoleType.MANAGER: "Manager",
    RoleType.BG_CHECK_ADMIN: "Screening administrator",
    RoleType.BG_CHECK_MANAGER: "Screening manager",
    RoleType.BG_CHECK_SPECIALIST: "Adjudicator",
    RoleType.RECRUITER: "Recruiter",
    RoleType.HIRING_MANAGER: "Hiring manager",
}


def make_default_roles(session: Session) -> dict[RoleType, Role]:
    """The roles every company starts with, from `ROLE_DEFAULTS`; existing ones are left as they are."""
    found = {RoleType(role.role_type): role for role in session.scalars(sa.select(Role).order_by(Role.id.desc()))}
    for role_type, (scope, flags) in ROLE_DEFAULTS.items():
        if role_type not in found:
            found[role_type] = Role(
                name=ROLE_NAMES[role_type],
                role_type=role_type.value,
                data_access_level=scope.name,
                mfa_required=needs_second_factor(flags),
                **{flag.value: flag in flags for flag in Flag},
            )
            session.add(found[role_type])
    return found
