"""docs/asvs.csv claims only what a test of that name proves, and answers every id the requirements name."""

from __future__ import annotations

import ast
import csv
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT.parent / "shared" / "reference" / "reliability-and-security.md"


def rows() -> list[dict[str, str]]:
    with (ROOT / "docs" / "asvs.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def names_in(path: Path) -> set[str]:
    return {
        node.name for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.FunctionDef)
    }


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["id"])
def test_an_answer_leads_somewhere(row: dict[str, str]) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", row["id"])
    assert row["topic"]
    assert row["where"]
    assert row["answer"] in ("test", "doc", "n.a.", "open")
    if row["answer"] == "test":
        path, name = row["where"].split("::")
        assert name in names_in(ROOT / path)
    if row["answer"] == "doc":
        assert (ROOT / row["where"]).exists()


def test_each_id_is_answered_once() -> None:
    ids = [row["id"] for row in rows()]
    assert sorted(ids) == sorted(set(ids))


def ids_of_reference() -> set[str]:
    """`3.4.1-6` is six ids; the second column of the table of section 5."""
    section = REFERENCE.read_text(encoding="utf-8").partition("## 5.")[2].partition("\n## ")[0]
    cells = [line.split("|")[2] for line in section.splitlines() if line.startswith("| ")]
    found = set()
    for first, second, begin, end in re.findall(r"\b(\d+)\.(\d+)\.(\d+)(?:-(\d+))?\b", " ".join(cells)):
        found |= {f"{first}.{second}.{number}" for number in range(int(begin), int(end or begin) + 1)}
    return found


def test_every_id_of_the_reference_is_answered() -> None:
    if not REFERENCE.exists():
        pytest.skip("the requirement documents are not beside this checkout")
    wanted = ids_of_reference()
    assert len(wanted) > 80
    assert wanted - {row["id"] for row in rows()} == set()


def test_the_page_counts_its_open_answers() -> None:
    """docs/security.md names how many answers are open, so that a new gap is seen there too."""
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    still_open = sum(row["answer"] == "open" for row in rows())
    assert f"{len(rows())} answers, {still_open} of them open" in text


def test_every_test_the_page_names_exists() -> None:
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(tests/[\w/]+\.py)`", text)) | {
        f"tests/security/{name}" for name in re.findall(r"`(test_\w+\.py)`", text)
    }
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []
