"""`corridor intents`: the outbox."""

import sys
from typing import Literal
from uuid import UUID

import click
from rich.console import Console
from rich.table import Table

from worker.cli._attach import attached, companies
from worker.cli._console import bar


@click.group("intents")
def command() -> None:
    """Promised work: see what waits, run again what was given up, settle what was done."""


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
    done = _each("retry", [intent_id] if intent_id else [], all_dead=all_dead)
    click.echo(f"{done} intents run again.")
    sys.exit(0 if done else 1)


@command.command("settle")
@click.argument("intent_id", type=click.UUID)
def settle(intent_id: UUID) -> None:
    """Say that an intent's effect did happen, or is no longer wanted: it is not run. Waiting ones too, after a restore."""
    done = _each("settle", [intent_id])
    click.echo(f"{done} intents settled.")
    sys.exit(0 if done else 1)


def _each(verb: Literal["retry", "settle"], wanted: list[UUID], *, all_dead: bool = False) -> int:
    """Do it to these intents, wherever they are; returns how many there were. Each in a transaction of its own."""
    done = 0
    with attached():
        from app.core.db import transaction
        from app.oversight import services

        for company_id, name in companies():
            with transaction(company_id) as session:
                dead = services.intents(session, state="dead", limit=10_000) if all_dead else ()
            ids = [*wanted, *(row.id for row in dead)]
            with bar(name) as step:
                for place, intent_id in enumerate(ids, 1):
                    done += _one(verb, company_id, intent_id)
                    step(place, len(ids))
    return done


def _one(verb: Literal["retry", "settle"], company_id: UUID, intent_id: UUID) -> bool:
    from app.core.db import transaction
    from app.core.errors import Conflict, NotFound
    from app.core.events import system
    from app.oversight import services

    act = services.retry if verb == "retry" else services.settle
    try:
        with transaction(company_id) as session:
            act(session, system("cli", company_id), intent_id)
    except NotFound:
        return False
    except Conflict as refused:
        raise click.ClickException(str(refused)) from None
    return True
