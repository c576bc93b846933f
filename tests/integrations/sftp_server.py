"""A small real SFTP server on localhost: one user, one folder, switches for what goes wrong on real servers."""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path

import paramiko


class Door(paramiko.ServerInterface):
    def __init__(self, password: str, key: paramiko.PKey) -> None:
        self._password = password
        self._key = key

    def check_auth_password(self, username: str, password: str) -> int:
        right = (username, password) == ("corridor", self._password)
        return paramiko.AUTH_SUCCESSFUL if right else paramiko.AUTH_FAILED

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        return paramiko.AUTH_SUCCESSFUL if key == self._key else paramiko.AUTH_FAILED

    def get_allowed_auths(self, username: str) -> str:
        return "password,publickey"

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED


class Files(paramiko.SFTPServerInterface):
    def __init__(self, server: paramiko.ServerInterface, *, house: SftpServer) -> None:
        super().__init__(server)
        self._house = house

    def _at(self, path: str) -> Path:
        return self._house.root / path.lstrip("/")

    def list_folder(self, path: str) -> list[paramiko.SFTPAttributes] | int:
        self._house.pause()
        try:
            entries = sorted(self._at(path).iterdir())
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)
        return [paramiko.SFTPAttributes.from_stat(e.stat(), e.name) for e in entries]

    def stat(self, path: str) -> paramiko.SFTPAttributes | int:
        try:
            return paramiko.SFTPAttributes.from_stat(self._at(path).stat())
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)

    lstat = stat

    def open(self, path: str, flags: int, attr: paramiko.SFTPAttributes) -> paramiko.SFTPHandle | int:
        try:
            descriptor = os.open(self._at(path), flags, 0o600)
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)
        handle = Damaging(flags) if self._house.damage_uploads else Handle(flags)
        writing = flags & (os.O_WRONLY | os.O_RDWR)
        handle.readfile = handle.writefile = os.fdopen(descriptor, "wb" if writing else "rb")  # type: ignore[attr-defined]
        return handle

    def remove(self, path: str) -> int:
        try:
            self._at(path).unlink()
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)
        return paramiko.SFTP_OK

    def rename(self, oldpath: str, newpath: str) -> int:
        if self._house.refuse_rename:
            return paramiko.SFTP_FAILURE
        self._at(oldpath).rename(self._at(newpath))
        if self._house.hang_up_after_rename:
            self._house.hang_up()
            time.sleep(0.2)
        return paramiko.SFTP_OK


class Handle(paramiko.SFTPHandle):
    def stat(self) -> paramiko.SFTPAttributes:
        return paramiko.SFTPAttributes.from_stat(os.fstat(self.readfile.fileno()))


class Damaging(Handle):
    """Flips the bytes it is given."""

    def write(self, offset: int, data: bytes) -> int:
        return super().write(offset, bytes(byte ^ 1 for byte in data))


class SftpServer:
    """Listens on a free port until `stop`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.password = "right"
        self.host_key = paramiko.ECDSAKey.generate()
        self.user_key = paramiko.RSAKey.generate(2048)
        self.damage_uploads = self.refuse_rename = self.hang_up_after_rename = False
        self.sleep_seconds = 0.0
        self._transports: list[paramiko.Transport] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def host_key_line(self) -> str:
        return f"{self.host_key.get_name()} {self.host_key.get_base64()}"

    def pause(self) -> None:
        time.sleep(self.sleep_seconds)

    def hang_up(self) -> None:
        for transport in self._transports:
            transport.close()

    def stop(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)
        self.hang_up()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with suppress(Exception):  # a client that hangs up in the middle is part of the tests
                self._greet(connection)

    def _greet(self, connection: socket.socket) -> None:
        transport = paramiko.Transport(connection)
        transport.add_server_key(self.host_key)
        transport.set_subsystem_handler("sftp", paramiko.SFTPServer, Files, house=self)
        self._transports.append(transport)
        transport.start_server(server=Door(self.password, self.user_key))
