"""Signing in at a provider: asked for in plain words, back once, by who began it; the token by a job; and the end of it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa

from app.accounts.models import User
from app.connections.models import Connection, ProviderSignIn, ProviderToken
from app.connections.services import access, calling
from app.core.access import RoleType
from app.core.config import get_settings
from app.core.db import engine, enter_tenant, transaction
from app.core.events import AuditEvent
from app.core.jobs import enqueue
from app.integrations.auth.kinds import MutualTls, OAuth2Client
from app.integrations.auth.tokens import Token
from app.notices.models import Notice
from tests.a11y import assert_accessible
from tests.accounts.sign_in import sign_in_browser
from tests.connections import providers as p
from tests.connections import signing as s
from tests.feeds.pages import Visitor, admin_of
from tests.feeds.world import World, hurry, run_jobs
from tests.integrations.http_server import make_certificate, reply


@pytest.fixture
def books(monkeypatch: pytest.MonkeyPatch) -> Iterator[s.Books]:
    made = s.Books()
    s.install(monkeypatch, s.books())
    yield made
    made.server.stop()


@pytest.fixture
def dana(app: Any, world: World) -> Visitor:
    return Visitor(app, admin_of(world.company_id))


@pytest.fixture
def row(dana: Visitor, books: s.Books) -> Connection:
    return s.connect(books.server)


def go(dana: Visitor, row: Connection) -> str:
    return str(dana.post(f"/connections/{row.id}/sign-in").headers["Location"])


def back(visitor: Visitor, url: str) -> str:
    """Follow the provider's redirect; the page it ends on."""
    parts = urlsplit(url)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{get_settings().base_url}/connections/oauth"
    response = visitor.client.get(f"{parts.path}?{parts.query}")
    assert response.status_code == 303, response.get_data(as_text=True)
    assert "code" not in response.headers["Location"]
    return visitor.get(response.headers["Location"])


def signed_in(dana: Visitor, books: s.Books, row: Connection) -> None:
    back(dana, books.allow(go(dana, row)))
    run_jobs(kinds=("connections.",))


def token() -> ProviderToken | None:
    with transaction() as session:
        return session.scalar(sa.select(ProviderToken))


def trips() -> list[ProviderSignIn]:
    with transaction() as session:
        return list(session.scalars(sa.select(ProviderSignIn).order_by(ProviderSignIn.id)))


def events() -> list[str]:
    with transaction() as session:
        names = session.scalars(sa.select(AuditEvent.name).order_by(AuditEvent.id)).all()
    return [name.removeprefix("connections.") for name in names if name.startswith("connections.")]


# --- the way there and back ---------------------------------------------------------------------------------------


def test_from_the_card_to_a_tested_connection(dana: Visitor, books: s.Books, row: Connection) -> None:
    page = f"/connections/{row.id}"
    html = dana.get(page)
    for text in ("Read your things", "Stay connected while nobody", "Sign in at Books", "/connections/oauth"):
        assert text in html, text
    policy = dana.client.get(page).headers["Content-Security-Policy"]
    assert f"form-action 'self' {books.server.url};" in policy
    assert books.server.url not in dana.client.get("/connections").headers["Content-Security-Policy"]
    url = go(dana, row)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert url.startswith(f"{books.server.url}/authorize?")
    assert (asked["scope"], asked["code_challenge_method"]) == ("read.things offline", "S256")
    assert books.server.asked == [], "the web process asks nobody"
    html = back(dana, books.allow(url))
    assert "We are fetching access" in html
    assert 'hx-trigger="every 1s"' in html
    run_jobs(kinds=("connections.",))
    html = dana.get(page)
    assert "signed in on" in html
    assert "is renewed by itself" in html
    assert "The provider answers and accepts the credentials" in html
    assert p.stored(row.id).status == "connected"
    assert [asked.target for asked in books.server.asked] == ["/token", "/v3/4620/things"], "the account is in the path"
    kept = token()
    assert kept is not None
    assert (kept.access, kept.refresh, kept.extra) == ("access0", "refresh0", {"realmId": "4620"})
    assert {"sign-in.begun", "sign-in.returned", "connection.signed-in", "connection.checked"} <= set(events())


