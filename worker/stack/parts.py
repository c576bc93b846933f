"""Starts what is missing, provisions it, and hands out the addresses.

    with parts() as addresses:
        os.environ.update(addresses.environment())

Order of choice: what the environment names, else the embedded packages, else the system's programs. Any
number of processes may hold the same parts; the last one to leave stops them. After kill -9 the next
holder finds them running, or starts them again from what is on disk.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from worker.stack.addresses import APP, DISPATCH, OWNER, Addresses, on_socket, text_of
from worker.stack.given import given_admin, given_database
from worker.stack.postgres import Postgres
from worker.stack.provision import provision
from worker.stack.state import State, Tenure
from worker.stack.valkey import Valkey


class Parts:
    """A held pair of parts. `start` once, `leave` once, `revive` as often as wanted."""

    def __init__(self, directory: Path | None = None, *, fast: bool = False) -> None:
        """`fast` gives up durability (tests only)."""
        self.state = State.at(directory)
        self.fast = fast
        self._tenure: Tenure | None = None
        self._servers: list[Postgres | Valkey] = []

    def start(self) -> Addresses:
        """Starts and provisions whatever the environment does not name. Raises `StackError`."""
        with self.state.exclusive():
            self._tenure = Tenure(self.state)
            databases = given_database()
            admin = given_admin()
            if databases is None:
                postgres = Postgres.at(self.state, fast=self.fast)
                self._servers.append(postgres)
                _ensure(postgres)
                admin = on_socket(str(postgres.socket_dir), "postgres", "postgres")
                databases = {role: text_of(url) for role, url in provision(admin).items()}
            return Addresses(
                app=databases[APP],
                owner=databases[OWNER],
                dispatch=databases[DISPATCH],
                redis=os.environ.get("REDIS_URL") or self._own_valkey(),
                admin=text_of(admin) if admin is not None else None,
            )

    def revive(self) -> list[str]:
        """Starts again whichever of our servers died; returns their names."""
        with self.state.exclusive():
            dead = [server for server in self._servers if not server.running()]
            for server in dead:
                server.start()
        return [type(server).__name__ for server in dead]

    def pids(self) -> dict[str, int]:
        """The process ids of the servers started here, by name."""
        found = {type(server).__name__: server.pid() for server in self._servers}
        return {name: pid for name, pid in found.items() if pid}

    def leave(self) -> None:
        """Lets go; stops the servers when nobody else holds them."""
        with self.state.exclusive():
            if self._tenure is not None and self._tenure.leave():
                for server in self._servers:
                    server.stop()
            self._tenure = None

    def _own_valkey(self) -> str:
        valkey = Valkey.at(self.state, fast=self.fast)
        self._servers.append(valkey)
        _ensure(valkey)
        return valkey.url


@contextmanager
def parts(directory: Path | None = None, *, fast: bool = False) -> Iterator[Addresses]:
    """Holds the parts for the length of a block."""
    held = Parts(directory, fast=fast)
    try:
        yield held.start()
    finally:
        held.leave()


def _ensure(server: Postgres | Valkey) -> None:
    if not server.running():
        server.start()
