"""What a person sees while Corridor runs: a short progress, an address, and trouble."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console as Terminal
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

Step = Callable[[str], None]

COLORS = {"web": "cyan", "worker": "green", "dispatcher": "magenta", "sandbox": "yellow", "corridor": "blue"}
TROUBLE = ("ERROR", "CRITICAL", "Traceback", '"error"', "[error", "starts again", "was started again")


class Console:
    """Lines may come from several threads."""

    def __init__(self, *, verbose: bool = False) -> None:
        self._terminal = Terminal(highlight=False, soft_wrap=True)
        self._verbose = verbose
        self._lock = threading.Lock()
        self._began = time.monotonic()

    def say(self, name: str, line: str) -> None:
        """A program's line: shown when it is trouble, or when everything is wanted."""
        if self._verbose or any(sign in line for sign in TROUBLE):
            color = COLORS.get(name, "white")
            with self._lock:
                self._terminal.print(f"[{color}]{name:>10}[/] {escape(line)}")

    def line(self, text: str) -> None:
        """One plain line."""
        with self._lock:
            self._terminal.print(escape(text))

    def trouble(self, text: str) -> None:
        """Why Corridor does not run, and what to do."""
        with self._lock:
            self._terminal.print(f"[bold red]Corridor cannot start.[/] {escape(text)}")

    def welcome(self, url: str, sign_ins: str, logs: Path) -> None:
        """The address and who can sign in."""
        took = time.monotonic() - self._began
        self.line(f"\nCorridor is ready at {url} ({took:.1f} s)")
        if sign_ins:
            self.line(f"\n{sign_ins}")
        self.line(f"\nLogs are in {logs}. Ctrl-C stops everything.\n")

    @contextmanager
    def steps(self, count: int) -> Iterator[Step]:
        """A progress bar on a terminal, one line per step elsewhere."""
        if not self._terminal.is_terminal:
            yield lambda title: self.line(f"  {title} …")
            return
        columns = (SpinnerColumn(), BarColumn(bar_width=24), TextColumn("{task.description}"), TimeElapsedColumn())
        with Progress(*columns, console=self._terminal, transient=True) as progress:
            task = progress.add_task("Starting", total=count)
            done = iter(range(count))
            yield lambda title: progress.update(task, description=f"{title} …", completed=next(done, count))


class Advance:
    """Called with (done, total); remembers how far it came."""

    def __init__(self, progress: Progress, title: str) -> None:
        self.done = 0
        self._progress = progress
        self._task = progress.add_task(title, total=None)

    def __call__(self, done: int, total: int) -> None:
        self.done = done
        self._progress.update(self._task, completed=done, total=total)


@contextmanager
def bar(title: str) -> Iterator[Advance]:
    """A bar with percent and time left, on standard error so that what is printed can be piped; gone when done, and never in a log."""
    terminal = Terminal(stderr=True)
    with Progress(console=terminal, transient=True, disable=not terminal.is_terminal) as progress:
        yield Advance(progress, title)
