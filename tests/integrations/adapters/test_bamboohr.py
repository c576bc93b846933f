"""BambooHR against its stand-in, which is held against BambooHR's own description where ../shared is there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.integrations.adapters.bamboohr.manifest import MANIFEST
from app.integrations.api import Environment, open_api
from app.integrations.auth.tokens import Token
from app.integrations.failures import ContractDrift, Failure, Forbidden, RateLimited, ServerFailed
from app.integrations.sync.mapping import to_record
from app.integrations.sync.reading import Batch, Mode, Reading
from app.integrations.sync.records import EmployeeRecord, Employment, Kind, LeaveRecord
from app.integrations.transports import reach
from app.integrations.transports.http.calls import Answer, Call
from sandbox.vendors.core.serving import serving, vendor_class

API = MANIFEST.api
assert API is not None
SAMPLES = Path(__file__).parents[3] / "app/integrations/adapters/bamboohr/samples"
CONFIG = MANIFEST.config.model_validate({"company": "northwind"})
SECRETS = MANIFEST.secrets.model_validate({"client_id": "a", "client_secret": "b", "webhook_key": "k"})

Read = Callable[..., list[Batch]]


@pytest.fixture(scope="module")
def served() -> Iterator[Any]:
    with serving("bamboohr", referee=bool(vendor_class("bamboohr").description.is_here)) as vendor:  # type: ignore[union-attr]
        yield vendor


@pytest.fixture
def vendor(served: Any) -> Iterator[Any]:
    served.reset()
    yield served
    served.referee.settle()


@pytest.fixture
def ask(vendor: Any) -> Iterator[Callable[[Call], Answer]]:
    scope = " ".join(API.auth.scopes)  # type: ignore[union-attr]
    vendor.terms(token_seconds=10**8)  # the clock is turned far
    access = vendor.access.issue("corridor", scope).access
    token = Token(access, datetime.now(UTC), None)
    with reach.within(reach.Reach(anywhere=True, loopback=True)):
        client = open_api(
            API, CONFIG, SECRETS, environment=Environment.PRODUCTION, token=token, base_url=vendor.url + "/api/v1"
        )
    with client:
        yield lambda call: client.exchange(call).result()


@pytest.fixture
def read(ask: Any) -> Read:
    def reading(name: str, mode: Mode = Mode.FULL, cursor: Any = None) -> list[Batch]:
        resource = API.resource(name)
        return list(resource.read(Reading(ask, resource, CONFIG, mode, cursor or {}, datetime.now(UTC))))

    return reading


def employees(batches: list[Batch]) -> dict[str, EmployeeRecord]:
    fields, found = API.resource("employees").fields, {}
    for item in (item for batch in batches for item in batch.items if not item.deleted):
        mapped = to_record(Kind.EMPLOYEE, fields, item.remote_id, item.raw)
        assert isinstance(mapped.record, EmployeeRecord), mapped.problems
        found[item.remote_id] = mapped.record
    return found


def test_the_sample_in_our_words() -> None:
    raw = json.loads((SAMPLES / "employee.json").read_text())
    record = to_record(Kind.EMPLOYEE, API.resource("employees").fields, raw["id"], raw).record
    assert isinstance(record, EmployeeRecord)
    assert (record.status, record.employment_type, record.manager) == (Employment.ACTIVE, "full_time", "6")
    assert (record.marital_status, record.terminated_on, record.ssn) == ("domestic_partner", None, None)
    assert (record.hired_on, record.date_of_birth) == (date(2024, 6, 9), date(1984, 3, 9))


def test_everybody_is_read_to_the_end(vendor: Any, read: Read) -> None:
    vendor.seed(190)
    batches = read("employees")
    assert [batch.last for batch in batches] == [False, False, True]
    people = employees(batches)
    assert len(people) == 220
    assert people["29"].status is Employment.TERMINATED
    assert people["29"].terminated_on == vendor.clock.today() - timedelta(days=30)
    assert people["30"].hired_on == vendor.clock.today() + timedelta(days=20)
    assert batches[0].total == 220


def test_reading_goes_on_behind_any_page(vendor: Any, read: Read) -> None:
    vendor.seed(190)
    first = read("employees")[0]
    rest = read("employees", cursor=first.cursor)
    assert len(employees([first, *rest])) == 220
    assert rest[-1].cursor == {"mark": first.cursor["until"]}


def test_only_what_changed_with_tombstones(vendor: Any, read: Read) -> None:
    vendor.clock.advance(60)
    mark = {"mark": vendor.clock.now().isoformat()}
    vendor.clock.advance(5)
    vendor.change("7", "workEmail", "new@maplecedar.example")
    vendor.delete("9")
    made = vendor.hire("New", "Person")
    batches = read("employees", Mode.INCREMENTAL, mark)
    assert {item.remote_id: item.deleted for batch in batches for item in batch.items} == {
        "7": False,
        "9": True,
        made: False,
    }
    assert employees(batches)["7"].work_email == "new@maplecedar.example"
    again = read("employees", Mode.INCREMENTAL, batches[-1].cursor)
    assert {item.remote_id for batch in again for item in batch.items} <= {"7", "9", made}


def test_nothing_changed_is_one_empty_page(vendor: Any, read: Read) -> None:
    vendor.clock.advance(60)
    later = {"mark": vendor.clock.now().isoformat()}
    assert [(len(batch.items), batch.last) for batch in read("employees", Mode.INCREMENTAL, later)] == [(0, True)]


def test_a_change_of_a_later_day_is_not_seen_early(vendor: Any, read: Read) -> None:
    vendor.change("7", "department", "Sales", str(vendor.clock.today() + timedelta(days=9)))
    assert employees(read("employees"))["7"].department == "Engineering"
    vendor.clock.advance(86_400 * 9)
    assert employees(read("employees"))["7"].department == "Sales"


def test_lists_and_time_off(read: Read) -> None:
    assert [item.remote_id for item in read("departments")[0].items] == [
        "Engineering",
        "Operations",
        "Sales",
        "Finance",
        "People",
    ]
    assert len(read("positions")[0].items) == 5
    item = read("leaves")[0].items[0]
    leave = to_record(Kind.LEAVE, API.resource("leaves").fields, item.remote_id, item.raw).record
    assert isinstance(leave, LeaveRecord)
    assert (leave.employee, leave.kind, leave.approved) == ("16", "Parental Leave", True)


@pytest.mark.parametrize(
    ("fault", "failure"),
    [
        ({"status": 429, "retry_after": "7"}, RateLimited),
        ({"status": 429}, RateLimited),
        ({"status": 503}, RateLimited),
        ({"status": 500}, ServerFailed),
        ({"status": 403}, Forbidden),
        ({"status": 200, "body": '{"error":{"code":429,"message":"Too many requests"}}'}, RateLimited),
        ({"status": 200, "body": '{"data": "drifted"}'}, ContractDrift),
    ],
)
def test_what_goes_wrong(vendor: Any, read: Read, fault: dict[str, Any], failure: type[Failure]) -> None:
    vendor.fault("status", "/api/v1/employees", times=1, **fault)
    with pytest.raises(failure):
        read("employees")
