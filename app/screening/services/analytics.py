"""Numbers about background checks: how many, how long, how much, and where candidates drop out. No person, and nothing of a report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.connections.models import Connection
from app.core.access import Can
from app.core.events import Actor
from app.notices.models import Notice
from app.screening.models import CandidateLink, JobApplication, ScreeningPackage, ScreeningRequest
from app.screening.rules.states import ConsentState, RequestStatus
from app.screening.services.scope import visible

SECONDS_A_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Asked:
    """Checks that began from the first to the last day, in the company's time zone. by: "week" or "month"."""

    first: date
    last: date
    by: str = "month"
    connection_id: UUID | None = None
    package: str = ""
    zone: str = "UTC"


class Volume(NamedTuple):
    """numbers: by `RequestStatus`."""

    since: date
    total: int
    numbers: dict[str, int]


class Turnaround(NamedTuple):
    """Days from the order to the complete report. kind: provider, package or county."""

    kind: str
    name: str
    checks: int
    median: float
    ninth: float


class Cost(NamedTuple):
    """What orders cost. kind: cost_center, billing_method or month."""

    kind: str
    name: str
    currency: str
    checks: int
    total: Any
    each: Any


class Consent(NamedTuple):
    """Checks by what became of the candidate's link."""

    begun: int
    sent: int
    bounced: int
    opened: int
    signed: int
    declined: int
    withdrawn: int
    reminded: int
    reminders: int
    signed_after_reminder: int


def volume(session: Session, actor: Actor, asked: Asked) -> list[Volume]:
    """By week or month and status, the oldest first. One query."""
    local = sa.func.timezone(asked.zone, ScreeningRequest.initiated_at)
    since = sa.cast(sa.func.date_trunc(asked.by, local), sa.Date).label("since")
    query = (
        sa.select(since, ScreeningRequest.status, sa.func.count().label("number"))
        .where(_wanted(actor, asked))
        .group_by(sa.literal_column("1"), ScreeningRequest.status)
        .order_by(sa.literal_column("1"))
    )
    found: dict[date, dict[str, int]] = {}
    for row in session.execute(query):
        found.setdefault(row.since, {status.value: 0 for status in RequestStatus})[row.status] = row.number
    return [Volume(since, sum(numbers.values()), numbers) for since, numbers in found.items()]


def turnaround(session: Session, actor: Actor, asked: Asked) -> list[Turnaround]:
    """Median and ninth decile by provider, package and county, the slowest first. One query."""
    seconds = sa.func.extract("epoch", ScreeningRequest.completed_at - ScreeningRequest.submitted_at)
    county = sa.func.concat_ws(", ", sa.func.nullif(JobApplication.work_county, ""), JobApplication.work_state)
    names = {"provider": Connection.name, "package": ScreeningRequest.screening_package, "county": county}
    one = (
        sa.select(*(name.label(kind) for kind, name in names.items()), seconds.label("seconds"))
        .join(Connection, _same(Connection, Connection.id == ScreeningRequest.connection_id))
        .join(JobApplication, _same(JobApplication, JobApplication.id == ScreeningRequest.application_id))
        .where(_wanted(actor, asked), ScreeningRequest.submitted_at.is_not(None), ScreeningRequest.completed_at.is_not(None))
        .subquery("one")
    )  # fmt: skip
    measures = (
        sa.func.count().label("checks"),
        *(sa.func.percentile_cont(share).within_group(one.c.seconds).label(f"p{share}") for share in (0.5, 0.9)),
    )
    found = []
    for kind, name, (checks, median, ninth) in _grouped(session, one, list(names), measures):
        found.append(Turnaround(kind, name, checks, median / SECONDS_A_DAY, ninth / SECONDS_A_DAY))
    return sorted(found, key=lambda row: (row.kind, -row.median))


def cost(session: Session, actor: Actor, asked: Asked) -> list[Cost]:
    """What was ordered, by cost center, billing method and month, with what each check cost on average. One query."""
    month = sa.func.to_char(sa.func.timezone(asked.zone, ScreeningRequest.submitted_at), "YYYY-MM")
    names = {
        "cost_center": ScreeningRequest.cost_center,
        "billing_method": ScreeningRequest.billing_method,
        "month": month,
    }
    one = (
        sa.select(*(name.label(kind) for kind, name in names.items()), ScreeningRequest.currency_code, ScreeningRequest.total_cost)
        .where(_wanted(actor, asked), ScreeningRequest.submitted_at.is_not(None))
        .subquery("one")
    )  # fmt: skip
    measures = (sa.func.count(), sa.func.sum(one.c.total_cost), sa.func.round(sa.func.avg(one.c.total_cost), 2))
    found = [
        Cost(kind, name[0], name[1], *numbers)
        for kind, name, numbers in _grouped(session, one, list(names), measures, "currency_code")
    ]
    return sorted(found, key=lambda row: (row.kind, row.name, row.currency))


