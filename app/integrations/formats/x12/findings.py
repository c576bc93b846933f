"""What is wrong with a file, said so that a person in HR can act on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """ERROR stops the file, WARNING wants a look, NOTE is for information."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One observation about a file.

    code: kebab-case and stable. message: plain words, never an SSN. segment: its id ("" = the whole file).
    position: segment number inside its transaction, ST = 1 (0 = not tied to one). transaction: ST02.
    member_ref: `Member.ref` ("" = not tied to a member).
    """

    severity: Severity
    code: str
    message: str
    segment: str = ""
    position: int = 0
    member_ref: str = ""
    transaction: str = ""


def is_sound(findings: Iterable[Finding]) -> bool:
    """True when nothing found stops the file."""
    return all(finding.severity is not Severity.ERROR for finding in findings)
