"""What both kinds of traffic do alike: real transactions, some rolled back on purpose, tried again while the database is away."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.db import transaction

T = TypeVar("T")


class RolledBack(Exception):
    """On purpose, after everything was written."""


def told(said: Path) -> list[dict[str, Any]]:
    """What the drivers of a run wrote down; the last line of a killed one may be torn."""
    lines = said.read_text().splitlines() if said.exists() else []
    return [json.loads(line) for line in lines if line.endswith("}")]


class Traffic:
    """Works over `seconds` from `began` on, then stays until told to stop.

    It may be killed and started again: `said` remembers what was carried out.
    """

    def __init__(self, seed: int, began: float, seconds: float, said: Path) -> None:
        self.seed, self.began, self.seconds = seed, began, seconds
        self.before = told(said)
        self.said = said.open("a", buffering=1)
        self.stop = threading.Event()
        self.waits = 0

    def wait_for_turn(self, number: int, of: int) -> bool:
        """Until the moment of this one; False when it is time to stop."""
        pause = self.began + self.seconds * number / of - time.time()
        return not (pause > 0 and self.stop.wait(pause))

    def spoiled(self, action: Callable[[Session], object]) -> None:
        """Everything is written and flushed, then the transaction ends without commit."""

        def spoil(session: Session) -> None:
            action(session)
            session.flush()
            session.execute(sa.text("SET CONSTRAINTS ALL IMMEDIATE"))
            raise RolledBack

        try:
            self.retry(spoil)
        except RolledBack:
            self.say("rolled back")

    def retry(self, action: Callable[[Session], T]) -> T:
        """Again while the database is away."""
        while True:
            try:
                with transaction() as session:
                    return action(session)
            except sa.exc.DBAPIError:
                self.waits += 1
                time.sleep(0.2)

    def say(self, what: str, **facts: object) -> None:
        self.said.write(json.dumps({"what": what, "at": time.time(), **facts}) + "\n")
