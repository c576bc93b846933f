from __future__ import annotations

import base64
import io
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import paramiko
import pytest

from sandbox.client import CarrierClient, Sandbox
from sandbox.launch import Running, launch


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with launch(tmp_path_factory.mktemp("sandbox")) as started:
        yield started


@pytest.fixture
def box(running: Running) -> Iterator[Sandbox]:
    """The sandbox, empty and with every switch off."""
    running.client.reset()
    yield running.client
    running.client.reset()


@pytest.fixture
def evergreen(box: Sandbox) -> CarrierClient:
    return box.carrier("evergreen")


@contextmanager
def session(running: Running, user: str = "evergreen", **options: object) -> Iterator[paramiko.SFTPClient]:
    """A signed-in SFTP session that checks the host key."""
    port = options.pop("port", None) or running.carriers[user]["sftp_port"]
    options = options or {"password": running.carriers[user]["password"]}
    key = paramiko.Ed25519Key(data=base64.b64decode(running.host_key.split()[1]))
    transport = paramiko.Transport(socket.create_connection((running.host, int(str(port)))))
    try:
        transport.connect(key, user, **options)  # type: ignore[arg-type]
        client = paramiko.SFTPClient.from_transport(transport)
        assert client is not None
        yield client
    finally:
        transport.close()


def upload(running: Running, content: bytes, name: str, user: str = "evergreen") -> None:
    """As Corridor does: under a temporary name, then renamed."""
    with session(running, user) as sftp:
        sftp.putfo(io.BytesIO(content), f"inbound/{name}.tmp")
        sftp.rename(f"inbound/{name}.tmp", f"inbound/{name}")


def outbound(running: Running, user: str = "evergreen") -> dict[str, bytes]:
    """File name to content."""
    with session(running, user) as sftp:
        return {name: sftp.open(f"outbound/{name}").read() for name in sorted(sftp.listdir("outbound"))}


def deliver(running: Running, content: bytes, name: str = "file.834", user: str = "evergreen") -> dict[str, str]:
    """Uploads, waits until the carrier is done, and returns outbound by kind (TA1, 999, …); the newest of each."""
    upload(running, content, name, user)
    running.client.wait_idle()
    return {name.split("_")[0]: body.decode() for name, body in outbound(running, user).items()}


def wait_until(condition: object, seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "never became true"
        time.sleep(0.05)
