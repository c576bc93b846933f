"""The referee names the side that broke the vendor's own description."""

from __future__ import annotations

import httpx2
import pytest
from flask import Flask, jsonify

from sandbox.vendors.bamboohr import PATCHES, BambooHR
from sandbox.vendors.core import DROP, Patch
from sandbox.vendors.core.serving import listening, serving, slugs, usual_port, vendor_class
from sandbox.vendors.core.verdicts import Broken, Description, Referee

HERE = Description("bamboohr/public.yaml", patches=PATCHES)
pytestmark = pytest.mark.skipif(not HERE.is_here, reason="../shared/specs is not here")
FIELDS = "/api/v1/meta/fields"


@pytest.fixture
def judged(bamboo: BambooHR) -> BambooHR:
    assert bamboo.referee.judges
    return bamboo


def sides(bamboo: BambooHR) -> list[str]:
    found = [one.side for one in bamboo.referee.violations]
    bamboo.referee.violations.clear()
    return found


def test_a_good_exchange_is_no_violation(judged: BambooHR, http: httpx2.Client) -> None:
    http.get(FIELDS)
    judged.referee.settle()


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v1/employees/changed", FIELDS + "?pageSize=5"])
def test_an_unknown_path_or_parameter_and_a_missing_one_are_ours(
    judged: BambooHR, http: httpx2.Client, path: str
) -> None:
    http.get(path)
    with pytest.raises(Broken, match=r"^ours: GET /api/v1/"):
        judged.referee.settle()
    judged.referee.settle()  # each is told once


def test_a_wrong_body_is_ours_and_no_value_is_told(judged: BambooHR, http: httpx2.Client) -> None:
    http.post("/api/v1/webhooks", json={"name": 7, "url": "https://secret.example", "format": "yaml"})
    told = " ".join(str(one) for one in judged.referee.violations)
    assert "secret" not in told
    assert "$.format: breaks `enum`" in told
    assert sides(judged) == ["ours"]


def test_a_wrong_reply_is_the_sandboxs(judged: BambooHR, http: httpx2.Client) -> None:
    judged.rows.change("employee", "7", {"firstName": ["not", "a", "text"]})
    http.get("/api/v1/employees/7?fields=firstName")
    with pytest.raises(Broken, match=r"^sandbox: GET /api/v1/employees/7 → 200: \$\.firstName: breaks `type`"):
        judged.referee.settle()


def test_an_event_is_held_against_the_description_too(judged: BambooHR) -> None:
    hook = judged.webhooks.subscribe("http://127.0.0.1:1/x")
    for data in ({"companyId": "1", "employeeId": "7"}, {"companyId": 1}):
        judged.webhooks.emit("employee.deleted", {"type": "employee.deleted", "data": data}, [hook])
    judged.webhooks.emit("employee_with_fields.deleted", {"not": "described"}, [hook])
    judged.deliver()
    with pytest.raises(Broken, match=r"^sandbox: event employee.deleted: \$.data.companyId: breaks `type` 'string'$"):
        judged.referee.settle()


def test_what_a_fault_spoils_is_not_judged(judged: BambooHR, http: httpx2.Client) -> None:
    judged.fault("garbage")
    judged.fault("drift", field="name")
    judged.fault(status=418)
    for _ in range(3):
        http.get(FIELDS)
    judged.referee.settle()


def test_where_the_description_is_absent_nothing_is_judged() -> None:
    class Elsewhere(BambooHR):
        description = Description("bamboohr/absent.yaml")

    vendor = Elsewhere(judged=True)
    with listening(vendor):
        httpx2.get(vendor.url + "/api/v1/nothing", auth=("bamboohr-sandbox-key", "x"))
    assert not vendor.referee.judges
    vendor.referee.settle()


def test_the_end_of_serving_raises_what_was_broken() -> None:
    with pytest.raises(Broken, match="ours"), serving("bamboohr", referee=True) as vendor:
        httpx2.get(vendor.url + "/api/v1/nothing", auth=("bamboohr-sandbox-key", "x"))


def test_a_patch_that_no_longer_fits_is_told() -> None:
    app = Flask("x")
    app.add_url_rule("/api/v1/meta/fields", view_func=lambda: jsonify([]))
    gone = Description("bamboohr/public.yaml", patches=(Patch(("paths", "/gone", "get"), DROP, "it was there"),))
    client = Referee(app, gone)
    with pytest.raises(KeyError, match="/gone"):
        httpx2.Client(transport=httpx2.WSGITransport(client), base_url="http://x").get("/api/v1/meta/fields")


def test_a_port_is_kept_unless_it_is_taken() -> None:
    first, second = vendor_class("bamboohr")(), vendor_class("bamboohr")()
    assert usual_port("bamboohr", 8100) == usual_port("bamboohr", 8100) != usual_port("xero", 8100)
    with listening(first):
        port = int(first.url.rpartition(":")[2])
        with listening(second, port=port):
            assert second.url != first.url
            assert httpx2.get(second.url + FIELDS, auth=("bamboohr-sandbox-key", "x")).status_code == 200
    with listening(second, port=port):
        assert second.url == first.url


def test_every_vendor_is_found_by_its_folder_and_starts() -> None:
    assert "bamboohr" in slugs()
    for slug in slugs():
        vendor = vendor_class(slug)()
        assert (vendor.slug, bool(vendor.name)) == (slug, True)
    with pytest.raises(LookupError, match="no stand-in for nobody"):
        vendor_class("nobody")
