"""Candidates and applications from a recruiting system. Sent again under the same `external_ref` they are brought up to date."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from pydantic import Field

from app.core.access import Can
from app.core.db import fetch
from app.screening.api.blueprint import bp
from app.screening.models import Candidate
from app.screening.rules.places import Place
from app.screening.rules.words import AskStage
from app.screening.services import candidates
from app.web.api.endpoints import endpoint
from app.web.api.paging import Input, Output
from app.web.edge import actor, session


class PlaceIn(Input):
    """A place. City and county choose local rules; `unincorporated` says that it lies outside of every city."""

    country: str = Field("US", min_length=2, max_length=2)
    state: str = Field("", max_length=2)
    county: str = Field("", max_length=100)
    city: str = Field("", max_length=100)
    unincorporated: bool | None = None

    def place(self) -> Place:
        return Place(self.country.upper(), self.state.upper(), self.county, self.city, self.unincorporated)


class CandidateIn(Input):
    """A person. There is no field for a Social Security number: the candidate gives it to the provider."""

    external_ref: str | None = Field(None, max_length=200)
    first_name: str
    middle_name: str = ""
    last_name: str
    email: str
    phone: str = ""
    date_of_birth: date | None = None
    """Only to let the candidate prove who they are."""
    residence: PlaceIn | None = None
    language: str = Field("en", pattern="^(en|es)$")
    texts_allowed: bool = False


class CandidateOut(Output):
    id: UUID
    external_ref: str | None
    language: str


class ApplicationIn(Input):
    """A candidate for a job. The work location and the stage of hiring choose the rules."""

    external_ref: str | None = Field(None, max_length=200)
    candidate_id: UUID
    position: str
    work_location: PlaceIn
    stage: AskStage = AskStage.APPLICATION
    job_family: str = ""
    duties: str = ""
    department_id: UUID | None = None
    recruiter_user_id: UUID | None = None
    hiring_manager_user_id: UUID | None = None
    weekly_hours: Decimal | None = Field(None, gt=0, le=168)
    annual_salary: Decimal | None = Field(None, ge=0)
    starts_on: date | None = None


class ApplicationOut(Output):
    id: UUID
    external_ref: str | None
    candidate_id: UUID
    position: str
    stage: str
    status: str


class StageIn(Input):
    stage: AskStage


@endpoint(bp, "POST", "/candidates/", Can.CHECK_ORDER, status=201)
def keep_candidate(body: CandidateIn) -> CandidateOut:
    """Add a candidate, or bring one up to date."""
    facts = body.model_dump(exclude={"residence"})
    home = body.residence.place() if body.residence else None
    made = candidates.add_candidate(
        session(), actor(), candidates.NewCandidate(residence=home, source="api", **facts)
    )  # fmt: skip
    session().flush()
    return CandidateOut.model_validate(made)


@endpoint(bp, "POST", "/job-applications/", Can.CHECK_ORDER, status=201)
def keep_job_application(body: ApplicationIn) -> ApplicationOut:
    """Add a candidate's application for a job, or bring it up to date."""
    facts = body.model_dump(exclude={"candidate_id", "work_location"})
    made = candidates.add_application(
        session(), actor(), fetch(session(), Candidate, body.candidate_id),
        candidates.NewApplication(work=body.work_location.place(), **facts),
    )  # fmt: skip
    session().flush()
    return ApplicationOut.model_validate(made)


@endpoint(bp, "PUT", "/job-applications/<uuid:application_id>/stage/", Can.CHECK_ORDER)
def move_job_application(application_id: UUID, body: StageIn) -> ApplicationOut:
    """Say how far hiring is; checks that waited for it go on."""
    return ApplicationOut.model_validate(candidates.change_stage(session(), actor(), application_id, body.stage))
