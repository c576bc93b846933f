"""Which servers a transport may open a connection to. A person types the host; it must not lead into our own network.

The name is resolved once, every address it has must be allowed, and the connection goes to one of those very addresses:
a name that answers differently the second time gains nothing.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeVar

from app.integrations.failures import Rejected

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Line = TypeVar("Line")

# `is_global` calls these global, or they hold an IPv4 address inside: NAT64, 6to4, IPv4-compatible, IPv4-translated, old
# site-local; and the metadata services of clouds outside 169.254/16: AWS over IPv6, Azure, Alibaba, Oracle.
NEVER = tuple(
    ip_network(text)
    for text in (
        "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96", "::ffff:0:0:0/96", "fec0::/10",
        "fd00:ec2::/32", "168.63.129.16", "100.100.100.200", "192.0.0.0/24",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reach:
    """names: hosts, or `*.suffix`; networks: also private ones. Both empty: every public address.

    loopback: this machine too, for a sandbox in development and tests. anywhere: no rule at all.
    """

    names: tuple[str, ...] = ()
    networks: tuple[Network, ...] = ()
    anywhere: bool = False
    loopback: bool = False

    def allows(self, host: str, address: Address) -> bool:
        if self.anywhere:
            return True
        plain = _unmapped(address)
        if plain.is_loopback:
            return self.loopback
        if _is_never(plain):
            return False
        if any(plain in network for network in self.networks if network.version == plain.version):
            return True
        return plain.is_global and (self._names(host) or not (self.names or self.networks))

    def is_sandbox(self, address: Address) -> bool:
        """There HTTP may go without TLS and to any port."""
        return self.anywhere or (self.loopback and _unmapped(address).is_loopback)

    def _names(self, host: str) -> bool:
        name = host.lower().rstrip(".")
        return any(name == known or (known[:2] == "*." and name.endswith(known[1:])) for known in self.names)


def parse(text: str) -> Reach:
    """From a comma-separated list of hosts, `*.suffix` and networks such as `10.20.0.0/16`.

    Raises:
        ValueError: something with a slash is no network.
    """
    parts = [part.strip().lower() for part in text.split(",") if part.strip()]
    networks = tuple(ip_network(part) for part in parts if _is_network(part))
    return Reach(tuple(part for part in parts if not _is_network(part)), networks)


def _is_network(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return "/" in text
    return True


def _unmapped(address: Address) -> Address:
    return getattr(address, "ipv4_mapped", None) or address


def _is_never(address: Address) -> bool:
    """The link, metadata services, and addresses that hide another one; no list opens these."""
    return (
        address.is_link_local
        or address.is_multicast
        or address.is_unspecified
        or any(address in network for network in NEVER if network.version == address.version)
    )


PUBLIC = Reach()
_current: ContextVar[Reach] = ContextVar("reach", default=PUBLIC)


def current() -> Reach:
    return _current.get()


@contextmanager
def within(reach: Reach) -> Iterator[None]:
    """Transports made in this block keep to `reach`."""
    token = _current.set(reach)
    try:
        yield
    finally:
        _current.reset(token)


def resolve(host: str, port: int, seconds: float, reach: Reach) -> list[str]:
    """The addresses of a host, asked for once; connect to these and to nothing else.

    Raises:
        Rejected: one of them is not allowed. OSError: it has none, or no name server answered in time.
    """
    found = list(dict.fromkeys(_look_up(host, port, seconds)))
    if not all(reach.allows(host, read_address(text)) for text in found):
        raise Rejected(
            "host-not-allowed",
            "Corridor may not connect to this server. Check its name; if it is right, ask whoever runs Corridor to allow it.",
        )
    return found


def read_address(text: str) -> Address:
    """An address as the resolver writes it, without its zone."""
    return ip_address(text.partition("%")[0])


def _look_up(host: str, port: int, seconds: float) -> list[str]:
    """In a thread of its own: `getaddrinfo` knows no timeout, and a silent name server holds it for half a minute."""
    found: list[str] = []
    trouble: list[OSError] = []

    def ask() -> None:
        try:
            found.extend(str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            trouble.append(error if isinstance(error, OSError) else socket.gaierror(str(error)))

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(seconds)
    if trouble:
        raise trouble[0]
    if thread.is_alive():
        raise TimeoutError
    return found


def connect(host: str, port: int, seconds: float, reach: Reach) -> socket.socket:
    """A TCP connection, made within `seconds` however many addresses there are.

    Raises:
        Rejected: the host has an address that is not allowed. OSError: it has none, or nobody answers there.
    """
    return connect_by(_dial, host, port, seconds, reach)


def connect_by(dial: Callable[[str, int, float], Line], host: str, port: int, seconds: float, reach: Reach) -> Line:
    """As `connect`, with a connection of the caller's own kind: `dial(address, port, seconds)` makes it or raises `OSError`."""
    ends = time.monotonic() + seconds
    trouble: OSError = ConnectionRefusedError()
    for address in resolve(host, port, seconds, reach):
        left = ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        try:
            return dial(address, port, left)
        except OSError as error:
            trouble = error
    raise trouble


def _dial(address: str, port: int, seconds: float) -> socket.socket:
    return socket.create_connection((address, port), timeout=seconds)
