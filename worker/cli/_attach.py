"""Commands use the parts the environment names, or the embedded ones, and load the application only then."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from worker.stack.parts import parts


@contextmanager
def attached() -> Iterator[None]:
    """Within the block, settings point at running parts and every table and job is loaded."""
    with parts() as addresses:
        os.environ.update(addresses.environment())
        from app import domains
        from app.core.config import get_settings

        get_settings.cache_clear()
        domains.load_jobs()
        yield


def companies() -> list[tuple[UUID, str]]:
    """Id and name of every active company."""
    import sqlalchemy as sa

    from app.accounts.models import TenantDoor
    from app.core.db import engine

    with engine().connect() as connection:
        rows = connection.execute(
            sa.select(TenantDoor.id, TenantDoor.name).where(TenantDoor.active).order_by(TenantDoor.name)
        )
        return [(row.id, row.name) for row in rows]
