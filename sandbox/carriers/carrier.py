"""One carrier at work: picks up what lands in inbound, delivers what is due to outbound, sends the census."""

from __future__ import annotations

import json
import threading
import time
import traceback
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sandbox.carriers.acks import Ack
from sandbox.carriers.census import census_rows, with_mistaken_plan, write_834, write_csv
from sandbox.carriers.members import MemberTable
from sandbox.carriers.profile import Profile, Switches
from sandbox.carriers.receive import examine, receive
from sandbox.carriers.x12 import decode
from sandbox.clock import Clock
from sandbox.store import Store

UNFINISHED = (".tmp", ".part", ".partial", ".filepart", ".uploading")
GARBAGE = b"ISA*00*  \xff\xfe<html>502 Bad Gateway</html>\x00~~ST*999*"
POLL_SECONDS = 0.1


class Carrier:
    """State, folders and the loop of one carrier. `lock` is held while it works, so tests can wait for idle."""

    writable: tuple[str, ...] = ("inbound",)

    def __init__(self, profile: Profile, switches: Switches, store: Store, clock: Clock, root: Path) -> None:
        self.profile, self.switches, self.store, self.clock = profile, switches, store, clock
        self.root = root
        self.inbound, self.outbound = root / "inbound", root / "outbound"
        for folder in (self.inbound, self.outbound):
            folder.mkdir(parents=True, exist_ok=True)
        self.table = MemberTable(store, profile.slug, profile.member_prefix)
        self.lock = threading.RLock()
        self._open_paths: Counter[Path] = Counter()
        self._paths_lock = threading.Lock()
        self._stop = threading.Event()
        self._last_census = time.monotonic()
        self._thread = threading.Thread(target=self._work, name=f"carrier-{profile.slug}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(timeout=5)

    def next_number(self, name: str) -> int:
        return self.store.next_number(self.profile.slug, name)

    # What the pages and the API change

    def set_switches(self, values: dict[str, Any]) -> None:
        """Raises ValueError for an unknown switch or a wrong value."""
        switches = self.switches.changed(values)
        if switches.census_interval_seconds != self.switches.census_interval_seconds:
            self._last_census = time.monotonic()
        self.switches = switches
        self.save()

    def set_profile(self, values: dict[str, Any]) -> None:
        self.profile = self.profile.changed(values)
        self.save()

    def save(self) -> None:
        sql = "INSERT OR REPLACE INTO carriers (slug, profile, switches) VALUES (?, ?, ?)"
        profile, switches = json.dumps(asdict(self.profile)), json.dumps(asdict(self.switches))
        self.store.run(sql, self.profile.slug, profile, switches)

    def reset(self) -> None:
        """Forgets members, files, effects and acknowledgements, empties the folders, resets the switches."""
        with self.lock, self.store.transaction():
            for table in ("members", "seen", "files", "effects", "refusals", "sent"):
                self.store.run(f"DELETE FROM {table} WHERE carrier = ?", self.profile.slug)
            sql = "DELETE FROM counters WHERE carrier = ? AND name = 'duplicates_refused'"
            self.store.run(sql, self.profile.slug)
            for folder in (self.inbound, self.outbound):
                for path in folder.iterdir():
                    path.unlink(missing_ok=True)
            self.switches = Switches()
            self.save()

    # What the pages and the API read

    def logged(self, table: str) -> list[dict[str, Any]]:
        sql = f"SELECT data FROM {table} WHERE carrier = ? ORDER BY id"
        return [json.loads(row["data"]) for row in self.store.rows(sql, self.profile.slug)]

    def files(self, with_text: bool = False) -> list[dict[str, Any]]:
        """Files received, newest first, with what became of each interchange."""
        sql = "SELECT * FROM files WHERE carrier = ? ORDER BY id DESC"
        rows = self.store.rows(sql, self.profile.slug)
        return [self._facts(row, "received_at", with_text, "raw") for row in rows]

    def sent(self, with_text: bool = False) -> list[dict[str, Any]]:
        """Acknowledgements and census files, newest first; `sent_at` is null until delivered."""
        sql = "SELECT * FROM sent WHERE carrier = ? ORDER BY id DESC"
        rows = self.store.rows(sql, self.profile.slug)
        return [self._facts(row, "sent_at", with_text, "body") for row in rows]

    def _facts(self, row: Any, at: str, with_text: bool, column: str) -> dict[str, Any]:
        facts = {"id": row["id"], "name": row["name"], at: row[at], "bytes": len(row[column])}
        if column == "raw":
            facts |= {"outcome": row["outcome"], "interchanges": json.loads(row["notes"])}
        else:
            facts |= {"kind": row["kind"]}
        return facts | ({"text": decode(row[column])} if with_text else {})

    def duplicates_refused(self) -> int:
        sql = "SELECT value FROM counters WHERE carrier = ? AND name = 'duplicates_refused'"
        return self.store.count(sql, self.profile.slug)

    def hold(self, path: Path) -> None:
        """A client has the file open: it is left alone until released."""
        with self._paths_lock:
            self._open_paths[path] += 1

    def release(self, path: Path) -> None:
        with self._paths_lock:
            self._open_paths[path] -= 1
            self._open_paths = +self._open_paths  # drops what is zero

    def is_idle(self, with_delayed: bool) -> bool:
        """Nothing uploading, waiting or due. `with_delayed` also counts acknowledgements due later."""
        if not self.lock.acquire(blocking=False):
            return False
        try:
            horizon = float("inf") if with_delayed else self.clock.now().timestamp()
            return not (self._open_paths or self._landed(0) or self._due(horizon))
        finally:
            self.lock.release()

    # The loop

    def _work(self) -> None:
        while not self._stop.wait(POLL_SECONDS):
            try:
                with self.lock:
                    for path in self._landed(self.switches.pickup_seconds):
                        self._take(path)
                    for row in self._due(self.clock.now().timestamp()):
                        self._deliver(row["id"], row["name"], row["body"])
                    self._send_scheduled_census()
            except Exception:  # the loop must survive anything; the reason goes to the terminal
                traceback.print_exc()

    def _landed(self, older_than_seconds: float) -> list[Path]:
        """Finished uploads in the order they got their final name."""
        found = []
        for path in self.inbound.iterdir():
            unfinished = path.name.startswith(".") or path.name.lower().endswith(UNFINISHED)
            if unfinished or self._open_paths[path] > 0:
                continue
            changed = path.stat().st_ctime_ns
            if time.time_ns() - changed >= older_than_seconds * 1e9:
                found.append((changed, path.name, path))
        return [path for *_, path in sorted(found)]

    def _take(self, path: Path) -> None:
        """Checks and applies one file. The row, the members and the answers are saved together."""
        raw = path.read_bytes()
        examined = examine(raw, self.profile.extra_hd03)
        with self.store.transaction():
            outcome, notes = receive(self, examined)
            sql = "INSERT INTO files (carrier, name, received_at, outcome, notes, raw) VALUES (?, ?, ?, ?, ?, ?)"
            at = self.clock.now().isoformat(timespec="seconds")
            self.store.run(sql, self.profile.slug, path.name, at, outcome, json.dumps(notes), raw)
        path.unlink(missing_ok=True)

    def queue_ack(self, ack: Ack, control: str) -> None:
        body = GARBAGE if self.switches.garbage else ack.text.encode()
        for _ in range(2 if self.switches.duplicate_acks else 1):
            name = f"{ack.kind.replace('+', '_')}_{control}_{self.next_number('file'):05d}.x12"
            self._queue(ack.kind, name, body, self.switches.ack_delay_seconds)

    def _queue(self, kind: str, name: str, body: bytes, delay: float) -> None:
        sql = "INSERT INTO sent (carrier, kind, name, due_at, body) VALUES (?, ?, ?, ?, ?)"
        self.store.run(sql, self.profile.slug, kind, name, self.clock.now().timestamp() + delay, body)

    def _due(self, until: float) -> list[Any]:
        sql = "SELECT id, name, body FROM sent WHERE carrier = ? AND sent_at IS NULL AND due_at <= ? ORDER BY id"
        return self.store.rows(sql, self.profile.slug, until)

    def _deliver(self, row: int, name: str, body: bytes) -> None:
        """Hidden name first: a client that lists the folder sees whole files only."""
        hidden = self.outbound / f".{name}.writing"
        hidden.write_bytes(body)
        hidden.rename(self.outbound / name)
        at = self.clock.now().isoformat(timespec="seconds")
        self.store.run("UPDATE sent SET sent_at = ? WHERE id = ?", at, row)

    def _send_scheduled_census(self) -> None:
        interval = self.switches.census_interval_seconds
        if interval and time.monotonic() - self._last_census >= interval:
            self._last_census = time.monotonic()
            self.send_census()

    def send_census(self) -> list[str]:
        """Writes the census now, in the format of the switch; returns the file names."""
        with self.lock:
            at, mistake = self.clock.now(), self.switches.wrong_member
            members, written = self.table.all(), []
            if self.switches.census_format in {"csv", "both"}:
                text = write_csv(census_rows(members, at.date(), mistake))
                written.append(("census", "csv", text))
            if self.switches.census_format in {"834", "both"}:
                listed = with_mistaken_plan(members) if mistake else members
                written.append(("verify", "834", write_834(listed, self.profile.name, self.next_number, at)))
            names = []
            for kind, ending, text in written:
                name = f"{kind}_{at:%Y%m%d%H%M%S}_{self.next_number('file'):05d}.{ending}"
                self._queue(kind, name, text.encode(), 0)
                names.append(name)
            for row in self._due(at.timestamp() + 1):
                self._deliver(row["id"], row["name"], row["body"])
            return names
