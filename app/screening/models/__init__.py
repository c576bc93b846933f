"""Tables of the screening domain. Field sources: screening specification §3; reference/screening.md §3.4, §3.5."""

from app.screening.models.candidates import Candidate, CandidateSurvey, JobApplication
from app.screening.models.cases import Assessment, CaseNotice, Disposal, Happening, SavedView
from app.screening.models.consents import CandidateLink, CandidateSession, EvidenceLink, Signature
from app.screening.models.files import OrderFile, ScreeningFact
from app.screening.models.requests import (
    AcceptedRule,
    CheckResult,
    FrozenRuling,
    MatrixRule,
    ReportRecord,
    ScreeningPackage,
    ScreeningPolicy,
    ScreeningRequest,
)

__all__ = [
    "AcceptedRule", "Assessment", "Candidate", "CandidateLink", "CandidateSession", "CandidateSurvey", "CaseNotice", "CheckResult",
    "Disposal", "EvidenceLink", "FrozenRuling", "Happening", "JobApplication", "MatrixRule", "OrderFile", "ReportRecord",
    "SavedView", "ScreeningFact", "ScreeningPackage", "ScreeningPolicy", "ScreeningRequest", "Signature",
]  # fmt: skip
