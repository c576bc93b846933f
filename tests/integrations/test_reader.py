"""Writer and reader are inverse, and no damage to a file makes the reader fall over."""

import dataclasses
from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.integrations.failures import Refused
from app.integrations.formats.x12.acknowledgements import read_acknowledgement
from app.integrations.formats.x12.eight34 import Address, Coverage, Family, Identity, Member, Provider
from app.integrations.formats.x12.explain import explain
from app.integrations.formats.x12.gate import check_syntax
from app.integrations.formats.x12.profile import EndMeaning, PlanCode, Premium
from app.integrations.formats.x12.reader import member_at, read_834
from app.integrations.formats.x12.rules import check_meaning
from tests.integrations.people import family, profile, subscriber, written

FULL = profile(
    premium=Premium.ALL, volume_qualifier="FK", contact_details=True, extra_reason=True, class_qualifier="17",
    division_qualifier="DX", location_qualifier="23", end_means=EndMeaning.FIRST_UNCOVERED_DAY,
    address_on_dependents=True, employment_status_on_dependents=True, plan_codes={"gold": PlanCode(line="PPO", code="C7")},
)  # fmt: skip
SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

words = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-'.", min_size=1, max_size=20)
places = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=2, max_size=20)
maybe = st.one_of(st.just(""), words)
days = st.one_of(st.none(), st.dates(date(1900, 1, 1), date(2099, 12, 31)))
money = st.one_of(st.none(), st.decimals(Decimal(0), Decimal(99999), places=2))
ssns = st.one_of(st.none(), st.integers(900_000_000, 999_999_998).map(str))
addresses = st.one_of(
    st.none(), st.builds(Address, words, places, st.just("CA"), st.just("92501"), maybe, st.sampled_from(["", "CA"]))
)
coverages = st.builds(
    Coverage, line=st.sampled_from(["HLT", "DEN", "VIS"]), plan_code=maybe, tier=st.sampled_from(["", "EMP", "FAM"]),
    maintenance=st.sampled_from(["021", "024", "001", "025"]), start_on=days, end_on=days, maintained_on=days,
    premium=money, volume=money, late_enrollment=st.booleans(),
    references=st.lists(st.tuples(st.sampled_from(["X9", "9V"]), words), max_size=2).map(tuple),
    amounts=st.lists(st.tuples(st.just("C1"), st.decimals(0, 999, places=2)), max_size=1).map(tuple),
    provider=st.one_of(st.none(), st.builds(Provider, words, st.just("P3"), words, maybe, st.booleans())),
)  # fmt: skip
members = st.builds(
    Member, ref=st.just(""), subscriber=st.just(True), relationship=st.just("18"), maintenance=st.sampled_from(["021", "001"]),
    subscriber_number=words, last_name=words, first_name=maybe, middle_name=maybe, prefix=st.sampled_from(["", "DR"]),
    suffix=st.sampled_from(["", "JR"]), reason=st.sampled_from(["", "28", "25"]), benefit_status=st.sampled_from("ACS"),
    medicare=st.sampled_from(["", "A"]), cobra_event=st.sampled_from(["", "1"]), employment_status=st.sampled_from(["", "FT"]),
    student=st.sampled_from(["", "F"]), disabled=st.sampled_from([None, True, False]), died_on=days,
    birth_sequence=st.sampled_from([None, 1, 2]), group=words, class_code=maybe, division=maybe, location=maybe, ssn=ssns,
    birth_on=st.dates(date(1900, 1, 1), date(2099, 1, 1)), gender=st.sampled_from("FMU"), marital=st.sampled_from(["", "M"]),
    address=addresses, mailing=addresses, home_phone=st.sampled_from(["", "7172343334"]), email=st.sampled_from(["", "A@B.EXAMPLE"]),
    employed_on=days, employment_ended_on=days, eligible_on=days, ineligible_on=days, cobra_event_on=days, cobra_on=days,
    cobra_ends_on=days, maintained_on=days, extra_reason=st.sampled_from(["", "CANCEL"]),
    references=st.lists(st.tuples(st.sampled_from(["ZZ", "3H"]), words), max_size=2).map(tuple),
    previous=st.one_of(st.none(), st.builds(Identity, words, maybe, maybe, ssns, st.dates(date(1900, 1, 1)), st.just("F"))),
    coverages=st.lists(coverages, max_size=3).map(tuple),
)  # fmt: skip


