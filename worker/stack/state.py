"""Where the parts keep their files, and who is using them right now."""

import fcntl
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
# What Corridor makes on this machine. CORRIDOR_VAR moves it, for a second installation of one checkout.
VAR = Path(os.environ.get("CORRIDOR_VAR") or CHECKOUT / "var")


def is_root() -> bool:
    """True when PostgreSQL cannot run as the current user."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def open_to_others(path: Path) -> bool:
    """True when every existing directory down to `path` lets another user pass."""
    existing = [p for p in (path, *path.parents) if p.is_dir()]
    return all(p.stat().st_mode & stat.S_IXOTH for p in existing)


def default_dir(name: str = "stack") -> Path:
    """`var/<name>`; elsewhere when root's PostgreSQL user could not reach it.

    A checkout under a closed directory (such as root's home) is never opened up for it.
    """
    if not is_root() or open_to_others(VAR):
        return VAR / name
    key = hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:12]
    return Path("/var/lib/corridor") / key / name


@dataclass(frozen=True)
class State:
    """The directory of one pair of parts. Two states never share a server."""

    dir: Path

    @classmethod
    def at(cls, directory: Path | None = None) -> "State":
        """Makes the directory; `None` means the checkout's own."""
        state = cls((directory or default_dir()).resolve())
        state.dir.mkdir(parents=True, exist_ok=True)
        return state

    @property
    def valkey(self) -> Path:
        return self.dir / "valkey"

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """One process at a time starts or stops the parts. The kernel frees the lock of a killed one."""
        with (self.dir / "start.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


class Tenure:
    """A shared lock that says "this process uses the parts"; the last to leave learns that it is the last."""

    def __init__(self, state: State) -> None:
        self._file = (state.dir / "users.lock").open("w")
        fcntl.flock(self._file, fcntl.LOCK_SH)

    def leave(self) -> bool:
        """Gives the lock back; True when nobody else holds it. Call inside `State.exclusive`."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        else:
            return True
        finally:
            self._file.close()
