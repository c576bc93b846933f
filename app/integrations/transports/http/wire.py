"""The real line: to one allowed address only, over TLS, and never a moment longer than the deadline."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import httpcore2

from app.integrations.failures import BrokenAnswer, Failure, OutcomeUnknown, Rejected, TimedOut, Unreachable
from app.integrations.transports import reach
from app.integrations.transports.http.calls import Prepared, Reply
from app.integrations.transports.http.tls import ClientCertificate, trusting


@dataclass
class _Attempt:
    """One request under way. leaving: its first byte may have left; left: its last byte did; refused: by our own rules."""

    ends: float = 0
    leaving: bool = False
    left: bool = False
    secure: bool = True
    refused: Rejected | None = field(default=None, repr=False)

    def seconds_left(self) -> float:
        """Raises httpcore's `ReadTimeout` when there are none."""
        left = self.ends - time.monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout
        return left

    def note(self, event: str, _info: Any) -> None:
        if event.endswith("send_request_headers.started"):
            self.leaving = True
        elif event.endswith("send_request_body.complete"):
            self.left = True


class Wire:
    """Carries requests within the reach it was made in. One thread at a time; connections are kept between calls.

    ports: where a provider may listen; a sandbox that the reach opens may listen anywhere and speak without TLS.
    certificate: ours, for mutual TLS. authorities: PEM of a private authority, instead of the system's.
    """

    def __init__(
        self,
        *,
        ports: Iterable[int] = (443,),
        connect_seconds: float = 10,
        certificate: ClientCertificate | None = None,
        authorities: str = "",
    ) -> None:
        self._attempt = _Attempt()
        self._pool = httpcore2.ConnectionPool(
            ssl_context=trusting(authorities, certificate),
            network_backend=_Guarded(self._attempt, reach.current(), frozenset(ports)),
            max_connections=1,
            keepalive_expiry=5,  # less than servers wait: a line they close under a request leaves its outcome open
        )
        self._connect_seconds = connect_seconds

    def carry(self, request: Prepared, seconds: float, most_bytes: int) -> Reply:
        """See `Carrier.carry`."""
        attempt = self._attempt
        attempt.ends = time.monotonic() + seconds
        attempt.leaving = attempt.left = False
        attempt.refused = None
        attempt.secure = request.url.startswith("https:")
        try:
            return self._exchange(request, seconds, most_bytes)
        except Failure:
            raise
        except Exception as error:  # httpcore raises its own kinds, and h11 now and then one of its own
            failure = attempt.refused or _as_failure(error, attempt)
        # Outside of the except block: what the library says may quote a header.
        raise failure

    def close(self) -> None:
        """See `Carrier.close`."""
        self._pool.close()

    def _exchange(self, request: Prepared, seconds: float, most_bytes: int) -> Reply:
        waits = {"connect": min(self._connect_seconds, seconds), "read": seconds, "write": seconds, "pool": seconds}
        extensions = {"timeout": waits, "trace": self._attempt.note}
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in request.headers]
        with self._pool.stream(
            request.method, request.url, headers=headers, content=request.body or None, extensions=extensions
        ) as response:
            got = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers]
            if any(name.lower() == "content-encoding" and value.lower() not in ("", "identity") for name, value in got):
                raise BrokenAnswer("answer-compressed")
            return Reply(response.status, tuple(got), _whole(response.iter_stream(), most_bytes))


def _whole(chunks: Iterable[bytes], most_bytes: int) -> bytes:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > most_bytes:
            raise BrokenAnswer("answer-too-large")
    return bytes(body)


def _as_failure(error: Exception, attempt: _Attempt) -> Failure:
    if isinstance(error, httpcore2.LocalProtocolError):
        return Rejected("request-unsendable", "The request holds something that HTTP cannot carry.")
    late = isinstance(error, httpcore2.TimeoutException)
    if not attempt.leaving:
        return Unreachable(_why_unreachable(error, late))
    if late:
        return TimedOut("deadline", True if attempt.left else None)
    if isinstance(error, httpcore2.NetworkError | OSError):
        return OutcomeUnknown("connection-lost")
    return BrokenAnswer("answer-garbled")


def _why_unreachable(error: BaseException, late: bool) -> str:
    step: BaseException | None = error
    while step is not None:
        if isinstance(step, ssl.SSLCertVerificationError):
            return "certificate-not-trusted"
        if isinstance(step, ssl.SSLError):
            return "tls-failed"
        step = step.__cause__ or step.__context__
    return "connect-timeout" if late else "unreachable"


class _Guarded(httpcore2.NetworkBackend):
    """Resolves once, checks every address, connects to those very addresses. TLS goes on with the name, as it must."""

    def __init__(self, attempt: _Attempt, rule: reach.Reach, ports: frozenset[int]) -> None:
        self._attempt = attempt
        self._reach = rule
        self._ports = ports
        self._plain = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore2.NetworkStream:
        del local_address, socket_options  # nobody sets them
        left = self._attempt.seconds_left()
        try:
            line = reach.connect_by(self._dial, host, port, min(timeout or left, left), self._reach)
        except Rejected as refused:
            self._attempt.refused = refused
            raise httpcore2.ConnectError from None
        except OSError as error:
            raise (httpcore2.ConnectTimeout if isinstance(error, TimeoutError) else httpcore2.ConnectError) from None
        return _Timed(line, self._attempt)

    def _dial(self, address: str, port: int, seconds: float) -> httpcore2.NetworkStream:
        if not self._reach.is_sandbox(reach.read_address(address)):
            if not self._attempt.secure:
                raise Rejected("tls-missing", "The provider's address must begin with https://.")
            if port not in self._ports:
                raise Rejected("port-not-allowed", "Corridor may not connect to this port of a provider.")
        try:
            return self._plain.connect_tcp(address, port, seconds)
        except httpcore2.TimeoutException:
            raise TimeoutError from None
        except httpcore2.NetworkError:
            raise ConnectionRefusedError from None


class _Timed(httpcore2.NetworkStream):
    """A stream whose every wait ends at the deadline of the request under way; a byte now and then buys no time."""

    def __init__(self, line: httpcore2.NetworkStream, attempt: _Attempt) -> None:
        self._line = line
        self._attempt = attempt

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = self._attempt.seconds_left()
        return self._line.read(max_bytes, min(timeout or left, left))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        del timeout  # the deadline is nearer
        line: socket.socket = self._line.get_extra_info("socket")
        rest = memoryview(buffer)
        while rest:
            line.settimeout(self._attempt.seconds_left())
            try:
                rest = rest[line.send(rest) :]
            except TimeoutError:
                raise httpcore2.WriteTimeout from None
            except OSError:
                raise httpcore2.WriteError from None

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        left = self._attempt.seconds_left()
        return _Timed(self._line.start_tls(ssl_context, server_hostname, min(timeout or left, left)), self._attempt)

    def close(self) -> None:
        self._line.close()

    def get_extra_info(self, info: str) -> Any:
        return self._line.get_extra_info(info)
