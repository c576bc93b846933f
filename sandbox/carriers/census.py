"""What the carrier believes, sent back: a CSV census, or an 834 of purpose verify (BGN08 = 4)."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime, timedelta

from sandbox.carriers.acks import NextNumber, clean, trim
from sandbox.carriers.members import Coverage, Member
from sandbox.carriers.x12 import Segment

COLUMNS = (
    "member_id", "subscriber_id", "last_name", "first_name", "birth_date", "relationship", "plan_code", "tier",
    "start_date", "end_date", "status",
)  # fmt: skip


def census_rows(members: list[Member], today: date, mistake: str) -> list[dict[str, str]]:
    """One row for each coverage line of each member, with the mistake of the `wrong_member` switch."""
    rows = [row_of(member, line, today) for member in members for line in member.lines]
    return with_mistake(rows, mistake)


def row_of(member: Member, line: Coverage, today: date) -> dict[str, str]:
    values = (
        member.member_id, member.subscriber_id, member.last, member.first, member.birth, member.relationship,
        line.plan or line.coverage, line.tier, line.start, line.end, line.status(today),
    )  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))


def with_mistake(rows: list[dict[str, str]], mistake: str) -> list[dict[str, str]]:
    """Spoils the first row (each kind a different row when asked for all)."""
    kinds = ("plan", "tier", "dates", "missing") if mistake == "all" else (mistake,)
    spoiled = [dict(row) for row in rows]
    for row, kind in zip(spoiled, kinds, strict=False):
        spoil(row, kind)
    kept = [row for row in spoiled if row["member_id"]]
    return [*kept, stranger(rows)] if mistake in {"extra", "all"} else kept


def spoil(row: dict[str, str], kind: str) -> None:
    if kind == "plan":
        row["plan_code"] = "WRONGPLAN"
    elif kind == "tier":
        row["tier"] = "FAM" if row["tier"] != "FAM" else "EMP"
    elif kind == "dates" and row["start_date"]:
        row["start_date"] = (date.fromisoformat(row["start_date"]) + timedelta(days=31)).isoformat()
    elif kind == "missing":
        row["member_id"] = ""


def stranger(rows: list[dict[str, str]]) -> dict[str, str]:
    plan = rows[0]["plan_code"] if rows else "UNKNOWN"
    values = ("SBX9999999-00", "UNKNOWN9", "Stranger", "Alex", "1980-01-01", "self", plan, "EMP", "2026-01-01")
    return dict(zip(COLUMNS, (*values, "", "active"), strict=True))


def write_csv(rows: list[dict[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def write_834(members: list[Member], carrier: str, next_number: NextNumber, at: datetime) -> str:
    """A verify file for each sponsor's active and pending coverage, as one interchange."""
    by_sponsor: dict[str, list[Member]] = defaultdict(list)
    for member in sorted(members, key=lambda item: (item.subscriber_id, item.relation != "18")):
        if open_lines(member, at.date()):
            by_sponsor[member.sponsor].append(member)
    isa, group = next_number("isa"), str(next_number("gs"))
    day, minute = at.strftime("%Y%m%d"), at.strftime("%H%M")
    sender = clean(carrier.upper())[:15]
    header = [
        "ISA", "00", " " * 10, "00", " " * 10, "ZZ", sender.ljust(15), "ZZ", "CORRIDOR".ljust(15), day[2:],
        minute, "^", "00501", f"{isa:09d}", "0", "T", ":",
    ]  # fmt: skip
    segments = [header, ["GS", "BE", sender, "CORRIDOR", day, minute, group, "X", "005010X220A1"]]
    for number, (sponsor, listed) in enumerate(by_sponsor.items(), start=1):
        st02 = f"{number:04d}"
        head = set_head(st02, f"V{isa}{st02}", sponsor, carrier, at)
        body = head + [segment for member in listed for segment in member_loop(member, at)]
        segments += [*body, ["SE", str(len(body) + 1), st02]]
    segments += [["GE", str(len(by_sponsor)), group], ["IEA", "1", f"{isa:09d}"]]
    return "".join("*".join(trim(segment)) + "~\n" for segment in segments)


def set_head(st02: str, reference: str, sponsor: str, carrier: str, at: datetime) -> list[Segment]:
    day, minute = at.strftime("%Y%m%d"), at.strftime("%H%M")
    return [
        ["ST", "834", st02, "005010X220A1"],
        ["BGN", "00", reference, day, minute, "", "", "", "4"],
        ["N1", "P5", "", "FI", clean(sponsor)],
        ["N1", "IN", clean(carrier), "94", clean(carrier)[:20]],
    ]


def open_lines(member: Member, today: date) -> list[Coverage]:
    return [line for line in member.lines if line.status(today) in {"active", "pending"}]


def member_loop(member: Member, at: datetime) -> list[Segment]:
    subscriber = member.relation == "18"
    employment = ["", "", "FT"] if subscriber else []
    segments = [
        ["INS", "Y" if subscriber else "N", member.relation, "030", "XN", "A", *employment],
        ["REF", "0F", member.subscriber_id],
        ["REF", "17", member.member_id],
        ["NM1", "IL", "1", clean(member.last), clean(member.first)],
    ]
    if member.birth:
        segments.append(["DMG", "D8", member.birth.replace("-", ""), member.gender or "U"])
    for line in open_lines(member, at.date()):
        start = (line.start or at.date().isoformat()).replace("-", "")
        segments.append(["HD", "030", "", line.coverage, clean(line.plan), line.tier])
        segments.append(["DTP", "348", "D8", start])
        if line.end:
            segments.append(["DTP", "349", "D8", line.end.replace("-", "")])
    return segments


def with_mistaken_plan(members: list[Member]) -> list[Member]:
    """The 834 variant of the `wrong_member` switch: the first line carries another plan."""
    spoiled = list(members)
    if spoiled and spoiled[0].lines:
        first = spoiled[0].lines[0]
        lines = [replace(first, plan="WRONGPLAN"), *spoiled[0].lines[1:]]
        spoiled[0] = replace(spoiled[0], lines=lines)
    return spoiled
