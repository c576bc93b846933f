# ruff: noqa: ARG002 - paramiko fixes the signatures
"""The SFTP door of a carrier: a paramiko server on its own port, each user shut into the carrier's folder."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import paramiko
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from paramiko.common import (
    AUTH_FAILED,
    AUTH_SUCCESSFUL,
    OPEN_FAILED_UNKNOWN_CHANNEL_TYPE,
    OPEN_SUCCEEDED,
)
from paramiko.sftp import SFTP_FAILURE, SFTP_OK, SFTP_PERMISSION_DENIED
from typing_extensions import Buffer

from sandbox.carriers.profile import Profile, Switches


class Guest(Protocol):
    """Who signs in: shut into `root`, whose folders `writable` take files; `outbound` is read and cleared besides."""

    profile: Profile
    switches: Switches
    root: Path
    writable: tuple[str, ...]

    def hold(self, path: Path) -> None: ...
    def release(self, path: Path) -> None: ...


Guests = Mapping[str, Guest]


def host_key(path: Path) -> paramiko.Ed25519Key:
    """The ed25519 key in the file, made on first use."""
    if not path.exists():
        key = Ed25519PrivateKey.generate()
        path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
        path.chmod(0o600)
    return paramiko.Ed25519Key.from_private_key_file(str(path))


class Gate(paramiko.ServerInterface):
    """Signs a carrier's user in. Any carrier's user may use any carrier's port."""

    def __init__(self, carriers: Guests) -> None:
        self.carriers = carriers
        self.carrier: Guest | None = None

    def get_allowed_auths(self, username: str) -> str:
        return "password,publickey"

    def check_auth_password(self, username: str, password: str) -> int:
        carrier = self._carrier_of(username)
        return self._admit(carrier, bool(carrier and password == carrier.profile.password))

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        carrier = self._carrier_of(username)
        offered = [key.get_name(), key.get_base64()]
        return self._admit(carrier, any(line.split()[:2] == offered for line in keys_of(carrier)))

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return OPEN_SUCCEEDED if kind == "session" else OPEN_FAILED_UNKNOWN_CHANNEL_TYPE

    def _carrier_of(self, username: str) -> Guest | None:
        return next((item for item in self.carriers.values() if item.profile.user == username), None)

    def _admit(self, carrier: Guest | None, correct: bool) -> int:
        if carrier is None or not correct or carrier.switches.wrong_password or carrier.switches.sftp_down:
            return AUTH_FAILED
        self.carrier = carrier
        return AUTH_SUCCESSFUL


def keys_of(carrier: Guest | None) -> list[str]:
    return carrier.profile.public_keys if carrier else []


def result(action: Callable[[], Any]) -> int:
    """SFTP status of a file system call."""
    try:
        action()
    except OSError as fault:
        return paramiko.SFTPServer.convert_errno(fault.errno or 0)
    return SFTP_OK


class OpenFile(paramiko.SFTPHandle):
    """A file being read or written; the carrier leaves it alone until it is closed."""

    def __init__(self, carrier: Guest, path: Path, flags: int, file: Any) -> None:
        super().__init__(flags)
        self.carrier, self.path, self.file = carrier, path, file
        self._lock, self._open = threading.Lock(), True

    def close(self) -> None:
        with self._lock:
            if not self._open:
                return
            self._open = False
        self.file.close()
        self.carrier.release(self.path)

    def read(self, offset: int, length: int) -> bytes | int:
        self._wait(length)
        self.file.seek(offset)
        return bytes(self.file.read(length))

    def write(self, offset: int, data: Buffer) -> int:
        self._wait(memoryview(data).nbytes)
        if self.carrier.switches.disk_full:
            return SFTP_FAILURE
        self.file.seek(offset)
        self.file.write(data)
        self.file.flush()
        return SFTP_OK

    def stat(self) -> paramiko.SFTPAttributes:
        return paramiko.SFTPAttributes.from_stat(os.fstat(self.file.fileno()))

    def chattr(self, attr: paramiko.SFTPAttributes) -> int:
        return SFTP_OK

    def _wait(self, size: int) -> None:
        switches = self.carrier.switches
        drip = size / switches.slow_bytes_per_second if switches.slow_bytes_per_second else 0
        time.sleep(switches.slow_seconds + drip)


class Folder(paramiko.SFTPServerInterface):
    """The guest's folder as the whole file system."""

    def __init__(self, server: Gate, *args: Any, **kwargs: Any) -> None:
        super().__init__(server, *args, **kwargs)
        assert server.carrier is not None
        self.carrier = server.carrier

    def _path(self, path: str) -> Path:
        return self.carrier.root / self.canonicalize(path).lstrip("/")

    def _allowed(self, path: str, *, writing: bool) -> bool:
        parts = self.canonicalize(path).strip("/").split("/")
        folders = self.carrier.writable if writing else (*self.carrier.writable, "outbound")
        return len(parts) == 2 and parts[0] in folders

    def open(self, path: str, flags: int, attr: paramiko.SFTPAttributes) -> paramiko.SFTPHandle | int:
        writing = bool(flags & (os.O_WRONLY | os.O_RDWR))
        if not self._allowed(path, writing=writing):
            return SFTP_PERMISSION_DENIED
        target = self._path(path)
        self.carrier.hold(target)  # before it exists, so the carrier never reads half a file
        try:
            descriptor = os.open(target, flags & ~os.O_APPEND | os.O_NOFOLLOW, 0o600)
            file = os.fdopen(descriptor, "r+b" if flags & os.O_RDWR else "wb" if writing else "rb")
        except OSError as fault:
            self.carrier.release(target)
            return paramiko.SFTPServer.convert_errno(fault.errno or 0)
        return OpenFile(self.carrier, target, flags, file)

    def list_folder(self, path: str) -> list[paramiko.SFTPAttributes] | int:
        found = []
        try:
            for item in sorted(self._path(path).iterdir()):
                if not item.name.startswith("."):
                    found.append(paramiko.SFTPAttributes.from_stat(item.stat(), item.name))
        except OSError as fault:
            return paramiko.SFTPServer.convert_errno(fault.errno or 0)
        return found

    def stat(self, path: str) -> paramiko.SFTPAttributes | int:
        try:
            return paramiko.SFTPAttributes.from_stat(self._path(path).stat())
        except OSError as fault:
            return paramiko.SFTPServer.convert_errno(fault.errno or 0)

    lstat = stat

    def remove(self, path: str) -> int:
        if not self._allowed(path, writing=False):
            return SFTP_PERMISSION_DENIED
        return result(self._path(path).unlink)

    def rename(self, oldpath: str, newpath: str) -> int:
        """Plain SFTP rename: fails when the new name exists."""
        if self._path(newpath).exists():
            return SFTP_FAILURE
        return self.posix_rename(oldpath, newpath)

    def posix_rename(self, oldpath: str, newpath: str) -> int:
        if not (self._allowed(oldpath, writing=True) and self._allowed(newpath, writing=True)):
            return SFTP_PERMISSION_DENIED
        return result(lambda: self._path(oldpath).rename(self._path(newpath)))

    def chattr(self, path: str, attr: paramiko.SFTPAttributes) -> int:
        return SFTP_OK

    def mkdir(self, path: str, attr: paramiko.SFTPAttributes) -> int:
        return SFTP_PERMISSION_DENIED
