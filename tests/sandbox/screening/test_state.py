"""What outlives a restart and a reset."""

from __future__ import annotations

from pathlib import Path

import httpx2

from sandbox.client import Sandbox
from sandbox.launch import launch
from sandbox.screening.client import ScreeningClient
from tests.sandbox.screening.conftest import Line


def test_a_restart_keeps_everything(tmp_path: Path) -> None:
    body = {"first_name": "Jo", "last_name": "Reyes", "email": "jo@example.com"}
    with launch(tmp_path) as first:
        assert httpx2.get(f"{first.screening['checkr_url']}/packages").status_code == 401
        auth = (first.screening["api_key"], "")
        headers = {"Idempotency-Key": "k-1"}
        made = httpx2.post(f"{first.screening['checkr_url']}/candidates", json=body, auth=auth, headers=headers).json()
        first.client.screening.set(duplicate_events=4)
        extra = first.client.screening.add_account("extra")["_sandbox"]["api_key"]
    with launch(tmp_path) as second:
        url = f"{second.screening['checkr_url']}/candidates"
        assert second.client.screening.state()["switches"]["duplicate_events"] == 4
        assert httpx2.get(f"{url}/{made['id']}", auth=auth).json()["email"] == "jo@example.com"
        again = httpx2.post(url, json=body, auth=auth, headers=headers).json()
        assert again["id"] == made["id"], "the key is remembered"
        assert httpx2.get(url, auth=(extra, "")).json()["count"] == 0


def test_reset_keeps_accounts_and_addresses(box: Sandbox, screening: ScreeningClient, line: Line) -> None:
    screening.set_webhooks("http://127.0.0.1:9/hook")
    line.order(line.candidate())
    box.reset()
    assert screening.objects("candidate") == screening.orders() == screening.events() == screening.requests() == []
    assert screening.state()["accounts"][0]["_sandbox"]["webhooks"][0]["url"] == "http://127.0.0.1:9/hook"
    assert len(screening.objects("package")) == 7
