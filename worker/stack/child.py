"""One program the supervisor keeps alive: started, its words kept in a log, restarted when it dies."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

Say = Callable[[str, str], None]

FIRST_DELAY = 0.5  # seconds before the first restart; doubles each time
LONGEST_DELAY = 30.0
HEALTHY_AFTER = 60.0  # seconds of life after which the delay starts small again
LOG_LIMIT = 20_000_000  # bytes; an older log is kept once, as <name>.log.1

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def adopt_orphans() -> None:
    """Children of our children become ours when their parent dies, so none is lost. Linux only."""
    if _libc is not None:
        _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _die_with_parent() -> None:
    # When the supervisor itself is killed -9, its children still end.
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


class Child:
    """A named command. All methods are called from the supervisor's main thread."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str], log_dir: Path) -> None:
        self.name = name
        self.command = list(command)
        self.environment = dict(environment)
        self.log = log_dir / f"{name}.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.restarts = 0
        self._delay = FIRST_DELAY
        self._started = 0.0
        self._due = 0.0
        self._reader: threading.Thread | None = None

    def start(self, cwd: Path, say: Say) -> None:
        """Starts the program in a session of its own, so that Ctrl-C reaches only the supervisor."""
        self._rotate()
        self.process = subprocess.Popen(  # noqa: S603
            self.command,
            cwd=cwd,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - one system call, no locks
        )
        self._started = time.monotonic()
        self._reader = threading.Thread(target=self._copy, args=(self.process, say), daemon=True)
        self._reader.start()

    def watch(self, cwd: Path, say: Say) -> None:
        """Restarts the program when it has ended and its pause is over."""
        if self.process is None or self.process.poll() is None:
            return
        now = time.monotonic()
        if not self._due:
            if now - self._started > HEALTHY_AFTER:
                self._delay = FIRST_DELAY
            self._due = now + self._delay
            how = _how(self.process.returncode)
            say(self.name, f"{how}; starts again in {self._delay:g} s (log: {self.log})")
            self._delay = min(self._delay * 2, LONGEST_DELAY)
        elif now >= self._due:
            self._due = 0.0
            self.restarts += 1
            self._join()
            self.start(cwd, say)

    def ask_to_stop(self) -> None:
        """SIGTERM to the program alone; it stops its own children in its own order."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def finish(self, deadline: float) -> None:
        """Waits until `deadline` (monotonic seconds), then kills the whole session."""
        if self.process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.0, deadline - time.monotonic()))
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)  # whatever it left behind in its group
        self.process.wait()
        self._join()

    def tail(self, lines: int = 12) -> str:
        """The end of the log."""
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        except FileNotFoundError:
            return ""

    def _join(self) -> None:
        if self._reader is not None:
            self._reader.join(timeout=2)

    def _copy(self, process: "subprocess.Popen[bytes]", say: Say) -> None:
        assert process.stdout is not None
        with process.stdout as words, self.log.open("ab", buffering=0) as log:
            for line in words:
                log.write(line)
                say(self.name, line.decode(errors="replace").rstrip())

    def _rotate(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))


def _how(code: int) -> str:
    if code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"
