"""`corridor numbers`: the control numbers of carrier files."""

import click

from worker.cli._attach import attached, companies


@click.group("numbers")
def command() -> None:
    """Control numbers of carrier files (ISA13, GS06): where they stand, and ahead after a restore."""


@command.command("list")
def list_numbers() -> None:
    """The next number of every carrier, test and production apart."""
    with attached():
        _show()


@command.command("ahead")
@click.option("--by", type=click.IntRange(1, 1_000_000), required=True, help="How many numbers to leave out.")
def ahead(by: int) -> None:
    """Leave numbers out, after a restore: a carrier refuses a number it has seen, and this database forgot which those are."""
    with attached():
        from app.core.db import transaction
        from app.core.events import system
        from app.feeds.services.numbers import move_ahead

        for company_id, _name in companies():
            with transaction(company_id) as session:
                move_ahead(session, system("cli", company_id), by)
        _show()


def _show() -> None:
    from app.core.db import transaction
    from app.feeds.services.numbers import series

    for company_id, name in companies():
        with transaction(company_id) as session:
            for one in series(session):
                usage = "production" if one.usage == "P" else "test"
                click.echo(f"{name}: {one.carrier}, {usage}: next is {one.next_number:09d}")
