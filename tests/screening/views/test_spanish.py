"""Everything a recruiter reads is there in Spanish, also what only a service says."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po
from flask.testing import FlaskClient
from jinja2.ext import babel_extract

from app.core.db import tenant, transaction
from tests.screening.made import Employer, order
from tests.screening.views.test_board import recruiter as recruiter

ROOT = Path(__file__).parents[3]
FORMS, VIEWS, SERVICES = (ROOT / "app" / "screening" / part for part in ("forms", "views", "services"))
PYTHON = [
    *(FORMS / f"{name}.py" for name in ("words", "board", "orders", "requests")),
    *(VIEWS / f"{name}.py" for name in ("board", "bulk", "candidates", "needs", "orders", "request_words", "requests", "second_part")),
]  # fmt: skip
PAGES = [
    ROOT / "templates" / "screening" / f"{name}.html"
    for name in (
        "board", "bulk_order", "candidate_page", "candidates", "dates", "order", "order_fields", "provider_events", "request_page",
        "request_parts", "second_part",
    )
]  # fmt: skip
KEYWORDS = {"_": None, "_l": None, "ngettext": (1, 2), "plural": (1, 2)}


def known() -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "app" / "web" / "translations").glob("es*.po"):
        with path.open("rb") as file:
            found |= {one.id if isinstance(one.id, str) else one.id[0] for one in read_po(file) if one.string}
    return found


def said_by_services() -> set[str]:
    """Texts in `Invalid(...)` of the services behind these pages."""
    found: set[str] = set()
    for name in ("bulk", "candidates", "holding", "ordering", "requesting", "saved_views", "board_export"):
        for node in ast.walk(ast.parse((SERVICES / f"{name}.py").read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Invalid":
                values = node.args[0].values if isinstance(node.args[0], ast.Dict) else [node.args[0]]
                found |= {one.value for one in values if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return found


def test_every_text_has_its_spanish() -> None:
    texts = said_by_services()
    assert len(texts) > 10
    for path in PYTHON:
        texts |= {
            one[1] if isinstance(one[1], str) else one[1][0] for one in extract_from_file("python", str(path), KEYWORDS)
        }
    for path in PAGES:
        with path.open("rb") as file:
            found = list(babel_extract(file, ["_", "ngettext"], [], {"trimmed": "true"}))
        texts |= {one[2] if isinstance(one[2], str) else one[2][0] for one in found}
    assert texts - known() - {"", "subject"} == set()


@pytest.mark.parametrize("path", ["/screening", "/screening/order", "/screening/bulk-order", "/screening/candidates"])
def test_the_pages_are_spanish(recruiter: FlaskClient, employer: Employer, path: str) -> None:
    with tenant(employer.company_id), transaction() as session:
        order(session, employer)
    page = recruiter.get(f"{path}?lang=es").get_data(as_text=True)
    assert '<html lang="es"' in page
    for words in ("Background checks", "Order ", "Waiting", "Candidates", "The job", "Choose"):
        assert f">{words}" not in page, words
