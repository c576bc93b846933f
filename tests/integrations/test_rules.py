"""Each trap of the rule pack: caught when it is there, silent when it is not."""

import dataclasses
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import pytest

from app.integrations.formats.x12.eight34 import Family, Identity, Member
from app.integrations.formats.x12.profile import CarrierProfile, EndMeaning, FullFileCodes, Phase
from app.integrations.formats.x12.reader import read_834
from app.integrations.formats.x12.rules import age_on, check_facts, check_meaning, check_name, net
from tests.integrations.people import dependent, family, health, profile, subscriber, written

TODAY = date(2026, 11, 23)
END = date(2026, 12, 31)


def codes(
    *families: Family,
    with_profile: CarrierProfile | None = None,
    ended_on: dict[str, date] | None = None,
    edit: tuple[bytes, bytes] | None = None,
    **changes: Any,
) -> list[str]:
    """Codes of everything the rules say about a written file."""
    data = written(*families, with_profile=with_profile, **changes).data
    if edit:
        assert edit[0] in data
        data = data.replace(*edit)
    return [f.code for f in check_meaning(data, with_profile or profile(), TODAY, ended_on=ended_on or {})]


def one(**changes: Any) -> Family:
    """A single subscriber covered alone."""
    return Family(subscriber(**{"coverages": (health(tier="EMP"),), **changes}))


def ended(**changes: Any) -> Family:
    coverage = health(tier="EMP", maintenance="024", end_on=END)
    return one(**{"maintenance": "024", "reason": "08", "coverages": (coverage,), **changes})


SOUND: dict[str, Iterable[Family]] = {
    "family": (family(),),
    "single": (one(),),
    "ended": (ended(),),
    "one line ended": (one(maintenance="001", coverages=(health(tier="EMP", maintenance="024", end_on=END),)),),
    "reinstated": (one(maintenance="025", coverages=(health(tier="EMP", maintenance="025"),)),),
    "COBRA": (one(benefit_status="C", cobra_event="1", cobra_on=TODAY),),
    "newborn": (Family(subscriber(), (dependent(1, "19", ssn=None, birth_on=TODAY), dependent(1))),),
    "leap day child": (Family(subscriber(), (dependent(1, "19", birth_on=date(2004, 2, 29)),)),),
    "disabled adult child": (Family(subscriber(), (dependent(1, "19", birth_on=date(1990, 1, 1), disabled=True),)),),
    "child in the month of 26": (Family(subscriber(), (dependent(1, "19", birth_on=date(2000, 11, 5)),)),),
    "dependent alone": (
        Family(subscriber(maintenance="001", coverages=()), (dependent(1, "19"),)),
    ),
    "two employees apart": (one(), Family(subscriber(2, coverages=(health(tier="EMP"),)))),
    "correction": (one(maintenance="001", reason="25", previous=Identity("Smit", "R"), coverages=()),),
}  # fmt: skip


@pytest.mark.parametrize("families", SOUND.values(), ids=SOUND.keys())
def test_sound(families: tuple[Family, ...]) -> None:
    assert codes(*families) == []


MEMBER_TRAPS: list[tuple[str, Family]] = [
    ("self-and-subscriber", one(relationship="01")),
    ("self-and-subscriber", Family(subscriber(), (dependent(1, "18"), dependent(1)))),
    ("ends-before-start", one(eligible_on=END, ineligible_on=date(2026, 12, 30))),
    ("ends-before-start", one(benefit_status="C", cobra_event="1", cobra_on=END, cobra_ends_on=TODAY)),
    ("end-without-date", one(maintenance="024", reason="08", coverages=())),
    ("end-without-date", ended(coverages=(health(tier="EMP", maintenance="024"),))),
    ("end-contradicted", ended(coverages=(health(tier="EMP", maintenance="001", end_on=END),))),
    ("cobra-without-event", one(benefit_status="C", cobra_on=TODAY)),
    ("event-without-cobra", one(cobra_event="1")),
    ("cobra-without-date", one(benefit_status="C", cobra_event="1")),
    ("employment-missing", one(employment_status="")),
    ("tefra-for-terminated", ended(benefit_status="T")),
    ("medicare-as-filler", one(medicare="C")),
    ("name-maybe-cut", one(last_name="X" * 61)),
    ("child-too-old", Family(subscriber(), (dependent(1, "19", birth_on=date(2000, 2, 29)),))),
    (
        "child-ended-late",
        Family(
            subscriber(),
            (
                dependent(),
                dependent(
                    1,
                    "19",
                    birth_on=date(2000, 1, 5),
                    maintenance="024",
                    coverages=(health(maintenance="024", end_on=END),),
                ),
            ),
        ),
    ),
    ("correction-without-previous", one(maintenance="001", reason="25", coverages=())),
    ("previous-without-correction", one(previous=Identity("Smit", "R"))),
    ("death-without-date", ended(reason="03")),
]


@pytest.mark.parametrize(("code", "people"), MEMBER_TRAPS)
def test_member_traps(code: str, people: Family) -> None:
    assert code in codes(people)


