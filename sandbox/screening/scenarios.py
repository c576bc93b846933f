"""What happens to a candidate's check when time passes: a script of transitions, chosen by a tag in the name or address.

The tag is the last name ("Suspended", "Dispute-Clear") or what stands after a plus in the address (`jo+bounce@example.com`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

FELONY = {
    "kind": "county_criminal_search", "charge": "Grand theft", "level": "felony", "category": "theft_and_property",
    "county": "Alameda", "state": "CA", "offense_date": "2022-03-11", "charge_date": "2022-03-20",
    "disposition": "Convicted", "disposition_date": "2022-09-02", "sentence": "Probation, 24 months",
}  # fmt: skip
MISDEMEANOR = {
    "kind": "county_criminal_search", "charge": "Disorderly conduct", "level": "misdemeanor", "category": "violence",
    "county": "Kings", "state": "NY", "offense_date": "2018-06-01", "charge_date": "2018-06-02",
    "disposition": "Convicted", "disposition_date": "2018-08-15", "sentence": "Fine",
}  # fmt: skip


@dataclass(frozen=True)
class Step:
    """days: of sandbox time after the step before (or after the start). verb: a transition."""

    days: float
    verb: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Scenario:
    """report: from its creation. adverse: from the start of an adverse action. fault: strikes the first order, once."""

    about: str
    report: tuple[Step, ...]
    adverse: tuple[Step, ...] = (Step(0.1, "deliver"),)
    fault: str = ""
    finishes: bool = True


CLEAR = (Step(1, "progress"), Step(1, "complete", {"result": "clear"}))
RECORDS = (Step(1, "progress"), Step(1, "complete", {"result": "consider", "records": [FELONY]}))

SCENARIOS = {
    "clear": Scenario("Everything is clear after two days.", CLEAR),
    "consider": Scenario("A felony in one county.", RECORDS),
    "misdemeanor": Scenario(
        "A misdemeanor, some years ago.", (Step(2, "complete", {"result": "consider", "records": [MISDEMEANOR]}),)
    ),
    "records": Scenario(
        "A felony and a misdemeanor.", (Step(2, "complete", {"result": "consider", "records": [FELONY, MISDEMEANOR]}),)
    ),
    "suspended": Scenario(
        "Suspended, no answer, then complete with what never ran canceled.",
        (Step(1, "progress"), Step(1, "suspend"), Step(28, "complete_now")),
    ),
    "resumed": Scenario(
        "Suspended, resumed, clear.", (Step(1, "suspend"), Step(3, "resume"), Step(2, "complete", {"result": "clear"}))
    ),
    "paused": Scenario(
        "Waits for the customer, then clear.",
        (Step(1, "pause"), Step(3, "resume"), Step(1, "complete", {"result": "clear"})),
    ),
    "dispute-clear": Scenario(
        "A record, disputed after the pre-adverse notice; the revised report is clear.",
        RECORDS, (Step(0.1, "deliver"), Step(1, "dispute"), Step(5, "revise", {"result": "clear"})),
    ),
    "dispute-consider": Scenario(
        "A record, disputed after the pre-adverse notice; the revised report still says consider.",
        RECORDS, (Step(0.1, "deliver"), Step(1, "dispute"), Step(5, "revise", {"result": "consider"})),
    ),
    "canceled": Scenario("Canceled by the provider.", (Step(1, "cancel"),)),
    "expired": Scenario("Never opens the invitation.", CLEAR, finishes=False),
    "bounce": Scenario("A record; the pre-adverse notice cannot be delivered.", RECORDS, (Step(0.1, "bounce"),)),
    "post-adverse": Scenario(
        "A record, then the final notice.", RECORDS, (Step(0.1, "deliver"), Step(7, "post_notice"))
    ),
    "unknown-status": Scenario("A status nobody knows.", (Step(1, "set_status", {"status": "archived"}),)),
    "unknown-result": Scenario(
        "A result nobody knows.", (Step(1, "set_status", {"status": "complete", "result": "fine"}),)
    ),
    "never": Scenario("Stays pending for ever.", ()),
    "slow": Scenario("The first order is answered slowly.", CLEAR, fault="slow"),
    "garbage": Scenario("The first order is done and answered with garbage.", CLEAR, fault="garbage"),
    "truncated": Scenario("The first order is done and its answer cut off.", CLEAR, fault="truncated"),
    "server-error": Scenario("The first order is not done: 500.", CLEAR, fault="server_error"),
    "error-after": Scenario("The first order is done and answered with 500.", CLEAR, fault="server_error_after"),
    "bad-auth": Scenario("The first order is not done: 401.", CLEAR, fault="bad_auth"),
    "timeout": Scenario("The first order is done, and nobody answers.", CLEAR, fault="hang_after"),
    "hung-up": Scenario("The first order is done, and the line is cut.", CLEAR, fault="drop_after"),
}  # fmt: skip


def tagged(last_name: str, email: str) -> str:
    """The scenario somebody's name or address asks for; empty when none."""
    _, _, tag = email.partition("@")[0].partition("+")
    for text in (tag, last_name):
        name = re.sub(r"[\s_]+", "-", text.strip().lower())
        if name in SCENARIOS:
            return name
    return ""


def known(name: str) -> str:
    """Raises ValueError for a scenario that is not there."""
    if name not in SCENARIOS:
        raise ValueError(f"There is no scenario {name!r}. Known: {', '.join(SCENARIOS)}.")
    return name
