"""Says in plain words what an 834, 999, 997 or TA1 means, member by member, and where it is wrong.

SSNs are shown as their last four digits only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from app.integrations.failures import Refused
from app.integrations.formats.x12.acknowledgements import Acknowledgement, GroupResult, Verdict, read_acknowledgement
from app.integrations.formats.x12.codes import (
    ACTIONS,
    BENEFIT_STATUSES,
    EMPLOYMENT_STATUSES,
    LINES,
    MAINTENANCE,
    REASONS,
    RELATIONSHIPS,
    TIERS,
    USAGES,
)
from app.integrations.formats.x12.eight34 import Coverage, File834, Member, Transaction834
from app.integrations.formats.x12.envelope import X12Stream
from app.integrations.formats.x12.findings import Finding, is_sound
from app.integrations.formats.x12.gate import Progress, check_syntax
from app.integrations.formats.x12.profile import CarrierProfile
from app.integrations.formats.x12.reader import read_834
from app.integrations.formats.x12.rules import check_facts, check_punctuation

_VERDICTS = {
    Verdict.ACCEPTED: "accepted (its form only: this does not mean anybody is covered yet)",
    Verdict.ACCEPTED_WITH_ERRORS: "accepted, but with errors to correct",
    Verdict.PARTIAL: "accepted in part; the members of the refused transactions must be sent again",
    Verdict.REJECTED: "rejected; nobody in it was taken over",
    Verdict.BAD_AUTHENTICATION: "rejected for security reasons",
    Verdict.BAD_VALIDITY: "rejected for security reasons",
    Verdict.UNDECRYPTABLE: "rejected because it could not be decrypted",
    Verdict.UNKNOWN: "answered with a code that is not known",
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """kind: "834" or "acknowledgement". lines: plain words in reading order. findings: what is wrong."""

    kind: str
    lines: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        return is_sound(self.findings)


def explain(
    data: bytes,
    profile: CarrierProfile | None = None,
    today: date | None = None,
    *,
    gate: bool = True,
    progress: Progress | None = None,
) -> Explanation:
    """Explains one file. `gate`: also ask pyx12 (about 2 ms a member), which tells `progress` how far it is. Raises `Refused` with
    the reason when the file is neither an 834 nor an acknowledgement."""
    kinds = _kinds(data)
    if "834" in kinds:
        file = read_834(data, profile)
        syntax = check_syntax(data, profile, progress) if gate else []
        findings = [*file.findings, *syntax, *check_punctuation(data), *check_facts(file, profile, today)]
        return Explanation("834", tuple(_lines_834(file)), tuple(dict.fromkeys(findings)))
    if kinds & {"999", "997", "TA1"}:
        answer = read_acknowledgement(data)
        return Explanation("acknowledgement", tuple(_lines_answer(answer)), answer.findings)
    known = ", ".join(sorted(kind for kind in kinds if kind.isalnum() and len(kind) == 3))
    raise Refused("kind-unknown", f"Corridor reads 834, 999, 997 and TA1; this file holds {known or 'none of them'}.")


def mask_ssn(ssn: str | None) -> str:
    """The last four digits behind bullets, or "no SSN"."""
    return f"•••-••-{ssn[-4:]}" if ssn and len(ssn) > 4 else "no SSN"


def _kinds(data: bytes) -> set[str]:
    kinds: set[str] = set()
    for elements in X12Stream(data):
        if elements[0] == "ST":
            kinds.add("".join(elements[1:2]).strip())
        elif elements[0] == "TA1":
            kinds.add("TA1")
    return kinds


def _lines_834(file: File834) -> Iterator[str]:
    for transaction in file.transactions:
        yield _headline(transaction)
        for member in transaction.members:
            yield from explain_member(member)


def _headline(transaction: Transaction834) -> str:
    kind = ACTIONS.get(transaction.action, "a file of unknown kind")
    usage = USAGES.get(transaction.usage, "neither test nor production")
    sender = transaction.sponsor_name or transaction.sponsor_id or "an unnamed employer"
    payer = transaction.payer_name or transaction.payer_id or "an unnamed carrier"
    return (
        f"Transaction {transaction.st02}: {kind} ({usage}) from {sender} to {payer}, "
        f"{len(transaction.members)} member(s), reference {transaction.reference or 'none'}."
    )


def explain_member(member: Member) -> Iterator[str]:
    """One line for the person, then one for each coverage."""
    name = " ".join(part for part in (member.first_name, member.middle_name, member.last_name) if part) or "no name"
    who = "subscriber" if member.subscriber else RELATIONSHIPS.get(member.relationship, "unknown relationship")
    facts = [
        f"{name} ({who}, number {member.subscriber_number or 'none'}, {mask_ssn(member.ssn)})",
        MAINTENANCE.get(member.maintenance, "unknown action"),
        _reason(member),
        _status(member),
        f"eligible from {member.eligible_on}" if member.eligible_on else "",
        f"until {member.ineligible_on}" if member.ineligible_on else "",
        "corrects name or birth date sent before" if member.previous else "",
    ]
    yield "  " + "; ".join(fact for fact in facts if fact) + "."
    for coverage in member.coverages:
        yield "    " + _coverage(coverage)
    if member.maintenance == "024" and not member.coverages:
        yield "    All coverage of this person ends."


def _reason(member: Member) -> str:
    return f"because of {REASONS.get(member.reason, 'an unknown reason')}" if member.reason else ""


def _status(member: Member) -> str:
    status = BENEFIT_STATUSES.get(member.benefit_status, "status unknown")
    employed = EMPLOYMENT_STATUSES.get(member.employment_status, "")
    return f"{status}, {employed}" if employed else status


def _coverage(coverage: Coverage) -> str:
    line = LINES.get(coverage.line, "unknown kind of coverage")
    parts = [
        f"{line} {coverage.plan_code}".strip(),
        TIERS.get(coverage.tier, "unknown tier") if coverage.tier else "",
        MAINTENANCE.get(coverage.maintenance, "unknown action"),
        f"from {coverage.start_on}" if coverage.start_on else "",
        f"through {coverage.end_on}" if coverage.end_on else "",
        f"premium ${coverage.premium}" if coverage.premium is not None else "",
        f"insured for ${coverage.volume}" if coverage.volume is not None else "",
    ]
    return ", ".join(part for part in parts if part) + "."


def _lines_answer(answer: Acknowledgement) -> Iterator[str]:
    for interchange in answer.interchanges:
        verdict = _VERDICTS[interchange.verdict]
        yield f"Interchange {interchange.isa13} was {verdict}: {interchange.note}."
    for group in answer.groups:
        yield from _lines_group(group)


def _lines_group(group: GroupResult) -> Iterator[str]:
    counts = f" {group.accepted} of {group.received} transaction(s) accepted." if group.received is not None else ""
    yield f"Group {group.gs06} was {_VERDICTS[group.verdict]}.{counts}{_because(group.reasons)}"
    for result in group.sets:
        yield f"  Transaction {result.st02} was {_VERDICTS[result.verdict]}.{_because(result.reasons)}"
        for complaint in result.complaints:
            yield f"    Segment {complaint.position}: {complaint.message}"


def _because(reasons: Sequence[str]) -> str:
    return f" Reason: {'; '.join(reasons)}." if reasons else ""
