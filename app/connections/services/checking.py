""" "Test connection": asked for by a person, done by a job within ten seconds, shown by the page that polls."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from app.connections.models import Connection, ConnectionStatus
from app.connections.services import access, calling, hostkeys
from app.connections.services.calling import Link
from app.connections.services.health import mark_broken, mark_healthy, note_failure
from app.connections.services.providers import files_of, manifest_of, sign_in_of, speaks_http, testable
from app.connections.services.sections import missing
from app.core.access import Can
from app.core.clock import now
from app.core.db import fetch
from app.core.errors import Conflict, Invalid
from app.core.events import Actor, Risk, record
from app.integrations.auth.kinds import needs_token
from app.integrations.contracts import Capability
from app.integrations.failures import AuthFailed, Failure, HostKeyChanged, Rejected
from app.integrations.paging import first_page
from app.integrations.ports import Message
from app.integrations.sync.reading import first_asked
from app.integrations.transports.http.calls import Call
from app.integrations.transports.sftp import SftpConfig

SECONDS = 4.0
"""For each of the at most two conversations of a check."""


def ask_check(session: Session, actor: Actor, connection_id: UUID | str) -> Connection:
    """Ask for a check. Raises Conflict for a connection that has nothing to check, Invalid while the set-up lacks what it needs."""
    actor.require(Can.CONNECTION_MANAGE)
    connection = fetch(session, Connection, connection_id, lock=True)
    if not testable(connection):
        raise Conflict("there is nothing to test")
    if not speaks_http(connection) and not connection.settings.get("sftp", {}).get("host"):
        raise Invalid("Enter the carrier's server first.")
    if speaks_http(connection) and missing(connection):
        raise Invalid("Complete the settings and the credentials first.")
    if sign_in_of(connection) and not access.has_token(session, connection.id):
        raise Invalid("Sign in at the provider first.")
    connection.last_check = {"state": "running", "asked_at": now().isoformat()}
    record(session, actor, "connections.connection.check-asked", connection)
    return connection


@dataclass(frozen=True, slots=True)
class Checked:
    """state: ok, failed, unpinned (a host key waits to be pinned). advice: plain words. host_key: what the server showed."""

    state: str
    code: str = ""
    advice: str = ""
    host_key: str = ""
    needs_person: bool = False

    def as_json(self) -> dict[str, Any]:
        return {
            "state": self.state,
            "code": self.code,
            "advice": self.advice,
            "host_key": self.host_key,
            "fingerprint": hostkeys.fingerprint(self.host_key),
        }


def check(adapter: str, settings: dict[str, Any], credentials: dict[str, Any]) -> Checked:
    """Talk to the provider. No transaction may be open; never called by a web request."""
    server = settings.get("sftp", {})
    try:
        if not server.get("host_key"):
            shown = hostkeys.scan(server["host"], int(server.get("port", 22)), SECONDS)
            return Checked("unpinned", "host-key-unknown", host_key=shown)
        _try_out(adapter, settings, credentials)
    except HostKeyChanged as failure:
        return Checked("failed", failure.code, failure.advice, _shown_key(server), needs_person=True)
    except AuthFailed as failure:
        return Checked("failed", failure.code, failure.advice, needs_person=True)
    except Failure as failure:
        return Checked("failed", failure.code, failure.advice)
    return Checked("ok")


def check_api(link: Link) -> Checked:
    """Ask the provider for a list it has, which changes nothing. No transaction may be open; never called by a web request."""
    seconds = round(SECONDS if needs_token(link.api.auth) else SECONDS * 2)
    with calling.open_provider(replace(link, timeout_seconds=seconds)) as provider:
        call = _harmless(provider) or _asked_first(provider) or _greeting(provider)
        if call is not None:
            failure = provider.probe(call)
        elif needs_token(link.api.auth):
            failure = provider.fetch_token()
        else:
            return Checked("failed", "nothing-to-ask", "This provider has no list that could be asked for.")
    if failure is None:
        return Checked("ok")
    return Checked("failed", failure.code, failure.advice, needs_person=isinstance(failure, AuthFailed))


def _harmless(provider: calling.Provider) -> Call | None:
    """The first page of the manifest's first list that needs nothing to be known before."""
    lists = [known for known in provider.api.resources if known.listing and "{" not in known.listing]
    return first_page(lists[0].pages, lists[0].list()) if lists else None


