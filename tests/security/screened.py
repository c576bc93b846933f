"""The screening part of a twin: the demo's provider and candidates, and cases at every point of adverse action."""

from __future__ import annotations

from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core import storage
from app.core.access import RoleType
from app.core.clock import now
from app.notices import pdf
from app.people.models import Company
from app.screening.models import CaseNotice, SavedView, ScreeningPackage, ScreeningRequest
from app.screening.rules.clocks import Kind
from app.screening.services import adverse, links
from tests.accounts.sign_in import make_user
from tests.screening import judging
from tests.screening.made import Employer, actor
from worker.demo import screening as demo

STAFF = {
    "recruiter": RoleType.RECRUITER,
    "adjudicator": RoleType.BG_CHECK_SPECIALIST,
    "compliance": RoleType.COMPLIANCE_OFFICER,
}


def make_staff(session: Session, company_id: UUID) -> None:
    """The people in whose name the demo orders."""
    for name, role in STAFF.items():
        make_user(session, company_id, email=f"{name}@northwind.example", roles=[role])


def make_screening(session: Session, owner: Company, word: str, sandbox: dict[str, object]) -> None:
    """Twelve candidates as in the demo; a case in review, one that waits, one that was answered, one before its final notice."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "PEOPLE", tuple(one._replace(last=word.title()) for one in demo.PEOPLE))
        demo.make_screening(session, owner, sandbox)
    make_cases(session, owner.id, word.title())
    _make_papers(session, word)
    user_id = session.scalars(sa.select(User.id).order_by(User.id)).first()
    for user in session.scalars(sa.select(User).where(User.email.in_(f"{name}@northwind.example" for name in STAFF))):
        user.email = f"demo-{user.email}"  # their own names are the roles' users'
    session.add(SavedView(user_id=user_id, page="screening.board", name="Mine", query="bucket=active"))


def make_cases(session: Session, company_id: UUID, name: str) -> dict[str, ScreeningRequest]:
    """Cases of a company that the demo's builders made, by how far they are."""
    employer = _employer(session, company_id)
    makers = (judging.in_review, judging.assessed, judging.waiting, judging.reassessed, _answered)
    made = {}
    for make in makers:
        made[make.__name__.strip("_")] = make(session, employer, name=name)
        session.flush()
    return made


def _answered(session: Session, employer: Employer, **who: object) -> ScreeningRequest:
    request = judging.waiting(session, employer, **who)
    adverse.answered(
        session, employer.recruiter, request, Kind.DISPUTE_ANNOUNCED, "This is not me.", source="candidate"
    )
    return request


def _employer(session: Session, company_id: UUID) -> Employer:
    sold = {package.slug: package for package in session.scalars(sa.select(ScreeningPackage))}
    whole = sold["essential"]
    found = {user.email.partition("@")[0]: user.id for user in session.scalars(sa.select(User))}
    staff = [actor(role, found[name]) for name, role in STAFF.items()]
    return Employer(company_id, whole.connection_id, whole.id, whole.id, *staff)


def _make_papers(session: Session, word: str) -> None:
    """Reports and letters that can be opened, with the canary inside; a link for everybody who has none."""
    data = pdf.render(
        f"<!doctype html><html lang='en'><title>{word}</title><main><h1>{word}</h1></main></html>",
        title=word,
        language="en",
    )
    file = storage.keep(session, data, name="report.pdf", content_type="application/pdf", purpose="screening_report")
    session.flush()
    session.execute(
        sa.update(ScreeningRequest).where(ScreeningRequest.report_file_id.is_not(None)).values(report_file_id=file.id)
    )
    session.execute(sa.update(CaseNotice).where(CaseNotice.pdf_file_id.is_not(None)).values(pdf_file_id=file.id))
    for request in session.scalars(sa.select(ScreeningRequest)):
        if links.newest(session, request.id) is None:
            link = links.issue(session, request.id)
            link.sent_at = link.opened_at = now()
