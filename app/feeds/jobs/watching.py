"""Time and phases."""

from __future__ import annotations

from app.core.events import system
from app.core.jobs import Run, job
from app.feeds import services


@job("feeds.watch_overdue", every="five-minutes")
def watch_overdue(run: Run) -> None:
    """An acknowledgement that is late is an alarm of its own."""
    with run.finish() as session:
        services.watch_overdue(session, system(run.kind))


@job("feeds.start_over", on=["connections.connection.went-live"])
def start_over(run: Run) -> None:
    """Production begins: what only test files said is said again, for real."""
    with run.finish() as session:
        services.start_over(session, system(run.kind), run.subject_id)
