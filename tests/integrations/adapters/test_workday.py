"""Workday against its stand-in: SOAP with a password or a token, REST with a token, windows of the transaction log, faults inside of 500."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from app.integrations.adapters.workday.envelopes import (
    JOB_PROFILES,
    ORGANIZATIONS,
    WORKERS,
    Request,
    envelope,
    read_page,
    window,
)
from app.integrations.adapters.workday.manifest import MANIFEST, make_api
from app.integrations.adapters.workday.reading import ASK
from app.integrations.api import Environment, open_api
from app.integrations.auth.kinds import JwtAssertion, fields_of
from app.integrations.auth.oauth import assertion_call, token_http
from app.integrations.auth.proof import Keys
from app.integrations.auth.tokens import Token, read_token
from app.integrations.completeness import faults
from app.integrations.failures import (
    AuthFailed,
    BrokenAnswer,
    ContractDrift,
    Failure,
    Forbidden,
    RateLimited,
    Rejected,
    ServerFailed,
)
from app.integrations.protection.retry import Safety
from app.integrations.sync.mapping import to_record
from app.integrations.sync.reading import Batch, Mode, Reading
from app.integrations.sync.records import EmployeeRecord, Employment
from app.integrations.transports import reach
from app.integrations.transports.http.calls import Answer, Call
from app.integrations.transports.http.client import Http, HttpClient
from app.integrations.transports.http.wire import Wire
from sandbox.vendors.core import Client
from sandbox.vendors.core.serving import serving
from sandbox.vendors.workday import PASSWORD, TENANT, USER

SAMPLES = Path(__file__).parents[3] / "app/integrations/adapters/workday/samples"
SETTINGS = {"host": "wd5-services1.myworkday.com", "tenant": TENANT, "username": USER}
SOAP = "/ccx/service/*"
RSA = RSAKey.generate_key(2048)
CONFIG = MANIFEST.config.model_validate(SETTINGS)
BY_KEY = MANIFEST.config.model_validate({**SETTINGS, "sign_in": "key"})
SECRETS = MANIFEST.secrets.model_validate(
    {"password": PASSWORD, "client_id": "corridor", "private_key": RSA.as_pem(private=True).decode()}
)


class Line:
    """A connection as the engine has it: what it asks, its clock, what it keeps."""

    def __init__(self, vendor: Any, config: Any = CONFIG, secrets: Any = SECRETS) -> None:
        self.vendor, self.config, self.secrets = vendor, config, secrets
        self.token: Token | None = None
        self.ahead = timedelta()  # our clock before theirs

    def ask(self, call: Call) -> Answer:
        with reach.within(reach.Reach(loopback=True)):
            client = open_api(
                make_api(self.config), self.config, self.secrets, environment=Environment.PRODUCTION, token=self.token,
                base_url=f"{self.vendor.url}/ccx",
            )  # fmt: skip
        with client:
            return client.send(call)

    def batches(self, name: str, cursor: Any = None, mode: Mode = Mode.FULL) -> Iterator[Batch]:
        resource = make_api(self.config).resource(name)
        now = self.vendor.clock.now() + self.ahead
        return resource.read(Reading(self.ask, resource, self.config, mode, json.loads(json.dumps(cursor or {})), now))

    def read(self, name: str, cursor: Any = None, mode: Mode = Mode.FULL) -> list[Batch]:
        return list(self.batches(name, cursor, mode))

    def changed(self, name: str, cursor: Any) -> dict[str, Any]:
        return records(name, self.read(name, cursor, Mode.INCREMENTAL))


def records(name: str, batches: list[Batch]) -> dict[str, Any]:
    """By remote id, in our words; none may have a problem."""
    resource, found = make_api(CONFIG).resource(name), dict[str, Any]()
    assert resource.kind is not None
    for item in (item for batch in batches for item in batch.items):
        mapped = to_record(resource.kind, resource.fields, item.remote_id, item.raw)
        assert mapped.record is not None, mapped.problems
        found[item.remote_id] = mapped.record
    return found


def named(found: dict[str, Any]) -> set[str]:
    return {one.first_name for one in found.values()}


@pytest.fixture(scope="module")
def served() -> Iterator[Any]:
    with serving("workday") as vendor:
        yield vendor


@pytest.fixture
def vendor(served: Any) -> Any:
    served.reset()
    return served


@pytest.fixture
def line(vendor: Any) -> Line:
    return Line(vendor)


@pytest.fixture
def mark(line: Line, vendor: Any) -> Any:
    """The cursor after everything was read, an hour ago; an hour after it was entered."""
    vendor.clock.advance(3600)
    cursor = line.read("employees")[-1].cursor
    vendor.clock.advance(3600)
    return cursor


def sample(request: Request, name: str) -> list[Any]:
    return read_page(request, (SAMPLES / name).read_bytes()).records


def in_our_words(name: str, raw: Any) -> Any:
    resource = make_api(CONFIG).resource(name)
    assert resource.kind is not None
    mapped = to_record(resource.kind, resource.fields, "1", raw)
    assert mapped.record is not None, mapped.problems
    return mapped.record


def test_a_worker_in_our_words() -> None:
    now, later = (in_our_words("employees", raw) for raw in sample(WORKERS, "workers.xml"))
    assert isinstance(now, EmployeeRecord)
    assert now.model_dump(exclude_none=True) == {
        "remote_id": "1", "employee_number": "21001", "first_name": "Odette", "middle_name": "M", "last_name": "Farrow",
        "work_email": "odette.farrow@quarry.example", "phone": "+1 (510) 555-0117", "date_of_birth": date(1988, 4, 17),
        "ssn": "900010203", "gender": "female", "address_line1": "12 Ferry Road", "address_line2": "Apt 3", "city": "Oakland",
        "state": "CA", "zip_code": "94607", "country": "US", "status": Employment.LEAVE, "hired_on": date(2019, 3, 4),
        "employment_type": "full_time", "weekly_hours": Decimal("37.5"), "annual_salary": Decimal("71250.5"),
        "job_title": "Quarry Planner", "department": "6cb77610a8a543aea2d6bc10457e35d4",
        "manager": "3aa5550b7fe348b98d7b5741afc65534",
    }  # fmt: skip
    assert (later.status, later.hired_on) == (Employment.ONBOARDING, date(2027, 1, 11)), "hired for later is not active"


def test_departments_and_positions_in_our_words_whichever_way_they_came() -> None:
    ways = (
        sample(ORGANIZATIONS, "organizations.xml")[0],
        json.loads((SAMPLES / "organizations.json").read_text())["data"][0],
    )
    by_soap, by_rest = (in_our_words("departments", raw) for raw in ways)
    assert (by_soap.name, by_soap.code, by_soap.parent) == (
        "Quarry Operations",
        "SUP-QUARRY",
        "7dc88721b9b654bfb3e7cd21568f46e5",
    )
    assert (by_rest.name, by_rest.code, by_rest.parent) == ("Quarry Operations", "QUARRY", None)
    ways = (
        sample(JOB_PROFILES, "job_profiles.xml")[0],
        json.loads((SAMPLES / "job_profiles.json").read_text())["data"][0],
    )
    assert [in_our_words("positions", raw).name for raw in ways] == ["Quarry Planner", "Quarry Planner"]


def test_the_manifest_is_whole_with_either_sign_in() -> None:
    for config in (CONFIG, BY_KEY):
        assert faults(MANIFEST, "workday") == []
        assert fields_of(make_api(config).auth) <= {*MANIFEST.config.model_fields, *MANIFEST.secrets.model_fields}
    assert make_api(CONFIG).safety(ASK.call()) is Safety.FREE, "a question, though it is posted"
    for host in ("evil.example", "myworkday.com.evil.example", "a/b.workday.com", "user@x.workday.com"):
        with pytest.raises(ValueError, match="host"):
            MANIFEST.config.model_validate({**SETTINGS, "host": host})


def test_everybody_is_read_to_the_end(line: Line, vendor: Any) -> None:
    vendor.seed(100)
    batches = line.read("employees")
    assert [(len(batch.items), batch.last, batch.total) for batch in batches] == [
        (100, False, 112), (12, True, 112)
    ]  # fmt: skip
    people = records("employees", batches)
    assert len(people) == 112
    by_name = {one.first_name: one for one in people.values()}
    assert {name: by_name[name].status for name in ("Gideon", "Fenna", "Hester", "Maeve")} == {
        "Gideon": Employment.ACTIVE, "Fenna": Employment.LEAVE, "Hester": Employment.TERMINATED, "Maeve": Employment.ONBOARDING
    }  # fmt: skip
    assert by_name["Hester"].terminated_on == vendor.clock.today() - timedelta(days=20)
    assert set(batches[-1].cursor) == {"mark"}
    assert [page_of(one.body) for one in vendor.asked(SOAP)] == ["1", "2"]


def page_of(body: bytes) -> str:
    return body.decode().partition("<wd:Page>")[2].partition("<")[0]


def test_reading_goes_on_behind_any_page_as_of_the_same_moment(line: Line, vendor: Any) -> None:
    vendor.seed(100)
    first = next(line.batches("employees"))
    vendor.clock.advance(60)
    vendor.hire("Late", "Comer")
    rest = line.read("employees", first.cursor)
    assert len(records("employees", [first, *rest])) == 112, "hired meanwhile: nobody moves to another page"
    vendor.clock.advance(60)
    assert named(line.changed("employees", rest[-1].cursor)) >= {"Late"}
    moments = {one.body.partition(b"As_Of_Entry_DateTime>")[2][:24] for one in vendor.asked(SOAP)[:2]}
    assert len(moments) == 1


def test_only_what_was_entered_or_came_to_hold(line: Line, vendor: Any, mark: Any) -> None:
    assert line.changed("employees", mark) == {}
    vendor.change("2", "email", "new@thornbury.example")
    vendor.hire("New", "Person")
    found = line.changed("employees", mark)
    assert named(found) == {"Corin", "New"}
    assert {one.work_email for one in found.values()} >= {"new@thornbury.example"}
    kinds = [b"Updated_From" in one.body for one in vendor.asked(SOAP)[-2:]]
    assert kinds == [True, False], "one request with both ranges would mean both at once"


def test_a_change_for_later_is_seen_on_its_day_and_not_before(line: Line, vendor: Any, mark: Any) -> None:
    day = vendor.clock.today() + timedelta(days=10)
    before = {one.first_name: one for one in records("employees", line.read("employees")).values()}["Idris"].department
    vendor.move("8", "3", str(day))
    vendor.terminate("4", str(day))
    batches = line.read("employees", mark, Mode.INCREMENTAL)
    early = {one.first_name: one for one in records("employees", batches).values()}
    assert early["Idris"].department == before
    assert (early["Emre"].status, early["Emre"].terminated_on) == (Employment.ACTIVE, None)
    vendor.clock.advance(10 * 86_400)
    late = {one.first_name: one for one in line.changed("employees", batches[-1].cursor).values()}
    assert late["Idris"].department not in (None, before), "nobody entered anything that day"
    assert (late["Emre"].status, late["Emre"].terminated_on) == (Employment.TERMINATED, day)
    assert late["Emre"].termination_reason == "RESIGNED"


def test_a_clock_of_ours_that_is_ahead_loses_nothing(line: Line, vendor: Any) -> None:
    line.ahead = timedelta(hours=2)
    cursor = line.read("employees")[-1].cursor
    assert datetime.fromisoformat(cursor["mark"]) <= vendor.clock.now()
    vendor.change("3", "email", "soon@thornbury.example")
    line.ahead = timedelta()
    assert named(line.changed("employees", cursor)) >= {"Delphine"}


def test_leaves_with_their_days(line: Line, vendor: Any, mark: Any) -> None:
    found = records("leaves", line.read("leaves"))
    today, person = vendor.clock.today(), {one.employee for one in found.values()}
    assert sorted(one.starts_on for one in found.values()) == [today - timedelta(days=400), today - timedelta(days=10)]
    assert len(person) == 1
    assert person <= set(records("employees", line.read("employees")))
    cursor = line.read("leaves")[-1].cursor
    vendor.clock.advance(600)
    vendor.take_leave("9", "new", str(today), str(today + timedelta(days=5)))
    new = line.changed("leaves", cursor)
    assert [(one.starts_on, one.ends_on, one.kind, one.approved) for one in new.values()] == [
        (today, today + timedelta(days=5), "CARE", True)
    ]


def test_who_was_rescinded_is_missing_from_the_next_whole_reading(line: Line, vendor: Any) -> None:
    before = set(records("employees", line.read("employees")))
    vendor.rescind("11")
    assert len(before - set(records("employees", line.read("employees")))) == 1


def test_departments_and_positions_are_read_whole_each_time(line: Line, vendor: Any) -> None:
    batches = line.read("departments")
    found = records("departments", batches)
    assert {one.name for one in found.values()} == {"Company", "Field Work", "Office"}
    assert batches[-1].cursor == {}, "the engine reads everything and sees who is missing"
    assert {one.parent for one in found.values()} < {None, *found}
    assert {one.department for one in records("employees", line.read("employees")).values()} <= set(found)
    assert {one.code for one in records("positions", line.read("positions")).values()} == {"SRV", "CLK", "DIR"}
    assert vendor.asked("/ccx/api/*") == []


def signed_in(vendor: Any) -> Line:
    """With the key of an API client: an assertion, then an access token."""
    vendor.access.clients["corridor"] = Client(public_key=RSA.as_pem(private=False).decode())
    line, auth, keys = Line(vendor, BY_KEY), make_api(BY_KEY).auth, Keys(BY_KEY, SECRETS)
    assert isinstance(auth, JwtAssertion)
    call = assertion_call(auth, keys, vendor.clock.now())
    assert token_http(auth, keys).base_url == "https://wd5-services1.myworkday.com"
    with reach.within(reach.Reach(loopback=True)), HttpClient(Http(vendor.url), Wire()) as client:
        line.token = read_token(client.send(call), vendor.clock.now())
    return line


def test_with_a_key_the_lists_come_by_rest_and_the_workers_by_soap_with_the_token(vendor: Any) -> None:
    line = signed_in(vendor)
    by_rest = records("departments", line.read("departments"))
    assert by_rest.keys() == records("departments", Line(vendor).read("departments")).keys(), "the same ids either way"
    assert {one.name for one in records("positions", line.read("positions")).values()} == {
        "Surveyor",
        "Clerk",
        "Director",
    }
    assert len(records("employees", line.read("employees"))) == 12
    asked = vendor.asked(SOAP)[-1]
    assert asked.headers["authorization"].startswith("Bearer ")
    assert b"wsse" not in asked.body
    assert [one.query for one in vendor.asked("/ccx/api/*")] == [{"offset": "0", "limit": "100"}] * 2
    assert line.read("departments")[-1].cursor == {}


def test_the_assertion_is_made_for_workday() -> None:
    auth, keys = make_api(BY_KEY).auth, Keys(BY_KEY, SECRETS)
    assert isinstance(auth, JwtAssertion)
    body: Any = assertion_call(auth, keys, datetime.now(UTC)).body
    claims = jwt.decode(dict(body.fields)["assertion"], RSA, ["RS256"]).claims
    assert (claims["iss"], claims["sub"], claims["aud"]) == ("corridor", USER, "wd")


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (400, Rejected, "validation-fault"),
        (401, AuthFailed, "password-refused"),
        (403, Forbidden, "task-not-authorized"),
        (500, ServerFailed, "server-failed-500"),
        (503, ServerFailed, "server-failed-503"),
    ],
)
def test_what_a_500_means_is_in_its_words(line: Line, vendor: Any, status: int, kind: type[Failure], code: str) -> None:
    vendor.fault("status", SOAP, status=status)
    with pytest.raises(Failure) as met:
        line.read("employees")
    assert type(met.value) is kind
    assert met.value.code == code
    assert vendor.asked(SOAP)[-1].status == (503 if status == 503 else 500)


def test_the_sample_fault_is_permanent(line: Line, vendor: Any) -> None:
    vendor.fault("status", SOAP, status=500, body=(SAMPLES / "fault.xml").read_text(), content_type="text/xml")
    with pytest.raises(Rejected, match="validation-fault"):
        line.read("employees")


def test_a_wrong_password_and_a_wrong_range(vendor: Any) -> None:
    wrong = MANIFEST.secrets.model_validate({"password": "no"})
    with pytest.raises(AuthFailed, match="password-refused"):
        Line(vendor, secrets=wrong).read("employees")
    now = datetime.now(UTC)
    half = (
        window("Updated", now, now).partition("<wd:Updated_Through>")[0]
        + "</wd:Transaction_Date_Range_Data></wd:Transaction_Log_Criteria_Data>"
    )
    call = ASK.call(envelope(WORKERS, "v44.0", 1, now, half), fills={"tenant": TENANT, "version": "v44.0"})
    with pytest.raises(Rejected, match="validation-fault"):
        Line(vendor).ask(call)


def test_too_often(line: Line, vendor: Any) -> None:
    vendor.fault("status", SOAP, status=429, retry_after="30")
    vendor.fault("status", SOAP, status=429)
    waits = []
    for _ in range(2):
        with pytest.raises(RateLimited) as met:
            line.read("employees")
        waits.append((met.value.until - datetime.now(UTC)).total_seconds())
    assert waits[0] == pytest.approx(30, abs=2)
    assert waits[1] == pytest.approx(60, abs=2)


def test_an_answer_that_is_not_whole(line: Line, vendor: Any) -> None:
    for fault in ("truncate", "garbage"):
        vendor.fault(fault, SOAP)
        with pytest.raises(BrokenAnswer, match="answer-not-xml"):
            line.read("employees")
    whole = (SAMPLES / "workers.xml").read_bytes()
    for bad, code in (
        (whole.replace(b"Page_Results>2<", b"Page_Results>3<"), "page-short"),
        (whole.replace(b"Total_Pages>1<", b"Total_Pages><"), "paging-missing"),
        (whole.replace(b"Get_Workers_Response", b"Other_Response"), "response-missing"),
    ):
        with pytest.raises(ContractDrift, match=code):
            read_page(WORKERS, bad)
    bomb = b'<!DOCTYPE x [<!ENTITY a "b">]><env:Envelope xmlns:env="x"><env:Body>&a;</env:Body></env:Envelope>'
    with pytest.raises(BrokenAnswer):
        read_page(WORKERS, bomb)


def test_nobody_and_no_password_in_what_is_kept(vendor: Any) -> None:
    config = CONFIG
    with reach.within(reach.Reach(loopback=True)):
        client = open_api(
            make_api(config), config, SECRETS, environment=Environment.PRODUCTION, base_url=f"{vendor.url}/ccx"
        )
    call = ASK.call(envelope(WORKERS, "v44.0", 1, vendor.clock.now()), fills={"tenant": TENANT, "version": "v44.0"})
    with client:
        kept = client.exchange(call)
    assert PASSWORD.encode() in vendor.asked(SOAP)[-1].body
    assert PASSWORD.encode() not in kept.request_body
    assert kept.answer is not None
    assert b"<wd:ID>219010001</wd:ID>" in kept.answer.body
    assert b"219010001" not in kept.answer_body
    assert PASSWORD not in repr(kept) + repr(call)
