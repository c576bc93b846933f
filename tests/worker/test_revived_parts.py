"""A killed part comes back where everybody was told it is."""

from __future__ import annotations

import os
import signal
import time

import psutil
import redis

from tests.fixtures.parts import MakeParts


def test_a_killed_valkey_comes_back_on_its_port(own_parts: MakeParts) -> None:
    """Clients are connected when it dies, so the kernel keeps their connections for a minute."""
    parts = own_parts()
    address = parts.start().redis
    with redis.Redis.from_url(address, retry=None) as client:
        client.ping()
        pid = parts.pids()["Valkey"]
        os.kill(pid, signal.SIGKILL)
        while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.01)
        assert parts.revive() == ["Valkey"]
    with redis.Redis.from_url(address, retry=None) as client:
        assert client.ping()
