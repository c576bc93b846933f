"""Carriers with a layout of their own: the same facts as an 834, by columns, places and words; presets that name what is open."""

from __future__ import annotations

import csv
import dataclasses
import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from app.integrations.adapters.edi834.adapter import Edi834Config, build_feed
from app.integrations.adapters.edi834.presets import presets
from app.integrations.contracts import CarrierFeed
from app.integrations.failures import Refused
from app.integrations.formats.carrier_rows import check_rows
from app.integrations.formats.x12.profile import CarrierProfile
from app.integrations.formats.x12.reader import read_834
from app.integrations.formats.x12.writer import Control, Written
from tests.integrations.people import batch, dependent, family, health, profile, subscriber

COLUMNS = {
    "Certificate": "subscriber_number", "Who": "relationship", "Surname": "last_name", "Born": "birth_on", "Plan": "plan_code",
    "Tier": "tier", "From": "start_on", "Until": "end_on", "What": "coverage_maintenance", "Price": "premium",
}  # fmt: skip
TODAY = date(2026, 11, 26)


def own(**changes: Any) -> CarrierProfile:
    values = {"file_format": "csv", "columns": COLUMNS} | changes
    return profile(
        **(values | {"columns": "\n".join(f"{title} = {fact}" for title, fact in values["columns"].items())})
    )


def feed(with_profile: CarrierProfile) -> CarrierFeed:
    return build_feed(Edi834Config(profile=with_profile))


def write(with_profile: CarrierProfile, *families: Any, **changes: Any) -> Written:
    return feed(with_profile).write(batch(*families, **changes), Control(7, 7))


def rows(with_profile: CarrierProfile, *families: Any, **changes: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(write(with_profile, *families, **changes).data.decode())))


def test_one_line_for_each_plan_of_each_person() -> None:
    made = write(own())
    found = rows(own())
    assert [(row["Who"], row["Plan"]) for row in found] == [
        ("18", "PPO500"),
        ("18", "DEN1"),
        ("01", "PPO500"),
        ("19", "PPO500"),
    ]
    assert {row["Certificate"] for row in found} == {"M000001"}, "a family has one number"
    assert (made.members, made.coverages, made.segments, made.sound) == (3, 4, 4, True)
    assert set(made.st_map.values()) == {"0001"}
    assert feed(own()).check(made.data, TODAY) == []
    assert not feed(own()).profile.acknowledges


def test_it_says_the_same_as_the_834() -> None:
    changes = {
        "end_means": "first uncovered day",
        "plan_codes": {"PPO500": {"line": "HLT", "code": "GOLD"}},
        "premium": "subscriber only",
    }
    ending = family(1)
    ending = dataclasses.replace(
        ending,
        subscriber=subscriber(
            1, coverages=(health(maintenance="024", end_on=date(2026, 12, 31)), health(line="DEN", plan_code="DEN1"))
        ),
    )
    told = {
        (member.relationship, plan.plan_code, plan.tier, plan.start_on, plan.premium)
        for member in read_834(write(profile(**changes), ending).data).members for plan in member.coverages
    }  # fmt: skip
    mine = rows(own(**changes), ending)
    assert {
        (
            row["Who"],
            row["Plan"],
            row["Tier"],
            date.fromisoformat(row["From"]),
            Decimal(row["Price"]) if row["Price"] else None,
        )
        for row in mine
    } == told
    assert [row["Until"] for row in mine if row["What"] == "024"] == ["2027-01-01"], "the first day without"


def test_words_dates_and_the_codes_of_a_full_file() -> None:
    changed = own(
        words={"relationship.18": "Employee", "tier.FAM": "Family", "coverage_maintenance.030": "V"},
        date_format="%d/%m/%Y",
    )
    first = rows(changed, action="4")[0]
    assert (first["Who"], first["Tier"], first["What"], first["From"]) == ("Employee", "Family", "V", "01/12/2026")
    assert rows(changed)[2]["Who"] == "01", "a code without a word stays as it is"


def test_somebody_who_leaves_altogether_has_a_line() -> None:
    leaving = dataclasses.replace(
        family(1),
        subscriber=subscriber(1, maintenance="024", coverages=(), ineligible_on=date(2026, 11, 30)),
        dependents=(),
    )
    (row,) = rows(own(columns=COLUMNS | {"Member": "maintenance"}), leaving)
    assert (row["Member"], row["Until"], row["Plan"]) == ("024", "2026-11-30", "")


