"""A candidate on the way to consent, through the services and without pages."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.connections.models import Connection
from app.core.db import current_tenant, fetch
from app.core.events import Actor, system
from app.people.models import Company
from app.screening.models import CandidateLink, ScreeningPackage, ScreeningRequest
from app.screening.rules.states import Proof
from app.screening.services import agency, consenting, journeys, links, visits
from app.screening.services.cases import load
from app.screening.services.consenting import Given
from app.screening.services.journeys import Journey
from app.screening.services.papers import Screen
from tests.screening.made import Employer, order

BORN = date(1990, 5, 17)
AGENCY = agency.Agency(
    "Checkr, Inc.", "One Montgomery Street\nSan Francisco, CA 94104", "844-824-3257", "checkr.com/privacy"
)


def ready(session: Session, employer: Employer, **changes: Any) -> ScreeningRequest:
    """A request whose papers lack nothing."""
    company = fetch(session, Company, employer.company_id)
    company.primary_contact_name, company.primary_contact_phone = "Dana Cole", "512-555-0100"
    company.address_line1, company.city, company.state, company.zip_code = "1 Main St", "Austin", "TX", "78701"
    agency.name_agency(session, system("test"), fetch(session, Connection, employer.connection_id), AGENCY)
    return order(session, employer, **changes)


def origin() -> Actor:
    return Actor(current_tenant(), "user", label="candidate", ip_address="203.0.113.9", user_agent="Phone/1.0")


def proven(session: Session, request: ScreeningRequest) -> visits.Visit:
    """The link is open on a device that gave the birth date."""
    link = links.issue(session, request.id)
    token = visits.open_device(session, origin(), link, Proof.BIRTH_DATE)
    session.flush()
    found = visits.visit(session, links.secret_of(link), token, origin())
    assert found is not None
    return found


def walk(session: Session, visit: visits.Visit, language: str = "en") -> Journey:
    return journeys.journey(session, visit, language)


def asks(session: Session, visit: visits.Visit) -> bool:
    package = fetch(session, ScreeningPackage, visit.request.package_id)
    return journeys.asks(load(session, visit.request), package)


def answer(session: Session, visit: visits.Visit, screen: Screen | None = None, **more: Any) -> bool:
    """Open the next screen and press its button."""
    there = walk(session, visit)
    wanted = screen or there.next
    assert wanted is not None
    papers = consenting.show(there, wanted)
    session.flush()
    values: dict[str, Any] = {"shown": {paper.document.key: paper.sha256 for paper in papers}, "typed_name": "Jane Roe"}
    return consenting.sign(session, walk(session, visit), wanted, Given(**(values | more)))


def consent(session: Session, request: ScreeningRequest, **more: Any) -> visits.Visit:
    """Everything read and signed."""
    visit = proven(session, request)
    while not answer(session, visit, **more):
        session.flush()
    session.flush()
    return visit


def link_of(session: Session, request: ScreeningRequest) -> CandidateLink:
    found = links.newest(session, request.id)
    assert found is not None
    return found
