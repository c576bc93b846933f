"""A census applied: opens, refreshes and closes discrepancies, and confirms what the carrier really shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.connections.models import Connection, InboxItem, InboxState
from app.core.clock import now, today
from app.core.errors import Invalid
from app.core.events import Actor, Risk, record
from app.feeds.models import CarrierChange, ChangeStatus, Discrepancy, DiscrepancyState, FeedFile
from app.feeds.rules.census import RULES, Compared, Finding, Ours, Row, compare
from app.feeds.rules.schedule import business_days
from app.feeds.rules.states import TOLD
from app.feeds.rules.telling import told_of
from app.feeds.services.carriers import carrier_code, carrier_profile, plan_words
from app.feeds.services.facts import Fact, facts_of, people_of
from app.feeds.services.insured import Insured, InsuredDependent, InsuredEmployee
from app.feeds.services.persons import member_key
from app.feeds.services.sending import move_change, tell_enrollment


@dataclass(frozen=True, slots=True)
class Result:
    rows: int
    opened: int
    closed: int
    confirmed: int


def apply_census(session: Session, actor: Actor, connection: Connection, rows: list[Row], item: InboxItem) -> Result:
    """Compare the carrier's rows with what it was told.

    Raises:
        Invalid: the file is empty although the carrier was told of people, so it is not believed; or a newer one was compared already.
    """
    _one_at_a_time(session, connection)
    if _overtaken(session, item):
        raise Invalid(
            "A newer list of this carrier was compared already. This one is kept, but nothing was compared with it."
        )
    ours, people = _ours(session, connection, item.as_of)
    if not rows and any(one.due and not one.terminated for one in ours):
        raise Invalid("The file names nobody at all. It is kept, but nothing was compared with it.")
    found = compare(ours, rows, today())
    opened = _open(session, actor, connection, found, people, item)
    closed = _close_rest(
        session, actor, connection, found, {one.enrollment for one in ours if not one.due} - found.agreed
    )
    confirmed = _settle(session, actor, connection, found)
    result = Result(len(rows), opened, closed, confirmed)
    counts = {"rows": len(rows), "opened": opened, "closed": closed, "confirmed": confirmed}
    record(session, actor, "feeds.census.applied", item, new=counts)
    return result


def _one_at_a_time(session: Session, connection: Connection) -> None:
    """Two lists of one carrier would both open the same discrepancies; the second waits for the first."""
    session.execute(
        sa.text("SELECT pg_advisory_xact_lock(hashtext('census'), hashtext(:connection))"),
        {"connection": str(connection.id)},
    )


def _overtaken(session: Session, item: InboxItem) -> bool:
    """What a newer list has shown must not be undone by an older one that was applied late."""
    as_of = sa.func.least(InboxItem.written_at, InboxItem.received_at)  # least() passes over NULL
    newer = sa.select(InboxItem.id).where(
        InboxItem.connection_id == item.connection_id,
        InboxItem.state == InboxState.APPLIED,
        InboxItem.kind.in_(("census", "verify")),
        as_of > item.as_of,
    )
    return session.scalar(newer.limit(1)) is not None


@dataclass(slots=True)
class _People:
    """Member key → ids, to hang a finding on the right rows."""

    by_key: dict[str, tuple[UUID, UUID | None]]


def _ours(session: Session, connection: Connection, at: datetime) -> tuple[list[Ours], _People]:
    profile = carrier_profile(connection)
    facts = facts_of(session, connection.id)
    employees, dependents = people_of(session, facts)
    changes = _told_changes(session, connection)
    keys = _People({})
    listed: list[Ours] = []
    for fact in facts:
        told, due = _standing(fact, changes.get(fact.enrollment.id, []), at)
        _, code = plan_words(profile, fact.plan)
        employee = employees[fact.enrollment.employee_id]
        plan = carrier_code(profile, code)
        if fact.told.void:
            continue
        for person, dependent, start, end in _covered(fact, employee, dependents):
            dependent_id = dependent.id if dependent else None
            key = member_key(employee.member_number, dependent_id)
            keys.by_key[key] = (employee.id, dependent_id)
            over = fact.told.terminated or (end is not None and end != fact.told.end)
            listed.append(
                Ours(
                    person=key, enrollment=str(fact.enrollment.id), plan=plan, tier=fact.told.tier, start=start,
                    end=end or fact.told.end, terminated=over, told=told, due=due, subscriber=dependent is None,
                    last_name=person.last_name or "", first_name=person.first_name or "",
                    birth=person.date_of_birth, ssn=person.ssn or "",
                )
            )  # fmt: skip
    return listed, keys


def _covered(
    fact: Fact, employee: InsuredEmployee, dependents: dict[UUID, InsuredDependent]
) -> Iterator[tuple[Insured, InsuredDependent | None, date, date | None]]:
    """Everybody a coverage covers, with the person's own period where it differs."""
    yield employee, None, fact.enrollment.coverage_starts_on, None
    for item in fact.covered:
        dependent = dependents.get(item.dependent_id)
        if dependent is not None:
            yield dependent, dependent, item.starts_on, item.ends_on


