"""Migrations go up, all the way down, and up again, and leave nothing behind."""

import os
import subprocess
import sys

from sqlalchemy.engine import make_url

from tests.fixtures.slot import Slot
from worker.stack.migrate import upgrade
from worker.stack.provision import drop_database, provision
from worker.stack.state import CHECKOUT


def test_up_down_up(slot: Slot) -> None:
    name = f"corridor_migrations_{slot.number}"
    with slot.admin("postgres") as connection:
        drop_database(connection, name)
    try:
        provision(make_url(str(slot.server.admin)), name)
        addresses = slot.server.in_database(name)
        upgrade(addresses)
        environment = {**os.environ, **addresses.environment()}
        command = [sys.executable, "-m", "alembic", "downgrade", "base"]
        subprocess.run(command, cwd=CHECKOUT, env=environment, check=True, capture_output=True)
        with slot.admin(name) as connection:
            left = connection.execute(
                "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
            ).fetchall()
            assert left == [("alembic_version",)]
            assert connection.execute("SELECT count(*) FROM pg_proc WHERE proname = 'announce_intent'").fetchone() == (
                0,
            )
        upgrade(addresses)
    finally:
        with slot.admin("postgres") as connection:
            drop_database(connection, name)
