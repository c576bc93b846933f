"""Pressing buttons without a browser: forms are posted with the CSRF token of a page that was opened first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from app.core.db import engine, enter_tenant, transaction
from app.core.events import AuditEvent
from app.core.jobs import JobIntent

TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')


def post(client: FlaskClient, path: str, data: Any = None, *, page: str = "/sign-in/link", **more: Any) -> TestResponse:
    """Open `page` (any page has a token), then post."""
    token = TOKEN.search(client.get(page, follow_redirects=True).text)
    assert token is not None
    headers = {"X-CSRFToken": token.group(1), **more.pop("headers", {})}
    return client.post(path, data=data or {}, headers=headers, **more)


def shown(answer: TestResponse) -> str:
    """The text of the page without markup, spaces joined."""
    from html import unescape

    body = answer.text.partition("<main")[2]
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)))


def stable(answer: TestResponse) -> str:
    """The body without what is different each time: tokens, nonces, form keys, request ids."""
    text = re.sub(r'(content|value|nonce)="[^"]{16,}"', "", answer.text)
    return re.sub(r"<code>.*?</code>", "", text)


def events(company: UUID, *names: str) -> list[AuditEvent]:
    """Audit rows of the company, oldest first."""
    with transaction(company) as own:
        query = sa.select(AuditEvent).order_by(AuditEvent.id)
        return list(own.scalars(query.where(AuditEvent.name.in_(names)) if names else query))


def intents(company: UUID, kind: str) -> list[JobIntent]:
    with transaction(company) as own:
        return list(own.scalars(sa.select(JobIntent).where(JobIntent.kind == kind).order_by(JobIntent.id)))


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements sent to PostgreSQL inside the block."""
    statements: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(engine(), "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine(), "before_cursor_execute", note)


def nobody() -> None:
    """Requests of a test client run in the test's context; like a real one they start without a tenant."""
    enter_tenant(None)
