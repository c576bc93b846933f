"""Somebody signed in: a user with a role and the cookie of a session, made anew for each run."""

from __future__ import annotations

from typing import Any
from uuid import UUID


def signed_in(company_id: UUID, *roles: str) -> str:
    """The `Cookie` header of a new user of the company with these roles (names of `RoleType`)."""
    from uuid_utils.compat import uuid7

    from app.accounts.models import RoleAssignment, User, UserStatus
    from app.accounts.rules import Method
    from app.accounts.services.granting import make_default_roles
    from app.accounts.services.sessions import open_session
    from app.accounts.views.identity import cookie_name
    from app.core.access import RoleType
    from app.core.clock import now
    from app.core.db import tenant, transaction
    from app.core.events import system

    with tenant(company_id), transaction() as session:
        made = make_default_roles(session)
        user = User(
            email=f"{uuid7().hex}@example.com", display_name="Rosa Reyes", status=UserStatus.ACTIVE.value,
            email_verified_at=now(),
        )  # fmt: skip
        session.add(user)
        session.flush()
        session.add_all(RoleAssignment(user_id=user.id, role_id=made[RoleType(role)].id) for role in roles)
        session.flush()
        _, token = open_session(session, system("bench"), user.id, method=Method.PASSWORD, second_factor=True)
    return f"{cookie_name()}={company_id.hex}.{token}"


def as_browser(app: Any, cookie: str, path: str) -> str:
    """The same cookie together with the form cookie that the first page set: what a browser sends from the second page on."""
    answer = app.test_client(use_cookies=False).get(path, headers={"Cookie": cookie})
    return "; ".join([cookie, *(line.split(";")[0] for line in answer.headers.getlist("Set-Cookie"))])
