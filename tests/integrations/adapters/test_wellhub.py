"""Wellhub: the whole list told as changes, once however often it is told; only eligibility leaves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.integrations.adapters import wellhub
from app.integrations.adapters.wellhub.adapter import Wellhub, blamed, changes
from app.integrations.adapters.wellhub.api import WellhubConfig
from app.integrations.adapters.wellhub.manifest import MANIFEST, WellhubSecrets
from app.integrations.completeness import faults
from app.integrations.failures import AuthFailed, Forbidden, RateLimited, Rejected, ServerFailed
from app.integrations.ports import Eligible, Told, WellnessPlan
from app.integrations.sync.records import MemberRecord
from sandbox.vendors.core.serving import serving
from sandbox.vendors.wellhub import CLIENT, SECRET, TAX_ID
from tests.integrations.adapters.talk import Talk, mapped

SAMPLES = Path(wellhub.__file__).parent / "samples"
JOBS = "/v1/eligibility/jobs"


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    with serving("wellhub") as vendor:
        yield vendor


@pytest.fixture
def talk(server: Any) -> Talk:
    server.reset()
    server.works_at_once, server.several_companies = True, False
    secrets = WellhubSecrets.model_validate({"client_id": CLIENT, "client_secret": SECRET})
    talk = Talk(server, MANIFEST, WellhubConfig(company_tax_id=TAX_ID), secrets)
    talk.fetch_token()
    return talk


def plan(talk: Talk) -> Wellhub:
    assert MANIFEST.wellness is not None
    found = MANIFEST.wellness(talk.config)
    assert isinstance(found, Wellhub)
    assert isinstance(found, WellnessPlan)
    return found


def person(number: int, **more: Any) -> Eligible:
    return replace(Eligible(f"p-{number}", f"person{number}@example.com", f"Person {number}", "Example"), **more)


def tell(talk: Talk, people: list[Eligible]) -> Told:
    return talk.run(plan(talk).tell_eligibility(people, "key"))


def there(talk: Talk) -> dict[str, str]:
    rows = talk.vendor.rows.all("person")
    return {row.facts["employee_id"]: row.facts["email"] for row in rows if not row.facts["deleted_at"]}


def sent(talk: Talk) -> list[dict[str, str]]:
    return [item for asked in talk.vendor.asked(f"{JOBS}/*/items", "POST") for item in json.loads(asked.body)]


def test_the_manifest_is_complete() -> None:
    assert faults(MANIFEST, "wellhub") == []


def test_samples_are_members_and_tombstones() -> None:
    ada, ben = json.loads((SAMPLES / "people.json").read_text())["data"]
    record = mapped(MANIFEST, "person", ada).record
    assert record == MemberRecord(remote_id="1", email="ada@example.com", employee_number="p-1", status="accepted")
    assert ben["deleted_at"]


def test_people_are_read_to_the_end_with_those_who_left(talk: Talk) -> None:
    for number in range(4, 131):
        talk.vendor.join(f"p-{number}", f"person{number}@example.com", f"Person {number}")  # type: ignore[attr-defined]
    talk.vendor.rows.change("person", "2", {"deleted_at": "2026-11-01T00:00:00Z"})
    items, _ = talk.everything("person")
    assert len({item.remote_id for item in items}) == 130
    assert [item.remote_id for item in items if item.deleted] == ["wh-2"]
    assert len(talk.vendor.asked("/v1/employees")) == 3
    assert "full_name" not in items[0].raw


def test_an_account_of_several_companies_asks_by_company(talk: Talk) -> None:
    talk.vendor.several_companies = True  # type: ignore[attr-defined]
    with pytest.raises(Rejected):
        talk.everything("person")
    talk.config = WellhubConfig(company_tax_id=TAX_ID, several_companies=True)
    assert len(talk.everything("person")[0]) == 3


def test_the_list_is_told_as_changes_and_only_once(talk: Talk) -> None:
    people = [person(1), person(2, last_name="Married"), person(3, active=False), person(4)]
    assert tell(talk, people) == Told(3)
    assert there(talk) == {f"p-{n}": f"person{n}@example.com" for n in (1, 2, 4)}
    assert [item["operation"] for item in sent(talk)] == ["UPDATE", "CREATE", "DELETE"]
    assert tell(talk, people) == Told(0)
    assert len(sent(talk)) == 3, "the second time there is nothing to tell"


def test_only_eligibility_leaves(talk: Talk) -> None:
    tell(talk, [person(1), person(4, employee_number="E-77")])
    assert {name for item in sent(talk) for name in item} == {
        "operation",
        "company_tax_id",
        "email",
        "full_name",
        "employee_id",
    }
    assert "E-77" not in json.dumps(sent(talk))


def test_a_list_of_nobody_takes_nobodys_access(talk: Talk) -> None:
    for people in ([], [person(1, active=False)]):
        with pytest.raises(Rejected, match="nobody-eligible"):
            tell(talk, people)
    assert len(there(talk)) == 3
    assert talk.vendor.asked(f"{JOBS}*") == []


def test_five_hundred_at_a_time(talk: Talk) -> None:
    assert tell(talk, [person(n) for n in range(1, 1005)]) == Told(1001)
    assert [len(json.loads(one.body)) for one in talk.vendor.asked(f"{JOBS}/*/items", "POST")] == [500, 500, 1]


def test_a_second_submit_is_fine(talk: Talk) -> None:
    talk.vendor.fault("status", f"{JOBS}/*/submit", status=409, after=True)
    assert tell(talk, [person(n) for n in (1, 2, 3, 4)]) == Told(1)
    talk.vendor.fault("status", f"{JOBS}/*/submit", status=422)
    with pytest.raises(Rejected):
        tell(talk, [person(1), person(2), person(3)])


def test_killed_in_the_middle_it_is_told_again(talk: Talk) -> None:
    talk.vendor.fault("status", f"{JOBS}/*/status", status=500)
    people = [person(n) for n in (1, 2, 3, 4)]
    with pytest.raises(ServerFailed):
        tell(talk, people)
    assert tell(talk, people) == Told(0)
    assert len(there(talk)) == 4


def test_a_job_at_work_is_asked_about_later(talk: Talk) -> None:
    talk.vendor.works_at_once = False  # type: ignore[attr-defined]
    told = tell(talk, [person(1), person(2), person(3), person(4, email="nowhere"), person(5)])
    assert told.waits_for
    assert talk.run(plan(talk).follow(told.waits_for)).waits_for == told.waits_for
    talk.vendor.work()  # type: ignore[attr-defined]
    ended = talk.run(plan(talk).follow(told.waits_for))
    assert ended == Told(1, {"p-4": "invalid-email"})
    assert "nowhere" not in repr(ended)


@pytest.mark.parametrize(
    ("status", "code"),
    [("REJECTED", "job-rejected"), ("INTERNAL_SERVER_ERROR", "job-failed"), ("NEW_WORD", "job-failed")],
)
def test_a_job_that_failed_is_never_good_news(talk: Talk, status: str, code: str) -> None:
    body = json.dumps({"id": "x", "status": status})
    talk.vendor.fault("status", f"{JOBS}/*/status", status=200, body=body)
    with pytest.raises(Rejected, match=code):
        talk.run(plan(talk).follow("x"))


def test_people_who_share_an_address_are_not_mixed_up() -> None:
    shared = {"email": "family@example.com", "full_name": "Somebody"}
    known = [
        {"employee_id": "", **shared},
        {"employee_id": "old-1", "email": "Solo@Example.com", "full_name": "Solo Example"},
    ]
    people = [
        person(1, email="family@example.com"), person(2, email="family@example.com"),
        Eligible("p-3", "solo@example.com", "Solo", "Example"),
    ]  # fmt: skip
    items = changes(people, known, TAX_ID)
    assert [(item["operation"], item.get("employee_id")) for item in items] == [
        ("CREATE", "p-1"), ("CREATE", "p-2"), ("UPDATE", "old-1"), ("DELETE", None),
    ]  # fmt: skip


def test_errors_name_our_key_and_no_value() -> None:
    items = [
        {"change_number": 1, "employee_id": "p-1"},
        {"change_number": 2, "employee_id": "p-2"},
        {"change_number": 3, "employee_id": "p-3"},
    ]
    errors = [
        {"change_number": 1, "error_type": "INVALID_EMAIL", "field_value": "private@example.com"},
        {"change_number": 2, "error_type": None},
        {"change_number": 3, "error_type": "X", "recovered_by": "system"},
        {"change_number": 9, "error_type": "X"},
    ]
    assert blamed(items, errors) == {"p-1": "invalid-email", "p-2": "not-taken"}


@pytest.mark.parametrize(
    ("status", "failure"), [(401, AuthFailed), (403, Forbidden), (429, RateLimited), (500, ServerFailed)]
)
def test_what_goes_wrong_is_said(talk: Talk, status: int, failure: type[Exception]) -> None:
    talk.vendor.fault("status", "/v1/*", status=status, times=0)
    for what in (lambda: talk.everything("person"), lambda: tell(talk, [person(1)])):
        with pytest.raises(failure):
            what()
