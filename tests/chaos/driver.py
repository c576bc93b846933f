"""The traffic: people sign, HR decides, benefits asks for files. Real transactions through the services, as the web edge makes them.

Each employee has a fate drawn from the seed. A tenth of all transactions is rolled back after everything was written. What
failed because the database was away is tried again with the same form key, as a browser would.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.benefits import services as benefits
from app.benefits.models import EnrollmentWindow, Submission
from app.benefits.rules.words import Election
from app.benefits.services.desk import Desk
from app.connections.models import Connection
from app.core.access import ROLE_DEFAULTS, Can, RoleType, Scope, grants
from app.core.db import current_tenant, tenant, transaction
from app.core.errors import Conflict
from app.core.events import Actor
from app.core.jobs import JobIntent
from app.domains import people
from app.feeds.services import ask_for_file
from app.feeds.services.arriving import ask_for_poll
from app.people.services import full_name
from tests.chaos.company import FEED

T = TypeVar("T")
FATES = ("approved",) * 16 + ("rejected", "approval rolled back", "signature rolled back", "signature rolled back")
BY_HAND = "life"  # its carrier is told by a person, whom the killing does not touch
ASK_EVERY = 3.0  # seconds between two "send now" and "look now"


class RolledBack(Exception):
    """On purpose, after everything was written."""


def fates(seed: int, size: int) -> list[str]:
    return random.Random(f"fates {seed}").choices(FATES, k=size)


def told(said: Path) -> list[dict[str, Any]]:
    """What the drivers of a run wrote down; the last line of a killed one may be torn."""
    lines = said.read_text().splitlines() if said.exists() else []
    return [json.loads(line) for line in lines if line.endswith("}")]


def finished(said: Path) -> set[str]:
    return {line["employee"] for line in told(said) if line["what"] in FATES}


class Driver:
    """Signs and decides over `seconds`, then keeps asking for files and answers until told to stop.

    It may be killed and started again: `said` remembers whose fate was carried out.
    """

    def __init__(self, seed: int, began: float, seconds: float, said: Path) -> None:
        self.seed, self.began, self.seconds = seed, began, seconds
        self.finished = finished(said)
        self.said = said.open("a", buffering=1)
        self.stop = threading.Event()
        self.waits = 0

    def run(self) -> None:
        asking = threading.Thread(target=self._ask_again_and_again, args=(current_tenant(),), daemon=True)
        asking.start()
        ids, window = self._retry(_everybody)
        for number, (employee_id, fate) in enumerate(zip(ids, fates(self.seed, len(ids)), strict=True)):
            pause = self.began + self.seconds * number / len(ids) - time.time()
            if pause > 0 and self.stop.wait(pause):
                return
            if str(employee_id) not in self.finished:
                self._live(employee_id, window, fate)
        self._say("end", number=len(ids), waits=self.waits)
        self.stop.wait()
        asking.join(timeout=10)

    def _live(self, employee_id: UUID, window: UUID, fate: str) -> None:
        key, chance = employee_id.hex, random.Random(f"{self.seed} {employee_id}")
        if fate == "signature rolled back":
            self._spoiled(lambda session: sign(session, employee_id, window, key))
            self._say(fate, employee=str(employee_id))
            return
        if chance.random() < 0.05:
            self._spoiled(lambda session: sign(session, employee_id, window, key))
        submission = self._retry(lambda session: sign(session, employee_id, window, key))
        self._say("signed", employee=str(employee_id), submission=str(submission))
        if fate == "approval rolled back" or chance.random() < 0.05:
            self._spoiled(lambda session: decide(session, submission, "approved"))
        if fate in ("approved", "rejected"):
            self._retry(lambda session: decide(session, submission, fate))
        self._say(fate, employee=str(employee_id), submission=str(submission))

    def _spoiled(self, action: Callable[[Session], object]) -> None:
        """Everything is written and flushed, then the transaction ends without commit."""

        def spoil(session: Session) -> None:
            action(session)
            session.flush()
            session.execute(sa.text("SET CONSTRAINTS ALL IMMEDIATE"))
            raise RolledBack

        try:
            self._retry(spoil)
        except RolledBack:
            self._say("rolled back")

    def _retry(self, action: Callable[[Session], T]) -> T:
        """Again while the database is away."""
        while True:
            try:
                with transaction() as session:
                    return action(session)
            except sa.exc.DBAPIError:
                self.waits += 1
                time.sleep(0.2)

    def _ask_again_and_again(self, company_id: UUID) -> None:
        with tenant(company_id):
            while not self.stop.wait(ASK_EVERY):
                for action, kind in ((ask_for_file, "feeds.make_file"), (ask_for_poll, "feeds.poll")):
                    for link in self._retry(lambda session, kind=kind: _links_without(session, kind)):
                        self._ask(action, link)

    def _ask(self, action: Callable[[Session, Actor, UUID], None], link: UUID) -> None:
        with suppress(Conflict):  # a file still waits to leave
            self._retry(lambda session: action(session, hr(), link))

    def _say(self, what: str, **facts: object) -> None:
        self.said.write(json.dumps({"what": what, "at": time.time(), **facts}) + "\n")


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
