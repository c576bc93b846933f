"""One received file, from bytes to member table and acknowledgements."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from sandbox.carriers.acks import Ack, build_999, envelope, ta1_segment
from sandbox.carriers.apply import Effect, Refused, apply_record, end_absent
from sandbox.carriers.check import GroupVerdict, Problem, check
from sandbox.carriers.members import MemberTable, find
from sandbox.carriers.profile import Profile, Switches
from sandbox.carriers.read834 import Enrollment, read_enrollment
from sandbox.carriers.x12 import Group, Interchange, Unreadable, element, envelope_fault, read
from sandbox.clock import Clock
from sandbox.store import Store

DUPLICATE, BAD_SENDER, BAD_RECEIVER = "025", "006", "008"


class Desk(Protocol):
    """What the reader needs to know about its carrier."""

    profile: Profile
    switches: Switches
    store: Store
    clock: Clock
    table: MemberTable

    def next_number(self, name: str) -> int: ...
    def queue_ack(self, ack: Ack, control: str) -> None: ...


@dataclass
class Report:
    """What became of one interchange; shown on the file's page and in the JSON API."""

    isa13: str
    ta1: str = "000"
    groups: list[dict[str, Any]] = field(default_factory=list)
    applied: int = 0
    refused: list[str] = field(default_factory=list)

    @property
    def outcome(self) -> str:
        if self.ta1 != "000":
            return "duplicate" if self.ta1 == DUPLICATE else "refused"
        statuses = {item["ik5"] for group in self.groups for item in group["sets"]}
        if statuses == {"A"}:
            return "accepted"
        return "partial" if "A" in statuses else "rejected"


Examined = list[tuple[Interchange, list[GroupVerdict]]]


def examine(raw: bytes, extra_hd03: list[str]) -> Examined | Unreadable:
    """The slow part, without the store: reads the file and checks the syntax of every sound interchange."""
    try:
        interchanges = read(raw)
    except Unreadable as problem:
        return problem
    return [(item, check(item, extra_hd03) if envelope_fault(item) == "000" else []) for item in interchanges]


def receive(desk: Desk, examined: Examined | Unreadable) -> tuple[str, list[dict[str, Any]]]:
    """Applies a file and queues the answers. Returns the outcome and one report for each interchange."""
    if isinstance(examined, Unreadable):
        return "unreadable", [{"problem": str(examined)}]
    reports = [receive_interchange(desk, *item) for item in examined]
    outcomes = {report.outcome for report in reports}
    return (outcomes.pop() if len(outcomes) == 1 else "mixed"), [asdict(report) for report in reports]


def receive_interchange(desk: Desk, interchange: Interchange, verdicts: list[GroupVerdict]) -> Report:
    report = Report(interchange.control, ta1_code(desk, interchange))
    if report.ta1 != "000":
        answer(desk, interchange, report, [])
        return report
    remember(desk, interchange)
    misjudge(desk.switches, verdicts)
    report.groups = [summary(*pair) for pair in zip(interchange.groups, verdicts, strict=True)]
    for group, verdict in zip(interchange.groups, verdicts, strict=True):
        apply_group(desk, interchange, group, verdict, report)
    answer(desk, interchange, report, verdicts)
    return report


def ta1_code(desk: Desk, interchange: Interchange) -> str:
    """The TA105 code: a switch, a fault in the envelope, a stranger's address, or a number already seen."""
    if desk.switches.reject_interchange:
        return BAD_SENDER
    fault = envelope_fault(interchange)
    if fault != "000":
        return fault
    expected = desk.profile.expected_receiver
    if expected and interchange.header[8].strip() != expected:
        return BAD_RECEIVER
    for number in numbers(interchange):
        sql = "SELECT 1 FROM seen WHERE carrier = ? AND number = ?"
        if desk.store.one(sql, desk.profile.slug, number):
            desk.next_number("duplicates_refused")
            return DUPLICATE
    return "000"


def numbers(interchange: Interchange) -> list[str]:
    """The interchange number and every group number, each with sender, receiver and usage."""
    usage = interchange.header[15]
    groups = ("|".join(["GS", usage, *(element(group.header, at) for at in (2, 3, 6))]) for group in interchange.groups)
    return [f"ISA|{interchange.identity}", *groups]


def remember(desk: Desk, interchange: Interchange) -> None:
    for number in numbers(interchange):
        desk.store.run("INSERT OR IGNORE INTO seen VALUES (?, ?)", desk.profile.slug, number)


