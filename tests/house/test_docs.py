"""Documentation that cannot rot."""

import csv
import re
import tomllib
from pathlib import Path

import click
import pytest

from app.core.config import Settings
from worker.cli import main

ROOT = Path(__file__).resolve().parents[2]


def test_every_setting_is_documented_and_nothing_else() -> None:
    text = (ROOT / "docs" / "settings.md").read_text()
    documented = set(re.findall(r"^\| `([A-Z0-9_]+)` \|", text, re.M))
    assert documented == {name.upper() for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert field.description in text, f"docs/settings.md tells another story about {name.upper()}; run `make docs`"


def test_every_dependency_says_why() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [item for items in project["optional-dependencies"].values() for item in items]
    names = {re.split(r"[\[>=<; ]", item)[0] for item in [*project["dependencies"], *extras]}
    documented = set(re.findall(r"^\| ([a-z0-9-]+) \|", (ROOT / "docs" / "dependencies.md").read_text(), re.M)) - {
        "package"
    }
    assert names == documented


def test_links_inside_the_docs_lead_somewhere() -> None:
    broken = []
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#]+)", path.read_text()):
            if not (path.parent / target).exists():
                broken.append(f"{path.relative_to(ROOT)} → {target}")
    assert broken == []


PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_a_page_tells_to_type_exists(page: Path) -> None:
    """`corridor …` down to the subcommand and its options, `make …` down to the target."""
    text = page.read_text()
    makefile = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    unknown = [target for target in re.findall(r"`make ([a-z-]+)`", text) if target not in makefile]
    for line in re.findall(r"`corridor ([a-z][^`]*)`", text):
        unknown += [line] if not known_command(line.split()) else []
    assert unknown == []


def known_command(typed: list[str]) -> bool:
    command: click.Command | None = main
    rest = list(typed)
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        command = command.get_command(click.Context(command), rest.pop(0))
    if command is None:
        return False
    options = {name for parameter in command.params for name in parameter.opts} | {"--help"}
    return all(word in options for word in rest if word.startswith("-"))


@pytest.mark.parametrize("page", ["operate.md", "security.md", "reliability.md"])
def test_every_variable_a_page_names_is_read_by_somebody(page: str) -> None:
    text = (ROOT / "docs" / page).read_text()
    named = set(re.findall(r"`([A-Z][A-Z0-9]*_[A-Z0-9_]+)(?:=[^`]*)?`", text))
    known = {name.upper() for name in Settings.model_fields}
    known |= set(
        re.findall(r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b", (ROOT / "Makefile").read_text() + (ROOT / "Procfile").read_text())
    )
    known |= {
        name
        for path in (ROOT / "tests" / "chaos").glob("*.py")
        for name in re.findall(r"\bCHAOS_[A-Z]+\b", path.read_text())
    }
    assert named - known == set()


def test_the_field_map_points_at_columns_that_exist() -> None:
    from app.domains import Base

    tables = Base.metadata.tables
    with (ROOT / "docs" / "field-map.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 1000
    for row in rows:
        assert row["lives_in"] or row["why"], row
        if row["lives_in"]:
            table, column = row["lives_in"].split(".")
            assert column in tables[table].c, row


@pytest.mark.parametrize(
    "document", ["benefits-module", "benefits-schema", "insurance-schema", "integration-framework", "screening-module"]
)
def test_the_field_map_covers_every_field_of_the_documents(document: str) -> None:
    spec = ROOT.parent / "shared" / "spec" / "fields.csv"
    if not spec.exists():
        pytest.skip("the requirement documents are not beside this checkout")
    with (ROOT / "docs" / "field-map.csv").open() as file:
        mapped = [(row["document"], row["table"], row["field"]) for row in csv.DictReader(file)]
    with spec.open() as file:
        wanted = {(row["document"], row["table"], row["field"]) for row in csv.DictReader(file)}
    told = {key for key in mapped if key[0] == document}
    assert told == {key for key in wanted if key[0] == document}
    assert len(told) == len([key for key in mapped if key[0] == document]), "a field is there twice"


def test_what_the_insurance_document_marks_as_protected_lives_encrypted() -> None:
    """A field with a lock in the document, by the document itself; what is not built yet has no column to look at."""
    spec = ROOT.parent / "shared" / "spec" / "insurance-schema.md"
    if not spec.exists():
        pytest.skip("the requirement documents are not beside this checkout")
    with (ROOT / "docs" / "field-map.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["document"] == "insurance-schema"]
    places = {(row["table"], row["field"]): row["lives_in"] for row in rows}
    table, locked = "", []
    for line in spec.read_text().splitlines():
        table = made.group(1) if (made := re.match(r"CREATE TABLE (\w+)", line)) else table
        if "🔒" in line and (field := re.match(r"\s+(\w+) [A-Z]", line)):
            locked.append((table, field.group(1)))
    assert len(locked) == 28
    clear = [key for key in locked if places[key] and not places[key].endswith("_enc")]
    assert clear == []
    assert sum(bool(places[key]) for key in locked) >= 27


def test_generated_pages_are_today_s() -> None:
    from worker.cli.docs import data_model_page, jobs_page, settings_page

    assert (ROOT / "docs" / "settings.md").read_text() == settings_page()
    assert (ROOT / "docs" / "data-model.md").read_text() == data_model_page(), "run `corridor docs`"
    assert (ROOT / "docs" / "jobs.md").read_text() == jobs_page(), "run `corridor docs`"


def test_every_job_says_what_it_does() -> None:
    from app.domains import load_jobs

    assert [
        kind for kind, job in load_jobs().items() if not job.function.__doc__ and not kind.startswith("test.")
    ] == []


def test_lock_files_name_no_download_address() -> None:
    assert "://" not in (ROOT / "requirements.lock").read_text()
