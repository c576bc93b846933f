"""Tables of the benefits domain. Field sources: benefits_enrollment, benefits_coverage_details of both benefits documents."""

from app.benefits.models.enrollments import (
    Beneficiary,
    CoverageDetails,
    CoveredDependent,
    ElectionDraft,
    Enrollment,
    NumberSeries,
    ReminderSnooze,
    Submission,
)
from app.benefits.models.plans import (
    BenefitPlan,
    ContributionRule,
    EligibilityRule,
    EnrollmentWindow,
    PlanRate,
    PlanYear,
)

__all__ = [
    "Beneficiary",
    "BenefitPlan",
    "ContributionRule",
    "CoverageDetails",
    "CoveredDependent",
    "ElectionDraft",
    "EligibilityRule",
    "Enrollment",
    "EnrollmentWindow",
    "NumberSeries",
    "PlanRate",
    "PlanYear",
    "ReminderSnooze",
    "Submission",
]
