"""The fixtures everybody builds on."""

import psycopg
import pytest
from redis import Redis

from tests.fixtures.slot import Slot


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_finds_its_database_empty(admin: "psycopg.Connection[tuple[int]]", turn: int) -> None:
    assert admin.execute("SELECT count(*) FROM process_heartbeat").fetchone() == (0,)
    admin.execute("INSERT INTO process_heartbeat (name, kind, note) VALUES ('somebody', 'test', '')")


def test_the_app_role_is_bound_by_row_level_security(database: Slot) -> None:
    with psycopg.connect(database.addresses.app.replace("+psycopg", "")) as connection:
        row = connection.execute(
            "SELECT current_user, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    assert row == ("corridor_app", False, False)


@pytest.mark.parametrize("turn", [1, 2])
def test_valkey_is_empty_and_numbered(valkey: Redis, slot: Slot, turn: int) -> None:
    assert valkey.dbsize() == 0
    valkey.set("key", "value")
    assert slot.redis_url.endswith(f"/{slot.number}")
