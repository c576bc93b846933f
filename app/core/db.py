"""Database, sessions and tenancy.

Every tenant table has `company_id`, forced row-level security and composite foreign keys. The tenant is a ContextVar;
each transaction begins with one round trip `BEGIN; set_config('app.company_id', …, true)`, so it can neither be
forgotten nor outlive its transaction. Without a tenant, tenant tables are empty (they fail closed).
"""

from __future__ import annotations

import select as os_select
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, ORMExecuteState, Session, mapped_column, with_loader_criteria
from uuid_utils.compat import uuid7

from app.core.config import get_settings
from app.core.crypto import install_encrypted_fields
from app.core.errors import NotFound

_tenant: ContextVar[UUID | None] = ContextVar("tenant", default=None)

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """One plain declarative base. `EncryptedField` attributes become `<name>_enc` (and `<name>_bidx`) columns."""

    metadata = sa.MetaData(naming_convention=NAMING)
    type_annotation_map = {
        datetime: sa.DateTime(timezone=True),
        date: sa.Date(),
        Decimal: sa.Numeric(10, 2),
        str: sa.Text(),
        dict[str, Any]: JSONB(),
        list[Any]: JSONB(),
        list[str]: JSONB(),
    }

    def __init_subclass__(cls, **kwargs: Any) -> None:
        install_encrypted_fields(cls)
        super().__init_subclass__(**kwargs)

    def __init__(self, **values: Any) -> None:
        # id and company_id come first: encrypted fields are bound to them.
        if issubclass(type(self), Tenant):
            first = {
                "id": values.pop("id", None) or uuid7(),
                "company_id": values.pop("company_id", None) or current_tenant(),
            }
            values = first | values
        for name, value in values.items():
            if not hasattr(type(self), name):
                raise TypeError(f"{type(self).__name__} has no attribute {name!r}")
            setattr(self, name, value)


class Tenant:
    """Mixin of every tenant table: UUIDv7 key made in Python, company, timestamps."""

    company_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-10)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7, sort_order=-9)
    created_at: Mapped[datetime] = mapped_column(server_default=sa.func.now(), sort_order=90)
    updated_at: Mapped[datetime] = mapped_column(server_default=sa.func.now(), onupdate=sa.func.now(), sort_order=91)


def refs(**columns: str) -> tuple[sa.schema.SchemaItem, ...]:
    """Composite foreign keys `(company_id, column) → table(company_id, id)`, each with its tenant-first index.

    They are checked at commit, so a service may add parent and child in any order.
    """
    items: list[sa.schema.SchemaItem] = []
    for column, table in columns.items():
        items.append(
            sa.ForeignKeyConstraint(
                ["company_id", column],
                [f"{table}.company_id", f"{table}.id"],
                deferrable=True,
                initially="DEFERRED",
            )
        )
        items.append(sa.Index(None, "company_id", column))
    return tuple(items)


