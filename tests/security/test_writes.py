"""Requests that want to change something: without a token, from elsewhere, with more than the form has, or broken."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.routing import Rule

from app.accounts.rules import safe_path
from app.core.config import get_settings
from app.core.crypto import encrypted_fields
from app.domains import Base
from tests.accounts.sign_in import PASSWORD
from tests.security.conftest import Crowd
from tests.security.crawl import Visitor, addresses, digests, files_in
from tests.security.rows import tenant_models

QUIET = ("user_session", "audit_event", "throttle", "process_heartbeat", "data_key")
ELSEWHERE = (
    {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://localhost.evil.example"}, {"Origin": "http://localhost:1"},
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
)  # fmt: skip
AWAY = (
    "https://evil.example", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "https:evil.example", "javascript:alert(1)",
    "/%09/evil.example", "/\t/evil.example", "\t//evil.example", " //evil.example", "http:/\\evil.example", "/.evil.example@evil.example:x\\", "data:text/html,x",
    "//evil.example/%2f..", "/\n/evil.example", "https://localhost@evil.example", "////evil.example", "/" * 600,
)  # fmt: skip

pytestmark = pytest.mark.long


def changing(crowd: Crowd) -> Iterator[tuple[Rule, str, str]]:
    """Every route and method that may change something, with an address of A's own. Not the providers' door: no cookie counts
    there, so nobody's browser can be made to use it; it believes signatures (tests/connections/test_door.py)."""
    for rule in crowd.rules:
        if rule.rule.startswith("/webhooks/"):
            continue
        for method in sorted((rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}):
            yield rule, method, next(addresses(rule, crowd.a))


def data_of(crowd: Crowd, rule: Rule) -> dict[str, Any]:
    form = crowd.forms.get(rule.endpoint)
    return dict(form.data) if form else {"reason": ["because"]}


def test_nothing_changes_without_the_token(crowd: Crowd, say: Callable[[str], None]) -> None:
    forms = {rule.endpoint: data_of(crowd, rule) for rule, _, _ in changing(crowd)}
    visitor, other = Visitor(crowd.app, crowd.a, "everything"), Visitor(crowd.app, crowd.a, "employee")
    before, wrong, tried = digests(crowd.admin, None, QUIET), [], 0
    for rule, method, path in changing(crowd):
        for token in ("", "wrong", other.token, visitor.token[:-4] + "AAAA"):
            answer = visitor.client.open(
                path, method=method, data=files_in(forms[rule.endpoint]), headers={"X-CSRFToken": token}
            )
            tried += 1
            if answer.status_code not in (400, 403):
                wrong.append(f"{method} {path}: {answer.status_code} with token {token[:5]!r}")
    say(f"CSRF: {tried} requests without a right token, {len(wrong)} went through")
    assert wrong == []
    assert digests(crowd.admin, None, QUIET) == before


def test_nothing_changes_at_another_site_s_wish(crowd: Crowd, say: Callable[[str], None]) -> None:
    """With a valid token, as if it had leaked."""
    visitor = Visitor(crowd.app, crowd.a, "everything")
    before, wrong = digests(crowd.admin, None, QUIET), []
    for _rule, method, path in changing(crowd):
        for headers in ELSEWHERE:
            answer = visitor.send(method, path, {"reason": "because"}, headers=headers)
            if answer.status_code != 403:
                wrong.append(f"{method} {path} {headers}: {answer.status_code}")
    say(f"Other sites: {visitor.requests} requests, {len(wrong)} went through")
    assert wrong == []
    assert digests(crowd.admin, None, QUIET) == before