def _told_changes(session: Session, connection: Connection) -> dict[UUID, list[tuple[CarrierChange, datetime | None]]]:
    """Enrollment → its told changes, oldest first, each with the moment the carrier should have answered."""
    query = (
        sa.select(CarrierChange, FeedFile.acknowledge_by)
        .outerjoin(
            FeedFile,
            sa.and_(FeedFile.company_id == CarrierChange.company_id, FeedFile.id == CarrierChange.feed_file_id),
        )
        .where(CarrierChange.connection_id == connection.id, CarrierChange.status.in_(TOLD))
        .order_by(CarrierChange.id)
        .with_for_update(of=CarrierChange)
        .execution_options(populate_existing=True)
    )
    grouped: dict[UUID, list[tuple[CarrierChange, datetime | None]]] = defaultdict(list)
    for row in session.execute(query):
        if row.CarrierChange.enrollment_id is not None:
            grouped[row.CarrierChange.enrollment_id].append((row.CarrierChange, row.acknowledge_by))
    return grouped


def _standing(fact: Fact, changes: list[tuple[CarrierChange, datetime | None]], at: datetime) -> tuple[bool, bool]:
    """(the carrier was told of this very version before `at`, it should have had it by then).

    Args:
        at: when the carrier wrote its list. What reached the carrier later cannot be in it.
    """
    if not changes:
        return False, False
    change, answer_by = changes[-1]
    told = told_of(change.told) == fact.told and _by(change.sent_at, at)
    arrived = _by(change.acknowledged_at or change.confirmed_at, at) or (answer_by is not None and answer_by < at)
    manual = change.feed_file_id is None
    return told, told and (arrived or manual)


def _by(moment: datetime | None, at: datetime) -> bool:
    """Servers' time stamps are whole seconds, so ours is cut to the second too."""
    return moment is not None and moment.replace(microsecond=0) <= at


def _open(
    session: Session, actor: Actor, connection: Connection, found: Compared, people: _People, item: InboxItem
) -> int:
    known = {row.fingerprint: row for row in _open_rows(session, connection)}
    opened, moment = 0, now()
    for finding in {finding.fingerprint: finding for finding in found.findings}.values():
        row = known.get(finding.fingerprint)
        if row is not None:
            row.last_seen_at, row.inbox_item_id = moment, item.id
            row.details = _details(finding)
            continue
        row = _row(connection, finding, people, item, moment)
        session.add(row)
        session.flush()
        record(
            session, actor, "feeds.discrepancy.opened", row, person_id=row.employee_id,
            new={"code": row.code, "severity": row.severity}, risk=Risk.MEDIUM,
        )  # fmt: skip
        opened += 1
    return opened


def _open_rows(session: Session, connection: Connection) -> list[Discrepancy]:
    query = sa.select(Discrepancy).where(
        Discrepancy.connection_id == connection.id, Discrepancy.state == DiscrepancyState.OPEN
    )
    return list(session.scalars(query.order_by(Discrepancy.id).with_for_update()))


def _row(connection: Connection, finding: Finding, people: _People, item: InboxItem, moment: datetime) -> Discrepancy:
    rule = RULES[finding.code]
    employee_id, dependent_id = people.by_key.get(finding.person, (None, None))
    return Discrepancy(
        connection_id=connection.id,
        employee_id=employee_id,
        dependent_id=dependent_id,
        enrollment_id=UUID(finding.enrollment) if finding.enrollment else None,
        inbox_item_id=item.id,
        fingerprint=finding.fingerprint,
        code=finding.code.value,
        severity=rule.severity.value,
        owner=rule.owner.value,
        due_on=business_days(today(), rule.days),
        details=_details(finding),
        first_seen_at=moment,
        last_seen_at=moment,
    )


def _details(finding: Finding) -> dict[str, str]:
    return {"plan": finding.plan, "ours": finding.ours, "theirs": finding.theirs}


def _close_rest(session: Session, actor: Actor, connection: Connection, found: Compared, skipped: set[str]) -> int:
    """What this census does not show any more has been put right; a coverage that was not compared stays as it is."""
    still = {finding.fingerprint for finding in found.findings}
    gone = [row for row in _open_rows(session, connection) if row.fingerprint not in still]
    gone = [row for row in gone if str(row.enrollment_id) not in skipped]
    for row in gone:
        row.state, row.closed_at = DiscrepancyState.AUTO_CLOSED.value, now()
        record(session, actor, "feeds.discrepancy.closed", row, person_id=row.employee_id, new={"state": row.state})
    return len(gone)


def _settle(session: Session, actor: Actor, connection: Connection, found: Compared) -> int:
    """Confirm or dispute the newest told change of each enrollment; one that was never sent is never confirmed."""
    confirmed = 0
    for enrollment_id, changes in _told_changes(session, connection).items():
        agrees, differs = str(enrollment_id) in found.agreed, str(enrollment_id) in found.disputed
        if not (agrees or differs):
            continue
        status = ChangeStatus.CONFIRMED if agrees else ChangeStatus.DISCREPANCY
        usage = _usage(session, changes[-1][0], connection)
        for change, _ in changes:
            if move_change(change, status):
                change.confirmed_at = now() if agrees else None
                confirmed += agrees and change is changes[-1][0]
                tell_enrollment(session, actor, usage, change, status)
    return confirmed


def _usage(session: Session, change: CarrierChange, connection: Connection) -> str:
    if change.feed_file_id is None:
        return "P"  # entered by a person in the carrier's portal: real
    file = session.get(FeedFile, (connection.company_id, change.feed_file_id))
    return file.usage if file else "T"