def test_dependents_without_plans_and_accents_that_stay() -> None:
    household = dataclasses.replace(family(1), dependents=(dependent(1, last_name="Lévesque"),))
    found = rows(own(dependents_carry_coverage=False), household)
    assert [row["Plan"] for row in found] == ["PPO500", "DEN1", ""]
    assert found[2]["Surname"] == "Lévesque"
    assert "Lévesque".encode("cp1252") in write(own(characters="cp1252"), household).data


def test_no_ssn_unless_a_column_asks_for_it() -> None:
    assert b"900000001" not in write(own()).data
    assert rows(own(columns=COLUMNS | {"SSN": "ssn"}))[0]["SSN"] == "900000001"


def test_fixed_width_lines() -> None:
    places = {"Certificate": "1-9", "Surname": "10-29", "Plan": "30-39"}
    columns = {name: COLUMNS[name] for name in places}
    made = write(own(file_format="fixed width", columns=columns, places=places))
    lines = made.data.decode().splitlines()
    assert lines[0] == "M000001  Smith               PPO500"
    assert feed(own(file_format="fixed width", columns=columns, places=places)).check(made.data, TODAY) == []
    with pytest.raises(Refused, match="value-too-long"):
        write(own(file_format="fixed width", columns=columns, places=places | {"Certificate": "1-3"}))


def test_what_cannot_be_right_stops_the_file() -> None:
    nameless = dataclasses.replace(family(1), subscriber=subscriber(1, subscriber_number="", last_name=" "))
    made = write(own(), nameless)
    assert not made.sound
    assert {(one.code, one.member_ref) for one in made.findings} >= {("number-missing", "E1"), ("name-missing", "E1")}
    assert {one.code for one in check_rows(made.data, own())} == {"cell-empty"}
    assert {one.code for one in check_rows(made.data + b"short\r\n", own())} == {"cell-empty", "cells-missing"}
    assert [one.code for one in check_rows(b"", own())] == ["empty-file"]
    with pytest.raises(Refused, match="formula"):
        write(own(), dataclasses.replace(family(1), subscriber=subscriber(1, last_name="=1+1")))
    with pytest.raises(Refused, match="columns-missing"):
        write(profile(file_format="csv"))
    with pytest.raises(Refused, match="nobody"):
        feed(own()).write(dataclasses.replace(batch(), families=()), Control(1, 1))


@pytest.mark.parametrize(
    "changes",
    [
        {"columns": {"A": "salary"}}, {"columns": {"A": "last_name"}}, {"words": {"tier": "x"}}, {"words": {"colour.red": "x"}},
        {"places": {"A": "9-1"}}, {"places": {"A": "1-5", "B": "5-9"}}, {"date_format": "%A"},
    ],
)  # fmt: skip
def test_a_layout_that_cannot_work_cannot_be_saved(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        own(**changes)


def test_sun_life_and_manulife_are_data_and_say_what_is_open() -> None:
    assert set(presets()) == {"sun_life", "manulife"}
    assert not any(preset.general for preset in presets().values())


@pytest.mark.parametrize("slug", presets())
def test_a_preset_lacks_only_what_the_carrier_has_to_give(slug: str) -> None:
    preset = presets()[slug]
    assert len(preset.open) >= 3
    with pytest.raises(ValidationError) as lacking:
        Edi834Config.model_validate(dict(preset.settings))
    assert {str(error["loc"][1]) for error in lacking.value.errors()} == {
        "sender_id", "receiver_id", "sponsor_name", "sponsor_id", "payer_id",
    }  # fmt: skip
    given = {
        "sender_id": "CORRIDOR",
        "receiver_id": "CARRIER",
        "sponsor_name": "Widget",
        "sponsor_id": "1234",
        "payer_id": "9876",
    }
    made = CarrierProfile(**(dict(preset.settings["profile"]) | given | {"group_number": "99001"}))
    file = write(made)
    assert file.sound
    assert feed(made).check(file.data, TODAY) == []
    assert b"99001" in file.data
    assert preset.settings["profile"]["payer_name"] == preset.name
