"""Adverse action as rows: the facts of a case, the one function that moves it, and what moves it from outside.

`act` asks `rules.adverse` what a step lacks and where it leads, and does the duties in the same transaction. Once an order is out nothing
else writes the stage of its case, and no job takes the last step.
"""

from app.screening.services.adverse.answering import answered, dispute_closed, dispute_opened, notice_bounced
from app.screening.services.adverse.deciding import accept, revise, settle
from app.screening.services.adverse.facts import OWN_ORDER, facts, facts_of, is_own, judge
from app.screening.services.adverse.moving import act

__all__ = [
    "OWN_ORDER", "accept", "act", "answered", "dispute_closed", "dispute_opened", "facts", "facts_of", "is_own", "judge", "notice_bounced",
    "revise", "settle",
]  # fmt: skip
