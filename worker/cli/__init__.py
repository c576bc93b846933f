"""The `corridor` command. Every sibling module is a subcommand and is imported only when it is asked for."""

import importlib
import pkgutil

import click


class Siblings(click.Group):
    """Finds `worker/cli/<name>.py` and takes its `command`, so a new subcommand is a new file."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Names of the modules beside this one."""
        return sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The module's `command`; None when there is no such module."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command = importlib.import_module(f"worker.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """One broken subcommand must not take the help of the others with it."""
        rows: list[tuple[str, str]] = []
        for name in self.list_commands(ctx):
            try:
                command = self.get_command(ctx, name)
            except Exception as failure:  # noqa: BLE001,RUF100 - an import may fail in any way
                rows.append((name, f"(not available: {failure})"))
            else:
                rows.append((name, command.get_short_help_str(80) if command else ""))
        with formatter.section("Commands"):
            formatter.write_dl(rows)


@click.group(cls=Siblings, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Corridor: runs, checks and maintains an installation."""
