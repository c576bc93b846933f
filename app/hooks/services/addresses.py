"""Where an endpoint may be. What a name leads to is decided when it is connected to (`reach`); here only what can be read off it."""

from __future__ import annotations

import re
import socket
from dataclasses import replace
from urllib.parse import urlsplit

from app.core.config import get_settings
from app.core.errors import Invalid
from app.integrations.transports import reach

LONGEST = 500
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def own_reach() -> reach.Reach:
    """`HTTP_ALLOWED`, as for providers; outside of production a receiver on this machine too."""
    settings = get_settings()
    return replace(reach.parse(settings.http_allowed), loopback=not settings.production)


def checked(url: str) -> str:
    """The address without spaces around it.

    Raises:
        Invalid: it is not https, says more than an address, or names a place inside our network.
    """
    text = url.strip()
    host, port = _host(text)
    if port not in (None, 443) and not _is_sandbox(host):
        raise Invalid({"url": "Use port 443: leave the port out of the address"})
    if not all(own_reach().allows(host, address) for address in _written(host)):
        raise Invalid({"url": "Enter an address on the public internet"})
    return text


def _host(text: str) -> tuple[str, int | None]:
    if len(text) > LONGEST or not re.fullmatch(r"[\x21-\x7e]+", text):
        raise Invalid({"url": "Enter an address of at most 500 characters, without spaces"})
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise Invalid({"url": "Enter an address like https://example.com/hooks"}) from None
    secure = parts.scheme == "https" or (parts.scheme == "http" and _is_sandbox(host))
    if not secure or not host or "@" in parts.netloc or re.search(r"[#\\]", text) or "%" in host:
        raise Invalid({"url": "Enter an address like https://example.com/hooks"})
    return host, port


def _is_sandbox(host: str) -> bool:
    return host in LOOPBACK and not get_settings().production


def _written(host: str) -> list[reach.Address]:
    """The address a host is, however it is spelled (`0x7f.1`, `2130706433`); nothing for a name. Asks nobody."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return []
    return [reach.read_address(str(entry[4][0])) for entry in found]
