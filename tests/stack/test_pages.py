"""The app, the live address and Chromium, as fixtures give them."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from redis import Redis

from tests.fixtures.slot import Slot


def test_the_app_answers_in_process(client: FlaskClient) -> None:
    assert client.get("/readyz").text == "ready\n"


@pytest.mark.browser
def test_a_phone_reaches_the_same_app_by_its_own_address(either: Any, slot: Slot) -> None:
    answer = either.goto("/healthz")
    assert answer.status == 200
    assert either.url == f"http://localhost:{slot.port}/healthz"
    assert either.viewport_size == {"width": 390, "height": 844}


def test_the_web_process_never_needs_the_queue(client: FlaskClient, valkey: Redis) -> None:
    client.get("/readyz")
    assert valkey.dbsize() == 0
