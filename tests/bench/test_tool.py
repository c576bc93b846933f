"""The measuring tool measures what it says: ratios, verdicts, the load generator, the crowd's ciphertexts."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from bench.load import fire, posted, request_of
from bench.result import Result, keep, measured, table
from bench.usage import cpu_seconds, foreign_load, rss_mib


def test_the_median_decides_and_noise_hands_over_to_cpu() -> None:
    quiet = Result("W1", "x", [0.2, 0.5, 0.6], ">=", 0.45)
    assert quiet.met
    noisy = Result("W1", "x", [0.2, 0.2, 0.2], ">=", 0.45, cpu=[0.5], quiet=False)
    assert noisy.met
    assert not Result("P3", "x", [130.0], "<=", 120).met
    assert "0.50 [0.20 to 0.60]" in measured(quiet)
    assert "| W1 " in table([quiet])


def test_results_of_other_parts_stay_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "latest.json"
    keep([Result("A", "x", [1.0], ">=", 1)], path, foreign=0, quick=True)
    keep([Result("B", "x", [1.0], ">=", 1)], path, foreign=0, quick=True)
    found = json.loads(path.read_text())
    assert [row["goal_id"] for row in found["results"]] == ["A", "B"]
    assert found["machine"]["versions"]["flask"]


@pytest.mark.parametrize("version", ["HTTP/1.0", "HTTP/1.1"])
def test_the_generator_counts_whole_answers(version: str) -> None:
    class Hello(BaseHTTPRequestHandler):
        protocol_version = version

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "70000")
            if version == "HTTP/1.0":
                self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(b"x" * 70_000)

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Hello)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    shot = fire(server.server_port, request_of("/", cookie="a=b"), seconds=0.3)
    server.shutdown()
    server.server_close()
    assert shot.status == 200
    assert shot.wire_bytes > 70_000


def test_several_requests_are_sent_in_turn_over_all_connections() -> None:
    """As many different deliveries as there is time for, before one comes again."""
    seen: list[bytes] = []

    class Taker(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            seen.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taker)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    bodies = [f'{{"id":{number}}}' for number in range(100_000)]
    shot = fire(server.server_port, [posted("/", body) for body in bodies], connections=4, seconds=0.3)
    server.shutdown()
    server.server_close()
    assert shot.status == 200
    assert len(shot.times) == len(seen) == len(set(seen))
    assert set(seen) == {body.encode() for body in bodies[: len(seen)]}
    assert len(shot.times) > 5
    assert shot.percentile(0.5) <= shot.percentile(0.99)


def test_usage_sees_this_process() -> None:
    import os

    assert cpu_seconds([os.getpid()]) > 0
    assert rss_mib(os.getpid()) > 10
    assert foreign_load(0.05) >= 0


def test_names_of_the_crowd_open(database: object) -> None:
    from app.core.db import tenant
    from app.people.models import Employee
    from bench.fill import COLUMNS, employee_id, make_company, rows

    company_id = UUID("0199b000-0000-7000-8000-00000000beef")
    make_company(company_id, "Crowd", "crowd-test")
    with tenant(company_id):
        line = next(rows(company_id, 7, 8)).rstrip("\n").split("\t")
        sealed = dict(zip(COLUMNS, line, strict=True))["first_name_enc"]
        value = bytes.fromhex(sealed.removeprefix("\\\\x"))
        assert Employee.first_name.open(company_id, employee_id(company_id, 7), value) == "Hugo"
