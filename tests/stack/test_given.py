"""A server the operator brings: addresses used as they are, or roles made with an administrator's."""

import psycopg
import pytest

from tests.fixtures.parts import MakeParts
from worker.stack.addresses import conninfo, text_of, url_of
from worker.stack.errors import StackError
from worker.stack.given import given_database
from worker.stack.parts import Parts


def test_three_addresses_are_used_as_they_are() -> None:
    given = given_database(
        {
            "DATABASE_URL": "postgres://a:1@db/x",
            "OWNER_DATABASE_URL": "postgresql://b:2@db/x",
            "DISPATCH_DATABASE_URL": "postgresql+psycopg://c:3@db/x",
        }
    )
    assert given == {
        "corridor_app": "postgresql+psycopg://a:1@db/x",
        "corridor_owner": "postgresql+psycopg://b:2@db/x",
        "corridor_dispatch": "postgresql+psycopg://c:3@db/x",
    }


def test_no_address_means_the_embedded_server() -> None:
    assert given_database({}) is None


def test_two_of_three_is_a_mistake_that_names_the_third() -> None:
    with pytest.raises(StackError, match="DISPATCH_DATABASE_URL is not set"):
        given_database({"DATABASE_URL": "postgres://a@db/x", "OWNER_DATABASE_URL": "postgres://b@db/x"})


def test_a_silent_server_is_named() -> None:
    with pytest.raises(StackError, match="DATABASE_URL does not answer"):
        given_database({"DATABASE_URL": "postgres://a@127.0.0.1:1/x"})


def test_an_administrator_provisions_with_passwords(own_parts: MakeParts) -> None:
    admin = url_of(str(own_parts().start().admin)).set(password="secret", database="hr")
    given = given_database({"DATABASE_URL": text_of(admin)})
    assert given is not None
    assert url_of(given["corridor_app"]).database == "hr"
    assert len(str(url_of(given["corridor_app"]).password)) == 64
    with psycopg.connect(conninfo(url_of(given["corridor_app"]))) as connection:
        assert connection.execute("SELECT current_user, current_database()").fetchone() == ("corridor_app", "hr")


def test_a_plain_role_cannot_provision_and_is_told_so(own_parts: MakeParts) -> None:
    app = own_parts().start().app
    with pytest.raises(StackError, match="may not create roles"):
        given_database({"DATABASE_URL": app})


def test_given_addresses_start_no_server(own_parts: MakeParts, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "OWNER_DATABASE_URL", "DISPATCH_DATABASE_URL"):
        monkeypatch.setenv(name, "postgresql+psycopg://a@db/x")
    monkeypatch.setenv("REDIS_URL", "redis://cache/0")
    parts: Parts = own_parts()
    addresses = parts.start()
    assert (addresses.redis, addresses.admin, parts.pids()) == ("redis://cache/0", None, {})
