"""SFTP with a pinned host key, an overall deadline for each operation, and typed failures only."""

from __future__ import annotations

import base64
import errno
import hashlib
import io
import posixpath
import socket
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

import paramiko
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from app.integrations.contracts import Placed, RemoteFile
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
from app.integrations.transports.paths import UNFINISHED, safe_file, safe_path

_KEY_TYPES = ("ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa")


class SftpConfig(BaseModel):
    """Where the server is and how it proves to be itself. No secrets."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    host: str = Field(title="Server", pattern=r"^[A-Za-z0-9.:-]{1,253}$", examples=["sftp.careplus.example"])
    port: int = Field(22, title="Port", ge=1, le=65535)
    username: str = Field(title="User name", min_length=1, max_length=128, examples=["corridor01"])
    host_key: str = Field(
        title="Host key",
        description="One line: type and key, as the carrier gave it to you. It is never learned on its own.",
        examples=["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI..."],
    )
    outbound: str = Field("outbound", title="Folder for our files")
    inbound: str = Field("inbound", title="Folder with the carrier's answers")
    connect_seconds: float = Field(15, title="Connect timeout (seconds)", gt=0, le=120)
    operation_seconds: float = Field(120, title="Longest single operation (seconds)", gt=0, le=3600)
    read_back: bool = Field(
        True, title="Read each upload back", description="Off only for drop boxes that forbid reading: size must do."
    )
    most_bytes: int = Field(256 * 1024 * 1024, title="Largest file taken in (bytes)", gt=0)

    @field_validator("host_key")
    @classmethod
    def _is_a_key(cls, line: str) -> str:
        parts = line.split()
        if len(parts) < 2 or parts[0] not in _KEY_TYPES:
            raise ValueError("paste one line such as: ssh-ed25519 AAAAC3Nza…")
        try:
            paramiko.PKey.from_type_string(parts[0], base64.b64decode(parts[1], validate=True))
        except Exception as error:  # paramiko raises whatever its key classes raise
            raise ValueError("this is not a readable public key") from error
        return f"{parts[0]} {parts[1]}"


class SftpSecrets(BaseModel):
    """A password, or a private key (OpenSSH or PEM text) with its passphrase."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    password: SecretStr | None = Field(None, title="Password")
    private_key: SecretStr | None = Field(None, title="Private key")
    passphrase: SecretStr | None = Field(None, title="Passphrase of the key")


Files = list[RemoteFile]


