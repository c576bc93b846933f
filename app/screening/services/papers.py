"""The papers a candidate reads and signs: which ones, on which screens, with which values, and whether a consent still covers them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from markupsafe import Markup
from sqlalchemy.orm import Session

from app.core.clock import now, today
from app.core.db import fetch
from app.notices.templating import translations
from app.screening.documents import Document, Kind, Value, agreed, needed, render_html, sha256
from app.screening.documents import lacking as lacking_in
from app.screening.models import ScreeningPackage, ScreeningRequest
from app.screening.rules.places import Place
from app.screening.rules.states import CheckType, ConsentState
from app.screening.rules.words import Moment
from app.screening.services.agency import agency
from app.screening.services.candidates import name_of
from app.screening.services.cases import Case, load

CHECKS: Mapping[CheckType, str] = {
    CheckType.CRIMINAL: "Criminal records",
    CheckType.EDUCATION: "Education",
    CheckType.EMPLOYMENT: "Past jobs",
    CheckType.CREDIT: "Credit history",
    CheckType.DRUG_TEST: "Drug test",
    CheckType.MVR: "Driving record",
    CheckType.PROFESSIONAL_LICENSE: "Professional license",
    CheckType.REFERENCE: "References: people who know you are asked",
    CheckType.IDENTITY_VERIFICATION: "Identity",
    CheckType.OTHER: "Other checks of this package",
}
"""Every kind of check in words; the Spanish is in the catalog."""


class NotReady(Exception):
    """The rules of the case are not cleared: nobody may be asked to sign anything."""


@dataclass(frozen=True, slots=True)
class Screen:
    """One decision: the documents on one page, and its name in the URL. `place`: of its first document among all, from 1."""

    slug: str
    documents: tuple[Document, ...]
    place: int

    @property
    def alone(self) -> bool:
        """Nothing but the text and one button may stand on the page (15 USC 1681b(b)(2)(A)(i))."""
        return any(document.kind is Kind.DISCLOSURE for document in self.documents)

    @property
    def typed_name(self) -> bool:
        return any(document.typed_name for document in self.documents)


@dataclass(frozen=True, slots=True)
class Paper:
    """A document as it is shown: the exact bytes and their hash, and the words a person agrees to."""

    document: Document
    html: bytes
    sha256: str
    intent: str
    choice: str

    @property
    def shown(self) -> Markup:
        """The bytes as a page takes them in: our own markup, every value in it escaped when it was made."""
        return Markup(self.html.decode())  # noqa: S704


def screens(case: Case, package: ScreeningPackage, language: str) -> tuple[Screen, ...]:
    """The screens of a case in order. What must stand alone does; notices that are only received share one page.

    Raises:
        NotReady: a person must clear the rules first. documents.Unknown: a row names a text that we do not have.
    """
    if case.ruling is None:
        raise NotReady
    found = needed(case.ruling, Moment.BEFORE_CHECK, language, company_today(case), investigative=package.investigative)
    groups: list[tuple[str, list[Document]]] = [(_slug(document), [document]) for document in found if _own(document)]
    received = [document for document in found if not _own(document)]
    if received:
        groups.insert(len(groups) - 1, ("notices", received))
    made, place = [], 1
    for slug, documents in groups:
        made.append(Screen(slug, tuple(documents), place))
        place += len(documents)
    return tuple(made)


def _own(document: Document) -> bool:
    """Whether it has a page of its own: it is signed, offers a choice, or the law wants it alone."""
    return bool(document.typed_name or document.choice) or document.kind in (Kind.ESIGN_CONSENT, Kind.DISCLOSURE)


def _slug(document: Document) -> str:
    return document.key.replace("_", "-")


def render(case: Case, screen: Screen) -> tuple[Paper, ...]:
    """Raises documents.Lacks: a value that must be printed is empty; somebody at the company has to fill it in."""
    return tuple(map(partial(_paper, case), screen.documents))


def _paper(case: Case, document: Document) -> Paper:
    known = values(case, document.language)
    html = render_html(document, known)
    intent, choice = agreed(document, known)
    return Paper(document, html, sha256(html), intent, choice)


def values(case: Case, language: str) -> dict[str, Value]:
    """What the texts may print, by the names of `documents.schema.VALUES`."""
    company, job = case.company, case.application
    return {
        "employer": company.name,
        "employer_address": address(
            company.address_line1, company.address_line2, company.city, company.state, company.zip_code
        ),
        "employer_contact": contact(case).line,
        "candidate": name_of(case.candidate),
        "position": job.position,
        "work_location": place_words(case.work),
        "checks": check_words(case.request.check_types, language),
        "good_cause": job.duties,
        "consent_until": consent_until(case),
        **agency(case.connection).values(),
    }


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom a candidate asks: the screening policy's contact, else the company's own."""

    name: str
    phone: str
    email: str

    @property
    def line(self) -> str:
        return ", ".join(part for part in (self.name, self.phone, self.email) if part)


