"""The syntax check of an interchange by pyx12 4.0.0, with its known faults worked around.

pyx12's own 999 is not sendable (guide X231, TA1 after GE, control numbers from the clock), so only its JSON
errors are used. Repeated elements crash it: it sees the first repetition only. A missing DTP between two HD
segments escapes it: checked here.
"""

from __future__ import annotations

import io
import json
import logging
import threading
from dataclasses import dataclass, field
from typing import Any

import pyx12.params
import pyx12.x12n_document
from pyx12.errors import EngineError, X12Error

from sandbox.carriers.x12 import Interchange, Set, element

logging.getLogger("pyx12").addHandler(logging.NullHandler())
logging.getLogger("pyx12").propagate = False

GUIDE = "005010X220A1"
SEGMENT_CODES = {"1", "2", "3", "4", "5", "6", "7", "8"}
ELEMENT_CODES = {"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "12", "13"}
one_at_a_time = threading.Lock()  # pyx12 makes no promise about threads


@dataclass
class ElementProblem:
    position: int
    component: int | None
    reference: str
    code: str
    value: str


@dataclass
class Problem:
    """One IK3 with its IK4s. `text` is for people, it is not sent."""

    segment: str
    position: int
    code: str
    text: str
    loop: str = ""
    elements: list[ElementProblem] = field(default_factory=list)


@dataclass
class SetVerdict:
    control: str
    guide: str
    problems: list[Problem] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)  # IK502 and on

    @property
    def accepted(self) -> bool:
        return not self.problems and not self.codes


@dataclass
class GroupVerdict:
    sets: list[SetVerdict]
    codes: list[str] = field(default_factory=list)  # AK905 and on


def check(interchange: Interchange, extra_hd03: list[str]) -> list[GroupVerdict]:
    """One verdict for each functional group, in the order of the file."""
    verdicts = [
        GroupVerdict([SetVerdict(item.control, item.guide, missing_dates(item)) for item in group.sets])
        for group in interchange.groups
    ]
    for group, verdict in zip(interchange.groups, verdicts, strict=True):
        if element(group.header, 1) != "BE" or element(group.header, 8) != GUIDE:
            verdict.codes.append("2")
    if any(verdict.codes for verdict in verdicts):
        return verdicts
    for verdict, found in zip(verdicts, ask_pyx12(interchange), strict=False):
        merge_group(verdict, found, extra_hd03)
    return verdicts


def ask_pyx12(interchange: Interchange) -> list[dict[str, Any]]:
    """pyx12's groups. When it fails on the content, every set is refused with its reason."""
    answer = io.StringIO()
    try:
        with one_at_a_time:
            pyx12.x12n_document.x12n_document(
                pyx12.params.params(), io.StringIO(plain_text(interchange)), None, None, fd_json=answer
            )
        document = json.loads(answer.getvalue() or "{}")
    except (EngineError, X12Error, IndexError, KeyError, AttributeError, AssertionError, ValueError) as fault:
        return [failed(group.sets, fault) for group in interchange.groups]
    found: list[dict[str, Any]] = document.get("interchanges", [{}])[0].get("groups", [])
    return found or [failed(group.sets, "no result") for group in interchange.groups]


def failed(sets: list[Set], fault: object) -> dict[str, Any]:
    reason = {"err_cde": "5", "err_str": f"The validator stopped: {fault}"}
    return {"errors": [], "transactions": [{"errors": [reason], "segments": []} for _ in sets]}


def plain_text(interchange: Interchange) -> str:
    """The interchange with only the first repetition of repeated elements (pyx12 cannot read the others)."""
    text, mark = interchange.text, interchange.repetition
    if mark.isalnum() or mark not in text[106:]:
        return text
    separator, terminator = text[3], text[105]
    lines = text[106:].split(terminator)
    return text[:106] + terminator.join(first_repetitions(line, separator, mark) for line in lines)


def first_repetitions(line: str, separator: str, mark: str) -> str:
    if not line.strip().startswith("DMG"):
        return line
    return separator.join(part.split(mark)[0] for part in line.split(separator))


def missing_dates(item: Set) -> list[Problem]:
    """Each HD needs its own DTP before the next HD or member."""
    problems, open_hd = [], False
    for position, segment in enumerate(item.segments, start=1):
        if segment[0] in {"HD", "INS", "SE"}:
            if open_hd:
                problems.append(Problem("DTP", position, "3", "HD without a DTP of its own", "2300"))
            open_hd = segment[0] == "HD"
        elif segment[0] == "DTP":
            open_hd = False
    return problems


def merge_group(verdict: GroupVerdict, found: dict[str, Any], extra_hd03: list[str]) -> None:
    verdict.codes += sorted({str(item["err_cde"]) for item in found["errors"]})
    for item, result in zip(verdict.sets, found["transactions"], strict=False):
        item.codes += sorted({str(error["err_cde"]) for error in result["errors"]} - set(item.codes))
        known = {(problem.segment, problem.position, problem.code) for problem in item.problems}
        for segment in result["segments"]:
            for problem in problems_of(segment, extra_hd03):
                if (problem.segment, problem.position, problem.code) not in known:
                    item.problems.append(problem)


def problems_of(segment: dict[str, Any], extra_hd03: list[str]) -> list[Problem]:
    elements, texts = [], []
    for item in segment["elements"]:
        for error in item["errors"]:
            if segment["seg_id"] == "HD" and item["ele_pos"] == 3 and error["err_val"] in extra_hd03:
                continue
            texts.append(str(error["err_str"]))
            elements.append(element_problem(item, error))
    problems = [
        Problem(segment["seg_id"], segment["seg_count"], segment_code(error["err_cde"]), str(error["err_str"]))
        for error in segment["errors"]
    ]
    if elements:
        problems.append(Problem(segment["seg_id"], segment["seg_count"], "8", "; ".join(texts), elements=elements))
    return problems


def element_problem(item: dict[str, Any], error: dict[str, Any]) -> ElementProblem:
    code = str(error["err_cde"])
    return ElementProblem(
        int(item["ele_pos"]),
        item["subele_pos"],
        str(item["ele_ref_num"] or ""),
        code if code in ELEMENT_CODES else "7",
        str(error["err_val"] or ""),
    )


def segment_code(code: object) -> str:
    return str(code) if str(code) in SEGMENT_CODES else "8"
