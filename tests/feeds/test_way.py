"""The whole way with a real SFTP carrier: change → file → TA1 and 999 → census → confirmed; and each of its misbehaviors."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID

import pytest

from app.connections import services as connections
from app.connections.models import Connection
from app.core.db import fetch, transaction
from app.core.events import system
from sandbox.launch import Running
from tests.feeds import world as w
from tests.feeds.world import World, ask, carrier_statuses, changes, discrepancies, files, inbox, note_all, run_jobs


@pytest.fixture
def real(world: World, sandbox: Running) -> World:
    """The world's feed leads to the running sandbox."""
    door = sandbox.carriers["evergreen"]
    with transaction() as session:
        row = fetch(session, Connection, world.connection.id)
        server = w.sftp(port=door["sftp_port"], host_key=sandbox.host_key, username=door["user"], connect_seconds=5)
        row.settings = row.settings | {"sftp": server}
        row.credentials = {"password": door["password"]}
    return world


def send(world: World) -> None:
    with transaction() as session:
        note_all(session, world)
    ask("feeds.make_file", world.connection.id)


def answers(world: World, sandbox: Running) -> None:
    sandbox.client.wait_idle(20)
    ask("feeds.poll", world.connection.id)


def test_from_change_to_confirmed(real: World, sandbox: Running) -> None:
    send(real)
    (file,) = files()
    assert file.state == "sent", (file.findings, file.send_problem)
    assert set(changes()) == {"sent"}
    assert set(carrier_statuses()) == {"sent"}
    answers(real, sandbox)
    (file,) = files()
    assert (file.state, file.ta1) == ("accepted", "A")
    assert set(changes()) == {"syntax_accepted"}
    assert set(carrier_statuses()) == {"syntax_accepted"}, "accepted by syntax is not covered"
    carrier = sandbox.client.carrier("evergreen")
    assert len(carrier.effects()) == 5
    assert carrier.refusals() == []
    carrier.send_census()
    answers(real, sandbox)
    assert discrepancies() == []
    assert set(changes()) == {"confirmed"}
    assert set(carrier_statuses()) == {"confirmed"}
    assert {item.state for item in inbox()} == {"applied"}
