"""Every route, with ids of either company in its address, and forms as the pages themselves offer them."""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.accounts.sign_in import session_cookie
from tests.security.twins import Twin

TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')
LINK_TOKEN = "a" * 43
# Where the values of an address come from: a table of the twin, or fixed words. A new parameter must be taught here.
TABLES = {
    "session_id": "user_session", "passkey_id": "passkey", "event_id": "audit_event", "window_id": "enrollment_window",
    "submission_id": "submission", "plan_id": "benefit_plan", "year_id": "plan_year", "connection_id": "connection",
    "discrepancy_id": "discrepancy", "task_id": "manual_task", "dependent_id": "dependent", "template_id": "notice_template",
    "intent_id": "job_intent", "employee_id": "employee", "import_id": "people_import", "role_id": "role",
    "user_id": "user_account", "token_id": "api_token", "assignment_id": "role_assignment", "notice_id": "notice", "enrollment_id": "enrollment",
    "request_id": "screening_request", "candidate_id": "candidate", "record_id": "report_record", "assessment_id": "screening_assessment",
    "view_id": "saved_view", "application_id": "job_application", "provider_id": "connection", "hint_id": "matrix_rule",
    "draft_id": "stored_file", "item_id": "inbox_item", "endpoint_id": "hook_endpoint", "delivery_id": "hook_delivery",
    "carrier_id": "connection", "run_id": "sync_run", "copy_id": "kept_document",
}  # fmt: skip
TABLES_OF_ENDPOINT = {
    ("people.department", "place_id"): "department", ("people.department_post", "place_id"): "department",
    ("people.region", "place_id"): "region", ("people.region_post", "place_id"): "region",
    ("accounts.logo", "file_id"): "stored_file",
    **{(f"screening.{name}", "notice_id"): "screening_notice" for name in ("letter", "send_again", "mail", "print_letter", "receive", "give_back")},
    **{(f"candidate.{name}", "notice_id"): "screening_notice" for name in ("letter", "letter_paper")},
    **{(f"screening.{name}", "file_id"): "screening_order_file" for name in ("order_file_copy", "order_file_handed_over")},
    **{(f"syncing.{name}", "record_id"): "remote_record" for name in ("remote_record", "match", "new", "again", "leave_out")},
    **{(f"feeds.{name}", "file_id"): "feed_file" for name in ("file", "cancel", "decoded", "download", "release", "resend")},
}  # fmt: skip
WORDS = {
    "kind": ("health", "life", "nonsense"), "hue": ("172",), "digest": ("0" * 16,), ("assets.asset_file", "name"): ("corridor.css",),
    **{(f"screening.{name}", "key"): ("us-ca-fca", "nonsense") for name in ("rule", "accept_rule", "withdraw_rule")},
    "part": ("volume", "nonsense"), "slug": ("disclosure", "nonsense"), ("candidate.letter_paper", "number"): ("0",), "key": ("A" * 43,),
    "month": ("2026-01", "nonsense"), "resource": ("employees", "nonsense"), **{(f"syncing.{name}", "name"): ("job_title", "nonsense") for name in ("mapped_field", "mapped_field_post", "preview")},
    ("connections.section", "name"): ("people", "sftp", "nonsense"), ("connections.section_post", "name"): ("people", "sftp"),
}  # fmt: skip


class Unknown(AssertionError):
    """A route has a parameter nobody taught the crawl; add it above."""


@dataclass
class Form:
    """A form as a page offers it: what a browser would send, and every value it could send."""

    action: str
    data: dict[str, list[str]] = field(default_factory=dict)
    offered: dict[str, set[str]] = field(default_factory=dict)
    chosen: set[str] = field(default_factory=set)  # fields the page has set itself


