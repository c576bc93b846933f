"""Passkeys: made, used, removed; every forged or replayed answer is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.accounts import services
from app.accounts.models import Passkey, User
from app.accounts.services import passkeys
from app.core.access import RoleType
from app.core.clock import now
from app.core.config import get_settings
from app.core.db import transaction
from app.core.events import system
from tests.accounts.authenticator import Authenticator
from tests.accounts.pages import events, post, shown
from tests.accounts.sign_in import make_user, sign_in


@pytest.fixture
def ana(session: Session, company: UUID) -> User:
    return make_user(session, company, email="ana@acme.example", roles=[RoleType.SYSTEM_ADMIN])


@pytest.fixture
def phone() -> Authenticator:
    return Authenticator(get_settings().base_url)


def add(client: FlaskClient, phone: Authenticator, name: str = "My phone", **changed: Any) -> Any:
    options = post(client, "/account/passkeys/options").json
    answer = phone.register({**options, **changed})
    return post(client, "/account/passkeys", {"name": name, "credential": json.dumps(answer)})


def question(client: FlaskClient) -> dict[str, Any]:
    found: dict[str, Any] = post(client, "/sign-in/passkey/options").json
    return found


def enter(client: FlaskClient, answer: Any, **more: str) -> Any:
    return post(
        client, "/sign-in/passkey", {"credential": answer if isinstance(answer, str) else json.dumps(answer), **more}
    )


@pytest.fixture
def registered(client: FlaskClient, ana: User, phone: Authenticator) -> FlaskClient:
    """A browser that is not signed in, after Ana made a passkey with another one."""
    sign_in(client, ana)
    assert add(client, phone).status_code == 303
    return client.application.test_client()


def test_a_passkey_is_made_and_signs_in_without_any_other_step(
    client: FlaskClient, registered: FlaskClient, phone: Authenticator, company: UUID
) -> None:
    assert "My phone" in shown(client.get("/account"))
    answer = enter(registered, phone.sign_in(question(registered)), next="/users")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/users")
    assert registered.get("/users").status_code == 200
    with transaction(company) as own:
        key = own.scalars(sa.select(Passkey)).one()
        assert key.sign_count == 1
        assert key.last_used_at is not None
    assert [event.risk for event in events(company, "accounts.passkey.added")] == ["high"]


def test_the_question_asks_for_a_verified_user_and_a_key_that_is_found_by_itself(
    client: FlaskClient, ana: User
) -> None:
    sign_in(client, ana)
    options = post(client, "/account/passkeys/options").json
    assert options["authenticatorSelection"] == {
        "requireResidentKey": True, "residentKey": "required", "userVerification": "required",
    }  # fmt: skip
    assert options["rp"] == {"id": "localhost", "name": "Acme"}
    assert question(client)["userVerification"] == "required"


def wrong_origin(phone: Authenticator) -> None:
    phone.origin = "https://corridor.evil.example"


def wrong_rp(phone: Authenticator) -> None:
    phone.rp_id = "evil.example"


def wrong_type(phone: Authenticator) -> None:
    phone.kinds = {"create": "webauthn.get", "get": "webauthn.create"}


def no_verification(phone: Authenticator) -> None:
    phone.verifies = False


WRONGS = [wrong_origin, wrong_rp, wrong_type, no_verification]


@pytest.mark.parametrize("spoil", WRONGS)
def test_a_wrong_registration_is_refused(
    client: FlaskClient, ana: User, phone: Authenticator, company: UUID, spoil: Callable[[Authenticator], None]
) -> None:
    sign_in(client, ana)
    spoil(phone)
    assert add(client, phone).status_code == 422
    with transaction(company) as own:
        assert own.scalars(sa.select(Passkey)).all() == []


def count_back(phone: Authenticator) -> None:
    phone.sign_count = 3


def other_key(phone: Authenticator) -> None:
    phone.key = Authenticator("x").key


def other_user(phone: Authenticator) -> None:
    phone.user_handle = b"somebody else"


def unknown_key(phone: Authenticator) -> None:
    phone.credential_id = b"never seen here before"


@pytest.mark.parametrize("spoil", [*WRONGS, count_back, other_key, other_user, unknown_key])
def test_a_wrong_answer_is_refused(
    registered: FlaskClient, phone: Authenticator, company: UUID, spoil: Callable[[Authenticator], None]
) -> None:
    phone.sign_count = 6
    assert enter(registered, phone.sign_in(question(registered))).status_code == 303
    registered.delete_cookie("corridor")
    spoil(phone)
    answer = enter(registered, phone.sign_in(question(registered)))
    assert answer.status_code == 422
    assert "That passkey did not work" in shown(answer)
    assert len(events(company, "accounts.passkey.refused")) == 1


def test_an_answer_works_once(registered: FlaskClient, phone: Authenticator) -> None:
    answer = phone.sign_in(question(registered))
    assert enter(registered, answer).status_code == 303
    assert enter(registered.application.test_client(), answer).status_code == 422


def test_a_question_we_did_not_ask_or_asked_long_ago_is_no_question(
    registered: FlaskClient, phone: Authenticator
) -> None:
    assert enter(registered, phone.sign_in({"challenge": "bWFkZSB1cCBieSBzb21lYm9keQ"})).status_code == 422
    asked = question(registered)
    with time_machine.travel(now() + timedelta(minutes=6)):
        assert enter(registered, phone.sign_in(asked)).status_code == 422


def test_a_question_for_signing_in_does_not_register(client: FlaskClient, ana: User, phone: Authenticator) -> None:
    sign_in(client, ana)
    challenge = question(client)["challenge"]
    assert add(client, phone, challenge=challenge).status_code == 422


@pytest.mark.parametrize("answer", ["", "nonsense", "[]", "{}", '{"response": {}}'])
def test_nonsense_is_refused(registered: FlaskClient, answer: str) -> None:
    assert enter(registered, answer).status_code == 422


def test_nonsense_does_not_register(client: FlaskClient, ana: User) -> None:
    sign_in(client, ana)
    for credential in ("", "nonsense", "{}"):
        assert post(client, "/account/passkeys", {"name": "x", "credential": credential}).status_code == 422
    assert post(client, "/account/passkeys", {"name": ""}).status_code == 422


def test_one_key_is_kept_once(client: FlaskClient, ana: User, phone: Authenticator) -> None:
    sign_in(client, ana)
    add(client, phone)
    options = post(client, "/account/passkeys/options").json
    assert len(options["excludeCredentials"]) == 1
    assert "already known" in shown(add(client, phone))


def test_a_suspended_user_s_passkey_opens_nothing(registered: FlaskClient, phone: Authenticator, ana: User) -> None:
    with transaction(ana.company_id) as own:
        services.suspend(own, system("test"), ana.id, "left")
    assert enter(registered, phone.sign_in(question(registered))).status_code == 422


def test_a_removed_passkey_opens_nothing_and_a_foreign_one_cannot_be_removed(
    client: FlaskClient, session: Session, registered: FlaskClient, phone: Authenticator, company: UUID
) -> None:
    with transaction(company) as own:
        key_id = own.scalars(sa.select(Passkey.id)).one()
    sign_in(registered, make_user(session, company, email="bo@acme.example"))
    assert post(registered, f"/account/passkeys/{key_id}/remove").status_code == 404
    registered.delete_cookie("corridor")
    assert post(client, f"/account/passkeys/{key_id}/remove").status_code == 303
    assert enter(registered, phone.sign_in(question(registered))).status_code == 422


def test_a_passkey_can_be_the_second_step(client: FlaskClient, registered: FlaskClient, phone: Authenticator) -> None:
    from tests.accounts.sign_in import PASSWORD

    post(registered, "/sign-in", {"email": "ana@acme.example", "password": PASSWORD})
    page = registered.get("/sign-in/second-factor")
    assert "Use a passkey" in page.text
    assert "<svg" not in page.text.partition("<main")[2], (
        "who has a passkey cannot set an app up with the password alone"
    )
    assert post(registered, "/sign-in/second-factor", {"code": "123456"}).status_code == 422
    assert enter(registered, phone.sign_in(question(registered))).status_code == 303


def test_the_question_needs_a_company(client: FlaskClient, session: Session, ana: User) -> None:
    from uuid_utils.compat import uuid7

    make_user(session, uuid7(), email="bo@other.example")
    assert post(client, "/sign-in/passkey/options").status_code == 404
    assert post(client, "/sign-in/passkey/options", {"company": "acme"}).status_code == 200
    assert enter(client, "{}").status_code == 422


def test_the_script_is_served_for_ever_under_its_digest(client: FlaskClient, ana: User) -> None:
    page = client.get("/sign-in").text
    address = page.partition('/passkeys.js"')[0].rpartition('src="')[2] + "/passkeys.js"
    answer = client.get(address)
    assert answer.mimetype == "text/javascript"
    assert "immutable" in answer.headers["Cache-Control"]
    assert client.get("/assets/0000/passkeys.js").status_code == 404


def test_the_relying_party_is_the_host_of_base_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(get_settings(), "base_url", "https://benefits.acme.example:8443/")
    assert passkeys.relying_party() == ("benefits.acme.example", "https://benefits.acme.example:8443")
