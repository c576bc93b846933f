"""One request that reached the webhook door, exactly as it came, and what may be wrong with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Reason(StrEnum):
    """Why a delivery is not believed. Stable: for logs, events and counters."""

    HEADER_MISSING = "header-missing"
    SIGNATURE_UNREADABLE = "signature-unreadable"
    SIGNATURE_WRONG = "signature-wrong"
    TIMESTAMP_MISSING = "timestamp-missing"
    TIMESTAMP_UNREADABLE = "timestamp-unreadable"
    TIMESTAMP_STALE = "timestamp-stale"
    TOKEN_WRONG = "token-wrong"  # noqa: S105 a reason
    BODY_UNREADABLE = "body-unreadable"
    SECRET_MISSING = "secret-missing"  # noqa: S105 a reason


class NotBelieved(Exception):
    """The delivery does not prove where it comes from. Answer 401 with nothing in it."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Delivery:
    """headers: any case. body: the raw bytes, before anything parsed them. query: of the address it was sent to."""

    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)

    def header(self, name: str) -> str:
        """Empty when it is missing."""
        wanted = name.lower()
        return next((value for key, value in self.headers.items() if key.lower() == wanted), "")

    def json(self) -> Any:
        """The body as JSON. Raises `NotBelieved` when it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            pass
        raise NotBelieved(Reason.BODY_UNREADABLE)
