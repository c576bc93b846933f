"""Background checks of the demo: a screening provider in the sandbox, and candidates at every point of the way.

What happens to a candidate at the provider is chosen by the tag in the address (`+consider`; sandbox/README.md lists them), and goes on
by itself while you watch.
"""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.connections.models import Connection, ConnectionStatus, Phase
from app.connections.services import door
from app.core.access import ROLE_DEFAULTS, RoleType, grants
from app.core.clock import now
from app.core.db import current_tenant, transaction
from app.core.events import Actor, system
from app.domains import people
from app.integrations.screening import Package
from app.screening.models import ScreeningPackage, ScreeningPolicy, ScreeningRequest
from app.screening.rules.places import Place
from app.screening.rules.states import Part, Proof
from app.screening.rules.words import AskStage
from app.screening.services import agency, candidates, consenting, journeys, links, ordering, packages, rulings, visits
from app.screening.services.consenting import Given, name_on_file

CODE = "CHECKR"
CHECKS = ("ssn_trace", "sex_offender_search", "global_watchlist_search", "national_criminal_search")
PACKAGES = (
    Package("basic_plus", "Basic+", None, CHECKS),
    Package("essential", "Essential", None, (*CHECKS, "county_criminal_search")),
    Package("professional", "Professional", None, (*CHECKS, "county_criminal_search", "employment_verification", "education_verification")),
    Package("first_stage", "First stage, nothing criminal", None, ("ssn_trace", "employment_verification", "education_verification")),
)  # fmt: skip
"""As the sandbox lists them; prices come with the first reading of its list."""

AGENCY = agency.Agency(
    "Sandbox Screening, Inc.",
    "100 Example Street\nSan Francisco, CA 94104",
    "800-555-0142",
    "privacy.screening.example",
)


class Somebody(NamedTuple):
    """signed: consent is given. tag: what the provider will find."""

    first: str
    last: str
    tag: str
    position: str
    work: Place
    signed: bool = True
    stage: AskStage = AskStage.OFFER
    language: str = "en"
    part: Part = Part.WHOLE


AUSTIN = Place("US", "TX", "Travis", "Austin", False)
HOUSTON = Place("US", "TX", "Harris", "Houston", False)
OAKLAND = Place("US", "CA", "Alameda", "Oakland", False)
CHICAGO = Place("US", "IL", "Cook", "Chicago", False)
NEW_YORK = Place("US", "NY", "New York", "New York", False)
PHILADELPHIA = Place("US", "PA", "Philadelphia", "Philadelphia", False)
SEATTLE = Place("US", "WA", "King", "Seattle", False)

PEOPLE = (
    Somebody("Ana", "Ferreira", "clear", "Account manager", AUSTIN),
    Somebody("Marcus", "Whitfield", "consider", "Warehouse lead", OAKLAND),
    Somebody("Hannah", "Kowalski", "suspended", "Driver", CHICAGO),
    Somebody("Diego", "Marin", "clear", "Analyst", NEW_YORK, stage=AskStage.INTERVIEW, part=Part.FIRST),
    Somebody("Olivia", "Hartmann", "records", "Security officer", PHILADELPHIA),
    Somebody("Sofia", "Reyes", "clear", "Nurse", HOUSTON, signed=False, language="es"),
    Somebody("Ethan", "Blackwood", "clear", "Technician", AUSTIN, signed=False),
    Somebody("Noah", "Lindqvist", "clear", "Site supervisor", SEATTLE, stage=AskStage.INTERVIEW),
    Somebody("Priya", "Raman", "paused", "Accountant", AUSTIN),
    Somebody("Victor", "Oyelaran", "unknown-status", "Electrician", CHICAGO),
    Somebody("Leila", "Haddad", "dispute-clear", "Forklift operator", OAKLAND),
    Somebody("Tomas", "Novotny", "expired", "Designer", AUSTIN),
)


def make_screening(session: Session, company: people.Company, sandbox: dict[str, Any]) -> None:
    """The provider, what it sells, the company's policy, the rules it has accepted, and the candidates."""
    own = system("seed", company.id)
    recruiter, compliance = _who(session, "recruiter"), _who(session, "compliance")
    connection = _provider(session, sandbox)
    agency.name_agency(session, own, connection, AGENCY)
    packages.keep(session, own, connection.id, PACKAGES)
    session.add(
        ScreeningPolicy(
            id=company.id, company_id=company.id, staff=300, contact_name="Grace Okafor, Northwind People team",
            contact_phone="512-555-0100", contact_email="people@northwind.example",
        )
    )  # fmt: skip
    for row in rulings.rules_today():
        rulings.accept_rule(
            session, compliance, row.digest, note="Accepted for the demo company; no counsel has read it"
        )
    session.flush()
    sold = _sold(session, connection)
    for somebody in PEOPLE:
        package = sold["first_stage" if somebody.part is Part.FIRST else "essential"]
        request = _order(session, recruiter, package, somebody)
        if somebody.signed:
            _sign(session, request)


