"""The configurable connector over a real SFTP server: orders out, results in, what was read out of the way, late files noticed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from app.integrations.adapters.custom_screening import pick_up
from app.integrations.adapters.custom_screening.adapter import open_files, open_screening
from app.integrations.adapters.custom_screening.facts import fold
from app.integrations.adapters.custom_screening.presets import presets
from app.integrations.adapters.custom_screening.settings import ConnectorConfig, ConnectorSecrets, PickUp
from app.integrations.contracts import FileTransport, Placed, RemoteFile
from app.integrations.failures import Refused, Rejected
from app.integrations.screening import Candidate, Order, Result, Status
from app.integrations.transports import reach
from app.integrations.transports.memory import MemoryTransport
from app.integrations.transports.sftp import SftpSecrets
from tests.integrations.sftp_server import SftpServer

SAMPLE = (Path(pick_up.__file__).parent / "samples" / "results.csv").read_bytes()
PDF = b"%PDF-1.7 sample"
NOW = datetime(2026, 11, 25, 17, tzinfo=UTC)
SECRETS = ConnectorSecrets(password=SecretStr("right"))
ORDER = Order("BASIC", [], candidate=Candidate("req-7", "Ana", "Roe", "ana@example.com"))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SftpServer]:
    for folder in ("outbound", "inbound", "done", "rejected"):
        (tmp_path / folder).mkdir()
    running = SftpServer(tmp_path)
    with reach.within(reach.Reach(loopback=True)):
        yield running
    running.stop()


@pytest.fixture
def config(server: SftpServer) -> ConnectorConfig:
    sftp = {"host": "127.0.0.1", "port": server.port, "username": "corridor", "host_key": server.host_key_line}
    return ConnectorConfig.model_validate(dict(presets()["sftp"].settings) | {"sftp": sftp})


@pytest.fixture
def files(config: ConnectorConfig) -> Iterator[FileTransport]:
    opened = open_files(config, SECRETS)
    yield opened
    opened.close()


def test_orders_go_out_once(server: SftpServer, config: ConnectorConfig, files: FileTransport) -> None:
    file = open_screening(config).write_orders([ORDER], "b-1")
    assert [pick_up.send(files, config, file) for _ in range(2)] == [Placed.NEW, Placed.ALREADY]
    assert (server.root / "outbound" / "orders-b-1.csv").read_bytes() == file.data


def test_results_are_picked_up_and_put_away(server: SftpServer, config: ConnectorConfig, files: FileTransport) -> None:
    inbound = server.root / "inbound"
    for name, data in (
        ("a.csv", SAMPLE),
        ("b.csv", b"rubbish"),
        ("P-1.pdf", PDF),
        ("c.csv.tmp", b""),
        ("note.txt", b""),
    ):
        (inbound / name).write_bytes(data)
    (first, second) = pick_up.waiting(files, config)
    data = pick_up.take(files, config, first)
    read = open_screening(config).read_results(data, first.modified_at)
    (one,) = fold(read.facts)
    assert (one.report.status, one.report.result) == (Status.COMPLETE, Result.CLEAR)
    (fact,) = [fact for fact in read.facts if fact.report_file]
    assert pick_up.fetch_report(files, config, fact).data == PDF
    path = pick_up.put_away(files, config, first.name, data, refused=False)
    assert path == f"done/a-{hashlib.sha256(SAMPLE).hexdigest()[:12]}.csv"
    assert (server.root / path).read_bytes() == SAMPLE
    with pytest.raises(Refused):
        open_screening(config).read_results(pick_up.take(files, config, second), NOW)
    pick_up.put_away(files, config, second.name, b"rubbish", refused=True)
    assert pick_up.waiting(files, config) == []
    assert len(list((server.root / "rejected").iterdir())) == 1


def test_put_away_ends_what_a_kill_left_half_done(
    server: SftpServer, config: ConnectorConfig, files: FileTransport
) -> None:
    for _ in range(2):  # the provider uses the same name again, with the same content
        (server.root / "inbound" / "a.csv").write_bytes(SAMPLE)
        pick_up.put_away(files, config, "a.csv", SAMPLE, refused=False)
    pick_up.put_away(files, config, "a.csv", SAMPLE, refused=False)
    pick_up.put_away(files, config, "a.csv", b"other", refused=False)
    assert len(list((server.root / "done").iterdir())) == 2
    assert pick_up.waiting(files, config) == []


def test_a_report_that_is_another_one_is_refused(
    server: SftpServer, config: ConnectorConfig, files: FileTransport
) -> None:
    read = open_screening(config).read_results(SAMPLE, NOW)
    (fact,) = [fact for fact in read.facts if fact.report_file]
    with pytest.raises(Rejected):
        pick_up.fetch_report(files, config, fact)
    (server.root / "inbound" / "P-1.pdf").write_bytes(PDF + b"!")
    with pytest.raises(Refused, match="hash-wrong"):
        pick_up.fetch_report(files, config, fact)
    html = b"<html>"
    told = {name: getattr(fact, name) for name in fact.__slots__} | {"sha256": hashlib.sha256(html).hexdigest()}
    with pytest.raises(Refused, match="document-no-pdf"):
        pick_up.check_report(type(fact)(**told), html)


def test_a_file_that_is_too_large_stays_where_it_is(config: ConnectorConfig, files: FileTransport) -> None:
    with pytest.raises(Refused, match="file-too-large"):
        pick_up.take(files, config, RemoteFile("a.csv", 10**9, NOW))


def test_no_server_no_files(config: ConnectorConfig) -> None:
    by_hand = ConnectorConfig.model_validate(dict(presets()["file_import"].settings))
    for made, secrets in ((by_hand, SECRETS), (config, SftpSecrets())):
        with pytest.raises(Rejected, match="server-missing"):
            open_files(made, secrets)
    with pytest.raises(Rejected, match="server-missing"):
        pick_up.waiting(MemoryTransport(["inbound"]), by_hand)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "last", "now", "due"),
    [
        # Wednesday 2026-11-25; New York is UTC-5, so 06:00 is 11:00 UTC.
        ({}, "2026-11-24T10:30", "2026-11-25T10:59", None),  # yesterday's file, today's hour still to come
        ({}, "2026-11-24T10:30", "2026-11-25T11:00", "2026-11-25T11:00"),
        ({}, "2026-11-25T02:00", "2026-11-25T11:00", None),  # came in the night
        ({}, "2026-11-25T13:00", "2026-11-25T14:00", None),  # late, but here
        ({}, None, "2026-11-25T12:00", "2026-11-25T11:00"),
        ({}, "2026-11-27T10:00", "2026-11-29T12:00", None),  # Sunday: nothing was due since Friday
        ({}, "2026-11-27T10:00", "2026-11-30T11:00", "2026-11-30T11:00"),  # Friday's file is not Monday's
        ({"due_days": "mon"}, "2026-11-16T12:00", "2026-11-22T12:00", None),
        ({"due_days": "mon"}, "2026-11-16T10:00", "2026-11-23T12:00", "2026-11-23T11:00"),
        (
            {},
            "2026-03-06T10:00",
            "2026-03-09T10:00",
            "2026-03-09T10:00",
        ),  # summer time began on Sunday: 06:00 is 10:00 UTC
        ({"due_by": ""}, None, "2026-11-25T12:00", None),
    ],
)
def test_a_late_file_is_noticed(changes: dict[str, Any], last: str | None, now: str, due: str | None) -> None:
    settings = PickUp.model_validate({"due_by": "06:00"} | changes)
    found = pick_up.overdue_since(settings, at(last) if last else None, at(now))
    assert found == (at(due) if due else None)
