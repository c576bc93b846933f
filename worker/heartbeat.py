"""Each process says that it lives, in PostgreSQL, for the operations page and `corridor doctor`."""

from __future__ import annotations

import os
import socket
import threading

import sqlalchemy as sa
import structlog

from app.core.db import engine

log = structlog.get_logger("heartbeat")
PERIOD_SECONDS = 10.0
AT_REST = threading.Lock()
"""Held while a heartbeat is written. Who forks takes it first: a lock that another thread holds at that moment (an import, a pool)
would stay held in the child for ever."""


def process_name(kind: str) -> str:
    return f"{socket.gethostname()}:{kind}:{os.getpid()}"


def beat(kind: str, stop: threading.Event) -> None:
    """Write a line every ten seconds until `stop`; a database away for a while is no reason to die."""
    while True:
        with AT_REST:
            try:
                note_life(kind)
            except sa.exc.SQLAlchemyError:
                log.warning("heartbeat.skipped")
        if stop.wait(PERIOD_SECONDS):
            return


def note_life(kind: str) -> None:
    with engine().begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO process_heartbeat (name, kind, note) VALUES (:n, :k, '')"
                " ON CONFLICT (name) DO UPDATE SET seen_at = now()"
            ),
            {"n": process_name(kind), "k": kind},
        )
        connection.execute(sa.text("DELETE FROM process_heartbeat WHERE seen_at < now() - interval '1 day'"))
