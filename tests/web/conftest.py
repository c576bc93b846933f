"""The tiny application of `tests.web.tiny`: as a client and as a live address for Chromium."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from tests.web import tiny


@pytest.fixture(scope="session")
def tiny_app() -> Flask:
    """The web pieces alone: no database, no domain."""
    return tiny.make()


@pytest.fixture
def tiny_client(tiny_app: Flask) -> FlaskClient:
    """A client of the tiny application."""
    return tiny_app.test_client()


@pytest.fixture(scope="session")
def tiny_url(tiny_app: Flask) -> Iterator[str]:
    """The tiny application on a port of its own."""
    server = make_server("127.0.0.1", 0, tiny_app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def tiny_page(browser: Any, tiny_url: str) -> Iterator[Any]:
    """`tiny_page(width=390, scheme="light", js=True)`: a page; a CSP violation or a script error fails the test."""
    contexts: list[Any] = []
    trouble: list[str] = []

    def make(width: int = 390, height: int = 844, scheme: str = "light", js: bool = True, **options: Any) -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            java_script_enabled=js,
            base_url=tiny_url,
            locale="en-US",
            **options,
        )
        context.set_default_timeout(8_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("console", lambda said: trouble.append(said.text) if "Content Security" in said.text else None)
        return page

    yield make
    for context in contexts:
        context.close()
    assert not trouble, "\n".join(trouble)
