"""API tokens and the JWTs made from them: what lets a program in, and everything that does not."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.accounts.models import ApiToken, Role, RoleAssignment, TenantDoor, Throttle, User
from app.accounts.rules import LIMITS, NEVER_BY_TOKEN, Granted, within
from app.accounts.services import bearer
from app.accounts.services.tokens import issue, list_tokens, offered, revoke
from app.accounts.services.users import suspend
from app.core.access import EVERYBODY, Can, RoleType, Scope
from app.core.clock import now
from app.core.config import get_settings
from app.core.db import tenant, transaction
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.core.events import system
from app.core.keys import keyring
from tests.accounts.pages import counted, events
from tests.accounts.programs import Caller, actor_of, make_token
from tests.accounts.sign_in import make_user
from tests.fixtures.slot import Slot

pytestmark = pytest.mark.usefixtures("mid_window")
MONTH = timedelta(days=30)


@pytest.fixture
def root(session: Session, company: UUID) -> User:
    return make_user(session, company, email="root@acme.example", roles=[RoleType.SYSTEM_ADMIN])


@pytest.fixture
def bo(session: Session, company: UUID, root: User) -> User:
    """May make tokens, but does not manage users."""
    return make_user(session, company, email="bo@acme.example", roles=[RoleType.BENEFITS_ADMIN])


def me(app: Flask, token: str) -> Any:
    """What the API says about a token; None when it is refused."""
    answer = Caller(app, token)("GET", "/api/me")
    assert answer.status_code in (200, 401)
    return answer.json if answer.status_code == 200 else None


def exchanged(app: Flask, token: str) -> str:
    answer = Caller(app, token)("POST", "/api/tokens")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json["token_type"] == "Bearer"
    return str(answer.json["access_token"])


# --- issue, list, revoke ----------------------------------------------------------------------------------------


def test_a_token_is_kept_as_a_hash_only_and_what_was_made_is_on_record(root: User, company: UUID, slot: Slot) -> None:
    token_id, secret = make_token(root, Can.CONNECTION_VIEW, name="Nightly loader")
    assert bearer.read(secret) == (company, bearer.hash_token(secret), None)
    with slot.admin(slot.database) as owner:
        for table in ("api_token", "audit_event", "job_intent"):
            kept = str(owner.execute(f"SELECT {table}::text FROM {table}").fetchall())
            assert secret not in kept
            assert secret[40:] not in kept
    found = events(company, "accounts.api_token.issued")[0]
    assert (found.entity_id, found.actor_user_id, found.risk) == (token_id, root.id, "high")
    assert found.new_values["scopes"] == ["connections:connection:view"]
    assert found.new_values["name"] == "Nightly loader"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"), ({"name": "x" * 81}, "name"), ({"scopes": []}, "scopes"),
        ({"scopes": ["benefits:enrollment:approve"]}, "scopes"), ({"scopes": ["accounts:user:manage"]}, "scopes"),
        ({"scopes": ["accounts:token:manage"]}, "scopes"), ({"scopes": ["accounts:account:own"]}, "scopes"), ({"scopes": ["nonsense"]}, "scopes"),
        ({"lifetime": timedelta(days=365, seconds=1)}, "days"), ({"lifetime": timedelta()}, "days"), ({"lifetime": timedelta(days=-1)}, "days"),
    ],
)  # fmt: skip
def test_what_cannot_be_issued(root: User, company: UUID, change: dict[str, Any], field: str) -> None:
    wanted = {"token_id": uuid7(), "name": "Loader", "scopes": ["feeds:file:view"], "lifetime": MONTH, **change}
    with pytest.raises(Invalid) as refused, transaction(company) as own:
        issue(own, actor_of(root), **wanted)
    assert set(refused.value.errors) == {field}


def test_the_same_form_again_makes_no_second_token(root: User, company: UUID) -> None:
    wanted: dict[str, Any] = {"token_id": uuid7(), "name": "Loader", "scopes": ["feeds:file:view"], "lifetime": MONTH}
    with transaction(company) as own:
        issue(own, actor_of(root), **wanted)
    with pytest.raises(Conflict), transaction(company) as own:
        issue(own, actor_of(root), **wanted)


def test_who_may_not_make_tokens_makes_none(session: Session, root: User, company: UUID) -> None:
    viewer = make_user(session, company, email="v@acme.example", roles=[RoleType.VIEWER])
    with transaction(company) as own:
        for act in (
            lambda: issue(own, actor_of(viewer), token_id=uuid7(), name="x", scopes=["reports:report:view"], lifetime=MONTH),
            lambda: list_tokens(own, actor_of(viewer)),
            lambda: revoke(own, actor_of(viewer), uuid7()),
        ):  # fmt: skip
            with pytest.raises(Forbidden):
                act()


def test_one_sees_and_revokes_one_s_own_and_who_manages_users_everybody_s(root: User, bo: User, company: UUID) -> None:
    of_root, of_bo = make_token(root)[0], make_token(bo)[0]
    with transaction(company) as own:
        assert {row.id for row in list_tokens(own, actor_of(root))} == {of_root, of_bo}
        assert {row.id for row in list_tokens(own, actor_of(bo))} == {of_bo}
        with pytest.raises(NotFound):
            revoke(own, actor_of(bo), of_root)
        revoke(own, actor_of(root), of_bo)
        revoke(own, actor_of(root), of_bo)
    assert len(events(company, "accounts.api_token.revoked")) == 1


def test_a_foreign_company_s_token_is_not_found(session: Session, root: User, company: UUID) -> None:
    other = uuid7()
    stranger = make_user(session, other, email="root@other.example", roles=[RoleType.SYSTEM_ADMIN])
    theirs, _ = make_token(stranger)
    with transaction(company) as own:
        assert list_tokens(own, actor_of(root)) == []
        for wrong in (theirs, uuid7(), "nonsense"):
            with pytest.raises(NotFound):
                revoke(own, actor_of(root), wrong)


def test_lists_come_in_pages(root: User, company: UUID) -> None:
    made = [make_token(root)[0] for _ in range(3)]
    with transaction(company) as own:
        first = list_tokens(own, actor_of(root), limit=2)
        assert [row.id for row in first] == made[::-1]
        assert [row.id for row in list_tokens(own, actor_of(root), limit=2, after=str(made[1]))] == made[:1]
        with pytest.raises(NotFound):
            list_tokens(own, actor_of(root), after="x")


# --- letting in -------------------------------------------------------------------------------------------------


def test_a_token_says_who_it_is(app: Flask, root: User, company: UUID) -> None:
    token_id, secret = make_token(root, Can.FEED_VIEW, Can.CONNECTION_VIEW, days=10)
    found = me(app, secret)
    assert datetime.fromisoformat(found.pop("expires_at")) - now() == pytest.approx(
        timedelta(days=10), abs=timedelta(minutes=1)
    )
    assert found == {
        "token_id": str(token_id), "name": "Loader", "company": "Acme", "acts_for": str(root.id),
        "scopes": ["connections:connection:view", "feeds:file:view"],
    }  # fmt: skip


def test_what_is_no_token_is_refused(app: Flask, root: User, company: UUID) -> None:
    secret = make_token(root)[1]
    for wrong in (secret[:-1] + ("A" if secret[-1] != "A" else "B"), secret[:-1], secret + "A", secret.upper(), secret.removeprefix("crd_"),
                  f"crd_{uuid7().hex}_{secret[37:]}", "crd_", "x.y.z", "", "." * 2, "é" * 80):  # fmt: skip
        assert me(app, wrong) is None, wrong
    assert me(app, secret) is not None


def test_a_token_opens_its_own_company_only(app: Flask, session: Session, root: User, company: UUID) -> None:
    other = uuid7()
    stranger = make_user(session, other, email="root@other.example", roles=[RoleType.SYSTEM_ADMIN])
    ours, theirs = make_token(root)[1], make_token(stranger)[1]
    assert me(app, f"crd_{other.hex}_{ours[37:]}") is None
    assert me(app, theirs)["acts_for"] == str(stranger.id)


def test_it_ends_when_it_is_revoked_expires_or_its_maker_may_not_come_in(
    app: Flask, session: Session, root: User, bo: User, company: UUID
) -> None:
    token_id, secret = make_token(bo, days=30)
    short = exchanged(app, secret)
    with time_machine.travel(now() + timedelta(days=30, seconds=1)):
        assert me(app, secret) is None
    with transaction(company) as own:
        door = own.get(TenantDoor, company)
        assert door is not None
        door.active = False
    assert (me(app, secret), me(app, short)) == (None, None)
    with transaction(company) as own:
        own.execute(sa.update(TenantDoor).where(TenantDoor.id == company).values(active=True))
    assert me(app, secret) is not None
    with transaction(company) as own:
        suspend(own, system("test"), bo.id, "left")
    assert (me(app, secret), me(app, short)) == (None, None)
    with transaction(company) as own:
        own.execute(sa.update(User).where(User.id == bo.id).values(status="active"))
    assert me(app, short) is not None
    with transaction(company) as own:
        revoke(own, actor_of(root), token_id)
    assert (me(app, secret), me(app, short)) == (None, None)


def test_it_is_never_more_than_its_maker_is_now(app: Flask, bo: User, company: UUID) -> None:
    _, secret = make_token(bo, Can.PLAN_CONFIGURE, Can.FEED_RELEASE)
    assert me(app, secret)["scopes"] == ["benefits:plan:configure", "feeds:file:release"]
    with transaction(company) as own:
        role = own.scalars(sa.select(Role).where(Role.role_type == RoleType.BENEFITS_ADMIN.value)).one()
        role.can_approve_overrides = False
    assert me(app, secret)["scopes"] == ["benefits:plan:configure"]
    with transaction(company) as own:
        role = own.scalars(sa.select(Role).where(Role.role_type == RoleType.BENEFITS_ADMIN.value)).one()
        role.can_export_data = role.can_approve_overrides = True
    assert me(app, secret)["scopes"] == ["benefits:plan:configure", "feeds:file:release"], (
        "and never more than it was given"
    )
    with transaction(company) as own:
        own.execute(sa.delete(RoleAssignment).where(RoleAssignment.user_id == bo.id))
    assert me(app, secret)["scopes"] == []


def test_scope_and_places_are_the_maker_s(bo: User, company: UUID) -> None:
    place = uuid7()
    maker = Granted(
        {Can.ACCOUNT_OWN: Scope.OWN, Can.EMPLOYEE_VIEW: Scope.DEPARTMENT, Can.USER_MANAGE: Scope.ALL, Can.PLAN_VIEW: Scope.ALL},
        {Can.EMPLOYEE_VIEW: frozenset({place}), Can.PLAN_VIEW: frozenset()}, "HR",
    )  # fmt: skip
    found = within(
        maker, [Can.EMPLOYEE_VIEW.value, Can.USER_MANAGE.value, Can.FEED_VIEW.value, "gone:long:ago"], "Loader"
    )
    assert found.grants == {Can.ACCOUNT_OWN: Scope.OWN, Can.EMPLOYEE_VIEW: Scope.DEPARTMENT}
    assert found.places == {Can.EMPLOYEE_VIEW: frozenset({place})}
    assert found.label == "API token Loader"
    assert EVERYBODY < NEVER_BY_TOKEN
    assert not set(offered(actor_of(bo))) & NEVER_BY_TOKEN


def test_a_denied_attempt_is_on_record_under_the_token(app: Flask, root: User, company: UUID) -> None:
    token_id, secret = make_token(root)
    short = exchanged(app, secret)
    refused = Caller(app, short)("POST", "/api/tokens")
    assert (refused.status_code, refused.json["error"]["code"]) == (403, "forbidden"), "a JWT makes no JWT"
    found = events(company, "accounts.api_token.exchanged")
    assert [(one.session_id, one.actor_label, one.actor_user_id) for one in found] == [
        (token_id, "API token Loader", root.id)
    ]
    assert short not in str([one.new_values for one in events(company)])


def test_use_is_noted_once_a_minute_also_when_the_request_fails(app: Flask, root: User, company: UUID) -> None:
    token_id, secret = make_token(root)

    def used() -> datetime | None:
        with transaction(company) as own:
            return own.scalars(sa.select(ApiToken.last_used_at).where(ApiToken.id == token_id)).one()

    assert used() is None
    Caller(app, secret)("GET", "/api/nothing/here")
    assert used() is None, "no such address: nobody was asked for"
    assert me(app, secret)
    first = used()
    assert me(app, secret)
    assert used() == first
    with time_machine.travel(now() + timedelta(minutes=2)):
        assert Caller(app, exchanged(app, secret))("POST", "/api/tokens").status_code == 403
        assert used() > first


@pytest.mark.queries
def test_a_request_needs_few_statements(app: Flask, root: User) -> None:
    secret = make_token(root)[1]
    me(app, secret)
    with counted() as statements:
        me(app, secret)
    assert len(statements) <= 2


# --- the limit --------------------------------------------------------------------------------------------------


def test_too_many_requests_are_told_when_to_come_back(app: Flask, root: User, company: UUID) -> None:
    (_, busy), (_, calm) = make_token(root), make_token(root)
    assert me(app, busy)
    with transaction(company) as own:
        own.execute(sa.update(Throttle).values(tries=LIMITS["api"].limit))
    answer = Caller(app, busy)("GET", "/api/me")
    assert (answer.status_code, answer.json["error"]["code"]) == (429, "too-many-requests")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert Caller(app, exchanged(app, calm))("GET", "/api/me").status_code == 200, "another token is not held back"
    with time_machine.travel(now() + timedelta(seconds=int(answer.headers["Retry-After"]))):
        assert me(app, busy)


def test_a_jwt_counts_as_its_token(app: Flask, root: User, company: UUID) -> None:
    secret = make_token(root)[1]
    short = exchanged(app, secret)
    with transaction(company) as own:
        own.execute(sa.update(Throttle).values(tries=LIMITS["api"].limit))
    assert Caller(app, short)("GET", "/api/me").status_code == 429


# --- JWTs -------------------------------------------------------------------------------------------------------


def test_a_jwt_lives_15_minutes_and_not_longer_than_its_token(app: Flask, root: User) -> None:
    secret = make_token(root)[1]
    answer = Caller(app, secret)("POST", "/api/tokens").json
    assert answer["expires_in"] == 900
    short = answer["access_token"]
    assert me(app, short)["token_id"] == me(app, secret)["token_id"]
    with time_machine.travel(now() + timedelta(minutes=14, seconds=58)):
        assert me(app, short)
    with time_machine.travel(now() + timedelta(minutes=15, seconds=1)):
        assert me(app, short) is None
    with time_machine.travel(now() + timedelta(days=30) - timedelta(minutes=5)):
        assert Caller(app, secret)("POST", "/api/tokens").json["expires_in"] <= 300


def claims_of(root: User, token_id: UUID, **change: Any) -> dict[str, Any]:
    moment = int(now().timestamp())
    issuer = get_settings().base_url.rstrip("/")
    made = {
        "iss": issuer,
        "aud": "corridor-api",
        "sub": str(token_id),
        "jti": "x",
        "iat": moment,
        "exp": moment + 60,
    } | change
    return {name: value for name, value in made.items() if value is not None}


def test_claims_are_checked(app: Flask, root: User, company: UUID) -> None:
    token_id, _ = make_token(root)
    key = OctKey.import_key(keyring.derive(company, "api-jwt"))
    moment = int(now().timestamp())

    def signed(**change: Any) -> str:
        return jwt.encode({"alg": "HS256", "kid": company.hex}, claims_of(root, token_id, **change), key)

    assert me(app, signed())
    wrong: list[dict[str, Any]] = [
        {"iss": "https://evil.example"}, {"iss": None}, {"aud": "another-api"}, {"aud": None}, {"exp": moment - 1}, {"exp": None},
        {"jti": None}, {"sub": None}, {"sub": str(uuid7())}, {"sub": "nonsense"}, {"iat": None}, {"nbf": moment + 600}, {"exp": "tomorrow"},
    ]  # fmt: skip
    for change in wrong:
        assert me(app, signed(**change)) is None, change


def test_another_key_or_algorithm_is_refused(app: Flask, session: Session, root: User, company: UUID) -> None:
    token_id, secret = make_token(root)
    other = uuid7()
    make_user(session, other, email="x@other.example", roles=[RoleType.SYSTEM_ADMIN])
    claims, right = claims_of(root, token_id), keyring.derive(company, "api-jwt")
    rsa, curve = RSAKey.generate_key(2048), ECKey.generate_key("P-256")

    def made(algorithm: str, key: Any, **header: Any) -> str:
        return jwt.encode({"alg": algorithm, "kid": company.hex, **header}, claims, key, [algorithm])

    forged = {
        "another company's key": made("HS256", OctKey.import_key(keyring.derive(other, "api-jwt"))),
        "another purpose's key": made("HS256", OctKey.import_key(keyring.derive(company, "else"))),
        "another company's id": made("HS256", OctKey.import_key(right), kid=other.hex),
        "HS512 with our key": made("HS512", OctKey.import_key(right)),
        "HS384 with our key": made("HS384", OctKey.import_key(right)),
        "RS256": made("RS256", rsa), "ES256": made("ES256", curve),
        "the settings' secret": made("HS256", OctKey.import_key(get_settings().secret_key.get_secret_value() + "x" * 32)),
        "kid is a path": made("HS256", OctKey.import_key(right), kid="../../dev/null"),
        "kid is a word": made("HS256", OctKey.import_key(right), kid="1"),
    }  # fmt: skip
    for words, text in forged.items():
        assert me(app, text) is None, words
    assert me(app, made("HS256", OctKey.import_key(right)))
    assert me(app, secret)


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_unsigned_and_altered_ones_are_refused(app: Flask, root: User, company: UUID) -> None:
    token_id, secret = make_token(root)
    head, body, signature = exchanged(app, secret).split(".")
    claims = part(claims_of(root, token_id))
    for algorithm in ("none", "None", "NONE", "", None, "HS256"):
        for end in ("", signature):
            assert me(app, f"{part({'alg': algorithm, 'kid': company.hex})}.{claims}.{end}") is None
    for header in (
        {"alg": "HS256"},
        {"kid": company.hex},
        {"alg": "HS256", "kid": 7},
        {"alg": "HS256", "kid": None},
        [],
        "x",
        1,
    ):
        assert me(app, f"{part(header)}.{claims}.{signature}") is None
    assert me(app, f"{head}.{claims}.{signature}") is None
    assert me(app, f"{head}.{body}.{signature[:-2]}AA") is None
    assert me(app, f"{head}.{body}.") is None
    embedded = {
        "alg": "HS256",
        "kid": company.hex,
        "jwk": OctKey.import_key("a" * 32).as_dict(private=True),
        "jku": "https://evil.example/keys",
    }
    assert me(app, jwt.encode(embedded, claims_of(root, token_id), OctKey.import_key("a" * 32))) is None
    assert me(app, f"{head}.{body}.{signature}")


def test_secrets_are_not_logged(
    app: Flask, root: User, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    secret = make_token(root)[1]
    short = exchanged(app, secret)
    for token in (secret, short, secret[:-1] + "!"):
        Caller(app, token)("GET", "/api/me")
        Caller(app, token)("POST", "/api/me")
    written = caplog.text + "".join(capfd.readouterr())
    for part_of in (secret[37:], short, short.rpartition(".")[2]):
        assert part_of not in written


def test_keys_differ_by_company_and_purpose(company: UUID) -> None:
    with tenant(company):
        made = {keyring.derive(company, "api-jwt"), keyring.derive(company, "else"), keyring.derive(uuid7(), "api-jwt")}
    assert len(made) == 3
    assert {len(key) for key in made} == {32}
    assert keyring.blind(company, "api-jwt") not in {key[:16] for key in made}
