"""A stand-in of a running sandbox, from another process: `Sandbox(url).vendor("bamboohr")`."""

from __future__ import annotations

import urllib.parse
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.client import Sandbox

Json = dict[str, Any]


@dataclass(frozen=True)
class VendorClient:
    """Raises SandboxError: 422 for a wrong value, 404 for what is not there."""

    sandbox: Sandbox
    slug: str

    def _call(self, method: str, path: str = "", body: Json | None = None) -> Json:
        return self.sandbox.call(method, f"/vendors/{self.slug}{path}", body)

    def state(self) -> Json:
        """url, demo credentials, rows, faults, tokens, webhooks with their deliveries."""
        return self._call("GET")

    def do(self, verb: str, **values: Any) -> Any:
        """`do("hire", first_name="Ada", last_name="Brook")`; events are delivered before it returns."""
        return self._call("POST", f"/do/{verb}", values)["result"]

    def fault(self, do: str = "status", path: str = "*", **more: Any) -> None:
        self._call("POST", "/faults", {"do": do, "path": path, **more})

    def clear_faults(self) -> None:
        self._call("DELETE", "/faults")

    def deliver(self, **switches: Any) -> Json:
        """Sets switches of webhooks, then delivers what waits: switches, hooks, deliveries."""
        return self._call("POST", "/webhooks", switches)

    def tokens(self, **terms: Any) -> Json:
        """`tokens(revoke=True)`, `tokens(token_seconds=5)`; `state()["tokens"]` counts."""
        return self._call("POST", "/tokens", terms)

    def asked(self, path: str = "*", method: str = "") -> list[Json]:
        query = urllib.parse.urlencode({"path": path, "method": method})
        found: list[Json] = self._call("GET", f"/requests?{query}")["requests"]
        return found

    def rows(self, kind: str) -> list[Json]:
        found: list[Json] = self._call("GET", f"/rows/{kind}")["rows"]
        return found

    def add(self, kind: str, **facts: Any) -> str:
        return str(self._call("POST", f"/rows/{kind}", facts)["id"])

    def change(self, kind: str, id: str, **facts: Any) -> None:
        self._call("PATCH", f"/rows/{kind}/{id}", facts)

    def delete(self, kind: str, id: str) -> None:
        self._call("DELETE", f"/rows/{kind}/{id}")

    def reset(self) -> None:
        self._call("POST", "/reset", {})
