"""A small X12 reader: delimiters from the ISA, segments, and the envelopes around transaction sets."""

from __future__ import annotations

from dataclasses import dataclass, field

ISA_BYTES = 106


class Unreadable(Exception):
    """The file has no ISA this carrier can read, so there is nobody to answer to."""


Segment = list[str]


@dataclass
class Set:
    """ST to SE. `segments[0]` is the ST: its position in a 999 is 1."""

    segments: list[Segment]

    @property
    def control(self) -> str:
        return element(self.segments[0], 2)

    @property
    def guide(self) -> str:
        return element(self.segments[0], 3)


@dataclass
class Group:
    header: Segment
    sets: list[Set] = field(default_factory=list)
    trailer: Segment = field(default_factory=list)


@dataclass
class Interchange:
    header: Segment
    text: str
    repetition: str
    groups: list[Group] = field(default_factory=list)
    trailer: Segment = field(default_factory=list)
    stray: list[Segment] = field(default_factory=list)

    @property
    def control(self) -> str:
        return element(self.header, 13)

    @property
    def asks_for_ta1(self) -> bool:
        return element(self.header, 14) == "1"

    @property
    def identity(self) -> str:
        """What must never come twice: sender, receiver, usage and interchange control number."""
        return "|".join(element(self.header, at).strip() for at in (6, 8, 15, 13))


def element(segment: Segment, at: int) -> str:
    """Element `at` (1 is the first after the segment id), or an empty string."""
    return segment[at] if 0 <= at < len(segment) else ""


def read(raw: bytes) -> list[Interchange]:
    """All interchanges of a file. Raises Unreadable when it does not begin with a fixed-width ISA."""
    text = decode(raw).lstrip()
    interchanges = []
    while text:
        interchange, text = read_one(text)
        interchanges.append(interchange)
        text = text.lstrip()
    if not interchanges:
        raise Unreadable("The file is empty.")
    return interchanges


def decode(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def read_one(text: str) -> tuple[Interchange, str]:
    """The first interchange and the text after it."""
    if len(text) < ISA_BYTES or not text.startswith("ISA"):
        raise Unreadable("The file does not begin with an ISA segment.")
    separator, terminator = text[3], text[ISA_BYTES - 1]
    header = text[: ISA_BYTES - 1].split(separator)
    if len(header) != 17 or terminator.isalnum():
        raise Unreadable("The ISA segment is not 106 characters with 16 elements.")
    end = find_end(text, terminator, separator)
    interchange = Interchange(header, text[:end], header[11])
    for piece in text[ISA_BYTES:end].split(terminator):
        if stripped := piece.strip("\r\n"):
            place(interchange, stripped.split(separator))
    return interchange, text[end:]


def find_end(text: str, terminator: str, separator: str) -> int:
    start = text.find(f"IEA{separator}", ISA_BYTES)
    while start > 0 and text[:start].rstrip("\r\n")[-1] != terminator:
        start = text.find(f"IEA{separator}", start + 3)
    if start < 0:
        return len(text)
    end = text.find(terminator, start)
    return len(text) if end < 0 else end + 1


def place(interchange: Interchange, segment: Segment) -> None:
    """Puts one segment where it belongs in the envelopes."""
    name, groups = segment[0], interchange.groups
    if name == "IEA":
        interchange.trailer = segment
    elif name == "GS":
        groups.append(Group(segment))
    elif not groups or groups[-1].trailer:
        interchange.stray.append(segment)
    elif name == "GE":
        groups[-1].trailer = segment
    elif name == "ST":
        groups[-1].sets.append(Set([segment]))
    elif groups[-1].sets:
        groups[-1].sets[-1].segments.append(segment)
    else:
        interchange.stray.append(segment)


def envelope_fault(interchange: Interchange) -> str:
    """The TA105 note code of the first fault in the outer envelope; "000" when there is none."""
    header, trailer = interchange.header, interchange.trailer
    faults = (
        ("003", header[12] != "00501"),
        ("018", not (header[13].isdigit() and len(header[13]) == 9 and int(header[13]) > 0)),
        ("020", header[15] not in {"T", "P"}),
        ("023", not trailer),
        ("001", element(trailer, 2) != header[13]),
        ("021", element(trailer, 1) != str(len(interchange.groups))),
        ("022", bool(interchange.stray)),
        ("024", not interchange.groups),
    )
    return next((code for code, wrong in faults if wrong), "000")
