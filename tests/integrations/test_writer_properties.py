"""Whatever families are called and however a carrier wants them told: the file passes pyx12 and our rules, and the sandbox's own
reader, which shares no line with our writer, finds in it exactly the people, plans and dates that were meant."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, Phase, assume, event, given, settings
from hypothesis import strategies as st

from app.integrations.formats.x12.eight34 import Address, Coverage, Family, Identity, Member
from app.integrations.formats.x12.findings import is_sound
from app.integrations.formats.x12.gate import check_syntax
from app.integrations.formats.x12.member_writer import usable_ssn
from app.integrations.formats.x12.profile import CarrierProfile, EndMeaning, MemberIdSource
from app.integrations.formats.x12.readback import read_back
from app.integrations.formats.x12.rules import check_meaning
from app.integrations.formats.x12.writer import Written, write_834
from sandbox.carriers.read834 import MemberRecord, read_enrollment
from sandbox.carriers.receive import examine
from tests.integrations.people import CONTROL, batch, profile

START = date(2026, 12, 1)
LINES = ("HLT", "DEN", "VIS", "PPO", "STD", "LIF")
TIERS = {0: "EMP", 1: "ESP", 2: "ECH", 3: "FAM"}
# Each example asks pyx12 twice, so a failure is shown as it was drawn instead of being shrunk for minutes.
SETTINGS = settings(
    max_examples=50,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
# Any script, every delimiter, line breaks, controls, and lengths beyond every limit.
ODD = st.text(st.characters(codec="utf-8"), max_size=70) | st.text("*~:^|\\>\r\n\t 'AÉßŁ", max_size=12)
NAME = st.text("abcdefghijklmnopqrstuvwxyz'-éüñ ", min_size=2, max_size=20) | ODD
DAYS = st.dates(date(2026, 11, 1), date(2027, 3, 31)) | st.just(date(2028, 2, 29))


@st.composite
def addresses(draw: st.DrawFn) -> Address:
    postal = draw(st.from_regex(r"[0-9]{5}(-[0-9]{4})?", fullmatch=True))
    return Address(draw(ODD), draw(NAME), "OR", postal, line2=draw(ODD))


@st.composite
def coverages(draw: st.DrawFn, tiers: dict[str, str], whole: str) -> tuple[Coverage, ...]:
    """One for each line somebody of the family has; what happens to it is drawn unless `whole` says it for all."""
    made = []
    for line, tier in tiers.items():
        maintenance = whole or draw(st.sampled_from(["001", "021", "024", "025"]))
        start = draw(DAYS)
        end = start + timedelta(draw(st.integers(0, 400))) if maintenance == "024" else None
        money = draw(st.none() | st.decimals(0, 99999, places=2))
        volume = Decimal(50_000) if line == "LIF" else None
        made.append(
            Coverage(line, f"P-{line}", tier, maintenance, start, end, premium=money, volume=volume,
                     late_enrollment=draw(st.booleans()))
        )  # fmt: skip
    return tuple(made)


@st.composite
def members(draw: st.DrawFn, number: int, place: int, tiers: dict[str, str], whole: str) -> Member:
    head = place == 0
    relationship = (
        "18" if head else draw(st.sampled_from(["19", "17", "09", "15"] if place > 1 else ["01", "53", "19"]))
    )
    adult = relationship in ("18", "01", "53")
    born = st.dates(date(1950, 1, 1), date(2000, 12, 31)) if adult else st.dates(date(2005, 1, 1), date(2026, 11, 20))
    previous = draw(st.none() | st.builds(Identity, NAME, ODD, birth_on=born)) if whole == "001" else None
    return Member(
        ref=f"{number}-{place}", subscriber=head, relationship=relationship, maintenance=whole or "001",
        reason={"021": "28", "024": "07", "025": "41"}.get(whole, "25" if previous else "22"), previous=previous,
        subscriber_number=f"M{number:05d}", last_name=draw(NAME), first_name=draw(NAME), middle_name=draw(ODD),
        prefix=draw(st.just("") | ODD), suffix=draw(st.just("") | ODD), birth_on=draw(born),
        ssn=draw(st.none() | st.just(f"9{number:05d}{place:03d}") | st.sampled_from(["000000000", "12", ""])),
        gender=draw(st.sampled_from("FMU")), marital=draw(st.sampled_from(["", "M", "S"])),
        employment_status="FT" if head else "", member_number=draw(st.just("") | NAME),
        address=draw(st.none() | addresses()), mailing=draw(st.none() | addresses()),
        home_phone=draw(st.just("") | st.just("(503) 555-0100") | ODD), email=draw(st.just("") | st.emails() | ODD),
        disabled=draw(st.none() | st.booleans()), class_code=draw(ODD), division=draw(ODD), location=draw(ODD),
        eligible_on=draw(st.none() | st.just(START)), employed_on=draw(st.none() | st.just(date(2020, 2, 29))),
        coverages=draw(coverages(tiers, whole if whole in ("021", "024", "025") else "")),
    )  # fmt: skip


@st.composite
def families(draw: st.DrawFn, number: int) -> Family:
    size = draw(st.integers(0, 3))
    lines = draw(st.lists(st.sampled_from(LINES), min_size=1, max_size=3, unique=True))
    tiers = dict.fromkeys(lines, TIERS[size])
    whole = draw(st.sampled_from(["021", "024", "025", "001"]))
    head = draw(members(number, 0, tiers, whole))
    return Family(head, tuple(draw(members(number, place, tiers, whole)) for place in range(1, size + 1)))


def profiles() -> st.SearchStrategy[CarrierProfile]:
    """Every question of a companion guide that changes bytes."""
    choices: dict[str, list[Any]] = {
        "terminator": ["~", "'"], "element_separator": ["*", "|"], "component_separator": [":", ">"], "repetition_separator": ["^", "!"],
        "line_breaks": [False, True], "charset": ["extended", "basic"], "upper_case": [True, False],
        "members_per_set": [0, 1, 3], "send_counts": [False, True], "full_codes": ["030 for everyone", "real codes"],
        "full_reason": ["XN", "REAL", ""], "person_ends_by": ["member", "coverage"],
        "end_means": ["last covered day", "first uncovered day"], "premium": ["none", "subscriber only", "everyone"],
        "member_id_is": ["ssn", "member number", "none"], "class_qualifier": ["", "17"], "division_qualifier": ["", "DX"],
        "location_qualifier": ["", "23"], "tier_on_dependents": [True, False], "address_on_dependents": [False, True],
        "contact_details": [False, True], "employment_status_on_dependents": [False, True], "master_policy": ["", "POL 1"],
    }  # fmt: skip
    drawn = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in choices.items()})
    fixed = {"allow_life": True, "volume_qualifier": "FK", "retro_limit_days": 366, "full_ends": "within look-back"}
    return drawn.map(lambda values: profile(**values, **fixed))


def read_by_sandbox(data: bytes) -> list[MemberRecord]:
    """Refused by the sandbox = a failed test, with its reasons."""
    examined = examine(data, ["LIF", "ADD", "AC"])
    assert isinstance(examined, list), examined
    people: list[MemberRecord] = []
    for interchange, verdicts in examined:
        assert verdicts, "the envelope is refused"
        for group, verdict in zip(interchange.groups, verdicts, strict=True):
            assert verdict.codes == []
            assert [problem for one in verdict.sets for problem in (*one.problems, *one.codes)] == []
            for item in group.sets:
                people += read_enrollment(item).members
    return people


def compare(meant: Member, read: MemberRecord, asked: CarrierProfile, full: bool) -> None:
    assert (read.subscriber, read.relation) == (meant.subscriber, meant.relationship)
    assert read.subscriber_id == meant.subscriber_number
    assert read.birth == (meant.birth_on.isoformat() if meant.birth_on else "")
    audit = full and asked.full_codes == "030 for everyone" and meant.maintenance != "024"
    assert read.code == ("030" if audit else meant.maintenance)
    assert (len(read.last), len(read.first)) <= (60, 35)
    if asked.member_id_is is MemberIdSource.SSN:
        assert read.identifier == usable_ssn(meant.ssn)
    if meant.maintenance == "024" and asked.person_ends_by == "member":
        assert read.lines == []
        assert told(read.end, asked) == max(c.end_on for c in meant.coverages if c.end_on)
        return
    assert [(line.coverage, line.plan) for line in read.lines] == [(c.line, c.plan_code) for c in meant.coverages]
    assert [line.start for line in read.lines] == [c.start_on for c in meant.coverages]
    assert [told(line.end, asked) for line in read.lines] == [c.end_on for c in meant.coverages]


def told(end: date | None, asked: CarrierProfile) -> date | None:
    """The last covered day, as the carrier of this profile understands the date."""
    return end - timedelta(days=1) if end and asked.end_means is EndMeaning.FIRST_UNCOVERED_DAY else end


def named(members: list[Member], written: Written) -> bool:
    """Every name had a letter left; a person without a name stops the file, as it should."""
    missing = {f.member_ref for f in written.findings if f.code == "name-missing"}
    assert written.sound is not bool(missing)
    for member in members:
        assert (member.ref in missing) <= (not any(c.isalnum() for c in member.last_name if c.isascii()))
    return not missing


@SETTINGS
@given(st.data(), profiles(), st.sampled_from(["2", "4", "RX"]))
def test_every_file_we_write(data: st.DataObject, asked: CarrierProfile, action: str) -> None:
    people = [data.draw(families(number)) for number in range(1, data.draw(st.integers(1, 3)) + 1)]
    everybody = [member for family in people for member in family.members]
    meant = batch(*people, action=action, kind="15", original_reference="20261116-0006")
    written = write_834(meant, asked, CONTROL)
    if not named(everybody, written):
        event("a person without a name")
        return
    event(f"{len(everybody)} people, action {action}")
    assert check_syntax(written.data, asked) == []
    assert read_back(written, meant, asked) == []
    read = read_by_sandbox(written.data)
    for one, other in zip(everybody, read, strict=True):
        compare(one, other, asked, meant.full)
    assert write_834(meant, asked, CONTROL) == written


@SETTINGS
@given(st.data())
def test_sound_facts_make_a_sound_file(data: st.DataObject) -> None:
    """Plain names and whole families: our own rules have nothing to stop either."""
    number = data.draw(st.integers(1, 99))
    family = data.draw(families(number))
    assume(family.subscriber.maintenance == "021")
    sound = Family(*(_plain(family.subscriber),), tuple(_plain(member) for member in family.dependents))
    asked = profile(allow_life=True, retro_limit_days=366)
    written = write_834(batch(sound), asked, CONTROL)
    found = check_meaning(written.data, asked, START, name=written.name)
    assert is_sound(found), found


def _plain(member: Member) -> Member:
    lines = tuple(dataclasses.replace(coverage, maintenance="021", end_on=None) for coverage in member.coverages)
    return dataclasses.replace(member, last_name="Lopez", first_name="Robin", middle_name="", coverages=lines)
