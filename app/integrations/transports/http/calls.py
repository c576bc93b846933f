"""What is asked and what comes back, as values. None of them shows a body or a secret when it is printed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

from app.integrations.failures import BrokenAnswer, Failure, Rejected

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Form:
    """application/x-www-form-urlencoded; a name may come more than once."""

    fields: Pairs = field(repr=False)


@dataclass(frozen=True, slots=True)
class Json:
    """application/json, compact, UTF-8."""

    value: Any = field(repr=False)


@dataclass(frozen=True, slots=True)
class File:
    """One file of an upload."""

    field_name: str
    name: str
    content_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Upload:
    """multipart/form-data."""

    files: Sequence[File]
    fields: Pairs = field(default=(), repr=False)


SECURITY = b"<!--security-->"
"""Where credentials that belong into a body go (`auth.kinds.UsernameToken`); a comment, so without them it may stay."""


@dataclass(frozen=True, slots=True)
class Raw:
    """Bytes as they are: XML, CSV. Only `SECURITY` in them gives way to what proves who we are."""

    content_type: str
    data: bytes = field(repr=False)


Body = Form | Json | Upload | Raw


@dataclass(frozen=True, slots=True)
class Call:
    """One request, before base address and credentials. Adapters make these.

    operation: its name in the manifest. path: a template such as `/reports/{id}`; `fills` its values, which are percent-encoded.
    exact: an encoded path with its query, sent instead of `path`, which then is only its name in the record. at: another host the
    provider sent us to (`elsewhere`); our credentials stay at home. secret: the bodies hold credentials or a document, so they are not handed
    over to be stored.
    """

    operation: str
    method: str
    path: str
    fills: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Pairs = field(default=(), repr=False)
    body: Body | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    exact: str = field(default="", repr=False)
    secret: bool = field(default=False, repr=False)
    at: str = field(default="", repr=False)


def fetching(url: str, operation: str) -> tuple[str, Call]:
    """A signed address the provider gave us (a document), as base address and call. Send no credentials there.

    Raises:
        Rejected: it does not begin with https. A sandbox on this machine may do without; whether it may be reached, the wire decides.
    """
    parts = urlsplit(url)
    secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1"))
    if not secure or not parts.netloc or "@" in parts.netloc:
        raise Rejected("address-unsafe", "The provider gave an address that cannot be fetched safely.")
    return f"{parts.scheme}://{parts.netloc}", Call(
        operation, "GET", "/…", exact=f"{parts.path or '/'}?{parts.query}".rstrip("?")
    )


def elsewhere(url: str, operation: str, method: str, body: Body, headers: Mapping[str, str]) -> Call:
    """A call to a signed address the provider gave us (an upload session), sent without credentials. Raises `Rejected`."""
    base, call = fetching(url, operation)
    return replace(call, method=method, body=body, headers=headers, at=base)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A rendered request with its credentials: ready to be carried."""

    method: str
    url: str = field(repr=False)
    headers: Pairs = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a carrier brought back, unjudged."""

    status: int
    headers: Pairs = field(repr=False)
    body: bytes = field(repr=False)


class Carrier(Protocol):
    """Takes one prepared request to the other side. One thread at a time."""

    def carry(self, request: Prepared, seconds: float, most_bytes: int) -> Reply:
        """The whole reply within `seconds`. Raises Unreachable, TimedOut, OutcomeUnknown, BrokenAnswer or Rejected."""

    def close(self) -> None:
        """Ends its connections. Safe to call twice."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A good reply. Header names are lower case; of a header sent twice the last counts."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def json(self) -> Any:
        """The body as JSON. Raises `BrokenAnswer`."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            pass
        raise BrokenAnswer("answer-not-json")


@dataclass(frozen=True, slots=True)
class Exchange:
    """What may be known about one request without reading it; safe to store and log as it is.

    method, path: the template, so no id is in it. status: None when there was no reply. outcome: "ok" or the failure's code.
    request_bytes, answer_bytes: sizes of the bodies. seconds: from the first look-up to the last byte. Headers: values of
    those that can hold no secret and no person; of the others only the name.
    """

    operation: str
    method: str
    path: str
    status: int | None
    outcome: str
    began_at: datetime
    seconds: float
    request_bytes: int
    answer_bytes: int
    request_headers: Pairs
    answer_headers: Pairs


@dataclass(frozen=True, slots=True)
class Exchanged:
    """One request with everything that became of it. The bodies are for the caller to encrypt and store; they already lack Social
    Security numbers, birth dates and numbers of papers (`redact.redacted_body`). `answer` has the body as it came, for the adapter.

    hold_until: the provider said that nothing more may be asked before (UTC, aware), though it answered this one.
    """

    record: Exchange
    request_body: bytes = field(repr=False)
    answer_body: bytes = field(repr=False)
    answer: Answer | None
    failure: Failure | None
    hold_until: datetime | None = None

    def result(self) -> Answer:
        """The answer, or its failure raised."""
        if self.failure is not None:
            raise self.failure
        assert self.answer is not None
        return self.answer
