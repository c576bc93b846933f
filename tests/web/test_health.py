"""The three addresses machines ask."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from pydantic import SecretStr

from app.core.config import get_settings
from app.web import health


def test_the_process_lives(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")


def test_ready_when_every_part_answers(client: FlaskClient) -> None:
    assert client.get("/readyz").text == "ready\n"


def test_not_ready_names_the_part_and_nothing_else(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise OSError("secret path /etc/keys")

    monkeypatch.setitem(health.PARTS, "keys", broken)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.text) == (503, "not ready: keys\n")


def test_metrics_count_requests_and_open_intents(client: FlaskClient, admin: Any) -> None:
    admin.execute(
        "INSERT INTO process_heartbeat (name, kind, note) VALUES ('intents', 'counts', '{\"pending\": 3, \"oldest_due_seconds\": 7.5}')"
    )
    client.get("/healthz")
    text = client.get("/metrics").text
    assert 'corridor_intents{state="pending"} 3.0' in text
    assert "corridor_oldest_due_intent_seconds 7.5" in text
    assert re.search(r'corridor_requests_total\{endpoint="health.healthz",status="2xx"\} [1-9]', text)


@pytest.mark.parametrize("environ", [{"REMOTE_ADDR": "203.0.113.9"}, {"HTTP_X_FORWARDED_FOR": "203.0.113.9"}])
def test_metrics_are_not_public(client: FlaskClient, environ: dict[str, str]) -> None:
    assert client.get("/metrics", environ_base=environ).status_code == 404


def test_metrics_with_a_token(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(get_settings(), "metrics_token", SecretStr("scrape-me"))
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer scrape-me"}).status_code == 200


def test_the_front_door_leads_to_sign_in(client: FlaskClient) -> None:
    answer = client.get("/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
