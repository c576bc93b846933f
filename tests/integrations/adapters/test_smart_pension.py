"""Smart Pension: contributions told once however often, corrected when they differ, refused one by one; PAPDIS files; least data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.integrations.adapters import smart_pension
from app.integrations.adapters.smart_pension.adapter import Payable, SmartPension, period_type
from app.integrations.adapters.smart_pension.api import SmartPensionConfig
from app.integrations.adapters.smart_pension.manifest import MANIFEST, SmartPensionSecrets
from app.integrations.auth.tokens import Token
from app.integrations.completeness import faults
from app.integrations.failures import AuthFailed, ContractDrift, Forbidden, RateLimited, Rejected, ServerFailed
from app.integrations.ports import Contribution, PensionScheme, Told
from app.integrations.sync.records import ContributionRecord, MemberRecord
from sandbox.vendors.core.serving import serving
from sandbox.vendors.smart_pension import BASE, CLIENT, COMPANY, SECRET
from tests.integrations.adapters.talk import Talk, mapped

SAMPLES = Path(smart_pension.__file__).parent / "samples"
PAPDIS = b"<?xml version='1.0'?><PensionData><Employee>1</Employee><Employee>2</Employee><Employee>3</Employee></PensionData>"


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    with serving("smart_pension") as vendor:
        yield vendor


@pytest.fixture
def talk(server: Any) -> Talk:
    server.reset()
    server.works_at_once = True
    for row in list(server.rows.all("contribution")):
        server.rows.delete("contribution", row.id)
    secrets = SmartPensionSecrets.model_validate({"client_id": CLIENT, "client_secret": SECRET})
    token = Token(server.access.issue(CLIENT, "customer").access, datetime.now(UTC))
    return Talk(server, MANIFEST, SmartPensionConfig(company_id=COMPANY), secrets, token, base=BASE)


def scheme(talk: Talk) -> SmartPension:
    assert MANIFEST.pension is not None
    found = MANIFEST.pension(talk.config)
    assert isinstance(found, SmartPension)
    assert isinstance(found, PensionScheme)
    return found


def paid(number: int, employer: str = "30.00", employee: str = "50.25", **more: Any) -> Contribution:
    facts: dict[str, Any] = {"currency": "GBP", "pensionable_pay": Decimal("1000.00")}
    return Contribution(
        f"p-{number}", str(number), date(2026, 10, 1), date(2026, 10, 31), Decimal(employee), Decimal(employer), **(facts | more)
    )  # fmt: skip


def tell(talk: Talk, *contributions: Contribution) -> Told:
    return talk.run(scheme(talk).tell_contributions(contributions, "key"))


def test_the_manifest_is_complete() -> None:
    assert faults(MANIFEST, "smart_pension") == []
    assert [resource.name for resource in MANIFEST.synced] == ["member", "contribution"]


def test_samples_are_our_records() -> None:
    raw = json.loads((SAMPLES / "employees.json").read_text())["employees"][0]
    assert mapped(MANIFEST, "member", raw).record == MemberRecord(
        remote_id="1", email="ada@example.com", employee_number="E-1", status="active", joined_on=date(2026, 1, 5)
    )
    raw = json.loads((SAMPLES / "contributions.json").read_text())["contributions"][0]
    assert mapped(MANIFEST, "contribution", raw).record == ContributionRecord(
        remote_id="1", member="11", starts_on=date(2026, 10, 1), ends_on=date(2026, 10, 31), currency="GBP",
        employee_amount=Decimal("50.25"), employer_amount=Decimal(30),
    )  # fmt: skip


def test_members_are_read_to_the_end_and_nothing_private_is_asked_for(talk: Talk) -> None:
    for number in range(4, 251):
        talk.vendor.join(f"E-{number}", f"member{number}@example.com")  # type: ignore[attr-defined]
    items, _ = talk.everything("member")
    assert len({item.remote_id for item in items}) == 250
    assert set(items[0].raw) == {"id", "external_id", "email", "opt_state", "starts_on"}
    assert len(talk.vendor.asked(f"{BASE}/employees")) == 3
    assert {one.headers["accept"] for one in talk.vendor.asked(f"{BASE}/employees")} == {
        "application/vnd.autoenrolment.v12+json"
    }


def test_contributions_are_told_once(talk: Talk) -> None:
    assert tell(talk, paid(1), paid(2)) == Told(2)
    assert tell(talk, paid(1), paid(2), paid(3)) == Told(3)
    assert len(talk.vendor.asked(f"{BASE}/employees/*/contributions", "POST")) == 3
    body = json.loads(talk.vendor.asked(f"{BASE}/employees/*/contributions", "POST")[0].body)
    assert body == {
        "gross_qualifying_earnings": 1000.0, "pensionable_earnings": 1000.0, "company_amount": 30.0, "employee_amount": 50.25,
        "starts_on": "2026-10-01", "ends_on": "2026-10-31", "period_type": "Monthly",
    }  # fmt: skip
    items, _ = talk.everything("contribution")
    assert [talk.mapped("contribution", item).problems for item in items] == [{}, {}, {}]


def test_what_differs_is_corrected(talk: Talk) -> None:
    tell(talk, paid(1))
    assert tell(talk, paid(1, employer="31.00")) == Told(1)
    assert [row.facts["company_amount"] for row in talk.vendor.rows.all("contribution")] == [31.0]


def test_an_answer_that_was_lost_makes_no_second_contribution(talk: Talk) -> None:
    talk.vendor.fault("status", f"{BASE}/employees/*/contributions", status=500, after=True)
    with pytest.raises(ServerFailed):
        tell(talk, paid(1), paid(2))
    assert tell(talk, paid(1), paid(2)) == Told(2)
    assert len(talk.vendor.rows.all("contribution")) == 2


def test_one_who_is_refused_stops_nobody(talk: Talk) -> None:
    talk.vendor.opt_out("2")  # type: ignore[attr-defined]
    told = tell(talk, paid(1), paid(2), paid(9), paid(3, currency="USD"), paid(3, pensionable_pay=None), paid(3))
    assert told.accepted == 2
    assert told.refused == {"p-2": "forbidden", "p-9": "not-found", "p-3": "pay-missing"}


@pytest.mark.parametrize(
    ("starts", "ends", "word"),
    [
        ("2026-10-01", "2026-10-31", "Monthly"), ("2026-02-01", "2026-02-28", "Monthly"), ("2026-01-15", "2026-02-14", "Monthly"),
        ("2026-10-05", "2026-10-11", "Weekly"), ("2026-10-05", "2026-10-18", "Fortnightly"), ("2026-10-05", "2026-11-01", "FourWeekly"),
        ("2026-01-01", "2026-03-31", "Quarterly"), ("2026-01-01", "2026-06-30", "BiAnnually"), ("2026-04-06", "2027-04-05", "Annually"),
    ],
)  # fmt: skip
def test_periods_have_keystones_words(starts: str, ends: str, word: str) -> None:
    assert period_type(date.fromisoformat(starts), date.fromisoformat(ends)) == word


def test_an_odd_period_is_refused() -> None:
    with pytest.raises(Rejected, match="period-unusual"):
        period_type(date(2026, 10, 1), date(2026, 10, 20))


def test_a_papdis_file_is_handed_in_once_and_followed(talk: Talk) -> None:
    talk.vendor.works_at_once = False  # type: ignore[attr-defined]
    pension = scheme(talk)
    number = talk.run(pension.import_papdis(PAPDIS, "run-7"))
    assert talk.run(pension.import_papdis(PAPDIS, "run-7")) == number
    assert len(talk.vendor.asked(f"{BASE}/imports", "POST")) == 1
    assert talk.run(pension.follow(number)) == Told(0, waits_for=number)
    talk.vendor.work()  # type: ignore[attr-defined]
    assert talk.run(pension.follow(number)) == Told(2, {"E-3": "row-refused"})
    bad = talk.run(pension.import_papdis(b"not xml", "run-8"))
    with pytest.raises(Rejected, match="import-rejected"):
        talk.run(pension.follow(bad))


def test_opt_state_and_what_is_to_be_paid(talk: Talk) -> None:
    tell(talk, paid(1), paid(2))
    talk.vendor.opt_out("2")  # type: ignore[attr-defined]
    assert talk.run(scheme(talk).opt_state("2")) == "opted_out"
    assert talk.run(scheme(talk).payable()) == Payable(Decimal("60.0"), Decimal("100.5"), Decimal("160.5"))
    talk.vendor.fault("drift", f"{BASE}/contributions/summary", field="payable_total_amount")
    with pytest.raises(ContractDrift):
        talk.run(scheme(talk).payable())


@pytest.mark.parametrize(
    ("status", "failure"), [(401, AuthFailed), (403, Forbidden), (429, RateLimited), (500, ServerFailed)]
)
def test_what_goes_wrong_is_said(talk: Talk, status: int, failure: type[Exception]) -> None:
    talk.vendor.fault("status", f"{BASE}/*", status=status, times=0)
    for what in (lambda: talk.everything("member"), lambda: tell(talk, paid(1))):
        with pytest.raises(failure):
            what()
