"""HR decides; carriers report; time passes."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.benefits.models import CoveredDependent, ElectionDraft, Enrollment, EnrollmentWindow, Submission
from app.benefits.rules.words import CarrierStatus, Election, EnrollmentType
from app.benefits.services import (
    activate_due,
    approve,
    approve_all,
    coverage_on,
    end_dependent,
    enrollments,
    hold,
    open_desk,
    reject,
    resume,
    save_step,
    set_carrier_status,
    submission,
    terminate,
    windows,
)
from app.benefits.services.queue import Filters, queue, queue_count
from app.benefits.services.timeline import steps
from app.core.access import Can, RoleType
from app.core.clock import now, today
from app.core.db import fetch
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.core.events import Actor, AuditEvent, system
from app.people import services as people
from app.people.models import Dependent, Employee, EmployeeStatus
from tests.benefits.world import World, answer_all, enroll, hire, hr_actor, own_actor, sign

D = Decimal


@pytest.fixture
def hr(company: UUID) -> Actor:
    return hr_actor(company)


@pytest.fixture
def signed(session: Session, world: World) -> Submission:
    made = enroll(session, world, covered=("Sam", "Leo"))
    session.commit()
    assert isinstance(made, Submission)
    return made


def health(session: Session) -> Enrollment:
    query = sa.select(Enrollment).where(Enrollment.coverage_type == "health").order_by(Enrollment.number.desc())
    return session.scalars(query.execution_options(populate_existing=True)).first()


def events(session: Session, name: str) -> list[AuditEvent]:
    return list(session.scalars(sa.select(AuditEvent).where(AuditEvent.name == name).order_by(AuditEvent.id)))


def test_approval_makes_everything_ready_for_the_carriers(session: Session, signed: Submission, hr: Actor) -> None:
    approve(session, hr, signed.id)
    session.commit()
    told = session.execute(sa.select(Enrollment.election, Enrollment.status, Enrollment.carrier_status)).all()
    assert set(map(tuple, told)) == {("elect", "approved", "ready"), ("waive", "approved", "none")}
    assert signed.decided_at is not None
    event = events(session, "benefits.enrollment.approved")[0]
    assert (event.entity_id, event.new_values["status"]) == (signed.id, "approved")


def test_a_second_decision_is_a_conflict(session: Session, signed: Submission, hr: Actor) -> None:
    approve(session, hr, signed.id)
    for decide in (approve, hold, resume):
        with pytest.raises(Conflict):
            decide(session, hr, signed.id)
    with pytest.raises(Conflict):
        reject(session, hr, signed.id, "too late")


def test_nobody_decides_about_themselves_or_without_the_permission(
    session: Session, world: World, signed: Submission, company: UUID
) -> None:
    with pytest.raises(Forbidden):
        approve(session, hr_actor(company, world.ana.id), signed.id)
    with pytest.raises(Forbidden):
        approve(session, hr_actor(company, role=RoleType.VIEWER), signed.id)
    with pytest.raises(NotFound):
        submission(session, own_actor(company, uuid7()), signed.id, Can.ENROLL_OWN)
    with pytest.raises(NotFound):
        submission(session, system("test"), "nonsense", Can.ENROLLMENT_VIEW)


def test_a_rejection_says_why_and_gives_the_answers_back(
    session: Session, world: World, signed: Submission, hr: Actor
) -> None:
    for reason, word in (("  ", "Enter a reason"), ("x" * 1001, "Shorten")):
        with pytest.raises(Invalid, match=word):
            reject(session, hr, signed.id, reason)
    reject(session, hr, signed.id, "Sam's certificate is missing")
    session.commit()
    assert (signed.status, signed.rejection_reason) == ("rejected", "Sam's certificate is missing")
    event = events(session, "benefits.enrollment.rejected")[0]
    assert event.phi == {"reason": "Sam's certificate is missing"}
    assert "Sam" not in str(event.new_values)
    desk = open_desk(session, world.employee_actor, signed.window_id)
    assert desk.answers.who == [str(world.family[name].id) for name in ("Sam", "Leo")]
    again = sign(session, world, desk.version, key="c" * 32)
    assert again.status == "submitted"


def test_a_newer_draft_is_not_overwritten_by_a_rejection(
    session: Session, world: World, signed: Submission, hr: Actor
) -> None:
    answer_all(session, world, medical="BRONZE")
    session.commit()
    reject(session, hr, signed.id, "why")
    session.commit()
    assert session.scalar(sa.select(sa.func.count()).select_from(ElectionDraft)) == 1
    assert open_desk(session, world.employee_actor, signed.window_id).answers.choice("health")[1] == str(
        world.plans["BRONZE"].id
    )


def test_hold_and_resume(session: Session, signed: Submission, hr: Actor) -> None:
    assert hold(session, hr, signed.id).status == "on_hold"
    with pytest.raises(Conflict):
        approve(session, hr, signed.id)
    assert resume(session, hr, signed.id).status == "submitted"
    assert approve(session, hr, signed.id).status == "approved"


def test_many_at_once_and_what_cannot_is_left(
    session: Session, world: World, signed: Submission, company: UUID
) -> None:
    decider = hr_actor(company)
    result = approve_all(session, decider, [str(signed.id), str(signed.id), str(uuid7()), "junk"])
    assert result.approved == 1
    assert {code for _, code in result.left} == {"not-found"}
    assert approve_all(session, decider, [str(signed.id)]).left == [(str(signed.id), "conflict")]
    for wanted in ([], [str(uuid7()) for _ in range(101)]):
        with pytest.raises(Invalid):
            approve_all(session, decider, wanted)


def test_the_queue_shows_what_waits_and_filters(session: Session, world: World, signed: Submission, hr: Actor) -> None:
    rows, following = queue(session, hr, Filters())
    assert following == ""
    row = rows[0]
    assert (row.number, row.name, row.kind, row.overdue) == (signed.number, "Ana López", "new_hire", False)
    assert [choice["plan"] for choice in row.choices] == ["Silver PPO", "Dental", None, None]
    carrier = world.carriers["Summit Dental"].id
    for filters, found in (
        (Filters(carrier_id=carrier), 1),
        (Filters(carrier_id=uuid7()), 0),
        (Filters(kind="open_enrollment"), 0),
        (Filters(status=""), 1),
        (Filters(status="approved"), 0),
        (Filters(overdue=True), 0),
    ):
        assert queue_count(session, hr, filters) == found == len(queue(session, hr, filters)[0])
    signed.submitted_at = now() - timedelta(days=4)
    session.flush()
    assert queue(session, hr, Filters(overdue=True))[0][0].overdue
    assert queue(session, hr_actor(world.company_id, role=RoleType.VIEWER), Filters()) == ([], "")


def test_the_queue_pages_by_position(session: Session, world: World, signed: Submission, hr: Actor) -> None:
    for key in "bcd":
        approve(session, hr, signed.id) if signed.status == "submitted" else None
        signed = sign(session, world, answer_all(session, world), key=key * 32)
        session.commit()
    every = Filters(status="")
    first, after = queue(session, hr, every, limit=2)
    second, end = queue(session, hr, every, after, limit=2)
    assert (len(first), len(second), end) == (2, 2, "")
    assert len({row.id for row in first + second}) == 4
    assert queue(session, hr, every, "nonsense")[0][0].id == first[0].id


# --- carriers -----------------------------------------------------------------------------------------------------


def test_what_carriers_report_is_recorded_once(session: Session, signed: Submission, hr: Actor) -> None:
    row = health(session)
    feeds = system("feeds.test")
    with pytest.raises(Conflict, match="not approved"):
        set_carrier_status(session, feeds, row.id, CarrierStatus.READY)
    approve(session, hr, signed.id)
    for status in (CarrierStatus.SENT, CarrierStatus.SYNTAX_ACCEPTED, CarrierStatus.CONFIRMED, CarrierStatus.CONFIRMED):
        set_carrier_status(session, feeds, row.id, status)
    set_carrier_status(session, feeds, row.id, CarrierStatus.SYNTAX_ACCEPTED)  # a late 999
    assert row.carrier_status == "confirmed"
    assert len(events(session, "benefits.coverage.moved")) == 2
    assert len(events(session, "benefits.coverage.confirmed")) == 1
    set_carrier_status(session, feeds, row.id, CarrierStatus.DISCREPANCY, "other plan")
    assert events(session, "benefits.coverage.disputed")[0].reason == "other plan"


def test_the_timeline_tells_every_step(session: Session, signed: Submission, hr: Actor) -> None:
    approve(session, hr, signed.id)
    set_carrier_status(session, system("feeds"), health(session).id, CarrierStatus.SENT)
    session.commit()
    told = steps(session, [signed.id, health(session).id])
    assert [step.name.split(".", 1)[1] for step in told] == [
        "enrollment.submitted",
        "enrollment.approved",
        "coverage.moved",
    ]
    assert [step.source for step in told] == ["user", "user", "system"]
    assert steps(session, []) == []


# --- time ---------------------------------------------------------------------------------------------------------


def approved(session: Session, world: World, hr: Actor, key: str, **more: object) -> Enrollment:
    row = approve(session, hr, sign(session, world, answer_all(session, world, **more), key=key * 32).id)  # type: ignore[arg-type]
    session.commit()
    found = session.scalars(
        sa.select(Enrollment).where(Enrollment.submission_id == row.id, Enrollment.coverage_type == "health")
    ).one()
    assert isinstance(found, Enrollment)
    return found


def test_coverage_starts_and_ends_by_date(session: Session, signed: Submission, hr: Actor) -> None:
    approve(session, hr, signed.id)
    row = health(session)
    actor = system("test")
    assert activate_due(session, actor, row.coverage_starts_on - timedelta(1)) == 2  # what was waived counts from today
    assert activate_due(session, actor, row.coverage_starts_on) == 2
    assert activate_due(session, actor, row.coverage_starts_on) == 0
    assert row.status == "active"
    row.coverage_ends_on = row.coverage_starts_on + timedelta(30)
    session.flush()
    assert activate_due(session, actor, row.coverage_ends_on) == 0
    assert activate_due(session, actor, row.coverage_ends_on + timedelta(1)) == 1
    assert row.status == "terminated"
    assert len(events(session, "benefits.enrollment.ended")) == 1


def open_next_year(session: Session, world: World) -> EnrollmentWindow:
    """Open enrollment of the same year's plans, coverage from a later day."""
    window = EnrollmentWindow(
        plan_year_id=world.year.id,
        kind=EnrollmentType.OPEN_ENROLLMENT.value,
        opens_on=today(),
        closes_on=today() + timedelta(14),
        coverage_starts_on=today() + timedelta(60),
        announced_at=now(),
    )
    session.add(window)
    session.commit()
    world.window = window
    return window