def test_nothing_secret_stays_or_is_told(
    dana: Visitor, books: s.Books, row: Connection, admin: Any, caplog: Any, capfd: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    url = go(dana, row)
    state = parse_qs(urlsplit(url).query)["state"][0]
    back(dana, books.allow(url))
    (trip,) = trips()
    assert trip.code == "code1"
    told = "".join(capfd.readouterr()) + caplog.text
    rows = "SELECT s::text FROM provider_sign_in s UNION ALL SELECT j::text FROM job_intent j UNION ALL SELECT a::text FROM audit_event a"
    told += str(admin.execute(rows).fetchall())
    run_jobs(kinds=("connections.",))
    told += "".join(capfd.readouterr()) + caplog.text + str(admin.execute("SELECT e::text FROM exchange e").fetchall())
    for secret in ("code1", state, "access0", "refresh0", "very-secret"):
        assert secret not in told, secret
    (trip,) = trips()
    assert (trip.state, trip.code, trip.verifier, trip.kept) == ("done", None, None, None)


def test_the_same_answer_counts_once(dana: Visitor, books: s.Books, row: Connection) -> None:
    url = books.allow(go(dana, row))
    back(dana, url)
    assert "came before, and counts once" in back(dana, url)
    run_jobs(kinds=("connections.",))
    assert "came before, and counts once" in back(dana, url)
    run_jobs(kinds=("connections.",))
    assert len([asked for asked in books.server.asked if asked.target == "/token"]) == 1
    assert p.stored(row.id).status == "connected"


@pytest.mark.parametrize("state", ["", "made-up", "x" * 5000])
def test_an_answer_nobody_asked_for(dana: Visitor, books: s.Books, row: Connection, state: str) -> None:
    assert "was not begun here by you" in back(dana, books.allow(go(dana, row), state=state))
    assert trips()[0].state == "out"
    assert "sign-in.refused" in events()


def test_another_person_cannot_bring_it_back(app: Any, dana: Visitor, books: s.Books, row: Connection) -> None:
    """Else somebody could make another one connect the company to an account of theirs."""
    url = books.allow(go(dana, row))
    other = Visitor(app, admin_of(row.company_id, email="eli@acme.example"))
    assert "was not begun here by you" in back(other, url)
    assert trips()[0].state == "out"
    parts = urlsplit(url)
    nobody = app.test_client().get(f"{parts.path}?{parts.query}")
    assert nobody.headers["Location"].startswith("/sign-in")
    enter_tenant(row.company_id)
    assert "We are fetching access" in back(dana, url), "and it still counts for who began"


def test_who_may_not_manage_connections_neither_goes_nor_comes(app: Any, dana: Visitor, row: Connection) -> None:
    employee = Visitor(app, admin_of(row.company_id, email="eve@acme.example", roles=(RoleType.MANAGER,)))
    employee.get("/connections/oauth?state=x&code=y", status=403)
    employee.post(f"/connections/{row.id}/sign-in", status=403, page="/account")
    employee.post(f"/connections/{row.id}/disconnect", status=403, page="/account")
    assert trips() == []


def test_after_ten_minutes_it_is_too_late(dana: Visitor, books: s.Books, row: Connection, admin: Any) -> None:
    url = books.allow(go(dana, row))
    admin.execute("UPDATE provider_sign_in SET ends_at = now()")
    assert "longer than ten minutes" in back(dana, url)
    (trip,) = trips()
    assert (trip.state, trip.problem, trip.verifier) == ("failed", "sign-in-late", None)
    assert "longer than ten minutes" in dana.get(f"/connections/{row.id}"), "the card goes on saying it"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"code": "", "error": "access_denied"}, "Access was not allowed"),
        ({"code": "", "error": "invalid_scope"}, "does not know what was asked for"),
        ({"code": "", "error": "<script>1</script>"}, "sent no answer we can use"),
        ({"code": ""}, "sent no answer we can use"),
        ({"realmId": ""}, "which of its accounts"),
        ({"realmId": "../../evil"}, "which of its accounts"),
    ],
    ids=["denied", "scope", "strange", "no-code", "no-account", "bent-account"],
)
def test_the_provider_says_no(dana: Visitor, books: s.Books, row: Connection, answer: Any, words: str) -> None:
    html = back(dana, books.allow(go(dana, row), **answer))
    assert words in html
    assert "<script>1" not in html
    run_jobs(kinds=("connections.",))
    assert token() is None
    assert books.server.asked == []
    assert p.stored(row.id).status == "disconnected", "nothing broke that worked before"


