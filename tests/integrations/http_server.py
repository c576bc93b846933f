"""A small real HTTP server on loopback that can also misbehave: it hands each request to a function and sends its bytes."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Asked:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes


def reply(status: int = 200, body: bytes = b"{}", **headers: str) -> bytes:
    """A whole, correct answer. Underscores in header names become dashes."""
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


Said = bytes | Iterable[bytes] | None


class HttpServer:
    """Listens until `stop`. `respond` gives bytes, or pieces to send one by one; None hangs up."""

    def __init__(self, respond: Callable[[Asked], Said], context: ssl.SSLContext | None = None) -> None:
        self.asked: list[Asked] = []
        self.connections = 0
        self.failed_handshakes = 0
        self.respond = respond
        self._context = context
        self._open: list[socket.socket] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http{'s' if self._context else ''}://localhost:{self.port}"

    def stop(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for line in self._open:
            line.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._talk, args=(line,), daemon=True).start()

    def _talk(self, line: socket.socket) -> None:
        self._open.append(line)
        with suppress(OSError, ValueError):  # a client that hangs up or speaks TLS is part of the tests
            try:
                line = self._context.wrap_socket(line, server_side=True) if self._context else line
            except ssl.SSLError:
                self.failed_handshakes += 1
                raise
            self._open.append(line)
            with line, line.makefile("rb") as incoming:
                while (asked := _read(incoming)) is not None:
                    self.asked.append(asked)
                    said = self.respond(asked)
                    if said is None:
                        return
                    for piece in [said] if isinstance(said, bytes) else said:
                        line.sendall(piece)


def _read(incoming: BinaryIO) -> Asked | None:
    first = incoming.readline().decode()
    if not first:
        return None
    method, target, _ = first.split(" ")
    headers: dict[str, str] = {}
    while line := incoming.readline().strip().decode("latin-1"):
        name, _, value = line.partition(": ")
        headers[name.lower()] = value
    body = incoming.read(int(headers.get("content-length", 0)))
    return Asked(method, target, headers, body)


def drip(pieces: bytes, seconds: float) -> Iterable[bytes]:
    """One byte at a time, with a pause after each."""
    for byte in pieces:
        yield bytes([byte])
        time.sleep(seconds)


def make_certificate(name: str) -> tuple[str, str]:
    """PEM of a certificate for `name` and 127.0.0.1, good for a day, and of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begins = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
    names = x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + dt.timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return signed.public_bytes(serialization.Encoding.PEM).decode(), private.decode()


def server_context(folder: Path, certificate: str, key: str, *, clients: str = "") -> ssl.SSLContext:
    """TLS for the server. clients: PEM whose holders alone may come in."""
    file = folder / "server.pem"
    file.write_text(certificate + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    if clients:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=clients)
    return context
