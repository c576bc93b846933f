"""Enrollment in a carrier's own layout: one line for each plan of each person, by the columns of its profile.

The same batch, profile and control number as for an 834, and the same facts; only the rendering differs.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from app.integrations.failures import Refused, Rejected
from app.integrations.formats.records import Format, Shape, read_records, write_records
from app.integrations.formats.x12.eight34 import Address, Batch, Coverage, Member
from app.integrations.formats.x12.findings import Finding, Severity
from app.integrations.formats.x12.member_writer import usable_ssn
from app.integrations.formats.x12.profile import (
    CarrierProfile,
    EndMeaning,
    FileFormat,
    FullFileCodes,
    NumberSource,
    PlanCode,
    Premium,
)
from app.integrations.formats.x12.writer import Control, Written, file_name

ONE_SET = "0001"
_NO_ADDRESS, _NO_PLAN = Address(""), Coverage("", maintenance="")


def write_rows(batch: Batch, profile: CarrierProfile, control: Control) -> Written:
    """The file. Raises `Refused`: nobody-to-write, columns-missing, or what the layout cannot carry (`write_records`)."""
    if not batch.families:
        raise Refused("nobody-to-write", "There is nobody in this file, so there is nothing to send.")
    shape = shape_of(profile)
    writer = _Rows(batch, profile)
    rows = list(writer.rows())
    try:
        data = write_records(rows, shape)
    except Rejected as no:
        raise Refused(no.code, no.advice) from None
    refs = [member.ref for family in batch.families for member in family.members]
    created_at = batch.created_at.astimezone(profile.zone)
    return Written(
        name=file_name(profile, control, created_at, batch), data=data, st_map=dict.fromkeys(refs, ONE_SET), segments=len(rows),
        members=len(refs), coverages=writer.coverages, transactions=1, findings=tuple(writer.findings),
    )  # fmt: skip


def check_rows(data: bytes, profile: CarrierProfile) -> list[Finding]:
    """What is wrong with a file about to leave: it is read back as the carrier will read it."""
    shape, columns = shape_of(profile), profile.ordered_columns
    titled = shape.titles or shape.format is Format.FIXED_WIDTH
    wanted = list(columns) if titled else [str(place) for place in range(1, len(columns) + 1)]
    try:
        read = read_records(data, shape, wanted)
    except Refused as refused:
        return [Finding(Severity.ERROR, refused.code, refused.reason)]
    names = {name: title for title, name in zip(wanted, columns.values(), strict=True)}
    found = [Finding(Severity.ERROR, one.code, one.reason, position=one.row) for one in read.problems]
    empty = {
        name: [row.row for row in read.records if not row.tree.get(names[name])]
        for name in ("subscriber_number", "last_name")
    }
    return found + [
        Finding(Severity.ERROR, "cell-empty", f"A line lacks its {name.replace('_', ' ')}.", position=row)
        for name, rows in empty.items()
        for row in rows
    ]


def shape_of(profile: CarrierProfile) -> Shape:
    """The layout as the reader and writer of records know it. Raises `Refused`: columns-missing."""
    fixed = profile.file_format is FileFormat.FIXED_WIDTH
    if not profile.columns.strip() or (fixed and set(profile.places) != set(profile.ordered_columns)):
        raise Refused(
            "columns-missing", "Enter the columns of the carrier's layout first, and their places for fixed width."
        )
    return Shape.model_validate({
        "format": Format.FIXED_WIDTH if fixed else Format.CSV, "characters": profile.characters, "delimiter": profile.delimiter,
        "titles": profile.column_titles, "layout": profile.places if fixed else {},
    })  # fmt: skip


class _Rows:
    """Lines of one batch. coverages: how many plans were written."""

    def __init__(self, batch: Batch, profile: CarrierProfile) -> None:
        self.coverages = 0
        self.findings: list[Finding] = []
        self._batch, self._profile, self._columns = batch, profile, profile.ordered_columns
        self._audit = batch.full and profile.full_codes is FullFileCodes.AUDIT
        self._written_on = batch.created_at.astimezone(profile.zone).date()

    def rows(self) -> Iterator[dict[str, str]]:
        for family in self._batch.families:
            for member in family.members:
                self._complain(member, family.subscriber)
                carries = member.subscriber or self._profile.dependents_carry_coverage
                for plan in (member.coverages if carries else ()) or (_NO_PLAN,):
                    self.coverages += plan is not _NO_PLAN
                    facts = self._person(member, family.subscriber) | self._plan(plan, member)
                    yield {title: self._word(name, facts[name]) for title, name in self._columns.items()}

    def _complain(self, member: Member, subscriber: Member) -> None:
        for missing, code, words in (
            (not self._number(subscriber), "number-missing", "The subscriber has no number, so the carrier cannot tell whose line this is."),
            (not member.last_name.strip(), "name-missing", "The last name is missing."),
        ):  # fmt: skip
            if missing:
                self.findings.append(Finding(Severity.ERROR, code, words, member_ref=member.ref, transaction=ONE_SET))

    def _number(self, subscriber: Member) -> str:
        by_ssn = self._profile.subscriber_number_is is NumberSource.SSN
        return usable_ssn(subscriber.ssn) if by_ssn else subscriber.subscriber_number

    def _person(self, member: Member, subscriber: Member) -> dict[str, object]:
        housed = member.subscriber or self._profile.address_on_dependents
        home = member.address if housed and member.address else _NO_ADDRESS
        return {
            "file_date": self._written_on, "maintenance": self._code(member.maintenance), "reason": member.reason,
            "subscriber_number": self._number(subscriber), "member_number": member.member_number, "ssn": usable_ssn(member.ssn),
            "relationship": member.relationship, "last_name": member.last_name, "first_name": member.first_name,
            "middle_name": member.middle_name, "birth_on": member.birth_on, "gender": member.gender, "marital": member.marital,
            "address_line1": home.line1, "address_line2": home.line2, "city": home.city, "state": home.state, "postal": home.postal,
            "country": home.country, "email": member.email, "home_phone": member.home_phone, "employed_on": member.employed_on,
            "employment_ended_on": member.employment_ended_on, "employment_status": member.employment_status,
            "class_code": member.class_code, "division": member.division, "location": member.location,
            "group": member.group or self._profile.group_number,
        }  # fmt: skip

    def _plan(self, plan: Coverage, member: Member) -> dict[str, object]:
        known = self._profile.plan_codes.get(
            plan.plan_code, PlanCode.model_construct(line=plan.line, code=plan.plan_code)
        )
        paid = self._profile.premium
        priced = paid is Premium.ALL or (paid is Premium.SUBSCRIBER and member.subscriber)
        end = plan.end_on or member.ineligible_on
        if end and self._profile.end_means is EndMeaning.FIRST_UNCOVERED_DAY:
            end += timedelta(days=1)
        return {
            "line": known.line, "plan_code": known.code,
            "tier": plan.tier if member.subscriber or self._profile.tier_on_dependents else "",
            "coverage_maintenance": self._code(plan.maintenance), "start_on": plan.start_on, "end_on": end,
            "premium": plan.premium if priced else None, "volume": plan.volume,
        }  # fmt: skip

    def _code(self, maintenance: str) -> str:
        return "030" if self._audit and maintenance not in ("024", "") else maintenance

    def _word(self, name: str, value: object) -> str:
        if isinstance(value, date):
            return value.strftime(self._profile.date_format)
        text = f"{value:f}" if isinstance(value, Decimal) else "" if value is None else str(value)
        return self._profile.words.get(f"{name}.{text}", text) if text else ""
