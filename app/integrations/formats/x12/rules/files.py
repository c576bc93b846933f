"""Traps of the whole file: totals, header, punctuation, name."""

from __future__ import annotations

import re
from collections.abc import Callable

from app.integrations.formats.x12.eight34 import File834
from app.integrations.formats.x12.envelope import X12Stream
from app.integrations.formats.x12.findings import Finding, Severity
from app.integrations.formats.x12.member_writer import usable_ssn
from app.integrations.formats.x12.rules.case import Case, Findings

_SHORTEST_NAME = 4


def totals_are_true(case: Case) -> Findings:
    """QTY: TO all members, DT dependents, ET subscribers."""
    members = case.transaction.members
    subscribers = sum(m.subscriber for m in members)
    actual = {"TO": len(members), "ET": subscribers, "DT": len(members) - subscribers}
    for qualifier, told in case.transaction.counts:
        if qualifier in actual and actual[qualifier] != told:
            message = f"QTY*{qualifier} says {told}, but there are {actual[qualifier]}."
            yield case.error("total-wrong", message, "QTY")


def resend_names_original(case: Case) -> Findings:
    """BGN01 = 15 or 22 needs BGN06, the reference of the file it repeats."""
    if case.transaction.kind in ("15", "22") and not case.transaction.original_reference:
        yield case.error("original-missing", "A repeated file must name the original (BGN06).", "BGN")


def action_is_known(case: Case) -> Findings:
    """BGN08 = 2, 4 or RX."""
    if case.transaction.action not in ("2", "4", "RX"):
        yield case.error("action-unknown", "BGN08 says neither changes (2) nor full file (4, RX).", "BGN")


def usage_fits_phase(case: Case) -> Findings:
    """A file marked T sent to production is silently a test; one marked P during testing enrolls real people."""
    if case.profile is not None and case.transaction.usage != case.profile.usage:
        message = (
            f"ISA15 says {case.transaction.usage or 'nothing'}, but the connection is set to {case.profile.usage}."
        )
        yield case.error("usage-differs", message, "ISA")


FILE_RULES: tuple[Callable[[Case], Findings], ...] = (
    totals_are_true, resend_names_original, action_is_known, usage_fits_phase,
)  # fmt: skip


def check_punctuation(data: bytes) -> list[Finding]:
    """Trailing separators and line breaks inside data, which some carriers' readers do not survive."""
    findings: list[Finding] = []
    stream = X12Stream(data)
    for elements in stream:
        if elements[0] != "ISA" and len(elements) > 1 and not elements[-1]:
            message = "The segment ends with an empty element (a trailing separator)."
            findings.append(_warning("trailing-separator", message, elements[0], stream))
        if any("\n" in element or "\r" in element for element in elements):
            message = "There is a line break inside the data."
            findings.append(_warning("line-break-inside", message, elements[0], stream))
    return findings


def _warning(code: str, message: str, segment: str, stream: X12Stream) -> Finding:
    return Finding(Severity.WARNING, code, message, segment, stream.position, transaction=stream.st02)


def check_name(name: str, file: File834) -> list[Finding]:
    """A file name travels through logs and mails: no name, number or SSN of a member may be in it."""
    words = set(re.split(r"[^A-Z]+", name.upper()))
    numbers = set(re.split(r"[^A-Z0-9]+", name.upper()))
    for member in file.members:
        named = {part.upper() for part in (member.last_name, member.first_name) if len(part) >= _SHORTEST_NAME}
        ssn = usable_ssn(member.ssn)
        if named & words or (ssn and ssn in name.replace("-", "")) or member.subscriber_number.upper() in numbers:
            message = "The file name holds a name or number of a member. Rename the file."
            return [Finding(Severity.ERROR, "person-in-file-name", message)]
    return []
