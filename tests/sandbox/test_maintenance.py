"""What each maintenance code does to the member table, in process: no sockets, one file after another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sandbox.carriers.carrier import Carrier
from sandbox.carriers.census import census_rows
from sandbox.carriers.profile import DEFAULT_CARRIERS, Switches
from sandbox.carriers.receive import examine, receive
from sandbox.clock import Clock
from sandbox.store import Store
from tests.sandbox.edi import LEO, MARIA, SAM, interchange


@dataclass
class Desk:
    carrier: Carrier
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(1, 1000)))

    def take(self, *bodies: str, action: str = "2") -> str:
        raw = interchange(next(self.numbers), *bodies, action=action)
        outcome, _ = receive(self.carrier, examine(raw, []))
        return outcome

    def rows(self) -> dict[tuple[str, str], dict[str, str]]:
        today = self.carrier.clock.today()
        rows = census_rows(self.carrier.table.all(), today, "")
        return {(row["first_name"], row["plan_code"]): row for row in rows}

    def problems(self) -> list[str]:
        return [item["problem"] for item in self.carrier.logged("refusals")]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    store = Store(tmp_path / "state.sqlite")
    made = Desk(Carrier(DEFAULT_CARRIERS[0], Switches(), store, Clock(), tmp_path))
    assert made.take(MARIA + LEO) == "accepted"
    yield made
    store.close()


def ins(code: str, reason: str, *more: str, relation: str = "18", first: str = "Maria") -> str:
    subscriber = "Y" if relation == "18" else "N"
    employed = "***FT" if relation == "18" else ""
    name = f"NM1*IL*1*Lopez*{first}~"
    dates = [item for item in more if item.startswith(("DTP*356", "DTP*357"))]
    rest = [item for item in more if item not in dates]
    head = [f"INS*{subscriber}*{relation}*{code}*{reason}*A{employed}~", "REF*0F*E1001~", *dates, name]
    return "\n".join([*head, *rest]) + "\n"


def test_a_tier_change(desk: Desk) -> None:
    assert desk.take(ins("001", "02", "HD*001**HLT*GOLD*E1D~", "DTP*348*D8*20261115~")) == "accepted"
    row = desk.rows()["Maria", "GOLD"]
    assert (row["tier"], row["start_date"]) == ("E1D", "2026-11-15")


def test_a_new_plan_ends_the_old_one_the_day_before(desk: Desk) -> None:
    desk.take(ins("001", "22", "HD*021**HLT*BRONZE*FAM~", "DTP*348*D8*20270101~"))
    assert desk.rows()["Maria", "GOLD"]["end_date"] == "2026-12-31"
    assert desk.rows()["Maria", "BRONZE"]["status"] == "pending"
    assert desk.rows()["Maria", "DPPO"]["end_date"] == ""


def test_a_plan_goes_on_in_a_new_year_with_another_tier(desk: Desk) -> None:
    ended = ("HD*024**HLT*GOLD~", "DTP*349*D8*20261231~")
    assert desk.take(ins("001", "22", *ended, "HD*021**HLT*GOLD*EMP~", "DTP*348*D8*20270101~")) == "accepted"
    rows = census_rows(desk.carrier.table.all(), desk.carrier.clock.today(), "")
    gold = [row for row in rows if (row["first_name"], row["plan_code"]) == ("Maria", "GOLD")]
    assert [(row["start_date"] < "2027", row["end_date"]) for row in gold] == [(True, "2026-12-31"), (False, "")]
    desk.take(ins("001", "14", "HD*024**HLT*GOLD~", "DTP*349*D8*20270331~"))
    rows = census_rows(desk.carrier.table.all(), desk.carrier.clock.today(), "")
    gold = [row for row in rows if (row["first_name"], row["plan_code"]) == ("Maria", "GOLD")]
    assert [row["end_date"] for row in gold] == ["2026-12-31", "2027-03-31"]


def test_one_line_ends_and_the_others_stay(desk: Desk) -> None:
    desk.take(ins("001", "14", "HD*024**DEN*DPPO~", "DTP*349*D8*20261110~"))
    assert desk.rows()["Maria", "DPPO"]["end_date"] == "2026-11-10"
    assert desk.rows()["Maria", "GOLD"]["end_date"] == ""


def test_a_subscriber_ends_with_the_family(desk: Desk) -> None:
    desk.take(ins("024", "08", "DTP*357*D8*20261110~"))
    assert {row["end_date"] for row in desk.rows().values()} == {"2026-11-10"}


def test_a_dependent_ends_alone(desk: Desk) -> None:
    desk.take(ins("024", "33", "DTP*357*D8*20261110~", relation="19", first="Leo"))
    assert desk.rows()["Leo", "GOLD"]["end_date"] == "2026-11-10"
    assert desk.rows()["Maria", "GOLD"]["end_date"] == ""


def test_an_end_before_the_start_is_a_cancellation(desk: Desk) -> None:
    desk.take(ins("024", "14", "DTP*357*D8*20261031~"))
    assert {row["status"] for row in desk.rows().values()} == {"canceled"}


def test_reinstating_a_person_and_one_line(desk: Desk) -> None:
    desk.take(ins("024", "08", "DTP*357*D8*20261110~"))
    desk.take(ins("025", "41", "HD*025**HLT*GOLD*FAM~", "DTP*348*D8*20261111~"))
    assert (desk.rows()["Maria", "GOLD"]["start_date"], desk.rows()["Maria", "GOLD"]["end_date"]) == ("2026-11-01", "")
    assert desk.rows()["Maria", "DPPO"]["end_date"] == "2026-11-10"
    desk.take(ins("025", "41"))
    assert desk.rows()["Maria", "DPPO"]["end_date"] == ""


def test_a_reinstatement_after_a_gap_begins_anew(desk: Desk) -> None:
    desk.take(ins("024", "08", "DTP*357*D8*20261110~"))
    desk.take(ins("025", "41", "HD*025**HLT*GOLD*FAM~", "DTP*348*D8*20270201~"))
    assert desk.rows()["Maria", "GOLD"]["start_date"] == "2027-02-01"


def test_a_corrected_name_is_the_same_person(desk: Desk) -> None:
    text = ins(
        "001", "25", "DMG*D8*20180204*M~", "NM1*70*1*Lopez*Leo~", "DMG*D8*20180203*M~", relation="19", first="Leonel"
    )
    assert desk.take(text.replace("NM1*IL", "NM1*74")) == "accepted"
    names = [(item.first, item.birth) for item in desk.carrier.table.all()]
    assert names == [("Maria", "1985-04-12"), ("Leonel", "2018-02-04")]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (SAM.replace("INS*Y*18*021", "INS*Y*18*001").replace("HD*021", "HD*001"), "This person is not in our"),
        (LEO.replace("E1001", "E7777"), "The subscriber of this dependent"),
        (ins("024", "08"), "A termination needs an end date"),
        (ins("001", "14", "HD*024**VIS*V1~", "DTP*349*D8*20261110~"), "This person has no VIS V1 coverage"),
    ],
)
def test_what_the_carrier_cannot_act_on_changes_nothing(desk: Desk, body: str, problem: str) -> None:
    before, effects = desk.rows(), len(desk.carrier.logged("effects"))
    assert desk.take(body) == "accepted"
    assert desk.problems()[0].startswith(problem)
    assert desk.rows() == before
    assert len(desk.carrier.logged("effects")) == effects


def full(text: str) -> str:
    return text.replace("*021*28", "*030*XN").replace("HD*021", "HD*030")


def test_a_full_file_ends_who_and_what_is_absent(desk: Desk) -> None:
    desk.take(SAM)
    dental = "HD*021**DEN*DPPO*EMP~\nDTP*348*D8*20261101~\n"
    assert desk.take(full(MARIA.replace(dental, "")), full(LEO), action="4") == "accepted"
    today = desk.carrier.clock.today().isoformat()
    ends = {key: row["end_date"] for key, row in desk.rows().items()}
    assert ends == {("Maria", "GOLD"): "", ("Maria", "DPPO"): today, ("Leo", "GOLD"): "", ("Sam", "SILVER"): today}
    assert desk.carrier.logged("effects")[-1]["code"] == "absent"


def test_a_full_file_with_a_rejected_set_ends_nobody(desk: Desk) -> None:
    desk.take(SAM)
    assert desk.take(full(MARIA), full(LEO).replace("*20180203*", "*20181399*"), action="4") == "partial"
    assert desk.rows()["Sam", "SILVER"]["end_date"] == ""


def test_absence_means_nothing_by_profile(desk: Desk) -> None:
    desk.carrier.set_profile({"absent_in_full_file": "keep"})
    desk.take(full(MARIA), action="4")
    assert desk.rows()["Leo", "GOLD"]["end_date"] == ""