def test_our_own_pages_and_programs_are_not_other_sites(crowd: Crowd) -> None:
    visitor = Visitor(crowd.app, crowd.a, "employee")
    for headers in (
        {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://localhost"},
        {},
    ):
        assert visitor.send("POST", "/notices/mine/read", headers=headers).status_code == 303


def test_what_a_form_does_not_have_is_not_taken(crowd: Crowd, say: Callable[[str], None]) -> None:
    """Every column of every table, and some names people guess, in every form: the mark appears in no row, and no power is gained."""
    mark, row_id = "massassigned", str(uuid4())
    names = {column.name for table in Base.metadata.tables.values() for column in table.c}
    names |= {name for model in tenant_models() for name in encrypted_fields(model)}
    guessed = {
        "is_admin",
        "admin",
        "role",
        "roles",
        "permissions",
        "grants",
        "scope",
        "is_superuser",
        "_method",
        "__class__",
        "__proto__",
    }
    powers = "SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM {} t WHERE company_id = %s"
    wrong, taken = [], 0
    before = digests(crowd.admin, crowd.b.company_id)
    visitor = Visitor(crowd.app, crowd.a, "everything")
    for endpoint, form in sorted(crowd.forms.items()):
        extra = {
            name: [row_id if name == "id" or name.endswith("_id") else mark]
            for name in names | guessed
            if name not in form.offered
        }
        roles = [
            crowd.admin.execute(powers.format(table), (crowd.a.company_id,)).fetchone()
            for table in ("role", "role_assignment")
        ]
        answer = visitor.send("POST", form.action, files_in(extra | form.data))
        taken += answer.status_code < 400
        if answer.status_code >= 500:
            wrong.append(f"{endpoint}: {answer.status_code}")
        now = [
            crowd.admin.execute(powers.format(table), (crowd.a.company_id,)).fetchone()
            for table in ("role", "role_assignment")
        ]
        if now != roles and not endpoint.startswith("accounts."):
            wrong.append(f"{endpoint}: changed somebody's powers")
    for name, table in Base.metadata.tables.items():
        if "company_id" in table.c:
            rows = crowd.admin.execute(
                f"SELECT t::text FROM {name} t WHERE t::text LIKE %s OR t::text LIKE %s", (f"%{mark}%", f"%{row_id}%")
            )
            wrong += [f"{name}: {text[:300]}" for (text,) in rows]
    say(
        f"Mass assignment: {len(crowd.forms)} forms with {len(names | guessed)} further names, {taken} taken, {len(wrong)} wrong"
    )
    assert wrong == []
    assert taken > 10
    assert digests(crowd.admin, crowd.b.company_id) == before


def test_the_same_field_twice_breaks_nothing(crowd: Crowd) -> None:
    visitor, wrong = Visitor(crowd.app, crowd.a, "everything"), []
    for endpoint, form in sorted(crowd.forms.items()):
        for second in ("'", "\x00", "a" * 10_000, "9" * 5_000, str(uuid4())):
            for data in (
                {name: [*values, second] for name, values in form.data.items()},
                {name: [second] for name in form.data},
            ):
                plain = {name: values for name, values in data.items() if "FILE" not in values}
                answer = visitor.send("POST", form.action, plain)
                if answer.status_code >= 500:
                    wrong.append(f"{endpoint} {second[:5]!r}: {answer.status_code}")
    assert sorted(set(wrong)) == []


@pytest.mark.parametrize("away", AWAY)
def test_after_signing_in_one_stays_here(crowd: Crowd, away: str) -> None:
    nobody = Visitor(crowd.app, None, "nobody")
    form = {
        "email": crowd.a.users["employee"].email,
        "password": PASSWORD,
        "company": f"door-{crowd.a.company_id.hex[-6:]}",
        "next": away,
    }
    answer = nobody.send("POST", "/sign-in", form)
    assert answer.status_code == 303
    assert answer.location.startswith("/")
    assert "evil" not in urlsplit(answer.location).netloc
    assert not answer.location.startswith(("//", "/\\"))


@given(st.text(alphabet="/\\.:@?#%abe \t\n\x00é", max_size=12))
def test_a_safe_path_is_a_path_for_every_browser(path: str) -> None:
    """Browsers take a backslash for a slash and drop tabs and line breaks before they look."""
    seen = safe_path(path).replace("\\", "/")
    assert not {"\t", "\n", "\r", "\x00"} & set(seen)
    assert seen.startswith("/")
    assert not seen.startswith("//")


def test_a_foreign_host_name_goes_nowhere(crowd: Crowd) -> None:
    visitor = Visitor(crowd.app, None, "nobody")
    for headers in ({"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"}, {"Forwarded": "host=evil.example"}):
        for path in ("/", "/sign-in", "/people", "/sign-in/link", "/nowhere"):
            answer = visitor.get(path, headers=headers)
            assert "evil.example" not in answer.text
            assert "evil.example" not in answer.headers.get("Location", "")
    assert get_settings().base_url.startswith("http"), "links in e-mail begin with this, never with a header"


def test_what_is_too_large_is_413_for_everybody(crowd: Crowd) -> None:
    for visitor in (Visitor(crowd.app, crowd.a, "everything"), Visitor(crowd.app, None, "nobody")):
        for path in ("/people/imports", "/sign-in", "/nowhere"):
            answer = visitor.send(
                "POST", path, b"x" * (27 * 1024 * 1024), content_type="multipart/form-data; boundary=x"
            )
            # Nobody is sent to sign in before anything of the body is read.
            allowed = {"/nowhere": (404, 413), "/people/imports": (413,) if visitor.twin else (303,)}
            assert answer.status_code in allowed.get(path, (413,)), path
        long = {"email": "x" * (3 * 1024 * 1024)}
        assert visitor.send("POST", "/sign-in", long).status_code == 413
        many = b"a&" * (2 * 1024 * 1024)
        assert (
            visitor.send("POST", "/sign-in", many, content_type="application/x-www-form-urlencoded").status_code == 413
        )
        assert (
            visitor.send("POST", "/sign-in", b" " * (3 * 1024 * 1024), content_type="application/json").status_code
            == 413
        )


BROKEN = (
    (b"", "multipart/form-data"), (b"--x", "multipart/form-data; boundary=x"), (b"--x\r\n\r\n", "multipart/form-data; boundary=x"),
    (b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv", "multipart/form-data; boundary=x"),
    (b"\xff\xfe" * 50, "application/x-www-form-urlencoded; charset=utf-16"), (b"{", "application/json"), (b"<a>", "text/xml"),
    (b"a=%zz&%ff=%fe&=&&", "application/x-www-form-urlencoded"), (b"x", "multipart/form-data; boundary=" + "y" * 300),
)  # fmt: skip


def test_a_broken_body_is_the_sender_s_fault(crowd: Crowd) -> None:
    visitor, wrong = Visitor(crowd.app, crowd.a, "everything"), []
    for path in ("/people/imports", "/company/logo", "/people/new", "/sign-in", "/benefits/enrollments/approvals"):
        for body, kind in BROKEN:
            answer = visitor.send("POST", path, body, content_type=kind)
            if not 300 <= answer.status_code < 500:
                wrong.append(f"{path} {kind} {body[:20]!r}: {answer.status_code}")
    assert wrong == []


NAMES = (
    "../../../etc/cron.d/x.csv",
    "..\\..\\x.csv",
    "/etc/passwd.csv",
    "a\r\nSet-Cookie: x=1.csv",
    "\u202egpj.csv",
    "a\x00.csv",
    ".csv",
    "'\";<script>.csv",
    "ß" * 300 + ".csv",
)


def test_the_name_of_a_file_is_a_name_and_nothing_else(crowd: Crowd, slot: Any) -> None:
    visitor = Visitor(crowd.app, crowd.a, "everything")
    for name in NAMES:
        body = b"Employee ID,First Name,Last Name,Birth Date,Hire Date\nZ1,A,B,1990-01-02,2020-01-02\n"
        answer = visitor.send("POST", "/people/imports", {"form_key": uuid4().hex, "file": (io.BytesIO(body), name)})
        assert answer.status_code in (303, 422, 400 if "\r\n" in name else 303), (
            name
        )  # a header cannot hold a line break
        if answer.location:
            shown = visitor.get(answer.location, follow_redirects=True)
            assert shown.status_code == 200
            assert "<script>" not in shown.text.partition("<main")[2]
            assert "x=1" not in str(shown.headers)
    kept = [path.relative_to(slot.folder).as_posix() for path in slot.folder.rglob("*") if path.is_file()]
    assert kept
    assert [path for path in kept if "etc" in path or "passwd" in path or ".csv" in path] == []