def test_a_code_the_provider_does_not_take(dana: Visitor, books: s.Books, row: Connection) -> None:
    back(dana, books.allow(go(dana, row), code="another"))
    run_jobs(kinds=("connections.",))
    assert "The provider ended the sign-in" in dana.get(f"/connections/{row.id}")
    assert trips()[0].state == "failed"
    books.says["/token"] = reply(503)
    back(dana, books.allow(go(dana, row)))
    run_jobs(kinds=("connections.",))
    assert "trouble of its own" in dana.get(f"/connections/{row.id}")
    books.says.clear()
    signed_in(dana, books, row)
    html = dana.get(f"/connections/{row.id}")
    assert "Signing in did not work" not in html, "what failed before is over"
    assert "It works" in html


def test_a_busy_token_address_is_asked_again(dana: Visitor, books: s.Books, row: Connection, admin: Any) -> None:
    books.says["/token"] = reply(429, Retry_After="1")
    back(dana, books.allow(go(dana, row)))
    run_jobs(kinds=("connections.",))
    assert trips()[0].state == "back"
    books.says.clear()
    hurry(admin)
    run_jobs(kinds=("connections.",))
    assert trips()[0].state == "done"


def test_what_a_person_did_not_allow_is_said(dana: Visitor, books: s.Books, row: Connection) -> None:
    books.scope = "offline"
    signed_in(dana, books, row)
    html = dana.get(f"/connections/{row.id}")
    assert html.count("(not allowed)") == 1
    assert html.index("Read your things") < html.index("(not allowed)") < html.index("Stay connected")


def test_incomplete_or_of_another_kind(dana: Visitor, books: s.Books, world: World) -> None:
    row = s.connect(books.server, credentials={})
    html = dana.get(f"/connections/{row.id}")
    assert "then you can sign in" in html
    assert 'action="/connections/{row.id}/sign-in"' not in html
    html = dana.post(f"/connections/{row.id}/sign-in", status=422).get_data(as_text=True)
    assert "Complete the settings and the credentials first." in html
    dana.post(f"/connections/{world.connection.id}/sign-in", status=409)
    other = p.make_connection(books.server)
    dana.post(f"/connections/{other.id}/sign-in", status=409)
    assert "comes back" not in dana.get(f"/connections/{other.id}")


def test_first_sign_in_then_test(dana: Visitor, books: s.Books, row: Connection) -> None:
    html = dana.post(f"/connections/{row.id}/check", status=422).get_data(as_text=True)
    assert "Sign in at the provider first." in html
    with calling.open_provider(p.link(row.id)) as provider:
        settled = provider.ask(provider.api.resource("thing").list())
    assert settled.failure is not None
    assert (settled.failure.code, p.stored(row.id).status) == ("token-missing", "disconnected")


# --- what a token hangs on ----------------------------------------------------------------------------------------


def test_other_credentials_or_another_address_end_the_token(dana: Visitor, books: s.Books, row: Connection) -> None:
    signed_in(dana, books, row)
    dana.post(f"/connections/{row.id}/settings/credentials", {"client_id": "", "client_secret": ""})
    assert token() is not None, "saved without a change"
    dana.post(f"/connections/{row.id}/settings/credentials", {"client_id": "", "client_secret": "newer"})
    assert token() is None
    assert p.stored(row.id).status == "disconnected"
    dana.post(f"/connections/{row.id}/settings/credentials", {"client_id": "", "client_secret": "very-secret"})
    signed_in(dana, books, row)
    conduct = {
        "environment": "production",
        "max_retry_attempts": "3",
        "timeout_seconds": "30",
        "rate_limit_per_hour": "9",
    }
    here = {"api_endpoint_url": f"{books.server.url}/v3/{{realmId}}"}
    dana.post(f"/connections/{row.id}/conduct", conduct | here)
    assert token() is not None, "patience is not access"
    dana.post(f"/connections/{row.id}/conduct", conduct | {"api_endpoint_url": ""})
    assert token() is None, "what one address gave is not shown to another"


