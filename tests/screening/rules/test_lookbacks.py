"""Records that may not be considered: a warning with its rule and its day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from app.screening.rules.lookbacks import Objection, objections
from app.screening.rules.places import Place
from app.screening.rules.words import RecordKind
from tests.screening.rules import cases as c

ON = date(2026, 12, 1)
PHILADELPHIA = "Philadelphia Fair Criminal Record Screening Standards"
FCRA = "Fair Credit Reporting Act"


@pytest.mark.parametrize(
    ("place", "record", "happened", "salary", "rules"),
    [
        (c.PHILADELPHIA, RecordKind.MISDEMEANOR, "2022-12-02", 50_000, []),
        (c.PHILADELPHIA, RecordKind.MISDEMEANOR, "2022-12-01", 50_000, [PHILADELPHIA]),
        (c.PHILADELPHIA, RecordKind.FELONY, "2020-01-01", 50_000, []),
        (c.PHILADELPHIA, RecordKind.FELONY, "2019-12-01", 50_000, [PHILADELPHIA]),
        (c.PHILADELPHIA, RecordKind.SEALED, "2026-11-30", 50_000, [PHILADELPHIA]),
        # 15 USC 1681c: seven years below $75,000; not known is below
        (c.NEWARK, RecordKind.ARREST, "2019-11-30", 74_999, [FCRA]),
        (c.NEWARK, RecordKind.ARREST, "2019-11-30", 75_000, []),
        (c.NEWARK, RecordKind.ARREST, "2019-11-30", None, [FCRA]),
        (c.NEWARK, RecordKind.ARREST, "2020-02-29", 50_000, []),
        (c.NEWARK, RecordKind.ARREST, None, 50_000, [FCRA]),
        (c.NEWARK, RecordKind.BANKRUPTCY, "2017-01-01", 50_000, []),
        # convictions: no federal limit
        (c.NEWARK, RecordKind.FELONY, "1990-01-01", 50_000, []),
        (c.BUFFALO, RecordKind.CREDIT_HISTORY, "2026-11-01", 500_000, ["New York ban of credit history"]),
    ],
)
def test_objections(
    place: Place, record: RecordKind, happened: str | None, salary: int | None, rules: list[str]
) -> None:
    found = objections(
        c.ruling(place),
        record,
        date.fromisoformat(happened) if happened else None,
        ON,
        Decimal(salary) if salary is not None else None,
    )
    assert [objection.rule for objection in found] == rules


def test_an_objection_says_since_when() -> None:
    ruling = c.ruling(c.PHILADELPHIA)
    leap = objections(ruling, RecordKind.FELONY, date(2016, 2, 29), ON, None)
    assert leap == (Objection(PHILADELPHIA, date(2023, 2, 28)),)
    assert objections(ruling, RecordKind.INFRACTION, date(2026, 1, 1), ON, None)[0].since is None
