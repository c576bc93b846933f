"""The file is written and judged: by our own rules, then by pyx12. Slow for large groups, so no transaction is open here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from app.core.clock import today
from app.feeds.services.families import Said
from app.integrations.contracts import CarrierFeed
from app.integrations.failures import Refused
from app.integrations.formats.x12.eight34 import Member
from app.integrations.formats.x12.findings import Finding
from app.integrations.formats.x12.member_writer import usable_ssn
from app.integrations.formats.x12.profile import NumberSource
from app.integrations.formats.x12.reader import read_834
from app.integrations.formats.x12.writer import Control, Written

MOST_FINDINGS = 500
"""Findings kept with a file; a broken profile would otherwise repeat one fault for each of 20 000 members."""


@dataclass(frozen=True, slots=True)
class Judged:
    """written: None when there was nobody to write. places: member key → position of its INS. blamed: key → plain words."""

    written: Written | None
    findings: list[dict[str, Any]] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)
    blamed: dict[str, str] = field(default_factory=dict)
    sound: bool = False


def judge(said: Said, feed: CarrierFeed, number: int) -> Judged:
    """Write the bytes and look for everything that is wrong with them. Never raises for what a file may hold."""
    try:
        written = feed.write(said.batch, Control(number, number))
    except Refused as refused:
        finding = {"severity": "error", "code": refused.code, "message": refused.reason}
        return Judged(None, [finding])
    ended_on = {
        _number(feed, one): said.left[one.ref] for one in said.members if one.subscriber and one.ref in said.left
    }
    found = [*written.findings, *feed.check(written.data, today(), name=written.name, ended_on=ended_on)]
    keys, places = _who_is_where(written.data, said) if feed.profile.acknowledges else ({}, {})
    listed = [_as_json(finding, keys) for finding in _unique(found)]
    blamed = {
        item["member"]: item["message"] for item in reversed(listed) if item["severity"] == "error" and item["member"]
    }
    sound = all(item["severity"] != "error" for item in listed)
    return Judged(written, listed[:MOST_FINDINGS], places, blamed, sound)


def _number(feed: CarrierFeed, subscriber: Member) -> str:
    """REF*0F as this carrier gets it."""
    ssn = feed.profile.subscriber_number_is is NumberSource.SSN
    return usable_ssn(subscriber.ssn) if ssn else subscriber.subscriber_number


def _who_is_where(data: bytes, said: Said) -> tuple[dict[str, str], dict[str, int]]:
    """(reference of a reader → our member key, member key → position of its INS). Both sides keep the file's order."""
    read = read_834(data).members
    pairs = list(zip(read, said.members, strict=True))
    return {theirs.ref: ours.ref for theirs, ours in pairs}, {ours.ref: theirs.position for theirs, ours in pairs}


def _unique(findings: Iterable[Finding]) -> list[Finding]:
    """The reader reports some faults twice because it is asked twice."""
    return list({(f.code, f.segment, f.position, f.transaction, f.message): f for f in findings}.values())


def _as_json(finding: Finding, keys: dict[str, str]) -> dict[str, Any]:
    return {
        "severity": finding.severity.value,
        "code": finding.code,
        "message": finding.message,
        "segment": finding.segment,
        "position": finding.position,
        "st02": finding.transaction,
        "member": keys.get(finding.member_ref, finding.member_ref),
    }
