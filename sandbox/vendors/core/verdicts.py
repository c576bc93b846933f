"""The referee: holds every request and every reply against the vendor's own API description (`../shared/specs`).

A violation names the side: `ours` (Corridor's request) or `sandbox` (the stand-in's reply). What a fault spoils on purpose is
outside of it, and so are error statuses the description is silent about.
"""

from __future__ import annotations

import fnmatch
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from werkzeug import Request, Response

SPECS = Path(__file__).resolve().parents[4] / "shared" / "specs"
DROP = object()


@dataclass(frozen=True)
class Patch:
    """A known fault of a description. at: keys from its root. to: what stands there instead, or a function of what did; DROP for
    nothing. why: the reason."""

    at: tuple[str | int, ...]
    to: Any
    why: str


@dataclass(frozen=True, eq=False)
class Description:
    """file: under ../shared/specs. base: what our paths have before those of the description. skip: paths it does not tell of."""

    file: str
    base: str = ""
    patches: tuple[Patch, ...] = ()
    skip: tuple[str, ...] = ()

    @property
    def is_here(self) -> bool:
        return (SPECS / self.file).exists()

    def is_silent_about(self, path: str) -> bool:
        return any(fnmatch.fnmatchcase(path, known) for known in self.skip)


@dataclass(frozen=True)
class Violation:
    side: str  # ours or sandbox
    where: str  # METHOD /path
    what: str

    def __str__(self) -> str:
        return f"{self.side}: {self.where}: {self.what}"


class Broken(AssertionError):
    """The vendor's description was not kept to."""


@dataclass
class Referee:
    """A layer around the vendor's app; lets everything through when there is no description to judge by."""

    app: Callable[..., Iterable[bytes]]
    description: Description | None = None
    violations: list[Violation] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)  # openapi-core resolves references as it goes

    @property
    def judges(self) -> bool:
        return self.description is not None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if self.description is None or self.description.is_silent_about(environ["PATH_INFO"]):
            return self.app(environ, start_response)
        from sandbox.vendors.core import judging  # openapi-core is for tests: the sandbox runs without it

        request, body = Request(environ), environ["wsgi.input"].getvalue()
        response = Response.from_app(self.app, environ, buffered=True)
        where = f"{request.method} {request.path}"
        with self._lock:
            ours, theirs = judging.judge(self.description, request, body, response)
            self.violations += [Violation("ours", where, what) for what in ours]
            self.violations += [Violation("sandbox", f"{where} → {response.status_code}", what) for what in theirs]
        return response(environ, start_response)

    def judge_event(self, kind: str, body: bytes, content_type: str) -> None:
        """Holds an event against the description, where that tells of it."""
        if self.description is not None:
            from sandbox.vendors.core import judging

            with self._lock:
                theirs = judging.judge_event(self.description, kind, body, content_type)
                self.violations += [Violation("sandbox", f"event {kind}", what) for what in theirs]

    def settle(self) -> None:
        """Raises Broken with every violation since the last call."""
        with self._lock:
            found, self.violations = self.violations, []
        if found:
            raise Broken("\n".join(str(one) for one in found))
