"""ADP against its stand-in over TLS with a client certificate: pages, the queue of events, days to come, leaves."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.connections.forms import LONG
from app.integrations.adapters.adp.manifest import MANIFEST
from app.integrations.adapters.adp.reading import QUEUE
from app.integrations.api import Environment, open_api
from app.integrations.auth.oauth import client_call, token_http
from app.integrations.auth.proof import Keys
from app.integrations.auth.tokens import Token, read_token
from app.integrations.completeness import faults
from app.integrations.failures import AuthFailed, ContractDrift, Failure, Forbidden, Gone, RateLimited, ServerFailed
from app.integrations.protection.retry import Safety
from app.integrations.sync.mapping import to_record
from app.integrations.sync.reading import Batch, Mode, Reading
from app.integrations.sync.records import EmployeeRecord, Employment
from app.integrations.transports import reach
from app.integrations.transports.http.calls import Answer, Call
from app.integrations.transports.http.client import Http, HttpClient
from app.integrations.transports.http.tls import ClientCertificate
from app.integrations.transports.http.wire import Wire
from sandbox.vendors.adp import CLIENT, SECRET, aoid
from sandbox.vendors.core.serving import serving
from tests.integrations.http_server import make_certificate, server_context

API = MANIFEST.api
assert API is not None
SAMPLES = Path(__file__).parents[3] / "app/integrations/adapters/adp/samples"
CONFIG = MANIFEST.config()
THEIRS, OURS = make_certificate("localhost"), make_certificate("corridor")
SECRETS = MANIFEST.secrets.model_validate(
    {"client_id": CLIENT, "client_secret": SECRET, "certificate": OURS[0], "private_key": OURS[1]}
)
WORKERS = "/hr/v2/workers"
Done = Callable[[Batch], None]


class Line:
    """A connection as the engine has it: each batch is kept, then what it says is done."""

    def __init__(self, vendor: Any, token: Token, config: Any = CONFIG) -> None:
        self.vendor, self.config = vendor, config
        with reach.within(reach.Reach(loopback=True)):
            wire = Wire(authorities=THEIRS[0], certificate=ClientCertificate(*OURS))
            self.client = open_api(
                API, config, SECRETS, environment=Environment.PRODUCTION, token=token, base_url=vendor.url, carrier=wire
            )

    def ask(self, call: Call) -> Answer:
        return self.client.send(call)

    def batches(self, name: str, cursor: Any = None, mode: Mode = Mode.FULL) -> Iterator[Batch]:
        resource = API.resource(name)
        kept = json.loads(json.dumps(cursor or {}))
        return resource.read(Reading(self.ask, resource, self.config, mode, kept, self.vendor.clock.now()))

    def read(self, name: str, cursor: Any = None, mode: Mode = Mode.FULL) -> list[Batch]:
        found = []
        for batch in self.batches(name, cursor, mode):
            found.append(batch)
            for call in batch.done:
                self.ask(call)
        return found

    def changed(self, cursor: Any) -> list[Batch]:
        return self.read("employees", cursor, Mode.INCREMENTAL)


def records(name: str, batches: list[Batch]) -> dict[str, Any]:
    """By remote id, in our words; none may have a problem."""
    resource, found = API.resource(name), dict[str, Any]()
    assert resource.kind is not None
    for item in (item for batch in batches for item in batch.items if not item.deleted):
        mapped = to_record(resource.kind, resource.fields, item.remote_id, item.raw)
        assert mapped.record is not None, mapped.problems
        found[item.remote_id] = mapped.record
    return found


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    context = server_context(tmp_path_factory.mktemp("tls"), *THEIRS, clients=OURS[0])
    with serving("adp", tls=context) as vendor:
        yield vendor


@pytest.fixture
def vendor(served: Any) -> Any:
    served.reset()
    return served


@pytest.fixture
def line(vendor: Any) -> Iterator[Line]:
    vendor.terms(token_seconds=10**8)  # the clock is turned far
    made = Line(vendor, Token(vendor.access.issue(CLIENT).access, datetime.now(UTC)))
    with made.client:
        yield made


def sample(name: str) -> Any:
    return json.loads((SAMPLES / f"{name}.json").read_text())


def in_our_words(name: str, raw: Any) -> Any:
    resource = API.resource(name)
    assert resource.kind is not None
    mapped = to_record(resource.kind, resource.fields, "1", raw)
    assert mapped.record is not None, mapped.problems
    return mapped.record


def test_a_worker_in_our_words() -> None:
    """The primary assignment speaks; who came back keeps no end of the time before; what is masked is left out."""
    one, two = (in_our_words("employees", raw) for raw in sample("workers")["workers"])
    assert isinstance(one, EmployeeRecord)
    assert one.model_dump(exclude_none=True) == {
        "remote_id": "1", "employee_number": "QP000101", "first_name": "Odette", "middle_name": "M", "last_name": "Farrow",
        "work_email": "odette.farrow@quarry.example", "phone": "(973) 555-0117", "date_of_birth": date(1988, 4, 17), "ssn": "900010203",
        "gender": "female", "marital_status": "married", "address_line1": "12 Ferry Road", "address_line2": "Apt 3", "city": "Newark",
        "state": "NJ", "zip_code": "07102", "country": "US", "status": Employment.ACTIVE, "hired_on": date(2019, 3, 4),
        "employment_type": "full_time", "pay_frequency": "biweekly", "annual_salary": Decimal("71250.5"), "job_title": "Quarry Planner",
        "department": "010000", "manager": "G3AAAAAAAAAAAA00",
    }  # fmt: skip
    assert (two.status, two.date_of_birth, two.ssn, two.annual_salary) == (Employment.LEAVE, None, None, None)


def test_a_status_nobody_knows_is_not_active() -> None:
    raw = sample("workers")["workers"][0]
    for word, meant in (("X", Employment.UNKNOWN), ("T", Employment.TERMINATED), ("a", Employment.ACTIVE)):
        raw["workAssignments"][1]["assignmentStatus"]["statusCode"]["codeValue"] = word
        assert in_our_words("employees", raw).status is meant
    raw["workAssignments"][1]["primaryIndicator"] = False
    raw["workerStatus"]["statusCode"]["codeValue"] = "Inactive"
    assert in_our_words("employees", raw).status is Employment.UNKNOWN


def test_lists_in_our_words() -> None:
    listed = sample("departments")["codeLists"][0]["listItems"]
    assert [in_our_words("departments", raw).name for raw in listed] == ["Quarry Ops", "Office of the Quarry Master"]
    assert in_our_words("positions", sample("job_titles")["codeLists"][0]["listItems"][0]).code == "PLAN"
    assert faults(MANIFEST, "adp") == []


def test_no_certificate_no_conversation(vendor: Any) -> None:
    """Nor a token: the certificate is asked for on every connection."""
    auth, keys = API.auth, Keys(CONFIG, SECRETS)
    call = client_call(auth.also, keys)  # type: ignore[union-attr]
    assert token_http(auth, keys).base_url == "https://accounts.adp.com"
    for certificate, works in ((ClientCertificate(*OURS), True), (None, False)):
        with reach.within(reach.Reach(loopback=True)):
            client = HttpClient(Http(vendor.url), Wire(authorities=THEIRS[0], certificate=certificate))
        with client:
            if works:
                assert read_token(client.send(call), datetime.now(UTC)).access
            else:
                with pytest.raises(Failure):
                    client.send(call)
    assert len(vendor.asked("/auth/*")) == 1
    assert ClientCertificate(*OURS).ends_at() > datetime.now(UTC).timestamp()
    bare = SECRETS.model_copy(update={"certificate": ""})
    with pytest.raises(AuthFailed, match="credentials-missing"):
        open_api(API, CONFIG, bare, environment=Environment.PRODUCTION, token=Token("t", datetime.now(UTC)))


def test_everybody_is_read_to_the_end(line: Line, vendor: Any) -> None:
    vendor.seed(191)
    batches = line.read("employees")
    assert [(len(batch.items), batch.last, batch.total) for batch in batches] == [(100, False, 200), (100, True, 200)]
    people = records("employees", batches)
    assert len(people) == 200
    assert people[aoid("5")].status is Employment.LEAVE
    assert (people[aoid("7")].status, people[aoid("7")].terminated_on) == (
        Employment.TERMINATED,
        vendor.clock.today() - timedelta(days=20),
    )
    asked = vendor.asked(WORKERS)
    assert [(one.query["$top"], one.query["$skip"]) for one in asked] == [("100", "0"), ("100", "100")]
    assert asked[0].headers["accept"] == "application/json;masked=false"
    assert people[aoid("1")].ssn == "219010001"
    first = next(line.batches("employees"))
    assert len(records("employees", [first, *line.read("employees", first.cursor)])) == 200, "another worker goes on"


def test_masked_if_that_is_wanted(vendor: Any, line: Line) -> None:
    token = Token(vendor.access.issue(CLIENT).access, datetime.now(UTC))
    masked = Line(vendor, token, MANIFEST.config.model_validate({"masked": "true"}))
    with masked.client:
        one = records("employees", masked.read("employees"))[aoid("1")]
    assert (one.ssn, one.date_of_birth, one.first_name) == (None, None, "Avis")
    assert records("employees", line.read("employees"))[aoid("1")].date_of_birth is not None


def test_an_empty_page_is_204(line: Line, vendor: Any) -> None:
    for row in list(vendor.rows.all("worker")):
        vendor.rows.delete("worker", row.id)
    assert [(list(batch.items), batch.last) for batch in line.read("employees")] == [([], True)]
    assert line.read("leaves")[-1].items == []


def test_one_message_after_the_other_each_taken_away_only_when_it_is_kept(line: Line, vendor: Any) -> None:
    cursor = line.read("employees")[-1].cursor
    vendor.change("2", "email", "new@quarry.example")
    vendor.hire("New", "Person", str(vendor.clock.today() - timedelta(days=2)))
    kept = line.batches("employees", cursor, Mode.INCREMENTAL)
    first = next(kept)
    assert records("employees", [first])[aoid("2")].work_email == "new@quarry.example"
    assert vendor.asked(f"{QUEUE}/*") == [], "nothing is acknowledged while nothing is kept"
    kept.close()  # the worker died here: after the commit, or before
    batches = line.changed(cursor)
    assert records("employees", batches[:1]) == records("employees", [first]), "the same message again"
    assert [len(batch.items) for batch in batches] == [1, 1, 0]
    assert records("employees", batches)[aoid("10")].first_name == "New"
    assert len(vendor.asked(f"{QUEUE}/*", "DELETE")) == 2
    assert vendor.rows.all("message") == []
    assert [len(batch.items) for batch in line.changed(batches[-1].cursor)] == [0]


def test_an_acknowledgement_is_free_to_repeat(line: Line, vendor: Any) -> None:
    vendor.change("2", "email", "new@quarry.example")
    call = next(line.batches("employees", {"mark": "x"}, Mode.INCREMENTAL)).done[0]
    assert API.safety(call) is Safety.FREE
    line.ask(call)
    with pytest.raises(Failure, match="not-found"):
        line.ask(call)


def test_what_nobody_asked_about_goes_by_and_what_is_gone_is_gone(line: Line, vendor: Any) -> None:
    cursor = line.read("employees")[-1].cursor
    vendor.tell("3", "payroll.output.complete", str(vendor.clock.today()))
    vendor.forget("4")
    batches = line.changed(cursor)
    assert [[(item.remote_id, item.deleted) for item in batch.items] for batch in batches] == [
        [],
        [(aoid("4"), True)],
        [],
    ]
    assert vendor.rows.all("message") == []


def test_a_change_to_come_is_seen_on_its_day_and_not_before(line: Line, vendor: Any) -> None:
    """ADP tells of it once, when it is entered, and is silent on the day itself."""
    cursor = line.read("employees")[-1].cursor
    day = vendor.clock.today() + timedelta(days=10)
    vendor.terminate("8", str(day))
    vendor.hire("Soon", "Here", str(day))
    early = line.changed(cursor)
    assert records("employees", early)[aoid("8")].status is Employment.ACTIVE
    assert aoid("10") not in records("employees", early), "hired for later: not known yet"
    vendor.clock.advance(9 * 86_400)
    between = line.changed(early[-1].cursor)
    assert [list(batch.items) for batch in between] == [[]]
    vendor.change("8", "email", "still@quarry.example")
    between = line.changed(between[-1].cursor)
    vendor.clock.advance(2 * 86_400)
    on_the_day = line.changed(between[-1].cursor)
    found = records("employees", on_the_day)
    assert (found[aoid("8")].status, found[aoid("8")].terminated_on) == (Employment.TERMINATED, day)
    assert found[aoid("10")].status is Employment.ACTIVE
    assert on_the_day[-1].cursor["later"] == []
    assert line.changed(on_the_day[-1].cursor)[-1].items == ()


def test_a_rehearsal_takes_nothing_away_and_comes_to_an_end(line: Line, vendor: Any) -> None:
    vendor.terminate("2", str(vendor.clock.today() + timedelta(days=3)))
    for _ in range(2):
        batches = list(line.batches("employees", {"mark": "x"}, Mode.INCREMENTAL))
        assert [(len(batch.items), batch.last) for batch in batches] == [(1, False), (0, True)]
    assert len(vendor.rows.all("message")) == 1
    assert len(batches[-1].cursor["later"]) == 1
    again = list(line.batches("employees", batches[-1].cursor, Mode.INCREMENTAL))
    assert again[-1].cursor["later"] == batches[-1].cursor["later"], "a message that comes twice is one day to come"


def test_a_message_of_another_shape_stays_where_it_is(line: Line, vendor: Any) -> None:
    vendor.change("2", "email", "new@quarry.example")
    vendor.fault("drift", QUEUE, field="events", to="happenings")
    with pytest.raises(ContractDrift, match="records-missing"):
        line.changed({"mark": "x"})
    assert len(vendor.rows.all("message")) == 1


def test_leaves_by_what_adp_says_or_by_the_status(line: Line, vendor: Any) -> None:
    today = vendor.clock.today()
    begins, ends = today - timedelta(days=10), today + timedelta(days=60)
    batches = line.read("leaves")
    assert [
        (one.employee, one.starts_on, one.ends_on, one.kind, one.approved)
        for one in records("leaves", batches).values()
    ] == [(aoid("5"), begins, ends, "EDU", True)]
    assert batches[-1].cursor == {}, "read again each time"
    assert "'L'" in vendor.asked(WORKERS)[-1].query["$filter"]
    vendor.no_leaves = True
    told = records("leaves", line.read("leaves"))
    assert [(one.starts_on, one.ends_on, one.kind) for one in told.values()] == [(begins, None, "Education")]
    assert told.keys() == records("leaves", batches).keys(), "the same leave either way"


def test_lists_are_read_whole_each_time(line: Line) -> None:
    batches = line.read("departments")
    assert {key: one.name for key, one in records("departments", batches).items()} == {
        "010000": "Quarry",
        "020000": "Office",
    }
    assert batches[-1].cursor == {}
    assert set(records("positions", line.read("positions"))) == {"PLAN", "CLRK", "HEAD"}


@pytest.mark.parametrize(
    ("status", "kind"), [(401, AuthFailed), (403, Forbidden), (410, Gone), (500, ServerFailed), (503, ServerFailed)]
)
def test_refusals(line: Line, vendor: Any, status: int, kind: type[Failure]) -> None:
    vendor.fault("status", WORKERS, status=status)
    with pytest.raises(kind):
        line.read("employees")


def test_too_often(line: Line, vendor: Any) -> None:
    waits = []
    for named in ("30", ""):
        vendor.fault("status", WORKERS, status=429, retry_after=named)
        with pytest.raises(RateLimited) as met:
            line.read("employees")
        waits.append((met.value.until - datetime.now(UTC)).total_seconds())
    assert waits == [pytest.approx(30, abs=2), pytest.approx(60, abs=2)]


def test_a_permission_that_is_lost_keeps_the_message(line: Line, vendor: Any) -> None:
    """Were the message taken away now, the change would be lost. For one worker alone a 403 means that there is none."""
    cursor = line.read("employees")[-1].cursor
    vendor.change("2", "email", "new@quarry.example")
    vendor.fault("status", f"{WORKERS}*", status=403, times=2)
    with pytest.raises(Forbidden):
        line.changed(cursor)
    assert vendor.asked(f"{QUEUE}/*") == []
    assert records("employees", line.changed(cursor))[aoid("2")].work_email == "new@quarry.example"
    vendor.change("3", "email", "hidden@quarry.example")
    vendor.fault("status", f"{WORKERS}/*", status=403)
    assert [(item.remote_id, item.deleted) for item in line.changed(cursor)[0].items] == [(aoid("3"), True)]
    assert vendor.rows.all("message") == []


def test_numbers_of_people_are_not_in_what_is_kept(line: Line) -> None:
    kept = line.client.exchange(API.resource("employees").get(aoid("1")))
    assert kept.answer is not None
    assert b"219010001" in kept.answer.body
    assert b"219010001" not in kept.answer_body
    assert b"birthDate" in kept.answer_body


def test_a_certificate_keeps_its_lines_in_the_form() -> None:
    assert {"certificate", "private_key"} <= set(LONG)
