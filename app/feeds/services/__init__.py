"""The verbs of the feeds domain. First argument the session, then the actor; nothing here commits."""

from app.feeds.services.answering import Applied, apply_acknowledgement
from app.feeds.services.collecting import begin_file, unsent_file
from app.feeds.services.comparing import Result, apply_census
from app.feeds.services.discrepancies import assign, assignees, discrepancy, look, resolve
from app.feeds.services.making import finish_file
from app.feeds.services.manual import complete, task
from app.feeds.services.noting import note_enrollment, note_person, note_submission
from app.feeds.services.releasing import ask_for_file, cancel, may_release, release, resend, try_again
from app.feeds.services.sending import mark_not_sent, mark_sent
from app.feeds.services.watching import start_over, watch_overdue

__all__ = [
    "Applied", "Result", "apply_acknowledgement", "apply_census", "ask_for_file", "assign", "assignees", "begin_file",
    "cancel", "complete", "discrepancy", "finish_file", "look", "mark_not_sent", "mark_sent", "may_release",
    "note_enrollment", "note_person", "note_submission", "release", "resend", "resolve", "start_over", "task", "try_again",
    "unsent_file", "watch_overdue",
]  # fmt: skip
