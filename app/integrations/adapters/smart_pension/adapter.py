"""Contributions to Smart Pension, one by one or as a PAPDIS file; both look first for what already arrived."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from pydantic import BaseModel

from app.integrations.adapters.smart_pension.api import API, SmartPensionConfig
from app.integrations.api import Resource
from app.integrations.failures import ContractDrift, Rejected
from app.integrations.paging import first_page, next_page
from app.integrations.ports import Contribution, PensionScheme, Steps, Told
from app.integrations.reading import Facts, facts_of, needed, records, text
from app.integrations.sync.mapping import at
from app.integrations.transports.http.calls import File, Json, Pairs, Upload

_DAYS = {7: "Weekly", 14: "Fortnightly", 28: "FourWeekly"}
_MONTHS = {1: "Monthly", 3: "Quarterly", 6: "BiAnnually", 12: "Annually"}


@dataclass(frozen=True, slots=True)
class Payable:
    """What the company owes for contributions that are not paid yet, in pounds."""

    employer: Decimal
    employee: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True)
class SmartPension(PensionScheme):
    """See `PensionScheme`."""

    config: SmartPensionConfig

    def tell_contributions(self, contributions: Sequence[Contribution], key: str) -> Steps[Told]:
        """What is there already is left alone, or corrected when its amounts differ. A person Keystone refuses stops nobody else."""
        del key  # Keystone knows none: member and period say what is the same
        known = yield from self._known({(one.starts_on, one.ends_on) for one in contributions})
        accepted, refused = 0, dict[str, str]()
        for one in contributions:
            try:
                yield from self._tell(one, known.get((one.member, one.starts_on.isoformat(), one.ends_on.isoformat())))
            except Rejected as no:
                refused[one.person] = no.code
            else:
                accepted += 1
        return Told(accepted, refused)

    def _tell(self, one: Contribution, there: Facts | None) -> Steps[None]:
        body = _amounts(one)
        if there is None:
            period = {"starts_on": one.starts_on.isoformat(), "ends_on": one.ends_on.isoformat()}
            body = {**body, **period, "period_type": period_type(one.starts_on, one.ends_on)}
            yield API.operation("contributions.create").call(Json(body), fills={"member": one.member})
        elif (_money(there, "company_amount"), _money(there, "employee_amount")) != (
            one.employer_amount,
            one.employee_amount,
        ):
            fills = {"member": one.member, "id": _id(there)}
            yield API.operation("contributions.change").call(Json(body), fills=fills)

    def _known(self, periods: set[tuple[date, date]]) -> Steps[Mapping[tuple[str, str, str], Facts]]:
        found: dict[tuple[str, str, str], Facts] = {}
        for starts_on, ends_on in sorted(periods):
            only = (("filter[starts_on]", starts_on.isoformat()), ("filter[ends_on]", ends_on.isoformat()))
            rows = yield from self._all(API.resource("contribution"), only)
            found |= {(_id(row, "employee_id"), text(row, "starts_on"), text(row, "ends_on")): row for row in rows}
        return found

    def import_papdis(self, data: bytes, key: str) -> Steps[str]:
        """Hands in a PAPDIS file that payroll made; returns the number of the import, for `follow`. key: letters, digits and dashes."""
        name = f"corridor-{key}.xml"
        sent = yield from self._all(API.resource("import"))
        there = next((one for one in sent if text(one, "file_file_name") == name), None)
        if there is None:
            upload = Upload([File("file", name, "application/xml", data)], (("type", "PapdisImport"),))
            answer = yield API.operation("imports.create").call(upload)
            there = facts_of(answer.json())
        return _id(there)

    def follow(self, reference: str) -> Steps[Told]:
        """How an import ended, by row; the key of a refused row is its payroll number. Raises `Rejected`: import-rejected."""
        answer = yield API.resource("import").get(reference)
        facts = facts_of(answer.json())
        if facts.get("response_errors"):
            raise Rejected("import-rejected", "Smart Pension could not use the file. Look at the import in its pages.")
        if needed(facts, "state") != "success" and facts.get("success_row_count") is None:
            return Told(0, waits_for=reference)
        resource = API.resource("import_result")
        rows = yield from self._all(replace(resource, listing=resource.path), fills={"id": reference})
        bad = [row for row in rows if needed(row, "state") != "success"]
        return Told(len(rows) - len(bad), {text(row, "cached_external_id") or _id(row): "row-refused" for row in bad})

    def opt_state(self, member: str) -> Steps[str]:
        """In or out, in Keystone's word."""
        answer = yield API.resource("opt_state").get(member)
        return needed(facts_of(answer.json()), "current")

    def payable(self) -> Steps[Payable]:
        """What is to be paid; compare it with payroll before the money goes."""
        answer = yield API.resource("summary").list()
        facts = facts_of(answer.json())
        names = ("payable_company_amount", "payable_employee_amount", "payable_total_amount")
        return Payable(*(_money(facts, name) for name in names))

    def _all(self, resource: Resource, query: Pairs = (), fills: Mapping[str, str] | None = None) -> Steps[list[Facts]]:
        found: list[Facts] = []
        following = first_page(resource.pages, resource.list(query, fills))
        while True:
            answer = yield following
            page = records(facts_of(answer.json()).get(resource.records))
            found += page
            more = next_page(resource.pages, following, answer, len(page))
            if more is None:
                return found
            following = more


def _amounts(one: Contribution) -> dict[str, str | float]:
    """JSON has no decimals: two digits behind the point survive as a float. Raises `Rejected` for what Keystone cannot take."""
    if one.currency != "GBP":
        raise Rejected("currency-not-offered", "Smart Pension takes pounds only.")
    if one.pensionable_pay is None:
        raise Rejected("pay-missing", "Smart Pension wants the pensionable pay with each contribution.")
    pay = float(one.pensionable_pay)
    return {
        "gross_qualifying_earnings": pay, "pensionable_earnings": pay, "company_amount": float(one.employer_amount),
        "employee_amount": float(one.employee_amount),
    }  # fmt: skip


def period_type(starts_on: date, ends_on: date) -> str:
    """Keystone's word for a pay period. Raises `Rejected`: period-unusual."""
    after = ends_on + timedelta(days=1)
    months = (after.year - starts_on.year) * 12 + after.month - starts_on.month
    if after.day == starts_on.day and months in _MONTHS:
        return _MONTHS[months]
    if word := _DAYS.get((after - starts_on).days):
        return word
    raise Rejected(
        "period-unusual", "Smart Pension knows weeks, fortnights, four weeks, months, quarters, halves and years."
    )


def _money(facts: Facts, name: str) -> Decimal:
    """Raises `ContractDrift`."""
    value = facts.get(name)
    if isinstance(value, int | float | str) and not isinstance(value, bool):
        try:
            return Decimal(str(value))
        except InvalidOperation:
            pass
    raise ContractDrift("amount-unreadable")


def _id(facts: Facts, name: str = "id") -> str:
    """Numbers there, texts here. Raises `ContractDrift`."""
    found = at(facts, name)
    if not isinstance(found, str) or not found:
        raise ContractDrift("field-missing")
    return found


def open_pension(config: BaseModel) -> SmartPension:
    """The scheme of one connection."""
    if not isinstance(config, SmartPensionConfig):
        raise TypeError("smart_pension needs a SmartPensionConfig")
    return SmartPension(config)