def test_a_new_choice_ends_the_old_one_the_day_before(session: Session, world: World, hr: Actor) -> None:
    old = approved(session, world, hr, "a", covered=("Sam",))
    window = open_next_year(session, world)
    new = approved(session, world, hr, "b", medical="BRONZE")
    session.refresh(old)
    assert new.replaces_id == old.id
    assert (old.status, old.coverage_ends_on) == ("approved", window.coverage_starts_on - timedelta(1))
    assert old.carrier_status == "ready"
    changed = [e for e in events(session, "benefits.enrollment.changed") if e.entity_id == old.id]
    assert changed[0].new_values["coverage_ends_on"] == str(old.coverage_ends_on)
    ended = session.scalars(sa.select(CoveredDependent.ends_on).where(CoveredDependent.enrollment_id == old.id)).one()
    assert ended == old.coverage_ends_on
    seen = coverage_on(session, world.employee_actor, world.ana.id, window.coverage_starts_on)
    assert seen["health"].id == new.id
    seen = coverage_on(session, world.employee_actor, world.ana.id, old.coverage_ends_on)
    assert seen["health"].id == old.id


def test_a_new_choice_from_the_same_day_cancels_the_old_one(session: Session, world: World, hr: Actor) -> None:
    old = approved(session, world, hr, "a")
    activate_due(session, system("t"), old.coverage_starts_on)
    session.commit()
    approved(session, world, hr, "b", medical="BRONZE")
    session.refresh(old)
    assert old.status == "canceled"


