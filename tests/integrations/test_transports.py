"""One contract for every file transport; what only the real SFTP has comes after it."""

import io
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import paramiko
import pytest
from pydantic import SecretStr, ValidationError

from app.integrations.contracts import FileTransport, Placed
from app.integrations.failures import (
    AuthFailed,
    Conflict,
    Failure,
    HostKeyChanged,
    OutcomeUnknown,
    Rejected,
    Transient,
)
from app.integrations.transports import reach
from app.integrations.transports.memory import MemoryTransport
from app.integrations.transports.sftp import SftpConfig, SftpSecrets, SftpTransport
from tests.integrations.sftp_server import SftpServer


@pytest.fixture(autouse=True)
def _this_machine_too() -> Iterator[None]:
    with reach.within(reach.Reach(anywhere=True)):
        yield


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SftpServer]:
    (tmp_path / "outbound").mkdir()
    running = SftpServer(tmp_path)
    yield running
    running.stop()


def config(server: SftpServer, **changes: Any) -> SftpConfig:
    base = {"host": "127.0.0.1", "port": server.port, "username": "corridor", "host_key": server.host_key_line}
    return SftpConfig(**{**base, "connect_seconds": 5, "operation_seconds": 10, **changes})


PASSWORD = SftpSecrets(password=SecretStr("right"))


@pytest.fixture
def connect(server: SftpServer) -> Iterator[Callable[..., SftpTransport]]:
    opened: list[SftpTransport] = []

    def _connect(secrets: SftpSecrets = PASSWORD, **changes: Any) -> SftpTransport:
        opened.append(SftpTransport(config(server, **changes), secrets))
        return opened[-1]

    yield _connect
    for transport in opened:
        transport.close()


@pytest.fixture(params=["memory", "sftp"])
def transport(request: pytest.FixtureRequest) -> FileTransport:
    if request.param == "memory":
        return MemoryTransport(["outbound"])
    connected: FileTransport = request.getfixturevalue("connect")()
    return connected


def test_is_a_file_transport(transport: FileTransport) -> None:
    assert isinstance(transport, FileTransport)
    transport.check()


def test_what_is_put_is_listed_and_read(transport: FileTransport) -> None:
    assert transport.put("outbound/a.834", b"one") is Placed.NEW
    assert transport.put("/outbound/b.834", b"") is Placed.NEW
    assert [(f.name, f.size) for f in transport.list("outbound")] == [("a.834", 3), ("b.834", 0)]
    assert all(f.modified_at.tzinfo for f in transport.list("outbound"))
    assert transport.read("outbound/a.834") == b"one"


def test_same_bytes_twice_change_nothing(transport: FileTransport) -> None:
    transport.put("outbound/a", b"one")
    assert transport.put("outbound/a", b"one") is Placed.ALREADY


@pytest.mark.parametrize("other", [b"two", b"other length"])
def test_other_bytes_under_the_name_conflict(transport: FileTransport, other: bytes) -> None:
    transport.put("outbound/a", b"one")
    with pytest.raises(Conflict):
        transport.put("outbound/a", other)
    assert transport.read("outbound/a") == b"one"


def test_large_file_arrives_whole(transport: FileTransport) -> None:
    data = bytes(range(256)) * 4096
    transport.put("outbound/large", data)
    assert transport.read("outbound/large") == data


def test_missing_things_are_rejected(transport: FileTransport) -> None:
    for act in (
        lambda: transport.read("outbound/none"),
        lambda: transport.list("nowhere"),
        lambda: transport.put("nowhere/a", b""),
    ):
        with pytest.raises(Rejected) as caught:
            act()
        assert caught.value.code == "not-found"


def test_remove_twice(transport: FileTransport) -> None:
    transport.put("outbound/a", b"one")
    transport.remove("outbound/a")
    transport.remove("outbound/a")
    assert transport.list("outbound") == []


@pytest.mark.parametrize("path", ["../a", "outbound/../../a", "", "outbound/", "a.tmp", "a\nb", "a\x00", "..\\a"])
def test_unsafe_paths_are_rejected(transport: FileTransport, path: str) -> None:
    for act in (lambda: transport.put(path, b""), lambda: transport.read(path), lambda: transport.remove(path)):
        with pytest.raises(Rejected):
            act()


def test_close_twice_then_go_on(transport: FileTransport) -> None:
    transport.close()
    transport.close()
    transport.check()


def test_unfinished_uploads_are_not_listed(server: SftpServer, connect: Callable[..., SftpTransport]) -> None:
    (server.root / "outbound" / "half.tmp").write_bytes(b"ha")
    (server.root / "outbound" / "folder").mkdir()
    assert connect().list("outbound") == []


