"""The pages by hand: every one opens, every form works without JavaScript."""

from __future__ import annotations

import re

import httpx2
import pytest

from sandbox.client import CarrierClient, Sandbox
from sandbox.launch import Running
from tests.sandbox.conftest import deliver
from tests.sandbox.edi import LEO, MARIA, SAM, interchange


@pytest.mark.parametrize("path", ["/", "/carriers/evergreen", "/carriers/brightline", "/mail", "/idp"])
def test_pages_open_and_say_what_they_are(box: Sandbox, path: str) -> None:
    page = httpx2.get(f"{box.url}{path}")
    assert page.status_code == 200
    assert "SANDBOX" in page.text
    assert page.text.count("<h1") == page.text.count("<main") == 1
    assert "<script" not in page.text
    fields = re.findall(r'<(?:input type="(?:text|number|checkbox|email)"|select) (?:[^>]*? )?id="([\w-]+)"', page.text)
    assert all(f'<label for="{name}"' in page.text for name in fields)


def test_the_carrier_page_after_a_file(running: Running, evergreen: CarrierClient) -> None:
    deliver(running, interchange(301, MARIA + LEO, SAM.replace("*021*28", "*099*28")))
    home = f"{evergreen.sandbox.url}/carriers/evergreen"
    page = httpx2.get(home).text
    assert "Coverage lines, 3 of 3" in page
    links = re.findall(r'href="(/carriers/evergreen/(?:files|sent)/\d+)"', page)
    assert len(links) == 3
    received = httpx2.get(f"{evergreen.sandbox.url}{links[0]}").text
    assert "set 0001: accepted" in received
    assert "set 0002: rejected" in received
    assert "\nGS*BE*900000001" in received
    assert all(httpx2.get(f"{evergreen.sandbox.url}{link}").status_code == 200 for link in links)


def test_switches_by_form(evergreen: CarrierClient) -> None:
    url = f"{evergreen.sandbox.url}/carriers/evergreen/switches"
    form = {"silence": "on", "partial": "3", "wrong_member": "tier", "ack_delay_seconds": "1.5"}
    assert httpx2.post(url, data=form).status_code == 303
    switches = evergreen.state()["switches"]
    assert (switches["silence"], switches["partial"], switches["wrong_member"]) == (True, 3, "tier")
    assert httpx2.post(url, data=form | {"wrong_member": "hat"}).status_code == 422
    httpx2.post(url, data={"partial": "0"})
    assert evergreen.state()["switches"]["silence"] is False


def test_buttons(running: Running, evergreen: CarrierClient) -> None:
    deliver(running, interchange(302, SAM))
    url = evergreen.sandbox.url
    assert httpx2.post(f"{url}/carriers/evergreen/census").status_code == 303
    assert evergreen.sent()[0]["kind"] == "census"
    assert httpx2.post(f"{url}/clock", data={"days": "2"}).status_code == 303
    assert evergreen.sandbox.state()["clock_offset_seconds"] == 2 * 86400
    assert httpx2.post(f"{url}/carriers/evergreen/reset").status_code == 303
    assert evergreen.members() == []
    assert httpx2.post(f"{url}/reset").status_code == 303
    assert evergreen.sandbox.state()["clock_offset_seconds"] == 0


def test_other_sites_cannot_press_the_buttons(box: Sandbox) -> None:
    answer = httpx2.post(f"{box.url}/reset", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_unknown_things_are_404(box: Sandbox) -> None:
    for path in ("/carriers/nobody", "/carriers/evergreen/files/99999", "/mail/99999", "/api/carriers/nobody"):
        assert httpx2.get(f"{box.url}{path}").status_code == 404