def test_keep_means_the_same_plan_again(session: Session, world: World, hr: Actor) -> None:
    approved(session, world, hr, "a", covered=("Sam",))
    window = open_next_year(session, world)
    desk = open_desk(session, world.employee_actor, window.id)
    assert Election.KEEP not in desk.allowed("vision")
    # coverage starts next month at the earliest, so today nothing is in force: pretend it began
    row = health(session)
    row.coverage_starts_on = row.effective_on = today()
    session.commit()
    desk = open_desk(session, world.employee_actor, window.id)
    assert Election.KEEP in desk.allowed("health")
    desk.answers.who = [str(world.family["Sam"].id)]
    desk.answers.choose("health", Election.KEEP)
    for kind in ("dental", "vision", "life"):
        desk.answers.choose(kind, Election.WAIVE)
    version = save_step(session, world.employee_actor, desk, "check", version=0)
    session.flush()
    made = approve(session, hr, sign(session, world, version, key="b" * 32).id)
    kept = session.scalars(
        sa.select(Enrollment).where(Enrollment.submission_id == made.id, Enrollment.coverage_type == "health")
    ).one()
    assert (kept.election, kept.plan_id, kept.tier) == ("keep", world.plans["SILVER"].id, "ESP")


def leave(session: Session, world: World, last_day: date) -> None:
    people.terminate(session, system("test"), world.ana.id, last_day=last_day)
    session.commit()


