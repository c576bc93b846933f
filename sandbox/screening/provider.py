"""The screening providers together: accounts, switches, clock, and the thread that moves what is due and delivers events."""

from __future__ import annotations

import secrets
import threading
import time
import traceback
from dataclasses import asdict
from typing import Any

from sandbox.clock import Clock
from sandbox.screening import catalog
from sandbox.screening.events import Events
from sandbox.screening.scenarios import known
from sandbox.screening.shelf import Item, Shelf
from sandbox.screening.switches import ScreeningSwitches
from sandbox.screening.transitions import run
from sandbox.store import Store

POLL_SECONDS = 0.1
CHECKR, PLAIN = "corridor", "plain"  # the accounts that are always there
PARTNER = {"client_id": "corridor-partner", "client_secret": "corridor-partner-secret"}


class Screening:
    """State of both providers. Every verb works inside `store.transaction()`."""

    def __init__(self, store: Store, clock: Clock, auto_seconds: float = 0) -> None:
        self.store, self.clock, self.shelf = store, clock, Shelf(store)
        self.base_url = ""
        self.started_with = ScreeningSwitches(auto_seconds=auto_seconds)
        kept = self.shelf.get("switches", "switches")
        self.switches = ScreeningSwitches(**kept.hidden["switches"]) if kept else self.started_with
        self.events = Events(self)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="screening", daemon=True)
        self._seed()

    def start(self) -> None:
        # What ran when we were stopped will never answer.
        self.store.run("DELETE FROM screening_keys WHERE status = 0")
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self.events.wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=15)

    def now(self) -> float:
        """Sandbox time in seconds since 1970."""
        return self.clock.now().timestamp()

    # Settings

    def change(self, values: dict[str, Any]) -> None:
        """Raises ValueError for an unknown switch or a wrong value."""
        switches = self.switches.changed(values)
        known(switches.default_scenario)
        if "seed" in values:
            self.events.reseed(switches.seed)
        self.switches = switches
        with self.store.transaction():
            kept = self.shelf.get("switches", "switches") or self.shelf.add("switches", "", {}, key="switches")
            kept.hidden["switches"] = asdict(switches)
            self.shelf.save(kept)

    def reset(self) -> None:
        """Everything but accounts with their keys and webhook addresses."""
        with self.store.transaction():
            self.shelf.clear()
            self.change(asdict(self.started_with))
            self._seed()

    def _seed(self) -> None:
        with self.store.transaction():
            if not self.shelf.get("account", CHECKR):
                self.add_account(CHECKR, "Corridor", "sk_sandbox_corridor")
                plain = self.add_account(PLAIN, "Plainscreen", "")
                plain.hidden |= {"unsigned": True, "user": "plain", "password": "plain-sandbox"}
                self.shelf.save(plain)
            if not self.shelf.all("package"):
                for slug, name, price, kinds in catalog.PACKAGES:
                    self.shelf.add("package", "", catalog.package(slug, name, price, kinds))

    def add_account(self, key: str, name: str, api_key: str, **hidden: Any) -> Item:
        """Raises ValueError when it is there. Events are signed with the API key, unless `signing_key` says otherwise."""
        if self.shelf.get("account", key):
            raise ValueError(f"The account {key} already exists.")
        facts = {"name": name, "uri": f"/v1/accounts/{key}"}
        secret = {"api_key": api_key, "signing_key": api_key, "webhooks": [], "credentialed": True, **hidden}
        return self.shelf.add("account", key, facts, hidden=secret, key=key)

    def add_partner_account(self, name: str, key: str = "") -> Item:
        """A customer of the partner: reached by the code it holds, and not credentialed yet. Its events bear the partner's secret."""
        hidden = {"signing_key": PARTNER["client_secret"], "credentialed": False, "code": secrets.token_hex(16)}
        return self.add_account(key or secrets.token_hex(12), name, "", **hidden)

    def account(self, key: str) -> Item:
        """Raises ValueError."""
        found = self.shelf.get("account", key)
        if found is None:
            raise ValueError(f"There is no account {key!r}.")
        return found

    def set_webhooks(self, account: str, hooks: list[dict[str, Any]]) -> None:
        """Replaces the addresses of an account: at most two."""
        if len(hooks) > 2 or not all(str(hook.get("url", "")).startswith(("http://", "https://")) for hook in hooks):
            raise ValueError("At most two webhook addresses, each beginning with http:// or https://.")
        found = self.account(account)
        found.hidden["webhooks"] = hooks
        self.shelf.save(found)

    def tell(self, kind: str, item: Item, facts: dict[str, Any] | None = None) -> None:
        """An event about an item, to the account it belongs to."""
        self.events.emit(kind, self.account(item.account), facts or item.facts)

    # Time

    def tick(self) -> int:
        """Moves everything that is due; how many steps that were. Called by the thread and after the clock was moved."""
        moved = 0
        while self._step():
            moved += 1
        return moved

    def _step(self) -> bool:
        auto = self.switches.auto_seconds
        with self.store.transaction():
            item = self.shelf.due(self.now(), time.time() - auto if auto else 0)
            if item is None:
                return False
            step = item.steps.pop(0)
            self.shelf.save(item)
            try:
                with self.store.savepoint():
                    run(self, item, step["verb"], step["values"])
            except ValueError as fault:
                # The script does not fit what people did meanwhile: the page shows it.
                again = self.shelf.get(item.kind, item.id)
                assert again is not None
                again.hidden["stuck"] = f"{step['verb']}: {fault}"
                self.shelf.save(again)
        return True

    def is_idle(self, with_delayed: bool) -> bool:
        """Nothing is due: no step of a script, no delivery (with_delayed: nor is one still to come)."""
        return self.shelf.due(self.now(), 0) is None and self.events.is_idle(with_delayed)

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                self.tick()
                while not self._stop.is_set() and self.events.deliver_due():
                    pass
            except Exception:
                traceback.print_exc()  # one mistake of ours must not end every delivery
            self.events.wake.wait(POLL_SECONDS)
            self.events.wake.clear()
