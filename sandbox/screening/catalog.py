"""Packages, kinds of searches, and how a found record reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Kind:
    """many: a report may hold several, by a list of ids. alone: has an address of its own."""

    name: str
    many: bool = False
    alone: bool = True

    @property
    def plural(self) -> str:
        return self.name + ("es" if self.name.endswith("search") else "s")

    @property
    def included_as(self) -> str:
        """Its name in `?include=` and in the report."""
        return self.plural if self.many else self.name

    @property
    def ids(self) -> str:
        return f"{self.name}_ids" if self.many else f"{self.name}_id"


KINDS = {
    kind.name: kind
    for kind in (
        Kind("ssn_trace"),
        Kind("sex_offender_search"),
        Kind("global_watchlist_search"),
        Kind("national_criminal_search"),
        Kind("federal_criminal_search"),
        Kind("county_criminal_search", many=True),
        Kind("state_criminal_search", many=True),
        Kind("motor_vehicle_report", alone=False),
        Kind("education_verification"),
        Kind("employment_verification"),
        Kind("drug_screening", alone=False),
        Kind("credit_report", alone=False),
        Kind("professional_license_verification", many=True),
    )
}

CRIMINAL = ["ssn_trace", "sex_offender_search", "global_watchlist_search", "national_criminal_search"]
PACKAGES = (
    ("basic_plus", "Basic+", 2999, CRIMINAL),
    ("essential", "Essential", 5499, [*CRIMINAL, "county_criminal_search"]),
    (
        "professional", "Professional", 7999,
        [*CRIMINAL, "county_criminal_search", "employment_verification", "education_verification"],
    ),
    (
        "driver_pro", "Driver Pro", 6499,
        ["ssn_trace", "national_criminal_search", "county_criminal_search", "motor_vehicle_report", "drug_screening"],
    ),
    (
        "first_stage", "First stage, nothing criminal", 3499,
        ["ssn_trace", "employment_verification", "education_verification", "drug_screening"],
    ),
    (
        "second_stage", "Second stage, criminal and driving", 4499,
        ["national_criminal_search", "county_criminal_search", "motor_vehicle_report"],
    ),
    ("continuous_check", "Continuous Check", 0, ["national_criminal_search"]),
)  # fmt: skip
NOT_ORDERABLE = {"continuous_check", "continuous_mvr", "continuous_mvr_enrollment"}
SUBTYPES = {"county_criminal_search": "7years"}


def package(slug: str, name: str, price: int, kinds: list[str]) -> dict[str, Any]:
    """price: in cents. Raises ValueError for an unknown kind of search."""
    if unknown := set(kinds) - set(KINDS):
        raise ValueError(f"Unknown kind of search: {', '.join(sorted(unknown))}. Known: {', '.join(KINDS)}.")
    screenings = [{"type": kind, "subtype": SUBTYPES.get(kind)} for kind in kinds]
    return {"slug": slug, "name": name, "price": price, "screenings": screenings, "deleted_at": None}


def written(facts: dict[str, Any]) -> dict[str, Any]:
    """A found record as a search holds it. facts: see `scenarios.FELONY`, or just a `text`."""
    if "charge" not in facts:
        return dict(facts)
    charge = {
        "charge": facts["charge"],
        "charge_type": facts.get("level", "misdemeanor"),
        "category": facts.get("category", "unclassified"),
        **{name: facts.get(name) for name in ("offense_date", "charge_date", "disposition", "disposition_date", "sentence")},
    }  # fmt: skip
    place = {name: facts.get(name, "") for name in ("county", "state")}
    return {
        "case_number": facts.get("case_number", "SBX-0001"),
        **place,
        "file_date": charge["charge_date"],
        "charges": [charge],
    }


def in_words(kind: str, facts: dict[str, Any]) -> str:
    """The record as a notice would name it."""
    if "text" in facts or "charge" not in facts:
        return str(facts.get("text") or kind.replace("_", " "))
    where = ", ".join(
        part for part in (f"{facts['county']} County" if facts.get("county") else "", facts.get("state", "")) if part
    )
    ended = f"{facts.get('disposition') or 'no disposition'} {facts.get('disposition_date') or ''}".strip()
    return f"{facts['charge']} ({facts.get('level', 'misdemeanor')}), {where}: {ended}"
