"""Mail about accounts: which notice, to whom, with which link; once per intent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
import time_machine
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.accounts import jobs, services
from app.accounts.models import OneTimeToken, PasskeyChallenge, Throttle, User, UserSession
from app.accounts.rules import Method, Purpose
from app.accounts.services.links import make_token, split_token
from app.accounts.services.own import ask_again, ask_for_link, set_password
from app.accounts.services.throttle import count_try
from app.core.clock import now
from app.core.db import transaction
from app.core.events import Actor, record, system
from app.core.jobs import REGISTRY, JobIntent, Run, claim, enqueue
from tests.accounts.pages import intents
from tests.accounts.sign_in import make_user

pytestmark = pytest.mark.usefixtures("mid_window")


@pytest.fixture
def ana(session: Session, company: UUID) -> User:
    return make_user(session, company, email="ana@acme.example", display_name="Ana")


def run_all(company: UUID, kind: str) -> list[Run]:
    """Run every waiting intent of a kind, as the worker does."""
    runs = []
    for intent in intents(company, kind):
        with transaction(company) as own:
            run = claim(own, company, intent.id)
        if run is not None:
            runs.append(run)
            REGISTRY[kind].function(run)
    return runs


def notices(company: UUID) -> list[Any]:
    with transaction(company) as own:
        return list(own.execute(sa.text("SELECT kind, link_purpose, link_path, channel FROM notice ORDER BY id")).all())


def test_an_invitation_becomes_one_mail_with_a_link(company: UUID) -> None:
    with transaction(company) as own:
        services.invite(own, system("test"), email="bo@acme.example", display_name="Bo", next_path="/my-benefits")
    (run,) = run_all(company, "accounts.send_invitation")
    assert notices(company) == [("accounts.invite", "invite", "/my-benefits", "email")]
    with transaction(company) as own:
        jobs.send_link(own, run, run.subject_id, Purpose.INVITE, "/my-benefits")
    assert len(notices(company)) == 1, "the same intent makes no second mail"
    assert {intent.state for intent in intents(company, "accounts.send_invitation")} == {"done"}


def test_a_reset_and_a_new_link_become_mails(ana: User, company: UUID) -> None:
    visitor = Actor(company_id=company, kind="user")
    ask_for_link(visitor, "Ana@acme.example ")
    run_all(company, "accounts.send_reset")
    with transaction(company) as own:
        token = split_token(make_token(own, ana.id, Purpose.INVITE, "/my-benefits"))
    assert token is not None
    ask_again(visitor, token[1])
    run_all(company, "accounts.send_again")
    assert notices(company) == [
        ("accounts.reset", "reset", "/", "email"), ("accounts.invite", "invite", "/my-benefits", "email"),
    ]  # fmt: skip


def test_the_owner_is_told_of_a_pause(ana: User, company: UUID) -> None:
    from app.accounts.services.attempts import try_password

    for _ in range(12):
        try_password(Actor(company_id=company, kind="user"), ana.email, "wrong")
    run_all(company, "accounts.warn_paused")
    assert [row.kind for row in notices(company)] == ["accounts.locked", "accounts.locked"]


def test_the_owner_is_told_of_a_change_if_there_is_a_text(
    ana: User, company: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction(company) as own:
        set_password(own, system("test"), ana.id, "copper-lantern-sailing-0414")
        record(own, system("test"), "accounts.passkey.added", ("passkey", uuid7()))
    told: list[Any] = []
    monkeypatch.setattr(jobs, "_issue", lambda: lambda *args, **more: told.append((args[2], more["user_id"])))
    run_all(company, "accounts.warn_changed")
    assert told == [("accounts.changed", ana.id)]


def test_what_can_do_nothing_any_more_is_cleared(ana: User, company: UUID) -> None:
    with time_machine.travel(now() - timedelta(days=60)), transaction(company) as own:
        count_try(own, "ip", "192.0.2.1")
        make_token(own, ana.id, Purpose.RESET)
        services.open_session(own, system("test"), ana.id, method=Method.PASSWORD)
        own.add(PasskeyChallenge(challenge=b"x", purpose="sign_in", expires_at=now()))
    with transaction(company) as own:
        count_try(own, "ip", "192.0.2.1")
        enqueue(own, "accounts.clear", company, key="1")
    run_all(company, "accounts.clear")
    with transaction(company) as own:
        left = [
            own.scalar(sa.select(sa.func.count()).select_from(model))
            for model in (Throttle, OneTimeToken, UserSession, PasskeyChallenge)
        ]
    assert left == [1, 0, 0, 0]
    assert isinstance(intents(company, "accounts.clear")[0], JobIntent)
