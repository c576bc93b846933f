"""A job in a forked child that ends like kill -9 at its n-th point: right before or right after a commit or an outside effect."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from app.core import db, storage
from app.core.jobs import Run
from app.integrations.transports.http.wire import Wire
from app.integrations.transports.sftp import SftpTransport
from worker.execute import run_intent

KILLED, WHOLE, BROKEN = 9, 0, 70


class Points:
    """Counts the points as they pass and dies at number `at`."""

    def __init__(self, at: int, tell: int) -> None:
        self.at, self.tell, self.passed = at, tell, 0

    def here(self, name: str) -> None:
        self.passed += 1
        if self.passed == self.at:
            os.write(self.tell, name.encode())
            os._exit(KILLED)

    def around(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            self.here(f"before {name}")
            result = function(*args, **kwargs)
            self.here(f"after {name}")
            return result

        return wrapped

    def install(self) -> None:
        """In the child only: it never comes back."""
        dialect: Any = db.engine().dialect
        dialect.do_commit = self.around("commit", dialect.do_commit)
        kind: Any = SftpTransport
        for name in ("list", "read", "_upload", "_rename"):
            setattr(kind, name, self.around(f"sftp {name.strip('_')}", getattr(kind, name)))
        folder: Any = storage.FolderStore
        folder.put = self.around("store", folder.put)

    def install_calls(self) -> None:
        """Around the job's own commits and each call of a provider; the many small commits that guard a call change nothing of it."""
        run: Any = Run
        for name in ("step", "finish"):
            setattr(run, name, self._around_block(name, getattr(run, name)))
        wire: Any = Wire
        wire.carry = self.around("call", wire.carry)

    def _around_block(self, name: str, block: Callable[..., Any]) -> Callable[..., Any]:
        @contextmanager
        def wrapped(*args: Any) -> Iterator[Any]:
            with block(*args) as session:
                yield session
                session.flush()
                self.here(f"before {name}'s commit")
            self.here(f"after {name}'s commit")

        return wrapped


def die_at(
    point: int, company_id: UUID, intent_id: UUID, install: Callable[[Points], None] = Points.install
) -> tuple[int, str]:
    """Run one intent in a child that dies at a point. Returns its exit code (0: there is no such point) and the point's name."""
    ear, mouth = os.pipe()
    pid = os.fork()
    if pid == 0:
        code = BROKEN
        try:
            db.forget_connections()
            install(Points(point, mouth))
            run_intent(str(company_id), str(intent_id))
            code = WHOLE
        finally:
            os._exit(code)
    os.close(mouth)
    with os.fdopen(ear) as said:
        name = said.read()
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), name
