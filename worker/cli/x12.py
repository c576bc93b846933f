"""`corridor x12 explain FILE`: what an 834, 999, 997 or TA1 means, in plain words."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from app.integrations.failures import Refused
from app.integrations.formats.x12.explain import Explanation, explain
from app.integrations.formats.x12.findings import Finding
from worker.cli._console import bar

_COLORS = {"error": "bold red", "warning": "yellow", "note": "dim"}
_PRAISE = {
    "834": "Sound: nothing in this file stops it.",
    "acknowledgement": "The acknowledgement itself is sound; what it says about our file stands above.",
}
_LARGEST = 512 * 1024 * 1024


@click.group()
def x12() -> None:
    """Read and judge X12 files (834 enrollments and the 999, 997 and TA1 that answer them)."""


@x12.command("explain")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--no-gate", is_flag=True, help="Skip the guide check by pyx12 (about 2 ms a member).")
@click.option("--quiet", is_flag=True, help="Only what is wrong.")
def explain_command(file: Path, no_gate: bool, quiet: bool) -> None:
    """Say member by member what FILE means and where it is wrong. SSNs show their last four digits only.

    Exit status 0: the file is sound. 1: it is refused or has errors.
    """
    console = Console(soft_wrap=True, highlight=False)
    if file.stat().st_size > _LARGEST:
        console.print("Refused: the file is larger than 512 MB.", style="bold red")
        sys.exit(1)
    try:
        with bar("Reading") as step:
            explanation = explain(file.read_bytes(), gate=not no_gate, progress=step)
    except Refused as refused:
        console.print(Text(f"Refused: {refused.reason}", style="bold red"))
        sys.exit(1)
    _show(console, explanation, quiet)
    sys.exit(0 if explanation.sound else 1)


command = x12


def _show(console: Console, explanation: Explanation, quiet: bool) -> None:
    if not quiet:
        for line in explanation.lines:
            console.print(Text(line))
    for finding in explanation.findings:
        console.print(Text(_spelled(finding), style=_COLORS[finding.severity.value]))
    errors = sum(finding.severity.value == "error" for finding in explanation.findings)
    if explanation.sound:
        console.print(Text(_PRAISE[explanation.kind], style="green"))
    else:
        console.print(Text(f"Not sound: {errors} error(s).", style="bold red"))


def _spelled(finding: Finding) -> str:
    place = f"ST {finding.transaction}, segment {finding.position}: " if finding.position else ""
    return f"{finding.severity.value.capitalize()}: {place}{finding.message} [{finding.code}]"
