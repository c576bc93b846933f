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
    """A kind of search, and where one is fetched. many: a report can hold several of it."""

    kind: str
    path: str
    many: bool = False

    @property
    def included_as(self) -> str:
        return self.path.lstrip("/") if self.many else self.kind


CHECKS = (
    Kind("ssn_trace", "/ssn_traces"),
    Kind("sex_offender_search", "/sex_offender_searches"),
    Kind("global_watchlist_search", "/global_watchlist_searches"),
    Kind("national_criminal_search", "/national_criminal_searches"),
    Kind("county_criminal_search", "/county_criminal_searches", many=True),
    Kind("state_criminal_search", "/state_criminal_searches", many=True),
    Kind("federal_criminal_search", "/federal_criminal_searches"),
    Kind("federal_district_criminal_search", "/federal_district_criminal_searches"),
    Kind("federal_civil_search", "/federal_civil_searches"),
    Kind("federal_district_civil_search", "/federal_civil_district_searches"),
    Kind("education_verification", "/education_verifications", many=True),
    Kind("employment_verification", "/employment_verifications", many=True),
    Kind("professional_license_verification", "/professional_license_verifications", many=True),
    Kind("personal_reference_verification", "/personal_reference_verifications", many=True),
    Kind("professional_reference_verification", "/professional_reference_verifications", many=True),
    Kind("facis_search", "/facis_searches"),
    Kind("drug_alcohol_clearinghouse", "/drug_alcohol_clearinghouse_searches"),
    Kind("international_criminal_search", "/international_criminal_searches", many=True),
    Kind("international_adverse_media_search", "/international_adverse_media_searches", many=True),
    Kind("international_education_verification", "/international_education_verifications", many=True),
    Kind("international_employment_verification", "/international_employment_verifications", many=True),
    Kind("international_global_watchlist_search", "/international_global_watchlist_searches"),
    Kind("international_identity_document_validation", "/international_identity_document_validation"),
)

# They come only inside of a report: there is no address to fetch one from.
EMBEDDED = (
    Kind("drug_screening", ""),
    Kind("motor_vehicle_report", ""),
    Kind("arrest_search", ""),
    Kind("occupational_health_screening", ""),
)

# Not part of the consumer report; must not be used for a decision and has no result of its own.
NOT_REPORTABLE = frozenset({"ssn_trace"})

# Packages that appear in the list and cannot be ordered.
NOT_ORDERABLE = frozenset({"continuous_check", "continuous_mvr", "continuous_mvr_enrollment"})
