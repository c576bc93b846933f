"""Roles and who has them. Every change is audited with old and new values at high risk and acts on the next request."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.models import DataAccessLevel, Role, RoleAssignment, Training, User, UserStatus
from app.accounts.rules import TRAININGS
from app.accounts.services.sessions import end_sessions
from app.core.access import Can, Flag, RoleType, Scope
from app.core.clock import today
from app.core.db import fetch
from app.core.errors import Conflict, Forbidden, Invalid
from app.core.events import Actor, Risk, record

ROLE_FIELDS = ("name", "description", "data_access_level", "mfa_required", "is_active", *(flag.value for flag in Flag))
ASSIGNMENT_FIELDS = (
    "department_id", "region_id", "expires_on", "is_active", "notes", "clearance",
    *(f"{training}_{part}" for training in TRAININGS for part in ("required", "status")),
)  # fmt: skip


def require_everywhere(actor: Actor, permission: Can) -> None:
    """Users and roles belong to the whole company: a narrowed role may not touch them. Raises Forbidden."""
    if actor.scope(permission) is not Scope.ALL:
        raise Forbidden


def list_roles(session: Session) -> Sequence[Role]:
    return session.scalars(sa.select(Role).order_by(Role.name)).all()


def people_per_role(session: Session) -> dict[UUID, int]:
    query = sa.select(RoleAssignment.role_id, sa.func.count()).where(RoleAssignment.is_active)
    return {row[0]: row[1] for row in session.execute(query.group_by(RoleAssignment.role_id))}


def add_role(session: Session, actor: Actor, values: dict[str, Any], role_type: str) -> Role:
    """A new role. Raises Invalid when the name is taken."""
    require_everywhere(actor, Can.ROLE_MANAGE)
    _refuse_double_name(session, values["name"], None)
    made = Role(role_type=RoleType(role_type).value, created_by_user_id=actor.user_id, **_only(values, ROLE_FIELDS))
    session.add(made)
    record(session, actor, "accounts.role.added", made, new=_shown(made, ROLE_FIELDS), risk=Risk.HIGH)
    return made


def change_role(session: Session, actor: Actor, role_id: UUID | str, values: dict[str, Any]) -> Role:
    """Change what a role may do.

    Raises:
        Invalid: the name is taken, or nobody could manage users any more.
    """
    require_everywhere(actor, Can.ROLE_MANAGE)
    role = fetch(session, Role, role_id, lock=True)
    _refuse_double_name(session, values["name"], role.id)
    old = _shown(role, ROLE_FIELDS)
    for name, value in _only(values, ROLE_FIELDS).items():
        setattr(role, name, value)
    session.flush()
    _keep_an_administrator(session)
    _record_change(session, actor, "accounts.role.changed", role, old, _shown(role, ROLE_FIELDS))
    return role


def assign_role(
    session: Session, actor: Actor, user_id: UUID | str, role_id: UUID | str, values: dict[str, Any]
) -> RoleAssignment:
    """Give a user a role, or change how they have it. Nobody does that to themselves.

    Raises:
        Conflict: one's own roles.
        Invalid: the role's level needs a department or region.
    """
    user, role = _both(session, actor, user_id, role_id)
    _check_place(role, values)
    query = sa.select(RoleAssignment).where(RoleAssignment.user_id == user.id, RoleAssignment.role_id == role.id)
    found = session.scalars(query.with_for_update()).one_or_none()
    old = _shown(found, ASSIGNMENT_FIELDS) if found else {}
    if found is None:
        found = RoleAssignment(user_id=user.id, role_id=role.id, assigned_by_user_id=actor.user_id)
        session.add(found)
    for name, value in _only(values, ASSIGNMENT_FIELDS).items():
        setattr(found, name, value)
    session.flush()
    _keep_an_administrator(session)
    new = _shown(found, ASSIGNMENT_FIELDS) | {"user_id": user.id, "role": role.name}
    _record_change(session, actor, "accounts.role.assigned", found, old, new)
    return found


def withdraw_role(session: Session, actor: Actor, user_id: UUID | str, assignment_id: UUID | str) -> None:
    """Take a role away; its devices are signed out so that no open page keeps the old rights.

    Raises:
        Conflict: one's own role.
        Invalid: the last one who may manage users.
    """
    require_everywhere(actor, Can.ROLE_MANAGE)
    found = fetch(session, RoleAssignment, assignment_id, lock=True)
    user, role = _both(session, actor, user_id, found.role_id)
    if found.user_id != user.id:
        raise Conflict
    old = _shown(found, ASSIGNMENT_FIELDS) | {"user_id": user.id, "role": role.name}
    session.delete(found)
    session.flush()
    _keep_an_administrator(session)
    record(session, actor, "accounts.role.withdrawn", found, old=old, risk=Risk.HIGH)
    end_sessions(session, actor, user.id, reason="role withdrawn")


def end_with_employment(session: Session, actor: Actor, employee_id: UUID, last_day: date) -> int:
    """Somebody leaves: their roles end with the last day of work, what is their own stays open to them. Returns how many ended.

    The last one who may manage users keeps that role, and the trail says so: without it nobody could give it to somebody else.
    """
    user = session.scalars(sa.select(User).where(User.employee_id == employee_id, User.deleted_at.is_(None))).first()
    if user is None:
        return 0
    alone, ended = not administrators(session, but=user.id), 0
    query = sa.select(RoleAssignment, Role).join(Role, Role.id == RoleAssignment.role_id)
    for assignment, role in session.execute(query.where(RoleAssignment.user_id == user.id, RoleAssignment.is_active)):
        if assignment.expires_on is not None and assignment.expires_on <= last_day:
            continue
        if role.can_manage_users and alone:
            record(session, actor, "accounts.role.kept", assignment, new={"role": role.name}, risk=Risk.CRITICAL)
            continue
        old, assignment.expires_on = assignment.expires_on, last_day
        new = {"expires_on": last_day, "role": role.name}
        record(session, actor, "accounts.role.assigned", assignment, old={"expires_on": old}, new=new, risk=Risk.HIGH)
        ended += 1
    if ended and last_day < today():
        end_sessions(session, actor, user.id, reason="employment ended")
    return ended


def ending_soon(session: Session, days: Sequence[int]) -> Sequence[Any]:
    """(assignment id, user id, role, last day) of roles that end in so many days."""
    wanted = [today() + timedelta(days=n) for n in days]
    query = (
        sa.select(RoleAssignment.id, RoleAssignment.user_id, Role.name, RoleAssignment.expires_on)
        .join(Role, Role.id == RoleAssignment.role_id)
        .join(User, User.id == RoleAssignment.user_id)
        .where(
            RoleAssignment.expires_on.in_(wanted), RoleAssignment.is_active, Role.is_active,
            User.status == UserStatus.ACTIVE.value, User.deleted_at.is_(None),
        )
        .order_by(RoleAssignment.id)
    )  # fmt: skip
    return session.execute(query).all()


def _both(session: Session, actor: Actor, user_id: UUID | str, role_id: UUID | str) -> tuple[User, Role]:
    require_everywhere(actor, Can.ROLE_MANAGE)
    user, role = fetch(session, User, user_id), fetch(session, Role, role_id)
    if user.id == actor.user_id:
        raise Conflict
    return user, role


def _check_place(role: Role, values: dict[str, Any]) -> None:
    if role.data_access_level == DataAccessLevel.DEPARTMENT and not values.get("department_id"):
        raise Invalid({"department_id": "Choose the department: this role reaches one department."})
    if role.data_access_level == DataAccessLevel.REGION and not (
        values.get("region_id") or values.get("department_id")
    ):
        raise Invalid({"region_id": "Choose the region: this role reaches one region."})


def _keep_an_administrator(session: Session) -> None:
    """Somebody must be able to manage users tomorrow, without waiting for an expiry date. Raises Invalid."""
    if not administrators(session):
        raise Invalid("At least one active person must keep a role that manages users. Give it to somebody else first.")


def administrators(session: Session, but: UUID | None = None) -> bool:
    """True when somebody active (other than `but`) may manage users everywhere."""
    query = (
        sa.select(RoleAssignment.id)
        .join(Role, Role.id == RoleAssignment.role_id)
        .join(User, User.id == RoleAssignment.user_id)
        .where(
            Role.can_manage_users, Role.is_active, Role.data_access_level == DataAccessLevel.ALL.value,
            RoleAssignment.is_active, RoleAssignment.department_id.is_(None), RoleAssignment.region_id.is_(None),
            sa.or_(RoleAssignment.expires_on.is_(None), RoleAssignment.expires_on > today()),
            *(
                sa.or_(
                    ~getattr(RoleAssignment, f"{training}_required"),
                    getattr(RoleAssignment, f"{training}_status") == Training.CERTIFIED.value,
                )
                for training in TRAININGS
            ),
            User.status == UserStatus.ACTIVE.value, User.deleted_at.is_(None),
        )
        .limit(1)
    )  # fmt: skip
    if but is not None:
        query = query.where(User.id != but)
    return session.execute(query).first() is not None


def _refuse_double_name(session: Session, name: str, own_id: UUID | None) -> None:
    other = session.execute(sa.select(Role.id).where(sa.func.lower(Role.name) == name.strip().lower())).scalar()
    if other is not None and other != own_id:
        raise Invalid({"name": "Another role has this name. Choose a different one."})


def _only(values: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Nothing but these columns is ever taken from a form."""
    return {name: values[name] for name in names if name in values}


def _shown(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _record_change(
    session: Session, actor: Actor, name: str, row: Any, old: dict[str, Any], new: dict[str, Any]
) -> None:
    changed = {key for key in new if key not in old or old[key] != new[key]}
    if changed:
        before = {key: old[key] for key in changed if key in old}
        record(session, actor, name, row, old=before, new={key: new[key] for key in changed}, risk=Risk.HIGH)
