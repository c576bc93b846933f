"""Traps of a single person (loop 2000 and 2100)."""

from __future__ import annotations

from collections.abc import Callable

from app.integrations.formats.x12.codes import CHILDREN
from app.integrations.formats.x12.eight34 import Member
from app.integrations.formats.x12.rules.case import Case, Findings, age_on, ends

_MISSPELLED = {"OF": "0F (zero F)", "60": "6O (six, letter O)", "IL": "1L (one L)"}
_AGE_LIMIT = 26
_MEDICARE_AGE = 60
_LONGEST = (("last_name", 60), ("first_name", 35), ("middle_name", 25))


def self_is_subscriber(member: Member, case: Case) -> Findings:
    """INS01 = Y exactly when INS02 = 18."""
    if member.subscriber != (member.relationship == "18"):
        yield case.error(
            "self-and-subscriber", "INS01 says subscriber, INS02 says otherwise (or the reverse).", "INS", member
        )


def number_is_present(member: Member, case: Case) -> Findings:
    """REF*0F, with a zero: the letter O makes the carrier lose the family."""
    for qualifier, _ in member.references:
        if qualifier in _MISSPELLED:
            message = f"REF*{qualifier} is a misspelling of {_MISSPELLED[qualifier]}."
            yield case.error("reference-misspelled", message, "REF", member)
    if not member.subscriber_number:
        yield case.error("number-missing", "The subscriber number (REF*0F) is missing.", "REF", member)


def dates_in_order(member: Member, case: Case) -> Findings:
    """No period ends before it begins."""
    for begin, end, what in (
        (member.eligible_on, member.ineligible_on, "Eligibility"),
        (member.cobra_on, member.cobra_ends_on, "COBRA"),
        (member.birth_on, member.died_on, "Life"),
    ):
        if begin and end and end < begin:
            yield case.error("ends-before-start", f"{what} ends before it begins.", "DTP", member)


def end_has_date(member: Member, case: Case) -> Findings:
    """INS03 = 024 needs to say when: DTP*357, or an end on every coverage."""
    if member.maintenance != "024" or member.ineligible_on:
        return
    if not member.coverages or any(c.end_on is None for c in member.coverages):
        yield case.error("end-without-date", "This person's coverage ends, but no date says when.", "INS", member)


def end_means_all(member: Member, case: Case) -> Findings:
    """INS03 = 024 ends everything: a coverage that goes on contradicts it."""
    if member.maintenance == "024" and any(not ends(c) for c in member.coverages):
        message = "The person ends (INS03 024), but one of the coverages does not. To end one, send INS03 001."
        yield case.error("end-contradicted", message, "INS", member)


def cobra_has_event(member: Member, case: Case) -> Findings:
    """INS05 = C needs the qualifying event in INS07, and only then is there one."""
    if member.benefit_status == "C" and not member.cobra_event:
        yield case.error("cobra-without-event", "COBRA coverage (INS05 C) needs its event (INS07).", "INS", member)
    elif member.cobra_event and member.benefit_status != "C":
        yield case.error("event-without-cobra", "A COBRA event (INS07) needs INS05 C.", "INS", member)


def cobra_has_dates(member: Member, case: Case) -> Findings:
    """COBRA needs its beginning (340)."""
    if member.benefit_status == "C" and member.maintenance != "024" and not member.cobra_on:
        yield case.warning("cobra-without-date", "COBRA coverage should say when it began (DTP*340).", "DTP", member)


def subscriber_has_employment(member: Member, case: Case) -> Findings:
    """INS08 on every subscriber."""
    if member.subscriber and not member.employment_status:
        message = "The subscriber's employment status (INS08) is missing."
        yield case.error("employment-missing", message, "INS", member)


def tefra_is_not_terminated(member: Member, case: Case) -> Findings:
    """INS05 = T is TEFRA; terminated is INS03 = 024."""
    if member.benefit_status == "T" and member.maintenance == "024":
        message = "INS05 T means TEFRA (Medicare), not terminated. Send A or C."
        yield case.error("tefra-for-terminated", message, "INS", member)


def medicare_is_no_filler(member: Member, case: Case) -> Findings:
    """INS06 = C says Medicare A and B: strange for a young person who is not disabled."""
    day = case.today or max((c.start_on for c in member.coverages if c.start_on), default=None)
    young = member.birth_on and day and age_on(member.birth_on, day) < _MEDICARE_AGE
    if member.medicare == "C" and young and not member.disabled:
        message = "INS06 C says this person has Medicare A and B. Leave it empty when that is not so."
        yield case.warning("medicare-as-filler", message, "INS", member)


