"""When something breaks: a page that says nothing, a log line that says where and not what, and nothing is written."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from app.core import logs
from app.core.config import get_settings
from app.core.logs import scrub
from app.web.access import PUBLIC
from tests.security.test_pages import Wellformed

SSN, SECRET = "536-90-4399", "Quillfeather"
TEXT = f"employee {SECRET} with SSN {SSN} (536904399) at ana@quillfeather.example"
PLANTED = (SSN, "536904399", SECRET.lower(), "quillfeather.example", "traceback", "valueerror", "/work/", ".py")

pytestmark = pytest.mark.long


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    out = io.StringIO()
    monkeypatch.setattr("sys.stderr", out)
    logs.configure(get_settings())
    yield out
    monkeypatch.undo()
    logs.configure(get_settings())


def broken(kind: type[Exception]) -> object:
    def view(**_values: object) -> str:
        try:
            raise kind(TEXT)
        except kind as inner:
            raise RuntimeError(TEXT) from inner

    view.access = PUBLIC  # type: ignore[attr-defined]
    return view


def one_of_each_blueprint(app: Flask) -> dict[str, str]:
    """Blueprint → (endpoint, path) of a page without parameters."""
    found: dict[str, str] = {}
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if (
            "GET" in (rule.methods or ())
            and not rule.arguments
            and rule.endpoint.split(".")[0] not in ("health", "pages", "assets")
        ):
            found.setdefault(rule.endpoint.split(".")[0], rule.endpoint)
    return found


def test_an_exception_in_any_blueprint_is_a_page_that_tells_nothing(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, written: io.StringIO
) -> None:
    chosen = one_of_each_blueprint(app)
    assert len(chosen) >= 8
    for endpoint in chosen.values():
        path = next(rule.rule for rule in app.url_map.iter_rules(endpoint))
        monkeypatch.setitem(app.view_functions, endpoint, broken(ValueError))
        written.seek(0)
        written.truncate()
        answer = client.get(path, headers={"X-Request-Id": "asked-7"})
        assert (answer.status_code, answer.headers["X-Request-Id"]) == (500, "asked-7"), path
        assert "asked-7" in answer.text
        assert [word for word in PLANTED if word in answer.text.lower()] == [], path
        assert answer.headers["Cache-Control"] == "no-store"
        if not endpoint.startswith("api_"):  # programs get JSON
            reader = Wellformed()
            reader.feed(answer.text)
            assert reader.verdict() == [], path
        lines = [json.loads(line) for line in written.getvalue().splitlines()]
        assert [line["exception"] for line in lines] == ["RuntimeError"]
        assert lines[0]["request_id"] == "asked-7"
        assert "test_errors.py" in lines[0]["where"]
        assert [word for word in PLANTED[:4] if word in written.getvalue().lower()] == [], path


def test_a_database_error_does_not_show_its_values(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, written: io.StringIO
) -> None:
    """SQLAlchemy's exceptions quote statement and parameters."""
    from app.web.edge import session

    def view() -> str:
        session().execute(sa.text("SELECT cast(:value AS integer)"), {"value": TEXT})
        return ""

    view.access = PUBLIC  # type: ignore[attr-defined]
    monkeypatch.setitem(app.view_functions, "root.home", view)
    answer = client.get("/")
    assert answer.status_code == 500
    assert [
        word
        for word in PLANTED
        if word in (answer.text + written.getvalue()).lower()
        if not word.startswith((".py", "/work"))
    ] == []


def test_a_refusal_s_text_stays_inside(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, written: io.StringIO
) -> None:
    from app.core import errors

    for kind, status in (
        (errors.NotFound, 404),
        (errors.Forbidden, 403),
        (errors.Conflict, 409),
        (errors.Unavailable, 503),
        (errors.Invalid, 422),
    ):

        def view(kind: type[Exception] = kind) -> str:
            raise kind(TEXT)

        view.access = PUBLIC  # type: ignore[attr-defined]
        monkeypatch.setitem(app.view_functions, "root.home", view)
        answer = client.get("/")
        assert answer.status_code == status
        assert [word for word in PLANTED if word in answer.text.lower()] == []
    assert [word for word in PLANTED[:4] if word in written.getvalue().lower()] == []


@pytest.mark.parametrize("made_up", ["<script>alert(1)</script>", "a" * 500, "%0d%0aSet-Cookie:x", "é"])
def test_a_request_id_from_outside_is_short_and_harmless(client: FlaskClient, made_up: str) -> None:
    answer = client.get("/nowhere", headers={"X-Request-Id": made_up.encode().decode("latin-1")})
    assert answer.status_code == 404
    assert len(answer.headers["X-Request-Id"]) <= 64
    assert "<script>alert" not in answer.text


def test_an_id_in_the_log_stays_the_one_the_person_was_told() -> None:
    """Nine digits in a row look like a Social Security number, and one UUID in a hundred has them."""
    request_id = "01a206c2-fd6e-7224-98d6-aaf123456789"
    assert scrub({"request_id": request_id}) == {"request_id": request_id}
    assert "[number]" in scrub(f"{request_id} 536904399")
    assert "536904399" not in str(scrub({"request_id": "536904399", "text": f"id {SSN}"}))


def test_a_view_that_breaks_after_writing_leaves_nothing(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, admin: object
) -> None:
    from uuid_utils.compat import uuid7

    from app.accounts.models import TenantDoor
    from app.core.db import enter_tenant
    from app.web.edge import session

    def view() -> str:
        company_id = uuid7()
        enter_tenant(company_id)
        session().add(TenantDoor(id=company_id, slug="half", name="Half", brand_hue=1))
        session().flush()
        raise ValueError(TEXT)

    view.access = PUBLIC  # type: ignore[attr-defined]
    monkeypatch.setitem(app.view_functions, "root.home", view)
    assert client.get("/").status_code == 500
    assert admin.execute("SELECT count(*) FROM tenant_door").fetchone()[0] == 0  # type: ignore[attr-defined]
