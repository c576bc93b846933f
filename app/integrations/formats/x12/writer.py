"""Writes 834 005010X220A1 files: facts and a profile in, bytes out. The same input gives the same bytes.

Segments are first written with the usual delimiters `*:^~`, which no cleaned text can hold, and translated once at
the end when the carrier wants others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.integrations.failures import Refused
from app.integrations.formats.x12.coverage_writer import day, refuse_odd_codes
from app.integrations.formats.x12.eight34 import Batch, Family
from app.integrations.formats.x12.findings import Finding, is_sound
from app.integrations.formats.x12.member_writer import MemberWriter
from app.integrations.formats.x12.profile import CarrierProfile

VERSION = "005010X220A1"


@dataclass(frozen=True, slots=True)
class Control:
    """Control numbers of one file, taken from the sequence of (sender, receiver, usage) and never used again.

    isa13: 1…999999999. gs06: 1…999999999. first_st: number of the first ST, unique inside the group.
    """

    isa13: int
    gs06: int
    first_st: int = 1

    def __post_init__(self) -> None:
        if not (0 < self.isa13 <= 999_999_999 and 0 < self.gs06 <= 999_999_999 and 0 < self.first_st <= 99_999_999):
            raise ValueError("control numbers are 1 to 999999999")


@dataclass(frozen=True, slots=True)
class Written:
    """A written file. st_map: `Member.ref` → ST02. findings: what was left out or shortened, and faults."""

    name: str
    data: bytes
    st_map: dict[str, str]
    segments: int
    members: int
    coverages: int
    transactions: int
    findings: tuple[Finding, ...] = field(default=())

    @property
    def sound(self) -> bool:
        """False when a finding says the file must not be sent."""
        return is_sound(self.findings)


def write_834(batch: Batch, profile: CarrierProfile, control: Control) -> Written:
    """One interchange, one group, as many transactions as the profile asks for.

    Raises `Refused` when there is nobody to write or the reference is missing. Faults of single members are
    findings of severity error: the bytes exist, but `Written.sound` is false.
    """
    _refuse_unwritable(batch)
    members = MemberWriter(profile, full=batch.full)
    header = _set_header(batch, profile, members)
    sets: list[str] = []
    st_map: dict[str, str] = {}
    for number, families in enumerate(_split(batch.families, profile.members_per_set), control.first_st):
        st02 = f"{number:04d}"
        sets.append(_set(batch, profile, members, header, families, st02, st_map))
    created_at = batch.created_at.astimezone(profile.zone)
    text = envelope(profile, control, created_at, sets)
    return Written(
        name=file_name(profile, control, created_at, batch),
        data=punctuate(text, profile),
        st_map=st_map,
        segments=text.count("~"),
        members=members.members,
        coverages=members.coverages,
        transactions=len(sets),
        findings=tuple(members.findings),
    )


def file_name(profile: CarrierProfile, control: Control, created_at: datetime, batch: Batch) -> str:
    """The profile's pattern filled in; its parts never name a person. `created_at`: in the profile's time zone."""
    name = profile.file_name.format(
        sender=profile.sender_id,
        group=profile.group_number or profile.master_policy,
        carrier=profile.receiver_id,
        date=f"{created_at:%Y%m%d}",
        time=f"{created_at:%H%M%S}",
        control=f"{control.isa13:09d}",
        usage=profile.usage,
        kind="FULL" if batch.full else "CHG",
    )
    return name.replace(" ", "_").replace("/", "_")


def _refuse_unwritable(batch: Batch) -> None:
    if not batch.families:
        raise Refused("nobody-to-write", "There is nobody in this file, so there is nothing to send.")
    refuse_odd_codes(batch.action + batch.kind)
    if not re.fullmatch(r"[A-Z0-9./-]{1,40}", batch.reference):
        raise Refused("reference-unusable", "The file needs its own reference (BGN02): up to 40 capitals and digits.")
    if batch.created_at.tzinfo is None:
        raise Refused("time-without-zone", "The file's creation time needs a time zone.")


def _split(families: Sequence[Family], most: int) -> Iterator[Sequence[Family]]:
    """Families in order, cut into sets of at most `most` members; 0 = one set; a family is never split."""
    if not most:
        yield families
        return
    current: list[Family] = []
    members = 0
    for family in families:
        size = 1 + len(family.dependents)
        if current and members + size > most:
            yield current
            current, members = [], 0
        current.append(family)
        members += size
    if current:
        yield current


def _set_header(batch: Batch, profile: CarrierProfile, members: MemberWriter) -> tuple[str, str, str]:
    """What every ST begins with: (BGN before and after its reference and the loops 1000)."""
    created_at = batch.created_at.astimezone(profile.zone)
    sponsor, payer, broker = members.names(profile.sponsor_name, profile.payer_name, profile.broker_name)
    after = f"*{created_at:%Y%m%d}*{created_at:%H%M}**{batch.original_reference}**{batch.action}~"
    if profile.master_policy:
        after += f"REF*38*{profile.master_policy}~"
    if batch.effective_on:
        after += f"DTP*007*D8*{day(batch.effective_on)}~"
    loops = (
        f"N1*P5*{sponsor}*{profile.sponsor_id_qualifier}*{profile.sponsor_id}~"
        f"N1*IN*{payer}*{profile.payer_id_qualifier}*{profile.payer_id}~"
    )
    if broker:
        loops += f"N1*BO*{broker}*FI*{profile.broker_id}~" if profile.broker_id else f"N1*BO*{broker}~"
    return f"BGN*{batch.kind}*", after, loops


def _set(
    batch: Batch,
    profile: CarrierProfile,
    members: MemberWriter,
    header: tuple[str, str, str],
    families: Sequence[Family],
    st02: str,
    st_map: dict[str, str],
) -> str:
    """One ST…SE. Fills `st_map`."""
    reference = batch.reference if not profile.members_per_set else f"{batch.reference}-{st02}"
    begin, after, loops = header
    lines: list[str] = []
    dependents = 0
    for family in families:
        subscriber = family.subscriber
        lines.append(members.write(subscriber, subscriber, st02))
        st_map[subscriber.ref] = st02
        for member in family.dependents:
            lines.append(members.write(member, subscriber, st02))
            st_map[member.ref] = st02
        dependents += len(family.dependents)
    total = len(families) + dependents
    counts = f"QTY*TO*{total}~QTY*DT*{dependents}~QTY*ET*{len(families)}~" if profile.send_counts else ""
    body = f"ST*834*{st02}*{VERSION}~{begin}{reference}{after}{counts}{loops}{''.join(lines)}"
    return f"{body}SE*{body.count('~') + 1}*{st02}~"


def envelope(
    profile: CarrierProfile,
    control: Control,
    created_at: datetime,
    sets: Sequence[str],
    code: str = "BE",
    version: str = VERSION,
) -> str:
    """ISA to IEA around transactions of one kind. code, version: GS01 and GS08. `created_at`: in the profile's time zone."""
    isa13 = f"{control.isa13:09d}"
    sender = profile.group_sender or profile.sender_id
    receiver = profile.group_receiver or profile.receiver_id
    return (
        f"ISA*00*          *00*          *{profile.sender_qualifier}*{profile.sender_id:<15}"
        f"*{profile.receiver_qualifier}*{profile.receiver_id:<15}*{created_at:%y%m%d}*{created_at:%H%M}*^*00501"
        f"*{isa13}*{int(profile.want_ta1)}*{profile.usage}*:~"
        f"GS*{code}*{sender}*{receiver}*{created_at:%Y%m%d}*{created_at:%H%M}*{control.gs06}*X*{version}~"
        f"{''.join(sets)}GE*{len(sets)}*{control.gs06}~IEA*1*{isa13}~"
    )


def punctuate(text: str, profile: CarrierProfile) -> bytes:
    """The text with the carrier's delimiters."""
    if profile.delimiters != "*:^~":
        text = text.translate(str.maketrans("*:^~", profile.delimiters))
    if profile.line_breaks:
        text = text.replace(profile.terminator, profile.terminator + "\n")
    return text.encode("ascii")
