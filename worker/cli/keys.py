"""`corridor keys`: encryption keys."""

import sys
from uuid import UUID

import click

from worker.cli._attach import attached, companies
from worker.cli._console import bar


@click.group("keys")
def command() -> None:
    """Encryption keys: make, rotate, replay the shred list."""


@command.command("init")
def init() -> None:
    """Make the key file (KEY_FILE) if there is none; put a copy into escrow before the first person signs in."""
    from app.core.config import get_settings
    from app.core.keys import LocalKeyFile

    path = get_settings().key_file
    existed = path.exists()
    LocalKeyFile(path, may_create=True)
    click.echo(f"{path} {'was there already' if existed else 'was made; copy it into escrow now'}.")


@command.command("rotate")
@click.option(
    "--kek", is_flag=True, help="Make a new key-encryption key and wrap every data key anew; data stays as it is."
)
def rotate(kek: bool) -> None:
    """New data keys, then every encrypted value under them, while people go on working. Killed, it goes on when run again."""
    left = 0
    with attached():
        from app.core.keys import key_provider

        if kek:
            click.echo(f"Key-encryption key {key_provider().add_version()} is current.")
        for company_id, name in companies():
            left += 0 if kek else _rotate(company_id, name)
            if kek:
                _rewrap(company_id, name)
    sys.exit(1 if left else 0)


def _rotate(company_id: UUID, name: str) -> int:
    from app.core.rotation import rotate, unfinished

    began = "the interrupted rotation was finished, " if unfinished(company_id) else ""
    with bar(name) as step:
        left = rotate(company_id, step)
    click.echo(f"{name}: {began}{step.done} rows and documents moved, {left} left under an older key")
    return left


def _rewrap(company_id: UUID, name: str) -> None:
    from app.core.rotation import rewrap

    click.echo(f"{name}: {rewrap(company_id)} data keys wrapped anew")


@command.command("replay-shred-list")
def replay() -> None:
    """After a restore: destroy again the keys of everybody who was erased since the backup."""
    with attached():
        from app.core.rotation import replay_shred_list

        click.echo(f"{replay_shred_list()} persons erased again.")
