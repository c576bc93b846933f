"""What an event is about: found here, asked for, or after a while nobody's."""

from __future__ import annotations

import json
from contextvars import copy_context
from typing import Any

import sqlalchemy as sa
from flask import Flask

from app.connections.models import Connection, InboxItem
from app.core.db import transaction
from app.integrations.adapters.checkr.manifest import WEBHOOKS
from app.integrations.webhooks.kinds import Hmac
from app.integrations.webhooks.verifiers import signed
from app.screening.models import ScreeningPackage
from sandbox.launch import Running
from tests.feeds.world import hurry, intents, run_jobs
from tests.screening.made import Employer

JOBS = ("screening.read_event", "screening.look")


def _deliver(app: Flask, key: str, **told: Any) -> int:
    with transaction() as session:
        path = session.scalars(sa.select(Connection.webhook_key)).one()
    body = json.dumps({"id": "ev_1", **told}, separators=(",", ":")).encode()
    assert isinstance(WEBHOOKS.verifier, Hmac)
    headers = {WEBHOOKS.verifier.header: signed(WEBHOOKS.verifier, key, body)}
    # A request leaves no tenant behind; ours must survive it.
    return copy_context().run(app.test_client().post, f"/webhooks/{path}", data=body, headers=headers).status_code


def _item() -> tuple[str, bool]:
    with transaction() as session:
        item = session.scalars(sa.select(InboxItem)).one()
        return item.state, bool(item.problem)


def test_an_event_about_what_nobody_here_ordered_is_given_up_after_a_while(
    app: Flask, hired: Employer, sandbox: Running, admin: Any
) -> None:
    """A check that was ordered in the provider's own portal: its order might just be being written down, so it is tried again first."""
    key = sandbox.screening["api_key"]
    assert _deliver(app, key, type="report.completed", data={"object": {"id": "0123456789abcdef01234567"}}) == 200
    for _ in range(20):
        run_jobs(kinds=JOBS)
        assert intents("screening.read_event") == [("pending", "subject-unknown")]
        hurry(admin)
    admin.execute("UPDATE inbox_item SET received_at = received_at - interval '16 minutes'")
    run_jobs(kinds=JOBS)
    assert intents("screening.read_event") == [("done", "")]
    assert _item() == ("unmapped", True)


def test_news_of_what_the_provider_sells_is_read_anew(app: Flask, hired: Employer, sandbox: Running) -> None:
    key = sandbox.screening["api_key"]
    sandbox.client.screening.add_package("night_shift", "county_criminal_search", name="Night shift", price=1500)
    assert _deliver(app, key, type="package.created", data={"object": {"id": "night_shift"}}) == 200
    run_jobs(kinds=(*JOBS, "screening.read_packages"))
    assert _item() == ("applied", False)
    with transaction() as session:
        slugs = session.scalars(sa.select(ScreeningPackage.slug).where(ScreeningPackage.gone_at.is_(None))).all()
    assert "night_shift" in slugs
