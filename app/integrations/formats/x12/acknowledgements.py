"""Reads TA1, 999 and 997: what a carrier's computer says about a file. "Accepted" means syntax only, never covered.

A 999 names our group by GS06 and our transactions by ST02; it never has our ISA13. Only a TA1 has.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from app.integrations.failures import Refused
from app.integrations.formats.x12.ack_codes import (
    ELEMENT_ERRORS,
    GROUP_ERRORS,
    SEGMENT_ERRORS,
    SET_ERRORS,
    TA1_NOTES,
)
from app.integrations.formats.x12.envelope import Source, TransactionSet, read_x12
from app.integrations.formats.x12.findings import Finding


class Verdict(StrEnum):
    """A accepted, E accepted with errors, P partly accepted, R rejected; M, W and X are rejected for security."""

    ACCEPTED = "A"
    ACCEPTED_WITH_ERRORS = "E"
    PARTIAL = "P"
    REJECTED = "R"
    BAD_AUTHENTICATION = "M"
    BAD_VALIDITY = "W"
    UNDECRYPTABLE = "X"
    UNKNOWN = "?"

    @property
    def accepted(self) -> bool:
        """The carrier took all of it."""
        return self in (Verdict.ACCEPTED, Verdict.ACCEPTED_WITH_ERRORS)


@dataclass(frozen=True, slots=True)
class Complaint:
    """One error the carrier reports. message: plain words without the bad value. position: segment number in the
    transaction, ST = 1 (see `reader.member_at`). element: number inside the segment, 0 when the segment is meant."""

    code: str
    message: str
    segment: str
    position: int
    element: int = 0


@dataclass(frozen=True, slots=True)
class SetResult:
    """The answer to one ST. reasons: plain words from IK502 on."""

    st02: str
    code: str
    verdict: Verdict
    complaints: tuple[Complaint, ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupResult:
    """The answer to one GS. The three counts are transactions: told by us, received, accepted (None = unreadable)."""

    gs06: str
    code: str
    version: str
    verdict: Verdict
    included: int | None = None
    received: int | None = None
    accepted: int | None = None
    sets: tuple[SetResult, ...] = ()
    reasons: tuple[str, ...] = ()

    def verdict_for(self, st02: str) -> Verdict:
        """Of one of our transactions. One that is not listed shares the group's fate, unless that is partial."""
        for result in self.sets:
            if _same_number(result.st02, st02):
                return result.verdict
        return Verdict.UNKNOWN if self.verdict is Verdict.PARTIAL else self.verdict


