"""For every test that needs somebody signed in: `make_user`, then `sign_in(client, user)`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.models import RoleAssignment, TenantDoor, User, UserStatus
from app.accounts.rules import Method
from app.accounts.services.granting import make_default_roles
from app.accounts.services.passwords import hash_password
from app.accounts.services.sessions import open_session
from app.core.access import RoleType
from app.core.clock import now
from app.core.db import tenant, transaction
from app.core.events import system

PASSWORD = "violet-harbor-clockwork-37"


@lru_cache(maxsize=4)
def hashed(password: str = PASSWORD) -> str:
    """Argon2 is slow on purpose; once per run is enough."""
    return hash_password(password)


def make_user(
    session: Session,
    company: Any,
    *,
    email: str,
    roles: Sequence[RoleType] = (),
    employee_id: UUID | None = None,
    password: str | None = PASSWORD,
    **more: Any,
) -> User:
    """An active user of the company (its id, or a row with `.id`) with these roles. Commits, so that other connections see it.

    `more`: further columns of User, or `department_id` / `region_id` of every assignment.
    """
    company_id = company if isinstance(company, UUID) else company.id
    places = {name: more.pop(name) for name in ("department_id", "region_id") if name in more}
    session.commit()  # what the caller has pending, in the caller's tenant
    with tenant(company_id):
        _make_door(session, company_id)
        made = make_default_roles(session) if roles else {}
        values = {
            "display_name": email.partition("@")[0].title(), "status": UserStatus.ACTIVE.value,
            "password_hash": hashed(password) if password else None, "email_verified_at": now(), **more,
        }  # fmt: skip
        user = User(email=email.lower(), employee_id=employee_id, **values)
        session.add(user)
        session.flush()
        session.add_all(RoleAssignment(user_id=user.id, role_id=made[role].id, **places) for role in roles)
        session.commit()
    return user


def _make_door(session: Session, company_id: UUID) -> None:
    if session.execute(sa.select(TenantDoor.id).where(TenantDoor.id == company_id)).first() is None:
        slug = f"company-{company_id.hex[-8:]}"
        session.add(TenantDoor(id=company_id, slug=slug, name="Acme", brand_hue=185))
        session.flush()


def session_cookie(user: User) -> tuple[str, str]:
    """Name and value of the cookie of a new session of the user, for a browser or another HTTP client."""
    with transaction(user.company_id) as own:
        _, token = open_session(own, system("test"), user.id, method=Method.PASSWORD, second_factor=True)
    return "corridor", f"{user.company_id.hex}.{token}"


def sign_in(client: Any, user: User) -> None:
    """Sign the test client in, without going through the pages. The user is in the database already (`make_user` commits)."""
    name, value = session_cookie(user)
    client.set_cookie(name, value)


def sign_in_browser(page: Any, user: User, live_url: str) -> None:
    """Sign a Playwright page in: `sign_in_browser(phone, user, live_url)`, then `phone.goto("/…")`."""
    name, value = session_cookie(user)
    page.context.add_cookies([{"name": name, "value": value, "url": live_url}])
