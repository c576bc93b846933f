"""Reads an 834 back into facts, one member at a time, tolerantly: what cannot be understood becomes a finding."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from app.integrations.failures import Refused
from app.integrations.formats.x12.eight34 import File834, Member, Transaction834
from app.integrations.formats.x12.envelope import Source, X12Stream
from app.integrations.formats.x12.findings import Finding, Severity
from app.integrations.formats.x12.member_reader import MemberReader
from app.integrations.formats.x12.profile import CarrierProfile


def read_834(source: Source, profile: CarrierProfile | None = None) -> File834:
    """The whole file. With a profile, its dialect is undone: end dates, plan codes, class and division references.

    Raises `Refused` when the file is not X12 or holds no 834.
    """
    reader = Reader834(source, profile)
    members: list[list[Member]] = []
    for member in reader:
        while len(members) < len(reader.headers):
            members.append([])
        members[-1].append(member)
    members += [[] for _ in range(len(reader.headers) - len(members))]
    transactions = [
        replace(header, members=tuple(found)) for header, found in zip(reader.headers, members, strict=True)
    ]
    return File834(tuple(transactions), tuple(reader.findings))


def member_at(file: File834, st02: str, position: int) -> Member | None:
    """Whose segment it is: the member of transaction `st02` in whose loop segment number `position` lies."""
    found = None
    for transaction in file.transactions:
        if transaction.st02 == st02:
            for member in transaction.members:
                if member.position > position:
                    break
                found = member
    return found


class Reader834:
    """Iterates over the members of a file in flat memory. `headers`: one `Transaction834` without members for each
    834 begun so far, so the member just given belongs to `headers[-1]`."""

    def __init__(self, source: Source, profile: CarrierProfile | None = None) -> None:
        self._stream = X12Stream(source)
        self._members = MemberReader(profile, self._find)
        self._found: list[Finding] = []
        self._header: dict[str, Any] = {}
        self.headers: list[Transaction834] = []

    @property
    def findings(self) -> list[Finding]:
        return [*self._stream.findings, *self._found]

    @property
    def offset(self) -> int:
        """Bytes consumed so far; for progress bars."""
        return self._stream.offset

    def __iter__(self) -> Iterator[Member]:
        members, stream, handlers = self._members, self._stream, self._members.handlers
        inside = False
        kinds: set[str] = set()
        for elements in stream:
            kind = elements[0]
            if kind in _ENDS:
                if inside and (member := members.finish()):
                    yield member
                inside = kind == "ST" and elements[1:2] == ["834"]
                if kind == "ST":
                    kinds.add("".join(elements[1:2]))
                if inside:
                    self._begin(elements)
            elif inside:
                elements.extend(_BLANKS)
                if kind == "INS":
                    if member := members.finish():
                        yield member
                    members.begin(elements, stream.position, f"{stream.st02}/{stream.position}")
                elif not members.open:
                    self._take_header(kind, elements)
                elif kind == "HD":
                    members.begin_coverage(elements, stream.position)
                elif handler := handlers.get(kind):
                    handler(elements)
                else:
                    members.skip(kind)
        if not self.headers:
            raise Refused("no-834", _what_it_is(kinds))

    def _begin(self, elements: list[str]) -> None:
        stream = self._stream
        here = stream.interchange
        version = "".join(elements[3:4]).strip() or stream.group.version
        if not version.startswith("005010X220"):
            self._find(Severity.WARNING, "version", "This is not the current guide 005010X220A1.", "ST")
        self.headers.append(
            Transaction834(
                st02=stream.st02,
                members=(),
                isa13=here.control if here else "",
                usage=here.usage if here else "",
                gs06=stream.group.control,
                version=version,
            )
        )

    def _take_header(self, kind: str, e: list[str]) -> None:
        change = _HEADER.get((kind, e[1]) if kind in ("REF", "N1") else (kind, ""))
        if change:
            self.headers[-1] = replace(self.headers[-1], **change(e))
        elif kind == "DTP":
            if on := self._members.read_date(e[3], "DTP"):
                self.headers[-1] = replace(self.headers[-1], dates=(*self.headers[-1].dates, (e[1], on)))
        elif kind == "QTY":
            if e[2].isdecimal() and len(e[2]) < 16:
                counts = (*self.headers[-1].counts, (e[1], int(e[2])))
                self.headers[-1] = replace(self.headers[-1], counts=counts)
            else:
                self._find(Severity.ERROR, "count-unreadable", "A total (QTY) is not a number.", "QTY")

    def _find(self, severity: Severity, code: str, message: str, segment: str = "", ref: str = "") -> None:
        stream = self._stream
        self._found.append(Finding(severity, code, message, segment, stream.position, ref, stream.st02))


_BLANKS = [""] * 18
_ENDS = frozenset({"ST", "SE", "GE", "GS", "IEA", "ISA"})

_HEADER: dict[tuple[str, str], Callable[[list[str]], dict[str, Any]]] = {
    ("BGN", ""): lambda e: {"kind": e[1], "reference": e[2], "original_reference": e[6], "action": e[8].strip()},
    ("REF", "38"): lambda e: {"master_policy": e[2]},
    ("N1", "P5"): lambda e: {"sponsor_name": e[2], "sponsor_id": e[4]},
    ("N1", "IN"): lambda e: {"payer_name": e[2], "payer_id": e[4]},
}


def _what_it_is(kinds: set[str]) -> str:
    if kinds & {"999", "997"}:
        return "This is an acknowledgement (999), not an 834."
    known = ", ".join(sorted(kind for kind in kinds if kind.isdecimal() and len(kind) == 3))
    return f"The file holds no 834 enrollment, but {known}." if known else "The file holds no 834 enrollment."
