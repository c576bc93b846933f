"""Reads any X12 file tolerantly, one segment at a time: delimiters from the file itself, control totals audited.

Memory stays flat whatever the size of the file. What is merely wrong becomes a finding; only what cannot be read at
all is `Refused`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from app.integrations.formats.x12.audit import Audit
from app.integrations.formats.x12.findings import Finding
from app.integrations.formats.x12.tokens import Delimiters, Tokens

Source = bytes | BinaryIO


@dataclass(frozen=True, slots=True)
class Interchange:
    """ISA facts. usage: T or P. control: ISA13 as written."""

    sender: str
    receiver: str
    date: str
    control: str
    usage: str
    version: str
    delimiters: Delimiters


@dataclass(frozen=True, slots=True)
class Group:
    """GS facts. code: GS01. control: GS06. version: GS08."""

    code: str
    sender: str
    receiver: str
    control: str
    version: str


@dataclass(slots=True)
class TransactionSet:
    """One ST…SE with its segments as lists of elements, ST and SE included; segments[0] is ST, position 1."""

    code: str
    control: str
    version: str
    interchange: Interchange
    group: Group
    segments: list[list[str]] = field(default_factory=list)


_NO_GROUP = Group("", "", "", "", "")


class X12Stream:
    """Iterates over the segments of a file as lists of elements, envelope included.

    While iterating, `interchange`, `group`, `st02` and `position` (segment number inside the transaction, ST = 1;
    0 outside) tell where the reader stands; `findings` grows. Raises `Refused` for what is not X12.
    """

    def __init__(self, source: Source) -> None:
        self._tokens = Tokens(source)
        self._audit = Audit()
        self.interchange: Interchange | None = None
        self.group: Group = _NO_GROUP
        self.st02 = ""

    @property
    def position(self) -> int:
        return self._audit.position

    @property
    def findings(self) -> list[Finding]:
        """All findings so far: of the tokens, then of the control totals."""
        return [*self._tokens.findings, *self._audit.findings]

    @property
    def offset(self) -> int:
        """Characters consumed so far; for progress bars."""
        return self._tokens.offset

    def __iter__(self) -> Iterator[list[str]]:
        audit = self._audit
        for elements in self._tokens:
            kind = elements[0]
            if kind in _CONTROL:
                self._place(kind, elements)
                audit.control(kind, elements)
                yield elements
                if kind == "SE":
                    audit.position = 0
                    self.st02 = ""
                continue
            if audit.position:
                audit.position += 1
            yield elements
        audit.end()

    def _place(self, kind: str, elements: list[str]) -> None:
        if kind == "ISA":
            e = _padded(elements, 17)
            self.interchange = Interchange(
                e[6].strip(), e[8].strip(), e[9], e[13].strip(), e[15], e[12], self._tokens.delimiters
            )
            self.group = _NO_GROUP
        elif kind == "GS":
            e = _padded(elements, 9)
            self.group = Group(e[1], e[2].strip(), e[3].strip(), e[6].strip(), e[8].strip())
        elif kind == "ST":
            self.st02 = _padded(elements, 3)[2].strip()


_CONTROL = frozenset({"ISA", "TA1", "GS", "ST", "SE", "GE", "IEA"})


def _padded(elements: list[str], size: int) -> list[str]:
    return elements + [""] * (size - len(elements))


@dataclass(frozen=True, slots=True)
class X12File:
    """A whole file in memory, for acknowledgements and small files. ta1s: TA1 segments with their interchange."""

    interchanges: tuple[Interchange, ...]
    transactions: tuple[TransactionSet, ...]
    ta1s: tuple[tuple[Interchange, list[str]], ...]
    findings: tuple[Finding, ...]


def read_x12(source: Source) -> X12File:
    """The whole file as transaction sets. Raises `Refused` for what is not X12."""
    stream = X12Stream(source)
    interchanges: list[Interchange] = []
    transactions: list[TransactionSet] = []
    ta1s: list[tuple[Interchange, list[str]]] = []
    for elements in stream:
        here = stream.interchange
        assert here is not None  # the first segment is always ISA
        if elements[0] == "ISA":
            interchanges.append(here)
        elif elements[0] == "TA1":
            ta1s.append((here, elements))
        elif elements[0] == "ST":
            version = _padded(elements, 4)[3].strip() or stream.group.version
            code = _padded(elements, 2)[1].strip()
            transactions.append(TransactionSet(code, stream.st02, version, here, stream.group))
        if stream.position and transactions:
            transactions[-1].segments.append(elements)
    return X12File(tuple(interchanges), tuple(transactions), tuple(ta1s), tuple(stream.findings))
