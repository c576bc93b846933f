"""Parts the operator brought: DATABASE_URL and REDIS_URL."""

import os
from collections.abc import Mapping

import psycopg
from sqlalchemy.engine import URL

from worker.stack.addresses import APP, DATABASE, DISPATCH, OWNER, conninfo, text_of, url_of
from worker.stack.errors import StackError
from worker.stack.provision import provision

THREE = ("DATABASE_URL", "OWNER_DATABASE_URL", "DISPATCH_DATABASE_URL")


def given_database(environment: Mapping[str, str] = os.environ) -> dict[str, str] | None:
    """The three database addresses the environment gives, by role; None when it gives none.

    All three are used as they are. DATABASE_URL alone must belong to an administrator, who then makes
    the roles. Raises `StackError` for anything in between, and when the server cannot be reached.
    """
    values = [environment.get(name, "") for name in THREE]
    if all(values):
        return dict(zip((APP, OWNER, DISPATCH), (text_of(url_of(v)) for v in values), strict=True))
    if not values[0]:
        return None
    if any(values[1:]):
        missing = next(name for name, value in zip(THREE, values, strict=True) if not value)
        raise StackError(
            f"{missing} is not set. Set all of {', '.join(THREE)}, or DATABASE_URL alone as administrator."
        )
    return _provisioned(url_of(values[0]))


def given_admin(environment: Mapping[str, str] = os.environ) -> URL | None:
    """The administrator's address, when DATABASE_URL is the only one given."""
    values = [environment.get(name, "") for name in THREE]
    return url_of(values[0]) if values[0] and not any(values[1:]) else None


def _provisioned(admin: URL) -> dict[str, str]:
    if not _may_make_roles(admin):
        raise StackError(
            f"The role {admin.username!r} in DATABASE_URL may not create roles. Give an administrator's"
            f" address, or create the roles yourself (docs/operate.md) and set {', '.join(THREE)}."
        )
    database = admin.database if admin.database not in (None, "", "postgres", admin.username) else DATABASE
    return {role: text_of(url) for role, url in provision(admin, str(database)).items()}


def _may_make_roles(admin: URL) -> bool:
    try:
        with psycopg.connect(conninfo(admin.set(database="postgres")), connect_timeout=10) as connection:
            row = connection.execute(
                "SELECT rolsuper OR rolcreaterole AND rolcreatedb FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
    except psycopg.OperationalError as failure:
        raise StackError(
            f"The server in DATABASE_URL does not answer: {failure}. Start it or correct the address."
        ) from None
    return bool(row and row[0])
