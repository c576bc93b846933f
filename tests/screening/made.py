"""An employer that screens: a Checkr connection, a package, candidates and their requests, through the services."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.models import User, UserStatus
from app.connections.models import Connection
from app.connections.services import door
from app.core import storage
from app.core.access import ROLE_DEFAULTS, RoleType, grants
from app.core.clock import now
from app.core.db import current_tenant, fetch
from app.core.events import Actor
from app.people.models import Company
from app.screening.documents import Kind, document, needed
from app.screening.models import AcceptedRule, Candidate, JobApplication, ScreeningPackage, ScreeningRequest, Signature
from app.screening.rules.places import Place
from app.screening.rules.states import Answer, ConsentState, Part, Proof
from app.screening.rules.words import AskStage, Moment
from app.screening.services import candidates, gate, ordering, rulings

KEY = "sk_test_0123456789abcdef"
AUSTIN = Place("US", "TX", "Travis", "Austin", False)
CHECKS = ["ssn_trace", "national_criminal_search", "county_criminal_search"]


def actor(role: RoleType = RoleType.RECRUITER, user_id: UUID | None = None) -> Actor:
    scope, flags = ROLE_DEFAULTS[role]
    return Actor(current_tenant(), "user", user_id or uuid4(), None, role.value, grants(flags, scope))


def add_user(session: Session, email: str = "") -> UUID:
    made = User(
        email=email or f"{uuid4().hex[:8]}@acme.example", display_name="Somebody", status=UserStatus.ACTIVE.value
    )
    session.add(made)
    session.flush()
    return made.id


@dataclass
class Employer:
    """Ids, so that every test opens its own transactions."""

    company_id: UUID
    connection_id: UUID
    package_id: UUID
    first_package_id: UUID  # without criminal records: New York City's first stage
    recruiter: Actor
    adjudicator: Actor
    compliance: Actor


def make_employer(
    session: Session, company_id: UUID, *, url: str = "", accept: bool = True, **changes: Any
) -> Employer:
    """changes: of the connection. accept: the compliance officer has read every rule of today."""
    session.add(Company(id=company_id, name="Acme", slug="acme", time_zone="America/Chicago"))
    values: dict[str, Any] = {
        "adapter": "checkr", "name": "Checkr", "code": "CHK", "status": "connected", "api_endpoint_url": url,
        "credentials": {"api_key": KEY}, "environment": "staging",
    }  # fmt: skip
    connection = Connection(**(values | changes))
    connection.webhook_key = door.new_key(company_id)
    session.add(connection)
    package = ScreeningPackage(
        connection_id=connection.id, slug="essential", name="Essential", price=Decimal("54.99"), checks=CHECKS,
        check_types=["criminal", "identity_verification"], criminal=True, synced_at=now(),
    )  # fmt: skip
    first = ScreeningPackage(
        connection_id=connection.id, slug="first_stage", name="First stage", price=Decimal("34.99"),
        checks=["ssn_trace", "employment_verification"], check_types=["employment", "identity_verification"], criminal=False,
        synced_at=now(),
    )  # fmt: skip
    session.add_all([package, first])
    session.flush()
    people = [
        actor(role, add_user(session))
        for role in (RoleType.RECRUITER, RoleType.BG_CHECK_SPECIALIST, RoleType.COMPLIANCE_OFFICER)
    ]
    made = Employer(company_id, connection.id, package.id, first.id, *people)
    if accept:  # as `rulings.accept_rule` leaves it; forty calls in every test would be most of its time
        session.add_all(
            AcceptedRule(
                digest=row.digest, rule_key=row.key, accepted_at=now(), accepted_by_user_id=made.compliance.user_id,
                note="Read by counsel for this test",
            )
            for row in rulings.rules_today()
        )  # fmt: skip
        session.flush()
    return made


def add_person(
    session: Session, employer: Employer, *, name: str = "Jane", work: Place = AUSTIN,
    stage: AskStage = AskStage.OFFER, residence: Place | None = None, **changes: Any,
) -> tuple[Candidate, JobApplication]:  # fmt: skip
    facts = {
        "first_name": name,
        "last_name": "Roe",
        "email": f"{uuid4().hex[:8]}@mail.example",
        "date_of_birth": date(1990, 5, 17),
    }
    candidate = candidates.add_candidate(
        session, employer.recruiter, candidates.NewCandidate(residence=residence or work, **(facts | changes))
    )
    session.flush()
    application = candidates.add_application(
        session, employer.recruiter, candidate, candidates.NewApplication(position="Driver", work=work, stage=stage)
    )
    session.flush()
    return candidate, application


def order(session: Session, employer: Employer, part: Part = Part.WHOLE, **changes: Any) -> ScreeningRequest:
    """A request that waits for consent."""
    candidate, application = add_person(session, employer, **changes)
    package_id = employer.first_package_id if part is Part.FIRST else employer.package_id
    facts = ordering.NewOrder(package_id=package_id, certified=True, part=part)
    made = ordering.order(session, employer.recruiter, candidate, application, facts)
    session.flush()
    return made


def give_consent(
    session: Session, request: ScreeningRequest, *, but: frozenset[str] = frozenset(), days: int = 90
) -> None:
    """The rows the candidate's pages leave behind, without the pages; `but`: documents that stay unsigned."""
    ruling = rulings.provisional(session, request)
    documents = needed(ruling, Moment.BEFORE_CHECK, "en", now().date())
    if not any(one.kind is Kind.AUTHORIZATION for one in documents):
        documents.append(document("authorization", "en", now().date()))
    for screen, one in enumerate(documents, 1):
        if one.key in but:
            continue
        content = storage.keep(session, one.body.encode(), name=one.title, content_type="text/html", purpose="consent")
        session.add(
            Signature(
                request_id=request.id, candidate_id=request.candidate_id, session_id=uuid4(), link_id=uuid4(), screen=screen,
                document_key=one.key, document_version=one.version, language=one.language,
                content_sha256=sha256(one.body.encode()).hexdigest(), content_file_id=content.id, answer=Answer.AGREED.value,
                intent=one.intent, opened_at=now(), submitted_at=now(), proof=Proof.BIRTH_DATE.value,
            )
        )  # fmt: skip
    request.consent, request.consent_obtained_at = ConsentState.APPROVED.value, now()
    request.consent_expires_at = now() + timedelta(days=days)
    request.consent_scope = {
        "package": request.screening_package, "connection": str(request.connection_id), "ruling": ruling.version,
        "documents": {one.key: one.version for one in documents}, "checks": sorted(request.check_types),
    }  # fmt: skip
    session.flush()


def released(session: Session, employer: Employer, **changes: Any) -> ScreeningRequest:
    """A request whose order is about to leave."""
    made = order(session, employer, **changes)
    give_consent(session, made)
    assert gate.release(session, employer.recruiter, made), made.hold_reason
    return made


def stored(session: Session, request_id: UUID) -> ScreeningRequest:
    return fetch(session, ScreeningRequest, request_id)


def all_requests(session: Session) -> list[ScreeningRequest]:
    return list(session.scalars(sa.select(ScreeningRequest).order_by(ScreeningRequest.id)))