def _asked_first(provider: calling.Provider) -> Call | None:
    """Where lists are asked for in another way: what the first of them begins with."""
    kept = provider.link.manifest.synced
    return first_asked(kept[0], provider.link.config, now()) if kept else None


def _greeting(provider: calling.Provider) -> Call | None:
    """Where nothing can be asked, a message can be posted: that is its test."""
    if Capability.SEND_MESSAGE not in provider.link.manifest.capabilities:
        return None
    return next(provider.messenger.post(Message("Corridor", "Connected."), str(uuid4())))


def _try_out(adapter: str, settings: dict[str, Any], credentials: dict[str, Any]) -> None:
    manifest = manifest_of(adapter)
    server = settings["sftp"] | {"connect_seconds": SECONDS, "operation_seconds": SECONDS * 2}
    try:
        sftp = SftpConfig.model_validate(server)
        config = manifest.config.model_construct(profile=_Plain(), sftp=sftp)
        secrets = manifest.secrets.model_validate(credentials)
    except ValueError:
        raise Rejected("settings-incomplete", "Complete the server and the credentials first.") from None
    with files_of(config, secrets, adapter) as files:
        for folder in (sftp.outbound, sftp.inbound):
            files.list(folder)


class _Plain:
    """The two answers of a dialect that matter for opening a server, so that it can be tested before the dialect is complete."""

    pgp_required = False
    transport = "sftp"


def _shown_key(server: dict[str, Any]) -> str:
    try:
        return hostkeys.scan(server["host"], int(server.get("port", 22)), SECONDS)
    except Failure:
        return ""


def finish_check(session: Session, actor: Actor, connection_id: UUID, checked: Checked) -> None:
    """Write down how a check ended; a success sets everything going that waited for it."""
    connection = fetch(session, Connection, connection_id, lock=True)
    connection.last_checked_at = now()
    connection.last_check = checked.as_json()
    if checked.state == "ok":
        mark_healthy(session, actor, connection)
    elif checked.needs_person:
        mark_broken(session, actor, connection, checked.code)
        connection.last_check = checked.as_json()
    elif checked.state == "failed":
        note_failure(session, connection, checked.code)
    facts = {"state": checked.state, "code": checked.code}
    good = checked.state == "ok"
    record(session, actor, "connections.connection.checked", connection, new=facts, success=good)


def pin_host_key(session: Session, actor: Actor, connection_id: UUID | str, shown: str) -> Connection:
    """Accept the key the last check saw, after a person compared its fingerprint.

    Args:
        shown: the fingerprint the person saw; another one means the page was stale.

    Raises:
        Conflict: no key waits, or the page showed another one.
    """
    actor.require(Can.CONNECTION_MANAGE)
    connection = fetch(session, Connection, connection_id, lock=True)
    waiting = connection.last_check.get("host_key", "")
    if not waiting or hostkeys.fingerprint(waiting) != shown:
        raise Conflict("the server shows another key now")
    server = connection.settings.get("sftp", {})
    old = hostkeys.fingerprint(server.get("host_key", ""))
    connection.settings = connection.settings | {"sftp": server | {"host_key": waiting}}
    connection.last_check = {"state": "pinned"}
    if connection.status == ConnectionStatus.ERROR:
        connection.status = ConnectionStatus.DISCONNECTED.value
    record(
        session, actor, "connections.connection.host-key-pinned", connection, old={"fingerprint": old},
        new={"fingerprint": shown}, risk=Risk.CRITICAL,
    )  # fmt: skip
    return connection
