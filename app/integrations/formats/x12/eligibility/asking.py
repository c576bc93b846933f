"""Writes a 270: is this member covered on this day? One question in a file; the same input gives the same bytes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from app.integrations.failures import Refused
from app.integrations.formats.x12.charset import Cleaner
from app.integrations.formats.x12.coverage_writer import day
from app.integrations.formats.x12.member_writer import usable_ssn
from app.integrations.formats.x12.profile import CarrierProfile, Charset
from app.integrations.formats.x12.writer import Control, envelope, punctuate

VERSION = "005010X279A1"
WHOLE_PLAN = "30"  # EQ01: health benefit plan coverage
_LIMITS = (("last name", 60), ("first name", 35), ("member number", 80))


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody as the carrier may know them. number: the carrier's own. The SSN is sent only where there is no number."""

    last_name: str = field(repr=False)
    first_name: str = field(default="", repr=False)
    number: str = field(default="", repr=False)
    birth_on: date | None = field(default=None, repr=False)
    gender: str = ""
    ssn: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Question:
    """subscriber: whose contract it is; dependent: whom it is about, if it is not the subscriber. services: EQ01, service type codes.

    trace: our own mark, which comes back in the answer (1 to 50 capitals and digits).
    """

    subscriber: Asked
    on: date
    trace: str
    dependent: Asked | None = None
    services: Sequence[str] = (WHOLE_PLAN,)


def write_270(question: Question, profile: CarrierProfile, control: Control, created_at: datetime) -> bytes:
    """The file. We ask as the plan sponsor of the profile. created_at: aware.

    Raises:
        Refused: trace-unusable, services-unusable, member-unknown (nothing to find somebody by), name-missing, time-without-zone.
    """
    _refuse_unwritable(question, created_at)
    writer = _Names(profile)
    at = created_at.astimezone(profile.zone)
    segments = [
        f"BHT*0022*13*{question.trace}*{at:%Y%m%d}*{at:%H%M}", "HL*1**20*1",
        f"NM1*PR*2*{writer.text(profile.payer_name, 60)}*****{profile.payer_id_qualifier.replace('94', 'PI')}*{profile.payer_id}",
        "HL*2*1*21*1",
        f"NM1*P5*2*{writer.text(profile.sponsor_name, 60)}*****{profile.sponsor_id_qualifier.replace('94', 'PI')}*{profile.sponsor_id}",
        *_people(question, profile, writer),
    ]  # fmt: skip
    body = "".join(f"{segment}~" for segment in (f"ST*270*{control.first_st:04d}*{VERSION}", *segments))
    transaction = f"{body}SE*{len(segments) + 2}*{control.first_st:04d}~"
    return punctuate(envelope(profile, control, at, [transaction], "HS", VERSION), profile)


def _people(question: Question, profile: CarrierProfile, writer: _Names) -> list[str]:
    dependent = question.dependent
    about = dependent or question.subscriber
    trace = f"TRN*1*{question.trace}*{_originator(profile)}"
    asked = [f"DTP*291*D8*{day(question.on)}", f"EQ*{'^'.join(question.services)}"]
    subscriber = writer.person("IL", question.subscriber, profile)
    if dependent is None:
        return ["HL*3*2*22*0", trace, *subscriber, *_born(about), *asked]
    return [
        "HL*3*2*22*1",
        *subscriber,
        "HL*4*3*23*0",
        trace,
        *writer.person("03", dependent, profile),
        *_born(about),
        *asked,
    ]


def _originator(profile: CarrierProfile) -> str:
    """TRN03: ten characters, a 9 or 1 before a tax ID."""
    digits = re.sub(r"[^A-Z0-9]", "", profile.sponsor_id)
    return f"{'1' if profile.sponsor_id_qualifier == 'FI' else '9'}{digits}"[:10].ljust(10, "0")


def _born(person: Asked) -> list[str]:
    if person.birth_on is None:
        return []
    return [f"DMG*D8*{day(person.birth_on)}*{person.gender}".rstrip("*")]


def _refuse_unwritable(question: Question, created_at: datetime) -> None:
    about = question.dependent or question.subscriber
    found_by = question.subscriber.number or usable_ssn(question.subscriber.ssn) or about.birth_on
    checks = (
        (not re.fullmatch(r"[A-Z0-9-]{1,50}", question.trace), "trace-unusable", "The question needs a mark of its own: up to 50 capitals and digits."),
        (not question.services or not all(re.fullmatch(r"[A-Z0-9]{1,2}", one) for one in question.services), "services-unusable", "A service type is one or two capitals or digits."),
        (not about.last_name.strip(), "name-missing", "The question needs the last name of whom it is about."),
        (not found_by, "member-unknown", "The carrier needs a member number, a Social Security number or a birth date to find somebody."),
        (any(one and one.gender not in ("", "F", "M", "U") for one in (question.subscriber, question.dependent)), "gender-unusable", "The gender is F, M, U or empty."),
        (created_at.tzinfo is None, "time-without-zone", "The file's creation time needs a time zone."),
    )  # fmt: skip
    for failed, code, reason in checks:
        if failed:
            raise Refused(code, reason)


class _Names:
    """Cleans what goes into the file."""

    def __init__(self, profile: CarrierProfile) -> None:
        basic = profile.charset is Charset.BASIC
        self._cleaner = Cleaner(basic=basic, upper=profile.upper_case, delimiters=profile.delimiters)

    def text(self, text: str, most: int) -> str:
        return self._cleaner.clean([text], [("text", most)], _forget)[0]

    def person(self, code: str, person: Asked, profile: CarrierProfile) -> list[str]:
        texts = (person.last_name, person.first_name, person.number)
        last, first, number = self._cleaner.clean(texts, _LIMITS, _forget)
        name = f"NM1*{code}*1*{last}*{first}" + (f"****MI*{number}" if number and code == "IL" else "")
        ssn = usable_ssn(person.ssn) if not number else ""
        return [
            name.rstrip("*"),
            *([f"REF*SY*{ssn}"] if ssn else []),
            *([f"REF*6P*{profile.group_number}"] if profile.group_number and code == "IL" else []),
        ]


def _forget(_code: str, _name: str) -> None:
    """An accent less changes no answer; a carrier matches by number and birth date first."""
