"""A typed host never leads a worker into our own network, however it is spelled and whatever its name answers later."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any

import pytest
from pydantic import SecretStr

from app.integrations.failures import Rejected
from app.integrations.transports import reach
from app.integrations.transports.sftp import SftpConfig, SftpSecrets, SftpTransport

PUBLIC = "93.184.215.14"
NEVER = (
    "127.0.0.1", "127.9.9.9", "0.0.0.0", "::1", "::", "169.254.169.254", "fe80::1", "fd00:ec2::254", "224.0.0.1", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "::7f00:1", "fec0::1",
    "::ffff:0:7f00:1", "168.63.129.16", "100.100.100.200", "192.0.0.192",
)  # fmt: skip
PRIVATE = ("10.20.0.5", "172.16.3.4", "192.168.1.1", "100.64.0.1", "fc00::1", "::ffff:10.20.0.5")


@contextmanager
def resolving(*answers: str) -> Iterator[list[str]]:
    """A name that has these addresses, and a note of what is connected to."""
    tried: list[str] = []

    def connect(address: tuple[str, int], timeout: float) -> Any:
        tried.append(address[0])
        raise ConnectionRefusedError

    with pytest.MonkeyPatch.context() as patch:
        entries = [(socket.AF_INET6 if ":" in text else socket.AF_INET, 1, 6, "", (text, 22)) for text in answers]
        patch.setattr(socket, "getaddrinfo", lambda *_a, **_k: entries)
        patch.setattr(socket, "create_connection", connect)
        yield tried


def open_to(rule: reach.Reach, *answers: str, host: str = "sftp.carrier.example") -> list[str]:
    """What was connected to; empty when it was refused before."""
    with resolving(*answers) as tried, pytest.raises((Rejected, ConnectionRefusedError)) as ended:
        reach.connect(host, 22, 1, rule)
    assert (ended.type is Rejected) == (tried == [])
    return tried


@pytest.mark.parametrize("address", NEVER)
def test_no_list_opens_these(address: str) -> None:
    everything = reach.parse("0.0.0.0/0, ::/0, sftp.carrier.example, *.example")
    for rule in (reach.Reach(), everything):
        assert open_to(rule, address) == []
        assert open_to(rule, PUBLIC, address) == [], "one bad address is enough"


@pytest.mark.parametrize("address", PRIVATE)
def test_private_networks_are_opened_by_network_only(address: str) -> None:
    assert open_to(reach.Reach(), address) == []
    assert open_to(reach.parse("sftp.carrier.example"), address) == [], "the name's owner does not choose our network"
    network = "10.20.0.0/16, 172.16.0.0/12, 192.168.1.1, 100.64.0.0/10, fc00::/7"
    assert open_to(reach.parse(network), address) == [address]


def test_a_list_of_names() -> None:
    rule = reach.parse("sftp.carrier.example, *.careplus.example")
    assert open_to(rule, PUBLIC) == [PUBLIC]
    assert open_to(rule, PUBLIC, host="EU.CarePlus.example.") == [PUBLIC]
    for host in ("careplus.example", "evilcareplus.example", "sftp.carrier.example.evil.example", PUBLIC):
        assert open_to(rule, PUBLIC, host=host) == [], host
    assert open_to(reach.Reach(), PUBLIC, "2606:2800:21f:cb07::1") == [PUBLIC, "2606:2800:21f:cb07::1"]
    with pytest.raises(ValueError, match="host bits"):
        reach.parse("10.0.0.1/8")


@pytest.mark.parametrize("spelling", ["127.1", "0x7f.1", "2130706433", "0", "017700000001", "localhost"])
def test_every_spelling_of_this_machine_is_this_machine(spelling: str) -> None:
    with pytest.raises(Rejected):
        reach.connect(spelling, 22, 1, reach.Reach())


def test_a_name_that_flips_is_asked_once() -> None:
    """First a public address for the check, then this machine for the connection: there is no second question."""
    asked: list[str] = []

    def flip(*_args: Any, **_more: Any) -> Any:
        asked.append("")
        return [(socket.AF_INET, 1, 6, "", (PUBLIC if len(asked) == 1 else "127.0.0.1", 22))]

    with resolving(PUBLIC) as tried, pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", flip)
        with pytest.raises(ConnectionRefusedError):
            reach.connect("flip.example", 22, 1, reach.Reach())
    assert (len(asked), tried) == (1, [PUBLIC])


def test_this_machine_is_opened_by_name_of_the_rule_only() -> None:
    sandbox = reach.Reach(loopback=True)
    for address in ("127.0.0.1", "::1", "::ffff:127.0.0.1"):
        assert open_to(sandbox, address) == [address]
        assert sandbox.is_sandbox(ip_address(address))
        assert not reach.Reach().is_sandbox(ip_address(address))
    assert open_to(sandbox, "10.20.0.5") == []
    assert not sandbox.is_sandbox(ip_address(PUBLIC))
    assert reach.Reach(anywhere=True).is_sandbox(ip_address(PUBLIC))


def test_a_silent_name_server_does_not_hold_us(monkeypatch: pytest.MonkeyPatch) -> None:
    let_go = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: let_go.wait(10) and [])
    begun = time.monotonic()
    with pytest.raises(TimeoutError):
        reach.connect("silent.example", 22, 0.2, reach.Reach())
    let_go.set()
    assert time.monotonic() - begun < 2


def test_many_addresses_share_one_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(address: tuple[str, int], timeout: float) -> Any:
        time.sleep(min(timeout, 0.15))
        raise TimeoutError

    entries = [(socket.AF_INET, 1, 6, "", (f"93.184.215.{n}", 22)) for n in range(1, 9)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: entries)
    monkeypatch.setattr(socket, "create_connection", slow)
    begun = time.monotonic()
    with pytest.raises(TimeoutError):
        reach.connect("many.example", 22, 0.3, reach.Reach())
    assert time.monotonic() - begun < 1


@pytest.mark.parametrize("host", ["nobody.invalid", "." * 300])
def test_names_that_cannot_be(host: str) -> None:
    with pytest.raises(OSError):  # noqa: PT011
        reach.connect(host, 22, 5, reach.Reach())


def test_a_transport_keeps_to_the_reach_it_was_made_in() -> None:
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5q0SkKc2oQsKsk1vA9RphqTsjOn4GQ2pmMFsN0zGGq"
    with socket.create_server(("127.0.0.1", 0)) as inside:
        port = inside.getsockname()[1]
        settings = SftpConfig(host="localhost", port=port, username="x", host_key=key, connect_seconds=1)
        made = SftpTransport(settings, SftpSecrets(password=SecretStr("x")))
        inside.settimeout(0.2)
        with reach.within(reach.Reach(anywhere=True)), pytest.raises(Rejected, match="host-not-allowed"):
            made.check()
        with pytest.raises(TimeoutError):
            inside.accept()
    assert reach.Reach(anywhere=True).allows("x", ip_address("127.0.0.1"))
