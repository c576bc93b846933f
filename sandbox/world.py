"""Everything the sandbox runs, put together: carriers with their doors, screening, mailbox, identity provider, clock."""

from __future__ import annotations

import json
import threading
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from sandbox.carriers.carrier import Carrier
from sandbox.carriers.door import Door
from sandbox.carriers.profile import DEFAULT_CARRIERS, Profile, Switches
from sandbox.carriers.sftp import Guest
from sandbox.clock import Clock
from sandbox.idp import IdentityProvider
from sandbox.mailbox import Mailbox
from sandbox.screening.filescreen import FileScreener
from sandbox.screening.provider import CHECKR, PLAIN, Screening
from sandbox.store import Store
from sandbox.vendors.core.serving import listening, slugs, usual_port, vendor_class
from sandbox.vendors.core.vendor import Vendor


class World:
    """The state directory and everything alive in it."""

    def __init__(self, state: Path, host: str = "127.0.0.1", screening_auto_seconds: float = 0) -> None:
        state.mkdir(parents=True, exist_ok=True)
        self.state, self.host = state, host
        self.clock = Clock()
        self.store = Store(state / "sandbox.sqlite")
        self.mailbox = Mailbox(self.store, self.clock)
        self.idp = IdentityProvider(state / "idp_key.pem")
        self.screening = Screening(self.store, self.clock, screening_auto_seconds)
        self.filescreen = FileScreener(state / "filescreen")
        self.vendors: dict[str, Vendor] = {slug: vendor_class(slug)(self.clock) for slug in slugs()}
        self._listening = ExitStack()
        self.carriers: dict[str, Carrier] = {}
        self.guests: dict[str, Guest] = {"filescreen": self.filescreen}  # any of them may use any carrier's port
        self.doors: dict[str, Door] = {}
        self._lock = threading.Lock()

    def start(self, sftp_port: int, smtp_port: int, http_port: int) -> None:
        """Opens the mail port and a door for each carrier. The first carrier gets `sftp_port` (0: any); the others
        keep the port of the last run, or take the next one after it, or any when that is taken. http_port: where the
        pages listen, for the addresses that screening gives away."""
        self.mailbox.start(self.host, smtp_port)
        self.screening.base_url = f"http://{self.host}:{http_port}"
        self.screening.start()
        for slug, vendor in self.vendors.items():
            self._listening.enter_context(listening(vendor, self.host, usual_port(slug, http_port)))
        saved = {row["slug"]: row for row in self.store.rows("SELECT * FROM carriers")}
        known = {slug: Profile(**json.loads(row["profile"])) for slug, row in saved.items()}
        for number, plain in enumerate([*DEFAULT_CARRIERS, *known.values()]):
            if plain.slug in self.carriers:
                continue
            profile = known.get(plain.slug, plain)
            switches = json.loads(saved[plain.slug]["switches"]) if plain.slug in saved else {}
            following = profile.sftp_port or (sftp_port + number if sftp_port else 0)
            port = following if number or not sftp_port else sftp_port
            promised = number == 0 and sftp_port != 0
            self._open(replace(profile, sftp_port=port), Switches(**switches), promised)

    def stop(self) -> None:
        self._listening.close()
        for door in self.doors.values():
            door.close()
        for carrier in self.carriers.values():
            carrier.stop()
        self.screening.stop()
        self.mailbox.stop()
        self.store.close()

    def add_carrier(self, values: dict[str, Any]) -> Carrier:
        """A new carrier on a free port. Raises ValueError when the slug is taken or a value is wrong."""
        slug = str(values.get("slug", ""))
        if not slug.replace("-", "").isalnum() or slug != slug.lower():
            raise ValueError("slug must be lower-case letters, digits and dashes.")
        with self._lock:
            if slug in self.carriers:
                raise ValueError(f"The carrier {slug} already exists.")
            plain = Profile(slug, slug.title(), slug, f"{slug}-sandbox", slug[:3].upper())
            return self._open(plain.changed(values), Switches(), promised=False)

    def _open(self, profile: Profile, switches: Switches, promised: bool) -> Carrier:
        root = self.state / "carriers" / profile.slug
        carrier = Carrier(profile, switches, self.store, self.clock, root)
        self.guests[profile.slug] = carrier
        door = Door(carrier, self.guests, self.host, self.state, promised)
        door.open()
        carrier.set_profile({"sftp_port": door.port})
        door.follow_switches()
        self.carriers[profile.slug], self.doors[profile.slug] = carrier, door
        carrier.start()
        return carrier

    def set_switches(self, slug: str, values: dict[str, Any]) -> None:
        self.carriers[slug].set_switches(values)
        self.doors[slug].follow_switches()

    def reset_carrier(self, slug: str) -> None:
        self.carriers[slug].reset()
        self.doors[slug].follow_switches()

    def reset(self) -> None:
        """Everything but the keys, the ports and the carriers added since."""
        for slug in list(self.carriers):
            self.reset_carrier(slug)
        self.mailbox.reset()
        self.idp.reset()
        self.screening.reset()
        self.filescreen.reset()
        self.clock.set_offset(0)
        for vendor in self.vendors.values():
            vendor.reset()

    def wait_idle(self, timeout: float, with_delayed: bool) -> bool:
        """Waits until no carrier and no screener has anything to do; False after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while True:
            parts: list[Carrier | Screening] = [*self.carriers.values(), self.screening]
            if all(part.is_idle(with_delayed) for part in parts):
                return True
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.02)

    def addresses(self, http_port: int) -> dict[str, Any]:
        """What a client needs to connect; printed once at the start."""
        first = next(iter(self.doors.values()))
        carriers = {
            slug: {
                "sftp_port": door.port,
                "user": door.carrier.profile.user,
                "password": door.carrier.profile.password,
            }
            for slug, door in self.doors.items()
        }
        return {
            "host": self.host,
            "http_port": http_port,
            "sftp_port": first.port,
            "smtp_port": self.mailbox.port,
            "url": f"http://{self.host}:{http_port}",
            "issuer": f"http://{self.host}:{http_port}/idp",
            "sftp_host_key": first.public_key,
            "carriers": carriers,
            "screening": self.screening_access(),
            "vendors": {slug: {"url": vendor.url, **vendor.hints()} for slug, vendor in self.vendors.items()},
        }

    def screening_access(self) -> dict[str, str]:
        """Where the screening providers are, and how to get in. FileScreen is behind every SFTP port."""
        box = self.screening
        plain = box.account(PLAIN).hidden
        return {
            "checkr_url": f"{box.base_url}/screening/checkr/v1",
            "api_key": box.account(CHECKR).hidden["api_key"],
            "plain_url": f"{box.base_url}/screening/plainscreen",
            "plain_user": plain["user"],
            "plain_password": plain["password"],
            "filescreen_user": self.filescreen.profile.user,
            "filescreen_password": self.filescreen.profile.password,
        }
