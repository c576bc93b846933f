"""Migrations run as the owning role, with short lock and statement time-outs so that a busy table fails the release, not the users."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context

from app.core.config import get_settings
from app.domains import Base

config = context.config
target_metadata = Base.metadata


def run_migrations_online() -> None:
    settings = get_settings()
    url = config.attributes.get("url") or settings.owner_database_url
    if not url:
        raise SystemExit("OWNER_DATABASE_URL is not set: migrations run as the role that owns the tables.")
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.execute(sa.text("SET lock_timeout = '5s'"))
        connection.execute(sa.text("SET statement_timeout = '10min'"))
        connection.commit()
        context.configure(connection=connection, target_metadata=target_metadata, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()


run_migrations_online()
