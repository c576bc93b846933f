"""`corridor docs`: write the pages that are drawn from code, so that they cannot tell another story."""

from pathlib import Path
from typing import Any

import click
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from app.core.access import access_map
from app.core.config import Settings

DOCS = Path(__file__).resolve().parents[2] / "docs"


@click.command("docs")
def command() -> None:
    """Write docs/settings.md, docs/access-map.md and docs/data-model.md from the code."""
    (DOCS / "settings.md").write_text(settings_page())
    (DOCS / "access-map.md").write_text(
        f"# Who may do what\n\nWritten by `corridor docs` from `app/core/access.py`.\n\n{access_map()}"
    )
    (DOCS / "data-model.md").write_text(data_model_page())
    click.echo("docs/settings.md, docs/access-map.md and docs/data-model.md are written.")


def settings_page() -> str:
    """Every setting as a table row: variable, default, meaning."""
    rows = [
        f"| `{name.upper()}` | {_default(field)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    head = [
        "# Settings",
        "",
        "Environment variables, or lines of a `.env` file. Written by `corridor docs` from `app/core/config.py`; a test compares.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    return "\n".join([*head, *rows]) + "\n"


def data_model_page() -> str:
    """Every table: what it is, its columns, what it refers to. Encrypted columns end in `_enc`, blind indexes in `_bidx`."""
    from app.domains import Base

    models = sorted(Base.registry.mappers, key=lambda mapper: (mapper.class_.__module__, mapper.class_.__tablename__))
    lines = [
        "# Data model",
        "",
        "Written by `corridor docs` from the models. Columns ending in `_enc` are AES-256-GCM ciphertext, `_bidx` a blind index; every table but",
        "`tenant_door` and `process_heartbeat` has `company_id`, forced row-level security and composite foreign keys.",
        "Where each field of the requirement documents lives: [field-map.csv](field-map.csv).",
    ]
    domain = ""
    for mapper in models:
        if domain != (domain := mapper.class_.__module__.split(".")[1]):
            lines += ["", f"## {domain}"]
        lines += ["", *_table_lines(mapper.class_)]
    return "\n".join(lines) + "\n"


def _table_lines(model: Any) -> list[str]:
    table = model.__table__
    own = [column.name for column in table.c if column.name not in ("company_id", "id", "created_at", "updated_at")]
    targets = sorted({key.elements[0].target_fullname.split(".")[0] for key in table.foreign_key_constraints})
    said = " ".join((model.__doc__ or "").split())
    lines = [f"### {table.name}", said, "", ", ".join(f"`{name}`" for name in own)]
    return lines + ([f"\nrefers to {', '.join(targets)}"] if targets else [])


def _default(field: FieldInfo) -> str:
    value = field.default
    if isinstance(value, SecretStr):
        return "empty" if not value.get_secret_value() else "for development only"
    return f"`{value}`" if value not in ("", None) else "empty"
