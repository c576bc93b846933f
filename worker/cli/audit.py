"""`corridor audit`: prove that nobody touched the trail."""

import sys

import click

from worker.cli._attach import attached, companies
from worker.cli._console import bar


@click.group("audit")
def command() -> None:
    """The audit trail."""


@command.command("verify")
def verify() -> None:
    """Check every row, seal, signature and checkpoint; exit 1 when something was edited, removed, added or reordered."""
    bad = 0
    with attached():
        from app.core import audit
        from app.core.db import transaction

        for company_id, name in companies():
            with transaction(company_id) as session, bar(name) as step:
                problems = audit.verify(session, step)
            bad += len(problems)
            click.echo(f"{name}: {'whole' if not problems else f'{len(problems)} problems'}")
            for problem in problems:
                click.echo(f"  {problem.code}: {problem.text}")
        click.echo(f"Signing key {audit.public_key_hex()}")
    sys.exit(1 if bad else 0)


@command.command("seal")
def seal() -> None:
    """Seal now instead of at the next five minutes (before a backup, before an inspection)."""
    with attached():
        from app.core import audit
        from app.core.db import transaction

        for company_id, name in companies():
            with transaction(company_id) as session:
                made = audit.seal(session)
            if made is not None:
                audit.write_checkpoint(made)
            click.echo(f"{name}: {f'seal {made.number} over {made.row_count} rows' if made else 'nothing new'}")
