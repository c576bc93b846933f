"""Budgets, URLs that change with their bytes, caching, and the brand's style sheet."""

from __future__ import annotations

import gzip
import re

import pytest
from flask.testing import FlaskClient

from app.web import assets

BUDGET = {"corridor.css": 12_000, "corridor.js": 20_000}


@pytest.mark.parametrize(("name", "most"), BUDGET.items())
def test_budget(name: str, most: int) -> None:
    assert len(assets.build()[name].gzipped) <= most


def test_first_load_stays_under_60_kb(tiny_client: FlaskClient) -> None:
    packed = {"Accept-Encoding": "gzip"}
    page = tiny_client.get("/dev/list?as=ana&hue=210", headers=packed)
    html = gzip.decompress(page.data).decode()
    urls = re.findall(r'(?:href|src)="(/(?:assets|brand)/[^"]+)"', html)
    assert len(urls) == 3
    sizes = [len(page.data), *(len(tiny_client.get(url, headers=packed).data) for url in urls)]
    assert sum(sizes) <= 60_000
    assert sum(sizes) <= 30_000, "we are far below the budget; stay there"


def test_an_asset_is_cached_for_ever_under_its_digest(tiny_client: FlaskClient) -> None:
    asset = assets.build()["corridor.css"]
    found = tiny_client.get(f"/assets/{asset.digest}/corridor.css", headers={"Accept-Encoding": "gzip"})
    assert "immutable" in found.headers["Cache-Control"]
    assert found.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(found.data) == asset.plain
    assert tiny_client.get(f"/assets/{asset.digest}/corridor.css").data == asset.plain


def test_an_old_digest_gets_the_new_file_uncached(tiny_client: FlaskClient) -> None:
    found = tiny_client.get("/assets/0123456789abcdef/corridor.js")
    assert found.status_code == 200
    assert found.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("name", ["other.css", "..%2fpyproject.toml", "vendor.json"])
def test_nothing_else_is_served(tiny_client: FlaskClient, name: str) -> None:
    assert tiny_client.get(f"/assets/0123456789abcdef/{name}").status_code == 404


def test_the_brand_sheet_holds_one_integer(tiny_client: FlaskClient) -> None:
    found = tiny_client.get("/brand/210.css")
    assert found.data == b":root{--brand-h:210}"
    assert found.mimetype == "text/css"
    assert "immutable" in found.headers["Cache-Control"]


@pytest.mark.parametrize("hue", ["360", "-1", "1.5", "red", "1;}body{display:none", "999999999999"])
def test_anything_but_a_hue_is_refused(tiny_client: FlaskClient, hue: str) -> None:
    assert tiny_client.get(f"/brand/{hue}.css").status_code == 404


def test_minified_css_keeps_its_meaning() -> None:
    assert (
        assets.minify_css("/* x */ a > b ,c { color : red ; margin: 0 auto; }\n") == "a>b,c{color :red;margin:0 auto}"
    )
    sheet = assets.build_css()
    assert sheet.count("{") == sheet.count("}")
    assert "calc(" not in sheet or " + " in sheet