def _provider(session: Session, sandbox: dict[str, Any]) -> Connection:
    told = sandbox["screening"]
    made = Connection(
        adapter="checkr", name="Checkr (sandbox)", code=CODE, provider_type="checkr", integration_method="API",
        authentication_type="API Key", data_format="JSON", sync_frequency="Real-time", phase=Phase.PRODUCTION,
        environment="staging", api_endpoint_url=told["checkr_url"], status=ConnectionStatus.CONNECTED,
        credentials={"api_key": told["api_key"]}, is_primary=True, supported_benefit_types=[],
        supported_check_types=["criminal", "employment", "education", "mvr", "drug_test"],
    )  # fmt: skip
    made.webhook_key = door.new_key(current_tenant())
    session.add(made)
    session.flush()
    return made


def _sold(session: Session, connection: Connection) -> dict[str, ScreeningPackage]:
    query = sa.select(ScreeningPackage).where(ScreeningPackage.connection_id == connection.id)
    return {package.slug: package for package in session.scalars(query)}


def _who(session: Session, name: str) -> Actor:
    """A demo user with the rights of the role that bears their name."""
    role = {"recruiter": RoleType.RECRUITER, "compliance": RoleType.COMPLIANCE_OFFICER}[name]
    user = session.scalars(sa.select(User).where(User.email == f"{name}@northwind.example")).one()
    scope, flags = ROLE_DEFAULTS[role]
    return Actor(current_tenant(), "user", user.id, None, role.value, grants(flags, scope))


def _order(session: Session, recruiter: Actor, package: ScreeningPackage, somebody: Somebody) -> ScreeningRequest:
    candidate = candidates.add_candidate(
        session, recruiter,
        candidates.NewCandidate(
            first_name=somebody.first, last_name=somebody.last, date_of_birth=date(1990, 5, 17), language=somebody.language,
            email=f"{somebody.first}.{somebody.last}+{somebody.tag}@mail.example".lower(), residence=somebody.work,
            address={
                "line1": "12 Maple Street", "city": somebody.work.city, "state": somebody.work.state, "zip_code": "00000", "country": "US"
            },
        ),
    )  # fmt: skip
    session.flush()
    application = candidates.add_application(
        session, recruiter, candidate,
        candidates.NewApplication(position=somebody.position, work=somebody.work, stage=somebody.stage),
    )  # fmt: skip
    session.flush()
    facts = ordering.NewOrder(package_id=package.id, certified=True, part=somebody.part)
    made = ordering.order(session, recruiter, candidate, application, facts)
    session.flush()
    return made


def _sign(session: Session, request: ScreeningRequest) -> None:
    """As the candidate's phone would: every document shown, every name typed."""
    origin = Actor(current_tenant(), "user", label="candidate", ip_address="203.0.113.9", user_agent="Phone/1.0")
    link = links.issue(session, request.id)
    link.opened_at = link.sent_at = now()
    device = visits.open_device(session, origin, link, Proof.BIRTH_DATE)
    session.flush()
    visit = visits.visit(session, links.secret_of(link), device, origin)
    assert visit is not None
    done = False
    while not done:
        walk = journeys.journey(session, visit, "en")
        assert walk.next is not None
        papers = consenting.show(walk, walk.next)
        session.flush()
        given = Given(
            shown={paper.document.key: paper.sha256 for paper in papers}, typed_name=name_on_file(walk.case.candidate)
        )
        done = consenting.sign(session, walk, walk.next, given)
        session.flush()


def wake(url: str, company_id: UUID) -> None:
    """The provider tells us what happens, and its candidates finish their part by themselves."""
    from sandbox.client import Sandbox

    with transaction(company_id) as session:
        key = session.scalars(sa.select(Connection.webhook_key).where(Connection.code == CODE)).one()
    assert key is not None
    screening = Sandbox(url).screening
    screening.set_webhooks(door.address_of(key))
    screening.set(candidate_finishes=True)
