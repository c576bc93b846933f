"""Checkr: what we ask, as it arrives at a real server; what it answers, in every shape it is known to have."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from app.integrations.adapters.checkr import reading
from app.integrations.adapters.checkr.adapter import Checkr, CheckrConfig, open_screening
from app.integrations.adapters.checkr.manifest import MANIFEST, CheckrSecrets
from app.integrations.adapters.checkr.words import CHECKS
from app.integrations.api import Environment, open_api
from app.integrations.failures import (
    AuthFailed,
    Conflict,
    ContractDrift,
    Failure,
    Forbidden,
    Gone,
    NotFound,
    RateLimited,
    Rejected,
)
from app.integrations.paging import pages
from app.integrations.protection.guard import Guard, settle
from app.integrations.protection.retry import Next, Safety
from app.integrations.protection.shelf import MemoryShelf
from app.integrations.screening import (
    AdverseState,
    Candidate,
    Delivery,
    Order,
    Result,
    ScreeningProvider,
    Status,
    WorkLocation,
)
from app.integrations.transports import reach
from app.integrations.transports.http.calls import Answer, Call, File
from app.integrations.transports.http.client import HttpClient
from app.integrations.webhooks.delivery import Delivery as Sent
from app.integrations.webhooks.delivery import NotBelieved
from app.integrations.webhooks.door import receive
from app.integrations.webhooks.kinds import Hmac
from app.integrations.webhooks.verifiers import Proof, compact, signed
from tests.integrations.http_server import Asked, HttpServer, reply

SAMPLES = Path(reading.__file__).parent / "samples"
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
API = MANIFEST.api
assert API is not None
HOOKS = MANIFEST.webhooks
assert HOOKS is not None
KEY = "6f1c1c9e-0000-4000-8000-000000000001"
PERSON = Candidate("emp-7", "Renée", "O'Brien", "renee@example.com", phone="5551234567", zip_code="94107")
PLACE = WorkLocation("US", "CA", "San Francisco")
SECRETS = CheckrSecrets(api_key=SecretStr("sk_test_1"), webhook_key=SecretStr("sk_test_1"))


def sample(name: str, **changes: Any) -> Answer:
    facts = json.loads((SAMPLES / f"{name}.json").read_text())
    return Answer(200, {}, json.dumps({**facts, **changes}).encode())


def answer(facts: Any) -> Answer:
    return Answer(200, {}, json.dumps(facts).encode())


@pytest.fixture
def checkr() -> Checkr:
    return open_screening(CheckrConfig())


@pytest.fixture
def server() -> Iterator[HttpServer]:
    running = HttpServer(lambda _asked: reply(201, b'{"id": "x"}'))
    with reach.within(reach.Reach(loopback=True)):
        yield running
    running.stop()


@pytest.fixture
def client(server: HttpServer) -> Iterator[HttpClient]:
    assert API is not None
    config = CheckrConfig()
    with open_api(API, config, SECRETS, environment=Environment.STAGING, base_url=f"{server.url}/v1") as opened:
        yield opened


@pytest.fixture
def asked(server: HttpServer, client: HttpClient) -> Callable[[Call], Asked]:
    def _asked(call: Call) -> Asked:
        client.send(call)
        return server.asked[-1]

    return _asked


def test_it_keeps_the_promise_of_every_screener(checkr: Checkr) -> None:
    assert isinstance(checkr, ScreeningProvider)
    assert MANIFEST.screening is open_screening
    with pytest.raises(TypeError):
        open_screening(CheckrSecrets(api_key=SecretStr("x")))


def test_its_words_are_those_of_our_rules() -> None:
    outcomes = pytest.importorskip("app.screening.rules.outcomes")
    assert {word.value for word in Status} == {word.value for word in outcomes.ProviderStatus}
    assert {word.value for word in Result} == {word.value for word in outcomes.ProviderResult}


# What we ask


def test_who_we_are(checkr: Checkr, asked: Any) -> None:
    seen = asked(checkr.make_candidate(PERSON, KEY))
    assert base64.b64decode(seen.headers["authorization"].removeprefix("Basic ")) == b"sk_test_1:"
    assert API is not None
    assert API.base_urls[Environment.PRODUCTION] == "https://api.checkr.com/v1"
    assert API.base_urls[Environment.STAGING] == "https://api.checkr-staging.com/v1"


def test_candidate(checkr: Checkr, asked: Any) -> None:
    seen = asked(checkr.make_candidate(PERSON, KEY))
    assert (seen.method, seen.target, seen.headers["idempotency-key"]) == ("POST", "/v1/candidates", KEY)
    assert seen.headers["content-type"] == "application/json"
    assert json.loads(seen.body) == {
        "first_name": "Renée", "last_name": "O'Brien", "email": "renee@example.com", "phone": "5551234567", "zipcode": "94107",
        "custom_id": "emp-7", "no_middle_name": True,
    }  # fmt: skip
    other = Candidate("emp-8", "A", "Bo", "a@example.com", middle_name="C", copy_requested=True)
    sent = json.loads(asked(checkr.make_candidate(other, KEY)).body)
    assert (sent["middle_name"], sent["copy_requested"], "no_middle_name" in sent) == ("C", True, False)
    assert "O'Brien" not in repr(PERSON) + repr(checkr.make_candidate(PERSON, KEY))
    with pytest.raises(ValueError, match="idempotency key"):
        checkr.make_candidate(PERSON, "")


def test_invitation_and_report(checkr: Checkr, asked: Any) -> None:
    seen = asked(checkr.invite("cand_1", Order("essential", [PLACE], "node-1", ["west"]), KEY))
    assert seen.target == "/v1/invitations"
    assert json.loads(seen.body) == {
        "candidate_id": "cand_1", "package": "essential", "node": "node-1", "tags": ["west"],
        "work_locations": [{"country": "US", "state": "CA", "city": "San Francisco"}],
    }  # fmt: skip
    with_node = open_screening(CheckrConfig(default_node="hq"))
    seen = asked(with_node.order_report("cand_1", Order("essential", [WorkLocation("US", "NY")]), KEY))
    assert (seen.target, seen.headers["idempotency-key"]) == ("/v1/reports", KEY)
    assert json.loads(seen.body) == {
        "candidate_id": "cand_1", "package": "essential", "node": "hq", "work_locations": [{"country": "US", "state": "NY"}],
    }  # fmt: skip
    with pytest.raises(Rejected, match="work-location-missing"):
        checkr.invite("cand_1", Order("essential", []), KEY)


def test_small_calls(checkr: Checkr, asked: Any) -> None:
    wanted = {
        "GET /v1/invitations/i?include_deleted=true": checkr.get_invitation("i"),
        "DELETE /v1/invitations/i": checkr.cancel_invitation("i"),
        "GET /v1/invitations?candidate_id=c": checkr.find_orders("c", Order("essential", [PLACE])),
        "GET /v1/candidates?custom_id=emp-7": checkr.find_candidates("emp-7"),
        "DELETE /v1/candidates/c/pii": checkr.erase_candidate("c"),
        "POST /v1/reports/r/complete": checkr.complete_now("r", KEY),
        "POST /v1/reports/r": checkr.engage("r"),
        "GET /v1/reports/r/eta": checkr.get_eta("r"),
        "GET /v1/reports/r/adverse_items": checkr.list_adverse_items("r"),
        "GET /v1/adverse_actions/a": checkr.get_adverse_action("a"),
        "DELETE /v1/adverse_actions/a": checkr.cancel_adverse_action("a"),
        "GET /v1/documents/d": checkr.get_document("d"),
        "GET /v1/county_criminal_searches/s": checkr.get_check("county_criminal_search", "s"),
        "GET /v1/federal_civil_district_searches/s": checkr.get_check("federal_district_civil_search", "s"),
    }
    for line, call in wanted.items():
        seen = asked(call)
        assert f"{seen.method} {seen.target}" == line
    assert asked(checkr.engage("r")).body == b'{"adjudication":"engaged"}'
    assert asked(checkr.get_report("r")).target.startswith("/v1/reports/r?include=ssn_trace%2C")
    assert asked(checkr.get_report("../x")).target.startswith("/v1/reports/..%2Fx?")
    with pytest.raises(KeyError):
        checkr.get_check("drug_screening", "s")


def test_adverse_action_asked(checkr: Checkr, asked: Any) -> None:
    at = datetime(2026, 12, 1, 9, 0, tzinfo=timezone(timedelta(hours=-5)))
    seen = asked(checkr.start_adverse_action("r", ["i1", "i2"], KEY, post_notice_at=at, postal=True))
    assert (seen.target, seen.headers["idempotency-key"]) == ("/v1/reports/r/adverse_actions", KEY)
    assert json.loads(seen.body) == {
        "adverse_item_ids": ["i1", "i2"], "post_notice_scheduled_at": "2026-12-01T14:00:00Z",
        "medium": {"email": {"priority": 1, "required": False}, "postal": {"priority": 1, "required": True}},
    }  # fmt: skip
    seen = asked(checkr.start_adverse_action("r", ["i1"], KEY, post_notice_at=None, postal=False))
    assert json.loads(seen.body) == {"adverse_item_ids": ["i1"]}
    with pytest.raises(Rejected, match="adverse-items-missing"):
        checkr.start_adverse_action("r", [], KEY, post_notice_at=None, postal=False)


def test_document_upload(checkr: Checkr, asked: Any) -> None:
    seen = asked(
        checkr.upload_document("c", "consent", File("file", "signed.pdf", "application/pdf", b"%PDF-1.7"), KEY)
    )
    assert (seen.target, seen.headers["idempotency-key"]) == ("/v1/candidates/c/documents", KEY)
    assert seen.headers["content-type"].startswith("multipart/form-data")
    assert b'name="type"\r\n\r\nconsent' in seen.body
    assert b"%PDF-1.7" in seen.body


def test_lists_to_the_end(checkr: Checkr, server: HttpServer, client: HttpClient) -> None:
    def respond(asked: Asked) -> bytes:
        page = int(parse_qs(urlsplit(asked.target).query)["page"][0])
        more = f"https://api.checkr.com/v1/packages?page={page + 1}&per_page=100" if page < 3 else None
        data = [{"slug": f"p{page}", "name": "P", "price": 100, "screenings": []}]
        return reply(200, json.dumps({"object": "list", "data": data, "count": 3, "next_href": more}).encode())

    server.respond = respond
    assert API is not None
    package = API.resource("package")
    found = [
        checkr.read_package(record).slug
        for page in pages(package.pages, package.records, checkr.list_packages(), client.send)
        for record in page.records
    ]
    assert found == ["p1", "p2", "p3"]
    queries = [parse_qs(urlsplit(asked.target).query) for asked in server.asked]
    assert queries == [{"page": [str(n)], "per_page": ["100"]} for n in (1, 2, 3)]
    assert all(asked.target.startswith("/v1/packages?") for asked in server.asked), "next_href is never followed"


def failed(server: HttpServer, client: HttpClient, status: int, error: Any, **headers: str) -> Failure:
    server.respond = lambda _asked: reply(status, json.dumps({"error": error}).encode(), **headers)
    exchanged = client.exchange(Call("candidates.create", "POST", "/candidates"))
    assert exchanged.failure is not None
    assert str(error) not in repr(exchanged.failure) + exchanged.failure.advice
    return exchanged.failure


@pytest.mark.parametrize("shape", [lambda text: text, lambda text: [text], lambda text: ["something else", text]])
@pytest.mark.parametrize(
    ("status", "text", "kind", "code"),
    [
        (400, "zipcode is invalid", Rejected, "rejected-400"),
        (400, "Report has a pre-existing adverse action. See docs", Conflict, "adverse-action-exists"),
        (401, "Bad authentication error", AuthFailed, "key-refused"),
        (403, "Candidate has requested that their PII be removed", Gone, "candidate-erased"),
        (403, "account is not approved for production", Forbidden, "account-not-approved"),
        (403, "No access", Forbidden, "forbidden"),
        (404, "Report ETA prediction unavailable", NotFound, "eta-unavailable"),
        (404, "Package not found", NotFound, "package-unknown"),
        (404, "Candidate not found", NotFound, "not-found"),
        (409, "Candidate already exists", Conflict, "duplicate"),
    ],
)
def test_refusals(
    server: HttpServer, client: HttpClient, shape: Any, status: int, text: str, kind: type[Failure], code: str
) -> None:
    failure = failed(server, client, status, shape(text))
    assert (type(failure), failure.code) == (kind, code)


def test_a_request_that_still_runs_is_repeated_under_its_key(
    checkr: Checkr, server: HttpServer, client: HttpClient
) -> None:
    replies = iter(
        [
            reply(409, b'{"error": "A request with this idempotency key is being processed"}'),
            reply(201, b'{"id": "c1"}'),
        ]
    )
    server.respond = lambda _asked: next(replies)
    call = checkr.make_candidate(PERSON, KEY)
    assert API is not None
    assert (API.safety(call), API.safety(call, hours_since_first=25)) == (Safety.BY_KEY, Safety.CHECK_FIRST)
    guard = Guard(MemoryShelf(), "checkr", "c", API.limits)
    done = settle(lambda: client.exchange(call), guard, API.safety(call), API.retry, sleep=lambda _seconds: None)
    assert done.answer is not None
    assert checkr.read_candidate(done.answer) == "c1"
    assert [asked.headers["idempotency-key"] for asked in server.asked] == [KEY, KEY]


def test_429_says_when_by_the_reset_header(server: HttpServer, client: HttpClient) -> None:
    reset = (datetime.now(UTC) + timedelta(seconds=40)).replace(microsecond=0)
    headers = {
        "X_Ratelimit_Limit": "1200",
        "X_Ratelimit_Remaining": "0",
        "X_Ratelimit_Reset": reset.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    failure = failed(server, client, 429, "Too Many Requests", **headers)
    assert isinstance(failure, RateLimited)
    assert failure.until == reset
    bare = failed(server, client, 429, "Too Many Requests")
    assert isinstance(bare, RateLimited)
    assert timedelta(seconds=8) < bare.until - datetime.now(UTC) < timedelta(seconds=11)


def test_an_order_that_may_have_arrived_is_never_blindly_repeated_without_its_key(
    server: HttpServer, client: HttpClient
) -> None:
    server.respond = lambda _asked: None
    assert API is not None
    guard = Guard(MemoryShelf(), "checkr", "c", API.limits)
    call = Call("something.new", "POST", "/new")
    done = settle(lambda: client.exchange(call), guard, API.safety(call), API.retry, sleep=lambda _seconds: None)
    assert done.decision is not None
    assert (done.decision.next, len(server.asked)) == (Next.ASK, 1)


def test_errors_in_its_own_words() -> None:
    said = {
        b'{"error": "one"}': ("one",), b'{"error": ["one", "two"]}': ("one", "two"), b'{"errors": ["one"]}': ("one",),
        b'{"error": {"a": 1}}': (), b'{"error": ["", 5, "one"]}': ("one",), b"[]": (), b"<html>": (), b"{}": (),
    }  # fmt: skip
    assert {body: reading.error_texts(body) for body in said} == said


# What it answers


def test_packages(checkr: Checkr) -> None:
    found = [checkr.read_package(record) for record in sample("package_list").json()["data"]]
    assert [(one.slug, one.name, one.price, one.orderable) for one in found] == [
        ("essential_criminal", "Essential", Decimal("54.99"), True), ("continuous_check", "Continuous Check", Decimal(0), False),
        ("old", "old", None, False),
    ]  # fmt: skip
    assert found[0].checks == ("ssn_trace", "county_criminal_search")
    assert checkr.read_package({"slug": "x", "price": True, "screenings": ["odd", {"type": 5}]}).checks == ()
    for wrong in ({}, [], {"slug": ""}, {"slug": 5}):
        with pytest.raises(ContractDrift):
            checkr.read_package(wrong)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, Status.WAITING_CANDIDATE),
        ({"status": "completed", "report_id": "rep_1"}, Status.IN_PROGRESS),
        ({"status": "expired"}, Status.INVITATION_EXPIRED),
        ({"deleted_at": "2026-11-02T00:00:00Z"}, Status.CANCELED),
        ({"status": "archived"}, Status.UNMAPPED),
        ({"status": None}, Status.UNMAPPED),
    ],
)
def test_invitations(checkr: Checkr, changes: dict[str, Any], status: Status) -> None:
    found = checkr.read_invitation(sample("invitation", **changes))
    assert found.status is status
    assert (found.candidate_id, found.expires_at) == ("cand_0001", datetime(2026, 11, 8, 10, tzinfo=UTC))
    assert found.report_id == changes.get("report_id", "")
    assert found.url.startswith("https://apply.")
    assert found.url not in repr(found)


def test_a_report_with_its_searches(checkr: Checkr) -> None:
    found = checkr.read_report(sample("report"))
    assert (found.status, found.result, found.includes_canceled) == (Status.COMPLETE, Result.CONSIDER, False)
    assert {(one.ref, one.status, one.result, one.reportable) for one in found.checks} == {
        ("ssn_0001", Status.COMPLETE, Result.NONE, False), ("sex_0001", Status.COMPLETE, Result.CLEAR, True),
        ("cty_0001", Status.COMPLETE, Result.CONSIDER, True), ("cty_0002", Status.COMPLETE, Result.CLEAR, True),
    }  # fmt: skip
    assert found.ordered == {"sex_0001", "cty_0001", "cty_0002", "sta_0001"}, "one more than the answer tells about"
    assert (found.expected_on, found.documents) == (date(2026, 11, 6), ("doc_0001",))
    assert found.codes == {"status": "complete", "result": "consider", "assessment": "review"}
    assert found.revised_at == found.completed_at == datetime(2026, 11, 5, 9, tzinfo=UTC)
    revised = checkr.read_report(sample("report", revised_at="2026-11-07T09:00:00+01:00"))
    assert revised.revised_at == datetime(2026, 11, 7, 8, tzinfo=UTC)


def test_paused_and_a_search_nobody_knows(checkr: Checkr) -> None:
    found = checkr.read_report(sample("report_paused"))
    assert (found.status, found.result, found.checks) == (Status.CLIENT_ACTION, Result.NONE, ())
    assert found.ordered == {"cty_0009", "edu_0001", "qua_0001"}
    assert (found.completed_at, found.revised_at, found.expected_on) == (None, None, None)


@pytest.mark.parametrize(
    ("status", "result", "ours"),
    [
        ("pending", None, (Status.IN_PROGRESS, Result.NONE)), ("complete", "clear", (Status.COMPLETE, Result.CLEAR)),
        ("complete", "consider", (Status.COMPLETE, Result.CONSIDER)), ("complete", None, (Status.COMPLETE, Result.NONE)),
        ("suspended", None, (Status.CANDIDATE_ACTION, Result.NONE)), ("paused", None, (Status.CLIENT_ACTION, Result.NONE)),
        ("dispute", "consider", (Status.DISPUTE, Result.CONSIDER)), ("canceled", None, (Status.CANCELED, Result.NONE)),
        ("clear", None, (Status.COMPLETE, Result.CLEAR)), ("consider", None, (Status.COMPLETE, Result.CONSIDER)),
        ("clear", "clear", (Status.COMPLETE, Result.CLEAR)), ("clear", "consider", (Status.COMPLETE, Result.UNMAPPED)),
        ("complete", "fine", (Status.COMPLETE, Result.UNMAPPED)), ("archived", "clear", (Status.UNMAPPED, Result.CLEAR)),
        (None, None, (Status.UNMAPPED, Result.NONE)), ("", "", (Status.UNMAPPED, Result.NONE)), (5, 7, (Status.UNMAPPED, Result.NONE)),
    ],
)  # fmt: skip
def test_both_status_shapes(checkr: Checkr, status: Any, result: Any, ours: tuple[Status, Result]) -> None:
    found = checkr.read_report(sample("report", status=status, result=result))
    assert (found.status, found.result) == ours


def test_searches_alone(checkr: Checkr) -> None:
    for kind in CHECKS:
        found = checkr.read_check(kind.kind, answer({"id": "s", "object": kind.kind, "status": "consider"}))
        assert (found.kind, found.result, found.reportable) == (kind.kind, Result.CONSIDER, kind.kind != "ssn_trace")
    drug = answer(
        {"id": "r", "status": "pending", "drug_screening": {"id": "d", "status": "suspended"}, "drug_screening_id": "d"}
    )
    assert [(one.kind, one.status) for one in checkr.read_report(drug).checks] == [
        ("drug_screening", Status.CANDIDATE_ACTION)
    ]
    named = [kind for kind in CHECKS if kind.included_as]
    one = {kind.included_as: {"id": kind.kind, "status": "pending"} for kind in named}
    many = {kind.included_as: [{"id": kind.kind, "status": "pending"}] for kind in named}
    for included in (one, many):
        found_report = checkr.read_report(answer({"id": "r", "status": "pending", **included}))
        assert {one.kind for one in found_report.checks} == {kind.kind for kind in named}
    ids = checkr.read_report(answer({"id": "r", "status": "pending", "state_criminal_searches": ["s1", 5]}))
    assert (ids.checks, ids.ordered) == ((), {"s1"})


def test_eta(checkr: Checkr) -> None:
    assert checkr.read_eta(answer({"estimated_completion_time": "2026-12-01T00:00:00Z"})) == date(2026, 12, 1)
    for wrong in ({}, {"estimated_completion_time": "soon"}, []):
        with pytest.raises(ContractDrift):
            checkr.read_eta(answer(wrong))


def test_both_shapes_of_adverse_items(checkr: Checkr) -> None:
    as_list = checkr.read_adverse_items(sample("adverse_item_list"))
    assert [(item.id, item.text, item.assessment) for item in as_list] == [
        ("item_1", "An invented charge", "review"), ("item_2", "License status: Suspended", ""),
    ]  # fmt: skip
    bare = checkr.read_adverse_items(answer(sample("adverse_item_list").json()["data"]))
    inside = checkr.read_adverse_items(answer({"adverse_items": sample("adverse_item_list").json()["data"]}))
    assert as_list == bare == inside
    assert [item.id for item in checkr.read_adverse_items(answer(["a", "b"]))] == ["a", "b"]
    assert checkr.read_adverse_items(answer([{"id": "a", "assessment": "eligible"}]))[0].assessment == "eligible"
    assert checkr.read_adverse_items(answer([{"id": "a", "assessment": 5}]))[0].assessment == ""
    assert "charge" not in repr(as_list)
    for wrong in ({}, {"data": "x"}, [5], [""], [{}], "x"):
        with pytest.raises(ContractDrift):
            checkr.read_adverse_items(answer(wrong))


@pytest.mark.parametrize(
    ("changes", "state", "delivery"),
    [
        ({}, AdverseState.WAITING, Delivery.BOUNCED),
        ({"status": "complete", "delivery": {"state": "delivered"}}, AdverseState.DONE, Delivery.DELIVERED),
        ({"status": "dispute", "delivery": {"state": "sent"}}, AdverseState.DISPUTE, Delivery.ON_ITS_WAY),
        ({"status": "canceled", "delivery": None}, AdverseState.CANCELED, Delivery.NONE),
        ({"status": "odd", "delivery": {"state": "odd"}}, AdverseState.UNMAPPED, Delivery.UNMAPPED),
        ({"delivery": "queued"}, AdverseState.WAITING, Delivery.ON_ITS_WAY),
    ],
)
def test_adverse_actions(checkr: Checkr, changes: dict[str, Any], state: AdverseState, delivery: Delivery) -> None:
    found = checkr.read_adverse_action(sample("adverse_action", **changes))
    assert (found.state, found.delivery, found.items, found.report_id) == (state, delivery, ("item_1",), "rep_0001")
    assert found.post_notice_at == datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert found.ready_at == datetime(2026, 11, 17, 12, tzinfo=UTC)


def test_adverse_action_with_ids_or_a_list_object(checkr: Checkr) -> None:
    facts = sample("adverse_action").json()
    del facts["adverse_items"]
    assert checkr.read_adverse_action(answer(facts)).items == ()
    assert checkr.read_adverse_action(answer({**facts, "adverse_item_ids": ["i1", "i2"]})).items == ("i1", "i2")
    listed = {"object": "list", "data": [{"id": "i3"}]}
    assert checkr.read_adverse_action(answer({**facts, "adverse_items": listed})).items == ("i3",)


def test_documents(checkr: Checkr) -> None:
    facts = {
        "id": "d", "object": "document", "type": "pdf_report", "filename": "report.pdf", "content_type": "application/pdf",
        "filesize": 8576, "download_uri": "https://documents.example/secret",
    }  # fmt: skip
    found = checkr.read_document(answer(facts))
    assert (found.kind, found.size, found.url) == ("pdf_report", 8576, "https://documents.example/secret")
    assert "secret" not in repr(found)
    assert checkr.read_document(answer({"id": "d", "filesize": "big"})).size == 0


def test_answers_that_are_something_else(checkr: Checkr) -> None:
    for wrong in ([], "x", {"id": "i", "object": "candidate"}, {"object": "report"}, {"id": "", "object": "report"}):
        with pytest.raises(ContractDrift):
            checkr.read_report(answer(wrong))
    with pytest.raises(ContractDrift, match="time-unreadable"):
        checkr.read_report(sample("report", completed_at="yesterday"))
    naive = checkr.read_report(sample("report", completed_at="2026-11-05T09:00:00"))
    assert naive.completed_at == datetime(2026, 11, 5, 9, tzinfo=UTC)


# What it sends


def sent(body: bytes, secret: str = "sk_test_1") -> Sent:
    assert HOOKS is not None
    assert isinstance(HOOKS.verifier, Hmac)
    return Sent({"X-Checkr-Signature": signed(HOOKS.verifier, secret, body)}, body)


def test_webhook_known_answer() -> None:
    """Computed with OpenSSL: openssl dgst -sha256 -hmac sk_test_1 over the body below."""
    body = b'{"id":"evt_1","object":"event","type":"report.completed","data":{"object":{"id":"rep_1"}}}'
    assert (
        sent(body).headers["X-Checkr-Signature"] == "f0cb64ec770ff4626fb35daa3cd7ecaf227396998c26eb8f628c939c6f6bc07f"
    )


def test_webhooks() -> None:
    assert HOOKS is not None
    body = (SAMPLES / "event.json").read_bytes().strip()
    received = receive(HOOKS, sent(body), ["sk_test_1"], NOW)
    assert [(one.id, one.kind, one.subject, one.resource) for one in received.events] == [
        ("evt_0001", "report.completed", "rep_0001", "report")
    ]
    assert received.proof == Proof()
    pretty = json.dumps(json.loads(body), indent=2).encode()
    as_written = Sent(sent(compact(pretty)).headers, pretty)
    assert receive(HOOKS, as_written, ["sk_test_1"], NOW).proof == Proof(compacted=True)
    for wrong in (
        Sent({}, body),
        sent(body, "other"),
        Sent(sent(body).headers, body.replace(b"rep_0001", b"rep_0002")),
    ):
        with pytest.raises(NotBelieved):
            receive(HOOKS, wrong, ["sk_test_1"], NOW)


@pytest.mark.parametrize(
    ("kind", "resource"),
    [
        ("candidate.created", "candidate"), ("invitation.deleted", "invitation"), ("report.pre_adverse_action", "report"),
        ("adverse_action.notice_not_delivered", "adverse_action"), ("package.updated", "package"), ("formI9.updated", ""),
        ("token.deauthorized", ""),
    ],
)  # fmt: skip
def test_what_events_are_about(kind: str, resource: str) -> None:
    assert HOOKS is not None
    body = json.dumps({"id": "e", "type": kind, "data": {"object": {"id": "o"}}}).encode()
    assert receive(HOOKS, sent(body), ["sk_test_1"], NOW).events[0].resource == resource