def test_client_credentials_fetch_their_token_by_the_test(
    dana: Visitor, books: s.Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = s.books(OAuth2Client("https://login.books.example/machine"))
    assert manifest.api is not None
    s.install(monkeypatch, replace(manifest, api=replace(manifest.api, base_urls={s.Environment.PRODUCTION: "https://b.example"}, resources=())))  # fmt: skip
    row = s.connect(books.server, api_endpoint_url=books.server.url)
    books.says["/machine"] = p.answer({"access_token": "access9", "expires_in": 60})
    html = dana.get(f"/connections/{row.id}")
    assert "Sign in at" not in html
    dana.post(f"/connections/{row.id}/check")
    run_jobs(kinds=("connections.",))
    assert "It works" in dana.get(f"/connections/{row.id}")
    dana.post(f"/connections/{row.id}/settings/credentials", {"client_id": "", "client_secret": "wrong"})
    books.says["/machine"] = p.answer({"error": "invalid_client"}, 401)
    dana.post(f"/connections/{row.id}/check")
    run_jobs(kinds=("connections.",))
    assert "It does not work yet" in dana.get(f"/connections/{row.id}"), "the token of the old secret says nothing"


def test_a_certificate_that_ends(dana: Visitor, books: s.Books, monkeypatch: pytest.MonkeyPatch, admin: Any) -> None:
    s.install(monkeypatch, s.books(MutualTls(), s.CertificateSecrets))
    row = s.connect(books.server, credentials={})
    url = f"/connections/{row.id}/settings/credentials"
    certificate, key = make_certificate("us")
    html = dana.post(url, {"certificate": "nonsense", "private_key": key}, status=422).get_data(as_text=True)
    assert "from BEGIN CERTIFICATE on" in html
    dana.post(url, {"certificate": certificate, "private_key": key})
    ends = p.stored(row.id).access_ends_at
    assert ends is not None
    assert timedelta(hours=22) < ends - datetime.now(UTC) < timedelta(days=1)
    html = dana.get(f"/connections/{row.id}")
    assert "Access ends today or has ended" in html
    assert "Get a new certificate" in html
    admin.execute("UPDATE connection SET access_ends_at = now() + interval '12 days 1 hour' WHERE code = 'BKS'")
    assert "12 days are left." in dana.get(f"/connections/{row.id}")
    admin.execute("UPDATE connection SET access_ends_at = now() + interval '31 days' WHERE code = 'BKS'")
    assert "days are left" not in dana.get(f"/connections/{row.id}")


# --- the end of it ------------------------------------------------------------------------------------------------


def test_disconnect(dana: Visitor, books: s.Books, row: Connection) -> None:
    signed_in(dana, books, row)
    page = f"/connections/{row.id}"
    assert f'href="{page}/disconnect"' in dana.get(page)
    html = dana.get(f"{page}/disconnect")
    assert "Everything that was sent and received" in html
    assert token() is not None, "looking at the page does nothing"
    dana.post(f"{page}/disconnect")
    stored = p.stored(row.id)
    assert (stored.credentials, stored.status, stored.access_ends_at) == (None, "disconnected", None)
    with calling.open_provider(p.link(row.id)) as provider:
        assert provider.ask(provider.api.resource("thing").list()).answer is None
    assert books.revoked == [], "a job tells the provider"
    assert "We are telling the provider" in dana.get(page)
    run_jobs(kinds=("connections.",))
    assert books.revoked == ["refresh0"]
    assert token() is None
    html = dana.get(page)
    assert "Disconnected. Token and credentials are deleted" in html
    assert "could not be told" not in html
    assert len(p.exchanges()) == 3, "the log stays"
    assert {"connection.disconnected", "connection.revoked"} <= set(events())
    dana.get(f"{page}/disconnect", status=409)
    dana.post(f"{page}/disconnect", status=409)


def test_a_provider_that_cannot_be_told(dana: Visitor, books: s.Books, row: Connection, admin: Any) -> None:
    signed_in(dana, books, row)
    books.says["/revoke"] = reply(429)
    dana.post(f"/connections/{row.id}/disconnect")
    for _ in range(6):
        hurry(admin)
        run_jobs(kinds=("connections.",))
    assert len([asked for asked in books.server.asked if asked.target == "/revoke"]) == 5
    assert token() is None, "it is gone here in any case"
    assert "could not be told. Remove" in dana.get(f"/connections/{row.id}")


def test_who_signs_in_again_at_once_stays_in(dana: Visitor, books: s.Books, row: Connection) -> None:
    signed_in(dana, books, row)
    dana.post(f"/connections/{row.id}/disconnect")
    dana.post(f"/connections/{row.id}/settings/credentials", s.CREDENTIALS)
    kept = token()
    assert kept is not None, "what has to be revoked is not lost by typing new credentials"
    assert kept.farewell == s.CREDENTIALS
    with transaction() as session:
        calling.keep_token(session, row.id, Token("access7", datetime.now(UTC)))
    run_jobs(kinds=("connections.",))
    kept = token()
    assert kept is not None
    assert kept.access == "access7"
    assert books.revoked == []


def test_an_api_key_is_taken_away_without_a_word_to_the_provider(dana: Visitor, books: s.Books) -> None:
    row = p.make_connection(books.server)
    dana.post(f"/connections/{row.id}/disconnect")
    run_jobs(kinds=("connections.",))
    assert p.stored(row.id).credentials is None
    assert books.server.asked == []
    assert "Disconnected. Token and credentials are deleted" in dana.get(f"/connections/{row.id}")


# --- in time ------------------------------------------------------------------------------------------------------


def daily(row: Connection, kind: str) -> None:
    with transaction() as session:
        enqueue(session, kind, row.company_id, key=str(datetime.now(UTC)))
    run_jobs(kinds=("connections.", kind))


def test_a_refresh_token_is_used_before_it_dies_of_idleness(
    dana: Visitor, books: s.Books, row: Connection, admin: Any
) -> None:
    signed_in(dana, books, row)
    daily(row, "connections.keep_sign_ins")
    assert books.refreshes == 0, "it was used today"
    admin.execute(
        "UPDATE provider_token SET issued_at = now() - interval '30 days', expires_at = now() + interval '1 year'"
    )
    daily(row, "connections.keep_sign_ins")
    kept = token()
    assert kept is not None
    assert (books.refreshes, kept.refresh, kept.extra) == (1, "refresh1", {"realmId": "4620"})
    admin.execute("UPDATE provider_token SET issued_at = now() - interval '31 days'")
    admin.execute("DELETE FROM job_intent")
    books.says["/token"] = p.answer({"error": "invalid_grant"}, 400)
    daily(row, "connections.keep_sign_ins")
    assert p.stored(row.id).status == "error"


def notices() -> list[Notice]:
    with transaction() as session:
        return list(session.scalars(sa.select(Notice).where(Notice.channel == "in_app").order_by(Notice.id)))


def test_a_broken_connection_is_told_once_to_who_may_repair_it(
    app: Any, dana: Visitor, books: s.Books, row: Connection
) -> None:
    Visitor(app, admin_of(row.company_id, email="eve@acme.example", roles=(RoleType.MANAGER,)))
    signed_in(dana, books, row)
    books.says["/v3/4620/things"] = p.answer({"error": "gone"}, 401)
    books.says["/token"] = p.answer({"error": "invalid_grant"}, 400)
    for _ in range(2):
        with calling.open_provider(p.link(row.id)) as provider:
            provider.ask(provider.api.resource("thing").list())
    run_jobs(kinds=("notices.tell_",))
    (notice,) = notices()
    with transaction() as session:
        assert session.scalar(sa.select(User.email).where(User.id == notice.user_id)) == "dana@acme.example"
    assert (notice.kind, notice.link_path) == ("connections.broke", f"/connections/{row.id}")
    assert "Our books" in notice.body
    html = dana.get(f"/connections/{row.id}")
    assert "The provider ended the sign-in. Sign in there again." in html
    assert "Connections that need a person" in dana.get("/")
    books.says.clear()
    signed_in(dana, books, row)
    assert p.stored(row.id).status == "connected", "signing in again repairs it"


def test_an_end_is_told_in_time_and_not_every_day(dana: Visitor, books: s.Books, row: Connection, admin: Any) -> None:
    signed_in(dana, books, row)
    ends = p.stored(row.id).access_ends_at
    assert ends is not None
    assert 99 <= (ends - datetime.now(UTC)).days <= 100, "the hard end counts from the sign-in"
    for days, told in ((31, 0), (29, 1), (20, 1), (6, 2), (5, 2), (0, 3)):
        admin.execute("UPDATE connection SET access_ends_at = now() + make_interval(days => %s, hours => 1)", (days,))
        daily(row, "notices.tell_ending")
        mine = [one for one in notices() if one.subject_id == row.id]
        assert len(mine) == told, days
    assert mine[0].kind == "connections.ending"
    with transaction() as session:
        assert access.days_left(session.scalars(sa.select(Connection.access_ends_at).where(Connection.id == row.id)).one()) == 0  # fmt: skip


# --- labels and looks ---------------------------------------------------------------------------------------------


def test_where_data_is_kept(dana: Visitor, row: Connection) -> None:
    page = f"/connections/{row.id}"
    assert "Not stated" in dana.get("/connections")
    dana.post(f"{page}/data-region", {"data_region": "ca"})
    assert "Canada" in dana.get(page)
    assert "Canada" in dana.get("/connections")
    dana.post(f"{page}/data-region", {"data_region": "moon"}, status=422)
    assert p.stored(row.id).data_region == "ca"


def test_each_look_at_a_part_of_the_configuration_is_recorded(dana: Visitor, row: Connection) -> None:
    for part in ("conduct", "settings/credentials"):
        dana.get(f"/connections/{row.id}/{part}")
    with transaction() as session:
        query = sa.select(AuditEvent.new_values).where(AuditEvent.name == "connections.connection.viewed")
        assert list(session.scalars(query.order_by(AuditEvent.id))) == [{"part": "conduct"}, {"part": "credentials"}]


def test_pages_stay_within_six_statements(dana: Visitor, books: s.Books, row: Connection) -> None:
    signed_in(dana, books, row)
    sent: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "set_config" not in statement:
            sent.append(statement)

    sa.event.listen(engine(), "before_cursor_execute", note)
    try:
        for page in (f"/connections/{row.id}", f"/connections/{row.id}/disconnect", "/connections"):
            sent.clear()
            dana.client.get(page)
            enter_tenant(row.company_id)
            assert 0 < len(sent) <= 6, (page, sent)
    finally:
        sa.event.remove(engine(), "before_cursor_execute", note)


@pytest.mark.browser
@pytest.mark.parametrize("js", [True, False], ids=["js", "no-js"])
def test_on_a_phone(world: World, books: s.Books, new_page: Any, live_url: str, js: bool) -> None:
    row = s.connect(books.server)
    page = new_page(phone=True, js=js)
    sign_in_browser(page, admin_of(world.company_id), live_url)
    page.goto(f"/connections/{row.id}")
    page.get_by_role("button", name="Sign in at Books").click()
    page.get_by_role("link", name="Allow").click()
    page.get_by_text("You are back.").wait_for()
    run_jobs(kinds=("connections.",))
    if not js:
        page.get_by_role("link", name="Show what is new").click()
    page.get_by_text("It works").wait_for()
    page.get_by_role("link", name="Disconnect").click()
    page.get_by_role("heading", name="What stays").wait_for()
    if js:
        assert_accessible(page)
        page.go_back()
        assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert_accessible(page)
        page.go_forward()
    page.get_by_role("button", name="Disconnect").click()
    page.get_by_text("We are telling the provider").wait_for()
    assert token() is not None
