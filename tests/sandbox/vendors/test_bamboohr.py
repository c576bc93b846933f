"""The BambooHR stand-in as an HRIS: paging, changes since, dated tables, leave, thirty people."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from sandbox.vendors.bamboohr import BambooHR, people
from sandbox.vendors.core.verdicts import SPECS

EVERYTHING = "fields=status,employmentStatus,terminationDate,hireDate,workEmail,department,reportsToId"


def known(http: httpx2.Client, id: str) -> dict[str, Any]:
    found: dict[str, Any] = http.get(f"/api/v1/employees/{id}?{EVERYTHING}").json()
    return found


def moment(bamboo: BambooHR) -> str:
    return bamboo.clock.now().isoformat().replace("+00:00", "Z")


def changed(http: httpx2.Client, since: str, **more: str) -> dict[str, str]:
    answer = http.get("/api/v1/employees/changed", params={"since": since, **more}).json()
    assert answer["latest"] >= since[:19]
    return {id: one["action"] for id, one in answer["employees"].items()}


def test_the_company_holds_the_cases_a_sync_must_know(bamboo: BambooHR, http: httpx2.Client) -> None:
    whole = [known(http, str(number)) for number in range(1, 31)]
    assert {one["department"] for one in whole if one["id"] != people.FUTURE} == set(people.DEPARTMENTS)
    assert [one["id"] for one in whole if one["status"] == "Inactive"] == [people.TERMINATED]
    assert [one["id"] for one in whole if one["hireDate"] > bamboo.clock.today().isoformat()] == [people.FUTURE]
    assert known(http, people.FUTURE)["employmentStatus"] is None  # not in force yet
    assert known(http, people.PART_TIME)["employmentStatus"] == "Part-Time"
    assert len({known(http, id)["workEmail"] for id in people.SAME_EMAIL}) == 1
    assert known(http, "1")["terminationDate"] == "0000-00-00"
    assert {one["reportsToId"] for one in whole} >= {None, "1", "2", "6"}
    out = http.get("/api/v1/time_off/whos_out").json()
    assert [str(one["employeeId"]) for one in out] == [people.ON_LEAVE]


def test_pages_by_cursor_end_and_survive_a_deletion(bamboo: BambooHR, signed_in: httpx2.Client) -> None:
    seen, after = [], ""
    while True:
        query = {"page[limit]": "8", "fields": "workEmail,hireDate"} | ({"page[after]": after} if after else {})
        page = signed_in.get("/api/v1/employees", params=query).json()
        seen += [one["employeeId"] for one in page["data"]]
        assert page["data"][0].keys() >= {"workEmail", "hireDate", "status"}
        after = page["meta"]["page"]["nextCursor"]
        if len(seen) == 8:
            bamboo.delete("8")
        if after is None:
            break
    assert seen == [str(number) for number in range(1, 31)]
    assert len(bamboo.asked("/api/v1/employees")) == 4


def test_the_list_filters_and_refuses(bamboo: BambooHR, http: httpx2.Client, signed_in: httpx2.Client) -> None:
    some = signed_in.get("/api/v1/employees", params={"filter[status]": "inactive"}).json()
    assert [one["employeeId"] for one in some["data"]] == [people.TERMINATED]
    some = signed_in.get("/api/v1/employees", params={"filter[ids]": "3,5"}).json()
    assert ([one["employeeId"] for one in some["data"]], some["meta"]["total"]) == (["3", "5"], 2)
    broken = signed_in.get("/api/v1/employees", params={"page[after]": "bm9wZQ=="})
    assert (broken.status_code, broken.json()["error"]["code"]) == (400, "BadPage")
    bamboo.referee.settle()
    assert http.get("/api/v1/employees").status_code == 401
    if bamboo.referee.judges:
        assert [one.side for one in bamboo.referee.violations] == ["ours"]
    bamboo.referee.violations.clear()


def test_what_changed_since(bamboo: BambooHR, http: httpx2.Client) -> None:
    assert set(changed(http, "2020-01-01T00:00:00Z").values()) == {"Inserted"}
    bamboo.clock.advance(60)
    since = moment(bamboo)
    assert changed(http, since) == {}
    hired = bamboo.hire("Ada", "Brook")
    bamboo.change(hired, "city", "Reno")
    bamboo.change("7", "jobTitle", "Lead")
    bamboo.delete("9")
    assert changed(http, since) == {hired: "Inserted", "7": "Updated", "9": "Deleted"}
    assert changed(http, since, type="deleted") == {"9": "Deleted"}
    assert http.get("/api/v1/employees/9").status_code == 404


def test_since_must_be_a_moment(bamboo: BambooHR, http: httpx2.Client) -> None:
    assert http.get("/api/v1/employees/changed", params={"since": "yesterday"}).status_code == 400
    bamboo.referee.violations.clear()  # a wrong request is the point of this test


def test_who_leaves_later_is_active_until_then(bamboo: BambooHR, http: httpx2.Client) -> None:
    on = (bamboo.clock.today() + timedelta(days=3)).isoformat()
    bamboo.terminate("7", on)
    assert (known(http, "7")["status"], known(http, "7")["terminationDate"]) == ("Active", on)
    bamboo.clock.advance(3 * 86400)
    assert (known(http, "7")["status"], known(http, "7")["employmentStatus"]) == ("Inactive", "Terminated")


def test_tables_hold_what_was_and_what_will_be(bamboo: BambooHR, http: httpx2.Client) -> None:
    bamboo.clock.advance(60)
    since = moment(bamboo)
    on = (bamboo.clock.today() + timedelta(days=9)).isoformat()
    bamboo.change("7", "department", "Sales", on)
    rows = http.get("/api/v1/employees/7/tables/jobInfo").json()
    assert [(row["department"], row["date"]) for row in rows][-1] == ("Sales", on)
    assert len(rows) == 2
    told = http.get("/api/v1/employees/changed/tables/jobInfo", params={"since": since}).json()
    assert told["employees"]["7"]["rows"] == rows
    assert http.get("/api/v1/employees/7/tables/nothing").status_code == 404
    assert len(http.get("/api/v1/employees/all/tables/employmentStatus").json()) == 31


def test_the_directory_shows_the_active_and_later_ones_when_asked(bamboo: BambooHR, http: httpx2.Client) -> None:
    now = {one["id"] for one in http.get("/api/v1/employees/directory").json()["employees"]}
    later = {one["id"] for one in http.get("/api/v1/employees/directory?onlyCurrent=false").json()["employees"]}
    assert later - now == {people.FUTURE}
    assert people.TERMINATED not in later


def test_time_off_by_days_person_and_status(bamboo: BambooHR, http: httpx2.Client) -> None:
    today = bamboo.clock.today().isoformat()
    bamboo.leave("7", today, today, "Vacation", "requested")
    asked = {"start": today, "end": today}
    assert {one["employeeId"] for one in http.get("/api/v1/time_off/requests", params=asked).json()} == {7, 16}
    for more, expected in (({"employeeId": "7"}, {7}), ({"status": "approved"}, {16})):
        found = http.get("/api/v1/time_off/requests", params={**asked, **more}).json()
        assert {one["employeeId"] for one in found} == expected
    assert len(http.get("/api/v1/time_off/whos_out").json()) == 1


def test_a_token_reads_no_more_than_its_scopes(bamboo: BambooHR, http: httpx2.Client, signed_in: httpx2.Client) -> None:
    asked = "/api/v1/employees/7?fields=firstName,ssn,dateOfBirth,city"
    assert http.get(asked).json().keys() == {"id", "firstName", "ssn", "dateOfBirth", "city"}
    assert signed_in.get(asked).json().keys() == {"id", "firstName"}
    one = signed_in.get("/api/v1/employees?page[limit]=1&fields=birthDate,hireDate").json()["data"][0]
    assert (one["birthDate"], one["_restrictedFields"]) == (None, ["birthDate"])


def test_the_date_of_an_answer_is_the_sandboxs(bamboo: BambooHR, http: httpx2.Client) -> None:
    bamboo.clock.set(datetime(2031, 5, 1, 12, 0, 0, tzinfo=UTC))
    assert http.get("/api/v1/employees/7").headers["Date"].startswith("Thu, 01 May 2031 12:00:0")


def test_lists_and_fields_say_what_there_is(bamboo: BambooHR, http: httpx2.Client) -> None:
    lists = {
        one["alias"]: [option["name"] for option in one["options"]] for one in http.get("/api/v1/meta/lists").json()
    }
    assert lists["department"] == list(people.DEPARTMENTS)
    aliases = {one["alias"] for one in http.get("/api/v1/meta/fields").json()}
    assert aliases >= {"firstName", "jobTitle", "employmentStatus", "hireDate", "terminationDate"}


def test_the_shape_of_the_vendors_own_sample(bamboo: BambooHR, signed_in: httpx2.Client) -> None:
    sample = SPECS.parent / "corpus" / "bamboohr" / "get_api_v1_employees.response200.basic.json"
    if not sample.exists():
        pytest.skip("../shared/corpus is not here")
    theirs, ours = json.loads(sample.read_text()), signed_in.get("/api/v1/employees").json()
    assert ours.keys() == theirs.keys()
    assert ours["data"][0].keys() == theirs["data"][0].keys()
    assert ours["meta"].keys() == theirs["meta"].keys()
    assert ours["meta"]["page"].keys() == theirs["meta"]["page"].keys()


def test_many_are_made_and_paged_fast(bamboo: BambooHR, signed_in: httpx2.Client) -> None:
    assert bamboo.seed(5000) == 5000
    page = signed_in.get("/api/v1/employees?page[limit]=100").json()
    assert page["meta"]["total"] == 5030
    assert len({row.facts["workEmail"] for row in bamboo.rows.all("employee")}) == 5029
