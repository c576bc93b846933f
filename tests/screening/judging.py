"""Cases on their way through adverse action, through the services: a report with records, assessed, notified, answered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy.orm import Session

from app.connections.models import Connection
from app.core import storage
from app.core.access import RoleType
from app.core.clock import now
from app.core.db import fetch
from app.core.events import Actor
from app.integrations.screening import AdverseItem, Result, Status
from app.people.models import Company
from app.screening.models import Assessment, CaseNotice, CheckResult, ReportRecord, ScreeningRequest
from app.screening.rules.adverse import Action
from app.screening.rules.places import Place
from app.screening.rules.states import Choice, OrderState
from app.screening.rules.words import Channel, RecordKind
from app.screening.services import adverse, assessing, mailing, policy, records
from app.screening.services.agency import Agency, name_agency
from app.screening.services.basis import Basis, basis
from app.screening.services.progress import refresh
from tests.screening.made import Employer, actor, add_user, released

FRESNO = Place("US", "CA", "Fresno", "Fresno", unincorporated=False)
EAST_LA = Place("US", "CA", "Los Angeles", "East Los Angeles", unincorporated=True)
AGENCY = Agency(
    "Checkr, Inc.", "1 Montgomery St\nSan Francisco, CA 94104", "844-824-3257", "https://checkr.com/privacy"
)
ADDRESS = {"line1": "12 Elm St", "city": "Fresno", "state": "CA", "zip_code": "93650", "country": "US"}
ITEMS = (
    AdverseItem("rec1", "Misdemeanor: petty theft, Fresno County"),
    AdverseItem("rec2", "Driving without a license"),
)
WEIGHED = "Weighed against the duties of the job."
REPORT = b"%PDF-1.7 the report of the provider"


def ready(session: Session, employer: Employer) -> None:
    """Everything letters must say of company and agency."""
    connection = fetch(session, Connection, employer.connection_id)
    name_agency(session, employer.compliance, connection, AGENCY)
    company = fetch(session, Company, employer.company_id)
    company.address_line1, company.city, company.state, company.zip_code = "1 Main St", "Austin", "TX", "78701"
    company.primary_contact_name, company.primary_contact_phone = "Dana Lee", "512-555-0100"
    company.primary_contact_email = "hr@acme.example"
    set_policy(session, reconsideration="Write to hr@acme.example within 30 days.", cori_policy="Our CORI policy.")


def set_policy(session: Session, **values: object) -> None:
    known = policy.policy(session)
    for name, value in values.items():
        setattr(known, name, value)
    session.add(known)
    session.flush()


def in_review(
    session: Session, employer: Employer, *, work: Place = FRESNO, report: bool = True, **changes: object
) -> ScreeningRequest:
    """A complete report with two records and nothing decided about them."""
    ready(session, employer)
    request = released(session, employer, work=work, **{"address": ADDRESS, **changes})
    complete(session, request, report=report)
    return request


def complete(session: Session, request: ScreeningRequest, *, report: bool = True) -> None:
    request.order_state, request.provider_report_id = OrderState.PLACED.value, "rep_1"
    request.provider_status, request.provider_result = Status.COMPLETE.value, Result.CONSIDER.value
    request.revised_at = now() - timedelta(hours=1)
    if report:
        file = storage.keep(
            session, REPORT, name="report.pdf", content_type="application/pdf", purpose="screening_report"
        )
        session.flush()
        request.report_file_id = file.id
    check = CheckResult(
        request_id=request.id, ref="cc1", kind="county_criminal_search", check_type="criminal", criminal=True,
        provider_status=Status.COMPLETE.value, provider_result=Result.CONSIDER.value, completed_at=now(),
    )  # fmt: skip
    trace = CheckResult(
        request_id=request.id, ref="ssn1", kind="ssn_trace", check_type="identity_verification", reportable=False,
        provider_status=Status.COMPLETE.value, provider_result=Result.NONE.value,
    )  # fmt: skip
    session.add_all([check, trace])
    records.keep(session, request, ITEMS)
    refresh(request)
    session.flush()


def rows(session: Session, request: ScreeningRequest) -> list[ReportRecord]:
    return [row for row, _ in basis(session, request).records]


def choose_all(session: Session, judge: Actor, request: ScreeningRequest, choice: Choice = Choice.RELIED_ON) -> None:
    for row in rows(session, request):
        records.choose(
            session, judge, request, row.id, choice, reason="It bears on the job", kind=RecordKind.MISDEMEANOR,
            happened_on=date(2025, 3, 1),
        )  # fmt: skip


def assess(session: Session, judge: Actor, request: ScreeningRequest, *, adverse_: bool = True) -> Assessment:
    factors = dict.fromkeys(factors_of(session, request), WEIGHED)
    return assessing.write(
        session, judge, request, factors=factors, reasoning="Considered as a whole.", adverse=adverse_
    )


def factors_of(session: Session, request: ScreeningRequest) -> tuple[str, ...]:
    ruling = basis(session, request).case.ruling
    assert ruling is not None
    return ruling.factors


def assessed(session: Session, employer: Employer, **how: object) -> ScreeningRequest:
    request = in_review(session, employer, **how)  # type: ignore[arg-type]
    choose_all(session, employer.adjudicator, request)
    assess(session, employer.adjudicator, request)
    return request


def notified(
    session: Session, employer: Employer, channels: Iterable[Channel] = (Channel.EMAIL,), **how: object
) -> ScreeningRequest:
    request = assessed(session, employer, **how)
    adverse.act(session, employer.adjudicator, request, Action.NOTIFY, channels=channels)
    return request


def letters_of(session: Session, request: ScreeningRequest) -> list[CaseNotice]:
    return list(basis(session, request).notices)


def arrive(session: Session, actor_: Actor, request: ScreeningRequest, on: date | None = None) -> None:
    """Every letter that waits goes out."""
    for notice in letters_of(session, request):
        if notice.sent_at is None and notice.void_at is None:
            print_letter(session, notice)
            mailing.sent(session, actor_, notice, at=now())


def print_letter(session: Session, notice: CaseNotice) -> None:
    """What the job does, without the PDF engine."""
    mailing.printed(session, notice, b"%PDF-1.7 printed", sha256(b"%PDF-1.7 printed").hexdigest())
    session.flush()


def waiting(session: Session, employer: Employer, **how: object) -> ScreeningRequest:
    request = notified(session, employer, **how)
    arrive(session, employer.adjudicator, request)
    return request


def let_time_pass(session: Session, request: ScreeningRequest, days: int = 60) -> None:
    """As if everything that has happened so far had happened this much earlier."""
    back = timedelta(days=days)
    found: Basis = basis(session, request)
    for row in (request, *found.notices, *found.assessments, *found.happened):
        for name in (
            "notified_at",
            "answered_at",
            "sent_at",
            "written_at",
            "happened_at",
            "revised_at",
            "report_revised_at",
        ):
            moment = getattr(row, name, None)
            if moment is not None:
                setattr(row, name, moment - back)
        for name in ("promised_on", "on", "received_on"):
            day = getattr(row, name, None)
            if day is not None:
                setattr(row, name, day - back)
    session.flush()


def reassessed(session: Session, employer: Employer, **how: object) -> ScreeningRequest:
    """The time is over and the second assessment is written: only the click is left."""
    request = waiting(session, employer, **how)
    let_time_pass(session, request)
    adverse.act(session, employer.adjudicator, request, Action.REASSESS)
    assess(session, employer.adjudicator, request)
    return request


def another(session: Session, role: RoleType = RoleType.BG_CHECK_SPECIALIST) -> Actor:
    user_id: UUID = add_user(session)
    return actor(role, user_id)
