"""The stand-ins inside the running sandbox: each on its port, driven by the JSON API and by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx2
import pytest

from sandbox.client import Sandbox, SandboxError
from sandbox.launch import Running
from sandbox.vendors.core.serving import slugs
from tests.sandbox.vendors.conftest import Receiver

ONE = "/api/v1/employees/7?fields=firstName,jobTitle"


@pytest.fixture
def line(running: Running, box: Sandbox) -> Iterator[httpx2.Client]:
    facts = running.vendors["bamboohr"]
    with httpx2.Client(base_url=facts["url"], auth=(facts["api_key"], "x"), timeout=5) as client:
        yield client


def test_it_listens_and_is_driven_from_another_process(box: Sandbox, line: httpx2.Client, receiver: Receiver) -> None:
    bamboo = box.vendor("bamboohr")
    sent = {"name": "n", "url": receiver.url, "format": "json", "events": ["employee.deleted"]}
    assert line.post("/api/v1/webhooks", json=sent).status_code == 201
    bamboo.do("change", id="7", field="jobTitle", value="Lead")
    assert line.get(ONE).json()["jobTitle"] == "Lead"
    bamboo.do("delete", id="7")
    assert len(receiver.came) == 1
    assert bamboo.deliver(duplicates=1)["deliveries"][0]["state"] == "delivered"
    assert line.get(ONE).status_code == 404
    assert [one["status"] for one in bamboo.asked("/api/v1/employees/*")] == [200, 404]
    bamboo.fault(status=429, retry_after="3")
    assert line.get(ONE).headers["Retry-After"] == "3"
    bamboo.reset()
    assert line.get(ONE).status_code == 200
    assert bamboo.state()["webhooks"]["deliveries"] == []


def test_rows_may_be_changed_as_they_are(box: Sandbox, line: httpx2.Client) -> None:
    bamboo = box.vendor("bamboohr")
    bamboo.change("employee", "7", firstName="Amaranta")
    assert line.get(ONE).json()["firstName"] == "Amaranta"
    assert len(bamboo.rows("employee")) == 30
    id = bamboo.add("time_off", employee="7", start="2026-01-01", end="2026-01-02", type="Sick", status="approved")
    bamboo.delete("time_off", id)
    with pytest.raises(SandboxError, match="404"):
        bamboo.delete("time_off", id)


def test_tokens_end_from_outside(box: Sandbox, running: Running) -> None:
    facts, bamboo = running.vendors["bamboohr"], box.vendor("bamboohr")
    form = {"grant_type": "client_credentials", "scope": "employee"}
    proof = (facts["client_id"], facts["client_secret"])
    bamboo.tokens(token_seconds=50)
    token = httpx2.post(facts["url"] + "/token.php?request=token", data=form, auth=proof).json()
    assert token["expires_in"] == 50
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    assert httpx2.get(facts["url"] + ONE, headers=headers).status_code == 200
    assert bamboo.tokens(revoke=True)["tokens"]["tokens"] == 1
    assert httpx2.get(facts["url"] + ONE, headers=headers).status_code == 401


def test_a_wrong_wish_is_told(box: Sandbox) -> None:
    for wish in (lambda: box.vendor("bamboohr").do("promote"), lambda: box.vendor("bamboohr").do("delete", id="999"),
                 lambda: box.vendor("bamboohr").do("hire"), lambda: box.vendor("bamboohr").fault("explode")):  # fmt: skip
        with pytest.raises(SandboxError, match="422"):
            wish()
    with pytest.raises(SandboxError, match="404"):
        box.vendor("nobody").state()


def test_every_vendor_has_its_address_and_its_page(running: Running, box: Sandbox) -> None:
    assert len({facts["url"] for facts in running.vendors.values()}) == len(running.vendors) == len(slugs())
    with httpx2.Client(base_url=running.client.url, timeout=5) as person:
        for slug, facts in running.vendors.items():
            page = person.get(f"/drive/{slug}")
            assert (page.status_code, facts["url"] in page.text) == (200, True), slug


def test_the_page_drives_it_by_hand(box: Sandbox, running: Running, line: httpx2.Client) -> None:
    with httpx2.Client(base_url=running.client.url, follow_redirects=True, timeout=5) as person:
        assert '<a href="/drive/bamboohr">BambooHR</a>' in person.get("/").text
        page = person.post("/drive/bamboohr/do/change", data={"id": "7", "field": "firstName", "value": "Amaranta"})
        assert "Amaranta" in page.text
        labels, fields = (
            set(re.findall(r'for="([^"]+)"', page.text)),
            re.findall(r'<(?:input|select)[^>]* id="([^"]+)"', page.text),
        )
        assert set(fields) <= labels
        assert len(fields) == len(set(fields))
        page = person.post("/drive/bamboohr/faults", data={"do": "status", "status": "503", "path": "*", "times": "1"})
        assert "status 503" in page.text
        assert line.get(ONE).status_code == 503
        assert person.post("/drive/bamboohr/do/delete", data={"id": "999"}).status_code == 422
        assert person.post("/drive/bamboohr/faults/clear").status_code == 200
        assert person.post("/drive/bamboohr/webhooks", data={"duplicates": "1"}).status_code == 200
        person.post("/drive/bamboohr/advance", data={"days": "365"})
        ahead = parsedate_to_datetime(line.get(ONE).headers["Date"]) - datetime.now(UTC)
        assert timedelta(days=364.9) < ahead < timedelta(days=365.1)
        assert person.post("/drive/bamboohr/revoke").status_code == 200
        assert "Ines" in person.post("/drive/bamboohr/reset").text
