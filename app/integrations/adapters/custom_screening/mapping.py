"""The mapping tables of one connection: our fields and theirs, their codes in our words, and what may be done to a value."""

from __future__ import annotations

from datetime import UTC, datetime

from pydantic import Field, field_validator, model_validator

from app.integrations.adapters.custom_screening.codes import kinds_of, table_of
from app.integrations.adapters.custom_screening.steps import change_of, demand_of, listed
from app.integrations.failures import Rejected
from app.integrations.formats.records import Format, Shape
from app.integrations.formats.records.writing import tree_of
from app.integrations.screening import Result, Status
from app.integrations.zones import time_zones

ORDER_FIELDS = (
    "reference", "package", "first_name", "middle_name", "last_name", "email", "phone", "zip_code", "country", "state", "city",
    "county", "node", "copy_requested",
)  # fmt: skip
REPORT_FIELDS = (
    "ref", "status", "result", "event_at", "reference", "package", "provider", "version", "created_at", "completed_at",
    "expected_on", "report_file", "sha256",
)  # fmt: skip
CHECK_FIELDS = ("ref", "kind", "status", "result", "event_at")
ISO, UNIX = "iso", "unix"


class _Mapped(Shape):
    """changes and rules: our field = words, in `steps`."""

    changes: dict[str, str] = Field(
        default_factory=dict,
        title="Changes",
        description="upper, lower, digits, first 20, last 4, default US, without -; several with |.",
        examples=["phone = digits | last 10"],
    )
    rules: dict[str, str] = Field(
        default_factory=dict,
        title="Rules",
        description="required, digits, email, length 1-20, one of A B; several with |.",
        examples=["reference = required | length 1-36"],
    )

    @field_validator("changes")
    @classmethod
    def _known_changes(cls, lines: dict[str, str]) -> dict[str, str]:
        for text in lines.values():
            change_of(text)
        return lines

    @field_validator("rules")
    @classmethod
    def _known_rules(cls, lines: dict[str, str]) -> dict[str, str]:
        for text in lines.values():
            demand_of(text)
        return lines


class OrderSettings(_Mapped):
    """What an order looks like: the body of a call, or a file."""

    format: Format = Field(Format.JSON, title="Format")
    fields: dict[str, str] = Field(
        default_factory=dict,
        title="Fields",
        description=f"Ours: {', '.join(ORDER_FIELDS)}.",
        examples=["first_name = candidate.first_name"],
    )
    constants: dict[str, str] = Field(
        default_factory=dict,
        title="Always the same",
        description="Theirs = value. In JSON true, false and numbers are written as such; put a text that looks like one in quotes.",
        examples=["options.invite = true"],
    )
    file_name: str = Field(
        "orders-{key}", title="Name of an order file", pattern=r"^[A-Za-z0-9._-]{0,60}\{key\}[A-Za-z0-9._-]{0,60}$"
    )

    @model_validator(mode="after")
    def _can_be_written(self) -> OrderSettings:
        _known(self.fields, ORDER_FIELDS)
        _known(self.changes, ORDER_FIELDS)
        _known(self.rules, ORDER_FIELDS)
        paths = [*self.fields.values(), *self.constants]
        if len(set(paths)) != len(paths):
            raise ValueError("two fields go to the same place")
        if self.format is Format.EXCEL:
            raise ValueError("Corridor reads Excel, but writes CSV instead")
        if self.format is Format.FIXED_WIDTH and set(paths) - self.places.keys():
            raise ValueError("a field has no place in the line")
        if self.format not in (Format.CSV, Format.FIXED_WIDTH):
            _fit(paths)
        return self


