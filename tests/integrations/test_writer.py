"""The 834 writer: the profile's every dialect, and bytes that never change by themselves."""

import dataclasses
from datetime import date
from decimal import Decimal

import pytest
from pydantic import ValidationError

from app.integrations.failures import Refused
from app.integrations.formats.x12.eight34 import Address, Family, Identity, Provider
from app.integrations.formats.x12.gate import check_syntax
from app.integrations.formats.x12.profile import (
    CarrierProfile,
    Charset,
    EndedBy,
    EndMeaning,
    FullFileCodes,
    MemberIdSource,
    NumberSource,
    Phase,
    PlanCode,
    Premium,
)
from app.integrations.formats.x12.reader import read_834
from app.integrations.formats.x12.writer import Control, Written, write_834
from tests.integrations.people import CONTROL, batch, dependent, family, health, profile, subscriber, written

DAY = date(2026, 12, 31)


def text(result: Written) -> str:
    """The file, after the gate agreed to it."""
    assert check_syntax(result.data) == []
    return result.data.decode()


def test_whole_file() -> None:
    lines = text(written()).split("~")
    assert lines[0] == (
        "ISA*00*          *00*          *ZZ*CORRIDOR       *ZZ*CAREPLUS       *261123*1530*^*00501*000000007*0*T*:"
    )
    assert lines[1] == "GS*BE*CORRIDOR*CAREPLUS*20261123*1530*12*X*005010X220A1"
    assert lines[4:10] == [
        "N1*P5*WIDGET CORPORATION*FI*234567891",
        "N1*IN*CAREPLUS HEALTH PLAN*FI*876543219",
        "INS*Y*18*021*28*A***FT",
        "REF*0F*M000001",
        "REF*1L*GRP002",
        "DTP*356*D8*20261201",
    ]
    assert lines[-4:] == ["SE*33*0001", "GE*1*12", "IEA*1*000000007", ""]


def test_same_input_same_bytes_and_true_totals() -> None:
    one, two = written(family(1), family(2)), written(family(1), family(2))
    assert one == two
    assert (one.members, one.coverages, one.transactions) == (6, 8, 1)
    assert one.segments == one.data.count(b"~")
    assert one.sound


def test_one_family_per_transaction() -> None:
    result = written(family(1), family(2), with_profile=profile(members_per_set=1))
    assert result.st_map["E1"] == result.st_map["D1-01"] == "0001"
    assert result.st_map["E2"] == "0002"
    assert "BGN*00*20261123-0007-0002*" in text(result)
    assert "GE*2*12" in text(result)


def test_other_punctuation() -> None:
    asked = profile(element_separator="|", component_separator=">", repetition_separator="!", terminator="'",
                    line_breaks=True)  # fmt: skip
    result = written(family(1, last_name="O'Brien|Smith"), with_profile=asked)
    assert result.data.startswith(b"ISA|00|")
    assert b"|O BRIEN SMITH|" in result.data
    assert result.data.endswith(b"IEA|1|000000007'\n")
    assert len(read_834(result.data).members) == 3


def test_header_options() -> None:
    asked = profile(
        master_policy="POL1", send_counts=True, want_ta1=True, broker_name="Best Brokers", broker_id="111222333"
    )
    data = text(written(with_profile=asked, effective_on=DAY, kind="15", original_reference="20261116-0006"))
    for segment in (
        "REF*38*POL1",
        "DTP*007*D8*20261231",
        "QTY*TO*3",
        "QTY*DT*2",
        "QTY*ET*1",
        "N1*BO*BEST BROKERS*FI*111222333",
    ):
        assert f"~{segment}~" in data
    assert "~BGN*15*20261123-0007*20261123*1530**20261116-0006**2~" in data
    assert "*000000007*1*T*" in data


def test_production_needs_phase_and_switch() -> None:
    assert profile(live=True).usage == "T"
    assert profile(phase=Phase.PRODUCTION).usage == "T"
    assert "*0*P*:~" in text(written(with_profile=profile(live=True, phase=Phase.PRODUCTION)))


def test_accents_leave_and_are_told() -> None:
    result = written(family(1, last_name="Müller-Łukasz", first_name="José"))
    assert "NM1*IL*1*MULLER-LUKASZ*JOSE*J" in text(result)
    assert {f.code for f in result.findings} == {"accents-removed"}
    assert {f.member_ref for f in result.findings} == {"E1"}


@pytest.mark.parametrize("bad", ["A~B", "A*B", "A:B", "A^B", "A\r\nB", "A\tB", "A  B", " A B ", "A\x1fB", "A☃B"])
def test_no_delimiter_gets_through(bad: str) -> None:
    assert "NM1*IL*1*A B*ROBERT" in text(written(family(1, last_name=bad)))


def test_long_name_is_cut_visibly() -> None:
    result = written(family(1, last_name="X" * 61))
    assert f"*{'X' * 60}*" in text(result)
    assert [f.code for f in result.findings] == ["text-cut"]
    assert "last name" in result.findings[0].message