def choices(column: str, values: type[Any]) -> sa.CheckConstraint:
    """A CHECK that the text column holds one of a StrEnum's values."""
    listed = ", ".join(f"'{member.value}'" for member in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


# --- tenant -----------------------------------------------------------------------------------------------------


def current_tenant() -> UUID:
    """The company of this context.

    Raises:
        LookupError: no tenant is set; the caller forgot `with tenant(...)`.
    """
    company_id = _tenant.get()
    if company_id is None:
        raise LookupError("no tenant is set; wrap the call in `with tenant(company_id):`")
    return company_id


def tenant_or_none() -> UUID | None:
    return _tenant.get()


def enter_tenant(company_id: UUID | None) -> None:
    """Set the tenant for the rest of this context (the web edge does so once per request)."""
    _tenant.set(company_id)


@contextmanager
def tenant(company_id: UUID) -> Iterator[None]:
    """Run the block as this company. A transaction already open keeps the tenant it began with, and as another finds nothing."""
    token = _tenant.set(company_id)
    try:
        yield
    finally:
        _tenant.reset(token)


# --- the second wall ----------------------------------------------------------------------------------------------


_own_company = sa.bindparam("own_company", callable_=tenant_or_none, type_=sa.Uuid())
own_company = with_loader_criteria(Tenant, lambda table: table.company_id == _own_company, include_aliases=True)
"""`query.options(own_company)`: every tenant table of the query, joined or in a subquery, is held to the current company."""


def name_the_company(sent: ORMExecuteState) -> None:
    """Each statement sent through a session names the company itself, so a missing policy alone opens nothing.

    What goes straight to the connection (`session.connection().execute`) says so itself, as does SQL written as text;
    `tests/fixtures/companies.py` reads every statement of every test and notices one that forgets.
    """
    if sent.is_select or sent.is_update or sent.is_delete:
        sent.statement = sent.statement.options(own_company)


event.listen(Session, "do_orm_execute", name_the_company)


# --- engine -----------------------------------------------------------------------------------------------------


def make_engine(url: str, *, pool_size: int = 5) -> sa.Engine:
    """An engine whose transactions carry the tenant and whose pool drops connections the server has closed."""
    made = sa.create_engine(url, pool_size=pool_size, max_overflow=pool_size, pool_recycle=1800)
    event.listen(made, "connect", _on_connect)
    event.listen(made, "checkout", _on_checkout)
    event.listen(made, "begin", _on_begin)
    return made


def _on_connect(dbapi_connection: Any, _record: Any) -> None:
    # We send BEGIN ourselves (together with the tenant), so psycopg must not send its own first.
    dbapi_connection.autocommit = True
    dbapi_connection.prepare_threshold = 3


def _on_checkout(dbapi_connection: Any, _record: Any, _proxy: Any) -> None:
    # An idle connection has nothing to read; if it has, the server closed it. Costs microseconds, no round trip.
    poller = os_select.poll()
    poller.register(dbapi_connection.fileno(), os_select.POLLIN)
    if poller.poll(0):
        raise exc.DisconnectionError("connection was closed by the server")


def _on_begin(connection: sa.Connection) -> None:
    company_id = _tenant.get()
    driver: Any = connection.connection.dbapi_connection
    if company_id is None:
        driver.execute("BEGIN")
    else:
        driver.execute(f"BEGIN; SELECT set_config('app.company_id', '{company_id}', true)")


@lru_cache(maxsize=1)
def engine() -> sa.Engine:
    """The application engine of this process (created at first use; call `forget_connections` after a fork)."""
    settings = get_settings()
    made = make_engine(settings.database_url, pool_size=settings.database_pool)
    event.listen(made, "first_connect", _refuse_privileged_role)
    return made


def forget_connections() -> None:
    """Drop the inherited pool without closing the parent's sockets (after a fork). What the engine knows of the server stays."""
    if engine.cache_info().currsize:
        engine().dispose(close=False)


@contextmanager
def transaction(company_id: UUID | None = None) -> Iterator[Session]:
    """One committed transaction outside the web (jobs, commands), as the given company or the current tenant."""
    if company_id is not None:
        with tenant(company_id), transaction() as session:
            yield session
        return
    with Session(engine(), expire_on_commit=False) as session, session.begin():
        yield session


def _refuse_privileged_role(dbapi_connection: Any, _record: Any) -> None:
    """Raises RuntimeError when row-level security would not bind us: the role is superuser, bypasses it, or owns tables."""
    role, powerful, owns = dbapi_connection.execute(
        "SELECT r.rolname, r.rolsuper OR r.rolbypassrls,"
        " EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        "         WHERE c.relowner = r.oid AND c.relkind = 'r' AND n.nspname = 'public')"
        " FROM pg_roles r WHERE r.rolname = current_user"
    ).fetchone()
    dbapi_connection.rollback()  # the driver began a transaction for the question
    if powerful or owns:
        dbapi_connection.close()
        raise RuntimeError(
            f"Corridor refuses to start as database role {role!r}: it is a superuser or owns tables, so row-level security"
            " would not hold. Connect with the application role (DATABASE_URL) and keep the owner for migrations."
        )


Row = TypeVar("Row", bound=Base)


def fetch(session: Session, model: type[Row], row_id: UUID | str | None, *, lock: bool = False) -> Row:
    """The tenant's row by id.

    Raises:
        NotFound: no such row for this tenant, or the id is not a UUID.
    """
    try:
        key = row_id if isinstance(row_id, UUID) else UUID(str(row_id))
    except ValueError:
        raise NotFound from None
    found = session.get(model, (current_tenant(), key), with_for_update=lock or None, populate_existing=lock)
    if found is None:
        raise NotFound
    return found
