"""What a provider said, one thing at a time, and how many such things become a report whatever their order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from app.integrations.screening import Check, Report, Result, Status

_STATUS = list(Status)
_RESULT = list(Result)
_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)
Key = tuple[str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class Fact:
    """ref: the provider's id of the order. check_ref: its id of a check, empty when this is about the order itself.

    reference: ours, empty when the provider does not repeat it. status_code, result_code, kind: `kind` by our table, the codes as
    they were written. event_at: when it happened (UTC, aware). report_file, sha256: a PDF beside the file, and its hash.
    """

    row: int
    provider: str
    ref: str
    status: Status
    status_code: str
    result: Result = Result.NONE
    result_code: str = ""
    check_ref: str = ""
    kind: str = ""
    reportable: bool = True
    reference: str = ""
    package: str = ""
    event_at: datetime | None = None
    created_at: datetime | None = None
    completed_at: datetime | None = None
    expected_on: date | None = None
    report_file: str = ""
    sha256: str = ""

    @property
    def key(self) -> Key:
        """The same thing said again has the same key: store it once."""
        at = self.event_at.isoformat() if self.event_at else ""
        return (self.provider, self.ref, self.check_ref, self.status_code, at)

    @property
    def weight(self) -> tuple[datetime, int, int]:
        """The newest counts; of two at one moment the one that is further, then the one that found more."""
        return (self.event_at or _BEFORE_ALL, _STATUS.index(self.status), _RESULT.index(self.result))


@dataclass(frozen=True, slots=True)
class Told:
    """A report and what Corridor called the order. facts: what it was made of."""

    report: Report
    reference: str


def fold(facts: Iterable[Fact]) -> tuple[Told, ...]:
    """One report for each order, by its ref. Repeated and disordered facts change nothing; an older one never covers a newer.

    Without a fact about the order itself its report stays `in_progress`, whatever its checks say: nobody said that it is done.
    """
    orders: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        orders[fact.ref].append(fact)
    return tuple(_told(ref, sorted(said, key=_in_order)) for ref, said in sorted(orders.items()))


def _in_order(fact: Fact) -> tuple[object, ...]:
    """By weight, and else by what they say, so that no order of arrival decides."""
    texts = (fact.status_code, fact.result_code, fact.kind, fact.package, fact.reference, fact.report_file, fact.sha256)
    return (*fact.weight, *texts, str((fact.created_at, fact.completed_at, fact.expected_on, fact.reportable)))


def _told(ref: str, said: list[Fact]) -> Told:
    about = [fact for fact in said if not fact.check_ref]
    newest = about[-1] if about else None
    checks = tuple(_check(fact) for fact in {fact.check_ref: fact for fact in said if fact.check_ref}.values())
    whens = [fact.event_at for fact in said if fact.event_at]
    report = Report(
        id=ref,
        status=newest.status if newest else Status.IN_PROGRESS,
        result=newest.result if newest else Result.NONE,
        candidate_id="",
        package=_last(said, "package"),
        ordered=frozenset(check.ref for check in checks if check.reportable),
        checks=tuple(sorted(checks, key=lambda check: check.ref)),
        includes_canceled=any(check.status is Status.CANCELED for check in checks),
        created_at=next((fact.created_at for fact in about if fact.created_at), None),
        completed_at=newest.completed_at if newest else None,
        revised_at=max(whens, default=None),
        expected_on=newest.expected_on if newest else None,
        documents=tuple(dict.fromkeys(fact.report_file for fact in about if fact.report_file)),
        codes=_codes(newest),
    )
    return Told(report, _last(said, "reference"))


def _check(fact: Fact) -> Check:
    result = fact.result if fact.reportable else Result.NONE
    return Check(fact.check_ref, fact.kind, fact.status, result, fact.status_code, fact.reportable)


def _last(said: list[Fact], name: str) -> str:
    return next((found for fact in reversed(said) if (found := str(getattr(fact, name)))), "")


def _codes(fact: Fact | None) -> dict[str, str]:
    codes = {"status": fact.status_code, "result": fact.result_code} if fact else {}
    return {name: code for name, code in codes.items() if code}
