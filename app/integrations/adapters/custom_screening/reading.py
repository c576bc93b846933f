"""From records to facts, by the settings of one connection. What is wrong is a problem of its row, without its values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from app.integrations.adapters.custom_screening.codes import UNMAPPED, kinds_of, plain, table_of
from app.integrations.adapters.custom_screening.facts import Fact
from app.integrations.adapters.custom_screening.mapping import ISO, UNIX, ResultSettings
from app.integrations.adapters.custom_screening.steps import change_of, demand_of, listed
from app.integrations.formats.records import Problem, Record, find, find_all
from app.integrations.screening import Result, Status

_HASH = re.compile(r"[0-9a-f]{64}")
_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,150}\.pdf", re.IGNORECASE | re.ASCII)
_LONGEST = 500
_AHEAD = timedelta(days=1)  # for clocks and time zones; a later event would cover whatever really comes next
_TIMES = ("event_at", "created_at", "completed_at", "expected_on")
Values = dict[str, str]


class _Wrong(Exception):
    def __init__(self, code: str, field: str, reason: str) -> None:
        super().__init__(code)
        self.code, self.field, self.reason = code, field, reason


@dataclass(frozen=True, slots=True)
class Facts:
    """What a file or an answer says. repeated: rows that say what another row said already. rows: all of them."""

    facts: tuple[Fact, ...]
    problems: tuple[Problem, ...]
    repeated: int
    rows: int


class Reader:
    """The tables of one connection, made ready once."""

    def __init__(self, settings: ResultSettings, provider: str) -> None:
        self._settings, self._provider = settings, provider
        self._statuses, self._results = table_of(settings.statuses), table_of(settings.outcomes)
        self._kinds = kinds_of(settings.kinds)
        self._hidden = frozenset(map(plain, listed(settings.not_reportable)))
        self._changes = {name: change_of(text) for name, text in settings.changes.items()}
        self._rules = {name: demand_of(text) for name, text in settings.rules.items()}
        self._zone = ZoneInfo(settings.time_zone)

    def read(self, records: tuple[Record, ...], received_at: datetime | None) -> tuple[list[Fact], list[Problem]]:
        """received_at: when a file came (UTC, aware), the time of what has no field for one. None: the answer to a call. It says how
        things are now, so it may lack a time; and an order that was just taken may lack a status.
        """
        facts: list[Fact] = []
        problems: list[Problem] = []
        for record in records:
            try:
                facts += self._facts(record, received_at)
            except _Wrong as wrong:
                problems.append(Problem(record.row, wrong.code, wrong.reason, wrong.field))
        return facts, problems

    def _facts(self, record: Record, received_at: datetime | None) -> Iterator[Fact]:
        settings = self._settings
        order = self._values(record.tree, settings.fields)
        self._belongs(order)
        checks = self._checks(record)
        told = dict(order)
        if checks and not settings.checks:  # a row about a check: its own status is not that of the order
            told |= {
                name: ""
                for name in ("status", "result")
                if settings.fields.get(name) == settings.check_fields.get(name) and name in settings.fields
            }
        if told.get("status"):
            yield self._fact(record.row, order, told, received_at)
        elif not checks and received_at is None:
            yield self._fact(record.row, order, {}, received_at)
        elif not checks:
            raise _Wrong("field-empty", "status", "There is no status.")
        for check in checks:
            yield self._fact(record.row, order, check, received_at, check=True)

    def _checks(self, record: Record) -> list[Values]:
        fields = self._settings.check_fields
        if not fields:
            return []
        if not self._settings.checks:
            values = self._values(record.tree, fields)
            return [values] if values["ref"] else []
        found = find_all(record.tree, self._settings.checks)
        if found is None or not all(isinstance(one, dict) for one in found):
            raise _Wrong("checks-unreadable", "checks", "There is no list of checks where the settings say.")
        return [self._values(one, fields) for one in found]

    def _values(self, tree: object, fields: Mapping[str, str]) -> Values:
        """Our field → text, changed and checked by the settings."""
        values = {}
        for name, path in fields.items():
            value = " ".join(find(tree, path).split())  # a line break or a hard space in a cell means a space
            value = self._changes[name](value) if name in self._changes else value
            if len(value) > _LONGEST or not value.isprintable():
                raise _Wrong("text-unusable", name, "The text is too long or holds control characters.")
            if name in self._rules and (reason := self._rules[name](value)):
                raise _Wrong("rule-broken", name, f"It {reason}.")
            values[name] = value
        return values

    def _belongs(self, order: Values) -> None:
        if order.get("provider") and order["provider"].casefold() != self._provider.casefold():
            raise _Wrong("other-provider", "provider", "This row is from another provider.")
        if self._settings.version and order.get("version") != self._settings.version:
            raise _Wrong("other-version", "version", f"This is not version {self._settings.version} of the layout.")
        if not order["ref"]:
            raise _Wrong("field-empty", "ref", "There is no id of the provider.")

    def _fact(
        self, row: int, order: Values, said: Values, received_at: datetime | None, *, check: bool = False
    ) -> Fact:
        if check and not (said["ref"] and said["status"]):
            raise _Wrong("field-empty", "check", "A check has no id or no status.")
        code, kind = said.get("status", ""), said.get("kind", "") if check else ""
        fields = self._settings.check_fields if check else self._settings.fields
        where = said if "event_at" in fields else order
        return Fact(
            row=row,
            provider=self._provider,
            ref=order["ref"],
            status=self._statuses.get(plain(code), Status.UNMAPPED) if code else Status.ORDERED,
            status_code=code,
            result=self._result(said.get("result", "")),
            result_code=said.get("result", ""),
            check_ref=said["ref"] if check else "",
            kind=self._kind(kind),
            reportable=plain(kind) not in self._hidden and plain(self._kind(kind)) not in self._hidden,
            reference=order.get("reference", ""),
            package=order.get("package", ""),
            event_at=self._event_at(where, received_at),
            **({} if check else self._about(order)),  # type: ignore[arg-type]
        )

    def _about(self, order: Values) -> dict[str, object]:
        """What only an order has."""
        at = {name: self._moment(name, order.get(name, "")) for name in _TIMES[1:]}
        expected = at.pop("expected_on")
        file, sha256 = order.get("report_file", ""), order.get("sha256", "").lower()
        if file and not _FILE.fullmatch(file):
            raise _Wrong("file-name-unsafe", "report_file", "Give the report a plain file name that ends in .pdf.")
        if file and "sha256" in self._settings.fields and not _HASH.fullmatch(sha256):
            raise _Wrong("hash-unreadable", "sha256", "The SHA-256 of a report has 64 hexadecimal digits.")
        day = expected.astimezone(self._zone).date() if expected else None
        return {**at, "expected_on": day, "report_file": file, "sha256": sha256}

    def _result(self, code: str) -> Result:
        return self._results.get(plain(code), Result.UNMAPPED) if code else Result.NONE

    def _kind(self, code: str) -> str:
        return self._kinds.get(plain(code), UNMAPPED) if self._kinds and code else code

    def _event_at(self, said: Values, received_at: datetime | None) -> datetime | None:
        if "event_at" not in self._settings.fields | self._settings.check_fields:
            return received_at
        at = self._moment("event_at", said.get("event_at", ""))
        if at is None and received_at is not None:
            raise _Wrong("field-empty", "event_at", "There is no time of the event.")
        if at is not None and received_at is not None and at > received_at + _AHEAD:
            raise _Wrong("time-in-future", "event_at", "The event lies in the future.")
        return at

    def _moment(self, name: str, text: str) -> datetime | None:
        if not text:
            return None
        for pattern in listed(self._settings.moments):
            if (at := _parsed(text, pattern)) is not None:
                try:
                    return (at if at.tzinfo else at.replace(tzinfo=self._zone)).astimezone(UTC)
                except OverflowError:
                    break
        raise _Wrong("time-unreadable", name, "The time is not written as the settings say.")


def _parsed(text: str, pattern: str) -> datetime | None:
    try:
        if pattern == UNIX:
            return datetime.fromtimestamp(float(text), UTC) if re.fullmatch(r"\d{1,10}(\.\d+)?", text) else None
        return datetime.fromisoformat(text) if pattern == ISO else datetime.strptime(text, pattern)  # noqa: DTZ007 zone follows
    except (ValueError, OverflowError):
        return None


def without_repeats(facts: list[Fact]) -> tuple[list[Fact], list[Problem], int]:
    """Each thing once. Two rows that contradict each other about one event are both left out, for a person to ask."""
    known: dict[object, Fact] = {}
    repeated, bad = 0, set()
    for fact in facts:
        first = known.setdefault(fact.key, fact)
        if first is fact:
            continue
        if _same(first, fact):
            repeated += 1
        else:
            bad |= {first.key}
    rows = sorted({fact.row for fact in facts if fact.key in bad})
    reason = "Two rows say different things about the same event. Ask the provider which one holds."
    good = [fact for fact in known.values() if fact.key not in bad]
    return good, [Problem(row, "contradiction", reason) for row in rows], repeated


def _same(one: Fact, other: Fact) -> bool:
    return (one.result, one.kind, one.reference, one.package, one.report_file, one.sha256, one.completed_at) == (
        other.result, other.kind, other.reference, other.package, other.report_file, other.sha256, other.completed_at,
    )  # fmt: skip
