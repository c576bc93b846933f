"""Providers that work by files: orders leave, results are fetched and read, and whoever manages providers hears of late ones."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts import services as accounts
from app.connections import services as connections
from app.connections.models import Connection
from app.core import storage
from app.core.access import Can
from app.core.clock import now
from app.core.db import fetch
from app.core.errors import Invalid
from app.core.events import system
from app.core.jobs import Repeat, Retry, Run, enqueue, job
from app.integrations.adapters.custom_screening import pick_up
from app.integrations.adapters.custom_screening.facts import Fact
from app.integrations.adapters.custom_screening.reading import Facts
from app.integrations.adapters.custom_screening.settings import ConnectorConfig
from app.integrations.contracts import FileTransport, RemoteFile
from app.integrations.failures import AuthFailed, Conflict, Failure, OutcomeUnknown, Refused, Rejected
from app.integrations.formats.records import Problem
from app.notices import services as notices
from app.screening.services.files import inbox, late, reading, sending, ways
from app.screening.services.files.inbox import Arrived
from app.screening.services.files.said import digest
from app.screening.services.files.sending import Parcel

EVERY = timedelta(minutes=15)
"""How often a provider's folder is looked into."""

REPORT_WAIT = timedelta(minutes=10)
"""How long after its result file a report may come."""


@job("screening.files_due", every="five-minutes")
def files_due(run: Run) -> None:
    """Every five minutes what was released since goes into a file; folders are looked into when it is time."""
    with run.finish() as session:
        at = now()
        for connection in ways.active(session):
            enqueue(session, "screening.send_orders", connection.id, key=f"{connection.id}:{at:%Y%m%d%H%M}")
            if ways.by_server(connection) and (connection.next_poll_at is None or connection.next_poll_at <= at):
                connection.next_poll_at = at + EVERY
                enqueue(session, "screening.fetch_results", connection.id, key=f"{connection.id}:{at:%Y%m%d%H%M}")


# --- orders -----------------------------------------------------------------------------------------------------


@job(
    "screening.send_orders", on=["connections.connection.checked", "connections.connection.resumed", "screening.files.asked"],
    repeat=Repeat.CHECK, timeout=600,
)  # fmt: skip
def send_orders(run: Run) -> None:
    """Gather what is released, and deliver it by SFTP. A server that is away ends this attempt; `files_due` starts the next."""
    with run.step() as session:
        parcel = sending.parcel(session, system(run.kind), run.subject_id)
    if parcel is None:
        return
    try:
        with connections.files_of(parcel.config, parcel.secrets, parcel.adapter) as files:
            delivered = _deliver(run, parcel, files)
    except Failure as failure:
        _not_delivered(run, parcel, failure)
        return
    with run.finish() as session:
        if delivered:
            sending.mark_delivered(session, system(run.kind), parcel.file_id)
        else:
            sending.mark_unknown(session, system(run.kind), parcel.file_id, "attempt-interrupted")


def _deliver(run: Run, parcel: Parcel, files: FileTransport) -> bool:
    """Whether it is there. An order that may not go out any more is only looked for."""
    if not parcel.wanted:
        folder = parcel.config.sftp.outbound if parcel.config.sftp else ""
        return any(found.name == parcel.written.name for found in files.list(folder))
    with run.step() as session:
        mine = sending.note_began(session, parcel.file_id, parcel.began_at)
    if not mine:
        raise Retry("another-attempt-runs", 30)
    pick_up.send(files, parcel.config, parcel.written)
    return True


def _not_delivered(run: Run, parcel: Parcel, failure: Failure) -> None:
    if isinstance(failure, OutcomeUnknown):
        raise Retry(failure.code, 30)  # it stays begun: the next attempt finds it, or puts the same bytes
    with run.finish() as session:
        actor = system(run.kind)
        sending.note_failure(session, actor, parcel, failure, nothing_there=parcel.began_at is None)
        if isinstance(failure, Conflict):  # other bytes lie there under this name: not ours to cover
            sending.mark_unknown(session, actor, parcel.file_id, failure.code)


# --- results ----------------------------------------------------------------------------------------------------


@job("screening.fetch_results", on=["screening.files.asked"], repeat=Repeat.SAFE, timeout=600)
def fetch_results(run: Run) -> None:
    """Take in what lies in the provider's folder. It stays there until it is read and put away."""
    with run.step() as session:
        connection = fetch(session, Connection, run.subject_id)
        if not ways.by_server(connection) or not connection.is_active:
            return
        config, secrets = ways.config_of(connection), connections.secrets_of(connection)
        adapter = connection.adapter
    try:
        with connections.files_of(config, secrets, adapter) as files:
            refused = [file for file in pick_up.waiting(files, config) if not _fetched(run, files, config, file)]
    except Failure as failure:
        _not_fetched(run, failure)
        return
    if refused:
        _not_fetched(run, Rejected("file-too-large"))
        return
    with run.finish() as session:
        connections.note_exchange(session, fetch(session, Connection, run.subject_id))


def _fetched(run: Run, files: FileTransport, config: ConnectorConfig, file: RemoteFile) -> bool:
    """False for one that is too large; the others are taken in all the same."""
    try:
        data = pick_up.take(files, config, file)
    except Refused:
        return False
    _take_in(run, file, data)
    return True


