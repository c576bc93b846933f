"""Who a record is: sure, doubtful or new."""

from __future__ import annotations

from datetime import date

import pytest
from uuid_utils.compat import uuid7

from app.people.rules.matching import Candidate, Match, Somebody, Verdict, match, same_name

ONE, TWO = uuid7(), uuid7()
BORN = date(1990, 2, 28)


def somebody(first: str = "Ana", last: str = "Núñez-O'Neill", born: date | None = BORN) -> Somebody:
    return Somebody(first, last, born)


def candidate(by: str, who: Somebody | None = None, *, linked: bool = False, employee_id: object = ONE) -> Candidate:
    return Candidate(employee_id, who or somebody(), frozenset(by.split()), linked)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("candidates", "verdict"),
    [
        ([], Verdict.NEW),
        ([candidate("number")], Verdict.SURE),
        ([candidate("email")], Verdict.SURE),
        ([candidate("ssn")], Verdict.SURE),
        ([candidate("number", somebody(born=None))], Verdict.SURE),
        ([candidate("number", somebody(born=date(1990, 2, 27)))], Verdict.DOUBTFUL),
        ([candidate("number", somebody("Ben", "Okafor"))], Verdict.DOUBTFUL),
        ([candidate("ssn", somebody("Ana", "Married"))], Verdict.SURE),
        ([candidate("ssn", somebody("Ana", "Married", None))], Verdict.DOUBTFUL),
        ([candidate("email", somebody("Ben", "Okafor", None))], Verdict.DOUBTFUL),
        ([candidate("email", somebody("Ben", "Okafor"), linked=True)], Verdict.NEW),
        ([candidate("number", linked=True)], Verdict.DOUBTFUL),
        ([candidate("number"), candidate("email", employee_id=TWO)], Verdict.DOUBTFUL),
        ([candidate("number"), candidate("email", linked=True, employee_id=TWO)], Verdict.SURE),
    ],
)
def test_verdicts(candidates: list[Candidate], verdict: Verdict) -> None:
    found = match(somebody(), candidates)
    assert found.verdict is verdict
    assert (found.employee_id == ONE) if verdict is Verdict.SURE else isinstance(found, Match)
    assert bool(found.why) is (verdict is Verdict.DOUBTFUL)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (somebody(), somebody("ANA MARIA", "Nunez O'Neill"), True),
        (somebody(), somebody("Ana", "Oneill"), True),
        (somebody(), somebody("Anna"), False),
        (somebody(), somebody("Ana", "Lopez"), False),
    ],
)
def test_names(one: Somebody, other: Somebody, same: bool) -> None:
    assert same_name(one, other) is same