def test_newborn_has_no_id() -> None:
    for ssn in (None, "", "000000000", "12345"):
        data = text(written(Family(subscriber(), (dependent(1, "19", ssn=ssn),))))
        assert "NM1*IL*1*SMITH*ANN~" in data


def test_missing_number_is_an_error() -> None:
    result = written(family(1, subscriber_number=""))
    assert not result.sound
    assert {f.code for f in result.findings} == {"subscriber-number-missing"}


def test_ssn_as_number_and_member_number_as_id() -> None:
    asked = profile(subscriber_number_is=NumberSource.SSN, member_id_is=MemberIdSource.MEMBER_NUMBER)
    data = text(written(family(1, member_number="W77"), with_profile=asked))
    assert data.count("REF*0F*900000001~") == 3
    assert "NM1*IL*1*SMITH*ROBERT*J***ZZ*W77~" in data
    assert "*34*" not in data


def test_full_file_codes() -> None:
    audit = text(written(action="4"))
    assert "INS*Y*18*030*XN*A***FT" in audit
    assert "HD*030**HLT" in audit
    ended = family(1, maintenance="024", reason="08", coverages=(health(maintenance="024", end_on=DAY),))
    assert "INS*Y*18*024*08" in text(written(ended, action="4"))
    real = profile(full_codes=FullFileCodes.REAL, full_reason="REAL")
    assert "INS*Y*18*021*28" in text(written(with_profile=real, action="RX"))


def test_person_ended_without_coverages() -> None:
    ended = Family(subscriber(maintenance="024", reason="08", coverages=(health(maintenance="024", end_on=DAY),)))
    data = text(written(ended, with_profile=profile(person_ends_by=EndedBy.MEMBER)))
    assert "DTP*357*D8*20261231~" in data
    assert "HD*" not in data


def test_first_uncovered_day() -> None:
    ended = Family(subscriber(coverages=(health(maintenance="024", end_on=DAY),)))
    asked = profile(end_means=EndMeaning.FIRST_UNCOVERED_DAY)
    result = written(ended, with_profile=asked)
    assert "DTP*349*D8*20270101~" in text(result)
    assert read_834(result.data, asked).members[0].coverages[0].end_on == DAY


def test_leap_day() -> None:
    ended = Family(subscriber(coverages=(health(maintenance="024", end_on=date(2028, 2, 28)),)))
    asked = profile(end_means=EndMeaning.FIRST_UNCOVERED_DAY)
    assert "DTP*349*D8*20280229~" in text(written(ended, with_profile=asked))


def test_plan_table_and_amounts() -> None:
    asked = profile(
        plan_codes={"PPO500": PlanCode(line="PPO", code="C-77")}, premium=Premium.SUBSCRIBER, volume_qualifier="FK"
    )
    people = Family(subscriber(coverages=(health(volume=Decimal("50000.00")),)), (dependent(coverages=(health(),)),))
    data = text(written(people, with_profile=asked))
    assert data.count("HD*021**PPO*C-77*FAM~") == 2
    assert data.count("AMT*P3*412.5~") == 1
    assert "AMT*FK*50000~" in data


def test_tier_coverage_and_address_of_dependents() -> None:
    data = text(written(with_profile=profile(tier_on_dependents=False, address_on_dependents=True)))
    assert data.count("HD*021**HLT*PPO500~") == 2
    bare = written(with_profile=profile(dependents_carry_coverage=False))
    assert bare.coverages == 2
    member = dependent(address=subscriber().address)
    data = text(written(Family(subscriber(), (member,)), with_profile=profile(address_on_dependents=True)))
    assert data.count("N3*200 OAK AVE*APT 4~") == 2


def test_optional_facts_of_a_person() -> None:
    member = subscriber(
        benefit_status="C", cobra_event="1", cobra_event_on=DAY, cobra_on=DAY, cobra_ends_on=date(2028, 6, 30),
        disabled=True, died_on=DAY, birth_sequence=2, class_code="A", division="WEST", location="L9", home_phone="(717) 234-3334",
        email="bob@widget.example", mailing=subscriber().address, references=(("ZZ", "x"),), student="F",
        previous=Identity("Smyth", "Robert", birth_on=date(1975, 8, 21), gender="M", ssn="900000009"),
        coverages=(health(late_enrollment=True, maintained_on=DAY, references=(("X9", "r"),), dates=(("300", DAY),),
                          amounts=(("C1", Decimal(20)),), provider=Provider("1234567893", "P3", "Brown", "B", True)),),
    )  # fmt: skip
    asked = profile(class_qualifier="17", division_qualifier="DX", location_qualifier="23", contact_details=True)
    data = text(written(Family(member), with_profile=asked))
    for segment in (
        "INS*Y*18*021*28*C**1*FT*F*Y*D8*20261231*****2", "REF*17*A", "REF*DX*WEST", "REF*23*L9", "REF*ZZ*X",
        "DTP*301*D8*20261231", "DTP*340*D8*20261231", "DTP*341*D8*20280630", "PER*IP**HP*7172343334*EM*BOB@WIDGET.EXAMPLE",
        "NM1*70*1*SMYTH*ROBERT****34*900000009", "DMG*D8*19750821*M", "NM1*31*1", "HD*021**HLT*PPO500*FAM****Y",
        "DTP*303*D8*20261231", "AMT*C1*20", "REF*X9*R", "NM1*P3*1*BROWN*B****XX*1234567893*25",
    ):  # fmt: skip
        assert f"~{segment}~" in data, segment
    assert "NM1*74*1*SMITH" in data