BYTE_TRAPS: list[tuple[str, bytes, bytes]] = [
    ("number-missing", b"REF*0F*M000001~", b""),
    ("reference-misspelled", b"REF*0F*M000001", b"REF*OF*M000001"),
    ("reference-misspelled", b"REF*1L*GRP002", b"REF*60*X"),
    ("ssn-filler", b"*34*900000001", b"*34*000000000"),
    ("ssn-filler", b"*34*900000001", b"*34*123"),
    ("name-too-long", b"SMITH*ROBERT", b"X" * 61 + b"*ROBERT"),
    ("name-unclean", b"SMITH*ROBERT", b"SMI:TH*ROBERT"),
    ("line-break-inside", b"SMITH*ROBERT", b"SMI\r\nTH*ROBERT"),
    ("trailing-separator", b"DMG*D8*19750820*M*M~", b"DMG*D8*19750820*M*M*~"),
    ("coverage-without-date", b"*PPO500*EMP~DTP*348*D8*20261201~", b"*PPO500*EMP~"),
    ("start-without-date", b"DTP*348*D8*20261201", b"DTP*300*D8*20261201"),
    ("date-unreadable", b"DTP*348*D8*20261201", b"DTP*348*D8*20270229"),
    ("line-unknown", b"HD*021**HLT", b"HD*021**XXX"),
    ("line-unknown", b"HD*021**HLT", b"HD*021**LIF"),
    ("action-unknown", b"****2~", b"****7~"),
    ("original-missing", b"BGN*00*", b"BGN*15*"),
    ("usage-differs", b"*0*T*:", b"*0*P*:"),
    ("se-count", b"SE*15", b"SE*18"),
]


@pytest.mark.parametrize(("code", "old", "new"), BYTE_TRAPS)
def test_byte_traps(code: str, old: bytes, new: bytes) -> None:
    assert code in codes(one(), edit=(old, new))


@pytest.mark.parametrize("qualifier", ["TO", "DT", "ET"])
def test_totals(qualifier: str) -> None:
    asked = profile(send_counts=True)
    assert codes(family(), with_profile=asked) == []
    told = {"TO": 3, "DT": 2, "ET": 1}[qualifier]
    edit = (f"QTY*{qualifier}*{told}".encode(), f"QTY*{qualifier}*9".encode())
    assert codes(family(), with_profile=asked, edit=edit) == ["total-wrong"]


def test_end_before_start_of_a_coverage() -> None:
    coverage = health(tier="EMP", start_on=END, end_on=date(2026, 12, 30))
    assert codes(one(coverages=(coverage,))) == ["ends-before-start"]
    assert codes(one(coverages=(dataclasses.replace(coverage, end_on=END),))) == []


def test_adds_in_a_full_file() -> None:
    real = profile(full_codes=FullFileCodes.REAL, full_reason="REAL")
    data = written(family(), with_profile=real, action="4").data
    assert {f.code for f in check_meaning(data, profile())} == {"add-in-full-file"}
    assert {f.severity.value for f in check_meaning(data)} == {"warning"}
    assert check_meaning(data, real) == []
    assert codes(family(), action="4") == []


def test_too_far_back() -> None:
    old = date(2026, 8, 1)
    assert codes(one(coverages=(health(tier="EMP", start_on=old),))) == ["too-far-back"]
    assert codes(one(coverages=(health(tier="EMP", start_on=old),)), with_profile=profile(retro_limit_days=180)) == []
    late = ended(coverages=(health(tier="EMP", maintenance="024", start_on=date(2025, 1, 1), end_on=old),))
    assert codes(late) == ["too-far-back"]


def test_end_of_month_rule() -> None:
    asked = profile(ends_on_month_end=True)
    middle = ended(coverages=(health(tier="EMP", maintenance="024", end_on=date(2026, 12, 15)),))
    assert codes(middle, with_profile=asked) == ["ends-mid-month"]
    assert codes(ended(), with_profile=asked) == []
    leap = health(tier="EMP", maintenance="024", start_on=date(2026, 12, 1), end_on=date(2028, 2, 29))
    assert codes(ended(coverages=(leap,)), with_profile=asked) == []


def test_life_lines_by_profile() -> None:
    people = one(coverages=(health(line="LIF", tier="EMP"),))
    assert codes(people) == ["line-unknown"]
    assert codes(people, with_profile=profile(allow_life=True)) == []


def test_order_and_numbers_of_a_family() -> None:
    swapped = Family(dependent(coverages=(health(),)), (subscriber(coverages=(health(),)),))
    assert "dependent-first" in codes(swapped)
    data = written().data.replace(b"INS*N*01*021*28*A~REF*0F*M000001", b"INS*N*01*021*28*A~REF*0F*M000009")
    assert "family-number-differs" in [f.code for f in check_meaning(data)]


def test_subscriber_twice() -> None:
    assert codes(one(), one(ref="again")) == ["subscriber-twice", "subscriber-twice"]


