"""`corridor docs`: write the pages that are drawn from code, so that they cannot tell another story."""

from pathlib import Path
from typing import Any

import click
from pydantic import SecretStr
from pydantic.fields import FieldInfo

import app.integrations.adapters
from app.core.access import access_map
from app.core.config import Settings
from app.integrations.quality import quality_page
from app.integrations.registry import adapters

DOCS = Path(__file__).resolve().parents[2] / "docs"


@click.command("docs")
def command() -> None:
    """Write docs/settings.md, access-map.md, data-model.md, jobs.md and adapters-quality.md from the code."""
    (DOCS / "settings.md").write_text(settings_page())
    (DOCS / "access-map.md").write_text(
        f"# Who may do what\n\nWritten by `corridor docs` from `app/core/access.py`.\n\n{access_map()}"
    )
    (DOCS / "data-model.md").write_text(data_model_page())
    (DOCS / "jobs.md").write_text(jobs_page())
    (DOCS / "adapters-quality.md").write_text(adapters_page())
    click.echo("docs/settings.md, access-map.md, data-model.md, jobs.md and adapters-quality.md are written.")


def adapters_page() -> str:
    """Each adapter with the level of quality it keeps."""
    folder = Path(app.integrations.adapters.__path__[0])
    return quality_page({slug: (one.name, folder / slug) for slug, one in adapters().items()})


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


REPEATS = {
    "safe": "repeating is harmless",
    "keyed": "the receiver removes doubles by our key",
    "check": "looks first whether the effect is there",
    "ask": "never repeated blindly: state `unknown`, a person decides",
}


def jobs_page() -> str:
    """Every job kind: what starts it, what it promises when it is unknown whether its effect took place."""
    from app.domains import load_jobs

    lines = [
        "# Jobs and their promises",
        "",
        "Written by `corridor docs`. A job may be killed at any line and may run twice; this is what each kind relies on then.",
        "",
        "| job | started by | promise | tries | what it does |",
        "|---|---|---|---|---|",
    ]
    for kind, job in sorted(load_jobs().items()):
        if kind.startswith("test."):
            continue
        started = ", ".join(f"`{name}`" for name in job.on) or (f"every {job.every}" if job.every else "another job")
        said = " ".join((job.function.__doc__ or "").split("\n\n")[0].split())
        lines.append(f"| `{kind}` | {started} | {REPEATS[job.repeat]} | {job.max_attempts} | {said} |")
    return "\n".join(lines) + "\n"


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