def test_coverage_ends_with_the_month_or_the_day_as_the_plan_says(session: Session, world: World, hr: Actor) -> None:
    medical = approved(session, world, hr, "a")
    for row in session.scalars(sa.select(Enrollment)):
        row.coverage_starts_on = row.effective_on = today().replace(day=1)
    fetch(session, type(world.plans["DENTAL"]), world.plans["DENTAL"].id).ends_at = "last_day"
    session.commit()
    last_day = today() + timedelta(40)
    leave(session, world, last_day)
    terminate(session, system("test"), world.ana.id)
    session.commit()
    ends = dict(map(tuple, session.execute(sa.select(Enrollment.coverage_type, Enrollment.coverage_ends_on)).all()))
    assert ends["dental"] == last_day
    assert ends["health"] == (last_day.replace(day=28) + timedelta(4)).replace(day=1) - timedelta(1)
    count = len(events(session, "benefits.enrollment.changed"))
    terminate(session, system("test"), world.ana.id)
    assert len(events(session, "benefits.enrollment.changed")) == count
    session.refresh(medical)
    assert medical.termination_reason == "employment ended"


def test_leaving_cancels_what_waits_and_what_would_start_later(session: Session, world: World, hr: Actor) -> None:
    with pytest.raises(Conflict):
        terminate(session, system("test"), world.ana.id)
    row = approved(session, world, hr, "a")
    waiting = sign(session, world, answer_all(session, world), key="b" * 32)
    row.coverage_starts_on = row.effective_on = today() + timedelta(90)
    session.commit()
    leave(session, world, today())
    terminate(session, system("test"), world.ana.id)
    session.commit()
    session.refresh(row)
    assert (waiting.status, row.status) == ("canceled", "canceled")
    assert fetch(session, EnrollmentWindow, world.window.id).closes_on == today()
    fetch(session, Employee, world.ana.id).status = EmployeeStatus.TERMINATED.value
    session.flush()
    assert not open_desk(session, world.employee_actor, world.window.id).may_choose


