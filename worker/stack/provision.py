"""The three roles and the database, made or brought up to date by an administrator. Twice changes nothing.

corridor_owner     owns the database and its tables and runs migrations; not a superuser
corridor_app       what web and worker use; owns nothing, row-level security always applies
corridor_dispatch  what the dispatcher uses; migrations grant it the outbox and nothing else
"""

from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL

from worker.stack.addresses import APP, DATABASE, DISPATCH, OWNER, conninfo, derived_password, for_role
from worker.stack.errors import StackError

OLDEST = 15
_LOCK = 7_204_118  # any number nobody else uses: two machines provisioning at once take turns
_ROLE = "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION"

Connection = psycopg.Connection[tuple[Any, ...]]


def provision(admin: URL, database: str = DATABASE, *, template: str | None = None) -> dict[str, URL]:
    """Makes roles, database and grants; returns the addresses by role name.

    `template` makes a missing database as a copy. Raises `StackError` when the server is too old.
    """
    maintenance = admin.set(database="postgres")
    with psycopg.connect(conninfo(maintenance), autocommit=True) as connection:
        if connection.info.server_version < OLDEST * 10_000:
            raise StackError(f"PostgreSQL {OLDEST} or newer is needed. Upgrade the server behind DATABASE_URL.")
        connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        for role in (OWNER, APP, DISPATCH):
            _make_role(connection, role, derived_password(admin, role))
        make_database(connection, database, template=template)
        # While the lock is held: two provisionings of one database would collide in its catalogue.
        with psycopg.connect(conninfo(admin.set(database=database)), autocommit=True) as inside:
            _grant_inside(inside)
    return {role: for_role(admin, role, database) for role in (OWNER, APP, DISPATCH)}


def make_database(connection: Connection, database: str, *, template: str | None = None) -> None:
    """Creates the database, owned by corridor_owner, unless it exists; only our roles may connect."""
    name = sql.Identifier(database)
    if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,)).fetchone():
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} ENCODING 'UTF8'").format(
                name, sql.Identifier(OWNER), sql.Identifier(template or "template0")
            )
        )
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
    connection.execute(
        sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}, {}").format(
            name, sql.Identifier(APP), sql.Identifier(DISPATCH)
        )
    )


def drop_database(connection: Connection, database: str) -> None:
    """Drops the database, ending its sessions; quiet when it is gone."""
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))


def _make_role(connection: Connection, role: str, password: str | None) -> None:
    verb = "ALTER" if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone() else "CREATE"
    secret = sql.SQL(" PASSWORD {}").format(sql.Literal(password)) if password else sql.SQL("")
    statement = sql.SQL("{} ROLE {} {}").format(sql.SQL(verb), sql.Identifier(role), sql.SQL(_attributes(connection)))
    connection.execute(statement + secret)
    _join(connection, role)


def _attributes(connection: Connection) -> str:
    """A managed server's administrator may not name the attributes it cannot give."""
    return _ROLE if _is_superuser(connection) else "LOGIN NOCREATEDB NOCREATEROLE"


def _join(connection: Connection, role: str) -> None:
    """A superuser acts for every role already; another administrator must be a member to hand things over."""
    if role == OWNER and not _is_superuser(connection):
        connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(role)))


def _is_superuser(connection: Connection) -> bool:
    row = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
    return bool(row and row[0])


def _grant_inside(connection: Connection) -> None:
    owner, app, dispatch = (sql.Identifier(role) for role in (OWNER, APP, DISPATCH))
    statements = (
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        "ALTER SCHEMA public OWNER TO {owner}",
        "GRANT USAGE ON SCHEMA public TO {app}, {dispatch}",
        "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public"
        " GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}",
        "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {app}",
    )
    for statement in statements:
        connection.execute(sql.SQL(statement).format(owner=owner, app=app, dispatch=dispatch))
