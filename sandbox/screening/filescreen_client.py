"""The part of the sandbox client for the screening provider that works by files: `Sandbox(url).filescreen`."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.screening.result_file import results

if TYPE_CHECKING:
    from sandbox.client import Sandbox


@dataclass(frozen=True)
class FileScreenClient:
    """Nothing happens on the other side before one of these is called."""

    sandbox: Sandbox

    def take_orders(self) -> list[dict[str, str]]:
        """Pick the order files up; every order it ever took, by the columns of the file, with `file`."""
        orders: list[dict[str, str]] = self.sandbox.call("POST", "/filescreen/take", {})["orders"]
        return orders

    def folders(self) -> dict[str, list[str]]:
        """Folder → names: inbound, outbound, done, rejected."""
        found: dict[str, list[str]] = self.sandbox.call("GET", "/filescreen")["folders"]
        return found

    def leave_results(self, name: str, *rows: dict[str, str]) -> bytes:
        """A result file, one row for each event; missing columns are empty. Returns its bytes."""
        self.leave(name, data := results(rows))
        return data

    def leave(self, name: str, data: bytes) -> None:
        """Any bytes: a report, or a file that is damaged."""
        self.sandbox.call("POST", "/filescreen/results", {"name": name, "base64": base64.b64encode(data).decode()})

    def set_switches(self, **switches: Any) -> None:
        """wrong_password, disk_full, slow_seconds …, as of a carrier."""
        self.sandbox.call("POST", "/filescreen/switches", switches)
