"""Writes the loops of one member (2000 to 2750) in one carrier's dialect. The hot path of a full file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from app.integrations.formats.x12.charset import Cleaner
from app.integrations.formats.x12.coverage_writer import CoverageWriter, day, refuse_odd_codes
from app.integrations.formats.x12.eight34 import Address, Coverage, Identity, Member
from app.integrations.formats.x12.findings import Finding, Severity
from app.integrations.formats.x12.profile import (
    CarrierProfile,
    Charset,
    EndedBy,
    EndMeaning,
    FullFileCodes,
    MemberIdSource,
    NumberSource,
)

_NAMES = (
    ("last name", 60), ("first name", 35), ("middle name", 25), ("prefix", 10), ("suffix", 10),
    ("subscriber number", 50), ("group number", 50),
)  # fmt: skip
_ADDRESS = (("address", 55), ("address line 2", 55), ("city", 30), ("state", 2), ("ZIP code", 15), ("country", 3))
_SHORTEST = 2  # characters of a city, a state, a country or an identifier in the guide
_MESSAGES = {
    "accents-removed": (Severity.NOTE, "Accents were removed from the {}; the carrier's files cannot hold them."),
    "character-removed": (Severity.WARNING, "A character the file cannot hold was removed from the {}."),
    "address-left-out": (
        Severity.WARNING,
        "The {} has too little the file can hold and was left out; tell the carrier.",
    ),
    "previous-left-out": (Severity.WARNING, "The {} sent before cannot be written and was left out; tell the carrier."),
    "text-cut": (Severity.WARNING, "The {} was shortened to fit; tell the carrier if it matters."),
}


def usable_ssn(ssn: str | None) -> str:
    """Nine digits, or "" for none. Placeholders (nine equal digits) count as none: a newborn has no number yet."""
    digits = ssn.replace("-", "") if ssn else ""
    return digits if len(digits) == 9 and digits.isdecimal() and digits.isascii() and digits != digits[0] * 9 else ""


class MemberWriter:
    """Writes members, counts them and collects findings. `full`: the batch is a full file."""

    def __init__(self, profile: CarrierProfile, *, full: bool) -> None:
        self.findings: list[Finding] = []
        self.members = 0
        self.coverages = 0
        self._profile = profile
        basic = profile.charset is Charset.BASIC
        self._cleaner = Cleaner(basic=basic, upper=profile.upper_case, delimiters=profile.delimiters)
        self._email = not basic
        self._not_in_email = frozenset("*~:^|\\>[] " + profile.delimiters)
        self._audit = full and profile.full_codes is FullFileCodes.AUDIT
        self._reason = profile.full_reason if full and profile.full_reason != "REAL" else None
        self._next_day = profile.end_means is EndMeaning.FIRST_UNCOVERED_DAY
        self._ssn_is_number = profile.subscriber_number_is is NumberSource.SSN
        self._coverage = CoverageWriter(profile, self._texts, self._end, audit=self._audit)
        self._member: Member | None = None
        self._st02 = ""

    def names(self, *names: str) -> list[str]:
        """Names of the header (sponsor, payer, broker), cleaned."""
        return self._texts(names, [("organization name", 60)] * len(names))

    def write(self, member: Member, subscriber: Member, st02: str) -> str:
        """All segments of one member. `subscriber`: the head of the family, whose number goes into REF*0F."""
        self._member, self._st02 = member, st02
        self.members += 1
        ssn = usable_ssn(member.ssn)
        number = usable_ssn(subscriber.ssn) if self._ssn_is_number else subscriber.subscriber_number
        last, first, middle, prefix, suffix, number, group = self._texts(
            (member.last_name, member.first_name, member.middle_name, member.prefix, member.suffix, number,
             member.group or self._profile.group_number),
            _NAMES,
        )  # fmt: skip
        if not number or not last or (member.ssn and not ssn):
            self._complain(member, number, last, ssn)
        previous = self._previous(member.previous) if member.previous else ""
        person = f"*1*{last}*{first}*{middle}*{prefix}*{suffix}{self._id(member, ssn)}".rstrip("*")
        parts = [
            self._ins(member),
            f"REF*0F*{number}~",
            f"REF*1L*{group}~" if group else "",
            self._references(member),
            self._dates(member),
            "NM1*74" if previous else "NM1*IL",
            person,
            "~",
            self._contact(member),
            self._home(member),
            self._demographics(member.birth_on, member.gender, member.marital),
            previous,
            self._mailing(member.mailing) if member.mailing else "",
        ]
        coverages = self._written_coverages(member)
        if coverages:
            self.coverages += len(coverages)
            parts.append(self._coverage.write(coverages, member))
        if member.extra_reason and self._profile.extra_reason:
            parts.append(f"LS*2700~LX*1~N1*75*ADDL MAINT REASON~REF*17*{member.extra_reason}~LE*2700~")
        return "".join(parts)

    def _written_coverages(self, member: Member) -> Sequence[Coverage]:
        if not member.coverages or (not member.subscriber and not self._profile.dependents_carry_coverage):
            return ()
        if member.maintenance == "024" and self._profile.person_ends_by is EndedBy.MEMBER:
            return ()
        return member.coverages

    def _ins(self, member: Member) -> str:
        maintenance, reason = member.maintenance, member.reason
        if self._audit and maintenance != "024":
            maintenance = "030"
        if self._reason is not None and maintenance != "024":
            reason = self._reason
        refuse_odd_codes(
            f"{member.relationship}{maintenance}{reason}{member.benefit_status}{member.medicare}{member.cobra_event}"
            f"{member.employment_status}{member.student}{member.gender}{member.marital}{member.extra_reason}"
        )
        employed = member.subscriber or self._profile.employment_status_on_dependents
        status = member.employment_status if employed else ""
        line = (
            f"INS*{'Y' if member.subscriber else 'N'}*{member.relationship}*{maintenance}*{reason}"
            f"*{member.benefit_status}*{member.medicare}*{member.cobra_event}*{status}*{member.student}"
        )
        if member.disabled is not None or member.died_on or member.birth_sequence is not None:
            handicap = "" if member.disabled is None else "Y" if member.disabled else "N"
            died = f"D8*{day(member.died_on)}" if member.died_on else "*"
            sequence = "" if member.birth_sequence is None else str(member.birth_sequence)
            line += f"*{handicap}*{died}*****{sequence}"
        return line.rstrip("*") + "~"

    def _id(self, member: Member, ssn: str) -> str:
        source = self._profile.member_id_is
        if source is MemberIdSource.SSN and ssn:
            return f"*34*{ssn}"
        if source is MemberIdSource.MEMBER_NUMBER and member.member_number:
            number = self._texts((member.member_number,), (("member number", 80),))[0]
            return f"*ZZ*{number}" if len(number) >= _SHORTEST else ""
        return ""

    def _references(self, member: Member) -> str:
        profile = self._profile
        pairs = [
            *((q, v) for q, v in (
                (profile.class_qualifier, member.class_code), (profile.division_qualifier, member.division),
                (profile.location_qualifier, member.location),
            ) if q and v),
            *member.references,
        ]  # fmt: skip
        if not pairs:
            return ""
        values = self._texts([v for _, v in pairs], [("reference number", 50)] * len(pairs))
        return "".join(f"REF*{q}*{v}~" for (q, _), v in zip(pairs, values, strict=True) if v)

    def _dates(self, member: Member) -> str:
        dated = (
            ("301", member.cobra_event_on), ("303", member.maintained_on), ("336", member.employed_on),
            ("337", member.employment_ended_on), ("340", member.cobra_on), ("341", member.cobra_ends_on),
            ("356", member.eligible_on), ("357", self._member_end(member)), *member.dates,
        )  # fmt: skip
        return "".join([f"DTP*{qualifier}*D8*{day(on)}~" for qualifier, on in dated if on])

    def _member_end(self, member: Member) -> date | None:
        end = member.ineligible_on
        if end is None and member.maintenance == "024" and self._profile.person_ends_by is EndedBy.MEMBER:
            end = max((c.end_on for c in member.coverages if c.end_on), default=None)
        return self._end(end) if end else None

    def _end(self, on: date) -> date:
        """The last covered day in the carrier's way of counting."""
        return on + timedelta(days=1) if self._next_day and on < date.max else on

    def _contact(self, member: Member) -> str:
        if not self._profile.contact_details:
            return ""
        email = member.email.upper() if self._profile.upper_case else member.email
        numbers = [
            f"*{kind}*{value}"
            for kind, value in (
                ("HP", _digits(member.home_phone)),
                ("WP", _digits(member.work_phone)),
                ("CP", _digits(member.cell_phone)),
                ("EM", email if self._can_hold(email) else ""),
            )
            if value
        ]
        return f"PER*IP*{''.join(numbers[:3])}~" if numbers else ""

    def _can_hold(self, email: str) -> bool:
        """An e-mail address cannot be cleaned, only sent or not: `O'Brien` ends the segment where the terminator is `'`."""
        return self._email and email.isascii() and email.isprintable() and self._not_in_email.isdisjoint(email)

    def _home(self, member: Member) -> str:
        if member.address is None or not (member.subscriber or self._profile.address_on_dependents):
            return ""
        return self._address(member.address)

    def _address(self, address: Address) -> str:
        line1, line2, city, state, postal, country = self._texts(
            (address.line1, address.line2, address.city, address.state, address.postal, address.country), _ADDRESS
        )
        if not line1 or len(city) < _SHORTEST:
            if address.line1 or address.city:
                self._report("address-left-out", "address")
            return ""
        street = f"N3*{line1}*{line2}~" if line2 else f"N3*{line1}~"
        return street + f"N4*{city}*{state}*{postal.replace('-', '')}*{country}".rstrip("*") + "~"

    def _mailing(self, address: Address) -> str:
        written = self._address(address)
        return f"NM1*31*1~{written}" if written else ""

    def _previous(self, identity: Identity) -> str:
        last, first, middle = self._texts((identity.last_name, identity.first_name, identity.middle_name), _NAMES[:3])
        if not last:
            self._report("previous-left-out", "name")
            return ""
        ssn = usable_ssn(identity.ssn) if self._profile.member_id_is is MemberIdSource.SSN else ""
        name = f"NM1*70*1*{last}*{first}*{middle}***{f'34*{ssn}' if ssn else ''}".rstrip("*") + "~"
        return name + self._demographics(identity.birth_on, identity.gender, "")

    @staticmethod
    def _demographics(birth_on: date | None, gender: str, marital: str) -> str:
        return f"DMG*D8*{day(birth_on)}*{gender or 'U'}*{marital}".rstrip("*") + "~" if birth_on else ""

    def _texts(self, texts: Sequence[str], limits: Sequence[tuple[str, int]]) -> list[str]:
        return self._cleaner.clean(texts, limits, self._report)

    def _report(self, code: str, name: str) -> None:
        severity, message = _MESSAGES[code]
        self._find(severity, code, message.format(name))

    def _complain(self, member: Member, number: str, last: str, ssn: str) -> None:
        if not number:
            self._find(Severity.ERROR, "subscriber-number-missing", "The subscriber has no number (REF*0F).", "REF")
        if not last:
            self._find(Severity.ERROR, "name-missing", "This person has no last name.", "NM1")
        if member.ssn and not ssn:
            self._find(Severity.WARNING, "ssn-unusable", "The SSN is not usable and was left out.", "NM1")

    def _find(self, severity: Severity, code: str, message: str, segment: str = "") -> None:
        ref = self._member.ref if self._member else ""
        self.findings.append(Finding(severity, code, message, segment, 0, ref, self._st02))


def _digits(phone: str) -> str:
    return "".join(filter(str.isdecimal, phone)) if phone else ""
