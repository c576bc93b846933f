"""Checkr's codes in our words. A code that stands in no table is `unmapped`: it alerts, and it is never clear."""

from __future__ import annotations

from dataclasses import dataclass

from app.integrations.screening import AdverseState, Delivery, Result, Status

REPORT = {
    "pending": Status.IN_PROGRESS,
    "complete": Status.COMPLETE,
    "suspended": Status.CANDIDATE_ACTION,
    "paused": Status.CLIENT_ACTION,
    "dispute": Status.DISPUTE,
    "canceled": Status.CANCELED,
}

INVITATION = {
    "pending": Status.WAITING_CANDIDATE,
    "completed": Status.IN_PROGRESS,
    "expired": Status.INVITATION_EXPIRED,
}

CHECK = {
    "pending": Status.IN_PROGRESS,
    "complete": Status.COMPLETE,
    "suspended": Status.CANDIDATE_ACTION,
    "canceled": Status.CANCELED,
}

RESULT = {"clear": Result.CLEAR, "consider": Result.CONSIDER}

ADVERSE = {
    "pending": AdverseState.WAITING,
    "complete": AdverseState.DONE,
    "dispute": AdverseState.DISPUTE,
    "canceled": AdverseState.CANCELED,
}

DELIVERY = {
    "none": Delivery.NONE,
    "queued": Delivery.ON_ITS_WAY,
    "sent": Delivery.ON_ITS_WAY,
    "delivered": Delivery.DELIVERED,
    "unopened": Delivery.DELIVERED,
    "error": Delivery.BOUNCED,
    "unknown": Delivery.UNMAPPED,
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of search. path: where one is fetched, empty when it comes inside of a report only.

    included_as: its name in `?include=` and in the report that answers; a value Checkr does not know could refuse the whole call.
    """

    kind: str
    path: str = ""
    included_as: str = ""


_ONE = (
    "ssn_trace", "sex_offender_search", "global_watchlist_search", "national_criminal_search", "federal_criminal_search",
    "federal_civil_search", "facis_search", "international_global_watchlist_search",
)  # fmt: skip
_MANY = (
    "county_criminal_search", "state_criminal_search", "personal_reference_verification", "professional_reference_verification",
    "professional_license_verification", "international_criminal_search", "international_adverse_media_search",
)  # fmt: skip
_ONE_OF_MANY = (
    "education_verification", "employment_verification", "international_education_verification",
    "international_employment_verification",
)  # fmt: skip
_INSIDE = (
    "drug_screening", "motor_vehicle_report", "arrest_search", "occupational_health_screening", "credit_report", "eviction_search",
    "terrorist_watchlist_search",
)  # fmt: skip


def _plural(kind: str) -> str:
    return kind + ("es" if kind.endswith("search") else "s")


CHECKS = (
    *(Kind(kind, f"/{_plural(kind)}", kind) for kind in (*_ONE, *_ONE_OF_MANY)),
    *(Kind(kind, f"/{_plural(kind)}", _plural(kind)) for kind in _MANY),
    *(Kind(kind, "", kind) for kind in _INSIDE),
    *(Kind(kind, "", _plural(kind)) for kind in ("county_civil_search", "municipal_criminal_search")),
    Kind("drug_alcohol_clearinghouse", "/drug_alcohol_clearinghouse_searches", "drug_alcohol_clearinghouse"),
    Kind(
        "international_identity_document_validation",
        "/international_identity_document_validation",
        "international_identity_document_validation",
    ),
    Kind("federal_district_criminal_search", "/federal_district_criminal_searches"),
    Kind("federal_district_civil_search", "/federal_civil_district_searches"),
)

# Not part of the consumer report; must not be used for a decision and has no result of its own.
NOT_REPORTABLE = frozenset({"ssn_trace"})

# Packages that appear in the list and cannot be ordered.
NOT_ORDERABLE = frozenset({"continuous_check", "continuous_mvr", "continuous_mvr_enrollment"})
