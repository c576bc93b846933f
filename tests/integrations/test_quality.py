"""The quality scale: no adapter claims a level it does not keep, and what a machine can check is checked."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

import app.integrations.adapters
from app.connections.services.sections import part_of
from app.integrations.api import Api, Deletes
from app.integrations.auth.kinds import OAuth2Code, inner
from app.integrations.completeness import faults
from app.integrations.contracts import Manifest
from app.integrations.protection.retry import Safety
from app.integrations.quality import FILE, RULES, Level, Quality, quality_of, quality_page, read_quality
from app.integrations.registry import adapters
from sandbox.vendors.core.serving import slugs, vendor_class
from tests.integrations.contract.served import READING

ADAPTERS = Path(app.integrations.adapters.__path__[0])
ROOT = ADAPTERS.parents[2]
DATA = re.compile(r"(manifest|api|words|codes|fields|presets|envelopes|settings)\.py")
MOST_LINES = 150
OLD_STAND_INS = {"edi834": "carriers", "custom_screening": "screening", "checkr": "screening/checkr"}


@dataclass(frozen=True)
class Subject:
    """One adapter as it lies there."""

    manifest: Manifest

    @property
    def slug(self) -> str:
        return self.manifest.slug

    @property
    def folder(self) -> Path:
        return ADAPTERS / self.slug

    @property
    def apis(self) -> list[Api]:
        return [self.manifest.api] if self.manifest.api else []

    @cached_property
    def tests(self) -> str:
        files = [path for path in (ROOT / "tests" / "integrations").rglob("test_*.py") if self.slug in path.read_text()]
        own = [path for path in files if self.slug in path.stem] or ([] if self.slug != "edi834" else files)
        return "\n".join(path.read_text() for path in own)

    @property
    def readme(self) -> str:
        return (self.folder / "README.md").read_text().lower()

    def code(self) -> int:
        """Lines outside of data that hold code: neither empty, nor comment, nor docstring."""
        return sum(_lines(path.read_text()) for path in self.folder.rglob("*.py") if not DATA.fullmatch(path.name))

    def words(self) -> set[str]:
        return _words(self.manifest.config) | _words(self.manifest.secrets)


def _lines(text: str) -> int:
    told = {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    lines = enumerate((line.strip() for line in text.splitlines()), 1)
    return sum(1 for number, line in lines if line and not line.startswith("#") and number not in told)


def _words(model: type[BaseModel]) -> set[str]:
    found = set()
    for info in model.model_fields.values():
        found |= {text for text in (info.title, info.description) if text}
        part = part_of(info)
        found |= _words(part) if part else set()
    return found


@cache
def spanish() -> str:
    return "\n".join(path.read_text() for path in (ROOT / "app" / "web" / "translations").glob("*.po"))


def _translated(one: Subject) -> bool:
    return all(f'msgid "{text}"'.replace('\\"', '"') in spanish().replace('\\"', '"') for text in one.words())


def _refereed(one: Subject) -> bool:
    return one.slug in slugs() and vendor_class(one.slug).description is not None


def _scoped(one: Subject) -> bool:
    signed_in = [inner(api.auth) for api in one.apis]
    return all(bool(auth.scopes) for auth in signed_in if isinstance(auth, OAuth2Code)) and any(
        isinstance(auth, OAuth2Code) for auth in signed_in
    )


CHECKS: Mapping[str, Callable[[Subject], bool]] = {
    "complete": lambda one: faults(one.manifest, one.slug) == [],
    "verified": lambda one: re.search(r"not\W+(verified|sent|tried|offered|public)|nothing was sent|## open", one.readme) is not None,
    "samples": lambda one: any(path.name != "README.md" for path in (one.folder / "samples").iterdir()),
    "tests": lambda one: "def test_" in one.tests,
    "checkable": lambda one: one.manifest.open_files is not None
    or one.manifest.make_api is not None
    or any(resource.listing for api in one.apis for resource in api.resources),
    "stand-in": lambda one: one.slug in slugs() or (ROOT / "sandbox" / OLD_STAND_INS.get(one.slug, "-")).is_dir(),
    "refusals": lambda one: one.slug in READING or all(word in one.tests for word in ("AuthFailed", "RateLimited", "ServerFailed")),
    "scopes": _scoped,
    "signed": lambda one: one.manifest.webhooks is not None,  # the contract suite refuses a delivery without proof, for each of them
    "deletes": lambda one: bool(one.manifest.synced) and all(r.deletes is not Deletes.NONE for r in one.manifest.synced),
    "once": lambda one: bool(one.apis)
    and all(operation.safety is not Safety.ASK for api in one.apis for operation in api.operations)
    and any(api.operations for api in one.apis),
    "incremental": lambda one: any(resource.incremental for resource in one.manifest.synced),
    "refereed": _refereed,
    "small": lambda one: one.code() <= MOST_LINES,
    "spanish": _translated,
}  # fmt: skip


def subjects() -> list[Subject]:
    return [Subject(manifest) for manifest in adapters().values()]


def test_every_rule_of_a_machine_has_its_check() -> None:
    assert {rule.key for rule in RULES if rule.machine} == set(CHECKS)
    assert len({rule.key for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("one", subjects(), ids=lambda one: one.slug)
def test_an_adapter_claims_what_it_keeps(one: Subject) -> None:
    path = one.folder / FILE
    assert path.exists(), f"adapters/{one.slug} lacks {FILE}: see docs/adapters-quality.md"
    said = read_quality(one.folder)
    assert said.level is said.reached, f"adapters/{one.slug} says {said.level}; by its rules it is {said.reached}"
    kept = {key: CHECKS[key](one) for key in CHECKS}
    wrong = sorted(key for key in said.done if key in kept and not kept[key])
    assert wrong == [], f"adapters/{one.slug} says done, but it is not"
    needless = sorted(key for key in said.exempt if kept.get(key))
    assert needless == [], f"adapters/{one.slug} is exempt from what it keeps: say done"


BRONZE = {rule.key: "done" for rule in RULES if rule.level is Level.BRONZE}
SILVER = BRONZE | {rule.key: "done" for rule in RULES if rule.level is Level.SILVER}


@pytest.mark.parametrize(
    ("rules", "reached"),
    [
        ({}, Level.NONE),
        (BRONZE, Level.BRONZE),
        ({**BRONZE, "spanish": "done", "small": "done"}, Level.BRONZE),
        (SILVER, Level.SILVER),
        ({**SILVER, "signed": {"exempt": "It sends nothing."}}, Level.SILVER),
        ({key: said for key, said in SILVER.items() if key != "complete"}, Level.NONE),
        ({rule.key: "done" for rule in RULES}, Level.GOLD),
    ],
)  # fmt: skip
def test_a_level_needs_all_its_rules_and_those_below(rules: dict[str, Any], reached: Level) -> None:
    assert quality_of({"level": "gold", "rules": rules}).reached is reached


@pytest.mark.parametrize(
    "facts",
    [
        {"rules": {"no-such-rule": "done"}}, {"rules": {"tests": "nearly"}}, {"rules": {"tests": {"exempt": " "}}},
        {"rules": {"tests": {"why": "x"}}}, {"level": "platinum"}, {"levels": "gold"},
    ],
)  # fmt: skip
def test_a_file_that_says_anything_else_is_refused(facts: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 the words differ
        quality_of(facts)


def test_what_is_next_is_of_the_next_level_alone() -> None:
    one = Quality(Level.BRONZE, frozenset(BRONZE), {})
    assert {rule.level for rule in one.lacking} == {Level.SILVER}


def test_the_page_is_todays() -> None:
    folders = {one.slug: (one.manifest.name, one.folder) for one in subjects()}
    page = (ROOT / "docs" / "adapters-quality.md").read_text()
    assert page == quality_page(folders), "run `corridor docs`"
