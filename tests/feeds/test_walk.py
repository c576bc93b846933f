"""A random year of a small company, told to a real carrier file by file: each file passes our check and the carrier's own, and in the
end the carrier's list and ours agree. The seed is in the test's name."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from app.benefits.models import CoveredDependent, Enrollment
from app.core.clock import today
from app.core.db import fetch, transaction
from app.core.events import system
from app.people.models import Employee
from sandbox.launch import Running
from tests.feeds import world as w
from tests.feeds.test_dialects import answer
from tests.feeds.test_way import answers, carrier, real
from tests.feeds.world import World, ask, discrepancies, files, note_all

__all__ = ["real"]

FILES = 6
TIERS = {(): "EMP", ("Sam",): "ESP", ("Leo",): "ECH", ("Leo", "Sam"): "FAM"}


class Year:
    """What happens to people, each step as a service would leave the rows, and noted as the event would."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self.world, self.chance = world, chance

    def step(self) -> None:
        what = self.chance.choice([self.end, self.go_on, self.switch, self.family, self.vision, self.move])
        what()

    def current(self, employee: Employee, kind: str = "health") -> Enrollment | None:
        """The newest coverage of this kind that is neither ended nor canceled."""
        rows = [row for row in w.rows(Enrollment) if row.employee_id == employee.id and row.coverage_type == kind]
        return next((row for row in reversed(rows) if row.status == "active" and row.coverage_ends_on is None), None)

    def somebody(self) -> Employee:
        return self.chance.choice(self.world.employees)

    def last_day(self) -> date:
        first = today().replace(day=1)
        return self.chance.choice(
            [first - timedelta(days=1), (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)]
        )

    def change(self, row: Enrollment, **values: object) -> None:
        with transaction() as session:
            kept = fetch(session, Enrollment, row.id)
            for name, value in values.items():
                setattr(kept, name, value)
            session.flush()
            w.services.note_enrollment(session, system("test"), row.id)

    def end(self) -> None:
        if row := self.current(self.somebody()):
            day = max(self.last_day(), row.coverage_starts_on)
            self.change(row, status="terminated", coverage_ends_on=day, terminated_on=day)

    def go_on(self) -> None:
        """An end is taken back, unless another plan has followed."""
        employee = self.somebody()
        ended = [row for row in w.rows(Enrollment) if row.employee_id == employee.id and row.status == "terminated"]
        if ended and self.current(employee) is None:
            newest = max(ended, key=lambda row: row.id)
            if newest.coverage_type == "health":
                self.change(newest, status="active", coverage_ends_on=None, terminated_on=None)

    def switch(self) -> None:
        """The other plan from the day after."""
        employee = self.somebody()
        if row := self.current(employee):
            day = self.last_day()
            if row.coverage_starts_on >= day:
                return
            family = self.covered(row)
            self.change(row, status="terminated", coverage_ends_on=day, terminated_on=day)
            code = "BRONZE" if row.plan_id == self.world.plans["SILVER"].id else "SILVER"
            self.enroll(employee, code, day + timedelta(days=1), family)

    def vision(self) -> None:
        employee = self.somebody()
        if self.current(employee, "vision") is None and not self.had(employee, "vision"):
            self.enroll(employee, "VISION", w.START, [])

    def family(self) -> None:
        """Somebody of the first employee's family comes or goes, and the tier with them."""
        row = self.current(self.world.employees[0])
        if row is None or row.carrier_status in ("none", "ready"):
            return  # the tier of a coverage that was not told yet would be another one than its beginning's
        stay = self.chance.sample(self.world.dependents, self.chance.randrange(3))
        with transaction() as session:
            known = {
                item.dependent_id: item for item in session.query(CoveredDependent).filter_by(enrollment_id=row.id)
            }
            for one in self.world.dependents:
                item = known.get(one.id)
                if one in stay and item is None:
                    session.add(
                        CoveredDependent(enrollment_id=row.id, dependent_id=one.id, starts_on=row.coverage_starts_on)
                    )
                elif item is not None:
                    item.ends_on = None if one in stay else item.ends_on or max(self.last_day(), item.starts_on)
        self.change(row, tier=TIERS[tuple(sorted(one.first_name for one in stay))])

    def move(self) -> None:
        person = self.somebody()
        with transaction() as session:
            kept = fetch(session, Employee, person.id)
            kept.city = self.chance.choice(["Portland", "Salem", "Bend", "Eugene"])
            session.flush()
            w.services.note_person(session, system("test"), person.id)

    def covered(self, row: Enrollment) -> list[object]:
        rows = [item for item in w.rows(CoveredDependent) if item.enrollment_id == row.id and item.ends_on is None]
        ids = {item.dependent_id for item in rows}
        return [one for one in self.world.dependents if one.id in ids]

    def had(self, employee: Employee, kind: str) -> bool:
        return any(row.employee_id == employee.id and row.coverage_type == kind for row in w.rows(Enrollment))

    def enroll(self, employee: Employee, code: str, first_day: date, family: list[object]) -> None:
        tier = TIERS[tuple(sorted(one.first_name for one in family))]
        with transaction() as session:
            row = w.enroll(session, self.world, employee, code, family=family, tier=tier, coverage_starts_on=first_day)
            w.services.note_enrollment(session, system("test"), row.id)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_year(real: World, sandbox: Running, seed: int) -> None:
    answer(real)
    year = Year(real, random.Random(seed))
    with transaction() as session:
        note_all(session, real)
    for _ in range(FILES):
        ask("feeds.make_file", real.connection.id)
        answers(real, sandbox)
        for _step in range(3):
            year.step()
    ask("feeds.make_file", real.connection.id)
    answers(real, sandbox)
    assert {row.state for row in files()} == {"accepted"}, [(row.gs06, row.state, row.findings) for row in files()]
    assert carrier(sandbox).refusals() == []
    carrier(sandbox).send_census()
    answers(real, sandbox)
    assert [(row.code, row.details) for row in discrepancies()] == []