def test_a_removed_dependent_is_covered_to_the_end_of_the_month(session: Session, world: World, hr: Actor) -> None:
    row = approved(session, world, hr, "a", covered=("Sam", "Leo"))
    sam = world.family["Sam"].id
    assert end_dependent(session, system("test"), sam) == 0
    people.remove_dependent(session, system("test"), sam)
    fetch(session, Dependent, sam).removed_on = row.coverage_starts_on + timedelta(3)
    session.commit()
    assert end_dependent(session, system("test"), sam) == 2  # medical and dental
    assert end_dependent(session, system("test"), sam) == 0
    event = events(session, "benefits.enrollment.changed")[0]
    assert event.new_values["dependent_id"] == str(sam)


def test_reading_somebody_elses_coverage_is_recorded(
    session: Session, world: World, signed: Submission, hr: Actor
) -> None:
    assert len(enrollments(session, world.employee_actor, world.ana.id)) == 4
    assert events(session, "benefits.coverage.viewed") == []
    enrollments(session, hr, world.ana.id, Can.ENROLLMENT_VIEW)
    assert events(session, "benefits.coverage.viewed")[0].phi_accessed
    other = hire(session, "1002", first_name="Ben")
    with pytest.raises(NotFound):
        enrollments(session, own_actor(world.company_id, other.id), world.ana.id)


# --- windows ------------------------------------------------------------------------------------------------------


def test_a_hire_opens_one_window(session: Session, world: World) -> None:
    ben = hire(session, "1002", first_name="Ben")
    window = windows.open_new_hire(session, system("t"), ben.id, today())
    assert (window.kind, window.closes_on) == ("new_hire", today() + timedelta(30))
    assert windows.open_new_hire(session, system("t"), ben.id, today()).id == window.id
    assert len(events(session, "benefits.window.opened")) == 1


def test_no_window_for_old_hands_leavers_or_without_a_year(session: Session, world: World) -> None:
    old = hire(session, "1003", hired_on=today() - timedelta(200))
    gone = hire(session, "1004")
    people.terminate(session, system("t"), gone.id, last_day=today())
    assert windows.open_new_hire(session, system("t"), old.id, today()) is None
    assert windows.open_new_hire(session, system("t"), gone.id, today()) is None
    fresh = hire(session, "1005")
    fetch(session, type(world.year), world.year.id).is_published = False
    session.flush()
    assert windows.open_new_hire(session, system("t"), fresh.id, today()) is None


def test_open_enrollment_is_checked_and_announced_on_its_day(session: Session, world: World, hr: Actor) -> None:
    day = today()
    bad = {"opens_on": day - timedelta(1), "closes_on": day - timedelta(2)}
    with pytest.raises(Invalid) as refused:
        windows.open_enrollment(session, hr, world.year.id, on=day, **bad)
    assert set(refused.value.errors) == {"opens_on", "closes_on"}
    with pytest.raises(Invalid):
        windows.open_enrollment(
            session, hr, world.year.id, on=day, opens_on=day, closes_on=world.year.ends_on + timedelta(1)
        )
    with pytest.raises(Forbidden):
        windows.open_enrollment(session, world.employee_actor, world.year.id, on=day, opens_on=day, closes_on=day)
    planned = windows.open_enrollment(
        session, hr, world.year.id, on=day, opens_on=day + timedelta(5), closes_on=day + timedelta(20)
    )
    assert planned.announced_at is None
    with pytest.raises(Conflict):
        windows.open_enrollment(session, hr, world.year.id, on=day, opens_on=day, closes_on=day + timedelta(6))
    assert windows.announce_due(session, system("t"), day) == []
    assert windows.announce_due(session, system("t"), day + timedelta(5)) == [planned]
    assert windows.announce_due(session, system("t"), day + timedelta(5)) == []
    fetch(session, type(world.year), world.year.id).is_published = False
    session.flush()
    with pytest.raises(Invalid, match="Publish"):
        windows.open_enrollment(session, hr, world.year.id, on=day, opens_on=day, closes_on=day)
