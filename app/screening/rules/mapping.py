"""A provider's kinds of search and results in the words of our tables. What is in no table is `other`, and waits for a person."""

from __future__ import annotations

from app.integrations.screening import Result, Status
from app.screening.rules.states import CheckStatus, CheckType, Recommendation, ResultStatus, Severity

_KINDS = (
    ("motor_vehicle", CheckType.MVR),
    ("driver", CheckType.MVR),
    ("mvr", CheckType.MVR),
    ("drug_alcohol_clearinghouse", CheckType.MVR),
    ("drug", CheckType.DRUG_TEST),
    ("health", CheckType.DRUG_TEST),
    ("education", CheckType.EDUCATION),
    ("employment", CheckType.EMPLOYMENT),
    ("credit", CheckType.CREDIT),
    ("eviction", CheckType.CREDIT),
    ("license", CheckType.PROFESSIONAL_LICENSE),
    ("reference", CheckType.REFERENCE),
    ("ssn", CheckType.IDENTITY_VERIFICATION),
    ("identity", CheckType.IDENTITY_VERIFICATION),
    ("facis", CheckType.PROFESSIONAL_LICENSE),
    ("criminal", CheckType.CRIMINAL),
    ("sex_offender", CheckType.CRIMINAL),
    ("arrest", CheckType.CRIMINAL),
    ("watchlist", CheckType.CRIMINAL),
    ("adverse_media", CheckType.CRIMINAL),
    ("civil", CheckType.CRIMINAL),
)
"""The first word that is part of the provider's kind decides."""

BEHIND_THE_WALL = frozenset({CheckType.CRIMINAL, CheckType.MVR, CheckType.OTHER})
"""New York City: not before the conditional offer. What nobody can tell apart counts as criminal."""


def check_type(kind: str) -> CheckType:
    word = kind.casefold().replace("-", "_").replace(" ", "_")
    return next((ours for part, ours in _KINDS if part in word), CheckType.OTHER)


def is_criminal(kinds: tuple[str, ...] | list[str]) -> bool:
    """Whether a package holds anything behind the wall. A package that names nothing is taken to hold everything."""
    return not kinds or any(check_type(kind) in BEHIND_THE_WALL for kind in kinds)


_STATUS = {
    Status.ORDERED: CheckStatus.PENDING,
    Status.WAITING_CANDIDATE: CheckStatus.PENDING,
    Status.IN_PROGRESS: CheckStatus.IN_PROGRESS,
    Status.CANDIDATE_ACTION: CheckStatus.IN_PROGRESS,
    Status.CLIENT_ACTION: CheckStatus.IN_PROGRESS,
    Status.DISPUTE: CheckStatus.IN_PROGRESS,
    Status.COMPLETE: CheckStatus.COMPLETED,
    Status.CANCELED: CheckStatus.CANCELED,
    Status.INVITATION_EXPIRED: CheckStatus.CANCELED,
    Status.UNMAPPED: CheckStatus.FAILED,
}


def check_status(status: Status) -> CheckStatus:
    return _STATUS[status]


def result_status(status: Status, result: Result) -> ResultStatus:
    """Clear only when the search is complete and says so."""
    if status is Status.UNMAPPED or result is Result.UNMAPPED:
        return ResultStatus.ERROR
    if status is Status.CANCELED:
        return ResultStatus.DATA_NOT_FOUND
    if result is Result.CONSIDER:
        return ResultStatus.CONSIDER
    if status is Status.COMPLETE and result is Result.CLEAR:
        return ResultStatus.CLEAR
    return ResultStatus.PENDING_REVIEW


def severity(result: ResultStatus) -> Severity:
    """Before a person has read it: clear weighs nothing, everything else may weigh."""
    return {ResultStatus.CLEAR: Severity.NONE, ResultStatus.PENDING_REVIEW: Severity.NONE}.get(result, Severity.MEDIUM)


def recommendation(result: ResultStatus) -> Recommendation:
    """A hint at most: whoever is not clear is looked at, never refused by a machine."""
    return Recommendation.HIRE if result is ResultStatus.CLEAR else Recommendation.FURTHER_REVIEW
