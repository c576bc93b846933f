"""Builds what a file says: from claimed changes (or everything, for a full file) to families of members."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from app.connections.models import Connection
from app.core.clock import today
from app.feeds.models import FeedFile
from app.feeds.rules.telling import MAINTENANCE, comes_back, left_on, member_maintenance, reason_code, without_replaced
from app.feeds.services.carriers import carrier_profile, plan_words, wants_premium
from app.feeds.services.facts import Fact, facts_of, people_of
from app.feeds.services.insured import InsuredDependent, InsuredEmployee, dependents_of
from app.feeds.services.persons import Person, as_member
from app.feeds.services.picture import Known, picture_of
from app.feeds.services.tellings import Telling, claimed, dependent_code, ends_first, everything, gone, tellings_of
from app.integrations.formats.x12.eight34 import Batch, Coverage, Family, Member
from app.integrations.formats.x12.profile import CarrierProfile
from app.people.models import EmployeeStatus

LIFE = ("life", "ad_and_d")


@dataclass(slots=True)
class Said:
    """The file's content with what is remembered of it: one entry per member, in file order.

    left: reference of who was known as ended altogether → last covered day.
    """

    batch: Batch
    people: list[Person] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)
    left: dict[str, date] = field(default_factory=dict)


def say(session: Session, file: FeedFile, connection: Connection) -> Said:
    """What this file has to say, from the rows as they are now. The same rows give the same content."""
    profile = carrier_profile(connection)
    changes = claimed(session, file.id)
    tellings = (
        everything(session, connection, profile, changes) if file.kind == "full" else tellings_of(session, changes)
    )
    details = {change.employee_id for change in changes if change.enrollment_id is None}
    builder = _Builder(session, file, profile, tellings, details)
    families = builder.families()
    return Said(_batch(session, file, profile, families), builder.people, builder.members, builder.left)


def _batch(session: Session, file: FeedFile, profile: CarrierProfile, families: list[Family]) -> Batch:
    original = session.get(FeedFile, (file.company_id, file.replaces_id)) if file.replaces_id else None
    return Batch(
        families=families,
        action=profile.full_action if file.kind == "full" else "2",
        reference=file.reference,
        created_at=file.made_at,
        kind="15" if original else "00",
        original_reference=original.reference if original else "",
    )


class _Builder:
    """Gathers coverages per person, then turns people into members, subscriber first."""

    def __init__(
        self, session: Session, file: FeedFile, profile: CarrierProfile, tellings: list[Telling], details: set[UUID]
    ) -> None:
        self.profile, self.full = profile, file.kind == "full"
        self.people: list[Person] = []
        self.members: list[Member] = []
        self.left: dict[str, date] = {}
        self._details = details
        self._tellings: dict[UUID, list[Telling]] = defaultdict(list)
        for telling in tellings:
            self._tellings[telling.fact.enrollment.employee_id].append(telling)
        only_details = [row for row in details if row not in self._tellings]
        extra = facts_of(session, file.connection_id, employee_ids=only_details) if only_details else []
        self._extra: dict[UUID, list[Fact]] = defaultdict(list)
        for fact in extra:
            self._extra[fact.enrollment.employee_id].append(fact)
        self.employees, self.dependents = people_of(session, [*(t.fact for t in tellings), *extra])
        self._find_gone(session)
        keys = None if self.full else [Person(self.employees[i], d).key for i, d in self._everybody()]
        self.known: dict[str, Known] = picture_of(
            session, file.connection_id, file.usage, keys=keys, with_identity=not self.full
        )

    def _find_gone(self, session: Session) -> None:
        """Dependents the carrier was told of who are no longer covered."""
        missing = {
            UUID(key)
            for tellings in self._tellings.values()
            for telling in tellings
            for key in gone(telling)
            if UUID(key) not in self.dependents
        }
        if missing:
            self.dependents |= dependents_of(session, missing)

    def _everybody(self) -> list[tuple[UUID, InsuredDependent | None]]:
        listed: list[tuple[UUID, InsuredDependent | None]] = [(employee_id, None) for employee_id in self.employees]
        return [
            *listed,
            *((row.employee_id, row) for row in self.dependents.values() if row.employee_id in self.employees),
        ]

    def families(self) -> list[Family]:
        ordered = sorted(self.employees.values(), key=lambda row: row.member_number)
        return [family for employee in ordered if (family := self._family(employee))]

    def _family(self, employee: InsuredEmployee) -> Family | None:
        people: dict[UUID, Person] = {employee.id: self._person(employee, None)}
        for telling in sorted(self._tellings[employee.id], key=ends_first):
            self._take(people, employee, telling)
        if employee.id in self._details:
            self._take_details(people, employee)
        if not self._tellings[employee.id] and employee.id not in self._details:
            return None
        subscriber, *rest = people.values()
        dependents = sorted(rest, key=lambda person: person.key)
        members = [self._member(person) for person in (subscriber, *dependents)]
        self.people += [subscriber, *dependents]
        self.members += members
        return Family(members[0], tuple(members[1:]))

    def _person(self, employee: InsuredEmployee, dependent: InsuredDependent | None) -> Person:
        person = Person(employee, dependent)
        known = self.known.get(person.key)
        person.before = known.identity if known else None
        return person

    def _take(self, people: dict[UUID, Person], employee: InsuredEmployee, telling: Telling) -> None:
        fact = telling.fact
        left = employee.status == EmployeeStatus.TERMINATED
        reason = reason_code(
            telling.kind, fact.enrollment.enrollment_type, fact.enrollment.termination_reason, employment_ended=left
        )
        people[employee.id].reason = reason
        self._cover(people[employee.id], telling, MAINTENANCE[telling.kind], fact.enrollment.coverage_starts_on, None)
        known = {key for key, _, _ in telling.before.dependents} if telling.before else set()
        for item in fact.covered:
            code = dependent_code(telling, item, known=str(item.dependent_id) in known)
            self._cover_dependent(
                people, employee, telling, item.dependent_id, code, item.starts_on, item.ends_on, reason
            )
        for key in gone(telling):
            self._cover_dependent(
                people, employee, telling, UUID(key), "024", fact.enrollment.coverage_starts_on, today(), "07"
            )

    def _cover_dependent(
        self, people: dict[UUID, Person], employee: InsuredEmployee, telling: Telling, dependent_id: UUID,
        code: str, start: date, end: date | None, reason: str,
    ) -> None:  # fmt: skip
        dependent = self.dependents.get(dependent_id)
        if dependent is None:
            return
        person = people.get(dependent_id)
        if person is None:
            person = people[dependent_id] = self._person(employee, dependent)
        person.reason = reason
        self._cover(person, telling, code, start, end)

    def _cover(self, person: Person, telling: Telling, code: str, start: date, end: date | None) -> None:
        fact, told = telling.fact, telling.fact.told
        line, plan = plan_words(self.profile, fact.plan)
        void = told.void and code == "024"
        end = told.end if void else end or told.end
        person.void = void
        known = self.known.get(person.key)
        if known and not self.full and not void and comes_back(known.lines.get(fact.plan.plan_code), end):
            code = "025" if code in ("001", "024") else code
        premium = fact.enrollment.monthly_premium
        coverage = Coverage(
            line=line,
            plan_code=plan,
            tier=told.tier,
            maintenance=code,
            start_on=None if void else start,
            end_on=end,
            premium=premium if wants_premium(self.profile, subscriber=person.dependent is None) else None,
            volume=fact.plan.coverage_amount if fact.plan.coverage_type in LIFE else None,
        )
        person.coverages.append(coverage)
        person.lines[fact.plan.plan_code] = [
            told.tier, start.isoformat(), end.isoformat() if end else "", code, line,
        ]  # fmt: skip

    def _take_details(self, people: dict[UUID, Person], employee: InsuredEmployee) -> None:
        """Everybody of the family whose details are not what the carrier was told; the subscriber always goes along."""
        for fact in self._extra[employee.id]:
            for item in fact.covered:
                dependent = self.dependents.get(item.dependent_id)
                if dependent is None or dependent.id in people:
                    continue
                person = self._person(employee, dependent)
                known = self.known.get(person.key)
                if known is not None and known.mark != person.mark():
                    people[dependent.id] = person

    def _member(self, person: Person) -> Member:
        known = self.known.get(person.key)
        if self.profile.ends_per == "line":
            person.coverages = without_replaced(person.coverages)
        left = left_on(known.lines) if known and not self.full else None
        if known and left:
            self.left[person.key] = left
            person.come_back(left, known.lines)
        lines = {**(known.lines if known else {}), **person.lines}
        goes_on = any(line[3] != "024" for line in lines.values())
        codes = {coverage.maintenance for coverage in person.coverages}
        if self.full:
            maintenance = "024" if codes == {"024"} else "021"
        else:
            maintenance = member_maintenance(codes, known=(not left and known is not None) or not codes)
            if maintenance == "024" and goes_on:
                maintenance = "001"
        ends = [coverage.end_on for coverage in person.coverages if coverage.end_on]
        group = next((t.fact.plan.group_number for t in self._tellings[person.employee.id]), "")
        end = max(ends) if ends and maintenance == "024" else None
        return as_member(person, maintenance, person.reason or "33", group=group, end=end)