class SftpTransport:
    """A session opened at first use, within the reach it was made in. One thread at a time; every call has its own deadline."""

    def __init__(self, config: SftpConfig, secrets: SftpSecrets) -> None:
        self._config = config
        self._secrets = secrets
        self._reach = reach.current()
        self._transport: paramiko.Transport | None = None
        self._client: paramiko.SFTPClient | None = None

    def __enter__(self) -> SftpTransport:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def check(self) -> None:
        """See `FileTransport.check`."""
        with self._operation() as client:
            client.listdir_attr(".")

    def list(self, folder: str) -> Files:
        """See `FileTransport.list`."""
        where = safe_path(folder)
        with self._operation() as client:
            found = client.listdir_attr(where)
        return sorted((_remote(a) for a in found if _is_finished_file(a)), key=lambda file: file.name)

    def read(self, path: str) -> bytes:
        """See `FileTransport.read`. Rejected("too-large") above the configured size."""
        final = safe_file(path)
        with self._operation() as client:
            return self._read(client, final)

    def put(self, path: str, data: bytes) -> Placed:
        """See `FileTransport.put`."""
        final = safe_file(path)
        with self._operation() as client:
            if (placed := self._compare(client, final, data)) is not None:
                return placed
            unfinished = final + UNFINISHED
            self._upload(client, unfinished, data)
            return self._rename(client, unfinished, final, data)

    def remove(self, path: str) -> None:
        """See `FileTransport.remove`."""
        final = safe_file(path)
        with self._operation() as client, suppress(FileNotFoundError):
            client.remove(final)

    def close(self) -> None:
        """See `FileTransport.close`."""
        transport, self._transport, self._client = self._transport, None, None
        if transport is not None:
            transport.close()

    def _read(self, client: paramiko.SFTPClient, path: str) -> bytes:
        with client.open(path, "rb") as file:
            if (file.stat().st_size or 0) > self._config.most_bytes:
                raise Rejected("too-large", "The file is larger than this connection allows.")
            file.prefetch()
            return file.read(self._config.most_bytes)

    def _compare(self, client: paramiko.SFTPClient, final: str, data: bytes) -> Placed | None:
        """None when the name is free. Raises `Conflict` when other bytes have it."""
        try:
            size = client.stat(final).st_size
        except FileNotFoundError:
            return None
        if size == len(data) and (not self._config.read_back or self._read(client, final) == data):
            return Placed.ALREADY
        raise Conflict("name-taken")

    def _upload(self, client: paramiko.SFTPClient, unfinished: str, data: bytes) -> None:
        with client.open(unfinished, "wb") as file:
            file.set_pipelined(True)
            file.write(data)
        arrived = client.stat(unfinished).st_size == len(data)
        if arrived and self._config.read_back:
            there = hashlib.sha256(self._read(client, unfinished)).digest()
            arrived = there == hashlib.sha256(data).digest()
        if not arrived:
            client.remove(unfinished)
            raise Transient("upload-damaged")

    def _rename(self, client: paramiko.SFTPClient, unfinished: str, final: str, data: bytes) -> Placed:
        try:
            client.rename(unfinished, final)
        except (EOFError, paramiko.SSHException, TimeoutError, ConnectionError) as error:
            raise OutcomeUnknown("rename-unanswered") from error
        except OSError as error:
            if _is_network(error):
                raise OutcomeUnknown("rename-unanswered") from error
            placed = self._compare(client, final, data)
            client.remove(unfinished)
            if placed is None:
                raise Rejected("rename-refused", "The server does not allow the upload to be renamed.") from error
            return placed
        return Placed.NEW

    @contextmanager
    def _operation(self) -> Iterator[paramiko.SFTPClient]:
        """An open client under the deadline; whatever goes wrong leaves as a `Failure`, with the session closed."""
        expired = threading.Event()
        timer = threading.Timer(self._config.operation_seconds, self._expire, (expired,))
        timer.daemon = True
        timer.start()
        try:
            yield self._open()
        except OutcomeUnknown:
            self.close()
            raise
        except Failure as failure:
            if isinstance(failure, Transient | AuthFailed):
                self.close()
            raise
        except Exception as error:  # paramiko raises EOFError, struct.error and more when a server misbehaves
            translated = Transient("deadline") if expired.is_set() else _as_failure(error)
            if isinstance(translated, Transient):
                self.close()
            raise translated from error
        finally:
            timer.cancel()

    def _expire(self, expired: threading.Event) -> None:
        """Socket timeouts never fire while a server drips single bytes; closing the session ends any wait."""
        expired.set()
        transport = self._transport
        if transport is not None:
            with suppress(OSError):
                transport.sock.close()
            transport.close()

    def _open(self) -> paramiko.SFTPClient:
        if self._client is not None and self._transport is not None and self._transport.is_active():
            return self._client
        self.close()
        config = self._config
        connection = reach.connect(config.host, config.port, config.connect_seconds, self._reach)
        try:
            transport = paramiko.Transport(connection)
        except BaseException:
            connection.close()
            raise
        self._transport = transport
        transport.banner_timeout = transport.auth_timeout = config.connect_seconds
        transport.start_client(timeout=config.connect_seconds)
        self._refuse_other_key(transport)
        self._authenticate(transport)
        client = paramiko.SFTPClient.from_transport(transport)
        if client is None:
            raise Transient("no-sftp")
        self._client = client
        return client

    def _refuse_other_key(self, transport: paramiko.Transport) -> None:
        key = transport.get_remote_server_key()
        if f"{key.get_name()} {key.get_base64()}" != self._config.host_key:
            raise HostKeyChanged("host-key-changed")

    def _authenticate(self, transport: paramiko.Transport) -> None:
        secrets = self._secrets
        try:
            if secrets.private_key is not None:
                transport.auth_publickey(self._config.username, _private_key(secrets))
            elif secrets.password is not None:
                transport.auth_password(self._config.username, secrets.password.get_secret_value(), fallback=False)
            else:
                raise AuthFailed("credentials-missing")
        except paramiko.AuthenticationException as error:
            raise AuthFailed("credentials-refused") from error
        if not transport.is_authenticated():
            raise AuthFailed("second-step-asked", "The server asks for a second sign-in step; ask for key sign-in.")


def _private_key(secrets: SftpSecrets) -> paramiko.PKey:
    """Raises `AuthFailed` when no known kind of key can be read."""
    assert secrets.private_key is not None
    text = secrets.private_key.get_secret_value().strip() + "\n"
    passphrase = secrets.passphrase.get_secret_value() if secrets.passphrase else None
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        with suppress(paramiko.SSHException, ValueError, IndexError, TypeError):
            return kind.from_private_key(io.StringIO(text), passphrase)
    raise AuthFailed("key-unreadable", "The private key or its passphrase cannot be read.")


def _is_finished_file(attributes: paramiko.SFTPAttributes) -> bool:
    regular = attributes.st_mode is None or stat.S_ISREG(attributes.st_mode)
    return regular and not attributes.filename.endswith(UNFINISHED)


def _remote(attributes: paramiko.SFTPAttributes) -> RemoteFile:
    at = datetime.fromtimestamp(attributes.st_mtime or 0, UTC)
    return RemoteFile(posixpath.basename(attributes.filename), attributes.st_size or 0, at)


def _is_network(error: OSError) -> bool:
    """The connection is gone, as opposed to the server saying no to this file."""
    lost = {errno.EPIPE, errno.ECONNRESET, errno.ECONNREFUSED, errno.ETIMEDOUT, errno.EHOSTUNREACH, errno.ENETUNREACH}
    return isinstance(error, socket.gaierror | TimeoutError | ConnectionError) or error.errno in (
        lost | {errno.EBADF, errno.ENOTCONN}
    )


def _as_failure(error: Exception) -> Failure:
    if isinstance(error, FileNotFoundError):
        return Rejected("not-found", "There is no such file or folder.")
    if isinstance(error, PermissionError):
        return Rejected("forbidden", "The server does not let this account do that.")
    if isinstance(error, OSError) and not _is_network(error) and "closed" not in str(error).lower():
        return Rejected("refused-by-server", "The server refused this file operation.")
    return Transient("connection-lost")
