"""The configurable connector: calls as they arrive at a real server, answers and files read into facts, and nothing ever clear by accident."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, SecretStr, ValidationError

from app.integrations.adapters.custom_screening import adapter as module
from app.integrations.adapters.custom_screening.adapter import Connector, make_api, open_screening
from app.integrations.adapters.custom_screening.facts import Fact, fold
from app.integrations.adapters.custom_screening.manifest import MANIFEST
from app.integrations.adapters.custom_screening.presets import presets
from app.integrations.adapters.custom_screening.settings import ConnectorConfig, ConnectorSecrets
from app.integrations.adapters.custom_screening.steps import change_of, demand_of
from app.integrations.api import Environment, open_api
from app.integrations.auth.kinds import ApiKey, MutualTls, OAuth2Client
from app.integrations.contracts import Capability
from app.integrations.failures import BrokenAnswer, ContractDrift, Refused, Rejected
from app.integrations.protection.guard import Guard, settle
from app.integrations.protection.retry import Next, Safety
from app.integrations.protection.shelf import MemoryShelf
from app.integrations.screening import (
    Ability,
    Candidate,
    Check,
    Order,
    Report,
    Result,
    ScreeningProvider,
    Status,
    WorkLocation,
)
from app.integrations.transports import reach
from app.integrations.transports.http.calls import Answer
from tests.integrations.http_server import Asked, HttpServer, reply

SAMPLES = Path(module.__file__).parent / "samples"
PERSON = Candidate("req-7", "Renée", "O'Brien", "renee@example.com", phone="(555) 123-4567")
ORDER = Order("BASIC", [WorkLocation("US", "CA", "Fresno")], candidate=PERSON)
SECRETS = ConnectorSecrets(api_key=SecretStr("s3cret"), api_user="corridor")
NOW = datetime(2026, 11, 25, 17, 0, tzinfo=UTC)
WORD = "Zzyzx-900-00-0001"


def config(slug: str = "custom_api", **parts: dict[str, Any]) -> ConnectorConfig:
    """A preset with some settings of its parts changed."""
    values = json.loads(json.dumps(dict(presets()[slug].settings)))
    if slug == "custom_api":
        values["api"] |= {"found": "orders"}
        values["orders"]["fields"] |= {name: f"candidate.{name}" for name in ("first_name", "last_name", "email")}
    for part, changes in parts.items():
        values[part] = values.get(part, {}) | changes
    return ConnectorConfig.model_validate(values)


def answer(facts: Any) -> Answer:
    return Answer(200, {}, facts if isinstance(facts, bytes) else json.dumps(facts).encode())


def told(**changes: Any) -> dict[str, Any]:
    return json.loads((SAMPLES / "order.json").read_text()) | changes


# --- the manifest and the presets -------------------------------------------------------------------------------


def test_the_manifest_builds_an_interface_for_each_connection() -> None:
    assert {Capability.API, Capability.FILES, Capability.ORDER_SCREENING} <= MANIFEST.capabilities
    assert MANIFEST.api_for(config("sftp")) is None
    api = MANIFEST.api_for(config("goodhire"))
    assert api is not None
    assert api.auth == ApiKey("Authorization", "api_key", "ApiKey ")
    assert api.base_urls[Environment.STAGING] == "https://api-sandbox.goodhire.com/v1"
    for build in (open_screening, make_api):
        with pytest.raises(TypeError):
            build(SECRETS)


@pytest.mark.parametrize("slug", presets())
def test_every_preset_is_whole(slug: str) -> None:
    preset, made = presets()[slug], config(slug)
    connector = open_screening(made)
    assert isinstance(connector, ScreeningProvider)
    assert made.provider == slug
    assert preset.name
    assert preset.open
    assert ConnectorConfig.model_validate_json(made.model_dump_json()) == made
    assert Ability.CANDIDATES not in connector.abilities


def test_the_presets_of_the_specification_are_there() -> None:
    assert set(presets()) == {"goodhire", "hireright", "certiphi", "infomart", "custom_api", "sftp", "file_import"}


def test_what_nobody_published_is_not_claimed() -> None:
    for slug in ("hireright", "certiphi", "infomart"):
        assert presets()[slug].verified == ()
        assert not config(slug).api.base_url


def test_goodhire_gets_the_body_it_documents_and_is_not_ordered_blindly() -> None:
    api = make_api(config("goodhire"))
    assert api is not None
    with pytest.raises(Rejected) as caught:
        open_screening(config("goodhire")).invite("", ORDER, "k")
    assert caught.value.code == "settings-incomplete"
    ready = config("goodhire", results={"fields": {"ref": "Id", "status": "Status"}})
    call = open_screening(ready).invite("", ORDER, "k")
    assert call.body is not None
    assert call.body.value == {  # type: ignore[union-attr]
        "Candidate": {"FirstName": "Renée", "LastName": "O'Brien", "Email": "renee@example.com"},
        "Offer": {"Products": ["BASIC"]},
    }
    assert api.safety(call) is Safety.ASK


# --- over an interface ------------------------------------------------------------------------------------------


@pytest.fixture
def server() -> Iterator[HttpServer]:
    with reach.within(reach.Reach(loopback=True)):
        running = HttpServer(lambda _asked: reply(200, json.dumps(told()).encode()))
        yield running
        running.stop()


def say(server: HttpServer, made: ConnectorConfig, call: Any) -> tuple[Asked, Answer]:
    api = make_api(made)
    assert api is not None
    with open_api(api, made, SECRETS, environment=Environment.PRODUCTION, base_url=server.url) as client:
        found = client.send(call)
    return server.asked[-1], found


def test_an_order_arrives_and_its_answer_is_read(server: HttpServer) -> None:
    made = config()
    connector = open_screening(made)
    asked, found = say(server, made, connector.invite("", ORDER, "key"))
    assert (asked.method, asked.target) == ("POST", "/orders")
    assert asked.headers["authorization"] == "Basic " + base64.b64encode(b"corridor:s3cret").decode()
    assert json.loads(asked.body) == {
        "reference": "req-7", "package": "BASIC",
        "candidate": {"first_name": "Renée", "last_name": "O'Brien", "email": "renee@example.com"},
    }  # fmt: skip
    invitation = connector.read_invitation(found)
    assert (invitation.id, invitation.report_id, invitation.status) == ("ord_1", "ord_1", Status.COMPLETE)
    asked, found = say(server, made, connector.get_report("ord/1 x"))
    assert (asked.method, asked.target) == ("GET", "/orders/ord%2F1%20x")
    assert connector.read_report(found) == Report(
        id="ord_1", status=Status.COMPLETE, result=Result.CONSIDER, candidate_id="", package="BASIC",
        ordered=frozenset({"chk_1"}),
        checks=(
            Check("chk_1", "county_criminal", Status.COMPLETE, Result.CONSIDER, "completed"),
            Check("chk_2", "ssn_trace", Status.COMPLETE, Result.NONE, "completed", reportable=False),
        ),
        completed_at=datetime(2026, 11, 25, 12, tzinfo=UTC), revised_at=datetime(2026, 11, 25, 12, tzinfo=UTC),
        codes={"status": "completed", "result": "review"},
    )  # fmt: skip


def test_a_lost_answer_is_looked_for_and_never_repeated(server: HttpServer) -> None:
    made, answers = config(), iter([None, reply(200, json.dumps({"orders": [told(status="received")]}).encode())])
    server.respond = lambda _asked: next(answers)
    connector, api = open_screening(made), make_api(made)
    assert api is not None
    call = connector.invite("", ORDER, "key")
    with open_api(api, made, SECRETS, environment=Environment.PRODUCTION, base_url=server.url) as client:
        guard = Guard(MemoryShelf(), "custom_screening", "c-1", api.limits)
        done = settle(lambda: client.exchange(call), guard, api.safety(call), api.retry, keep=lambda _kept: None)
        assert done.decision is not None
        assert done.decision.next is Next.LOOK
        found = client.send(connector.find_orders("", ORDER))
    assert [one.method for one in server.asked] == ["POST", "GET"]
    assert server.asked[-1].target == "/orders?reference=req-7"
    assert connector.read_found(found) == ("ord_1",)


@pytest.mark.parametrize(
    ("api", "safety"),
    [({}, Safety.CHECK_FIRST), ({"find_path": ""}, Safety.ASK), ({"once_header": "Idempotency-Key"}, Safety.BY_KEY)],
)
def test_what_a_second_order_does_follows_from_the_settings(api: dict[str, str], safety: Safety) -> None:
    made = config(api=api)
    connector, built = open_screening(made), make_api(made)
    assert built is not None
    call = connector.invite("", ORDER, "key-1")
    assert built.safety(call) is safety
    assert call.headers == ({"Idempotency-Key": "key-1"} if safety is Safety.BY_KEY else {})
    assert (Ability.FIND_ORDERS in connector.abilities) is bool(made.api.find_path)


def test_a_provider_that_does_not_search_is_not_believed() -> None:
    connector = open_screening(config())
    assert connector.read_found(answer({"orders": []})) == ()
    two = [told(), told(id="ord_2")]
    assert connector.read_found(answer({"orders": two})) == ("ord_1", "ord_2")
    with pytest.raises(ContractDrift, match="search-unfiltered"):
        connector.read_found(answer({"orders": [*two, told(id="ord_3", reference="other")]}))


def test_the_list_may_be_the_whole_answer() -> None:
    assert open_screening(config(api={"found": ""})).read_found(answer([told()])) == ("ord_1",)


def test_an_order_that_was_just_taken_may_lack_everything_else() -> None:
    found = open_screening(config()).read_invitation(answer({"id": "ord_9"}))
    assert (found.id, found.status, found.code) == ("ord_9", Status.ORDERED, "")


def test_cancel_and_report_where_there_is_a_path(server: HttpServer) -> None:
    made = config(api={"cancel_path": "/orders/{id}/cancel", "report_path": "/orders/{id}.pdf"})
    connector = open_screening(made)
    assert connector.abilities == {Ability.FIND_ORDERS, Ability.CANCEL, Ability.DOCUMENTS}
    assert connector.read_report(answer(told())).documents == ("ord_1",)
    assert connector.read_report(answer(told(status="pending"))).documents == ()
    server.respond = lambda _asked: reply(200, b"%PDF-1.7 ...")
    asked, _ = say(server, made, connector.cancel_invitation("ord_1"))
    assert (asked.method, asked.target) == ("POST", "/orders/ord_1/cancel")
    _, found = say(server, made, connector.get_document("ord_1"))
    assert connector.read_document(found).data == b"%PDF-1.7 ..."
    with pytest.raises(ContractDrift):
        connector.read_document(answer(b"<html>"))
    plain = open_screening(config())
    for refused in (plain.cancel_invitation, plain.get_document, open_screening(config("sftp")).get_report):
        with pytest.raises(Rejected, match="not-offered"):
            refused("ord_1")


def test_an_xml_interface(server: HttpServer) -> None:
    made = config(
        api={"found": "Reply.Order"},
        orders={
            "format": "xml", "records": "Order", "constants": {"@version": "2"},
            "fields": {"reference": "@ref", "package": "Package", "last_name": "Person.Last", "middle_name": "Person.Middle"},
        },
        results={
            "format": "xml", "records": "Reply.Order", "fields": {"ref": "@id", "reference": "Ref", "status": "Status", "result": "Result"},
            "checks": "Checks.Check", "check_fields": {"ref": "@id", "status": "Status"},
        },
    )  # fmt: skip
    connector = open_screening(made)
    body = b'<Reply><Order id="7"><Ref>req-7</Ref><Status>Done</Status><Result>Pass</Result><Checks><Check id="1"><Status>done</Status></Check></Checks></Order></Reply>'
    server.respond = lambda _asked: reply(200, body)
    asked, found = say(server, made, connector.invite("", ORDER, "k"))
    assert asked.headers["content-type"] == "application/xml; charset=utf-8"
    assert asked.headers["accept"] == "application/xml"
    assert asked.body.decode().endswith(
        '<Order ref="req-7" version="2"><Package>BASIC</Package><Person><Last>O&#x27;Brien</Last></Person></Order>\n'
    )
    report = connector.read_report(found)
    assert (report.id, report.status, report.result, report.ordered) == ("7", Status.COMPLETE, Result.CLEAR, {"1"})
    assert connector.read_found(found) == ("7",)
    bomb = b'<!DOCTYPE r [<!ENTITY a "b">]><Reply>&a;</Reply>'
    with pytest.raises(ContractDrift, match="answer-unexpected"):
        connector.read_report(answer(bomb))
    with pytest.raises(BrokenAnswer):
        connector.read_report(answer(body[:40]))


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ([], "object-unexpected"),
        ([told(), told(id="2")], "object-unexpected"),
        ("text", "answer-unexpected"),
        (told(id=None), "field-empty"),
        (told(checks="none"), "checks-unreadable"),
        (told(checks=[{"kind": "x"}]), "field-empty"),
        (told(updated_at="yesterday"), "time-unreadable"),
        (told(id="x" * 501), "text-unusable"),
        (told(id="a\u0000b"), "text-unusable"),
        (told(id="\ud800"), "text-unusable"),
    ],
)
def test_an_answer_of_another_shape_is_drift(facts: Any, code: str) -> None:
    with pytest.raises(ContractDrift) as caught:
        open_screening(config()).read_report(answer(facts))
    assert caught.value.code == code


@pytest.mark.parametrize("body", [b"<html>", b"", b'{"id": "ord', b"\xff\xfe", b"\x00"])
def test_a_garbled_answer_is_no_change_of_the_contract(body: bytes) -> None:
    with pytest.raises(BrokenAnswer):
        open_screening(config()).read_invitation(answer(body))


def test_an_address_must_be_there_for_its_environment() -> None:
    api = make_api(config())
    assert api is not None
    with pytest.raises(Rejected, match="address-missing"):
        open_api(api, config(), SECRETS, environment=Environment.PRODUCTION)


def test_other_ways_to_sign_in() -> None:
    oauth = make_api(config(api={"sign_in": "oauth_2_0", "token_url": "https://id.example/token", "scopes": "a b"}))
    assert oauth is not None
    assert oauth.auth == OAuth2Client("https://id.example/token", ["a", "b"])
    certificate = make_api(config(api={"sign_in": "certificate"}))
    assert certificate is not None
    assert certificate.auth == MutualTls()


# --- orders -----------------------------------------------------------------------------------------------------


def test_an_order_file_is_the_same_for_the_same_orders() -> None:
    connector = open_screening(config("sftp"))
    file = connector.write_orders([ORDER, ORDER], "2026-11-25-1")
    assert file == connector.write_orders([ORDER, ORDER], "2026-11-25-1")
    assert file.name == "orders-2026-11-25-1.csv"
    lines = file.data.decode().split("\r\n")
    assert (
        lines[0]
        == "our_ref,package,first_name,middle_name,last_name,email,phone,zip_code,work_country,work_state,work_city,version"
    )
    assert lines[1] == "req-7,BASIC,Renée,,O'Brien,renee@example.com,(555) 123-4567,,US,CA,Fresno,1"
    assert lines[3] == "TOTAL,2"
    assert "Brien" not in repr(file)


@pytest.mark.parametrize(
    ("shape", "ending", "body"),
    [
        ({"format": "json_lines"}, ".jsonl", '{"r": "req-7", "p": "5551234567", "yes": true}\n'),
        ({"format": "json", "records": "orders"}, ".json", '{"orders": [{"r": "req-7", "p": "5551234567", "yes": true}]}'),
        ({"format": "xml", "records": "A.B"}, ".xml", '<?xml version="1.0" encoding="UTF-8"?>\n<A><B><r>req-7</r><p>5551234567</p><yes>true</yes></B></A>\n'),
        ({"format": "fixed_width", "layout": {"r": "1-8", "p": "9-20", "yes": "21-24"}}, ".txt", "req-7   5551234567  true\r\n"),
    ],
)  # fmt: skip
def test_an_order_file_in_every_format(shape: dict[str, Any], ending: str, body: str) -> None:
    orders = {
        "total": "", "fields": {"reference": "r", "phone": "p"}, "constants": {"yes": "true"}, "rules": {},
        "changes": {"phone": "digits | last 10"},
    }  # fmt: skip
    file = open_screening(config("sftp", orders=orders | shape)).write_orders([ORDER], "k")
    assert (file.name, file.data.decode()) == (f"orders-k{ending}", body)


@pytest.mark.parametrize(
    ("order", "key", "code"),
    [
        (Order("BASIC", []), "k", "candidate-missing"),
        (
            Order("BASIC", [WorkLocation("US", "CA"), WorkLocation("US", "NV")], candidate=PERSON),
            "k",
            "one-location-only",
        ),
        (Order("", [], candidate=PERSON), "k", "rule-broken"),
        (Order("BASIC", [], candidate=Candidate("r", "=cmd", WORD, "a@b.example")), "k", "formula-like"),
        (Order("BASIC", [], candidate=Candidate("r", "A", WORD, "nobody")), "k", "rule-broken"),
        (ORDER, "../k", "key-unsafe"),
    ],
)
def test_an_order_that_cannot_be_written(order: Order, key: str, code: str) -> None:
    with pytest.raises(Rejected) as caught:
        open_screening(config("sftp")).write_orders([order], key)
    assert caught.value.code == code
    assert WORD not in caught.value.advice


def test_nothing_to_write() -> None:
    for connector, orders in ((open_screening(config("sftp")), []), (Connector(ConnectorConfig()), [ORDER])):
        with pytest.raises(Rejected, match="orders-missing"):
            connector.write_orders(orders, "k")


# --- results ----------------------------------------------------------------------------------------------------

HEAD = "version,provider,provider_ref,our_ref,package,screening_type,screening_ref,status_raw,result_raw,event_at,completed_at,report_file,sha256"


def results(*rows: str, **changes: Any) -> Any:
    text = "\r\n".join([HEAD, *rows, f"TOTAL,{len(rows)}"])
    return open_screening(config("sftp", results=changes)).read_results(text.encode(), NOW)


def test_the_sample_file_is_read_as_it_says() -> None:
    read = open_screening(config("sftp")).read_results((SAMPLES / "results.csv").read_bytes(), NOW)
    assert (read.problems, read.repeated, read.rows) == ((), 0, 2)
    (one,) = fold(read.facts)
    assert one.reference == "req-7"
    assert one.report == Report(
        id="P-1", status=Status.COMPLETE, result=Result.CLEAR, candidate_id="", package="BASIC", ordered=frozenset({"S-1"}),
        checks=(Check("S-1", "county_criminal", Status.COMPLETE, Result.CLEAR, "complete"),),
        completed_at=datetime(2026, 11, 25, 17, tzinfo=UTC), revised_at=datetime(2026, 11, 25, 17, tzinfo=UTC),
        documents=("P-1.pdf",), codes={"status": "complete", "result": "Clear"},
    )  # fmt: skip


def test_an_xml_file_with_its_own_words() -> None:
    made = config(
        "sftp",
        results={
            "format": "xml", "records": "ScreeningReports.ScreeningReport", "total": "ScreeningReports.@count", "version": "",
            "fields": {"ref": "@id", "reference": "ClientReference", "package": "Package", "status": "Status", "event_at": "Status.@at", "result": "Result"},
            "checks": "Screenings.Screening",
            "check_fields": {"ref": "@id", "kind": "@type", "status": "Status", "result": "Result"},
            "statuses": {"complete": "Completed"}, "kinds": {"county_criminal": "CRIM7 | CTY"},
            "moments": "%m/%d/%Y %H:%M", "time_zone": "America/Chicago",
        },
    )  # fmt: skip
    read = open_screening(made).read_results((SAMPLES / "results.xml").read_bytes(), NOW)
    assert read.problems == ()
    (one,) = fold(read.facts)
    assert (one.report.status, one.report.result) == (Status.COMPLETE, Result.CONSIDER)
    assert one.report.revised_at == datetime(2026, 11, 25, 18, tzinfo=UTC)
    assert [(check.ref, check.kind, check.result) for check in one.report.checks] == [
        ("S-1", "county_criminal", Result.CONSIDER), ("S-2", "unmapped", Result.CLEAR),
    ]  # fmt: skip


def test_a_row_about_a_check_does_not_finish_the_order() -> None:
    read = results("1,sftp,P-1,r,B,mvr,S-1,complete,Clear,2026-01-01,,,")
    (one,) = fold(read.facts)
    assert (one.report.status, one.report.result) == (Status.IN_PROGRESS, Result.NONE)


@pytest.mark.parametrize(
    ("status", "result", "wanted"),
    [
        ("complete", "NoRecordFound", (Status.COMPLETE, Result.CLEAR)),
        ("Complete", "no record found", (Status.COMPLETE, Result.CLEAR)),
        ("COMPLETE", "RECORD_FOUND", (Status.COMPLETE, Result.CONSIDER)),
        ("complete", "UnableToVerify", (Status.COMPLETE, Result.CONSIDER)),
        ("complete", "Negative", (Status.COMPLETE, Result.UNMAPPED)),  # of a drug test good, of a reference bad
        ("complete", "Clear*", (Status.COMPLETE, Result.UNMAPPED)),
        ("complete", "", (Status.COMPLETE, Result.NONE)),
        ("finished", "Clear", (Status.UNMAPPED, Result.CLEAR)),
        ("cancelled", "", (Status.CANCELED, Result.NONE)),
    ],
)
def test_codes_are_read_by_the_tables_alone(status: str, result: str, wanted: tuple[Status, Result]) -> None:
    read = results(f"1,,P-1,r,B,,,{status},{result},2026-01-01,,,")
    (fact,) = read.facts
    assert (fact.status, fact.result) == wanted
    assert (fact.status_code, fact.result_code) == (status, result)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=20), st.text(max_size=20))
def test_nothing_but_the_codes_in_the_table_is_clear(status: str, result: str) -> None:
    found = open_screening(config()).read_report
    try:
        report = found(answer(told(status=status, result=result, checks=[])))
    except ContractDrift:
        return
    known = {"clear", "pass"}
    assert (report.result is Result.CLEAR) == (
        "".join(result.split()).replace("_", "").replace("-", "").casefold() in known
    )


HASH = "a" * 64


@pytest.mark.parametrize(
    ("row", "problems"),
    [
        ("1,sftp,,r,B,,,complete,Clear,2026-01-01,,,", [("field-empty", "ref")]),
        ("1,sftp,P-1,r,B,,,,Clear,2026-01-01,,,", [("field-empty", "status")]),
        ("1,sftp,P-1,r,B,,S-1,,Clear,2026-01-01,,,", [("field-empty", "check")]),
        ("1,sftp,P-1,r,B,,,complete,Clear,,,,", [("field-empty", "event_at")]),
        (f"1,sftp,P-1,r,B,,,complete,Clear,{WORD},,,", [("time-unreadable", "event_at")]),
        (f"1,sftp,P-1,r,B,,,complete,Clear,2026-01-01,{WORD},,", [("time-unreadable", "completed_at")]),
        ("1,sftp,P-1,r,B,,,complete,Clear,2026-11-27,,,", [("time-in-future", "event_at")]),
        ("1,sftp,P\x07-1,r,B,,,complete,Clear,2026-01-01,,,", [("text-unusable", "ref")]),
        ("1,sftp,P-1,r,B,,,complete,Clear,0001-01-01T00:00:00+14:00,,,", [("time-unreadable", "event_at")]),
        (f"1,{WORD},P-1,r,B,,,complete,Clear,2026-01-01,,,", [("other-provider", "provider")]),
        ("2,sftp,P-1,r,B,,,complete,Clear,2026-01-01,,,", [("other-version", "version")]),
        (f"1,sftp,P-1,r,B,,,complete,Clear,2026-01-01,,../{WORD}.pdf,{HASH}", [("file-name-unsafe", "report_file")]),
        ("1,sftp,P-1,r,B,,,complete,Clear,2026-01-01,,a.pdf,beef", [("hash-unreadable", "sha256")]),
        (f"1,sftp,{WORD * 40},r,B,,,complete,Clear,2026-01-01,,,", [("text-unusable", "ref")]),
        (f"1,sftp,=P,{WORD},B,,,complete,Clear,2026-01-01,,,", [("formula", "provider_ref")]),
        ("1,sftp,P-1", [("cells-missing", "")]),
    ],
)
def test_a_bad_row_is_named_and_left_out(row: str, problems: list[tuple[str, str]]) -> None:
    read = results("1,sftp,P-9,r,B,,,complete,Clear,2026-01-01,,,", row)
    assert [(one.code, one.place) for one in read.problems] == problems
    assert {one.row for one in read.problems} == {3}
    assert [fact.ref for fact in read.facts] == ["P-9"]
    assert WORD not in repr(read.problems)


def test_spaces_of_every_kind_are_one_space() -> None:
    (fact,) = results('1,sftp,P-1,r,"  Basic\xa0\r\n Plus ",,,complete,Clear,2026-11-26T16:00:00Z,,,').facts
    assert fact.package == "Basic Plus"


def test_constants_of_an_order_keep_their_kind() -> None:
    constants = {"yes": "true", "n": "1.5", "text": "BASIC", "quoted": '"1"', "list": "[1]", "word": "NaN"}
    call = open_screening(config(orders={"constants": constants})).invite("", ORDER, "k")
    body = call.body.value  # type: ignore[union-attr]
    assert {name: body[name] for name in constants} == {
        "yes": True,
        "n": 1.5,
        "text": "BASIC",
        "quoted": "1",
        "list": "[1]",
        "word": "NaN",
    }


def test_a_file_that_was_cut_off_is_refused() -> None:
    whole = (SAMPLES / "results.csv").read_bytes()
    for data in (whole[:-9], whole.replace(b"TOTAL,2", b"TOTAL,3"), b"", whole.replace(b"screening_ref", b"other")):
        with pytest.raises(Refused):
            open_screening(config("sftp")).read_results(data, NOW)


def test_repeated_rows_count_once_and_contradictions_not_at_all() -> None:
    row = "1,sftp,P-1,r,B,,,complete,{},2026-01-01,,,"
    read = results(row.format("Clear"), row.format("Clear"), row.format("Clear").replace("P-1", "P-2"))
    assert (len(read.facts), read.repeated, read.problems) == (2, 1, ())
    read = results(row.format("Clear"), row.format("Review"))
    assert read.facts == ()
    assert [(one.row, one.code) for one in read.problems] == [(2, "contradiction"), (3, "contradiction")]


def test_without_a_column_for_the_time_the_file_s_own_counts() -> None:
    text = "id;state\nP-1;complete\n"
    made = config(
        "sftp", results={"fields": {"ref": "id", "status": "state"}, "check_fields": {}, "total": "", "version": ""}
    )
    (fact,) = open_screening(made).read_results(text.encode(), NOW).facts
    assert fact.event_at == NOW


def test_rules_and_changes_of_the_administrator() -> None:
    changes = {"changes": {"reference": "first 5 | upper"}, "rules": {"package": "one of B C", "ref": "length 3-4"}}
    read = results(
        "1,sftp,P-1,req-7777,B,,,complete,Clear,2026-01-01,,,",
        f"1,sftp,P-2,r,{WORD},,,complete,Clear,2026-01-01,,,",
        **changes,
    )
    assert [fact.reference for fact in read.facts] == ["REQ-7"]
    assert [(one.row, one.code, one.place, one.reason) for one in read.problems] == [
        (3, "rule-broken", "package", "It is none of the allowed words.")
    ]


def test_settings_that_do_not_say_how_to_read() -> None:
    with pytest.raises(Rejected, match="settings-incomplete"):
        Connector(ConnectorConfig()).read_results(b"a", NOW)


# --- any order of arrival ---------------------------------------------------------------------------------------

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
FACTS = st.builds(
    Fact,
    row=st.integers(1, 9),
    provider=st.just("p"),
    ref=st.sampled_from(["P-1", "P-2"]),
    status=st.sampled_from(Status),
    status_code=st.sampled_from(["a", "b"]),
    result=st.sampled_from(Result),
    check_ref=st.sampled_from(["", "", "S-1", "S-2"]),
    reference=st.sampled_from(["", "r-1"]),
    package=st.sampled_from(["", "B"]),
    event_at=st.integers(0, 3).map(lambda hours: BEGIN + timedelta(hours=hours)),
    expected_on=st.sampled_from([None, date(2026, 1, 9)]),
    report_file=st.sampled_from(["", "x.pdf", "y.pdf"]),
)


@settings(max_examples=2000, deadline=None)
@given(data=st.data(), facts=st.lists(FACTS, max_size=8))
def test_disorder_and_repetition_change_nothing(data: st.DataObject, facts: list[Fact]) -> None:
    again = data.draw(st.permutations([*facts, *facts[:3]]))
    assert fold(again) == fold(facts)


@settings(max_examples=500, deadline=None)
@given(facts=st.lists(FACTS, min_size=1, max_size=8))
def test_the_newest_about_an_order_counts(facts: list[Fact]) -> None:
    for one in fold(facts):
        about = [fact for fact in facts if fact.ref == one.report.id and not fact.check_ref]
        if not about:
            assert (one.report.status, one.report.result) == (Status.IN_PROGRESS, Result.NONE)
            continue
        newest = max(fact.event_at for fact in about if fact.event_at)
        said = {(fact.status, fact.result) for fact in about if fact.event_at == newest}
        assert (one.report.status, one.report.result) in said
        if one.report.result is Result.CLEAR and one.report.status is Status.COMPLETE:
            assert {status for status, _ in said} <= set(list(Status)[: list(Status).index(Status.COMPLETE) + 1])


# --- settings ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "values", "words"),
    [
        ("api", {"base_url": "http://api.example"}, "should match"),
        ("api", {"base_url": "https://{host}.example"}, "should match"),
        ("api", {"base_url": "https://u:p@api.example"}, "should match"),
        ("api", {"get_path": "/orders"}, "need {id} once"),
        ("api", {"order_path": "/orders/{id}"}, "no {id} yet"),
        ("api", {"check_path": "/orders/{id}"}, "no {id} yet"),
        ("api", {"cancel_path": "/o/{id}/{why}"}, "may hold {id} only"),
        ("api", {"order_path": "https://evil.example"}, "should match"),
        ("api", {"sign_in": "oauth_2_0"}, "needs the address that gives tokens"),
        ("api", {"headers": {"Authorization": "x"}}, "is set by Corridor itself"),
        ("api", {"headers": {"X-A": "a\r\nB: c"}}, "without spaces"),
        ("orders", {"fields": {"ssn": "ssn"}}, "has no field ssn; it has reference"),
        ("orders", {"fields": {"email": "a", "phone": "a"}}, "same place"),
        ("orders", {"fields": {"email": "a", "phone": "a.b"}}, "exclude each other"),
        ("orders", {"fields": {"email": "a.1"}}, "exclude each other, or a list misses"),
        ("orders", {"format": "excel"}, "writes CSV instead"),
        ("orders", {"format": "fixed_width", "layout": {"x": "1-3"}}, "no place in the line"),
        ("orders", {"changes": {"phone": "shout"}}, "known changes"),
        ("orders", {"rules": {"phone": "nice"}}, "known rules"),
        ("orders", {"file_name": "../{key}"}, "should match"),
        ("results", {"fields": {"ref": "id"}}, "say at least where"),
        ("results", {"check_fields": {"kind": "k"}}, "say at least where the id"),
        ("results", {"check_fields": {}}, "which fields a check has"),
        ("results", {"format": "csv"}, "its own row"),
        ("results", {"statuses": {"unmapped": "x"}}, "give it no codes"),
        ("results", {"statuses": {"complete": "done", "canceled": "Done"}}, "one line only"),
        ("results", {"statuses": {"finished": "x"}}, "Input should be"),
        ("results", {"outcomes": {"clear": "ok", "consider": "o k"}}, "one line only"),
        ("results", {"kinds": {"a": "x", "b": "X"}}, "one line only"),
        ("results", {"moments": "%H:%M"}, "day, month and year"),
        ("results", {"moments": "%d/%m %"}, "day, month and year"),
        ("results", {"moments": ""}, "for example iso"),
        ("results", {"time_zone": "Mars/Olympus"}, "such as America/New_York"),
        ("pick_up", {"due_by": "25:00"}, "should match"),
        ("pick_up", {"time_zone": "here"}, "such as America/New_York"),
    ],
)  # fmt: skip
def test_settings_say_what_is_wrong(part: str, values: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        config(**{part: values})
    assert words in str(caught.value)
    assert any(error["loc"][:1] == (part,) for error in caught.value.errors())


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"orders": {"format": "csv"}}, "as JSON or XML"),
        ({"orders": {"fields": {"email": "e"}, "rules": {}}}, "carry our reference"),
    ],
)
def test_parts_that_do_not_fit_each_other(parts: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        config(**parts)


def test_every_setting_has_a_title_and_no_secret_is_among_them() -> None:
    kinds = [ConnectorConfig, *(field.annotation for field in ConnectorConfig.model_fields.values())]
    models = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]
    assert len(models) == 5
    for model in models:
        for name, field in model.model_fields.items():
            assert field.title, name
            assert field.annotation is not SecretStr
    assert "s3cret" not in repr(SECRETS)


@pytest.mark.parametrize(
    ("steps", "before", "after"),
    [
        ("", "a B", "a B"), ("upper", "aß", "ASS"), ("lower", "A", "a"), ("digits", "(5) ٣x", "5"), ("first 2", "abc", "ab"),
        ("last 2", "abc", "bc"), ("last 9", "abc", "abc"), ("default US", "", "US"), ("default US", "CA", "CA"),
        ("without -", "1-2-3", "123"), ("digits | last 4 | default none", "ab", "none"),
    ],
)  # fmt: skip
def test_changes(steps: str, before: str, after: str) -> None:
    assert change_of(steps)(before) == after


@pytest.mark.parametrize(
    ("rules", "good", "bad"),
    [
        ("required", ["a"], [""]), ("digits", ["", "12"], ["1a", "٣"]), ("email", ["", "a@b.co"], ["a@b", "a b@c.de", "@c.de"]),
        ("length 2-3", ["", "ab", "abc"], ["a", "abcd"]), ("one of A B", ["", "A"], ["a", "AB"]), ("required | digits", ["1"], ["", "x"]),
    ],
)  # fmt: skip
def test_rules(rules: str, good: list[str], bad: list[str]) -> None:
    demand = demand_of(rules)
    assert [demand(value) for value in good] == [""] * len(good)
    assert all(demand(value) for value in bad)