def _take_in(run: Run, file: RemoteFile, data: bytes) -> None:
    written_at = file.modified_at if file.modified_at.year > 1970 else None  # a server without time stamps says 1970
    with run.step() as session:
        connection = fetch(session, Connection, run.subject_id)
        made = connections.receive(
            session, system(run.kind), connection, file.name, data, "sftp", written_at=written_at
        )
        known = connections.again(session, connection, file.name, data) if made is None else None
        if known is not None:  # it came again, or was not put away: reading it again changes nothing, and puts it away
            enqueue(session, "screening.read_results", known.id, key=f"again:{known.id}:{now():%Y%m%d%H}")


def _not_fetched(run: Run, failure: Failure) -> None:
    with run.finish() as session:
        connection = fetch(session, Connection, run.subject_id)
        if isinstance(failure, AuthFailed):
            connections.mark_broken(session, system(run.kind), connection, failure.code)
        else:
            connections.note_failure(session, connection, failure.code)


@job("screening.read_results", on=["connections.inbox.received", "screening.results.wanted"], timeout=600)
def read_results(run: Run) -> None:
    """Read one result file and apply it. Files are put away once that is committed."""
    try:
        with run.step() as session:
            item = inbox.arrived(session, run.subject_id)
        read = item.read() if item else None
    except Refused as refused:
        with run.step() as session:
            inbox.mark_refused(session, system(run.kind), run.subject_id, refused)
        read = None
    except (Invalid, Rejected):
        with run.finish() as session:
            inbox.mark_unreadable(session, system(run.kind), run.subject_id)
        return
    if item is None:
        return
    good, reports = (_apply(run, item, read)) if read is not None else (False, {})
    if item.by_server:
        _put_away(run, item, reports, refused=not good)


Reports = dict[str, tuple[bytes, bool]]
"""Name of a report → its bytes, and whether it is the one that is named."""


def _apply(run: Run, item: Arrived, read: Facts) -> tuple[bool, Reports]:
    """Returns whether every row counted, and the reports that were fetched."""
    with run.step() as session:
        found = reading.sort(session, fetch(session, Connection, item.connection_id), read.facts)
    printed, bad, reports = _reports(item, found.new) if item.by_server else ({}, {}, {})
    with run.step() as session:
        connection = fetch(session, Connection, item.connection_id)
        found = reading.without(reading.sort(session, connection, read.facts, lock=True), bad)
        reading.apply(session, system(run.kind), item.item_id, found, printed)
        good = inbox.mark_read(session, system(run.kind), item.item_id, read, found)
    return good, reports


def _reports(item: Arrived, facts: list[Fact]) -> tuple[dict[str, bytes], dict[str, Problem], Reports]:
    """Reports by fact, facts whose report is another one, and every report by name.

    Raises Retry while a report may still come.
    """
    printed: dict[str, bytes] = {}
    bad: dict[str, Problem] = {}
    names: Reports = {}
    with connections.files_of(item.config, item.secrets, item.adapter) as files:
        for fact in (fact for fact in facts if fact.report_file):
            try:
                data = pick_up.read_report(files, item.config, fact)
            except Rejected:
                if now() - item.received_at < REPORT_WAIT:
                    raise Retry("report-not-there", 60) from None
                continue  # what it says counts; a person uploads the report
            try:
                pick_up.check_report(fact, data)
            except Refused as refused:
                bad[digest(fact)] = Problem(fact.row, refused.code, refused.reason, "sha256")
                names[fact.report_file] = (data, False)
            else:
                printed[digest(fact)] = data
                names.setdefault(fact.report_file, (data, True))
    return printed, bad, names


def _put_away(run: Run, item: Arrived, reports: Reports, *, refused: bool) -> None:
    """Out of the way, so that it is not read again. A server that forbids it says so on the page of the connection."""
    try:
        with connections.files_of(item.config, item.secrets, item.adapter) as files:
            pick_up.put_away(files, item.config, item.name, item.data, refused=refused)
            for name, (data, is_it) in reports.items():  # last: killed before, they are looked at again
                pick_up.put_away(files, item.config, name, data, refused=not is_it, report=True)
    except Rejected as failure:
        with run.finish() as session:
            connections.note_failure(session, fetch(session, Connection, item.connection_id), failure.code)


# --- late ones, and what nobody confirmed -------------------------------------------------------------------------


@job("screening.watch_files", every="hour")
def watch_files(run: Run) -> None:
    """Each agreed hour that passed without a file is told once; uploads nobody confirmed and files that are outlived are destroyed."""
    with run.finish() as session:
        people = accounts.holders(session, Can.CONNECTION_MANAGE)
        for connection, since in late.overdue(session):
            for user_id in people:
                _tell_late(session, run, connection, user_id, since.isoformat())
        for file_id in (*inbox.old_drafts(session), *inbox.outlived(session)):
            storage.destroy(session, file_id)


def _tell_late(session: Session, run: Run, connection: Connection, user_id: UUID, mark: str) -> None:
    notices.issue(
        session, system(run.kind, run.company_id), "screening.files.late", subject=("connection", connection.id),
        context={"provider": connection.name}, user_id=user_id, link_path=f"/screening/files/{connection.id}", dedupe=mark,
    )  # fmt: skip
