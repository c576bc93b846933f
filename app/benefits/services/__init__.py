"""The verbs of the benefits domain. First argument the session, then the actor; nothing here commits."""

from app.benefits.services.coverage import (
    activate_due,
    coverage_on,
    cut_short,
    enrollments,
    set_carrier_status,
    terminate,
)
from app.benefits.services.decisions import approve, approve_all, hold, reject, resume, submission
from app.benefits.services.desk import Desk, Line, open_desk
from app.benefits.services.drafts import save_step
from app.benefits.services.leaving import end_dependent
from app.benefits.services.submissions import cancel_submission, enrollments_of, submit, unanswered
from app.benefits.services.windows import announce_due, open_enrollment, open_new_hire

__all__ = [
    "Desk", "Line", "activate_due", "announce_due", "approve", "approve_all", "cancel_submission", "coverage_on",
    "cut_short", "end_dependent", "enrollments", "enrollments_of", "hold", "open_desk", "open_enrollment",
    "open_new_hire", "reject", "resume", "save_step", "set_carrier_status", "submission", "submit", "terminate",
    "unanswered",
]  # fmt: skip
