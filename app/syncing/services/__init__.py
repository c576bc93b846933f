"""The verbs of syncing. First argument the session, then the actor; nothing here commits."""

from app.syncing.services.deciding import decide, ignore, try_again
from app.syncing.services.running import ask_run, confirm_gone, open_run, plan_of, totals
from app.syncing.services.schedules import activate, pause, set_schedule
from app.syncing.services.taking import Outcome, Remote, Taken, Taker, takes

__all__ = [
    "Outcome", "Remote", "Taken", "Taker", "activate", "ask_run", "confirm_gone", "decide", "ignore", "open_run", "pause", "plan_of",
    "set_schedule", "takes", "totals", "try_again",
]  # fmt: skip
