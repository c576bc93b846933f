"""A POST that is sent twice acts once."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
import time_machine
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.accounts.models import Role, User
from app.core.clock import now
from app.core.db import transaction
from app.core.models import ApiAnswer
from app.domains import load_jobs
from tests.accounts.programs import Caller, make_token
from tests.fixtures.slot import Slot
from tests.web.api import toys

KEY = {"Idempotency-Key": "3f0c1f0e-7a55-4b7e-9a51-9f6f7d6a2b11"}
BEAR = {"name": "toy bear"}


def bears(company: UUID, name: str = "toy bear") -> int:
    with transaction(company) as own:
        return int(own.scalar(sa.select(sa.func.count()).select_from(Role).where(Role.name == name)) or 0)


def test_the_same_again_gets_the_same_answer(call: Caller, company: UUID) -> None:
    first, second = (call("POST", "/api/toys", BEAR, headers=KEY) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.get_data() == second.get_data()
    assert second.mimetype == "application/json"
    assert ("Idempotent-Replayed" in first.headers, second.headers["Idempotent-Replayed"]) == (False, "true")
    assert bears(company) == 1


def test_without_a_key_each_one_acts(call: Caller, company: UUID) -> None:
    call("POST", "/api/toys", {"name": "toy one"})
    call("POST", "/api/toys", {"name": "toy two"})
    assert (bears(company, "toy one"), bears(company, "toy two")) == (1, 1)
    with transaction(company) as own:
        assert own.scalars(sa.select(ApiAnswer)).all() == []


def test_another_body_under_the_same_key_is_refused(call: Caller, company: UUID) -> None:
    call("POST", "/api/toys", BEAR, headers=KEY)
    for path, body in (("/api/toys", {"name": "toy cat"}), ("/api/toys?x=1", BEAR)):
        answer = call("POST", path, body, headers=KEY)
        assert (answer.status_code, answer.json["error"]["code"]) == (409, "key-reused")
    assert (bears(company), bears(company, "toy cat")) == (1, 0)


def test_a_key_belongs_to_one_token(call: Caller, admin: User, company: UUID) -> None:
    call("POST", "/api/toys", BEAR, headers=KEY)
    other = call.with_token(make_token(admin)[1])
    assert other("POST", "/api/toys", {"name": "toy cat"}, headers=KEY).status_code == 201


@pytest.mark.parametrize("key", ["", "short", "x" * 201, "has a space in it", "ünïcödeünïcöde"])
def test_a_key_that_cannot_be_used(call: Caller, key: str, company: UUID) -> None:
    answer = call("POST", "/api/toys", BEAR, headers={"Idempotency-Key": key})
    assert (answer.status_code, set(answer.json["error"]["fields"])) == (422, {"Idempotency-Key"})
    assert bears(company) == 0


def test_a_refusal_is_decided_anew(call: Caller, company: UUID) -> None:
    for _ in range(2):
        assert call("POST", "/api/toys", {"name": "moved"}, headers=KEY).json["error"]["code"] == "conflict"
        assert call("POST", "/api/toys", {"name": "crash"}, headers=KEY).status_code == 500
    assert call("POST", "/api/toys", BEAR, headers=KEY).status_code == 201
    assert bears(company) == 1


def test_after_a_day_the_key_is_free_and_the_answer_destroyed(call: Caller, company: UUID) -> None:
    first = call("POST", "/api/toys", BEAR, headers=KEY).json
    with time_machine.travel(now() + timedelta(hours=23, minutes=59)):
        assert call("POST", "/api/toys", BEAR, headers=KEY).json == first
    with time_machine.travel(now() + timedelta(hours=24, minutes=1)):
        assert call("POST", "/api/toys", {"name": "toy cat"}, headers=KEY).status_code == 201
        with transaction(company) as own:
            assert len(own.scalars(sa.select(ApiAnswer)).all()) == 1
    with time_machine.travel(now() + timedelta(hours=49)):
        _clear(company)
        with transaction(company) as own:
            assert own.scalars(sa.select(ApiAnswer)).all() == []


def _clear(company: UUID) -> None:
    from app.accounts.services.tokens import clear_answers

    with transaction(company) as own:
        clear_answers(own)
    assert "accounts.clear" in load_jobs()


def test_while_the_first_is_running_the_second_is_told_to_wait(call: Caller, company: UUID) -> None:
    toys.entered.clear()
    toys.go_on.clear()
    answers: list[TestResponse] = []
    slow = {"name": "toy slow"}
    running = threading.Thread(target=lambda: answers.append(call("POST", "/api/toys", slow, headers=KEY)))
    running.start()
    try:
        assert toys.entered.wait(20)
        second = call("POST", "/api/toys", slow, headers=KEY)
    finally:
        toys.go_on.set()
        running.join()
    assert (second.status_code, second.json["error"]["code"], second.headers["Retry-After"]) == (
        409,
        "in-progress",
        "1",
    )
    third = call("POST", "/api/toys", slow, headers=KEY)
    assert answers[0].status_code == third.status_code == 201
    assert answers[0].json == third.json
    assert bears(company, "toy slow") == 1


def test_twenty_at_once_act_once(call: Caller, company: UUID) -> None:
    start, answers = threading.Barrier(10), list[TestResponse]()

    def send() -> None:
        start.wait()
        answers.append(call("POST", "/api/toys", BEAR, headers=KEY))

    threads = [threading.Thread(target=send) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.text for answer in answers if answer.status_code == 201}) == 1
    assert bears(company) == 1


def test_what_is_kept_says_nothing_by_itself(
    call: Caller, session: Session, company: UUID, admin: User, slot: Slot
) -> None:
    call("POST", "/api/toys", {"name": "toy planted-word"}, headers=KEY)
    with slot.admin(slot.database) as owner:
        kept = str(owner.execute("SELECT api_answer::text, encode(body_enc, 'escape') FROM api_answer").fetchall())
    assert "planted-word" not in kept
    assert KEY["Idempotency-Key"] not in kept
