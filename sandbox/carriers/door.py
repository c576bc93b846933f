"""The listening side of SFTP: accepts connections for one carrier, can be closed and opened again."""

from __future__ import annotations

import errno
import socket
import threading
from pathlib import Path

import paramiko

from sandbox.carriers.carrier import Carrier
from sandbox.carriers.sftp import Folder, Gate, Guests, host_key

paramiko.util.get_logger("paramiko").setLevel("CRITICAL")


class Door:
    """One port. It follows its carrier's switches: `sftp_down` closes it, `host_key_changed` shows another key."""

    def __init__(self, carrier: Carrier, carriers: Guests, host: str, keys: Path, promised: bool) -> None:
        self.carrier, self.carriers, self.host = carrier, carriers, host
        self.key = host_key(keys / "sftp_host_key")
        self.other_key = host_key(keys / "sftp_other_host_key")
        self.port, self.promised = carrier.profile.sftp_port, promised
        self._listener: socket.socket | None = None
        self._sessions: set[paramiko.Transport] = set()
        self._lock = threading.Lock()

    @property
    def public_key(self) -> str:
        """As in known_hosts: key type and base64."""
        return f"{self.key.get_name()} {self.key.get_base64()}"

    def open(self) -> None:
        with self._lock:
            if self._listener:
                return
            listener = self._listen()
            self.port = listener.getsockname()[1]
            self._listener, self.promised = listener, True
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def _listen(self) -> socket.socket:
        """The wanted port; a free one when another program has it and nobody was promised this one."""
        try:
            return socket.create_server((self.host, self.port), backlog=128)
        except OSError as fault:
            if self.promised or fault.errno != errno.EADDRINUSE:
                raise
            return socket.create_server((self.host, 0), backlog=128)

    def close(self) -> None:
        with self._lock:
            listener, self._listener = self._listener, None
            sessions, self._sessions = self._sessions, set()
        if listener:
            listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
            listener.close()
        for session in sessions:
            session.close()

    def follow_switches(self) -> None:
        if self.carrier.switches.sftp_down:
            self.close()
        else:
            self.open()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        changed = self.carrier.switches.host_key_changed
        try:
            session = paramiko.Transport(client)
            session.add_server_key(self.other_key if changed else self.key)
            session.set_subsystem_handler("sftp", paramiko.SFTPServer, Folder)
            session.start_server(server=Gate(self.carriers))
        except (paramiko.SSHException, EOFError, OSError):
            client.close()
            return
        with self._lock:
            self._sessions = {item for item in self._sessions if item.is_active()} | {session}
        session.join()
