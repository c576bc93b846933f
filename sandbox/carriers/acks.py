"""TA1 and 999 (005010X231A1) as this carrier writes them: one envelope, its own control numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sandbox.carriers.check import GroupVerdict, Problem, SetVerdict
from sandbox.carriers.x12 import Group, Interchange, Segment, element

ACK_GUIDE = "005010X231A1"
NextNumber = Callable[[str], int]


@dataclass
class Ack:
    kind: str  # "TA1", "999" or "TA1+999"
    text: str


def clean(value: str) -> str:
    """A value copied from the sender, without anything that could break our own delimiters."""
    return "".join(" " if char in "*~:^\r\n" else char for char in value)[:99]


def ta1_segment(interchange: Interchange, code: str) -> Segment:
    header = interchange.header
    return ["TA1", header[13], header[9], header[10], "A" if code == "000" else "R", code]


def set_segments(verdict: SetVerdict) -> list[Segment]:
    segments = [["AK2", "834", clean(verdict.control), verdict.guide]]
    for problem in verdict.problems:
        segments += problem_segments(problem)
    codes = list(verdict.codes)
    if verdict.problems and "5" not in codes:
        codes.append("5")
    segments.append(["IK5", "A" if verdict.accepted else "R", *codes[:5]])
    return segments


def problem_segments(problem: Problem) -> list[Segment]:
    segments = [["IK3", problem.segment, str(problem.position), problem.loop, problem.code]]
    for item in problem.elements:
        place = f"{item.position}:{item.component}" if item.component else str(item.position)
        segments.append(["IK4", place, item.reference, item.code, clean(item.value)])
    return segments


def group_segments(group: Group, verdict: GroupVerdict) -> list[Segment]:
    """AK1 to AK9 for one functional group."""
    header = group.header
    segments = [["AK1", element(header, 1), element(header, 6), element(header, 8)]]
    accepted = 0 if verdict.codes else sum(item.accepted for item in verdict.sets)
    if not verdict.codes:
        for item in verdict.sets:
            segments += set_segments(item)
    received = len(verdict.sets)
    status = "R" if not accepted else "A" if accepted == received else "P"
    declared = element(group.trailer, 1) or str(received)
    segments.append(["AK9", status, declared, str(received), str(accepted), *verdict.codes[:5]])
    return segments


def build_999(
    interchange: Interchange, verdicts: list[GroupVerdict], next_number: NextNumber, at: datetime
) -> list[Segment]:
    """The functional group with one 999 transaction set for each group received."""
    first = interchange.groups[0].header
    control = str(next_number("gs"))
    stamp = [at.strftime("%Y%m%d"), at.strftime("%H%M%S")]
    segments = [["GS", "FA", element(first, 3), element(first, 2), *stamp, control, "X", ACK_GUIDE]]
    for number, (group, verdict) in enumerate(zip(interchange.groups, verdicts, strict=True), start=1):
        st02 = f"{number:04d}"
        body = [["ST", "999", st02, ACK_GUIDE], *group_segments(group, verdict)]
        segments += [*body, ["SE", str(len(body) + 1), st02]]
    return [*segments, ["GE", str(len(verdicts)), control]]


def envelope(
    interchange: Interchange, ta1: list[Segment], groups: list[Segment], next_number: NextNumber, at: datetime
) -> str:
    """ISA, then TA1, then the functional group, then IEA: sender and receiver of the incoming file swapped."""
    theirs = interchange.header
    control = f"{next_number('isa'):09d}"
    blank = [" " * 10]
    header = [
        "ISA", "00", *blank, "00", *blank, theirs[7], theirs[8], theirs[5], theirs[6], at.strftime("%y%m%d"),
        at.strftime("%H%M"), "^", "00501", control, "0", theirs[15], ":",
    ]  # fmt: skip
    trailer = ["IEA", "1" if groups else "0", control]
    return "".join("*".join(trim(item)) + "~\n" for item in [header, *ta1, *groups, trailer])


def trim(segment: Segment) -> Segment:
    """A segment without empty elements at its end."""
    end = len(segment)
    while end > 1 and not segment[end - 1]:
        end -= 1
    return segment[:end]
