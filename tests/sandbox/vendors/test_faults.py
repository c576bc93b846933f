"""What goes wrong on purpose, and the journal of what was asked."""

from __future__ import annotations

import json
import socket
import time
from urllib.parse import urlsplit

import httpx2
import pytest

from sandbox.vendors.bamboohr import BambooHR

ONE = "/api/v1/employees/1?fields=firstName,hireDate"
FIELDS = "/api/v1/meta/fields"


@pytest.mark.parametrize("status", [401, 403, 410, 429, 500, 503])
def test_a_status_is_answered_in_the_words_of_the_vendor_so_many_times(
    bamboo: BambooHR, http: httpx2.Client, status: int
) -> None:
    bamboo.fault("status", "/api/v1/employees/*", status=status, times=2)
    assert [http.get(ONE).status_code, http.get(FIELDS).status_code, http.get(ONE).status_code] == [status, 200, status]
    assert http.get(ONE).status_code == 200
    assert [(one.path, one.status, one.fault) for one in bamboo.asked("/api/v1/employees/*")] == [
        ("/api/v1/employees/1", status, "status"),
        ("/api/v1/employees/1", status, "status"),
        ("/api/v1/employees/1", 200, ""),
    ]


def test_retry_after_is_there_only_when_asked_for(bamboo: BambooHR, http: httpx2.Client) -> None:
    bamboo.fault(status=429, retry_after="7")
    bamboo.fault(status=429)
    first, second = http.get(ONE), http.get(ONE)
    assert first.headers["Retry-After"] == "7"
    assert "Retry-After" not in second.headers
    assert second.headers["X-BambooHR-Error-Message"]


def test_a_body_may_say_what_the_status_does_not(bamboo: BambooHR, http: httpx2.Client) -> None:
    bamboo.fault(status=500, body="<fault>Validation error</fault>", content_type="text/xml")
    answer = http.get(ONE)
    assert (answer.status_code, answer.text, answer.headers["Content-Type"]) == (
        500, "<fault>Validation error</fault>", "text/xml",
    )  # fmt: skip


def test_some_requests_may_pass_first_and_other_methods_always(bamboo: BambooHR, http: httpx2.Client) -> None:
    bamboo.fault(status=503, skip=1, method="GET")
    wrong = http.post("/api/v1/webhooks", json={"name": "n", "url": "ftp://x", "format": "json"})
    assert wrong.status_code == 400
    assert [http.get(ONE).status_code for _ in range(3)] == [200, 503, 200]


def test_the_work_may_be_done_before_it_fails(bamboo: BambooHR, http: httpx2.Client, receiver: object) -> None:
    sent = {"name": "n", "url": "https://x.example", "format": "json", "events": ["employee.created"]}
    bamboo.fault(status=500, after=True, path="/api/v1/webhooks")
    assert http.post("/api/v1/webhooks", json=sent).status_code == 500
    bamboo.fault("drop", after=True, path="/api/v1/webhooks")
    with pytest.raises(httpx2.RemoteProtocolError):
        http.post("/api/v1/webhooks", json=sent)
    assert len(bamboo.webhooks.hooks) == 2


def test_the_line_is_dropped_or_cut_in_the_middle(bamboo: BambooHR, http: httpx2.Client) -> None:
    for fault in ("drop", "cut"):
        bamboo.fault(fault)
        with pytest.raises(httpx2.RemoteProtocolError):
            http.get(FIELDS)
    assert http.get(FIELDS).status_code == 200


def test_a_connection_is_kept_and_a_broken_request_ends_it(bamboo: BambooHR, http: httpx2.Client) -> None:
    place = urlsplit(bamboo.url)
    with socket.create_connection((place.hostname or "", place.port or 0), timeout=5) as line:
        for _ in range(2):
            line.sendall(b"GET /authorize.php HTTP/1.1\r\nHost: x\r\n\r\n")
            head, _, body = line.recv(10_000).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 400 ")
            assert json.loads(body)["error"] == "invalid_client"
        line.sendall(b"NONSENSE\r\n\r\n")
        assert b"400" in line.recv(10_000)
        assert line.recv(10_000) == b""
    assert len(bamboo.asked()) == 2


def test_it_hangs_until_the_client_gives_up(bamboo: BambooHR, http: httpx2.Client) -> None:
    bamboo.fault("hang", seconds=0.5)
    with pytest.raises(httpx2.ReadTimeout):
        http.get(ONE, timeout=0.1)


def test_bytes_trickle_but_all_come(bamboo: BambooHR, http: httpx2.Client) -> None:
    whole = http.get(FIELDS).content
    bamboo.fault("slow", seconds=0.2)
    begun = time.monotonic()
    assert http.get(FIELDS, timeout=0.1).content == whole  # no single wait is as long as the whole
    assert time.monotonic() - begun > 0.15


@pytest.mark.parametrize("fault", ["truncate", "garbage"])
def test_what_comes_is_no_json(bamboo: BambooHR, http: httpx2.Client, fault: str) -> None:
    bamboo.fault(fault)
    answer = http.get(ONE)
    assert answer.status_code == 200
    with pytest.raises(ValueError, match=r".*"):
        json.loads(answer.content.decode())


def test_a_field_drifts_into_another_type_or_name(bamboo: BambooHR, http: httpx2.Client) -> None:
    bamboo.fault("drift", field="firstName")
    bamboo.fault("drift", field="firstName", to="givenName")
    assert http.get(ONE).json()["firstName"] == {"value": "Ines"}
    assert http.get(ONE).json()["givenName"] == "Ines"


def test_a_page_says_it_is_the_last(bamboo: BambooHR, signed_in: httpx2.Client) -> None:
    bamboo.fault("one_page")
    first, second = (signed_in.get("/api/v1/employees?page[limit]=10").json() for _ in range(2))
    assert len(first["data"]) == len(second["data"]) == 10
    assert first["meta"]["page"]["nextCursor"] is None
    assert second["meta"]["page"]["nextCursor"]


def test_an_unknown_fault_is_refused(bamboo: BambooHR) -> None:
    with pytest.raises(ValueError, match="do must be one of"):
        bamboo.fault("explode")


def test_the_journal_keeps_query_headers_and_body(bamboo: BambooHR, http: httpx2.Client) -> None:
    http.get(ONE, headers={"Idempotency-Key": "k-1"})
    http.post("/api/v1/webhooks", json={"name": "n", "url": "no", "format": "json"})
    first, second = bamboo.asked()
    assert first.query == {"fields": "firstName,hireDate"}
    assert first.headers["idempotency-key"] == "k-1"
    assert first.headers["authorization"].startswith("Basic ")
    assert bamboo.asked(method="POST") == [second]
    assert json.loads(second.body)["name"] == "n"