def test_tier_against_the_family() -> None:
    small = Family(subscriber(coverages=(health(tier="EMP"),)), (dependent(),))
    assert codes(small) == ["tier-too-small"]
    large = one(coverages=(health(tier="FAM"),))
    assert codes(large) == ["tier-without-dependents"]
    elsewhere = profile(dependents_carry_coverage=False)
    assert codes(family(), with_profile=elsewhere) == ["tier-too-small"]


def two_couples(**changes: Any) -> tuple[Family, Family]:
    """Two employees; the second is also a dependent of the first."""
    second = subscriber(2, coverages=(health(tier="EMP"),))
    return Family(subscriber(), (dependent(1, ssn=second.ssn, **changes),)), Family(second)


def test_spouses_both_employees() -> None:
    assert codes(*two_couples()) == ["spouse-also-employee"]
    assert codes(*two_couples(coverages=(health(line="VIS"),)))[-1] != "spouse-also-employee"


def test_employee_is_also_someones_dependent() -> None:
    assert "dependent-also-employee" in codes(*two_couples(relationship="19", birth_on=date(2004, 1, 1)))


def test_child_of_two_employees() -> None:
    child = dependent(1, "19")
    both = (
        Family(subscriber(), (child,)),
        Family(subscriber(2), (dataclasses.replace(child, ref="other", subscriber_number="M000002"),)),
    )
    assert codes(*both) == ["dependent-twice", "dependent-twice"]


def test_add_and_end_the_same_day() -> None:
    plan = health(tier="EMP")
    stop = dataclasses.replace(plan, maintenance="024", end_on=plan.start_on)
    assert codes(one(coverages=(plan, stop))) == ["added-and-ended"]
    before = dataclasses.replace(stop, start_on=None, end_on=plan.start_on - timedelta(1))
    assert codes(one(coverages=(before, plan))) == [], "a plan that goes on in a new year"
    assert net((plan, stop)) == ()
    assert net((stop, plan)) == (stop, plan)
    later = dataclasses.replace(stop, end_on=END)
    assert net((plan, later)) == (dataclasses.replace(plan, end_on=END),)
    other = health(line="DEN", plan_code="D")
    assert net((plan, other, stop)) == (other,)


def test_rehire_is_reinstate_or_add() -> None:
    known = {"M000001": date(2026, 11, 30)}
    assert codes(one(), ended_on=known) == ["rehire-as-add"]
    back = one(maintenance="025", coverages=(health(tier="EMP", maintenance="025"),))
    assert codes(back, ended_on=known) == []
    assert codes(back, ended_on={"M000001": date(2026, 6, 30)}) == ["reinstate-over-gap"]
    assert codes(one(), ended_on={"M000001": date(2026, 6, 30)}) == []


def test_production_file_from_a_test_connection() -> None:
    live = profile(live=True, phase=Phase.PRODUCTION)
    data = written(one(), with_profile=live).data
    assert [f.code for f in check_meaning(data, profile(), TODAY)] == ["usage-differs"]
    assert check_meaning(data, live, TODAY) == []


def test_no_person_in_file_names() -> None:
    file = read_834(written(one()).data)
    assert check_name(written(one()).name, file) == []
    for name in ("Smith_834.txt", "834-robert.txt", "834_900-00-0001.txt", "834_900000001.txt", "m000001.834"):
        assert [f.code for f in check_name(name, file)] == ["person-in-file-name"], name
    assert [f.code for f in check_meaning(written(one()).data, name="smith.834")] == ["person-in-file-name"]


def test_repeated_transaction_number() -> None:
    data = written(
        one(), Family(subscriber(2, coverages=(health(tier="EMP"),))), with_profile=profile(members_per_set=1)
    ).data
    again = data.replace(b"*0002*005010X220A1~BGN", b"*0001*005010X220A1~BGN").replace(b"SE*15*0002", b"SE*15*0001")
    assert "st-repeated" in [f.code for f in check_meaning(again)]


def test_first_uncovered_day_is_undone_before_judging() -> None:
    asked = profile(end_means=EndMeaning.FIRST_UNCOVERED_DAY, ends_on_month_end=True)
    assert codes(ended(), with_profile=asked) == []


@pytest.mark.parametrize(
    ("birth_on", "day", "age"),
    [
        (date(2004, 2, 29), date(2030, 2, 28), 25),
        (date(2004, 2, 29), date(2030, 3, 1), 26),
        (date(2000, 2, 29), date(2028, 2, 29), 28),
        (date(2000, 11, 23), date(2026, 11, 23), 26),
    ],
)
def test_age(birth_on: date, day: date, age: int) -> None:
    assert age_on(birth_on, day) == age


def test_findings_name_the_member_and_the_place() -> None:
    file = read_834(written(family(1, employment_status="")).data)
    (finding,) = check_facts(file, profile(), TODAY)
    assert (finding.member_ref, finding.segment, finding.position, finding.transaction) == ("0001/5", "INS", 5, "0001")
    assert isinstance(file.members[0], Member)