def misjudge(switches: Switches, verdicts: list[GroupVerdict]) -> None:
    """The reject_syntax and partial switches: a made-up fault in every set or in every nth."""
    every = 1 if switches.reject_syntax else switches.partial
    if not every:
        return
    for verdict in verdicts:
        for number, item in enumerate(verdict.sets, start=1):
            if number % every == 0:
                item.problems.append(Problem("NM1", 8, "8", "Rejected by a sandbox switch", "2100"))


def summary(group: Group, verdict: GroupVerdict) -> dict[str, Any]:
    sets = [
        {
            "st02": item.control,
            "ik5": "A" if item.accepted and not verdict.codes else "R",
            "problems": [f"{fault.segment} at {fault.position}: {fault.text}" for fault in item.problems]
            + [f"IK5 code {code}" for code in item.codes],
        }
        for item in verdict.sets
    ]
    return {"gs06": element(group.header, 6), "codes": verdict.codes, "sets": sets}


def apply_group(desk: Desk, interchange: Interchange, group: Group, verdict: GroupVerdict, report: Report) -> None:
    accepted = [
        item for item, result in zip(group.sets, verdict.sets, strict=True) if result.accepted and not verdict.codes
    ]
    enrollments = [read_enrollment(item) for item in accepted]
    where = {"isa13": interchange.control, "gs06": element(group.header, 6)}
    for enrollment in enrollments:
        apply_enrollment(desk, enrollment, where | {"st02": enrollment.control}, report)
    # Absence is judged over the whole group, because a full file may hold one set for each member; and never
    # when some of its sets were rejected.
    if len(accepted) == len(group.sets) and any(item.full_file for item in enrollments):
        end_the_absent(desk, enrollments, where, report)


def apply_enrollment(desk: Desk, enrollment: Enrollment, where: dict[str, str], report: Report) -> None:
    for record in enrollment.members:
        try:
            effect = apply_record(desk.table, enrollment, record, desk.clock.today())
        except Refused as reason:
            member = f"{record.subscriber_id}/{record.relation}/{record.first.upper()}"
            refusal = {"member": member, "code": record.code, "problem": str(reason)}
            log(desk, "refusals", where | refusal)
            report.refused.append(f"{member} ({record.code}): {reason}")
        else:
            report.applied += 1
            log(desk, "effects", where | asdict(effect))


def end_the_absent(desk: Desk, enrollments: list[Enrollment], where: dict[str, str], report: Report) -> None:
    if desk.profile.absent_in_full_file != "terminate":
        return
    full = [item for item in enrollments if item.full_file]
    for sponsor in {item.sponsor for item in full}:
        effects = end_absent(desk.table, sponsor, present_rows(desk, full, sponsor), desk.clock.today())
        for effect in effects:
            report.applied += 1
            log(desk, "effects", where | {"st02": full[-1].control} | asdict(effect))


def present_rows(desk: Desk, enrollments: list[Enrollment], sponsor: str) -> set[int]:
    rows = set()
    for enrollment in enrollments:
        for record in enrollment.members:
            member = find(desk.table.family(sponsor, record.subscriber_id), record)
            if enrollment.sponsor == sponsor and member:
                rows.add(member.row)
    return rows


def log(desk: Desk, table: str, data: dict[str, Any] | Effect) -> None:
    desk.store.run(f"INSERT INTO {table} (carrier, data) VALUES (?, ?)", desk.profile.slug, json.dumps(data))


def answer(desk: Desk, interchange: Interchange, report: Report, verdicts: list[GroupVerdict]) -> None:
    """Queues TA1 and 999, apart or together."""
    if desk.switches.silence:
        return
    wanted = report.ta1 != "000" or desk.profile.ta1 == "always" or interchange.asks_for_ta1
    ta1 = [ta1_segment(interchange, report.ta1)] if wanted else []
    now, number = desk.clock.now(), desk.next_number
    groups = build_999(interchange, verdicts, number, now) if verdicts else []
    if ta1 and groups and desk.switches.acks_together:
        text = envelope(interchange, ta1, groups, number, now)
        desk.queue_ack(Ack("TA1+999", text), report.isa13)
        return
    if ta1:
        desk.queue_ack(Ack("TA1", envelope(interchange, ta1, [], number, now)), report.isa13)
    if groups:
        desk.queue_ack(Ack("999", envelope(interchange, [], groups, number, now)), report.isa13)
