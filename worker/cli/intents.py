"""`corridor intents`: the outbox."""

import sys
from uuid import UUID

import click
from rich.console import Console
from rich.table import Table

from worker.cli._attach import attached, companies


@click.group("intents")
def command() -> None:
    """Promised work: see what waits, run again what was given up."""


@command.command("list")
@click.option(
    "--state",
    default="",
    help="pending, dispatched, running, unknown, dead, canceled or done; default: all that is open.",
)
@click.option("--limit", default=50, show_default=True)
def list_intents(state: str, limit: int) -> None:
    """Open intents of every company, newest first."""
    table = Table("company", "intent", "kind", "state", "tries", "last problem", "due")
    with attached():
        from app.core.db import transaction
        from app.oversight.services import intents

        for company_id, name in companies():
            with transaction(company_id) as session:
                rows = intents(session, state=state, limit=limit)
            for row in rows[:limit]:
                table.add_row(
                    name,
                    str(row.id),
                    row.kind,
                    row.state,
                    str(row.attempts),
                    row.last_error,
                    f"{row.run_after:%Y-%m-%d %H:%M:%S}",
                )
    Console(width=None if sys.stdout.isatty() else 200).print(table)


@command.command("retry")
@click.argument("intent_id", type=click.UUID, required=False)
@click.option("--all-dead", is_flag=True, help="Every intent that was given up.")
def retry(intent_id: UUID | None, all_dead: bool) -> None:
    """Run an intent again. For one in state `unknown`, look first whether its effect happened."""
    if not intent_id and not all_dead:
        raise click.UsageError("Give an intent's id (see `corridor intents list`) or --all-dead.")
    done = 0
    with attached():
        from app.core.db import transaction
        from app.core.errors import Conflict, NotFound
        from app.core.events import system
        from app.oversight import services

        for company_id, _name in companies():
            with transaction(company_id) as session:
                ids: list[UUID] = [intent_id] if intent_id else []
                if all_dead:
                    ids += [row.id for row in services.intents(session, state="dead", limit=10_000)]
                for wanted in ids:
                    try:
                        services.retry(session, system("cli", company_id), wanted)
                    except NotFound:
                        continue
                    except Conflict as refused:
                        raise click.ClickException(str(refused)) from None
                    done += 1
    click.echo(f"{done} intents run again.")
    sys.exit(0 if done else 1)
