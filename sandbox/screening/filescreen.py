"""FileScreen, a screening provider that works by files: it takes order files and leaves results in Corridor's own layout, on command.

It has no port of its own: its user signs in at any carrier's. A file name it has taken once is never taken again.
"""

from __future__ import annotations

import base64
import csv
import io
from pathlib import Path
from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from sandbox.carriers.profile import Profile, Switches
from sandbox.screening.result_file import results

FOLDERS = ("inbound", "outbound", "done", "rejected")


class FileScreener:
    """Its folders. `inbound` takes orders, `outbound` holds results, the others what the customer has read of them."""

    writable: tuple[str, ...] = ("inbound", "done", "rejected")

    def __init__(self, root: Path) -> None:
        self.root, self.taken = root, root / "taken"
        self.profile = Profile("filescreen", "FileScreen", "filescreen", "filescreen-sandbox")
        self.switches = Switches()
        for folder in (*FOLDERS, "taken"):
            (root / folder).mkdir(parents=True, exist_ok=True)

    def hold(self, path: Path) -> None:
        """Nothing is taken before somebody asks, so nobody has to be kept off."""

    def release(self, path: Path) -> None:
        """See `hold`."""

    def take(self) -> int:
        """Pick up the order files; returns how many. One with a name that was taken before is thrown away."""
        found = [path for path in sorted((self.root / "inbound").iterdir()) if not path.name.endswith(".tmp")]
        for path in found:
            known = self.taken / path.name
            path.unlink() if known.exists() else path.rename(known)
        return len(found)

    def orders(self) -> list[dict[str, str]]:
        """Every order that was taken, with the file it came in."""
        rows = []
        for path in sorted(self.taken.iterdir()):
            lines = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
            titles, *body, _total = lines
            rows += [dict(zip(titles, line, strict=True)) | {"file": path.name} for line in body]
        return rows

    def leave(self, name: str, data: bytes) -> None:
        """A file in `outbound`, there at once. Raises ValueError for a name that is a path."""
        if not name or name.startswith(".") or "/" in name:
            raise ValueError("Give a plain file name.")
        hidden = self.root / "outbound" / f".{name}.writing"
        hidden.write_bytes(data)
        hidden.rename(self.root / "outbound" / name)

    def folders(self) -> dict[str, list[str]]:
        return {name: sorted(path.name for path in (self.root / name).iterdir()) for name in FOLDERS}

    def reset(self) -> None:
        self.switches = Switches()
        for folder in (*FOLDERS, "taken"):
            for path in (self.root / folder).iterdir():
                path.unlink(missing_ok=True)


def add_filescreen_routes(api: Blueprint, box: FileScreener, body: Any) -> None:
    """body: reads the JSON object of a request."""

    @api.post("/filescreen/take")
    def take_orders() -> ResponseReturnValue:
        return jsonify(taken=box.take(), orders=box.orders())

    @api.get("/filescreen")
    def filescreen_state() -> ResponseReturnValue:
        return jsonify(folders=box.folders(), orders=box.orders())

    @api.post("/filescreen/results")
    def leave_results() -> ResponseReturnValue:
        """name, rows; or base64 instead of rows, for a file that is damaged or a report."""
        values = body()
        data = base64.b64decode(values["base64"]) if "base64" in values else results(values.get("rows", []))
        box.leave(str(values.get("name", "")), data)
        return jsonify(folders=box.folders())

    @api.post("/filescreen/switches")
    def filescreen_switches() -> ResponseReturnValue:
        box.switches = box.switches.changed(body())
        return jsonify(ok=True)
