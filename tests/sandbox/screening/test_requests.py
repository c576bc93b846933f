"""How requests are let in and answered: keys, accounts, lists, limits, refusals, and the partner's way in."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from app.integrations.failures import (
    AuthFailed,
    Conflict,
    Forbidden,
    Gone,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Rejected,
)
from app.integrations.paging import pages
from app.integrations.webhooks.delivery import Delivery, NotBelieved
from app.integrations.webhooks.door import receive
from sandbox.client import Sandbox
from sandbox.launch import Running
from sandbox.screening.client import ScreeningClient
from tests.sandbox.screening.conftest import API, HOOKS, KEY, Line, Receiver, new_key

Connect = Callable[..., Line]


@pytest.fixture
def raw(running: Running, screening: ScreeningClient) -> httpx2.Client:
    """A client without our adapter, for what it would never send."""
    return httpx2.Client(base_url=running.screening["checkr_url"], auth=(KEY, ""))


def test_a_wrong_key_and_another_account(screening: ScreeningClient, connect: Connect) -> None:
    with pytest.raises(AuthFailed, match="key-refused"):
        connect("sk_wrong").candidate()
    other = screening.add_account()
    mine, theirs = connect(), connect(other["_sandbox"]["api_key"])
    report = mine.order(mine.candidate())
    with pytest.raises(NotFound):
        theirs.report(report.id)
    assert theirs.send(theirs.checkr.find_candidates("req-1")).json()["data"] == []


def test_no_credentials_at_all(raw: httpx2.Client) -> None:
    answer = httpx2.get(f"{raw.base_url}packages")
    assert (answer.status_code, answer.json()) == (401, {"error": "Bad authentication error"})


def test_what_is_not_there(raw: httpx2.Client) -> None:
    for method, path in [("GET", "/drug_screenings/x"), ("PATCH", "/candidates/x"), ("DELETE", "/reports/x")]:
        answer = raw.request(method, path)
        assert (answer.status_code, answer.json()) == (404, {"error": f"Nothing at {path}"})
    assert raw.get("/county_criminal_searches/x").json() == {"error": "Search not found"}


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"first_name": "J0"}, "first_name contains invalid characters"),
        ({"email": "nobody"}, "email is invalid"),
        ({"middle_name": "K", "no_middle_name": True}, "no_middle_name cannot be true when there is a middle_name"),
        ({"zipcode": "9410"}, "zipcode is invalid"),
        ({"ssn": "666-12-3456"}, "ssn is invalid"),
        ({"ssn": "111111111"}, "ssn is invalid"),
        ({"dob": "2015-01-01"}, "candidate must be at least 18 years old"),
        ({"dob": "soon"}, "dob is invalid"),
        ({"first_name": "", "email": ""}, ["first_name can't be blank", "email can't be blank"]),
    ],
)
def test_wrong_candidates(raw: httpx2.Client, change: dict[str, Any], errors: Any) -> None:
    right = {"first_name": "Jo", "last_name": "Reyes", "email": "jo@example.com"}
    answer = raw.post("/candidates", json=right | change)
    assert (answer.status_code, answer.json()) == (400, {"error": errors})


def test_forms_are_taken_too_and_secrets_are_masked(raw: httpx2.Client) -> None:
    form = {"first_name": "Jo", "last_name": "Reyes", "email": "jo@example.com", "ssn": "512-34-6789"}
    candidate = raw.post("/candidates", data=form).json()
    assert candidate["ssn"] == "XXX-XX-6789"
    order = {
        "candidate_id": candidate["id"], "package": "essential", "work_locations[][country]": "US",
        "work_locations[][state]": "NY", "tags[]": "west",
    }  # fmt: skip
    invitation = raw.post("/invitations", data=order)
    assert invitation.status_code == 201
    assert invitation.json()["work_locations"] == [{"country": "US", "state": "NY"}]
    assert invitation.json()["tags"] == ["west"]


def test_wrong_orders(screening: ScreeningClient, line: Line, raw: httpx2.Client) -> None:
    candidate = line.candidate()
    with pytest.raises(NotFound, match="package-unknown"):
        line.invite(candidate, "nothing_like_it")
    with pytest.raises(NotFound):
        line.invite("nobody")
    with pytest.raises(Rejected):
        line.order(candidate, "continuous_check")
    answer = raw.post("/invitations", json={"candidate_id": candidate, "package": "essential"})
    assert answer.json() == {"error": "work_locations can't be blank"}
    screening.set(errors_as_list=True)
    assert raw.post("/reports", json={"candidate_id": candidate}).json() == {
        "error": ["package can't be blank", "work_locations can't be blank"]
    }
    with pytest.raises(NotFound, match="package-unknown"):
        line.invite(candidate, "nothing_like_it")
    assert screening.orders() == []


def test_packages_come_change_and_go(box: Sandbox, screening: ScreeningClient, line: Line, receiver: Receiver) -> None:
    screening.add_package("ours", "county_criminal_search", price=1234)
    screening.add_package("ours", "county_criminal_search", "credit_report", price=2345)
    candidate = line.candidate()
    assert line.invite(candidate, "ours").package == "ours"
    screening.remove_package("ours")
    with pytest.raises(NotFound, match="package-unknown"):
        line.invite(candidate, "ours")
    box.wait_idle()
    kinds = receiver.kinds()
    assert [kind for kind in kinds if kind.startswith("package.")] == [
        "package.created", "package.updated", "package.deleted",
    ]  # fmt: skip
    assert receiver.believed()[0].resource == "package"


def test_lists_go_on_to_the_end(screening: ScreeningClient, line: Line, raw: httpx2.Client) -> None:
    for number in range(7):
        screening.add_package(f"p{number}", "ssn_trace")
    first = raw.get("/packages", params={"per_page": 6}).json()
    assert (first["object"], first["count"], len(first["data"]), first["previous_href"]) == ("list", 14, 6, None)
    assert parse_qs(urlsplit(first["next_href"]).query) == {"page": ["2"], "per_page": ["6"]}
    last = raw.get(first["next_href"].replace("page=2", "page=3")).json()
    assert (len(last["data"]), last["next_href"]) == (2, None)
    assert raw.get("/packages", params={"page": "none"}).json() == {"error": "page is invalid"}
    assert API is not None
    resource = API.resource("package")
    for _ in range(100):
        screening.add_package(f"more{_}", "ssn_trace")
    found = list(pages(resource.pages, resource.records, line.checkr.list_packages(), line.send))
    assert [len(page.records) for page in found] == [100, 14]


# Once per key


def test_a_key_is_answered_with_what_it_made_for_a_day(screening: ScreeningClient, line: Line) -> None:
    candidate, key = line.candidate(), new_key()
    first = line.order(candidate, key=key)
    assert line.order(candidate, key=key).id == first.id
    assert [one["key"] for one in screening.orders()] == [key]
    assert [one["replayed"] for one in screening.requests("POST /checkr/v1/reports")] == [False, True]
    with pytest.raises(Rejected):
        line.order(candidate, "basic_plus", key=key)
    screening.advance(hours=25)
    assert line.order(candidate, key=key).id != first.id
    assert screening.ordered_twice() == 1


def test_what_failed_may_be_tried_again_under_its_key(screening: ScreeningClient, line: Line) -> None:
    key = new_key()
    with pytest.raises(NotFound):
        line.order("nobody", key=key)
    candidate = line.candidate()
    assert line.order(candidate, key=key).candidate_id == candidate


def test_a_key_whose_request_still_runs_is_a_conflict(screening: ScreeningClient, connect: Connect) -> None:
    first, second, key = connect(), connect(), new_key()
    candidate = first.candidate()
    screening.faults("slow", where="POST /checkr/v1/invitations", slow_seconds=1.5)
    slow = threading.Thread(target=first.invite, args=(candidate,), kwargs={"key": key})
    slow.start()
    while screening.state()["switches"]["fault"]:
        time.sleep(0.02)
    with pytest.raises(OutcomeUnknown, match="still-running"):
        second.invite(candidate, key=key)
    slow.join()
    assert second.invite(candidate, key=key).candidate_id == candidate
    assert len(screening.orders()) == 1


def test_keys_that_are_no_uuid_4(screening: ScreeningClient, line: Line) -> None:
    candidate = line.candidate()
    line.invite(candidate, key="our-own-words")
    screening.set(uuid4_keys=True)
    with pytest.raises(Rejected):
        line.invite(candidate, "basic_plus", key="our-own-words-2")
    line.invite(candidate, "professional", key=new_key())


def test_orders_made_twice_are_counted(screening: ScreeningClient, line: Line) -> None:
    first = line.invite(line.candidate(reference="req-7"))
    assert screening.ordered_twice() == 0
    line.invite(line.candidate(reference="req-8"))
    line.invite(line.candidate(reference="req-7"), "basic_plus")
    assert screening.ordered_twice() == 0
    line.invite(line.candidate(email="jo2@example.com", reference="req-7"))
    assert screening.ordered_twice() == 1
    line.send(line.checkr.cancel_invitation(first.id))
    screening.advance(days=8)
    line.invite(line.candidate(email="jo3@example.com", reference="req-7"))
    assert screening.ordered_twice() == 1, "the earlier ones were called off or expired"


# Limits


def test_rate_limit(screening: ScreeningClient, line: Line, raw: httpx2.Client) -> None:
    before = raw.get("/packages").headers
    assert before["X-Ratelimit-Limit"] == "1200"
    assert int(before["X-Ratelimit-Remaining"]) < 1200
    screening.set(rate_limit=0)
    with pytest.raises(RateLimited) as caught:
        line.candidate()
    assert timedelta(0) < caught.value.until - datetime.now(UTC) < timedelta(seconds=61)
    assert raw.get("/packages").headers["X-Ratelimit-Remaining"] == "0"


def test_duplicates_within_a_day(screening: ScreeningClient, line: Line) -> None:
    made = [line.candidate() for _ in range(3)]
    with pytest.raises(Conflict, match="duplicate"):
        line.candidate()
    for package in ("basic_plus", "essential", "professional"):
        line.order(made[0], package)
    with pytest.raises(Conflict):
        line.order(made[0], "driver_pro")
    screening.set(duplicate_limits=False)
    line.order(made[0], "driver_pro")
    screening.set(duplicate_limits=True)
    screening.advance(hours=25)
    line.candidate()


def test_an_erased_candidate(line: Line) -> None:
    candidate = line.candidate()
    line.send(line.checkr.erase_candidate(candidate))
    with pytest.raises(Gone, match="candidate-erased"):
        line.invite(candidate)


def test_a_candidate_and_a_report_are_changed(screening: ScreeningClient, line: Line, raw: httpx2.Client) -> None:
    candidate = line.candidate()
    assert raw.post(f"/candidates/{candidate}", json={"phone": "5551234567"}).json()["phone"] == "5551234567"
    assert raw.post(f"/candidates/{candidate}", json={"email": "no"}).status_code == 400
    report = line.order(candidate, "basic_plus")
    upgraded = raw.post(f"/reports/{report.id}", json={"package": "professional"}).json()
    assert (upgraded["package"], upgraded["status"]) == ("professional", "pending")
    assert len(line.report(report.id).checks) == len(report.ordered) + 4
    screening.complete(report.id, "consider")
    line.start_adverse(report.id)
    assert raw.post(f"/reports/{report.id}", json={"package": "driver_pro"}).status_code == 400


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        ({"adverse_item_ids": []}, "adverse_item_ids can't be blank"),
        ({"adverse_item_ids": ["nothing"]}, "adverse item nothing not found"),
        ({"post_notice_scheduled_at": "2020-01-01T00:00:00Z"}, "post_notice_scheduled_at must be within 30 days"),
        ({"post_notice_scheduled_at": "soon"}, "post_notice_scheduled_at is invalid"),
    ],
)
def test_wrong_adverse_actions(
    screening: ScreeningClient, line: Line, raw: httpx2.Client, sent: dict[str, Any], error: str
) -> None:
    report = line.order(line.candidate())
    assert raw.get(f"/reports/{report.id}/adverse_items").json() == {"error": "Report result must be consider"}
    screening.complete(report.id, "consider")
    items = [item["id"] for item in raw.get(f"/reports/{report.id}/adverse_items").json()["data"]]
    answer = raw.post(f"/reports/{report.id}/adverse_actions", json={"adverse_item_ids": items} | sent)
    assert (answer.status_code, answer.json()) == (400, {"error": error})


# Partners


def test_the_partners_way_in(
    box: Sandbox, running: Running, screening: ScreeningClient, connect: Connect, receiver: Receiver
) -> None:
    partner, base = screening.state()["partner"], running.screening["checkr_url"]
    where = {"client_id": partner["client_id"], "redirect_uri": "http://127.0.0.1:5000/back?a=b", "state": "s-1"}
    assert httpx2.get(f"{box.url}/screening/authorize", params=where).status_code == 200
    assert httpx2.get(f"{box.url}/screening/authorize", params=where | {"client_id": "x"}).status_code == 422
    back = httpx2.post(f"{box.url}/screening/authorize", data=where).headers["Location"]
    assert back.startswith("http://127.0.0.1:5000/back?a=b&code=")
    answer = parse_qs(urlsplit(back).query)
    assert answer["state"] == ["s-1"]
    asked = {**partner, "code": answer["code"][0]}
    assert httpx2.post(f"{base}/oauth/tokens", json=asked | {"client_secret": "x"}).status_code == 401
    given = httpx2.post(f"{base}/oauth/tokens", json=asked).json()
    assert httpx2.post(f"{base}/oauth/tokens", json=asked).status_code == 400, "a code works once"

    account, token = given["checkr_account_id"], given["access_token"]
    screening.set_webhooks(receiver.server.url, account=account)
    line = connect(token)
    candidate = line.candidate()
    with pytest.raises(Forbidden, match="account-not-approved"):
        line.invite(candidate)
    screening.credential(account)
    line.invite(candidate)
    assert httpx2.post(f"{base}/oauth/deauthorize", auth=(token, "")).status_code == 204
    with pytest.raises(AuthFailed):
        line.candidate()
    box.wait_idle()
    signed_by_partner = receiver.believed(partner["client_secret"])
    assert [event.kind for event in signed_by_partner] == [
        "candidate.created", "account.credentialed", "invitation.created", "token.deauthorized",
    ]  # fmt: skip
    told = screening.events("token.deauthorized")[0]["body"]
    assert told["data"]["object"] == {"access_code": token}
    assert told["account_id"] != account


def test_a_partner_account_by_control(box: Sandbox, running: Running, screening: ScreeningClient) -> None:
    account = screening.add_account(partner=True)["id"]
    asked = {**screening.state()["partner"], "code": screening.partner_code(account)}
    given = httpx2.post(f"{running.screening['checkr_url']}/oauth/tokens", json=asked)
    assert given.json()["checkr_account_id"] == account
    screening.disconnect(account)
    assert (
        httpx2.get(f"{running.screening['checkr_url']}/packages", auth=(given.json()["access_token"], "")).status_code
        == 401
    )


def test_webhook_addresses_by_the_api(box: Sandbox, line: Line, raw: httpx2.Client, receiver: Receiver) -> None:
    hook = {"webhook_url": receiver.server.url, "include_object": False}
    made = raw.post("/webhooks", json=hook).json()
    assert raw.post("/webhooks", json=hook).status_code == 400, "two at most"
    candidate = line.candidate()
    box.wait_idle()
    thin = [asked.body for asked in receiver.server.asked if asked.target != "/hook"]
    assert len(receiver.server.asked) == 2
    assert len(thin) == 1
    assert b"jo@example.com" not in thin[0]
    assert HOOKS is not None
    with pytest.raises(NotBelieved):
        receive(HOOKS, Delivery({}, thin[0]), [KEY], datetime.now(UTC))
    assert {event.subject for event in receiver.believed()} == {candidate}
    assert raw.delete(f"/webhooks/{made['id']}").status_code == 200
    assert raw.get("/webhooks").json()["count"] == 1
    assert raw.delete(f"/webhooks/{made['id']}").status_code == 404


def test_candidates_are_found_by_our_reference(line: Line) -> None:
    candidate = line.candidate(reference="req-9")
    found = line.send(line.checkr.find_candidates("req-9")).json()["data"]
    assert [(one["id"], one["custom_id"]) for one in found] == [(candidate, "req-9")]
    assert line.send(line.checkr.find_candidates("req-10")).json()["data"] == []