def without_place(member: Member) -> Member:
    placeless = tuple(dataclasses.replace(c, position=0) for c in member.coverages)
    return dataclasses.replace(member, ref="", position=0, coverages=placeless)


@SETTINGS
@given(members)
def test_round_trip(member: Member) -> None:
    result = written(Family(member), with_profile=FULL)
    file = read_834(result.data, FULL)
    assert file.findings == ()
    assert [without_place(m) for m in file.members] == [member]


def test_plan_table_is_undone() -> None:
    member = subscriber(coverages=(Coverage("PPO", "gold", "EMP", start_on=date(2026, 1, 1)),))
    data = written(Family(member), with_profile=FULL).data
    assert b"HD*021**PPO*C7*EMP" in data
    assert read_834(data, FULL).members[0].coverages[0].plan_code == "gold"


def test_header_facts() -> None:
    asked = profile(master_policy="POL1", send_counts=True)
    file = read_834(written(with_profile=asked, effective_on=date(2026, 12, 1)).data)
    (transaction,) = file.transactions
    assert (transaction.isa13, transaction.gs06, transaction.st02, transaction.usage) == (
        "000000007",
        "12",
        "0001",
        "T",
    )
    assert (transaction.reference, transaction.action, transaction.full) == ("20261123-0007", "2", False)
    assert (transaction.master_policy, transaction.sponsor_id, transaction.payer_name) == (
        "POL1", "234567891", "CAREPLUS HEALTH PLAN",
    )  # fmt: skip
    assert dict(transaction.counts) == {"TO": 3, "DT": 2, "ET": 1}
    assert transaction.dates == (("007", date(2026, 12, 1)),)
    assert [len(f) for f in transaction.families] == [3]


def test_whose_segment_it_is() -> None:
    file = read_834(written().data)
    assert [getattr(member_at(file, "0001", n), "first_name", None) for n in (4, 5, 16, 17, 99)] == [
        None, "ROBERT", "ROBERT", "MARY", "ANN",
    ]  # fmt: skip
    assert member_at(file, "0002", 5) is None


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"D8*19750820", b"D8*19750230", "date-unreadable"),
        (b"D8*19750820", b"D8*1975\xb208", "date-unreadable"),
        (b"INS*Y*", b"INS*Q*", "subscriber-flag"),
        (b"HD*021**DEN", b"XYZ*1~HD*021**DEN", "segment-unknown"),
        (b"HD*021**DEN", b"AMT*P3*NaN~HD*021**DEN", "amount-unreadable"),
        (b"HD*021**DEN", b"AMT*P3*1E999999~HD*021**DEN", None),
        (b"N1*P5", b"QTY*TO*many~N1*P5", "count-unreadable"),
        (b"005010X220A1", b"004010X095A1", "version"),
    ],
)
def test_what_cannot_be_understood_is_a_finding(old: bytes, new: bytes, code: str | None) -> None:
    file = read_834(written().data.replace(old, new))
    assert len(file.members) == 3
    assert code is None or code in {f.code for f in file.findings}


def test_not_an_834() -> None:
    data = written().data.replace(b"ST*834", b"ST*820")
    with pytest.raises(Refused, match="820"):
        read_834(data)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A file with bytes changed, removed, repeated or swapped."""
    data = bytearray(written(family(1), family(2)).data)
    for _ in range(draw(st.integers(1, 8))):
        at = draw(st.integers(0, len(data) - 1))
        to = min(len(data), at + draw(st.integers(0, 40)))
        data[at:to] = draw(
            st.one_of(st.binary(max_size=6), st.sampled_from([b"~", b"*", b"~INS*", b"~ISA*", b"~HD", b"~ST*834~"]))
        )
    return bytes(data)


@SETTINGS
@given(damaged())
def test_damage_never_crashes_a_reader(data: bytes) -> None:
    for read in (
        read_834,
        read_acknowledgement,
        check_meaning,
        lambda d: check_meaning(d, FULL, date(2026, 11, 23), name="a.834"),
        lambda d: explain(d, gate=False),
    ):
        with suppress(Refused):
            read(data)


@SETTINGS
@given(st.binary(max_size=400))
def test_rubbish_is_refused(data: bytes) -> None:
    with pytest.raises(Refused):
        explain(data)
    assert check_syntax(data)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(damaged())
def test_damage_never_crashes_the_gate(data: bytes) -> None:
    assert isinstance(check_syntax(data, FULL), list)
