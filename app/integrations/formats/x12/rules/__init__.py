"""The semantic rule pack: what no X12 checker sees and people lose their coverage by.

One small function per trap. A file can keep the guide to the letter and still be wrong in every one of these ways.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from app.integrations.formats.x12.eight34 import File834
from app.integrations.formats.x12.findings import Finding
from app.integrations.formats.x12.profile import CarrierProfile
from app.integrations.formats.x12.reader import read_834
from app.integrations.formats.x12.rules.case import Case, Findings, age_on
from app.integrations.formats.x12.rules.coverages import COVERAGE_RULES, net
from app.integrations.formats.x12.rules.families import FAMILY_RULES
from app.integrations.formats.x12.rules.files import FILE_RULES, check_name, check_punctuation
from app.integrations.formats.x12.rules.members import MEMBER_RULES

__all__ = ["Case", "age_on", "check_facts", "check_meaning", "check_name", "check_punctuation", "net"]

_NOBODY: Mapping[str, date] = {}


def check_meaning(
    data: bytes,
    profile: CarrierProfile | None = None,
    today: date | None = None,
    *,
    ended_on: Mapping[str, date] = _NOBODY,
    name: str = "",
) -> list[Finding]:
    """Everything there is to say about the bytes of an 834: envelope, punctuation, every rule, the file name.

    Without `profile` the guide alone counts; without `today` nothing is too old. Raises `Refused` when it is no 834.
    """
    file = read_834(data, profile)
    findings = [*file.findings, *check_punctuation(data), *check_facts(file, profile, today, ended_on=ended_on)]
    return findings + check_name(name, file) if name else findings


def check_facts(
    file: File834,
    profile: CarrierProfile | None = None,
    today: date | None = None,
    *,
    ended_on: Mapping[str, date] = _NOBODY,
) -> list[Finding]:
    """Every rule over a file that was read. `ended_on`: subscriber number → last covered day the carrier knows."""
    findings: list[Finding] = []
    for transaction in file.transactions:
        findings.extend(_check(Case(transaction, profile, today, ended_on)))
    return findings


def _check(case: Case) -> Findings:
    for file_rule in (*FILE_RULES, *FAMILY_RULES):
        yield from file_rule(case)
    for member in case.transaction.members:
        for member_rule in MEMBER_RULES:
            yield from member_rule(member, case)
        for coverage in member.coverages:
            for coverage_rule in COVERAGE_RULES:
                yield from coverage_rule(coverage, member, case)
