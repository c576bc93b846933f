"""The verbs of syncing. First argument the session, then the actor; nothing here commits."""

from app.syncing.services.deciding import decide, ignore, match, try_again
from app.syncing.services.mapping import set_field
from app.syncing.services.running import ask_run, confirm_gone, open_run, plan_of, totals
from app.syncing.services.schedules import activate, pause, set_schedule
from app.syncing.services.settling import label_of
from app.syncing.services.taking import Finder, Outcome, Remote, Row, Taken, Taker, finder_of, takes

__all__ = [
    "Finder", "Outcome", "Remote", "Row", "Taken", "Taker", "activate", "ask_run", "confirm_gone", "decide", "finder_of", "ignore",
    "label_of", "match", "open_run", "pause", "plan_of", "set_field", "set_schedule", "takes", "totals", "try_again",
]  # fmt: skip