class ResultSettings(_Mapped):
    """What a provider says about an order: the answer to a call, or a row of a file."""

    fields: dict[str, str] = Field(
        default_factory=dict,
        title="Fields of an order",
        description=f"Ours: {', '.join(REPORT_FIELDS)}. ref is the provider's id, reference is ours.",
        examples=["ref = order.id"],
    )
    checks: str = Field(
        "",
        title="Where the list of checks stands",
        description="Empty: a row with the id of a check is one.",
        max_length=200,
    )
    check_fields: dict[str, str] = Field(
        default_factory=dict,
        title="Fields of a check",
        description=f"Ours: {', '.join(CHECK_FIELDS)}.",
        examples=["kind = type"],
    )
    statuses: dict[Status, str] = Field(
        default_factory=dict,
        title="Status codes",
        description="Their codes for each of our words, several with |. A code that is missing here is shown to a person.",
        examples=["in_progress = queued | processing"],
    )
    outcomes: dict[Result, str] = Field(
        default_factory=dict,
        title="Result codes",
        description="Their codes for none, clear and consider. What is missing here is never clear.",
        examples=["consider = Review | RecordFound"],
    )
    kinds: dict[str, str] = Field(
        default_factory=dict,
        title="Kinds of checks",
        description="Empty: theirs as they are.",
        examples=["county_criminal = CRIM7 | CTY"],
    )
    not_reportable: str = Field(
        "ssn_trace", title="Kinds that are no part of the report", description="Several with |.", max_length=500
    )
    moments: str = Field(
        ISO,
        title="How times are written",
        description="iso, unix, or a pattern such as %m/%d/%Y %H:%M; several with |.",
        max_length=200,
    )
    time_zone: str = Field("UTC", title="Time zone of times without one", examples=["America/Chicago"])
    version: str = Field(
        "", title="Version of the layout", description="A row with another one is refused.", max_length=40
    )

    @field_validator("statuses")
    @classmethod
    def _one_status_each(cls, lines: dict[Status, str]) -> dict[Status, str]:
        table_of(lines)
        return lines

    @field_validator("outcomes")
    @classmethod
    def _one_result_each(cls, lines: dict[Result, str]) -> dict[Result, str]:
        table_of(lines)
        return lines

    @field_validator("kinds")
    @classmethod
    def _one_kind_each(cls, lines: dict[str, str]) -> dict[str, str]:
        kinds_of(lines)
        return lines

    @field_validator("moments")
    @classmethod
    def _readable_moments(cls, text: str) -> str:
        for pattern in listed(text):
            if pattern not in (ISO, UNIX):
                _check_pattern(pattern)
        if not listed(text):
            raise ValueError("say how times are written, for example iso")
        return text

    @field_validator("time_zone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        return zone(name)

    @model_validator(mode="after")
    def _can_be_read(self) -> ResultSettings:
        _known(self.fields, REPORT_FIELDS)
        _known(self.check_fields, CHECK_FIELDS)
        _known(self.changes, (*REPORT_FIELDS, *CHECK_FIELDS))
        _known(self.rules, (*REPORT_FIELDS, *CHECK_FIELDS))
        if self.fields and not {"ref", "status"} <= self.fields.keys():
            raise ValueError("say at least where the provider's id (ref) and its status stand")
        if self.check_fields and not {"ref", "status"} <= self.check_fields.keys():
            raise ValueError("say at least where the id (ref) and the status of a check stand")
        if self.checks and not self.check_fields:
            raise ValueError("say which fields a check has")
        if self.checks and self.format in (Format.CSV, Format.FIXED_WIDTH, Format.EXCEL):
            raise ValueError("a file of columns has no list of checks: give each check its own row")
        return self

    @property
    def wanted(self) -> list[str]:
        """Every column or path that is read."""
        below = [] if self.checks else list(self.check_fields.values())
        return list(dict.fromkeys([*self.fields.values(), *below]))


def _known(lines: dict[str, str], names: tuple[str, ...]) -> None:
    """Raises `ValueError` for a field that is none of ours; it lists those we have."""
    if unknown := sorted(set(lines) - set(names)):
        raise ValueError(f"Corridor has no field {', '.join(unknown)}; it has {', '.join(names)}")


def _fit(paths: list[str]) -> None:
    try:
        tree_of(dict.fromkeys(paths, ""))
    except Rejected:
        raise ValueError("two paths exclude each other, or a list misses an item") from None


def zone(name: str) -> str:
    if name not in time_zones():
        raise ValueError("write a time zone such as America/New_York")
    return name


def _check_pattern(pattern: str) -> None:
    """Raises `ValueError` unless it holds a whole day and reads what it writes."""
    sample = datetime(2026, 11, 25, tzinfo=UTC)
    try:
        same = datetime.strptime(sample.strftime(pattern), pattern).date() == sample.date()  # noqa: DTZ007 only its day
    except ValueError:
        same = False
    if not same:
        raise ValueError("write a pattern with day, month and year, such as %m/%d/%Y %H:%M")
