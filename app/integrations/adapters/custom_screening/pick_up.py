"""Files by SFTP: what waits, where it goes when it was read, reports beside it, and whether one is late. Any call may come twice."""

from __future__ import annotations

import hashlib
import posixpath
from datetime import datetime, time, timedelta
from fnmatch import fnmatchcase
from zoneinfo import ZoneInfo

from app.integrations.adapters.custom_screening.adapter import OrderFile
from app.integrations.adapters.custom_screening.facts import Fact
from app.integrations.adapters.custom_screening.settings import ConnectorConfig, PickUp
from app.integrations.contracts import FileTransport, Placed, RemoteFile
from app.integrations.failures import Refused, Rejected
from app.integrations.formats.records.reading import MOST_BYTES
from app.integrations.screening import StoredDocument

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def send(files: FileTransport, config: ConnectorConfig, file: OrderFile) -> Placed:
    """Into the outbound folder. The same file again is `ALREADY`; see `FileTransport.put`."""
    return files.put(posixpath.join(_folders(config)[0], file.name), file.data)


def waiting(files: FileTransport, config: ConnectorConfig) -> list[RemoteFile]:
    """Result files in the inbound folder, the oldest first."""
    found = [file for file in files.list(_folders(config)[1]) if fnmatchcase(file.name, config.pick_up.names)]
    return sorted(
        (file for file in found if not file.name.lower().endswith(".pdf")), key=lambda f: (f.modified_at, f.name)
    )


def take(files: FileTransport, config: ConnectorConfig, file: RemoteFile) -> bytes:
    """Its bytes; it stays where it is. Raises `Refused`: file-too-large."""
    if file.size > MOST_BYTES:
        raise Refused("file-too-large", f"The file is larger than {MOST_BYTES // 1024 // 1024} MB.")
    return files.read(posixpath.join(_folders(config)[1], file.name))


def put_away(
    files: FileTransport, config: ConnectorConfig, name: str, data: bytes, *, refused: bool, report: bool = False
) -> str:
    """Move a file that was read, or refused, out of the way, after what it says is stored. Returns its new path.

    The name gets a part of its hash: providers use a name again. Killed half-way it is found in both places, and a second call ends it.

    Args:
        report: it lies in the folder with the reports.
    """
    stem, dot, ending = name.partition(".")
    folder = config.pick_up.rejected if refused else config.pick_up.done
    path = posixpath.join(folder, f"{stem}-{hashlib.sha256(data).hexdigest()[:12]}{dot}{ending}")
    files.put(path, data)
    folder = (config.pick_up.reports if report else "") or _folders(config)[1]
    files.remove(posixpath.join(folder, name))
    return path


def fetch_report(files: FileTransport, config: ConnectorConfig, fact: Fact) -> StoredDocument:
    """The PDF a fact names.

    Raises:
        Refused: hash-wrong, document-no-pdf: quarantine the fact with it, and ask the provider. Rejected: it is not there (yet).
    """
    data = read_report(files, config, fact)
    check_report(fact, data)
    return StoredDocument(fact.report_file, "report", fact.report_file, "application/pdf", len(data), data=data)


def read_report(files: FileTransport, config: ConnectorConfig, fact: Fact) -> bytes:
    """The bytes that lie where a fact says, unchecked. Raises Rejected: it is not there (yet)."""
    return files.read(posixpath.join(config.pick_up.reports or _folders(config)[1], fact.report_file))


def check_report(fact: Fact, data: bytes) -> None:
    """Raises `Refused` unless these are the bytes the provider means; also for a report that comes by hand."""
    if fact.sha256 and hashlib.sha256(data).hexdigest() != fact.sha256:
        raise Refused("hash-wrong", "The report is not the one that the result file names: their SHA-256 differ.")
    if not data.startswith(b"%PDF-"):
        raise Refused("document-no-pdf", "The report is no PDF.")


def overdue_since(settings: PickUp, last_at: datetime | None, now: datetime) -> datetime | None:
    """The newest agreed hour that passed without a file; None when all is well. All moments UTC, aware.

    A file counts for the agreed hour when it came after the agreed hour before. last_at: of the newest file, None when none ever came.
    """
    if not settings.due_by:
        return None
    hours = _agreed(settings, now)
    newest, before = hours[0], hours[1]
    return newest if last_at is None or last_at <= before else None


def _agreed(settings: PickUp, now: datetime) -> list[datetime]:
    """The last two agreed hours that have passed, the newest first."""
    zone, days = ZoneInfo(settings.time_zone), settings.due_days.split()
    today = now.astimezone(zone).date()
    hours = [
        datetime.combine(today - timedelta(days=back), time.fromisoformat(settings.due_by), zone)
        for back in range(16)
        if _DAYS[(today - timedelta(days=back)).weekday()] in days
    ]
    return [hour.astimezone(now.tzinfo) for hour in hours if hour <= now]


def _folders(config: ConnectorConfig) -> tuple[str, str]:
    if config.sftp is None:
        raise Rejected("server-missing", "Enter the provider's SFTP server first.")
    return config.sftp.outbound, config.sftp.inbound
