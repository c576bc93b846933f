"""An employer whose screening provider works by files: the sandbox's FileScreen, over real SFTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.connections.models import Connection
from app.core.db import fetch, transaction
from app.core.jobs import enqueue
from app.integrations.adapters.custom_screening.presets import presets
from app.screening.models import ScreeningPackage, ScreeningRequest
from sandbox.launch import Running
from tests.feeds.world import run_jobs
from tests.screening import made
from tests.screening.made import Employer

AT = "2026-11-25T12:00:00-05:00"
JOBS = (
    "screening.send_orders",
    "screening.fetch_results",
    "screening.read_results",
    "screening.order",
    "screening.look",
)


def settings(sandbox: Running, **pick_up: Any) -> dict[str, Any]:
    """The preset `sftp` with FileScreen's server. Its `inbound` takes our orders, its `outbound` holds its results."""
    kept = dict(presets()["sftp"].settings)
    server = {
        "host": sandbox.host, "port": sandbox.sftp_port, "username": sandbox.screening["filescreen_user"],
        "host_key": sandbox.host_key, "outbound": "inbound", "inbound": "outbound", "connect_seconds": 5,
        "operation_seconds": 30,
    }  # fmt: skip
    return kept | {"sftp": server, "provider": "filescreen", "pick_up": kept["pick_up"] | pick_up}


def by_sftp(employer: Employer, sandbox: Running, **pick_up: Any) -> None:
    with transaction() as session:
        _becomes(session, employer, settings(sandbox, **pick_up))
        connection = fetch(session, Connection, employer.connection_id)
        connection.credentials = {"password": sandbox.screening["filescreen_password"]}


def by_hand(employer: Employer) -> None:
    with transaction() as session:
        _becomes(session, employer, dict(presets()["file_import"].settings))


def _becomes(session: Any, employer: Employer, values: dict[str, Any]) -> None:
    connection = fetch(session, Connection, employer.connection_id)
    connection.adapter, connection.name, connection.settings = "custom_screening", "FileScreen", values
    connection.credentials = {}
    fetch(session, ScreeningPackage, employer.package_id).slug = "BASIC"


def released(employer: Employer, **changes: Any) -> UUID:
    with transaction() as session:
        return made.released(session, employer, **changes).id


def kept(request_id: UUID) -> ScreeningRequest:
    with transaction() as session:
        return made.stored(session, request_id)


def send(employer: Employer, key: str = "1") -> list[str]:
    return _ask("screening.send_orders", employer, key)


def fetch_results(employer: Employer, key: str = "1") -> list[str]:
    return _ask("screening.fetch_results", employer, key)


def _ask(kind: str, employer: Employer, key: str) -> list[str]:
    with transaction() as session:
        enqueue(session, kind, employer.connection_id, key=f"test:{key}")
    return run_jobs(kinds=JOBS)


def row(
    request_id: UUID, status: str, result: str = "", *, check: str = "", ref: str = "P-1", **more: str
) -> dict[str, str]:
    """One line of a result file; `check`: about this search, else about the order."""
    values = {
        "provider": "filescreen", "provider_ref": ref, "our_ref": str(request_id), "package": "BASIC", "status_raw": status,
        "result_raw": result, "event_at": AT,
    }  # fmt: skip
    about = {"screening_type": "county_criminal_search", "screening_ref": check} if check else {}
    return values | about | more
