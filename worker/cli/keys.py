"""`corridor keys`: encryption keys."""

import sys
from functools import partial

import click
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn

from worker.cli._attach import attached, companies


def _advance(bar: Progress, task: TaskID, _table: str, done: int) -> None:
    bar.advance(task, done)


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
    """New data keys, then every encrypted value under them, while people go on working. Killed, it is simply run again."""
    left = 0
    with attached():
        from app.core.config import get_settings
        from app.core.keys import LocalKeyFile
        from app.core.rotation import rewrap
        from app.core.rotation import rotate as rotate_data

        if kek:
            version = LocalKeyFile(get_settings().key_file, may_create=False).add_version()
            click.echo(f"Key-encryption key {version} is current.")
        for company_id, name in companies():
            if kek:
                click.echo(f"{name}: {rewrap(company_id)} data keys wrapped anew")
                continue
            with Progress(
                SpinnerColumn(), TextColumn("{task.description}: {task.completed} rows"), transient=True
            ) as bar:
                task = bar.add_task(name, total=None)
                remaining = rotate_data(company_id, partial(_advance, bar, task))
                moved = bar.tasks[task].completed
            left += remaining
            click.echo(f"{name}: {moved:.0f} rows moved, {remaining} left under an older key")
    sys.exit(1 if left else 0)


@command.command("replay-shred-list")
def replay() -> None:
    """After a restore: destroy again the keys of everybody who was erased since the backup."""
    with attached():
        from app.core.rotation import replay_shred_list

        click.echo(f"{replay_shred_list()} persons erased again.")
