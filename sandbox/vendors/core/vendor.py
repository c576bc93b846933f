"""One stand-in: its state, its switches and its web app. A vendor is a subclass with `setup` and `routes`."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, ClassVar

from flask import Flask, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException

from sandbox.clock import Clock
from sandbox.vendors.core.access import Access, Caller
from sandbox.vendors.core.faults import ONE_PAGE, Door, Fault, Faults
from sandbox.vendors.core.journal import Asked, Journal
from sandbox.vendors.core.oauth import add_oauth
from sandbox.vendors.core.refusals import Refused
from sandbox.vendors.core.rows import Change, Row, Rows
from sandbox.vendors.core.verdicts import Description, Referee
from sandbox.vendors.core.webhooks import Delivery, Webhooks

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


class Api(Flask):
    """Routes need no names here: `app.get("/path")(lambda: …)` as often as wanted."""

    def add_url_rule(
        self, rule: str, endpoint: str | None = None, view_func: Any = None, *more: Any, **options: Any
    ) -> None:
        super().add_url_rule(rule, endpoint or f"view-{len(self.view_functions)}", view_func, *more, **options)


class Vendor:
    """Everything is in memory and under one lock. `url`: where it listens, without a slash at the end."""

    slug: ClassVar[str]
    name: ClassVar[str]
    authorize_path: ClassVar[str] = ""
    token_path: ClassVar[str] = ""
    revoke_path: ClassVar[str] = ""
    description: ClassVar[Description | None] = None  # the vendor's own, for the referee
    verbs: ClassVar[tuple[str, ...]] = ()  # methods that people and other processes may call, with text arguments

    def __init__(self, clock: Clock | None = None, *, judged: bool = False) -> None:
        self.clock, self.lock = clock or Clock(), threading.RLock()
        self.url = ""
        self.stopping = threading.Event()  # ends what hangs or drips
        self.rows = Rows(self.clock, self.lock, self.on_change)
        self.access = Access(self.clock, self.lock)
        self.faults = Faults(self.lock)
        self.journal = Journal()
        self.webhooks = Webhooks(self.clock, self.lock, self.sign)
        judged = judged and self.description is not None and self.description.is_here
        self.referee = Referee(self._make_app(), self.description if judged else None)
        self.wsgi = Door(self, self.referee)
        self.reset()

    # What a vendor says

    def setup(self) -> None:
        """The credentials and rows it begins with."""

    def routes(self, app: Flask) -> None:
        """Its API. `self.caller()` is who sent the request; raise Refused to say no."""
        raise NotImplementedError

    def admit(self) -> Caller:
        """Who sends this request. Raises Refused."""
        return self.access.caller(request)

    def refusal(self, status: int, message: str = "", code: str = "") -> Response:
        """An error in the vendor's shape; also what a fault of this status looks like."""
        response = jsonify(error=code or str(status), message=message)
        response.status_code = status
        return response

    def on_change(self, change: Change, row: Row) -> None:
        """After every change of a row: where a vendor tells its hooks (`self.webhooks.emit`)."""

    def sign(self, delivery: Delivery, secret: str) -> dict[str, str]:
        """The headers that prove a delivery."""
        raise NotImplementedError

    def redirect_extra(self) -> dict[str, str]:
        """What comes back beside the code."""
        return {}

    def token_extra(self) -> dict[str, Any]:
        """What the answer of the token address holds beside the token."""
        return {}

    def hints(self) -> dict[str, str]:
        """Addresses and demo credentials, for the ready file and the page."""
        return {}

    # What tests and pages do

    def reset(self) -> None:
        """As at the start, but for the clock."""
        with self.lock:
            for part in (self.rows, self.access, self.faults, self.webhooks):
                part.clear()
            self.journal.asked.clear()
            self.referee.violations.clear()
            self.setup()

    def fault(self, do: str = "status", path: str = "*", **more: Any) -> None:
        """Switches a fault on: `vendor.fault("status", "/api/*", status=429, retry_after="7")`. Raises ValueError."""
        self.faults.add(Fault().changed({"do": do, "path": path, **more}))

    def asked(self, path: str = "*", method: str = "") -> list[Asked]:
        return self.journal.find(path, method)

    def deliver(self) -> list[Delivery]:
        """Posts the events that wait."""
        due = self.webhooks.deliver()
        for one in due:
            self.referee.judge_event(one.kind, one.body, one.content_type)
        return due

    def terms(self, **changed: Any) -> None:
        """How tokens are treated from now on: `vendor.terms(rotates=False, token_seconds=5)`."""
        self.access.terms = replace(self.access.terms, **changed)

    def do(self, verb: str, values: dict[str, Any]) -> Any:
        """One of `verbs`, by name. Raises ValueError."""
        if verb not in self.verbs:
            raise ValueError(f"Unknown verb {verb}. Known: {', '.join(self.verbs)}.")
        function: Callable[..., Any] = getattr(self, verb)
        try:
            inspect.signature(function).bind(**values)
        except TypeError as fault:
            raise ValueError(f"{verb}: {fault}.") from None
        try:
            return function(**values)
        except LookupError as fault:
            raise ValueError(str(fault)) from None

    def state(self) -> dict[str, Any]:
        return {
            "name": self.name, "url": self.url, **self.hints(), "rows": self.rows.kinds(), "verbs": self.verbs,
            "faults": [asdict(fault) for fault in self.faults.on()], "tokens": dict(self.access.counts),
            "terms": asdict(self.access.terms), "webhooks": self.webhooks.shown(),
        }  # fmt: skip

    # Inside a request

    def caller(self) -> Caller:
        return g.caller  # type: ignore[no-any-return]

    def more(self, more: bool) -> bool:
        """Whether to say that another page follows: the fault `one_page` makes this one the last."""
        return more and not request.environ.get(ONE_PAGE)

    def _make_app(self) -> Flask:
        app = Api(f"sandbox.vendors.{self.slug}", template_folder=str(TEMPLATES), static_folder=None)
        app.json.sort_keys = False  # type: ignore[attr-defined]
        open_paths = (self.authorize_path, self.token_path, self.revoke_path)

        @app.before_request
        def let_in() -> None:
            if request.path not in open_paths:
                g.caller = self.admit()

        @app.errorhandler(Refused)
        def refused(fault: Refused) -> Response:
            response = self.refusal(fault.status, fault.message, fault.code)
            response.headers.update(fault.headers)
            return response

        @app.errorhandler(HTTPException)
        def wrong(fault: HTTPException) -> Response:
            return self.refusal(fault.code or 500, fault.name)

        add_oauth(app, self)
        self.routes(app)
        return app
