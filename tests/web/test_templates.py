"""Rules over ALL templates: nothing inline, htmx attributes only where they degrade, htmx 4 names only."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask

from app.web import components

ROOT = Path(__file__).parents[2] / "templates"
TEMPLATES = sorted(ROOT.rglob("*.html"))
HTMX_ATTRIBUTES = {
    "hx-get", "hx-post", "hx-target", "hx-select", "hx-swap", "hx-push-url", "hx-trigger", "hx-disable", "hx-indicator",
    "hx-confirm", "hx-include", "hx-sync", "hx-encoding",
}  # fmt: skip
JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}", re.S)
EXPRESSION = re.compile(r"\{\{.*?\}\}", re.S)


class Elements(HTMLParser):
    """(tag, attributes) of a template with its Jinja tags taken out."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(EXPRESSION.sub("X", JINJA.sub(" ", source)))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_nothing_inline(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert "javascript:" not in source
    assert "js:" not in source
    assert "|safe" not in source.replace(" ", "")
    for tag, attributes in Elements(source).found:
        if re.search(r"\b(email|pdf|print)\b", name(path)):
            continue  # mail clients and the PDF engine need their styles in the document; neither is served as a page
        assert tag != "style", f"{name(path)}: <style>"
        assert "style" not in attributes, f"{name(path)}: style attribute on <{tag}>"
        if tag == "script":
            assert {"nonce", "src"} <= set(attributes), f"{name(path)}: inline script"
        handlers = [key for key in attributes if key.startswith(("on", "hx-on"))]
        assert not handlers, f"{name(path)}: {handlers} on <{tag}>"


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_htmx_only_improves_what_works_without_it(path: Path) -> None:
    for tag, attributes in Elements(path.read_text(encoding="utf-8")).found:
        used = {key for key in attributes if key.startswith("hx-")}
        unknown = {key.split(":")[0] for key in used} - HTMX_ATTRIBUTES
        assert not unknown, f"{name(path)}: {unknown} is not in our list of htmx 4 attributes"
        if not used:
            continue
        where = f"{name(path)}: hx-* on <{tag}>"
        poll = "poll" in (attributes.get("class") or "").split()
        assert tag in ("a", "button", "form") or poll, where
        if tag == "a":
            assert attributes.get("href"), where
        if tag == "form":
            assert attributes.get("action"), where
        assert "[" not in (attributes.get("hx-trigger") or ""), f"{where}: a trigger filter needs unsafe-eval"


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_forms_name_their_method_and_action(path: Path) -> None:
    for tag, attributes in Elements(path.read_text(encoding="utf-8")).found:
        if tag == "form":
            assert attributes.get("method"), name(path)
            assert attributes.get("action"), name(path)


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_post_forms_carry_their_token_first(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    for match in re.finditer(r'<form[^>]*method="post".*?</form>', source, re.S):
        first = re.search(r"<(?:input|button|select|textarea)[^>]*>", match.group(0))
        assert first, name(path)
        assert 'name="csrf_token"' in first.group(0), name(path)


def test_one_macro_per_file_and_all_of_them_known(tiny_app: Flask) -> None:
    files = {path.stem for path in (ROOT / "components").glob("*.html")}
    assert files == set(components.NAMES)
    ui = tiny_app.jinja_env.globals["ui"]
    with tiny_app.test_request_context("/"):
        for macro in components.NAMES:
            assert callable(getattr(ui, macro))
    with pytest.raises(AttributeError):
        _ = ui.nothing


def test_the_documentation_names_every_macro() -> None:
    text = (ROOT.parent / "docs" / "components.md").read_text(encoding="utf-8")
    missing = [macro for macro in components.NAMES if f"ui.{macro}" not in text]
    assert not missing
