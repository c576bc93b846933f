# ruff: noqa: ARG002, N802 - aiosmtpd fixes the names and signatures
"""The mailbox: an SMTP sink that keeps every message and can refuse, bounce, defer or dawdle."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from dataclasses import asdict, dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parseaddr
from typing import Any, cast

from aiosmtpd.smtp import SMTP, Envelope, Session

from sandbox.carriers.profile import Settings, switch
from sandbox.clock import Clock
from sandbox.store import Store

TOO_BIG = 40 * 1024 * 1024


@dataclass(frozen=True)
class MailSwitches(Settings):
    refuse: bool = switch(False, "Refuse connections")
    bounce: str = switch("", "Bounce this address (5xx); * bounces all")
    defer: str = switch("", "Turn this address away for now (4xx); * for all")
    slow_seconds: float = switch(0.0, "Wait this long before accepting a message, in seconds")


class Sink(SMTP):
    """aiosmtpd's protocol with one addition: it hangs up at once when connections are refused."""

    def __init__(self, mailbox: Mailbox) -> None:
        super().__init__(mailbox, hostname="sandbox", enable_SMTPUTF8=True, data_size_limit=TOO_BIG)
        self.mailbox = mailbox

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if self.mailbox.switches.refuse:
            cast(asyncio.Transport, transport).abort()


class Mailbox:
    """Listens on its own event loop in a thread; messages live in the store."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store, self.clock = store, clock
        self.switches = MailSwitches()
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._thread: threading.Thread | None = None

    def start(self, host: str, port: int) -> None:
        listener = socket.create_server((host, port), backlog=128)
        self.port = listener.getsockname()[1]
        self._thread = threading.Thread(target=self._run, args=(listener,), name="smtp", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        if self._thread:
            self._thread.join(timeout=5)

    def _run(self, listener: socket.socket) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(self._loop.create_server(lambda: Sink(self), sock=listener))
        self._loop.run_forever()
        server.close()

    # aiosmtpd calls these

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if matches(self.switches.bounce, address):
            return "550 5.1.1 Mailbox unavailable (sandbox switch)"
        if matches(self.switches.defer, address):
            return "451 4.3.0 Try again later (sandbox switch)"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        await asyncio.sleep(self.switches.slow_seconds)
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        self.keep(envelope.mail_from or "", list(envelope.rcpt_tos), content)
        return "250 Message accepted"

    # What the pages and the API use

    def keep(self, sender: str, recipients: list[str], raw: bytes) -> None:
        subject = str(parse(raw).get("Subject", ""))
        at = self.clock.now().isoformat(timespec="seconds")
        sql = "INSERT INTO messages (received_at, sender, recipients, subject, raw) VALUES (?, ?, ?, ?, ?)"
        self.store.run(sql, at, sender, json.dumps(recipients), subject, raw)

    def messages(self, recipient: str = "") -> list[dict[str, Any]]:
        """Newest first; with `recipient`, only the messages delivered to that address."""
        rows = self.store.rows("SELECT * FROM messages ORDER BY id DESC")
        found = [describe(row) for row in rows]
        wanted = recipient.lower()
        return [item for item in found if not wanted or wanted in map(str.lower, item["recipients"])]

    def get(self, number: int) -> Message | None:
        row = self.store.one("SELECT * FROM messages WHERE id = ?", number)
        return Message(describe(row), row["raw"]) if row else None

    def clear(self) -> None:
        self.store.run("DELETE FROM messages")

    def set_switches(self, values: dict[str, Any]) -> None:
        self.switches = self.switches.changed(values)

    def reset(self) -> None:
        self.clear()
        self.switches = MailSwitches()

    def state(self) -> dict[str, Any]:
        count = self.store.count("SELECT count(*) FROM messages")
        return {"port": self.port, "messages": count, "switches": asdict(self.switches)}


class Message:
    """One stored message with its parts."""

    def __init__(self, facts: dict[str, Any], raw: bytes) -> None:
        self.facts, self.raw = facts, raw
        self.parsed = parse(raw)

    def body(self, kind: str) -> str:
        """The text of the first `plain` or `html` part, or an empty string."""
        part = self.parsed.get_body((kind,))
        return str(part.get_content()) if part else ""

    def attachments(self) -> list[tuple[str, str, bytes]]:
        """File name, content type and bytes of each attachment."""
        return [
            (part.get_filename() or "attachment", part.get_content_type(), bytes(part.get_payload(decode=True) or b""))
            for part in self.parsed.iter_attachments()
        ]

    def as_json(self) -> dict[str, Any]:
        names = [{"name": name, "type": kind, "bytes": len(body)} for name, kind, body in self.attachments()]
        headers = {name: str(value) for name, value in self.parsed.items()}
        parts = {"text": self.body("plain"), "html": self.body("html")}
        return self.facts | parts | {"headers": headers, "attachments": names}


def parse(raw: bytes) -> EmailMessage:
    return BytesParser(EmailMessage, policy=policy.default).parsebytes(raw)


def matches(rule: str, address: str) -> bool:
    return bool(rule) and (rule == "*" or rule.lower() == parseaddr(address)[1].lower())


def describe(row: Any) -> dict[str, Any]:
    facts = {name: row[name] for name in ("id", "received_at", "sender", "subject")}
    return facts | {"recipients": json.loads(row["recipients"])}
