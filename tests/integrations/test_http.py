"""The HTTP conversation: one contract for the wire and its twin, over real sockets on this machine."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.integrations import failures
from app.integrations.failures import (
    AuthFailed,
    BrokenAnswer,
    Failure,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    TimedOut,
    Unreachable,
)
from app.integrations.transports import reach
from app.integrations.transports.http.calls import (
    Call,
    Carrier,
    File,
    Form,
    Json,
    Prepared,
    Raw,
    Reply,
    Upload,
    fetching,
)
from app.integrations.transports.http.client import Http, HttpClient
from app.integrations.transports.http.memory import MemoryCarrier
from app.integrations.transports.http.redact import HIDDEN
from app.integrations.transports.http.rules import RateHeaders, Rules
from app.integrations.transports.http.tls import ClientCertificate
from app.integrations.transports.http.wire import Wire
from tests.integrations.http_server import Asked, HttpServer, Said, drip, make_certificate, reply, server_context

SECRET = "hunter2-äöü"
AUTH = {"Authorization": "Basic aHVudGVyMg=="}
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _this_machine_too() -> Iterator[None]:
    with reach.within(reach.Reach(loopback=True)):
        yield


@pytest.fixture
def serve() -> Iterator[Callable[..., HttpServer]]:
    running: list[HttpServer] = []

    def _serve(respond: Callable[[Asked], Said], **more: Any) -> HttpServer:
        running.append(HttpServer(respond, **more))
        return running[-1]

    yield _serve
    for server in running:
        server.stop()


@pytest.fixture
def talk() -> Iterator[Callable[..., HttpClient]]:
    opened: list[HttpClient] = []

    def _talk(server: HttpServer | str, wire: Wire | None = None, **more: Any) -> HttpClient:
        url = server if isinstance(server, str) else server.url
        http = Http(**{"base_url": f"{url}/v1", "deadline_seconds": 5, **more})
        opened.append(HttpClient(http, wire or Wire(), AUTH, clock=lambda: NOW))
        return opened[-1]

    yield _talk
    for client in opened:
        client.close()
        client.close()


GET = Call("things.read", "GET", "/things/{id}", {"id": "7"})
POST = Call("things.make", "POST", "/things", body=Json({"name": SECRET}), headers={"Idempotency-Key": "k-1"})


@pytest.fixture(params=["wire", "memory"])
def speak(
    request: pytest.FixtureRequest, serve: Callable[..., HttpServer]
) -> Callable[..., tuple[HttpClient, list[Any]]]:
    """A client whose other side answers with this reply, and what the other side was asked."""

    def _speak(
        status: int = 200, body: bytes = b"{}", most_bytes: int = 1000, **headers: str
    ) -> tuple[HttpClient, list[Any]]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if request.param == "memory":
            twin = MemoryCarrier(lambda _asked: Reply(status, tuple(named.items()), body))
            carrier, url, seen = twin, "https://api.example", twin.seen
            known: tuple[Carrier, str, list[Any]] = (carrier, url, seen)
        else:
            server = serve(lambda _asked: reply(status, body, **headers))
            known = (Wire(), server.url, server.asked)
        http = Http(f"{known[1]}/v1", {"X-Client": "corridor"}, most_bytes=most_bytes, deadline_seconds=5)
        return HttpClient(http, known[0], AUTH, clock=lambda: NOW), known[2]

    return _speak


def path_and_headers(asked: Asked | Prepared) -> tuple[str, dict[str, str], bytes]:
    if isinstance(asked, Asked):
        return asked.target, asked.headers, asked.body
    return "/" + asked.url.split("/", 3)[3], {name.lower(): value for name, value in asked.headers}, asked.body


def test_what_is_asked_arrives(speak: Any) -> None:
    client, seen = speak()
    with client:
        client.send(
            Call("x", "GET", "/things/{id}/äh", {"id": "a/b c?ü"}, query=(("page", "2"), ("q", "a&b"), ("q", "ü")))
        )
    target, headers, body = path_and_headers(seen[0])
    assert target == "/v1/things/a%2Fb%20c%3F%C3%BC/%C3%A4h?page=2&q=a%26b&q=%C3%BC"
    assert headers["authorization"] == AUTH["Authorization"]
    assert headers["x-client"] == "corridor"
    assert headers["accept-encoding"] == "identity"
    assert headers["user-agent"] == "Corridor/1.0"
    assert body == b""


@pytest.mark.parametrize(
    ("body", "kind", "sent"),
    [
        (Json({"ä": [1, None]}), "application/json", '{"ä":[1,null]}'.encode()),
        (Form((("a", "1 2"), ("b[]", "ü"), ("b[]", "x&y"))), "application/x-www-form-urlencoded", b"a=1+2&b%5B%5D=%C3%BC&b%5B%5D=x%26y"),
        (Raw("text/xml", b"<a/>"), "text/xml", b"<a/>"),
    ],
)  # fmt: skip
def test_bodies(speak: Any, body: Any, kind: str, sent: bytes) -> None:
    client, seen = speak()
    done = client.exchange(Call("x", "POST", "/things", body=body))
    client.close()
    _, headers, got = path_and_headers(seen[0])
    assert (headers["content-type"], got, headers["content-length"]) == (kind, sent, str(len(sent)))
    assert (done.request_body, done.record.request_bytes) == (sent, len(sent))


def test_upload(speak: Any) -> None:
    client, seen = speak()
    with client:
        client.send(
            Call(
                "x",
                "POST",
                "/d",
                body=Upload([File("file", "a.pdf", "application/pdf", b"%PDF")], (("type", "consent"),)),
            )
        )
    _, headers, got = path_and_headers(seen[0])
    assert headers["content-type"].startswith("multipart/form-data; boundary=")
    assert all(part in got for part in (b'name="type"', b"consent", b'filename="a.pdf"', b"application/pdf", b"%PDF"))


def test_a_good_answer(speak: Any) -> None:
    client, _ = speak(201, b'{"id": "1"}', X_Ratelimit_Remaining="7", Set_Cookie="a=1")
    with client:
        answer = client.send(GET)
        again = client.exchange(GET)
    assert (answer.status, answer.json(), answer.headers["x-ratelimit-remaining"]) == (201, {"id": "1"}, "7")
    assert (again.answer_body, again.failure) == (b'{"id": "1"}', None)
    assert "cookie" not in dict(again.record.request_headers)


def test_no_json_where_json_is_due(speak: Any) -> None:
    for text in (b"<html>", b"", b"[" * 5000, b'{"a": "\xff"}'):
        client, _ = speak(200, text, most_bytes=10_000)
        with client, pytest.raises(BrokenAnswer, match="answer-not-json"):
            client.send(GET).json()


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (400, "Rejected", "rejected-400"), (401, "AuthFailed", "credentials-refused"), (403, "Forbidden", "forbidden"),
        (404, "NotFound", "not-found"), (408, "Transient", "busy"), (409, "Conflict", "conflict"), (410, "Gone", "gone"),
        (422, "Rejected", "rejected-422"), (425, "Transient", "busy"), (429, "RateLimited", "slow-down"),
        (500, "ServerFailed", "server-failed-500"), (503, "ServerFailed", "server-failed-503"),
        (301, "BrokenAnswer", "redirect-refused"), (307, "BrokenAnswer", "redirect-refused"),
    ],
)  # fmt: skip
def test_typed_failures(speak: Any, status: int, kind: str, code: str) -> None:
    client, seen = speak(
        status, b'{"error": "Jane Roe has no SSN"}', Location="http://169.254.169.254/", WWW_Authenticate="secret"
    )
    with client:
        done = client.exchange(POST)
        with pytest.raises(getattr(failures, kind)) as caught:
            done.result()
    assert (type(caught.value).__name__, caught.value.code, done.record.outcome, done.answer) == (
        kind,
        code,
        code,
        None,
    )
    assert len(seen) == 1, "nothing was followed or repeated"
    assert done.answer_body, "kept for the caller"
    shown = repr(done) + repr(caught.value) + str(caught.value) + caught.value.advice + repr(done.record) + repr(POST)
    assert not any(word in shown for word in (SECRET, "Jane", "aHVudGVy", "169.254", "secret"))


def test_the_record_names_headers_and_shows_harmless_ones(speak: Any) -> None:
    client, _ = speak(200, b"[1]", X_Ratelimit_Limit="1200", Retry_After="3", X_Person="Jane")
    with client:
        record = client.exchange(POST).record
    asked, answered = dict(record.request_headers), dict(record.answer_headers)
    assert (record.operation, record.method, record.path, record.status) == ("things.make", "POST", "/things", 200)
    assert (record.answer_bytes, record.began_at) == (3, NOW)
    assert 0 <= record.seconds < 5
    assert (asked["authorization"], asked["idempotency-key"], asked["x-client"]) == (HIDDEN, "k-1", HIDDEN)
    assert (answered["x-ratelimit-limit"], answered["retry-after"], answered["x-person"]) == ("1200", "3", HIDDEN)


def test_too_large(speak: Any) -> None:
    client, _ = speak(200, b"x" * 1001)
    with client, pytest.raises(BrokenAnswer, match="answer-too-large"):
        client.send(GET)


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_ids_that_climb(speak: Any, value: str) -> None:
    client, seen = speak()
    with client, pytest.raises(Rejected, match="path-unsafe"):
        client.send(Call("x", "GET", "/things/{id}/more", {"id": value}))
    assert seen == []


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\x00", "€"])
def test_headers_that_break(speak: Any, value: str) -> None:
    client, seen = speak()
    with client:
        done = client.exchange(Call("x", "GET", "/things", headers={"X-Key": value}))
    assert isinstance(done.failure, Rejected)
    assert done.record.status is None
    assert value not in repr(done.failure)
    assert seen == []


def test_credentials_are_asked_for_each_call(serve: Any) -> None:
    tokens = iter(["one", "two"])
    server = serve(lambda _asked: reply())
    with HttpClient(Http(server.url), Wire(), lambda: {"Authorization": f"Bearer {next(tokens)}"}) as client:
        client.send(GET)
        client.send(GET)
    assert [asked.headers["authorization"] for asked in server.asked] == ["Bearer one", "Bearer two"]
    assert "localhost" in repr(client)
    assert server.connections == 1, "the line is kept between calls"


def test_slow_down_says_until_when(speak: Any) -> None:
    client, _ = speak(429, Retry_After="7")
    with client, pytest.raises(RateLimited) as caught:
        client.send(GET)
    assert caught.value.until == datetime(2026, 11, 25, 12, 0, 7, tzinfo=UTC)


def timed(client: HttpClient, call: Call, most_seconds: float) -> Failure:
    begun = time.monotonic()
    with pytest.raises(Failure) as caught:
        client.send(call)
    assert time.monotonic() - begun < most_seconds
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None, "what a library said may quote a header"
    return caught.value


@pytest.mark.parametrize("answer", [reply(200, b"x" * 100), b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 100])
def test_a_drip_ends_at_the_deadline(serve: Any, talk: Any, answer: bytes) -> None:
    server = serve(lambda _asked: drip(answer, 0.05))
    failure = timed(talk(server, deadline_seconds=0.6), POST, 1.5)
    assert isinstance(failure, TimedOut)
    assert (failure.code, failure.sent) == ("deadline", True)


def test_silence_after_the_request(serve: Any, talk: Any) -> None:
    server = serve(lambda _asked: drip(b"x", 3) and [time.sleep(3) or b""])
    failure = timed(talk(server, deadline_seconds=0.3), POST, 1.5)
    assert isinstance(failure, TimedOut)
    assert failure.sent is True


def test_a_server_that_does_not_read_leaves_it_open(talk: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        large = Call("x", "POST", "/", body=Raw("text/plain", b"x" * 20_000_000))
        failure = timed(talk(url, deadline_seconds=0.5), large, 2)
    assert isinstance(failure, TimedOut)
    assert failure.sent is None


def test_nobody_listens(talk: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closing:
        port = closing.getsockname()[1]
    failure = timed(talk(f"http://127.0.0.1:{port}"), POST, 2)
    assert (type(failure), failure.code) == (Unreachable, "unreachable")


def test_a_connection_that_takes_too_long(talk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port = full.getsockname()[1]
        held = [socket.socket() for _ in range(4)]
        for line in held:
            line.setblocking(False)
            line.connect_ex(("127.0.0.1", port))
        failure = timed(talk(f"http://127.0.0.1:{port}", Wire(connect_seconds=0.3)), POST, 2)
        for line in held:
            line.close()
    assert (type(failure), failure.code) == (Unreachable, "connect-timeout")


def test_no_time_at_all(serve: Any, talk: Any) -> None:
    server = serve(lambda _asked: reply())
    assert timed(talk(server, deadline_seconds=0), POST, 1).code == "connect-timeout"
    twin = HttpClient(
        Http("https://api.example", deadline_seconds=0), MemoryCarrier(lambda _asked: Reply(200, (), b""))
    )
    assert isinstance(twin.exchange(POST).failure, Unreachable)
    assert server.asked == []


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (None, OutcomeUnknown),
        (b"", OutcomeUnknown),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", OutcomeUnknown),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", BrokenAnswer),
        (b"\x00\xff" * 50 + b"\r\n\r\n", BrokenAnswer),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", BrokenAnswer),
        (reply(200, b"x", Content_Encoding="gzip"), BrokenAnswer),
        (reply(200, b"x" * 2000), BrokenAnswer),
    ],
)  # fmt: skip
def test_answers_that_cannot_be_used(serve: Any, talk: Any, answer: bytes | None, kind: type[Failure]) -> None:
    server = serve(lambda _asked: answer and [answer, *_hang_up()])
    failure = timed(talk(server, most_bytes=1000, deadline_seconds=1), POST, 2.5)
    assert isinstance(failure, kind)
    assert len(server.asked) == 1, "never repeated by itself"


def _hang_up() -> Iterator[bytes]:
    raise OSError
    yield b""


def test_a_broken_answer_does_not_spoil_the_next(serve: Any, talk: Any) -> None:
    answers = iter([b"garbage\r\n\r\n", reply(200, b"1"), reply(200, b"x" * 5000), reply(200, b"2")])
    client = talk(serve(lambda _asked: next(answers)), most_bytes=1000)
    assert client.exchange(POST).record.outcome == "answer-garbled"
    assert client.send(GET).json() == 1
    assert client.exchange(GET).record.outcome == "answer-too-large"
    assert client.send(GET).json() == 2


def test_a_reset_line_is_unknown(serve: Any, talk: Any) -> None:
    def reset(_asked: Asked) -> Said:
        line = server._open[-1]
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        line.close()
        raise OSError

    server = serve(reset)
    assert isinstance(timed(talk(server), POST, 2), OutcomeUnknown)


def test_only_where_the_reach_allows(serve: Any, talk: Any) -> None:
    server = serve(lambda _asked: reply())
    with reach.within(reach.Reach()):
        closed = Wire()
    for url in (
        server.url,
        f"http://127.1:{server.port}",
        f"http://2130706433:{server.port}",
        f"http://[::1]:{server.port}",
    ):
        failure = timed(talk(url, closed), POST, 2)
        assert (type(failure), failure.code) == (Rejected, "host-not-allowed")
    assert server.asked == []


def test_outside_only_tls_and_known_ports(talk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [(socket.AF_INET, 1, 6, "", ("93.184.215.14", 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: entries)
    tried: list[Any] = []

    def connect(address: Any, *_a: Any, **_k: Any) -> Any:
        tried.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    codes = {
        url: timed(talk(url), POST, 2).code
        for url in ("http://api.example", "https://api.example:8443", "https://api.example")
    }
    assert list(codes.values()) == ["tls-missing", "port-not-allowed", "unreachable"]
    assert timed(talk("https://api.example:8443", Wire(ports=(8443,))), POST, 2).code == "unreachable"
    assert tried == [("93.184.215.14", 443), ("93.184.215.14", 8443)]


@pytest.fixture(scope="module")
def pair() -> tuple[str, str]:
    return make_certificate("localhost")


def test_tls_with_the_name_though_the_address_is_fixed(
    serve: Any, talk: Any, pair: tuple[str, str], tmp_path: Path
) -> None:
    context = server_context(tmp_path, *pair)
    named: list[Any] = []
    context.sni_callback = lambda _line, name, _context: named.append(name)
    server = serve(lambda _asked: reply(), context=context)
    talk(server, Wire(authorities=pair[0])).send(GET)
    assert named == ["localhost"]
    assert server.asked[0].headers["host"] == f"localhost:{server.port}"
    assert timed(talk(server), POST, 2).code == "certificate-not-trusted"


def test_tls_for_another_name_or_none(serve: Any, talk: Any, tmp_path: Path, pair: tuple[str, str]) -> None:
    other = make_certificate("other.example")
    server = serve(lambda _asked: reply(), context=server_context(tmp_path, *other))
    assert timed(talk(server, Wire(authorities=other[0])), POST, 2).code == "certificate-not-trusted"
    plain = serve(lambda _asked: reply())
    assert timed(talk(f"https://localhost:{plain.port}"), POST, 2).code in (
        "tls-failed",
        "connect-timeout",
        "unreachable",
    )


def test_mutual_tls(serve: Any, talk: Any, tmp_path: Path, pair: tuple[str, str]) -> None:
    ours = ClientCertificate(*make_certificate("corridor"))
    server = serve(lambda _asked: reply(), context=server_context(tmp_path, *pair, clients=ours.certificate))
    talk(server, Wire(authorities=pair[0], certificate=ours)).send(GET)
    with pytest.raises(Failure):
        talk(server, Wire(authorities=pair[0])).send(GET)
    assert ours.ends_at() > time.time()
    assert "BEGIN" not in repr(ours)
    assert list(tmp_path.glob("*")) == [tmp_path / "server.pem"]


def test_certificates_that_do_not_fit() -> None:
    one, two = make_certificate("one"), make_certificate("two")
    for wrong in (ClientCertificate(one[0], two[1]), ClientCertificate("", one[1]), ClientCertificate(one[0], "key")):
        with pytest.raises(AuthFailed):
            Wire(certificate=wrong)
    with pytest.raises(AuthFailed):
        ClientCertificate("none", one[1]).ends_at()


def test_a_signed_address_is_fetched_as_it_is(serve: Any) -> None:
    base, call = fetching("https://files.example/a%2Fb/{x}?sig=a%2Bb+c&x=%20", "document.download")
    assert base == "https://files.example"
    twin = MemoryCarrier(lambda _asked: Reply(200, (), b"%PDF"))
    done = HttpClient(Http(base), twin).exchange(call)
    assert twin.seen[0].url == "https://files.example/a%2Fb/%7Bx%7D?sig=a%2Bb+c&x=%20"
    assert done.answer_body == b"%PDF"
    assert "sig" not in repr(done) + repr(call)
    assert fetching("https://files.example", "x")[1].exact == "/"
    assert fetching("http://127.0.0.1:8099/f?x=1", "x")[0] == "http://127.0.0.1:8099"  # the wire asks the reach
    for unsafe in (
        "http://files.example/a",
        "http://127.0.0.1.evil.example/a",
        "file:///etc/passwd",
        "https://",
        "https://a@files.example/",
    ):
        with pytest.raises(Rejected, match="address-unsafe"):
            fetching(unsafe, "x")


def test_bodies_with_credentials_are_not_handed_over(speak: Any) -> None:
    client, _ = speak(200, b'{"access_token": "t"}')
    with client:
        done = client.exchange(Call("oauth.token", "POST", "/t", body=Form((("client_secret", "s"),)), secret=True))
    assert (done.request_body, done.answer_body, done.result().json()) == (b"", b"", {"access_token": "t"})
    assert done.record.request_bytes == len(b"client_secret=s")


def test_the_last_call_of_a_window_says_until_when(speak: Any) -> None:
    rules = Rules(rates=RateHeaders(remaining="X-Left", reset="X-Reset"))
    for left, held in (("0", datetime(2026, 11, 25, 12, 0, 30, tzinfo=UTC)), ("1", None)):
        twin = MemoryCarrier(lambda _asked, n=left: Reply(200, (("X-Left", n), ("X-Reset", "30")), b"{}"))
        client = HttpClient(Http("https://api.example", rules=rules), twin, clock=lambda: NOW)
        assert client.exchange(GET).hold_until == held


def test_what_http_cannot_carry(serve: Any, talk: Any) -> None:
    server = serve(lambda _asked: reply())
    failure = timed(talk(server), Call("x", "GE T", "/things"), 2)
    assert (type(failure), failure.code) == (Rejected, "request-unsendable")
    assert server.asked == []


def test_json_is_compact_so_that_signatures_over_it_hold(speak: Any) -> None:
    client, seen = speak()
    with client:
        client.send(POST)
    assert json.loads(path_and_headers(seen[0])[2]) == {"name": SECRET}
    assert b" " not in path_and_headers(seen[0])[2]