def _grouped(
    session: Session, one: sa.Subquery, kinds: Sequence[str], measures: Sequence[Any], beside: str = ""
) -> list[tuple[str, Any, Any]]:  # fmt: skip
    """(kind, name, measures) for each grouping of the subquery, in one query; `beside`: a column every grouping has too."""
    more = [one.c[beside]] if beside else []
    sets = sa.func.grouping_sets(*(sa.tuple_(one.c[kind], *more) for kind in kinds))
    which = [sa.func.grouping(one.c[kind]) for kind in kinds]
    query = sa.select(*which, *(one.c[kind] for kind in kinds), *more, *measures).group_by(sets)
    found = []
    for row in session.execute(query):
        place = list(row[: len(kinds)]).index(0)
        name, rest = row[len(kinds) + place], row[2 * len(kinds) :]
        found.append((kinds[place], (name, rest[0]) if beside else name, rest[1:] if beside else rest))
    return found


def consent(session: Session, actor: Actor, asked: Asked) -> Consent:
    """How far candidates came with their link, and what reminders did. One query."""
    links = _links()
    state = ScreeningRequest.consent
    signed = ScreeningRequest.consent_obtained_at.is_not(None)
    conditions = (
        sa.true(), links.c.sent.is_not(None), sa.and_(links.c.bounced, links.c.opened.is_(None)),
        links.c.opened.is_not(None), signed, state == ConsentState.DECLINED.value, state == ConsentState.WITHDRAWN.value,
        links.c.reminders > 0,
    )  # fmt: skip
    query = (
        sa.select(
            *(sa.func.count().filter(condition) for condition in conditions),
            sa.func.coalesce(sa.func.sum(links.c.reminders), 0),
            sa.func.count().filter(signed, links.c.reminders > 0, ScreeningRequest.consent_obtained_at > links.c.reminded),
        )
        .select_from(ScreeningRequest)
        .outerjoin(links, sa.and_(links.c.company_id == ScreeningRequest.company_id, links.c.request_id == ScreeningRequest.id))
        .where(_wanted(actor, asked))
    )  # fmt: skip
    return Consent._make(session.execute(query).one())


def _links() -> sa.Subquery:
    """What became of the links of each request, and when the first reminder was made."""
    reminder = (
        sa.select(Notice.company_id, Notice.subject_id, sa.func.count().label("number"), sa.func.min(Notice.created_at).label("first"))
        .where(Notice.subject_type == "candidate_link", Notice.kind == "screening.reminder")
        .group_by(Notice.company_id, Notice.subject_id)
        .subquery("reminder")
    )  # fmt: skip
    return (
        sa.select(
            CandidateLink.company_id, CandidateLink.request_id, sa.func.min(CandidateLink.sent_at).label("sent"),
            sa.func.min(CandidateLink.opened_at).label("opened"),
            sa.func.bool_or(CandidateLink.undeliverable_at.is_not(None)).label("bounced"),
            sa.func.coalesce(sa.func.sum(reminder.c.number), 0).label("reminders"), sa.func.min(reminder.c.first).label("reminded"),
        )
        .outerjoin(
            reminder, sa.and_(reminder.c.company_id == CandidateLink.company_id, reminder.c.subject_id == CandidateLink.id)
        )
        .group_by(CandidateLink.company_id, CandidateLink.request_id)
        .subquery("links")
    )  # fmt: skip


def _wanted(actor: Actor, asked: Asked) -> sa.ColumnElement[bool]:
    zone = ZoneInfo(asked.zone)
    first = datetime.combine(asked.first, time.min, zone)
    after = datetime.combine(asked.last + timedelta(days=1), time.min, zone)
    parts = [
        visible(actor, Can.SCREENING_ANALYZE), ScreeningRequest.initiated_at >= first, ScreeningRequest.initiated_at < after,
    ]  # fmt: skip
    if asked.connection_id is not None:
        parts.append(ScreeningRequest.connection_id == asked.connection_id)
    if asked.package:
        parts.append(ScreeningRequest.screening_package == asked.package)
    return sa.and_(*parts)


def _same(table: Any, *conditions: Any) -> sa.ColumnElement[bool]:
    return sa.and_(table.company_id == ScreeningRequest.company_id, *conditions)


def offered(session: Session) -> Sequence[Any]:
    """Packages with their provider, for the filters. One query."""
    query = (
        sa.select(Connection.id.label("connection_id"), Connection.name.label("provider"), ScreeningPackage.slug, ScreeningPackage.name)
        .join(ScreeningPackage, sa.and_(ScreeningPackage.company_id == Connection.company_id, ScreeningPackage.connection_id == Connection.id))
        .order_by(Connection.name, ScreeningPackage.name)
    )  # fmt: skip
    return session.execute(query).all()
