"""The database itself keeps companies apart, for every tenant table, whatever the statement says."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from app.core.db import engine, enter_tenant, fetch, tenant
from app.core.errors import NotFound
from app.domains import Base
from tests.security.rows import INSERT_ONLY, tenant_models

TABLES = sorted(name for name, table in Base.metadata.tables.items() if "company_id" in table.c)
# A signature gets its PDF later, and loses the typed name when the person is erased; nothing else of it ever changes.
MAY_STILL_CHANGE = {"screening_signature": {"pdf_file_id", "pdf_sha256", "typed_name_enc", "updated_at"}}
Two = tuple[UUID, UUID]


@contextmanager
def as_company(company_id: UUID | None) -> Iterator[sa.Connection]:
    """A transaction of the application role; rolled back at the end."""
    enter_tenant(company_id)
    with engine().connect() as connection:
        yield connection
        connection.rollback()
    enter_tenant(None)


def refusal(connection: sa.Connection, statement: str, **values: Any) -> str:
    """The SQLSTATE with which a statement is refused, or what it did instead."""
    with connection.begin_nested() as point:
        try:
            done = connection.execute(sa.text(statement), values)
            connection.execute(sa.text("SET CONSTRAINTS ALL IMMEDIATE"))
        except sa.exc.DBAPIError as error:
            point.rollback()
            return str(getattr(error.orig, "sqlstate", error))
        point.rollback()
    return f"done: {done.rowcount} rows"


def columns(table: str) -> str:
    return ", ".join(
        f'"{column.name}"' for column in Base.metadata.tables[table].columns if column.name != "company_id"
    )


def copied(table: str, column: str) -> str:
    """A second row like the first, but for `column` and what must be unique."""
    found = Base.metadata.tables[table]
    unique = {c.name for key in found.constraints if isinstance(key, sa.UniqueConstraint) for c in key.columns} | {"id"}
    fresh = {uuid.UUID: "gen_random_uuid()", int: "{name} + 1000"}
    values = {
        c.name: fresh[c.type.python_type].format(name=c.name)
        for c in found.columns
        if c.name in unique and c.type.python_type in fresh
    }
    values |= {"company_id": "company_id", column: ":foreign"}
    names = ", ".join(f'"{c.name}"' for c in found.columns)
    chosen = ", ".join(values.get(c.name, f'"{c.name}"') for c in found.columns)
    return f"INSERT INTO {table} ({names}) SELECT {chosen} FROM {table}"


def test_each_company_sees_its_own_row_and_nobody_sees_any(two: Two) -> None:
    a, b = two
    for company, other in ((a, b), (b, a)):
        with as_company(company) as connection:
            for table in TABLES:
                count = sa.text(f"SELECT count(*) FILTER (WHERE company_id = :own), count(*) FROM {table}")
                assert tuple(connection.execute(count, {"own": company}).one()) == (1, 1), table
                foreign = sa.text(f"SELECT count(*) FROM {table} WHERE company_id = :other")
                assert connection.execute(foreign, {"other": other}).scalar() == 0, table
    with as_company(None) as connection:
        for table in TABLES:
            assert connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar() == 0, table


def test_a_row_cannot_be_put_into_another_company(two: Two) -> None:
    a, b = two
    with as_company(a) as connection:
        for table in TABLES:
            into = f"INSERT INTO {table} (company_id, {columns(table)}) SELECT :b, {columns(table)} FROM {table}"
            assert refusal(connection, into, b=b) == "42501", table


def test_a_row_cannot_be_moved_to_another_company_and_foreign_rows_cannot_be_touched(two: Two) -> None:
    a, b = two
    with as_company(a) as connection:
        for table in TABLES:
            assert refusal(connection, f"UPDATE {table} SET company_id = :b", b=b) == "42501", table
            for statement in (
                f"UPDATE {table} SET id = id WHERE company_id = :b",
                f"DELETE FROM {table} WHERE company_id = :b",
            ):
                assert refusal(connection, statement, b=b) in ("42501", "done: 0 rows"), statement


def test_no_foreign_key_accepts_a_row_of_another_company(two: Two, admin: Any) -> None:
    a, b = two
    tried = 0
    with as_company(a) as connection:
        for table in TABLES:
            for constraint in Base.metadata.tables[table].foreign_key_constraints:
                column, parent = constraint.column_keys[1], constraint.referred_table.name
                foreign = admin.execute(f"SELECT id FROM {parent} WHERE company_id = %s", (b,)).fetchone()[0]
                insert = table in INSERT_ONLY and column not in MAY_STILL_CHANGE.get(table, ())
                statement = copied(table, column) if insert else f"UPDATE {table} SET {column} = :foreign"
                found = refusal(connection, statement, foreign=foreign)
                assert found == "23503", f"{table}.{column} took a {parent} of another company"
                tried += 1
    assert tried > 40


def test_tables_cannot_be_emptied_and_the_policies_cannot_be_switched_off(two: Two) -> None:
    with as_company(two[0]) as connection:
        for table in TABLES:
            assert refusal(connection, f"TRUNCATE {table} CASCADE") == "42501", table
            assert refusal(connection, f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY") == "42501", table
        connection.execute(sa.text("SET LOCAL row_security = off"))
        for table in TABLES:
            assert refusal(connection, f"SELECT count(*) FROM {table}") == "42501", table


def test_the_application_role_cannot_become_somebody_else(two: Two) -> None:
    with as_company(two[0]) as connection:
        for role in ("corridor_owner", "corridor_dispatch", "postgres"):
            assert refusal(connection, f"SET ROLE {role}") in ("42501", "22023"), role
        assert refusal(connection, "SET session_replication_role = replica") == "42501"
        assert refusal(connection, "COPY (SELECT 1) TO PROGRAM 'id'") == "42501"
        assert refusal(connection, "SELECT pg_read_file('/etc/passwd')") == "42501"
        assert refusal(connection, "CREATE TABLE here (x int)") == "42501"


def test_what_was_audited_or_signed_cannot_be_changed(two: Two) -> None:
    with as_company(two[0]) as connection:
        for table in INSERT_ONLY:
            assert refusal(connection, f"DELETE FROM {table}") == "42501", table
            for column in Base.metadata.tables[table].columns:
                found = refusal(connection, f'UPDATE {table} SET "{column.name}" = "{column.name}"')
                allowed = column.name in MAY_STILL_CHANGE.get(table, ())
                assert found == ("done: 1 rows" if allowed else "42501"), f"{table}.{column.name}"


def test_the_tenant_ends_with_its_transaction(two: Two) -> None:
    with as_company(two[0]) as connection:
        connection.execute(sa.text("SELECT 1"))
        connection.rollback()
        raw: Any = connection.connection.dbapi_connection
        assert raw.execute("SELECT current_setting('app.company_id', true)").fetchone()[0] in (None, "")
        assert raw.execute("SELECT count(*) FROM employee").fetchone()[0] == 0


def test_the_dispatcher_reads_no_business_table(two: Two, database: Any) -> None:
    from app.core.config import get_settings

    made = sa.create_engine(get_settings().dispatch_database_url)
    allowed = {"job_intent"}
    with made.connect() as connection:
        for table in TABLES:
            found = refusal(connection, f"SELECT * FROM {table} LIMIT 1")
            assert (found == "42501") == (table not in allowed), table
    made.dispose()


@pytest.fixture
def policies_dropped(two: Two, admin: Any) -> Iterator[Two]:
    """The first wall is gone: no row-level security at all. Put back afterwards, for the database serves other tests."""
    for table in TABLES:
        admin.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    yield two
    for table in TABLES:
        admin.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        admin.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def test_without_any_policy_a_foreign_id_is_still_not_found(policies_dropped: Two, admin: Any) -> None:
    a, b = policies_dropped
    with tenant(a), Session(engine()) as session:
        for model in tenant_models():
            foreign = admin.execute(f"SELECT id FROM {model.__tablename__} WHERE company_id = %s", (b,)).fetchone()[0]
            with pytest.raises(NotFound):
                fetch(session, model, foreign)


def test_without_any_policy_a_session_reads_and_writes_its_own_rows_only(policies_dropped: Two) -> None:
    """Selects, joins, subqueries, updates and deletes that forget the company."""
    a, b = policies_dropped
    with tenant(a), Session(engine()) as session:
        for model in tenant_models():
            assert {row.company_id for row in session.scalars(sa.select(model))} == {a}, model
            within = sa.select(aliased(model).company_id).subquery()
            assert set(session.scalars(sa.select(within))) == {a}, model
            assert session.scalar(sa.select(sa.func.count()).select_from(model)) == 1, model
            if model.__tablename__ not in ("audit_event", "audit_seal", "evidence_link"):  # insert-only
                touched = session.execute(sa.update(model).values(updated_at=sa.func.now()))
                assert touched.rowcount == 1, model  # type: ignore[attr-defined]
            assert session.scalars(sa.select(model).where(model.company_id == b)).all() == [], model
        session.rollback()


def test_without_any_policy_foreign_keys_still_hold(policies_dropped: Two, admin: Any) -> None:
    test_no_foreign_key_accepts_a_row_of_another_company(policies_dropped, admin)


def test_without_any_policy_ciphertext_of_another_company_does_not_open(policies_dropped: Two) -> None:
    from app.core.crypto import Undecipherable
    from app.people.models import Employee

    a, b = policies_dropped
    with tenant(b), Session(engine()) as session:
        foreign = session.scalars(sa.select(Employee)).one()
        session.expunge(foreign)
    with tenant(a):
        assert foreign.last_name == "bravo", "the process has the key; the ciphertext is bound to its own company"
        foreign.company_id = a
        with pytest.raises(Undecipherable):
            _ = foreign.last_name