@dataclass(frozen=True, slots=True)
class InterchangeResult:
    """A TA1: the answer to one ISA. note: TA105 in plain words. duplicate: the control number was used before."""

    isa13: str
    verdict: Verdict
    note_code: str
    note: str

    @property
    def duplicate(self) -> bool:
        return self.note_code == "025"


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Everything one acknowledgement file says. findings: faults of the acknowledgement file itself."""

    interchanges: tuple[InterchangeResult, ...]
    groups: tuple[GroupResult, ...]
    findings: tuple[Finding, ...] = ()

    def group(self, gs06: str) -> GroupResult | None:
        """The answer to our group of that control number."""
        return next((group for group in self.groups if _same_number(group.gs06, gs06)), None)

    def interchange(self, isa13: str) -> InterchangeResult | None:
        """The TA1 for our interchange of that control number."""
        return next((result for result in self.interchanges if _same_number(result.isa13, isa13)), None)


def read_acknowledgement(source: Source) -> Acknowledgement:
    """TA1s and 999s (or 997s) of one file. Raises `Refused` when it is not X12 or holds neither."""
    file = read_x12(source)
    interchanges = tuple(_interchange(elements) for _, elements in file.ta1s)
    answers = [transaction for transaction in file.transactions if transaction.code in ("999", "997")]
    groups = tuple(_group(transaction) for transaction in answers)
    if not interchanges and not groups:
        raise Refused("no-acknowledgement", "The file holds no acknowledgement (TA1, 999 or 997).")
    return Acknowledgement(interchanges, _merged(groups), file.findings)


def _interchange(elements: list[str]) -> InterchangeResult:
    code = _at(elements, 5)
    note = TA1_NOTES.get(code, "no reason given" if not code else "an unknown reason")
    return InterchangeResult(_at(elements, 1), _verdict(_at(elements, 4)), code, note)


def _group(transaction: TransactionSet) -> GroupResult:
    reading = _Reading()
    for elements in transaction.segments:
        reading.take(elements)
    return reading.result()


class _Reading:
    """Gathers the segments of one 999 or 997 (AK3, AK4, AK5 are the older IK3, IK4, IK5)."""

    def __init__(self) -> None:
        self._group = GroupResult("", "", "", Verdict.UNKNOWN)
        self._sets: list[SetResult] = []
        self._segment = ("", 0)

    def take(self, e: list[str]) -> None:
        kind = e[0].replace("IK", "AK")
        if kind == "AK1":
            self._group = replace(self._group, code=_at(e, 1), gs06=_at(e, 2), version=_at(e, 3))
        elif kind == "AK2":
            self._sets.append(SetResult(_at(e, 2), _at(e, 1), Verdict.UNKNOWN))
        elif kind == "AK9":
            self._close_group(e)
        elif self._sets and kind in ("AK3", "AK4", "AK5"):
            self._sets[-1] = self._grown(self._sets[-1], kind, e)

    def _grown(self, result: SetResult, kind: str, e: list[str]) -> SetResult:
        if kind == "AK5":
            return replace(result, verdict=_verdict(_at(e, 1)), reasons=_reasons(e[2:], SET_ERRORS))
        return replace(
            result, complaints=(*result.complaints, self._about_segment(e) if kind == "AK3" else self._about_element(e))
        )

    def _about_segment(self, e: list[str]) -> Complaint:
        segment, code = _at(e, 1), _at(e, 4)
        self._segment = (segment, _number(_at(e, 2)) or 0)
        words = SEGMENT_ERRORS.get(code, "has an error")
        return Complaint(f"segment-{code or 'unknown'}", f"Segment {segment} {words}.", segment, self._segment[1])

    def _about_element(self, e: list[str]) -> Complaint:
        segment, position = self._segment
        at = _number(_first_component(_at(e, 1))) or 0
        code = _at(e, 3)
        words = ELEMENT_ERRORS.get(code, "has an error")
        return Complaint(f"element-{code or 'unknown'}", f"{segment}{at:02d} {words}.", segment, position, at)

    def _close_group(self, e: list[str]) -> None:
        self._group = replace(
            self._group,
            verdict=_verdict(_at(e, 1)),
            included=_number(_at(e, 2)),
            received=_number(_at(e, 3)),
            accepted=_number(_at(e, 4)),
            reasons=_reasons(e[5:], GROUP_ERRORS),
        )

    def result(self) -> GroupResult:
        return replace(self._group, sets=tuple(self._sets))


def _merged(groups: tuple[GroupResult, ...]) -> tuple[GroupResult, ...]:
    """Some translators answer one group with several 999s: one result per group, PARTIAL when they differ."""
    merged: dict[tuple[str, str], GroupResult] = {}
    for group in groups:
        key = (group.code, group.gs06)
        known = merged.get(key)
        if known is not None:
            verdict = known.verdict if known.verdict is group.verdict else Verdict.PARTIAL
            group = replace(group, verdict=verdict, sets=known.sets + group.sets)  # noqa: PLW2901
        merged[key] = group
    return tuple(merged.values())


def _verdict(code: str) -> Verdict:
    try:
        return Verdict(code)
    except ValueError:
        return Verdict.UNKNOWN


def _reasons(codes: list[str], table: dict[str, str]) -> tuple[str, ...]:
    return tuple(table.get(code.strip(), "an unknown reason") for code in codes if code.strip())


def _at(elements: list[str], index: int) -> str:
    return elements[index].strip() if index < len(elements) else ""


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None


def _first_component(text: str) -> str:
    """The element number of IK401, which may be followed by a component and a repetition number."""
    digits = ""
    for character in text:
        if not character.isdecimal():
            break
        digits += character
    return digits


def _same_number(one: str, other: str) -> bool:
    """Control numbers are equal with or without leading zeros."""
    return one == other or (one.lstrip("0") == other.lstrip("0") and bool(one.strip("0")))
