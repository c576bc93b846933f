"""`corridor docs`: write the pages that are drawn from code, so that they cannot tell another story."""

from pathlib import Path

import click
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from app.core.access import access_map
from app.core.config import Settings

DOCS = Path(__file__).resolve().parents[2] / "docs"


@click.command("docs")
def command() -> None:
    """Write docs/settings.md and docs/access-map.md from the code."""
    (DOCS / "settings.md").write_text(settings_page())
    (DOCS / "access-map.md").write_text(f"# Who may do what\n\nWritten by `corridor docs` from `app/core/access.py`.\n\n{access_map()}")
    click.echo("docs/settings.md and docs/access-map.md are written.")


def settings_page() -> str:
    """Every setting as a table row: variable, default, meaning."""
    rows = [f"| `{name.upper()}` | {_default(field)} | {field.description} |" for name, field in Settings.model_fields.items()]
    head = [
        "# Settings",
        "",
        "Environment variables, or lines of a `.env` file. Written by `corridor docs` from `app/core/config.py`; a test compares.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    return "\n".join([*head, *rows]) + "\n"


def _default(field: FieldInfo) -> str:
    value = field.default
    if isinstance(value, SecretStr):
        return "empty" if not value.get_secret_value() else "for development only"
    return f"`{value}`" if value not in ("", None) else "empty"
