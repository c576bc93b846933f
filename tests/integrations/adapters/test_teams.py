"""Microsoft Teams: one card to an address that is the secret itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pydantic import SecretStr, ValidationError

from app.integrations.adapters.teams.adapter import TeamsConfig, open_messenger
from app.integrations.adapters.teams.manifest import MANIFEST, TeamsSecrets
from app.integrations.failures import AuthFailed, RateLimited, Rejected, ServerFailed
from app.integrations.ports import Message, Messenger
from app.integrations.protection.retry import Safety
from app.integrations.transports.http.calls import Json
from sandbox.vendors.core import Vendor
from sandbox.vendors.core.serving import serving
from tests.integrations.adapters.ports import Line, sample

HELD = Message("A file waits", "Somebody has to look at it.", "https://corridor.example/feeds", "Open")


@pytest.fixture(scope="module")
def served() -> Iterator[Vendor]:
    with serving("teams") as vendor:
        yield vendor


@pytest.fixture
def line(served: Vendor) -> Line:
    served.reset()
    return Line(served, MANIFEST, TeamsConfig(), TeamsSecrets(workflow_url=SecretStr(served.hints()["workflow_url"])))


def test_a_card_reaches_the_workflow_by_its_signed_address(line: Line) -> None:
    messenger = open_messenger(TeamsConfig())
    assert isinstance(messenger, Messenger)
    assert line.run(messenger.post(HELD, "k-1")) == ""
    [card] = [row.facts for row in line.vendor.rows.all("card")]
    assert card == sample("teams", "card")["attachments"][0]["content"]
    [asked] = line.vendor.asked()
    assert asked.query["sp"] == "/triggers/manual/run"
    assert "authorization" not in asked.headers


def test_nothing_in_a_text_becomes_markdown_or_html(line: Line) -> None:
    call = next(open_messenger(TeamsConfig()).post(Message("[a](https://evil.example)", "**b**"), "k"))
    assert isinstance(call.body, Json)
    card = call.body.value["attachments"][0]["content"]
    assert {block["type"] for block in card["body"]} == {"RichTextBlock"}
    assert "actions" not in card


def test_a_lost_answer_is_for_a_person() -> None:
    call = next(open_messenger(TeamsConfig()).post(HELD, "k"))
    assert MANIFEST.api is not None
    assert MANIFEST.api.safety(call) is Safety.ASK


def test_what_only_another_address_can_heal(line: Line) -> None:
    post = open_messenger(TeamsConfig()).post
    wrong = str(line.vendor.hints()["workflow_url"]).replace("sandbox-signature", "other")
    other = Line(line.vendor, MANIFEST, TeamsConfig(), TeamsSecrets(workflow_url=SecretStr(wrong)))
    with pytest.raises(AuthFailed, match="address-refused"):
        other.run(post(HELD, "k"))
    line.vendor.is_on = False  # type: ignore[attr-defined]
    with pytest.raises(AuthFailed, match="workflow-off"):
        line.run(post(HELD, "k"))
    for status, code in ((404, "workflow-unknown"), (410, "address-retired"), (403, "address-refused")):
        line.vendor.fault("status", status=status)
        with pytest.raises(AuthFailed, match=code):
            line.run(post(HELD, "k"))
    assert line.vendor.rows.all("card") == []


def test_other_refusals(line: Line) -> None:
    with pytest.raises(Rejected, match="rejected-400"):
        line.ask(line.api.operation("message.post").call(Json({"type": "MessageCard"})))
    line.vendor.fault("status", status=429, retry_after="3")
    with pytest.raises(RateLimited):
        line.run(open_messenger(TeamsConfig()).post(HELD, "k"))


def test_a_broken_server_may_have_done_its_work(line: Line) -> None:
    line.vendor.fault("status", status=500, after=True)
    with pytest.raises(ServerFailed):
        line.run(open_messenger(TeamsConfig()).post(HELD, "k"))
    assert len(line.vendor.rows.all("card")) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        "http://prod.logic.azure.com/workflows/1?sig=x",
        "https://prod.logic.azure.com/workflows/1",
        "https://user@prod.logic.azure.com/workflows/1?sig=x",
        "https://contoso.webhook.office.com/webhookb2/1?sig=x",
        "workflows",
    ],
)
def test_an_address_that_cannot_be_one(wrong: str) -> None:
    with pytest.raises(ValidationError) as refused:
        TeamsSecrets(workflow_url=SecretStr(wrong))
    assert wrong not in str(refused.value.errors(include_input=False))
    with pytest.raises(TypeError):
        open_messenger(TeamsSecrets(workflow_url=SecretStr("https://a.example/w?sig=x")))
