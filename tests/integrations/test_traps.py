"""The traps of benefits-and-x12.md §2.8 under their names there, one test each, at the door every file of ours goes through.

The door is `feed.check`: what it calls an error never leaves, a warning is shown to HR beside the file. A trap the writer cannot fall
into is planted in the bytes by hand. Each test also passes the same file without the trap through the door.
"""

from __future__ import annotations

import logging
from datetime import date
from typing import Any

import pytest

from app.integrations.adapters.edi834.adapter import Edi834Config, build_feed
from app.integrations.formats.x12.eight34 import Family
from app.integrations.formats.x12.findings import Severity
from app.integrations.formats.x12.profile import CarrierProfile, EndMeaning
from app.integrations.formats.x12.rules import net
from tests.integrations.people import CONTROL, batch, dependent, family, health, profile, subscriber
from tests.integrations.test_rules import END, TODAY, ended, one, two_couples

STOPPED, SHOWN = Severity.ERROR, Severity.WARNING
Found = dict[str, Severity]


def door(
    *families: Family, asked: CarrierProfile | None = None, plant: tuple[str, str] | None = None, name: str = "",
    ended_on: dict[str, date] | None = None, **more: Any,
) -> Found:  # fmt: skip
    """Code → weight of everything the door says of these people's file. `plant`: (bytes, what they become)."""
    feed = build_feed(Edi834Config(profile=asked or profile()))
    result = feed.write(batch(*families, **more), CONTROL)
    data = result.data.decode()
    if plant:
        assert plant[0] in data, data
        data = data.replace(*plant)
    found = [*result.findings, *feed.check(data.encode(), TODAY, name=name or result.name, ended_on=ended_on or {})]
    return {finding.code: finding.severity for finding in found}


def test_the_door_is_open_for_what_is_sound() -> None:
    assert door(family()) == door(one()) == door(ended()) == {}


def test_subscriber_must_precede_dependents_and_share_the_number() -> None:
    alone = Family(dependent(coverages=(health(),)), (subscriber(coverages=(health(),)),))
    assert door(alone)["dependent-first"] is STOPPED
    other = ("INS*N*01*021*28*A~REF*0F*M000001", "INS*N*01*021*28*A~REF*0F*M000009")
    assert door(family(), plant=other)["family-number-differs"] is STOPPED


def test_ins01_y_exactly_when_ins02_18() -> None:
    assert door(one(relationship="01"))["self-and-subscriber"] is STOPPED
    assert door(family(), plant=("INS*N*01*", "INS*N*18*"))["self-and-subscriber"] is STOPPED


def test_0f_with_a_zero() -> None:
    assert door(one(), plant=("REF*0F*", "REF*OF*"))["reference-misspelled"] is STOPPED


def test_6o_with_the_letter_o() -> None:
    asked = profile(class_qualifier="6O")
    assert door(one(class_code="A"), asked=asked) == {}
    assert door(one(class_code="A"), asked=asked, plant=("REF*6O*", "REF*60*"))["reference-misspelled"] is STOPPED


def test_349_not_before_348() -> None:
    assert door(one(coverages=(health(tier="EMP", start_on=END, end_on=TODAY),)))["ends-before-start"] is STOPPED
    assert door(one(coverages=(health(tier="EMP", start_on=END, end_on=END),))) == {}


def test_024_needs_an_end_date() -> None:
    assert door(one(maintenance="024", reason="08", coverages=()))["end-without-date"] is STOPPED
    assert door(ended(), plant=("DTP*349*D8*20261231~", ""))["end-without-date"] is STOPPED


def test_021_inside_a_full_file() -> None:
    assert door(one(), action="4") == {}
    assert door(one(), action="4", plant=("INS*Y*18*030", "INS*Y*18*021"))["add-in-full-file"] is STOPPED


def test_ins05_c_needs_ins07() -> None:
    assert door(one(benefit_status="C", cobra_on=TODAY))["cobra-without-event"] is STOPPED
    assert door(one(benefit_status="C", cobra_event="1", cobra_on=TODAY)) == {}


def test_ins08_on_subscribers() -> None:
    assert door(one(employment_status=""))["employment-missing"] is STOPPED


@pytest.mark.parametrize("total", ["TO*3", "DT*2", "ET*1"])
def test_qty_totals_are_true(total: str) -> None:
    asked = profile(send_counts=True)
    assert door(family(), asked=asked) == {}
    assert door(family(), asked=asked, plant=(f"QTY*{total}", f"QTY*{total[:3]}7"))["total-wrong"] is STOPPED


def test_tier_against_the_dependents_listed() -> None:
    small = Family(subscriber(coverages=(health(tier="EMP"),)), (dependent(),))
    assert door(small)["tier-too-small"] is STOPPED
    assert door(one(coverages=(health(tier="FAM"),)))["tier-without-dependents"] is STOPPED