class FormReader(HTMLParser):
    """The POST forms of a page."""

    def __init__(self, page_path: str) -> None:
        super().__init__()
        self.page_path, self._select = page_path, ""
        self.forms: list[Form] = []
        self._form: Form | None = None

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        attrs = {name: value or "" for name, value in pairs}
        if tag == "form":
            post = attrs.get("method", "get").lower() == "post"
            self._form = Form(urlsplit(attrs.get("action") or self.page_path).path) if post else None
        elif self._form is not None and tag in ("input", "select", "textarea", "button", "option"):
            self._field(self._form, tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._form is not None:
            self.forms.append(self._form)
            self._form = None

    def _field(self, form: Form, tag: str, attrs: dict[str, str]) -> None:
        name, value = attrs.get("name", ""), attrs.get("value", "")
        if tag == "select":
            self._select = name
        if tag == "option":
            name = self._select
        if not name or name == "csrf_token":
            return
        offered = form.offered.setdefault(name, set())
        kind = attrs.get("type", "text") if tag == "input" else tag
        if kind in ("option", "radio", "checkbox", "button", "submit"):
            offered.add(value)
            if "checked" in attrs or "selected" in attrs:
                form.chosen.add(name)
            if (
                "checked" in attrs
                or "selected" in attrs
                or (kind in ("option", "radio") and value and name not in form.data)
            ):
                form.data.setdefault(name, [])
                form.data[name] = [*form.data[name], value] if kind == "checkbox" else [value]
        elif kind != "select":
            offered.add(value)
            form.data[name] = [value or plausible(name, attrs)]


PLAUSIBLE = (
    (r"-month$", "1"), (r"-day$", "15"), (r"-year$", "2026"), (r"email", "somebody@else.example"), (r"password", "violet-harbor-clockwork-38"),
    (r"ssn", "900114329"), (r"phone", "2125550147"), (r"zip", "10001"), (r"tax_id", "123456788"), (r"percent|share", "50"),
    (r"amount|premium|salary|cap|copay|deductible|max|EMP|ESP|ECH|FAM", "100.00"), (r"hours|days|age|port|hue|members|limit", "30"),
)  # fmt: skip


def plausible(name: str, attrs: dict[str, str]) -> str:
    if attrs.get("type") == "file":
        return "FILE"
    known = next((value for pattern, value in PLAUSIBLE if re.search(pattern, name)), None)
    return known or ("30" if attrs.get("inputmode") == "numeric" else "Something plausible")


def forms_of(answer: TestResponse) -> list[Form]:
    reader = FormReader(answer.request.path)
    reader.feed(answer.text)
    return reader.forms


class Visitor:
    """A client signed in as one user of a company, or nobody, that always has a valid CSRF token."""

    def __init__(self, app: Flask, twin: Twin | None, name: str = "") -> None:
        self.app, self.twin, self.name = app, twin, name
        self.requests = 0
        self.enter()

    def enter(self) -> None:
        """A fresh browser and session: what was pressed before may have ended the old one."""
        self.client: FlaskClient = self.app.test_client()
        if self.twin is not None:
            self.client.set_cookie(*session_cookie(self.twin.users[self.name]))
        found = TOKEN.search(self.client.get("/sign-in/link").text)
        assert found is not None
        self.token = found[1]

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.send("GET", path, **more)

    def send(self, method: str, path: str, data: Any = None, **more: Any) -> TestResponse:
        self.requests += 1
        headers = {"X-CSRFToken": self.token, **more.pop("headers", {})}
        answer = self.client.open(path, method=method, data=data, headers=headers, **more)
        if method not in ("GET", "HEAD", "OPTIONS") and (answer.status_code < 400 or "Set-Cookie" in answer.headers):
            self.enter()
        return answer


def addresses(rule: Rule, twin: Twin, most: int = 1) -> Iterator[str]:
    """The route with values of the company; several where the parameter has several. Two parameters belong together."""
    sources = {name: values_of(rule, name, twin) for name in rule.arguments}
    for place in range(max([1, *(min(most, len(values)) for values in sources.values())])):
        chosen = {name: values[min(place, len(values) - 1)] for name, values in sources.items()}
        yield fill_in(rule, chosen)


def mixed_addresses(rule: Rule, own: Twin, other: Twin) -> Iterator[str]:
    """Routes with several ids: one of ours, one of theirs."""
    ids = [name for name in sorted(rule.arguments) if table_of(rule, name)]
    for foreign in ids if len(ids) > 1 else ():
        yield fill_in(rule, {n: values_of(rule, n, other if n == foreign else own)[0] for n in rule.arguments})


def table_of(rule: Rule, name: str) -> str:
    return TABLES_OF_ENDPOINT.get((rule.endpoint, name)) or TABLES.get(name, "")


def values_of(rule: Rule, name: str, twin: Twin) -> list[str]:
    table = table_of(rule, name)
    if table:
        return twin.ids[table]
    if name == "number" and (rule.endpoint, name) not in WORDS:
        return twin.numbers
    if name == "token":
        return [f"{twin.company_id.hex}.{LINK_TOKEN}"]
    words = WORDS.get((rule.endpoint, name)) or WORDS.get(name)
    if words is None:
        raise Unknown(f"{rule.rule}: where do values of <{name}> come from?")
    return list(words)


def fill_in(rule: Rule, values: dict[str, str]) -> str:
    return re.sub(r"<(?:[^:>]+:)?([^>]+)>", lambda match: values[match[1]], rule.rule)


def is_foreign_free(rule: Rule) -> bool:
    """True when nothing in the address belongs to a company, or the answer is the same for every address."""
    if rule.endpoint == "candidate.again_sent":
        return True
    return not any(table_of(rule, name) or name in ("number", "token") for name in rule.arguments)


def files_in(data: dict[str, Any]) -> dict[str, Any]:
    """Put a small real file where a form has a file field."""
    return {
        name: (io.BytesIO(b"Employee ID,First Name\n1,Ana\n"), "people.csv") if value == ["FILE"] else value
        for name, value in data.items()
    }


def readable(answer: TestResponse) -> str:
    """Headers and body as text, lower case; what is inside workbooks and PDFs too."""
    body = answer.get_data()
    text = body.decode("utf-8", "replace")
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            text = " ".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    elif body[:4] == b"%PDF":
        text = subprocess.run(["pdftotext", "-", "-"], input=body, capture_output=True, check=True).stdout.decode()
    return f"{answer.headers} {text}".lower()


def digests(admin: Any, company_id: Any, leave_out: tuple[str, ...] = ()) -> dict[str, str]:
    """One digest per tenant table over every byte of the company's rows (all companies with None)."""
    from app.domains import Base

    found = {}
    for name, table in Base.metadata.tables.items():
        if name in leave_out:
            continue
        column = "company_id" if "company_id" in table.c else "id" if name == "tenant_door" else ""
        where = f" WHERE {column} = '{company_id}'" if company_id and column else ""
        query = f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {name} t{where}"
        found[name] = admin.execute(query).fetchone()[0]
    return found


def collect_forms(app: Flask, twin: Twin, rules: list[Rule]) -> dict[str, Form]:
    """Endpoint → the richest form that the company's own pages offer for it."""
    adapter, found = app.url_map.bind("localhost"), {}  # type: ignore[var-annotated]
    for name in ("everything", "employee"):
        visitor = Visitor(app, twin, name)
        for rule in rules:
            if "GET" not in (rule.methods or ()) or rule.endpoint.startswith(("dev.", "accounts.oidc")):
                continue
            for path in addresses(rule, twin, most=3):
                answer = visitor.get(path)
                if answer.status_code != 200 or answer.mimetype != "text/html":
                    continue
                for form in forms_of(answer):
                    try:
                        endpoint, _ = adapter.match(form.action, method="POST")
                    except HTTPException:
                        raise AssertionError(f"{path} has a form to {form.action}, which is no route") from None
                    if endpoint not in found or len(form.offered) > len(found[endpoint].offered):
                        found[endpoint] = form
    return found
