"""A server's SSH host key, fetched so that a person can compare its fingerprint and pin it. Nothing is trusted here."""

from __future__ import annotations

import base64
import hashlib

import paramiko

from app.connections.services.providers import own_reach
from app.integrations.failures import Transient
from app.integrations.transports import reach


def scan(host: str, port: int, seconds: float) -> str:
    """The key the server shows, as one line: type and key.

    Raises:
        Transient: nobody answers, or it is no SSH server. Rejected: we may not connect there.
    """
    try:
        with reach.connect(host, port, seconds, own_reach()) as line:
            transport = paramiko.Transport(line)
            try:
                transport.banner_timeout = transport.handshake_timeout = seconds
                transport.start_client(timeout=seconds)
                key = transport.get_remote_server_key()
            finally:
                transport.close()
    except (OSError, EOFError, paramiko.SSHException) as error:
        raise Transient(
            "server-unreachable", "Check the server name and port, and whether the provider allows our address."
        ) from error
    return f"{key.get_name()} {key.get_base64()}"


def fingerprint(line: str) -> str:
    """`SHA256:…` as ssh prints it and as providers read it out on the phone; "" for no key."""
    parts = line.split()
    if len(parts) < 2:
        return ""
    digest = hashlib.sha256(base64.b64decode(parts[1] + "=" * (-len(parts[1]) % 4))).digest()
    return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"
