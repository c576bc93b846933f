"""State tables and pure decisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from app.core.errors import Conflict
from app.feeds.rules.census import Code, Ours, Row, compare, placeholder
from app.feeds.rules.difference import Difference, hold_reason
from app.feeds.rules.difference import compare as differ
from app.feeds.rules.schedule import business_days, due_day
from app.feeds.rules.states import CHANGE_STEPS, FILE_STEPS, file_step, may_change, outcome
from app.feeds.rules.telling import Told, member_maintenance, reason_code, told_of, what_to_tell
from app.feeds.rules.words import ChangeKind, ChangeStatus, FileState

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(("now", "then"), list(product(FileState, FileState)))
def test_a_file_goes_only_where_the_table_says(now: FileState, then: FileState) -> None:
    if then in FILE_STEPS[now]:
        file_step(now, then)
    else:
        with pytest.raises(Conflict):
            file_step(now, then)


def test_no_acknowledgement_gets_better() -> None:
    assert FileState.ACCEPTED not in FILE_STEPS[FileState.PARTIAL] | FILE_STEPS[FileState.REJECTED]


@pytest.mark.parametrize("state", list(ChangeStatus))
def test_only_what_was_told_can_be_confirmed(state: ChangeStatus) -> None:
    told = {ChangeStatus.SENT, ChangeStatus.SYNTAX_ACCEPTED, ChangeStatus.DISCREPANCY}
    assert may_change(state, ChangeStatus.CONFIRMED) is (state in told)
    assert ChangeStatus.NETTED not in CHANGE_STEPS[ChangeStatus.SENT]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [((2, 0, 0), "accepted"), ((1, 1, 0), "partial"), ((1, 0, 1), "partial"), ((0, 2, 0), "rejected"), ((0, 0, 2), "rejected")],
)  # fmt: skip
def test_what_answers_make_of_a_file(counts: tuple[int, int, int], expected: str) -> None:
    assert outcome(*counts) == expected


HAVE = Told("SILVER", "EMP", date(2026, 1, 1))
ENDED = replace(HAVE, end=date(2026, 6, 30), terminated=True)
VOID = replace(HAVE, end=date(2025, 12, 31), terminated=True)


@pytest.mark.parametrize(
    ("before", "now", "kind"),
    [
        (None, HAVE, "add"), (None, VOID, None), (None, ENDED, "add"), (HAVE, HAVE, None), (HAVE, ENDED, "terminate"),
        (HAVE, VOID, "terminate"), (ENDED, HAVE, "reinstate"), (ENDED, ENDED, None), (VOID, HAVE, "add"), (VOID, VOID, None),
        (HAVE, replace(HAVE, tier="FAM"), "change"), (ENDED, replace(ENDED, end=date(2026, 7, 31)), "reinstate"),
        (ENDED, replace(ENDED, end=date(2026, 5, 31)), "terminate"), (ENDED, VOID, "terminate"),
        (HAVE, replace(HAVE, dependents=(("x", date(2026, 1, 1), None),)), "change"),
    ],
)  # fmt: skip
def test_what_to_tell(before: Told | None, now: Told, kind: str | None) -> None:
    assert what_to_tell(before, now) == kind


def test_told_survives_storage() -> None:
    full = replace(ENDED, dependents=(("a", date(2026, 1, 1), None), ("b", date(2026, 1, 1), date(2026, 2, 1))))
    assert told_of(full.as_json()) == full
    assert told_of({"people": {}}) is None


@pytest.mark.parametrize(
    ("kind", "why", "left", "code"),
    [
        ("terminate", "employment ended", False, "08"), ("terminate", "replaced by E-1", False, "22"),
        ("terminate", "Death of member", False, "03"), ("terminate", "", True, "08"), ("terminate", "", False, "07"),
        ("reinstate", "", False, "41"), ("change", "", False, "22"), ("add", "", False, "29"), ("demographic", "", False, "33"),
    ],
)  # fmt: skip
def test_reasons(kind: str, why: str, left: bool, code: str) -> None:
    assert reason_code(ChangeKind(kind), "open_enrollment", why, employment_ended=left) == code


def test_unknown_beginnings_are_initial() -> None:
    assert reason_code(ChangeKind.ADD, "something new") == "28"


@pytest.mark.parametrize(
    ("codes", "known", "expected"),
    [({"024"}, True, "024"), ({"025"}, True, "025"), ({"021"}, False, "021"), ({"021", "024"}, True, "001"), (set(), True, "001")],
)  # fmt: skip
def test_what_happens_to_a_member(codes: set[str], known: bool, expected: str) -> None:
    assert member_maintenance(codes, known=known) == expected


def line(code: str = "021", end: str = "", kind: str = "HLT") -> list[str]:
    return ["EMP", "2026-01-01", end, code, kind]


def test_losses_are_counted() -> None:
    before = {"A": {"S": line()}, "B": {"S": line(), "V": line(kind="VIS")}, "C": {"S": line("024", "2026-01-31")}}
    gone = differ(before, {"A": {"S": line("024", "2026-10-31")}}, TODAY, full=False)
    assert (gone.members_before, gone.members_lost, gone.coverages_before, gone.coverages_lost) == (2, 1, 3, 1)
    assert gone.percent == 50.0
    full = differ(before, {"B": {"S": line("030")}, "D": {"S": line("030")}}, TODAY, full=True)
    assert (full.members_lost, full.coverages_lost, full.members_added, full.coverages_added) == (1, 2, 1, 1)
    other_plan = differ(before, {"A": {"S": line("024", "2026-10-31"), "B": line()}}, TODAY, full=False)
    assert other_plan.coverages_lost == 0, "another plan of the same kind is no loss"
    later = differ(before, {"A": {"S": line("001", "2027-01-31")}}, TODAY, full=False)
    assert later.members_lost == 0


@pytest.mark.parametrize(
    ("lost", "before", "percent", "people", "reason"),
    [(1, 100, 3.0, 25, ""), (4, 100, 3.0, 25, "percent"), (25, 10_000, 3.0, 25, "people"), (25, 10_000, 3.0, 0, ""), (0, 0, 3.0, 1, "")],
)  # fmt: skip
def test_when_a_file_is_held(lost: int, before: int, percent: float, people: int, reason: str) -> None:
    found = Difference(members_before=before, members_lost=lost)
    assert hold_reason(found, percent=percent, people=people) == reason
    assert found.as_json()["percent"] == found.percent


@pytest.mark.parametrize(
    ("frequency", "moment", "expected"),
    [
        ("daily", "2026-11-23T22:30", date(2026, 11, 23)), ("daily", "2026-11-23T20:00", None),
        ("weekly", "2026-11-25T22:30", date(2026, 11, 25)), ("weekly", "2026-11-24T23:00", None),
        ("weekly", "2026-11-26T12:00", date(2026, 11, 25)), ("every two weeks", "2026-11-25T22:30", date(2026, 11, 25)),
        ("every two weeks", "2026-12-02T22:30", None), ("monthly", "2026-12-02T22:30", date(2026, 12, 2)),
        ("monthly", "2026-12-09T22:30", None),
    ],
)  # fmt: skip
def test_when_a_file_is_due(frequency: str, moment: str, expected: date | None) -> None:
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)  # 17:30 in New York is 22:30 UTC in winter
    assert due_day(frequency, 3, "18:00", ZoneInfo("America/New_York"), at) == expected


def test_working_days() -> None:
    assert business_days(date(2026, 11, 20), 1) == date(2026, 11, 23)
    assert business_days(date(2026, 11, 23), 0) == date(2026, 11, 23)


MINE = Ours(
    "M1",
    "E1",
    "SIL",
    "EMP",
    date(2026, 1, 1),
    None,
    False,
    True,
    True,
    True,
    "López",
    "Ana",
    date(1990, 5, 4),
    "900000001",
)
ROW = Row("M1", "SIL", "EMP", date(2026, 1, 1), None, "Lopez", "ANA", date(1990, 5, 4), "900000001")


def codes(mine: list[Ours], theirs: list[Row]) -> set[str]:
    return {finding.code.value for finding in compare(mine, theirs, TODAY).findings}


def test_agreement_confirms() -> None:
    plain = replace(MINE, last_name="Lopez")
    found = compare([plain], [ROW], TODAY)
    assert (found.findings, found.agreed) == ([], {"E1"})
    two = replace(plain, person="M1-x", subscriber=False)
    assert compare([plain, two], [ROW], TODAY).agreed == set(), "everybody covered must be seen"
    assert compare([replace(plain, told=False, due=False)], [ROW], TODAY).agreed == set(), "never sent, never confirmed"


@pytest.mark.parametrize(
    ("mine", "theirs", "expected"),
    [
        ({}, [], {"missing-at-carrier"}),
        ({"due": False}, [], set()),
        ({}, [{"plan": "GOLD"}], {"plan-differs"}),
        ({}, [{"tier": "FAM"}], {"tier-differs"}),
        ({"subscriber": False}, [{"tier": "FAM"}], set()),
        ({}, [{"start": date(2026, 2, 1)}], {"start-differs"}),
        ({}, [{"end": date(2026, 6, 30)}], {"ended-at-carrier"}),
        ({}, [{"end": date(2026, 12, 31)}], {"end-differs"}),
        ({}, [{"end": date(2025, 12, 31)}], {"missing-at-carrier"}),
        ({"terminated": True, "end": date(2026, 6, 30)}, [{}], {"active-after-end"}),
        ({"terminated": True, "end": date(2026, 6, 30)}, [{"end": date(2026, 7, 31)}], {"end-differs"}),
        ({"terminated": True, "end": date(2026, 6, 30)}, [{"end": date(2026, 6, 30)}], set()),
        ({"terminated": True, "end": date(2026, 6, 30)}, [], set()),
        ({"terminated": True, "end": date(2026, 6, 30), "told": False, "due": False}, [{}], set()),
        ({"terminated": True, "end": date(2026, 6, 30), "due": False}, [{}], set()),
        ({}, [{"last_name": "Gray"}], {"name-differs"}),
        ({}, [{"birth": date(1991, 5, 4)}], {"birth-date-differs"}),
        ({}, [{"ssn": "900000002"}], {"ssn-differs"}),
        ({}, [{"ssn": "999999999"}], set()),
        ({}, [{}, {"person": "", "stranger": "x"}], {"unknown-at-employer"}),
        ({"terminated": True, "end": date(2026, 6, 30)}, [{"plan": "GOLD"}], {"unknown-at-employer"}),
    ],
)  # fmt: skip
def test_each_disagreement(mine: dict[str, object], theirs: list[dict[str, object]], expected: set[str]) -> None:
    ours = replace(MINE, last_name="Lopez", **mine)  # type: ignore[arg-type]
    assert codes([ours], [replace(ROW, **row) for row in theirs]) == expected  # type: ignore[arg-type]


def test_coverage_that_follows_in_the_same_plan_is_not_the_old_one_going_on() -> None:
    old = replace(MINE, last_name="Lopez", terminated=True, end=date(2026, 6, 30))
    new = replace(old, enrollment="E2", start=date(2026, 7, 1), end=None, terminated=False)
    found = compare([old, new], [replace(ROW, start=date(2026, 7, 1))], TODAY)
    assert (found.findings, found.agreed) == ([], {"E2"})


@pytest.mark.parametrize(
    ("ssn", "is_one"),
    [("", True), ("999-99-9999", True), ("123456789", True), ("000123456", True), ("900-12-3456", False)],
)
def test_placeholders(ssn: str, is_one: bool) -> None:
    assert placeholder(ssn) is is_one


def test_a_finding_has_the_same_fingerprint_as_long_as_it_is_the_same() -> None:
    one, two = (compare([MINE], [replace(ROW, tier=tier)], TODAY).findings[0] for tier in ("FAM", "ESP"))
    assert one.fingerprint == two.fingerprint
    assert Code.TIER.value in one.fingerprint