def contact(case: Case) -> Contact:
    policy, company = case.policy, case.company
    if policy.contact_name or policy.contact_phone or policy.contact_email:
        return Contact(policy.contact_name, policy.contact_phone, policy.contact_email)
    return Contact(company.primary_contact_name, company.primary_contact_phone, company.primary_contact_email)


def address(line1: str, line2: str, city: str, state: str, zip_code: str) -> str:
    """Lines of a postal address; empty parts leave no trace."""
    town = f"{city}, {state} {zip_code}".strip(" ,")
    return "\n".join(line.strip() for line in (line1, line2, town) if line.strip())


def place_words(place: Place) -> str:
    """ "San Francisco, CA": without the country, which everybody knows."""
    county = f"{place.county} County" if place.county and not place.city else ""
    return ", ".join(part for part in (place.city, county, place.state) if part) or place.country


def check_words(check_types: Sequence[str], language: str) -> list[str]:
    said = translations(language).gettext
    return [said(CHECKS[CheckType(kind)]) for kind in check_types] or [said(CHECKS[CheckType.OTHER])]


def company_today(case: Case) -> date:
    return today(case.company.time_zone)


def consent_until(case: Case) -> date:
    """The last day of a consent that is given today."""
    return company_today(case) + timedelta(days=case.policy.consent_days)


def consent_ends_at(case: Case) -> datetime:
    """The end of that day, on the company's clock."""
    following = consent_until(case) + timedelta(days=1)
    return datetime.combine(following, time.min, ZoneInfo(case.company.time_zone))


def lacking(case: Case, package: ScreeningPackage) -> tuple[str, ...]:
    """Names of values that the papers of a case must print and nobody has entered. Empty: they can be shown.

    Raises:
        NotReady, documents.Unknown: see `screens`.
    """
    known = values(case, "en")
    asked = [document for screen in screens(case, package, "en") for document in screen.documents]
    return tuple(dict.fromkeys(name for document in asked for name in lacking_in(document, known)))


def scope(case: Case, package: ScreeningPackage) -> dict[str, object]:
    """What a consent of today is given for: it ends to hold when one of these changes (reference/screening.md §3.4)."""
    asked = [document for screen in screens(case, package, "en") for document in screen.documents]
    assert case.ruling is not None
    return {
        "package": case.request.screening_package,
        "checks": sorted(case.request.check_types),
        "connection": str(case.request.connection_id),
        "ruling": case.ruling.version,
        "documents": {document.key: document.version for document in asked},
    }


def in_force(session: Session, request: ScreeningRequest) -> bool:
    """Whether the candidate's consent covers the order as it would go out now: given, not run out, and for these documents in these
    versions, this package, provider and set of rules."""
    if request.consent != ConsentState.APPROVED or request.consent_expires_at is None:
        return False
    if now() >= request.consent_expires_at:
        return False
    case = load(session, request)
    if case.ruling is None:
        return False
    return request.consent_scope == scope(case, fetch(session, ScreeningPackage, request.package_id))
