"""Cuts bytes into X12 segments and elements. Knows nothing of their meaning but ISA and IEA."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from app.integrations.failures import Refused
from app.integrations.formats.x12.findings import Finding, Severity

_CHUNK = 256 * 1024
_LONGEST_SEGMENT = 1024 * 1024
_ISA_LENGTH = 106
_ISA_SEPARATORS = (3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103)
_FOREIGN = (
    (b"%PDF", "This is a PDF, not an X12 file. Ask the carrier for the file itself."),
    (b"PK\x03\x04", "This is a ZIP or Excel file, not an X12 file. Unpack it first."),
    (b"\x1f\x8b", "This file is compressed (gzip). Unpack it first."),
    (b"-----BEGIN PGP", "This file is PGP encrypted. Decrypt it first."),
    (b"\xff\xfe", "This file is saved as UTF-16. Save it as plain text first."),
    (b"\xfe\xff", "This file is saved as UTF-16. Save it as plain text first."),
)


@dataclass(frozen=True, slots=True)
class Delimiters:
    """element: byte 4. component: ISA16. repetition: ISA11 ("" before 5010). terminator: after ISA16."""

    element: str
    component: str
    repetition: str
    terminator: str


def _as_latin1(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error("x12-latin1", _as_latin1)


class Tokens:
    """Iterates over the segments of a file as lists of elements; the first is always ISA.

    `delimiters` are those of the current interchange. Raises `Refused` for what is not X12.
    """

    def __init__(self, source: bytes | BinaryIO) -> None:
        self._stream = io.BytesIO(source) if isinstance(source, bytes) else source
        self._decode = codecs.getincrementaldecoder("utf-8-sig")("x12-latin1").decode
        self._rest = ""
        self._ended = False
        self.offset = 0
        self.delimiters = Delimiters("*", ":", "^", "~")
        self.findings: list[Finding] = []

    def __iter__(self) -> Iterator[list[str]]:
        self._refuse_foreign()
        first = True
        while self._find_isa(first):
            first = False
            yield from self._interchange()

    def _fill(self) -> bool:
        """Reads one more chunk into the rest; False at the end of the file."""
        chunk = self._stream.read(_CHUNK)
        self._ended = not chunk
        self._rest += self._decode(chunk, final=self._ended)
        self.offset += len(chunk)
        return not self._ended

    def _refuse_foreign(self) -> None:
        start = self._stream.read(_CHUNK)
        self.offset = len(start)
        for magic, reason in _FOREIGN:
            if start.startswith(magic):
                raise Refused("not-x12", reason)
        if not start.strip():
            raise Refused("empty-file", "The file is empty.")
        if b"\x00" in start:
            raise Refused("not-x12", "The file holds binary data; X12 is plain text.", start.index(b"\x00"))
        self._rest = self._decode(start)

    def _find_isa(self, first: bool) -> bool:
        """Moves to the next ISA and reads its delimiters. False when there is none."""
        self._rest = self._rest.lstrip()
        while len(self._rest) < 2 * _ISA_LENGTH and self._fill():
            self._rest = self._rest.lstrip()
        if not self._rest:
            return False
        if not self._rest.startswith("ISA"):
            if first:
                self._refuse_without_isa()
            self._find("text-after-end", "There is text after the end of the interchange; it was ignored.")
            return False
        self.delimiters = self._detect()
        return True

    def _refuse_without_isa(self) -> None:
        known = self._rest[:2] in ("GS", "ST", "BG")
        reason = (
            "The first line (ISA, the sender's and receiver's envelope) is missing; the file was cut at the start."
            if known
            else "The file does not begin with ISA, as every X12 file does. It is probably another kind of file."
        )
        raise Refused("isa-missing", reason)

    def _detect(self) -> Delimiters:
        text = self._rest
        element = text[3:4]
        if not element or element.isalnum() or element.isspace():
            raise Refused("isa-unreadable", "The character after ISA is no separator.", 3)
        if len(text) >= _ISA_LENGTH and all(text[at] == element for at in _ISA_SEPARATORS):
            component, terminator = text[104], text[105]
        else:
            component, terminator = self._detect_by_count(element)
        if terminator.isalnum() or terminator in (element, component) or component.isalnum():
            raise Refused("isa-unreadable", "The end of the ISA line cannot be recognized.", 105)
        repetition = text.split(element, 12)[11]  # "U" in files written the old way
        return Delimiters(element, component, "" if repetition.isalnum() else repetition, terminator)

    def _detect_by_count(self, element: str) -> tuple[str, str]:
        """The ISA has the wrong width (blanks lost in copying): count its separators instead."""
        parts = self._rest[: 2 * _ISA_LENGTH].split(element, 16)
        if len(parts) < 17 or len(parts[16]) < 2 or any(len(part) > 20 or "\n" in part for part in parts[:16]):
            raise Refused("isa-unreadable", "The ISA line is incomplete: it needs 16 fields of fixed width.")
        self._find("isa-width", "The ISA line has not its 106 characters; most carriers refuse such a file.", "ISA")
        return parts[16][0], parts[16][1]

    def _interchange(self) -> Iterator[list[str]]:
        """The segments of the current interchange, ISA first; what follows IEA stays in the rest."""
        separator, terminator = self.delimiters.element, self.delimiters.terminator
        started = False
        while True:
            segments = self._rest.split(terminator)
            self._rest = ""
            last = segments.pop()
            for index, raw in enumerate(segments):
                text = raw.lstrip()
                if not text:
                    continue
                elements = text.split(separator)
                kind = elements[0]
                if kind == "ISA" and started and len(elements) > 1:
                    self._rest = terminator.join([*segments[index:], last])
                    return
                started = True
                yield elements
                if kind == "IEA":
                    self._rest = terminator.join([*segments[index + 1 :], last])
                    return
            self._rest = last
            if len(last) > _LONGEST_SEGMENT:
                raise Refused("segment-endless", "A segment never ends: the terminator is missing.", self.offset)
            if not self._fill():
                yield from self._unterminated(separator)
                return

    def _unterminated(self, separator: str) -> Iterator[list[str]]:
        """The last segment when the file ends without a terminator."""
        text, self._rest = self._rest.strip(), ""
        if text:
            yield text.split(separator)
            if not text.startswith("IEA"):
                self._find("file-cut", "The file ends in the middle of a segment; it was probably cut.")

    def _find(self, code: str, message: str, segment: str = "") -> None:
        self.findings.append(Finding(Severity.ERROR, code, message, segment))
