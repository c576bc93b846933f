"""House rules over the URL map and the templates."""

import re
from pathlib import Path

import pytest
from flask import Flask

from app.core.access import GRANTS, ROLE_DEFAULTS, Can, access_map
from app.web.access import PUBLIC, access_of, refuse_undeclared

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
# What the world may see without signing in. A new public route is added here on purpose or not at all.
KNOWN_PUBLIC = {
    "api",
    "assets",
    "health",
    "pages",
    "root",
    "security",
    "gallery",
    "dev",
    "i18n",
    "candidate",
    "webhooks",
}


@pytest.fixture
def rules(app: Flask) -> list[object]:
    return list(app.url_map.iter_rules())


def test_every_route_declares_its_permission(app: Flask, rules: list[object]) -> None:
    assert [rule.rule for rule in rules if access_of(app, rule.endpoint) is None] == []


def test_an_app_with_a_silent_route_does_not_start() -> None:
    silent = Flask("silent", static_folder=None)
    silent.add_url_rule("/quiet", "quiet", lambda: "")
    with pytest.raises(RuntimeError, match="/quiet"):
        refuse_undeclared(silent)


def test_public_routes_are_few_and_known(app: Flask, rules: list[object]) -> None:
    public = {rule.endpoint for rule in rules if access_of(app, rule.endpoint) == PUBLIC}
    unknown = {endpoint for endpoint in public if endpoint.split(".")[0] not in KNOWN_PUBLIC | {"accounts"}}
    assert unknown == set()


def test_urls_are_kebab_case(rules: list[object]) -> None:
    plain = [re.sub(r"<[^>]+>", "", rule.rule) for rule in rules if not rule.rule.startswith(("/brand", "/assets"))]
    assert [url for url in plain if not re.fullmatch(r"[a-z0-9/\-.]*", url)] == []


def test_get_and_post_are_two_functions(rules: list[object]) -> None:
    assert [rule.rule for rule in rules if {"GET", "POST"} <= rule.methods] == []


def test_page_templates_are_named_for_their_endpoint(app: Flask) -> None:
    """`page("benefits/home.html")` belongs to blueprint `benefits`: nobody renders another domain's template."""
    wrong = []
    for path in (ROOT / "app").rglob("*.py"):
        domain = path.relative_to(ROOT / "app").parts[0]
        for template in re.findall(r'\bpage\(\s*"([^"]+)"', path.read_text()):
            folder = template.split("/")[0]
            if not (TEMPLATES / template).exists():
                wrong.append(f"{path.name}: {template} does not exist")
            elif folder != domain and domain not in ("web", "oversight"):
                wrong.append(f"{path}: {template}")
    assert wrong == []


def test_every_permission_is_granted_by_some_flag_or_to_everybody() -> None:
    from app.core.access import EVERYBODY

    granted = {can for cans in GRANTS.values() for can in cans} | EVERYBODY
    assert set(Can) - granted == set()


def test_the_access_map_in_the_docs_is_today_s() -> None:
    assert (ROOT / "docs" / "access-map.md").read_text().endswith(access_map())
    assert all(str(role) in access_map() for role in ROLE_DEFAULTS)
