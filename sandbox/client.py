"""A small typed client of the sandbox's JSON API, for tests and the demo. Standard library only.

box = Sandbox("http://127.0.0.1:8100")
box.carrier("evergreen").set(silence=True)
box.wait_idle()
box.carrier("evergreen").effects()
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any

from sandbox.screening.client import ScreeningClient
from sandbox.screening.filescreen_client import FileScreenClient
from sandbox.vendors.core.client import VendorClient

Json = dict[str, Any]


class SandboxError(Exception):
    """The sandbox said no; `status` is the HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status


class NotIdle(Exception):
    """The sandbox still had work after the time given."""


@dataclass(frozen=True)
class Sandbox:
    """The running sandbox at `url`, as printed by `python -m sandbox`."""

    url: str

    def call(self, method: str, path: str, body: Json | None = None, timeout_seconds: float = 30) -> Json:
        """One API call. Raises SandboxError for every answer but 2xx."""
        data = json.dumps(body).encode() if body is not None else None
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/api{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=timeout_seconds) as response:
                answer: Json = json.load(response)
                return answer
        except urllib.error.HTTPError as fault:
            with fault:
                raise SandboxError(fault.code, fault.read().decode(errors="replace")[:500]) from None

    def state(self) -> Json:
        return self.call("GET", "/state")

    @property
    def screening(self) -> ScreeningClient:
        """The two screening providers."""
        return ScreeningClient(self)

    @property
    def filescreen(self) -> FileScreenClient:
        """The screening provider that works by files."""
        return FileScreenClient(self)

    def vendor(self, slug: str) -> VendorClient:
        """A vendor with an HTTP API, such as bamboohr."""
        return VendorClient(self, slug)

    def carrier(self, slug: str) -> CarrierClient:
        return CarrierClient(self, slug)

    def add_carrier(self, slug: str, **profile: Any) -> CarrierClient:
        """A new carrier; its port, user and password are in `.profile()`."""
        self.call("POST", "/carriers", {"slug": slug, **profile})
        return CarrierClient(self, slug)

    def reset(self) -> None:
        """Members, files, effects, mail and switches; keys, ports and added carriers stay."""
        self.call("POST", "/reset", {})

    def wait_idle(self, timeout_seconds: float = 10, with_delayed: bool = False) -> None:
        """Until every upload is processed and every acknowledgement and webhook due is delivered. Raises NotIdle."""
        body = {"timeout": timeout_seconds, "with_delayed": with_delayed}
        try:
            self.call("POST", "/wait-idle", body, timeout_seconds + 30)
        except SandboxError as fault:
            if fault.status != 504:
                raise
            raise NotIdle(f"The sandbox was still busy after {timeout_seconds} s.") from None

    def set_clock(self, offset_seconds: float) -> None:
        self.call("POST", "/clock", {"offset_seconds": offset_seconds})

    def advance_clock(self, seconds: float) -> None:
        self.call("POST", "/clock", {"advance_seconds": seconds})

    def mailbox(self, to: str = "") -> list[Json]:
        """Messages newest first: subject, sender, recipients, text, html, headers, attachments."""
        query = f"?to={urllib.parse.quote(to)}" if to else ""
        messages: list[Json] = self.call("GET", f"/mail{query}")["messages"]
        return messages

    def wait_for_mail(self, to: str, count: int = 1, timeout_seconds: float = 10) -> list[Json]:
        """The messages to one address once there are at least `count`. Raises TimeoutError."""
        deadline = time.monotonic() + timeout_seconds
        while len(found := self.mailbox(to)) < count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(found)} of {count} messages after {timeout_seconds} s.")
            time.sleep(0.05)
        return found

    def clear_mail(self) -> None:
        self.call("DELETE", "/mail")

    def set_mail(self, **switches: Any) -> None:
        """refuse, bounce, defer, slow_seconds."""
        self.call("POST", "/mail/switches", switches)

    def set_idp(self, **switches: Any) -> None:
        """wrong_issuer, wrong_audience, wrong_nonce, expired_token, alg_none, unknown_key, …"""
        self.call("POST", "/idp/switches", switches)

    def set_idp_users(self, *users: tuple[str, str]) -> None:
        """Replaces the people offered on the sign-in page: (e-mail, name)."""
        people = [{"email": email, "name": name} for email, name in users]
        self.call("POST", "/idp/users", {"users": people})

    def add_idp_client(self, client_id: str, client_secret: str) -> None:
        self.call("POST", "/idp/clients", {"client_id": client_id, "client_secret": client_secret})


@dataclass(frozen=True)
class CarrierClient:
    """One carrier of the sandbox."""

    sandbox: Sandbox
    slug: str

    def _call(self, method: str, path: str = "", body: Json | None = None) -> Json:
        return self.sandbox.call(method, f"/carriers/{self.slug}{path}", body)

    def state(self) -> Json:
        """profile, switches, host_key and counts, among them duplicates_refused."""
        return self._call("GET")

    def profile(self) -> Json:
        profile: Json = self.state()["profile"]
        return profile

    def set(self, **switches: Any) -> None:
        """Changes the named switches; the others stay. Raises SandboxError (422) for an unknown name."""
        self._call("POST", "/switches", switches)

    def set_profile(self, **values: Any) -> None:
        self._call("POST", "/profile", values)

    def send_census(self) -> list[str]:
        """Writes the census to outbound now; returns the file names."""
        names: list[str] = self._call("POST", "/census", {})["files"]
        return names

    def reset(self) -> None:
        self._call("POST", "/reset", {})

    def effects(self) -> list[Json]:
        """One for each INS applied: isa13, gs06, st02, member, member_id, subscriber_id, code, reason, lines."""
        return self._list("effects")

    def refusals(self) -> list[Json]:
        """Records that were well-formed but could not be applied: isa13, gs06, st02, member, code, problem."""
        return self._list("refusals")

    def members(self) -> list[Json]:
        return self._list("members")

    def rows(self) -> list[dict[str, str]]:
        """The member table as census rows, without the mistake of the wrong_member switch."""
        rows: list[dict[str, str]] = self._call("GET", "/members")["rows"]
        return rows

    def files(self) -> list[Json]:
        """Received files, newest first: name, outcome, interchanges, text."""
        return self._list("files")

    def sent(self) -> list[Json]:
        """Acknowledgements and census files, newest first: kind, name, sent_at (None while waiting), text."""
        return self._list("sent")

    def duplicates_refused(self) -> int:
        return int(self.state()["duplicates_refused"])

    def _list(self, what: str) -> list[Json]:
        found: list[Json] = self._call("GET", f"/{what}")[what]
        return found
