"""The words people read for what the rules decide. The same for employees and HR."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l

from app.benefits.forms.words import (
    ANY_CHOOSE,
    ANY_QUESTION,
    ANY_WAIVE,
    CHOOSE,
    CONTRIBUTION,
    COVERAGE,
    KIND,
    QUESTION,
    RELATION,
    STATUS,
    TIER,
    TIER_NAME,
    WAIVE,
    plain,
)
from app.benefits.rules.eligibility import Reason
from app.benefits.rules.family import Refusal
from app.benefits.rules.progress import Progress
from app.benefits.rules.renewal import Fate
from app.benefits.services.offers import Offer
from app.benefits.services.overview import CoverageRow
from app.benefits.services.standing import Share
from app.benefits.views.text import _ as gettext
from app.people.models import Dependent
from app.people.services import full_name
from app.web.formats import long_date

CARRIER = _l("the carrier")
PROGRESS: dict[Progress, tuple[Any, str]] = {
    Progress.WAITING_FOR_HR: (_l("Waiting for HR"), "warn"),
    Progress.ON_HOLD: (_l("HR is checking something"), "warn"),
    Progress.SENT_BACK: (_l("Needs a change"), "bad"),
    Progress.REFUSED_BY_CARRIER: (_l("Being corrected"), "warn"),
    Progress.WAIVED: (_l("Waived"), "neutral"),
    Progress.ENDED: (_l("Ended"), "neutral"),
    Progress.CANCELED: (_l("Canceled"), "neutral"),
    Progress.COVERED: (_l("You are covered"), "good"),
}
STAGE = {
    Progress.WAITING_FOR_HR: 1,
    Progress.ON_HOLD: 1,
    Progress.TELLING_CARRIER: 2,
    Progress.REFUSED_BY_CARRIER: 2,
    Progress.SENT: 3,
    Progress.RECEIVED: 4,
    Progress.CARRIER_DISAGREES: 4,
    Progress.CONFIRMED: 5,
    Progress.COVERED: 5,
}
"""Which of the five steps from signing to covered a coverage stands at."""

LEFT_OUT = {
    Refusal.NOT_ACTIVE: _l("no longer a dependent"),
    Refusal.BIRTH_DATE: _l("date of birth is missing"),
    Refusal.TOO_OLD: _l("over the age limit"),
}


FATE = {
    Fate.NOT_OFFERED.value: _l("The plan is not offered again"),
    Fate.NOT_ELIGIBLE.value: _l("No longer open to this person"),
    Fate.CHOOSE_ANEW.value: _l("Has to be chosen every year"),
}
"""Why a coverage could not continue."""


def coverage(kind: str) -> str:
    return str(COVERAGE[kind])


def progress(row: CoverageRow) -> tuple[str, str]:
    """(words, tone) of where a coverage stands. A carrier that could read the file is never "covered"."""
    carrier = row.carrier or str(CARRIER)
    word = row.progress
    if word in PROGRESS:
        text, tone = PROGRESS[word]
        return str(text), tone
    if word is Progress.TELLING_CARRIER:
        return gettext("Approved, telling %(carrier)s", carrier=carrier), "info"
    if word is Progress.SENT:
        return gettext("Sent to %(carrier)s", carrier=carrier), "info"
    if word is Progress.RECEIVED:
        return gettext("%(carrier)s received it", carrier=carrier), "info"
    if word is Progress.CARRIER_DISAGREES:
        return gettext("Being checked with %(carrier)s", carrier=carrier), "warn"
    return gettext("You are covered from %(day)s", day=long_date(row.starts_on)), "good"


def stage(row: CoverageRow) -> int:
    """1 to 5, or 0 when nothing is on its way."""
    return STAGE.get(row.progress, 0)


def why_not(offer: Offer) -> str:
    """Why a plan cannot be chosen, in a sentence."""
    reason = offer.verdict.reasons[0]
    if reason is Reason.HOURS:
        hours = min((rule.min_weekly_hours for rule in offer.facts.criteria), default=0)
        return gettext("For people who work %(hours)s hours a week or more", hours=plain(hours))
    if reason is Reason.WAITING:
        return gettext("Your waiting period ends on %(day)s", day=long_date(offer.verdict.starts_on))
    return {
        Reason.CLASS: gettext("Not offered to your group of employees"),
        Reason.TYPE: gettext("Not offered for your kind of employment"),
        Reason.REGION: gettext("Not offered where you work"),
        Reason.NO_RATE: gettext("There is no price for the people you want to cover. Ask HR"),
    }[reason]


def left_out(offer: Offer) -> str:
    """Who of the wanted people a plan does not cover, and why."""
    parts = [f"{person.first_name} ({LEFT_OUT[reason]})" for person, reason in offer.left_out]
    return gettext("Does not cover %(people)s", people=", ".join(parts)) if parts else ""


def shares(found: Sequence[Share]) -> list[dict[str, str]]:
    """Rows of a summary: who receives how much."""
    kinds = {"primary": gettext("Primary"), "contingent": gettext("Contingent")}
    return [
        {
            "label": share.name,
            "value": ", ".join(
                part for part in (f"{plain(share.percent)}%", kinds[share.kind], share.relation) if part
            ),
        }
        for share in found
    ]


def person(dependent: Dependent, age: int | None) -> str:
    """`Leo López, child, age 6`."""
    name = full_name(dependent.first_name, dependent.last_name)
    relation = RELATION[dependent.relationship]
    if age is None:
        return f"{name}, {relation}"
    return gettext("%(name)s, %(relation)s, age %(age)s", name=name, relation=relation, age=age)


__all__ = [
    "ANY_CHOOSE", "ANY_QUESTION", "ANY_WAIVE", "CHOOSE", "CONTRIBUTION", "COVERAGE", "KIND", "QUESTION", "RELATION",
    "STATUS", "TIER", "TIER_NAME", "WAIVE", "coverage", "left_out", "person", "progress", "shares", "stage", "why_not",
]  # fmt: skip
