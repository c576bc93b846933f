"""Where a candidate stands on the way to consent: the screens of the case, what is signed, what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.db import fetch
from app.screening.documents import Document
from app.screening.models import CandidateLink, ScreeningPackage, Signature
from app.screening.rules.states import Answer, ConsentState, OrderState
from app.screening.services.cases import Case, load
from app.screening.services.papers import Screen, scope, screens
from app.screening.services.visits import Visit


@dataclass(frozen=True, slots=True)
class Journey:
    """Attributes:
    signed: keys of documents answered since this asking began, for what the consent would be given for now.
    scope: what it would be given for.
    """

    visit: Visit
    case: Case
    package: ScreeningPackage
    screens: tuple[Screen, ...]
    signed: frozenset[str]
    scope: dict[str, object]

    @property
    def next(self) -> Screen | None:
        """The first screen with something left to answer; None: all is signed."""
        return next((screen for screen in self.screens if not self.is_signed(screen)), None)

    def is_signed(self, screen: Screen) -> bool:
        return all(document.key in self.signed for document in screen.documents)

    def screen(self, slug: str) -> Screen | None:
        return next((screen for screen in self.screens if screen.slug == slug), None)

    @property
    def documents(self) -> tuple[Document, ...]:
        return tuple(document for screen in self.screens for document in screen.documents)


def package_of(session: Session, case: Case) -> ScreeningPackage:
    return fetch(session, ScreeningPackage, case.request.package_id)


def asks(case: Case, package: ScreeningPackage) -> bool:
    """Whether the candidate has something to sign: never asked before, or asked again because what was agreed to has changed."""
    request = case.request
    if request.canceled_at is not None or request.order_state != OrderState.NONE:
        return False
    if request.consent == ConsentState.PENDING:
        return True
    return request.consent == ConsentState.APPROVED and not _still_covers(case, package)


def _still_covers(case: Case, package: ScreeningPackage) -> bool:
    request = case.request
    if request.consent_expires_at is None or now() >= request.consent_expires_at:
        return False
    if case.ruling is None:
        return True  # the rules are being looked at; nobody is asked twice meanwhile
    return request.consent_scope == scope(case, package)


def journey(session: Session, visit: Visit, language: str, case: Case | None = None) -> Journey:
    """In three queries; two when the case was read already.

    Raises:
        papers.NotReady, documents.Unknown: the papers cannot be shown yet.
    """
    case = case or load(session, visit.request)
    package = fetch(session, ScreeningPackage, visit.request.package_id)
    shown, wanted = screens(case, package, language), scope(case, package)
    draft = visit.link.draft or {}
    begun = datetime.fromisoformat(draft["begun_at"]) if draft.get("scope") == wanted else None
    versions = {document.key: document.version for screen in shown for document in screen.documents}
    rows = answers(session, visit, begun) if begun else ()
    signed = frozenset(row.document_key for row in rows if versions.get(row.document_key) == row.document_version)
    return Journey(visit, case, package, shown, signed, wanted)


def answers(session: Session, visit: Visit, since: datetime) -> Sequence[Any]:
    """What was agreed to or acknowledged since a moment, in order."""
    query = (
        sa.select(Signature.id, Signature.document_key, Signature.document_version)
        .where(Signature.request_id == visit.request.id, Signature.submitted_at >= since)
        .where(Signature.answer != Answer.DECLINED.value)
        .order_by(Signature.submitted_at, Signature.screen)
    )
    return session.execute(query).all()


def note_opened(link: CandidateLink, wanted: dict[str, object], hashes: Sequence[str]) -> None:
    """Remember when these bytes were first shown; begin anew when the consent would be for something else than before."""
    draft = dict(link.draft or {})
    if draft.get("scope") != wanted:
        draft = {"scope": wanted, "begun_at": now().isoformat(), "opened": {}}
    opened = {sha256: now().isoformat() for sha256 in hashes} | draft["opened"]
    if opened != draft["opened"] or draft != (link.draft or {}):
        link.draft = {**draft, "opened": opened}


def opened_at(link: CandidateLink, sha256: str) -> datetime | None:
    """When these bytes were first shown; None: never."""
    found = (link.draft or {}).get("opened", {}).get(sha256)
    return datetime.fromisoformat(found) if found else None
