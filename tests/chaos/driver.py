"""The traffic: people sign, HR decides, benefits asks for files. Real transactions through the services, as the web edge makes them.

Each employee has a fate drawn from the seed. A tenth of all transactions is rolled back after everything was written. What
failed because the database was away is tried again with the same form key, as a browser would.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.benefits import services as benefits
from app.benefits.models import EnrollmentWindow, Submission
from app.benefits.rules.words import Election
from app.benefits.services.desk import Desk
from app.connections.models import Connection
from app.core.access import ROLE_DEFAULTS, Can, RoleType, Scope, grants
from app.core.db import current_tenant, tenant
from app.core.errors import Conflict
from app.core.events import Actor
from app.core.jobs import JobIntent
from app.domains import people
from app.feeds.services import ask_for_file
from app.feeds.services.arriving import ask_for_poll
from app.people.services import full_name
from tests.chaos.company import FEED
from tests.chaos.traffic import Traffic

FATES = ("approved",) * 16 + ("rejected", "approval rolled back", "signature rolled back", "signature rolled back")
BY_HAND = "life"  # its carrier is told by a person, whom the killing does not touch
ASK_EVERY = 3.0  # seconds between two "send now" and "look now"


def fates(seed: int, size: int) -> list[str]:
    return random.Random(f"fates {seed}").choices(FATES, k=size)


class Driver(Traffic):
    """Signs and decides over `seconds`, then keeps asking for files and answers until told to stop."""

    def run(self) -> None:
        finished = {line["employee"] for line in self.before if line["what"] in FATES}
        asking = threading.Thread(target=self._ask_again_and_again, args=(current_tenant(),), daemon=True)
        asking.start()
        ids, window = self.retry(_everybody)
        for number, (employee_id, fate) in enumerate(zip(ids, fates(self.seed, len(ids)), strict=True)):
            if not self.wait_for_turn(number, len(ids)):
                return
            if str(employee_id) not in finished:
                self._live(employee_id, window, fate)
        self.say("end", number=len(ids), waits=self.waits)
        self.stop.wait()
        asking.join(timeout=10)

    def _live(self, employee_id: UUID, window: UUID, fate: str) -> None:
        key, chance = employee_id.hex, random.Random(f"{self.seed} {employee_id}")
        if fate == "signature rolled back":
            self.spoiled(lambda session: sign(session, employee_id, window, key))
            self.say(fate, employee=str(employee_id))
            return
        if chance.random() < 0.05:
            self.spoiled(lambda session: sign(session, employee_id, window, key))
        submission = self.retry(lambda session: sign(session, employee_id, window, key))
        self.say("signed", employee=str(employee_id), submission=str(submission))
        if fate == "approval rolled back" or chance.random() < 0.05:
            self.spoiled(lambda session: decide(session, submission, "approved"))
        if fate in ("approved", "rejected"):
            self.retry(lambda session: decide(session, submission, fate))
        self.say(fate, employee=str(employee_id), submission=str(submission))

    def _ask_again_and_again(self, company_id: UUID) -> None:
        with tenant(company_id):
            while not self.stop.wait(ASK_EVERY):
                for action, kind in ((ask_for_file, "feeds.make_file"), (ask_for_poll, "feeds.poll")):
                    for link in self.retry(lambda session, kind=kind: _links_without(session, kind)):
                        self._ask(action, link)

    def _ask(self, action: Callable[[Session, Actor, UUID], None], link: UUID) -> None:
        with suppress(Conflict):  # a file still waits to leave
            self.retry(lambda session: action(session, hr(), link))


def hr() -> Actor:
    scope, flags = ROLE_DEFAULTS[RoleType.BENEFITS_ADMIN]
    return Actor(current_tenant(), "user", None, None, "benefits_admin", grants(flags, scope))


def _links_without(session: Session, kind: str) -> list[UUID]:
    """Carriers for which no such job waits already: nobody presses the button a second time."""
    waits = sa.select(JobIntent.subject_id).where(
        JobIntent.kind == kind, JobIntent.state.in_(("pending", "dispatched", "running"))
    )
    free = sa.select(Connection.id).where(Connection.adapter == FEED, Connection.id.not_in(waits))
    return list(session.scalars(free.order_by(Connection.code)))


def _everybody(session: Session) -> tuple[list[UUID], UUID]:
    ids = list(session.scalars(sa.select(people.Employee.id).order_by(people.Employee.employee_number)))
    return ids, session.scalars(sa.select(EnrollmentWindow.id)).one()


def sign(session: Session, employee_id: UUID, window: UUID, key: str) -> UUID:
    """The whole wizard and the signature. The same key again gives the same submission."""
    actor = Actor(current_tenant(), "user", None, employee_id, "", {Can.ENROLL_OWN: Scope.OWN})
    known = session.scalar(sa.select(Submission.id).where(Submission.form_key == key))
    if known is not None:
        return known
    desk = benefits.open_desk(session, actor, window)
    answer(desk)
    version = benefits.save_step(session, actor, desk, "check", version=desk.version)
    name = full_name(desk.employee.first_name, desk.employee.last_name)
    made = benefits.submit(
        session, actor, window, form_key=key, signature=name, signed_text="I choose these benefits.", version=version
    )
    return made.id


def answer(desk: Desk) -> None:
    """The first plan of every coverage a carrier has a feed for, for the whole family."""
    desk.answers.who = [str(person.id) for person in desk.household.dependents]
    for kind in desk.types:
        elects = kind != BY_HAND
        plan = str(desk.offers(kind)[0].plan.id) if elects else ""
        desk.answers.choose(kind, Election.ELECT if elects else Election.WAIVE, plan)


def decide(session: Session, submission: UUID, fate: str) -> None:
    """Once: a second click after a lost answer finds it decided."""
    row = session.get(Submission, (current_tenant(), submission))
    if row is None or row.status == fate:
        return
    if fate == "approved":
        benefits.approve(session, hr(), submission)
    else:
        benefits.reject(session, hr(), submission, "Please check the dates.")
