"""Brings a database's tables to the newest migration, as the owning role."""

import os
import subprocess
import sys

from worker.stack.addresses import Addresses
from worker.stack.errors import StackError
from worker.stack.state import CHECKOUT


def migrations_exist() -> bool:
    """True once the checkout carries a migration environment."""
    return (CHECKOUT / "migrations" / "env.py").exists()


def upgrade(addresses: Addresses) -> None:
    """`alembic upgrade head` in a process of its own. Raises `StackError` with alembic's last words."""
    done = subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "head"],
        cwd=CHECKOUT,
        env={**os.environ, **addresses.environment()},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise StackError(f"The database could not be migrated:\n{(done.stdout + done.stderr)[-3000:]}")
