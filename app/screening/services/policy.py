"""How the company screens. Read here by everybody; changed on the policy page."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.core.access import Can
from app.core.clock import today
from app.core.db import current_tenant
from app.core.errors import Invalid
from app.core.events import Actor, Regulation, Risk, record
from app.screening.models import ScreeningPolicy
from app.screening.rules.limits import Name, limit_on, policy_problem

CHANGEABLE = (
    "staff", "second_person", "adverse_days", "consent_days", "stale_days", "sends_letters", "contact_name", "contact_phone", "contact_email",
)  # fmt: skip
_CONTACT = frozenset({"contact_name", "contact_phone", "contact_email"})


def policy(session: Session) -> ScreeningPolicy:
    """The company's policy; one that was never set holds the defaults, and is not saved by reading it."""
    company_id = current_tenant()
    found = session.get(ScreeningPolicy, (company_id, company_id))
    return found if found is not None else defaults()


def defaults() -> ScreeningPolicy:
    """What holds while nobody has set anything; in no session."""
    company_id = current_tenant()
    return ScreeningPolicy(
        id=company_id, company_id=company_id, staff=None, second_person=False, adverse_days=7, consent_days=90, stale_days=3,
        sends_letters=False, contact_name="", contact_phone="", contact_email="", reconsideration="", cori_policy="",
    )  # fmt: skip


def change_policy(session: Session, actor: Actor, changes: dict[str, Any]) -> ScreeningPolicy:
    """Set what `CHANGEABLE` names; recorded with what it was. Frozen cases keep their rules, running clocks keep their days.

    Raises:
        Forbidden: the actor may not configure screening.
        Invalid: a bound of the specification is overstepped, by field.
    """
    actor.require(Can.SCREENING_CONFIGURE)
    problems = _problems(changes)
    if problems:
        raise Invalid(problems)
    company_id = current_tenant()
    known = session.get(ScreeningPolicy, (company_id, company_id), with_for_update=True) or defaults()
    old = {name: getattr(known, name) for name in changes if getattr(known, name) != changes[name]}
    if not old:
        return known
    for name in old:
        setattr(known, name, changes[name])
    session.add(known)
    session.flush()
    record(
        session, actor, "screening.policy.changed", known, old=_audited(old),
        new=_audited({name: changes[name] for name in old}), risk=Risk.HIGH, regulation=Regulation.FCRA,
    )  # fmt: skip
    return known


def _problems(changes: dict[str, Any]) -> dict[str, str]:
    found = {name: "This cannot be set here" for name in changes if name not in CHANGEABLE}
    if "adverse_days" in changes and (problem := policy_problem(changes["adverse_days"], today())):
        found["adverse_days"] = problem
    if changes.get("consent_days", 366) < limit_on(Name.CONSENT_DAYS_MIN, today()).amount:
        found["consent_days"] = "Let the consent hold for at least 30 days"
    if changes.get("stale_days", 1) < 1:
        found["stale_days"] = "Enter 1 to 30 days"
    return found


def _audited(values: dict[str, Any]) -> dict[str, Any]:
    """A contact is a person: the trail says that it changed, not who it is."""
    return {name: "changed" if name in _CONTACT else value for name, value in values.items()}
