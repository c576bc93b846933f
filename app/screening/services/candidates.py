"""Candidates and their applications."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.access import Can
from app.core.clock import now, today
from app.core.db import fetch
from app.core.errors import Conflict, Invalid
from app.core.events import Actor, Regulation, record
from app.people.services import full_name, name_tokens
from app.screening.models import Candidate, JobApplication
from app.screening.rules import intake
from app.screening.rules.places import Place
from app.screening.rules.words import AskStage


@dataclass(frozen=True, kw_only=True)
class NewCandidate:
    """What is typed, pasted or sent about a person. residence and address: by name, see the table."""

    first_name: str = field(repr=False)
    last_name: str = field(repr=False)
    email: str = field(repr=False)
    middle_name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    date_of_birth: date | None = field(default=None, repr=False)
    residence: Place | None = field(default=None, repr=False)
    address: dict[str, str] = field(default_factory=dict, repr=False)
    language: str = "en"
    texts_allowed: bool = False
    external_ref: str | None = None
    employee_id: UUID | None = None
    source: str = "typed"


@dataclass(frozen=True, kw_only=True)
class NewApplication:
    """The job. A work location in the United States needs state and city: they choose the rules.

    id: the one-time key of a form, so that sending it twice makes one application.
    """

    position: str
    work: Place
    stage: AskStage = AskStage.APPLICATION
    job_family: str = ""
    duties: str = ""
    department_id: UUID | None = None
    region_id: UUID | None = None
    recruiter_user_id: UUID | None = None
    hiring_manager_user_id: UUID | None = None
    weekly_hours: Decimal | None = None
    annual_salary: Decimal | None = field(default=None, repr=False)
    exemptions: tuple[str, ...] = ()
    starts_on: date | None = None
    external_ref: str | None = None
    id: UUID | None = None


def candidate_problems(facts: NewCandidate) -> dict[str, str]:
    """Field → what to do; empty when all is well."""
    found = {
        "first_name": intake.name_problem(facts.first_name),
        "middle_name": intake.name_problem(facts.middle_name, required=False),
        "last_name": intake.name_problem(facts.last_name),
        "email": "" if _plausible_email(facts.email) else "Enter an e-mail address, for example name@example.com",
        "phone": intake.phone_problem(facts.phone),
        "date_of_birth": intake.birth_problem(facts.date_of_birth, today()),
    }
    if facts.residence is not None and facts.residence.country == "US" and facts.residence.state not in intake.STATES:
        found["residence_state"] = "Choose the state the candidate lives in"
    return {name: problem for name, problem in found.items() if problem}


def application_problems(facts: NewApplication) -> dict[str, str]:
    """Field → what to do; empty when all is well."""
    found = dict(intake.place_problems(facts.work.country, facts.work.state, facts.work.city, prefix="work_"))
    if not facts.position.strip():
        found["position"] = "Enter the job"
    return found


def _plausible_email(text: str) -> bool:
    from email_validator import EmailNotValidError, validate_email

    try:
        validate_email(text.strip(), check_deliverability=False)
    except EmailNotValidError:
        return False
    return True


def add_candidate(session: Session, actor: Actor, facts: NewCandidate) -> Candidate:
    """A new candidate, or the one that has this reference or address and last name already, with what is new about them.

    Raises:
        Invalid: by field, what to do.
    """
    actor.require(Can.CHECK_ORDER)
    problems = candidate_problems(facts)
    if problems:
        raise Invalid(problems)
    found = _same(session, facts)
    if found is None:
        found = Candidate(
            first_name=facts.first_name.strip(), last_name=facts.last_name.strip(), email=facts.email.strip()
        )
        found.created_by_user_id, found.source, found.external_ref = actor.user_id, facts.source, facts.external_ref
        session.add(found)
    _fill(found, facts)
    record(session, actor, "screening.candidate.kept", found, new={"source": facts.source}, regulation=Regulation.FCRA)
    return found


def _same(session: Session, facts: NewCandidate) -> Candidate | None:
    if facts.external_ref:
        query = sa.select(Candidate).where(Candidate.external_ref == facts.external_ref, Candidate.erased_at.is_(None))
        found = session.scalars(query).one_or_none()
        if found is not None:
            return found
    query = sa.select(Candidate).where(Candidate.email.matches(facts.email.strip()), Candidate.erased_at.is_(None))
    for other in session.scalars(query.order_by(Candidate.id)):
        if other.last_name.casefold() == facts.last_name.strip().casefold():
            return other
    return None


def _fill(candidate: Candidate, facts: NewCandidate) -> None:
    """What is said now counts; what is left empty stays as it was."""
    candidate.first_name, candidate.last_name = facts.first_name.strip(), facts.last_name.strip()
    candidate.email, candidate.language = facts.email.strip(), facts.language
    candidate.texts_allowed = facts.texts_allowed
    for name in ("middle_name", "phone", "date_of_birth", "employee_id"):
        if getattr(facts, name):
            setattr(candidate, name, getattr(facts, name))
    if facts.residence is not None:
        candidate.residence = facts.residence._asdict()
    if facts.address:
        candidate.address = dict(facts.address)
    candidate.name_tokens = name_tokens(candidate.company_id, facts.first_name, facts.middle_name, facts.last_name)


@dataclass(frozen=True, kw_only=True)
class Contact:
    """How a candidate is reached."""

    email: str = field(repr=False)
    phone: str = field(default="", repr=False)
    language: str = "en"
    texts_allowed: bool = False


def change_contact(session: Session, actor: Actor, candidate: Candidate, contact: Contact) -> None:
    """Correct where a candidate is written to. Links that were sent stay as they are; send them again to use the new address.

    Raises:
        Invalid: by field, what to do.
    """
    actor.require(Can.CHECK_ORDER)
    email, phone = contact.email.strip(), contact.phone.strip()
    problems = {
        "email": "" if _plausible_email(email) else "Enter an e-mail address, for example name@example.com",
        "phone": intake.phone_problem(phone),
    }
    if any(problems.values()):
        raise Invalid({name: problem for name, problem in problems.items() if problem})
    old = {"email": candidate.email, "phone": candidate.phone or ""}
    changed = [name for name, value in (("email", email), ("phone", phone)) if old[name] != value]
    candidate.email, candidate.phone = email, phone or None
    candidate.language, candidate.texts_allowed = contact.language, contact.texts_allowed
    record(
        session, actor, "screening.candidate.corrected", candidate, new={"changed": changed}, person_id=candidate.id,
        regulation=Regulation.FCRA,
    )  # fmt: skip


def add_application(session: Session, actor: Actor, candidate: Candidate, facts: NewApplication) -> JobApplication:
    """A job this candidate applies for; the same reference again is the same application, brought up to date.

    Raises:
        Invalid: by field, what to do.
    """
    actor.require(Can.CHECK_ORDER)
    problems = application_problems(facts)
    if problems:
        raise Invalid(problems)
    found = _known_application(session, facts.external_ref)
    if found is None:
        found = JobApplication(
            id=facts.id, candidate_id=candidate.id, created_by_user_id=actor.user_id, **_columns(facts)
        )
        found.external_ref, found.stage, found.stage_changed_at = facts.external_ref, facts.stage.value, now()
        session.add(found)
    elif found.candidate_id != candidate.id:
        raise Conflict
    else:
        for name, value in _columns(facts).items():
            setattr(found, name, value)
    found.annual_salary = facts.annual_salary
    record(session, actor, "screening.application.kept", found, new={"stage": found.stage})
    return found


def _known_application(session: Session, external_ref: str | None) -> JobApplication | None:
    if not external_ref:
        return None
    query = sa.select(JobApplication).where(JobApplication.external_ref == external_ref)
    return session.scalars(query).one_or_none()


def _columns(facts: NewApplication) -> dict[str, Any]:
    return {
        "position": facts.position.strip(), "job_family": facts.job_family, "duties": facts.duties,
        "department_id": facts.department_id, "region_id": facts.region_id, "recruiter_user_id": facts.recruiter_user_id,
        "hiring_manager_user_id": facts.hiring_manager_user_id, "work_country": facts.work.country,
        "work_state": facts.work.state, "work_county": facts.work.county.strip(), "work_city": facts.work.city.strip(),
        "work_unincorporated": facts.work.unincorporated, "weekly_hours": facts.weekly_hours,
        "exemptions": list(facts.exemptions), "starts_on": facts.starts_on,
    }  # fmt: skip


def change_stage(session: Session, actor: Actor, application_id: UUID | str, stage: AskStage) -> JobApplication:
    """Say how far hiring is. Checks that waited for it are tried again (`screening.application.moved`).

    Raises:
        Conflict: hiring does not go back once a check was ordered on its strength.
    """
    actor.require(Can.CHECK_ORDER)
    found = fetch(session, JobApplication, application_id, lock=True)
    old = AskStage(found.stage)
    if list(AskStage).index(stage) < list(AskStage).index(old):
        raise Conflict("the stage of hiring only goes forward")
    if stage is not old:
        found.stage, found.stage_changed_at = stage.value, now()
        record(session, actor, "screening.application.moved", found, old={"stage": old}, new={"stage": stage})
    return found


def name_of(candidate: Candidate) -> str:
    return full_name(candidate.first_name, candidate.last_name)


def work_place(application: JobApplication) -> Place:
    return Place(
        application.work_country, application.work_state, application.work_county, application.work_city,
        application.work_unincorporated,
    )  # fmt: skip


def residence(candidate: Candidate, application: JobApplication) -> Place:
    """Where the candidate lives, as far as it is known. Nothing known: only the work location chooses the rules."""
    known = dict(candidate.residence or {})
    known.pop("zip_code", None)
    return Place(**known) if known else work_place(application)
