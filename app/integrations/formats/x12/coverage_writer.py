"""Writes the coverages of a member (loop 2300 and the chosen provider, 2310) in one carrier's dialect."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache

from app.integrations.failures import Refused
from app.integrations.formats.x12.eight34 import Coverage, Member, Provider
from app.integrations.formats.x12.profile import CarrierProfile, PlanCode, Premium

Texts = Callable[[Sequence[str], Sequence[tuple[str, int]]], list[str]]
End = Callable[[date], date]

_PROVIDER = (("provider name", 60), ("provider first name", 35), ("provider number", 80))


def refuse_odd_codes(codes: str) -> None:
    """Codes go into the file as they are, so nothing but letters and digits may be in them. Raises `Refused`."""
    if not (codes.isalnum() and codes.isascii()):
        raise Refused("code-unusable", "A code in this file holds something other than letters and digits.")


@lru_cache(maxsize=100_000)
def day(on: date) -> str:
    """CCYYMMDD."""
    return f"{on.year:04d}{on.month:02d}{on.day:02d}"


class CoverageWriter:
    """Part of `MemberWriter`: `texts` cleans, `end` turns the last covered day into the carrier's end date."""

    def __init__(self, profile: CarrierProfile, texts: Texts, end: End, *, audit: bool) -> None:
        self._profile = profile
        self._texts = texts
        self._end = end
        self._audit = audit
        self._plans: dict[tuple[str, str], tuple[str, str]] = {}

    def write(self, coverages: Sequence[Coverage], member: Member) -> str:
        """All HD loops of one member."""
        tiered = member.subscriber or self._profile.tier_on_dependents
        paid = self._profile.premium
        priced = paid is Premium.ALL or (paid is Premium.SUBSCRIBER and member.subscriber)
        return "".join([self._one(coverage, tiered, priced) for coverage in coverages])

    def _one(self, coverage: Coverage, tiered: bool, priced: bool) -> str:
        line, plan = self._plan(coverage)
        refuse_odd_codes(line + coverage.maintenance + coverage.tier)
        maintenance = "030" if self._audit and coverage.maintenance != "024" else coverage.maintenance
        tier = coverage.tier if tiered else ""
        late = "****Y" if coverage.late_enrollment else ""
        text = f"HD*{maintenance}**{line}*{plan}*{tier}{late}".rstrip("*") + "~"
        if coverage.maintained_on:
            text += f"DTP*303*D8*{day(coverage.maintained_on)}~"
        if coverage.start_on:
            text += f"DTP*348*D8*{day(coverage.start_on)}~"
        if coverage.end_on:
            text += f"DTP*349*D8*{day(self._end(coverage.end_on))}~"
        if coverage.dates:
            text += "".join(f"DTP*{qualifier}*D8*{day(on)}~" for qualifier, on in coverage.dates)
        text += self._amounts(coverage, priced)
        if coverage.references:
            text += self._references(coverage.references)
        return text + self._provider(coverage.provider) if coverage.provider else text

    def _plan(self, coverage: Coverage) -> tuple[str, str]:
        """Line and plan text, by the profile's table; cleaned once per plan."""
        key = (coverage.line, coverage.plan_code)
        if key not in self._plans:
            given = PlanCode.model_construct(line=coverage.line, code=coverage.plan_code)
            plan = self._profile.plan_codes.get(coverage.plan_code, given)
            self._plans[key] = (plan.line, self._texts((plan.code,), (("plan code", 50),))[0])
        return self._plans[key]

    def _amounts(self, coverage: Coverage, priced: bool) -> str:
        text = ""
        if priced and coverage.premium is not None:
            text = f"AMT*P3*{_money(coverage.premium)}~"
        if coverage.volume is not None and self._profile.volume_qualifier:
            text += f"AMT*{self._profile.volume_qualifier}*{_money(coverage.volume)}~"
        if coverage.amounts:
            text += "".join(f"AMT*{qualifier}*{_money(amount)}~" for qualifier, amount in coverage.amounts)
        return text

    def _references(self, references: Sequence[tuple[str, str]]) -> str:
        values = self._texts([v for _, v in references], [("reference number", 50)] * len(references))
        return "".join(f"REF*{q}*{v}~" for (q, _), v in zip(references, values, strict=True) if v)

    def _provider(self, provider: Provider) -> str:
        last, first, npi = self._texts((provider.last_name, provider.first_name, provider.npi), _PROVIDER)
        number = f"XX*{npi}" if npi else "*"
        known = "25" if provider.existing_patient else "26"
        return f"LX*1~NM1*{provider.role}*1*{last}*{first}****{number}*{known}~"


def _money(amount: Decimal) -> str:
    """Dollars as X12 writes them: no thousands separator, no trailing zero after the point."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