def test_each_hd_has_its_own_date() -> None:
    """Also the one directly before another HD, which pyx12 does not see."""
    between = ("HD*021**HLT*PPO500*FAM~DTP*348*D8*20261201~HD*021**DEN", "HD*021**HLT*PPO500*FAM~HD*021**DEN")
    assert door(family(), plant=between)["coverage-without-date"] is STOPPED


@pytest.mark.parametrize("ssn", [None, "", "000000000", "999999999"])
def test_a_newborn_without_ssn(ssn: str | None) -> None:
    newborn = Family(subscriber(), (dependent(1), dependent(1, "19", ssn=ssn, birth_on=TODAY)))
    assert STOPPED not in door(newborn).values(), "a filler is left out, never written"
    planted = door(newborn, plant=("NM1*IL*1*SMITH*ANN~", "NM1*IL*1*SMITH*ANN****34*000000000~"))
    assert planted["ssn-filler"] is STOPPED


def test_trailing_separators() -> None:
    assert door(one(), plant=("DMG*D8*19750820*M*M~", "DMG*D8*19750820*M*M**~"))["trailing-separator"] is SHOWN


@pytest.mark.parametrize("sign", ["~", "*", ":", "^", "\r", "\n", "\r\n"])
def test_delimiters_and_line_breaks_in_names(sign: str) -> None:
    assert door(one(last_name=f"Smi{sign}th")) == {"character-removed": SHOWN}
    if sign not in "~*":
        assert STOPPED in door(one(), plant=("*SMITH*", f"*SMI{sign}TH*")).values()


def test_a_name_of_61_characters_is_cut_visibly() -> None:
    assert door(one(last_name="X" * 61)) == {"text-cut": SHOWN, "name-maybe-cut": SHOWN}
    assert STOPPED in door(one(), plant=("*SMITH*", f"*{'X' * 61}*")).values()


def test_leap_days() -> None:
    born = date(2004, 2, 29)
    assert door(Family(subscriber(), (dependent(1, "19", birth_on=born),))) == {}
    leap = health(tier="EMP", maintenance="024", start_on=date(2026, 12, 1), end_on=date(2028, 2, 28))
    asked = profile(end_means=EndMeaning.FIRST_UNCOVERED_DAY, ends_on_month_end=True)
    assert door(ended(coverages=(leap,)), asked=asked) == {"ends-mid-month": SHOWN}, (
        "the 28th is not the last of February"
    )
    assert STOPPED in door(one(), plant=("DTP*348*D8*20261201", "DTP*348*D8*20270229")).values()


def test_repeated_st02() -> None:
    asked = profile(members_per_set=1)
    pair = (one(), Family(subscriber(2, coverages=(health(tier="EMP"),))))
    assert door(*pair, asked=asked) == {}
    assert door(*pair, asked=asked, plant=("*0002", "*0001"))["st-repeated"] is STOPPED


def test_added_and_ended_on_the_same_day() -> None:
    plan = health(tier="EMP")
    stop = health(tier="EMP", maintenance="024", end_on=plan.start_on)
    assert net((plan, stop)) == ()
    assert door(one(coverages=(plan, stop)))["added-and-ended"] is SHOWN


def test_ended_late_after_26() -> None:
    old = date(2000, 1, 5)
    assert door(Family(subscriber(), (dependent(1, "19", birth_on=old),)))["child-too-old"] is STOPPED
    stop = health(maintenance="024", end_on=END)
    late = dependent(1, "19", birth_on=old, maintenance="024", coverages=(stop,))
    assert door(Family(subscriber(), (dependent(), late)))["child-ended-late"] is SHOWN


def test_two_employees_married_to_each_other() -> None:
    assert door(*two_couples())["spouse-also-employee"] is SHOWN


def test_an_employee_who_is_also_a_dependent() -> None:
    couple = two_couples(relationship="19", birth_on=date(2004, 1, 1))
    assert door(*couple)["dependent-also-employee"] is SHOWN


def test_rehire_is_reinstate_or_new() -> None:
    back = one(maintenance="025", coverages=(health(tier="EMP", maintenance="025"),))
    yesterday, long_ago = {"M000001": date(2026, 11, 30)}, {"M000001": date(2026, 6, 30)}
    assert door(one(), ended_on=yesterday)["rehire-as-add"] is SHOWN
    assert door(back, ended_on=yesterday) == {}
    assert door(back, ended_on=long_ago)["reinstate-over-gap"] is STOPPED
    assert door(one(), ended_on=long_ago) == {}


def test_nobody_in_file_names() -> None:
    for name in ("smith.834", "834_900000001.txt", "834-900-00-0001.txt", "m000001.834"):
        assert door(one(), name=name)["person-in-file-name"] is STOPPED, name


def test_nobody_in_logs_or_findings(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        feed = build_feed(Edi834Config(profile=profile()))
        data = (
            feed.write(batch(one()), CONTROL).data.replace(b"*34*900000001", b"*XX*900000001").replace(b"*M*M", b"*Q*Q")
        )
        found = feed.check(data, TODAY)
    assert found
    for secret in ("900000001", "SMITH", "ROBERT", "19750820"):
        assert secret not in repr(found) + caplog.text
