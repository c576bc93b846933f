"""Whole page or fragment, redirects for htmx, caching, compression."""

from __future__ import annotations

import gzip

from flask import Flask, Response, g, redirect
from flask.testing import FlaskClient

from app.web import pages
from tests.web import tiny

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}
FULL = {"HX-Request": "true", "HX-Request-Type": "full"}


def test_a_browser_gets_the_whole_page(tiny_client: FlaskClient) -> None:
    found = tiny_client.get("/dev/step")
    assert found.text.startswith("<!doctype html>")
    assert {"HX-Request", "HX-Request-Type"} <= set(found.vary)


def test_htmx_gets_the_main_block_with_its_title(tiny_client: FlaskClient) -> None:
    found = tiny_client.get("/dev/step", headers=PARTIAL)
    assert found.text.lstrip().startswith("<title>Medical plan \u2013 Acme Benefits</title>")
    assert "<h1" in found.text
    assert "<html" not in found.text
    assert '<header class="top"' not in found.text


def test_a_selecting_request_gets_the_whole_page(tiny_client: FlaskClient) -> None:
    assert "<html" in tiny_client.get("/dev/step", headers=FULL).text


def test_an_ordinary_browser_cannot_ask_for_a_fragment(tiny_client: FlaskClient) -> None:
    assert "<html" in tiny_client.get("/dev/step", headers={"HX-Request-Type": "partial"}).text


def test_an_error_page_says_so_in_its_title(tiny_client: FlaskClient) -> None:
    assert "<title>Error: Components" in tiny_client.get("/dev/components?errors=1").text


def test_pages_of_signed_in_people_are_not_stored(tiny_client: FlaskClient) -> None:
    assert tiny_client.get("/dev/list?as=ana").headers["Cache-Control"] == "no-store"
    assert tiny_client.get("/dev/list?as=ana", headers=PARTIAL).headers["Cache-Control"] == "no-store"
    assert "no-store" not in tiny_client.get("/dev/list").headers["Cache-Control"]


def test_a_redirect_becomes_a_header_for_htmx(tiny_app: Flask) -> None:
    with tiny_app.test_request_context("/", headers=PARTIAL):
        response = pages.redirect_for_htmx(tiny_app.make_response(redirect("/next", 303)))
        assert (response.status_code, response.headers["HX-Redirect"]) == (204, "/next")
        assert "Location" not in response.headers
    with tiny_app.test_request_context("/"):
        assert pages.redirect_for_htmx(tiny_app.make_response(redirect("/next", 303))).status_code == 303


def test_somebody_without_a_session_signs_in_first(tiny_app: Flask) -> None:
    with tiny_app.test_request_context("/"):
        assert pages.sign_in_first("/in").headers["Location"] == "/in"
    with tiny_app.test_request_context("/", headers=PARTIAL):
        response = pages.sign_in_first()
        assert (response.status_code, response.headers["HX-Redirect"]) == (401, "/")


def test_keep_alive_tells_whether_the_session_lives(tiny_client: FlaskClient) -> None:
    assert tiny_client.get("/keep-alive?as=ana").status_code == 204
    assert tiny_client.get("/keep-alive").status_code == 401


def test_a_list_page_travels_compressed(tiny_client: FlaskClient) -> None:
    plain = tiny_client.get("/dev/list?as=ana")
    packed = tiny_client.get("/dev/list?as=ana", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) * 4 < len(plain.data)
    assert int(packed.headers["Content-Length"]) == len(packed.data)
    assert "Elections" in gzip.decompress(packed.data).decode()
    assert "Accept-Encoding" in packed.vary


def test_answers_another_site_asked_for_are_not_compressed(tiny_client: FlaskClient) -> None:
    for where in ("cross-site", "same-site"):
        headers = {"Accept-Encoding": "gzip", "Sec-Fetch-Site": where}
        assert "Content-Encoding" not in tiny_client.get("/dev/list?as=ana", headers=headers).headers
    headers = {"Accept-Encoding": "gzip", "Sec-Fetch-Site": "same-origin"}
    assert tiny_client.get("/dev/list?as=ana", headers=headers).headers["Content-Encoding"] == "gzip"


def test_small_refused_and_ready_answers_stay_as_they_are(tiny_app: Flask) -> None:
    with tiny_app.test_request_context("/", headers={"Accept-Encoding": "gzip"}):
        for response in (
            Response("small", mimetype="text/html"),
            Response("x" * 5000, mimetype="application/pdf"),
            Response("x" * 5000, mimetype="text/html", headers={"Content-Encoding": "br"}),
        ):
            assert pages.compress(response).headers.get("Content-Encoding") != "gzip"
    with tiny_app.test_request_context("/", headers={"Accept-Encoding": "gzip;q=0"}):
        assert "Content-Encoding" not in pages.compress(Response("x" * 5000, mimetype="text/html")).headers


def test_equal_bodies_have_different_sizes() -> None:
    body = b"x" * 5000
    packed = [pages.gzip_padded(body) for _ in range(40)]
    assert all(gzip.decompress(one) == body for one in packed)
    assert len({len(one) for one in packed}) > 5


def test_brand_and_places(tiny_app: Flask) -> None:
    with tiny_app.test_request_context("/"):
        assert pages.brand() == pages.Brand("Corridor", None, "")
        g.brand = pages.Brand("Acme", 20)
        assert pages.brand().name == "Acme"
        assert pages.place("home") == "/"
        assert pages.idle_seconds() >= 120


def test_an_application_may_name_its_places() -> None:
    app = tiny.make(PLACES={"home": "dev.step"})
    assert 'href="/dev/step"' in app.test_client().get("/dev/list?as=ana").text
