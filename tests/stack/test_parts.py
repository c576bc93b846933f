"""The parts: provisioned, shared, restarted, and found again after kill -9."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis

from tests.fixtures.parts import MakeParts
from worker.stack.addresses import Addresses, conninfo, derived_password, url_of
from worker.stack.parts import Parts
from worker.stack.postgres import Postgres, major_version
from worker.stack.provision import provision
from worker.stack.state import CHECKOUT, State


def connect(address: str) -> "psycopg.Connection[Any]":
    return psycopg.connect(conninfo(url_of(address)), autocommit=True)


def test_roles_are_ordinary_and_own_only_what_they_should(own_parts: MakeParts) -> None:
    addresses = own_parts().start()
    with connect(str(addresses.admin)) as admin:
        roles = admin.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolcanlogin"
            " FROM pg_roles WHERE rolname LIKE 'corridor%' ORDER BY 1"
        ).fetchall()
        owner = admin.execute(
            "SELECT rolname FROM pg_database JOIN pg_roles r ON r.oid = datdba WHERE datname = 'corridor'"
        ).fetchone()
    ordinary = (False, False, False, False, True)
    assert roles == [(name, *ordinary) for name in ("corridor_app", "corridor_dispatch", "corridor_owner")]
    assert owner == ("corridor_owner",)


def test_the_app_may_use_tables_and_not_change_them(own_parts: MakeParts) -> None:
    addresses = own_parts().start()
    with connect(addresses.owner) as owner:
        owner.execute("CREATE TABLE thing (id bigserial PRIMARY KEY, name text)")
    with connect(addresses.app) as app:
        app.execute("INSERT INTO thing (name) VALUES ('a')")
        app.execute("UPDATE thing SET name = 'b'")
        assert app.execute("SELECT id, name FROM thing").fetchall() == [(1, "b")]
        app.execute("DELETE FROM thing")
        for forbidden in (
            "CREATE TABLE other (id int)",
            "DROP TABLE thing",
            "TRUNCATE thing",
            "ALTER TABLE thing ADD x int",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(forbidden)


def test_the_dispatcher_sees_nothing_until_it_is_granted(own_parts: MakeParts) -> None:
    addresses = own_parts().start()
    with connect(addresses.owner) as owner:
        owner.execute("CREATE TABLE thing (id int)")
    with connect(addresses.dispatch) as dispatch, pytest.raises(psycopg.errors.InsufficientPrivilege):
        dispatch.execute("SELECT * FROM thing")


def test_provisioning_twice_changes_nothing(own_parts: MakeParts) -> None:
    addresses = own_parts().start()
    before = grants(addresses)
    provision(url_of(str(addresses.admin)))
    assert grants(addresses) == before


def grants(addresses: Addresses) -> list[Any]:
    with connect(str(addresses.admin)) as admin:
        inside = str(addresses.in_database("corridor").admin).replace("/postgres?", "/corridor?")
        roles = admin.execute("SELECT rolname, rolsuper FROM pg_roles ORDER BY 1").fetchall()
        databases = admin.execute("SELECT datname, datacl::text FROM pg_database ORDER BY 1").fetchall()
    with connect(inside) as admin:
        defaults = admin.execute("SELECT defaclobjtype, defaclacl::text FROM pg_default_acl ORDER BY 1").fetchall()
        schema = admin.execute("SELECT nspacl::text FROM pg_namespace WHERE nspname = 'public'").fetchall()
    return [*roles, *databases, *defaults, *schema]


def test_the_second_start_keeps_the_data_and_is_quick(own_parts: MakeParts) -> None:
    first = own_parts()
    write(first.start())
    first.leave()
    assert not first.pids()
    second = own_parts()
    began = time.monotonic()
    addresses = second.start()
    assert time.monotonic() - began < 5.0  # 0.3 s on an idle machine
    assert read(addresses) == "kept"


def test_the_last_holder_stops_the_servers(own_parts: MakeParts) -> None:
    one, two = own_parts(), own_parts()
    addresses = one.start()
    assert two.start() == addresses
    one.leave()
    assert len(two.pids()) == 2
    two.leave()
    assert not two.pids()


def test_many_may_start_at_once(own_parts: MakeParts) -> None:
    holders = [own_parts() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        handed_out = list(pool.map(Parts.start, holders))
    assert len(set(handed_out)) == 1


@pytest.mark.parametrize("name", ["Postgres", "Valkey"])
def test_a_killed_server_comes_back_with_its_data(own_parts: MakeParts, name: str) -> None:
    parts = own_parts()
    addresses = parts.start()
    write(addresses)
    kill(parts.pids()[name])
    assert parts.revive() == [name]
    with connect(addresses.app) as app:
        assert app.execute("SELECT 1").fetchone() == (1,)
    assert redis.Redis.from_url(addresses.redis).ping()
    assert read(addresses) == "kept"


def test_everything_killed_at_once_starts_again_beside_a_stale_pid_file(own_parts: MakeParts) -> None:
    parts = own_parts()
    write(parts.start())
    for pid in parts.pids().values():
        kill(pid)
    parts.leave()
    server = Postgres.at(parts.state)
    stale = server.data / "postmaster.pid"
    assert stale.exists()
    # The worst case: the number now belongs to somebody else who is alive.
    stale.write_text(stale.read_text().replace(stale.read_text().split()[0], str(os.getpid()), 1))
    assert read(own_parts().start()) == "kept"


def test_a_server_that_lost_its_socket_file_is_restarted(own_parts: MakeParts) -> None:
    parts = own_parts()
    write(parts.start())
    for file in Postgres.at(parts.state).socket_dir.glob(".s.PGSQL.*"):
        file.unlink()
    assert read(own_parts().start()) == "kept"


def test_servers_of_two_versions_share_nothing(own_parts: MakeParts) -> None:
    server = Postgres.at(own_parts().state)
    version = major_version(server.binaries)
    assert server.data.name == f"postgres{version}"
    assert server.socket_dir.name == f"socket{version}" or server.socket_dir.parent == Path("/tmp")


def test_a_holder_killed_without_a_word_is_not_counted(own_parts: MakeParts) -> None:
    parts = own_parts()
    code = "import sys, time; from worker.stack.parts import Parts; from pathlib import Path; "
    code += "p = Parts(Path(sys.argv[1])); p.start(); print('up', flush=True); time.sleep(60)"
    command = [sys.executable, "-c", code, str(parts.state.dir)]
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "up\n"
        other.kill()
    parts.start()
    assert len(parts.pids()) == 2
    parts.leave()
    assert not parts.pids()


def test_the_queue_never_evicts_and_wants_a_password(own_parts: MakeParts) -> None:
    addresses = own_parts().start()
    client = redis.Redis.from_url(addresses.redis, decode_responses=True)
    assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    assert client.config_get("bind") == {"bind": "127.0.0.1"}
    stranger = redis.Redis(port=int(url_of(addresses.redis).port or 0))
    with pytest.raises(redis.AuthenticationError):
        stranger.ping()


def test_outside_tests_the_queue_keeps_an_append_only_file(open_dir: Path) -> None:
    from worker.stack.valkey import Valkey

    valkey = Valkey.at(State.at(open_dir))
    valkey.start()
    try:
        client = redis.Redis.from_url(valkey.url, decode_responses=True)
        assert client.config_get("appendonly") == {"appendonly": "yes"}
    finally:
        valkey.stop()


def test_derived_passwords_differ_and_hide_the_administrators() -> None:
    admin = url_of("postgres://root:secret@db/postgres")
    app, owner = derived_password(admin, "corridor_app"), derived_password(admin, "corridor_owner")
    assert app != owner
    assert "secret" not in f"{app}{owner}"
    assert derived_password(url_of("postgres://root@db/postgres"), "corridor_app") is None


def write(addresses: Addresses) -> None:
    with connect(addresses.owner) as owner:
        owner.execute("CREATE TABLE kept (word text)")
        owner.execute("INSERT INTO kept VALUES ('kept')")


def read(addresses: Addresses) -> str:
    with connect(addresses.app) as app:
        row = app.execute("SELECT word FROM kept").fetchone()
    assert row is not None
    return str(row[0])


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes():
        assert time.monotonic() < deadline
        time.sleep(0.01)