def test_another_host_key_is_refused_before_credentials(connect: Callable[..., SftpTransport]) -> None:
    other = paramiko.ECDSAKey.generate()
    with pytest.raises(HostKeyChanged):
        connect(host_key=f"{other.get_name()} {other.get_base64()}").check()


@pytest.mark.parametrize("line", ["", "ssh-ed25519", "ssh-ed25519 AAAA", "ssh-dss AAAAB3Nza", "rubbish here"])
def test_host_key_must_be_a_key(server: SftpServer, line: str) -> None:
    with pytest.raises(ValidationError):
        config(server, host_key=line)


@pytest.mark.parametrize(
    "secrets",
    [
        SftpSecrets(password=SecretStr("wrong")),
        SftpSecrets(),
        SftpSecrets(private_key=SecretStr("no key")),
    ],
)
def test_wrong_credentials(connect: Callable[..., SftpTransport], secrets: SftpSecrets) -> None:
    with pytest.raises(AuthFailed) as caught:
        connect(secrets).check()
    assert "wrong" not in str(caught.value)


def test_key_sign_in(server: SftpServer, connect: Callable[..., SftpTransport]) -> None:
    text = io.StringIO()
    server.user_key.write_private_key(text, password="open")
    good = SftpSecrets(private_key=SecretStr(text.getvalue()), passphrase=SecretStr("open"))
    connect(good).check()
    with pytest.raises(AuthFailed):
        connect(SftpSecrets(private_key=good.private_key, passphrase=SecretStr("shut"))).check()


def test_damaged_upload_is_noticed_and_removed(server: SftpServer, connect: Callable[..., SftpTransport]) -> None:
    server.damage_uploads = True
    with pytest.raises(Transient) as caught:
        connect().put("outbound/a", b"one")
    assert caught.value.code == "upload-damaged"
    assert list((server.root / "outbound").iterdir()) == []


def test_refused_rename_leaves_nothing(server: SftpServer, connect: Callable[..., SftpTransport]) -> None:
    server.refuse_rename = True
    with pytest.raises(Rejected):
        connect().put("outbound/a", b"one")
    assert list((server.root / "outbound").iterdir()) == []


def test_line_lost_during_rename_is_unknown_and_safe_to_repeat(
    server: SftpServer, connect: Callable[..., SftpTransport]
) -> None:
    server.hang_up_after_rename = True
    transport = connect()
    with pytest.raises(OutcomeUnknown):
        transport.put("outbound/a", b"one")
    server.hang_up_after_rename = False
    assert transport.put("outbound/a", b"one") is Placed.ALREADY


def test_leftover_of_a_killed_worker_is_overwritten(server: SftpServer, connect: Callable[..., SftpTransport]) -> None:
    (server.root / "outbound" / "a.tmp").write_bytes(b"half of something longer")
    assert connect().put("outbound/a", b"one") is Placed.NEW
    assert (server.root / "outbound" / "a").read_bytes() == b"one"


def test_slow_server_meets_the_deadline(server: SftpServer, connect: Callable[..., SftpTransport]) -> None:
    server.sleep_seconds = 3
    begun = time.monotonic()
    with pytest.raises(Transient) as caught:
        connect(operation_seconds=1).check()
    assert caught.value.code == "deadline"
    assert time.monotonic() - begun < 2.5


def test_dripping_server_meets_the_deadline(server: SftpServer) -> None:
    """A byte now and then keeps any socket timeout from firing."""
    drip = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def _drip() -> None:
        connection, _ = drip.accept()
        with connection:
            while not done.wait(0.1):
                try:
                    connection.send(b"x")
                except OSError:
                    return

    thread = threading.Thread(target=_drip, daemon=True)
    thread.start()
    slow = SftpTransport(config(server, port=drip.getsockname()[1], operation_seconds=1, connect_seconds=60), PASSWORD)
    begun = time.monotonic()
    with pytest.raises(Transient):
        slow.check()
    assert time.monotonic() - begun < 5
    done.set()
    drip.close()
    thread.join(5)


def test_nobody_listens(server: SftpServer, connect: Callable[..., SftpTransport]) -> None:
    server.stop()
    with pytest.raises(Transient):
        connect().check()


def test_too_large_file_is_rejected(server: SftpServer, connect: Callable[..., SftpTransport]) -> None:
    (server.root / "outbound" / "large").write_bytes(b"12345")
    with pytest.raises(Rejected) as caught:
        connect(most_bytes=4).read("outbound/large")
    assert caught.value.code == "too-large"


def test_failures_name_no_secret(server: SftpServer, connect: Callable[..., SftpTransport]) -> None:
    with pytest.raises(Failure) as caught:
        connect(SftpSecrets(password=SecretStr("hunter2"))).check()
    assert "hunter2" not in repr(caught.value) + caught.value.advice