def test_cancel_mark() -> None:
    member = subscriber(extra_reason="CANCEL")
    assert "LS*2700~LX*1~N1*75*ADDL MAINT REASON~REF*17*CANCEL~LE*2700~" in text(
        written(Family(member), with_profile=profile(extra_reason=True))
    )
    assert "LS*2700" not in text(written(Family(member)))


def test_basic_charset_has_no_at_sign() -> None:
    asked = profile(charset=Charset.BASIC, contact_details=True)
    result = written(family(1, email="a@b.example", home_phone="7172343334"), with_profile=asked)
    assert b"@" not in result.data
    assert check_syntax(result.data, asked) == []


def test_life_lines_pass_only_by_profile() -> None:
    people = Family(subscriber(coverages=(health(line="LIF", plan_code="L1", tier="EMP"),)))
    assert [f.code for f in check_syntax(written(people).data)] == ["element-7"]
    assert check_syntax(written(people).data, profile(allow_life=True)) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"reference": ""}, "reference-unusable"),
        ({"reference": "Bob~"}, "reference-unusable"),
        ({"action": "~"}, "code-unusable"),
        ({"created_at": batch().created_at.replace(tzinfo=None)}, "time-without-zone"),
    ],
)
def test_unwritable_batches(changes: dict[str, object], code: str) -> None:
    with pytest.raises(Refused) as caught:
        written(**changes)
    assert caught.value.code == code


def test_nobody_and_odd_codes_are_refused() -> None:
    with pytest.raises(Refused):
        write_834(dataclasses.replace(batch(), families=()), profile(), CONTROL)
    for people in (family(1, reason="0~8"), family(1, coverages=(health(tier="F*M"),))):
        with pytest.raises(Refused):
            written(people)


@pytest.mark.parametrize("numbers", [(0, 1, 1), (1, 0, 1), (1, 1, 0), (1_000_000_000, 1, 1)])
def test_control_numbers_in_range(numbers: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="control numbers"):
        Control(*numbers)


@pytest.mark.parametrize(
    "changes",
    [
        {"file_name": "{last_name}_{control}"},
        {"file_name": "fixed.txt"},
        {"time_zone": "Mars/Base"},
        {"terminator": "|", "element_separator": "|"},
        {"sender_id": "lower~"},
        {"cut_off": "25:00"},
        {"unknown": 1},
    ],
)
def test_profile_refuses(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        profile(**changes)


def test_file_name_has_every_part() -> None:
    asked = profile(
        file_name="{sender}-{group}-{carrier}-{date}-{time}-{control}-{usage}-{kind}.834", time_zone="America/New_York"
    )
    assert written(with_profile=asked).name == "CORRIDOR-GRP002-CAREPLUS-20261123-103000-000000007-T-CHG.834"
    assert "-FULL.834" in written(with_profile=asked, action="4").name


def test_every_profile_field_can_draw_itself() -> None:
    for name, asked in CarrierProfile.model_fields.items():
        assert asked.title, name
        assert asked.description, name
        assert isinstance(asked.json_schema_extra, dict), name
        assert asked.json_schema_extra["group"], name


def test_what_no_file_can_hold_is_left_out_and_told() -> None:
    """An address without a Latin letter, a city of one letter, an old name of nothing but signs, a member number of one digit."""
    asked = profile(member_id_is=MemberIdSource.MEMBER_NUMBER)
    for address in (Address("東京都千代田区", "東京", "CA", "92501"), Address("1 Main St", "X", "CA", "92501")):
        result = written(Family(subscriber(address=address, member_number="7")), with_profile=asked)
        assert "N3*" not in text(result)
        assert "*ZZ*7" not in text(result)
        assert "address-left-out" in {f.code for f in result.findings}
    old = subscriber(maintenance="001", reason="25", previous=Identity("§§", birth_on=DAY))
    result = written(Family(old))
    assert "NM1*70" not in text(result)
    assert "NM1*IL*1*SMITH" in text(result)
    assert "previous-left-out" in {f.code for f in result.findings}
    assert written(Family(subscriber(address=Address("")))).findings == ()


@pytest.mark.parametrize("email", ["o'brien@acme.example", "a\r@acme.example", "a:b@acme.example", "ä@acme.example"])
def test_an_e_mail_address_the_file_cannot_hold_is_not_sent(email: str) -> None:
    asked = profile(contact_details=True, terminator="'")
    result = written(family(1, email=email), with_profile=asked)
    assert check_syntax(result.data) == []
    assert b"PER*" not in result.data
    assert b"PER*IP**EM*BOB@ACME.EXAMPLE'" in written(family(1, email="bob@acme.example"), with_profile=asked).data
