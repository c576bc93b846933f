"""The pages by hand, without JavaScript: every form is found on its page and sent as a browser would."""

from __future__ import annotations

import html
import re

import httpx2
import pytest

from app.integrations.screening import Result, Status
from sandbox.client import Sandbox
from sandbox.screening.client import ScreeningClient
from tests.sandbox.screening.conftest import Line, Receiver


class Browser:
    """Opens pages and presses buttons."""

    def __init__(self, url: str) -> None:
        self.client = httpx2.Client(base_url=url, follow_redirects=True)

    def open(self, path: str) -> str:
        page = self.client.get(path)
        assert page.status_code == 200, page.text
        assert "<script" not in page.text
        assert page.text.count("<h1") == page.text.count("<main") == 1
        ids = re.findall(r'id="([^"]+)"', page.text)
        assert len(ids) == len(set(ids))
        fields = re.findall(
            r'<(?:input type="(?:text|number|checkbox|date)"|select) (?:[^>]*? )?id="([\w-]+)"', page.text
        )
        assert all(f'<label for="{name}"' in page.text for name in fields)
        return page.text

    def press(self, page: str, button: str, **values: str) -> httpx2.Response:
        """The form with this button, filled as it is on the page and then with `values`."""
        for action, content in re.findall(r'<form method="post" action="([^"]+)"[^>]*>(.*?)</form>', page, re.S):
            if f">{button}</button>" in content:
                given = dict(
                    re.findall(r'<input type="(?:hidden|text|number)"[^>]*? name="([\w-]+)" value="([^"]*)"', content)
                )
                chosen = {
                    name: (re.findall(r'value="([^"]*)" selected', options) or re.findall(r'value="([^"]*)"', options))[
                        0
                    ]
                    for name, options in re.findall(r'<select[^>]*? name="([\w-]+)">(.*?)</select>', content, re.S)
                }
                fields = {name: html.unescape(value) for name, value in (given | chosen | values).items()}
                return self.client.post(html.unescape(action), data=fields)
        raise AssertionError(f"no button {button}")


@pytest.fixture
def browser(box: Sandbox) -> Browser:
    return Browser(box.url)


def test_the_whole_way_by_hand(
    browser: Browser, box: Sandbox, screening: ScreeningClient, line: Line, receiver: Receiver
) -> None:
    candidate = line.candidate()
    invitation = line.invite(candidate)
    overview = browser.open("/screening")
    assert "Jo Reyes" in overview
    assert invitation.url in overview
    page = browser.open(invitation.url)
    assert "Enter your date" in browser.press(page, "Finish", dob="", signature="Jo").text
    assert "Type your full name" in browser.press(page, "Finish", dob="1990-01-01", signature=" ").text
    assert "Everything has arrived" in browser.press(page, "Finish", dob="1990-01-01", signature="Jo Reyes").text
    report = screening.objects("report")[0]["id"]
    path = f"/screening/items/report/{report}"
    for button, status in [
        ("Suspend", Status.CANDIDATE_ACTION),
        ("Resume", Status.IN_PROGRESS),
        ("Pause", Status.CLIENT_ACTION),
    ]:
        assert browser.press(browser.open(path), button).status_code == 200
        assert line.report(report).status is status
    set_search = browser.press(
        browser.open(path), "Set search", search="county_criminal_search", status="suspended", result=""
    )
    assert set_search.status_code == 200
    assert "suspended" in {check.code for check in line.report(report).checks}
    done = browser.press(browser.open(path), "Complete", result="consider", records="felony,misdemeanor")
    assert done.status_code == 200
    assert line.report(report).result is Result.CONSIDER
    assert "county criminal search" in browser.open(path)
    action = line.start_adverse(report)
    notice = f"/screening/items/adverse_action/{action}"
    assert browser.press(browser.open(notice), "Bounce", reason="Box full").status_code == 200
    assert screening.get("adverse_action", action)["delivery"]["reason"] == "Box full"
    browser.press(browser.open(path), "Dispute")
    assert "Only a complete report" in browser.press(browser.open(path), "Engage").text
    browser.press(browser.open(path), "Complete", result="clear", records="")
    assert line.report(report).result is Result.CLEAR
    browser.press(browser.open(f"/screening/items/candidate/{candidate}"), "Choose", name="paused")
    assert screening.get("candidate", candidate)["_sandbox"]["scenario"] == "paused"
    box.wait_idle()
    before = len(receiver.server.asked)
    browser.press(browser.open("/screening"), "Send again")
    box.wait_idle()
    assert len(receiver.server.asked) == before + 1


def test_switches_webhooks_clock_and_reset(
    browser: Browser, box: Sandbox, screening: ScreeningClient, line: Line
) -> None:
    browser.press(browser.open("/screening"), "Save switches", fault="", duplicate_events="3", no_signature="on")
    switches = screening.state()["switches"]
    assert (switches["duplicate_events"], switches["no_signature"], switches["rate_limit"]) == (3, True, 1200)
    assert (
        "There is no scenario" in browser.press(browser.open("/screening"), "Save switches", default_scenario="x").text
    )
    browser.press(
        browser.open("/screening"), "Save", account="corridor", urls="http://127.0.0.1:9/a http://127.0.0.1:9/b"
    )
    hooks = screening.state()["accounts"][0]["_sandbox"]["webhooks"]
    assert [hook["url"] for hook in hooks] == ["http://127.0.0.1:9/a", "http://127.0.0.1:9/b"]
    assert "At most two" in browser.press(browser.open("/screening"), "Save", urls="ftp://x").text
    report = line.order(line.candidate()).id
    browser.press(browser.open("/screening"), "Move the clock on", days="3")
    assert line.report(report).status is Status.COMPLETE
    browser.press(browser.open("/screening"), "Reset screening")
    assert screening.objects("report") == []
    assert screening.state()["switches"]["duplicate_events"] == 0


def test_pages_of_every_kind_of_thing(browser: Browser, box: Sandbox, screening: ScreeningClient, line: Line) -> None:
    assert "Screening" in browser.open("/")
    invitation = line.invite(line.candidate())
    late = line.invite(line.candidate(reference="req-2"))
    browser.press(browser.open(f"/screening/items/invitation/{late.id}"), "Expire")
    assert "has expired" in browser.open(late.url)
    line.send(line.checkr.cancel_invitation(invitation.id))
    assert "called off" in browser.open(invitation.url)
    browser.open("/screening")
    for path in ("/screening/items/report/none", "/screening/apply/n\u00f6", "/screening/items/nothing/none"):
        assert httpx2.get(f"{box.url}{path}").status_code == 404
    for path in ("/screening/items/report/none/complete", "/screening/items/candidate/none/scenario"):
        assert httpx2.post(f"{box.url}{path}").status_code == 404


def test_a_candidate_for_whom_there_is_no_report_left_is_told(
    box: Sandbox, screening: ScreeningClient, line: Line
) -> None:
    candidate = line.candidate()
    invitation = line.invite(candidate)
    for package in ("basic_plus", "professional", "driver_pro"):
        line.order(candidate, package)
    answer = httpx2.post(invitation.url, data={"dob": "1990-01-01", "signature": "Jo"})
    assert answer.status_code == 422
    assert "three reports" in answer.text
