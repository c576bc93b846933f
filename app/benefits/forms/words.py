"""Labels of the words the database keeps, for forms and pages."""

from __future__ import annotations

from decimal import Decimal

from flask_babel import lazy_gettext as _l

COVERAGE = {
    "health": _l("Medical"),
    "dental": _l("Dental"),
    "vision": _l("Vision"),
    "life": _l("Life insurance"),
    "ad_and_d": _l("Accidental death (AD&D)"),
    "short_term_disability": _l("Short-term disability"),
    "long_term_disability": _l("Long-term disability"),
    "accident": _l("Accident"),
    "critical_illness": _l("Critical illness"),
    "hospital_indemnity": _l("Hospital indemnity"),
}
QUESTION = {
    "health": _l("Which medical plan do you want?"),
    "dental": _l("Which dental plan do you want?"),
    "vision": _l("Which vision plan do you want?"),
    "life": _l("Which life insurance do you want?"),
}
WAIVE = {
    "health": _l("I don't want medical coverage"),
    "dental": _l("I don't want dental coverage"),
    "vision": _l("I don't want vision coverage"),
    "life": _l("I don't want life insurance"),
}
CHOOSE = {
    "health": _l("Select a medical plan, or choose to waive coverage"),
    "dental": _l("Select a dental plan, or choose to waive coverage"),
    "vision": _l("Select a vision plan, or choose to waive coverage"),
    "life": _l("Select a life insurance plan, or choose to waive it"),
}
ANY_QUESTION, ANY_WAIVE = _l("Which plan do you want?"), _l("I don't want this coverage")
ANY_CHOOSE = _l("Select a plan, or choose to waive coverage")
TIER = {
    "EMP": _l("You"),
    "ESP": _l("You and your spouse or partner"),
    "ECH": _l("You and your children"),
    "FAM": _l("You and your family"),
}
TIER_NAME = {
    "EMP": _l("Employee only"),
    "ESP": _l("Employee and spouse"),
    "ECH": _l("Employee and children"),
    "FAM": _l("Family"),
}
RELATION = {
    "spouse": _l("spouse"),
    "child": _l("child"),
    "domestic_partner": _l("domestic partner"),
    "other": _l("other dependent"),
}
KIND = {
    "new_hire": _l("New hire"),
    "open_enrollment": _l("Open enrollment"),
    "qualifying_life_event": _l("Life event"),
    "special_enrollment": _l("Special enrollment"),
    "termination": _l("Termination"),
    "coverage_change": _l("Coverage change"),
}
STATUS = {
    "pending": (_l("Draft"), "neutral"),
    "submitted": (_l("Waiting for HR"), "warn"),
    "on_hold": (_l("On hold"), "warn"),
    "approved": (_l("Approved"), "good"),
    "rejected": (_l("Sent back"), "bad"),
    "canceled": (_l("Canceled"), "neutral"),
    "active": (_l("Active"), "good"),
    "terminated": (_l("Ended"), "neutral"),
}
CONTRIBUTION = {
    "pre_tax": _l("Employer and employee, before tax"),
    "post_tax": _l("Employer and employee, after tax"),
    "employer_paid": _l("Employer only"),
    "employee_paid": _l("Employee only"),
    "shared": _l("Employer and employee"),
}


def plain(number: Decimal | int) -> str:
    """`50`, `33.34`: without zeros nobody needs."""
    return f"{Decimal(number).normalize():f}"