def ssn_is_real(member: Member, case: Case) -> Findings:
    """A newborn has no SSN: leave NM108/NM109 out, never write zeros."""
    ssn = member.ssn
    if ssn is None:
        return
    digits = ssn.replace("-", "")
    if len(digits) != 9 or not digits.isdecimal() or digits == digits[0] * 9:
        message = "The SSN is a filler or malformed. Leave it out when there is none yet."
        yield case.error("ssn-filler", message, "NM1", member)


def names_fit(member: Member, case: Case) -> Findings:
    """Longer names are refused by the guide; a name of exactly the limit was probably cut."""
    for name, most in _LONGEST:
        length = len(getattr(member, name))
        if length < most:
            continue
        words = name.replace("_", " ")
        if length > most:
            yield case.error("name-too-long", f"The {words} is longer than {most} characters.", "NM1", member)
        else:
            yield case.warning("name-maybe-cut", f"The {words} was probably cut to {most} characters.", "NM1", member)


def names_are_clean(member: Member, case: Case) -> Findings:
    """Delimiters and line breaks in a name break the carrier's reader."""
    joined = member.last_name + member.first_name + member.middle_name
    if set("~*:^|\r\n") & set(joined):
        yield case.error("name-unclean", "A name holds a delimiter or a line break.", "NM1", member)


def child_is_young(member: Member, case: Case) -> Findings:
    """A child's coverage ends with 26 (unless disabled), and an end sent late must not reach beyond it."""
    if member.relationship not in CHILDREN or member.birth_on is None or member.disabled:
        return
    for coverage in member.coverages:
        day = coverage.end_on if ends(coverage) else case.today or coverage.start_on
        if day is None or age_on(member.birth_on, day) < _AGE_LIMIT:
            continue
        aged_out = (member.birth_on.year + _AGE_LIMIT, member.birth_on.month)
        if (day.year, day.month) == aged_out:
            continue  # covered to the end of the month of the birthday
        if ends(coverage):
            message = "This child's coverage ends long after the 26th birthday: check for claims to be reversed."
            yield case.warning("child-ended-late", message, "DTP", member, coverage.position)
        else:
            message = "This child is 26 or older. End the coverage or mark the disability (INS10)."
            yield case.error("child-too-old", message, "HD", member, coverage.position)


def correction_is_complete(member: Member, case: Case) -> Findings:
    """A correction of identity needs the old values (2100B), which only belong to reason 25."""
    if member.reason == "25" and member.previous is None:
        message = "A correction of identity needs the previous, wrong values (NM1*70)."
        yield case.warning("correction-without-previous", message, "NM1", member)
    elif member.previous is not None and member.maintenance not in ("001", "030"):
        message = "Previous values (NM1*70) belong to a change (INS03 001)."
        yield case.error("previous-without-correction", message, "INS", member)


def death_has_date(member: Member, case: Case) -> Findings:
    """Reason 03 (death) needs the date in INS12."""
    if member.reason == "03" and member.subscriber and member.died_on is None:
        yield case.warning("death-without-date", "The date of death (INS12) is missing.", "INS", member)


def rehire_is_told_right(member: Member, case: Case) -> Findings:
    """Back without a gap = reinstate (025); back after a gap = a new add (021)."""
    ended_on = case.ended_on.get(member.subscriber_number) if member.subscriber else None
    starts = [c.start_on for c in member.coverages if c.start_on and not ends(c)]
    if ended_on is None or not starts:
        return
    gap = (min(starts) - ended_on).days > 1
    if member.maintenance == "021" and not gap:
        message = "Coverage continues without a gap after an end: send a reinstatement (025), not an add."
        yield case.warning("rehire-as-add", message, "INS", member)
    elif member.maintenance == "025" and gap:
        message = "There is a gap since coverage ended: send an add (021) with its own start, not a reinstatement."
        yield case.error("reinstate-over-gap", message, "INS", member)


MEMBER_RULES: tuple[Callable[[Member, Case], Findings], ...] = (
    self_is_subscriber, number_is_present, dates_in_order, end_has_date, end_means_all, cobra_has_event,
    cobra_has_dates, subscriber_has_employment, tefra_is_not_terminated, medicare_is_no_filler, ssn_is_real, names_fit,
    names_are_clean, child_is_young, correction_is_complete, death_has_date, rehire_is_told_right,
)  # fmt: skip
