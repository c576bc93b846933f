"""What the chaos run starts as processes of their own: `python -m tests.chaos.program seed|drive|apply|door|look|expect|worker|dispatcher`.

Worker and dispatcher are the real ones. The only change is that an interrupted upload is looked for 6 s instead of 2 min, and an
interrupted order not before 15 s (longer than any worker is frozen) instead of 60, so that a short run can heal; CHAOS_JOBS names a module with further job kinds.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sandbox.client import Json

LOOK_SECONDS, SEARCH_SECONDS = 6, 15


def main(what: str) -> None:
    _change()
    if what == "worker":
        from worker.run import main as work

        work()
    elif what == "dispatcher":
        from worker.dispatch import main as dispatch

        dispatch()
    else:
        {"seed": seed, "expect": expect, "drive": drive, "apply": apply, "door": door, "look": look}[what]()


def _change() -> None:
    from app import domains
    from app.feeds.jobs import uploading
    from app.screening.jobs import ordering

    uploading.LOOK_MINUTES = LOOK_SECONDS / 60  # type: ignore[assignment]
    ordering.LOOK_AFTER = timedelta(seconds=SEARCH_SECONDS)
    domains.load_jobs()
    for name in os.environ.get("CHAOS_JOBS", "").split():
        importlib.import_module(name)


def seed() -> None:
    from app.core.db import tenant, transaction
    from tests.chaos import hiring
    from tests.chaos.company import make
    from worker.demo.carriers import read_sandbox

    company_id = UUID(os.environ["CHAOS_COMPANY"])
    facts: Json = read_sandbox(Path(os.environ["SANDBOX_READY_FILE"]))
    with tenant(company_id), transaction() as session:
        make(session, company_id, facts, int(os.environ["CHAOS_PEOPLE"]), int(os.environ["CHAOS_SEED"]))
        hiring.make(session, facts, hiring.plan(int(os.environ["CHAOS_SEED"]), int(os.environ["CHAOS_ORDERS"])))


def drive() -> None:
    from tests.chaos.driver import Driver

    _carry_out(Driver(*_traffic("said.jsonl")))


def apply() -> None:
    from tests.chaos.hiring import Candidates

    _carry_out(Candidates(*_traffic("signed.jsonl"), size=int(os.environ["CHAOS_ORDERS"])))


def _traffic(said: str) -> tuple[int, float, float, Path]:
    began, seconds = float(os.environ["CHAOS_BEGAN"]), float(os.environ["CHAOS_SECONDS"])
    return int(os.environ["CHAOS_SEED"]), began, seconds, Path(os.environ["CHAOS_FOLDER"]) / said


def _carry_out(traffic: Any) -> None:
    from app.core.db import tenant

    signal.signal(signal.SIGTERM, lambda *_: traffic.stop.set())
    with tenant(UUID(os.environ["CHAOS_COMPANY"])):
        traffic.run()


def door() -> None:
    """The application, for providers that call."""
    from werkzeug.serving import make_server

    from app import create_app

    make_server("127.0.0.1", int(os.environ["CHAOS_DOOR_PORT"]), create_app(), threaded=True).serve_forever()


def look() -> None:
    """Ask for a look at every order, as the hourly poll does for those nobody has heard of."""
    import sqlalchemy as sa

    from app.core.db import tenant, transaction
    from app.core.jobs import enqueue
    from app.screening.models import ScreeningRequest

    with tenant(UUID(os.environ["CHAOS_COMPANY"])), transaction() as session:
        for request_id in session.scalars(sa.select(ScreeningRequest.id)).all():
            enqueue(session, "screening.look", request_id, key=f"chaos:{request_id}")


def expect() -> None:
    from app.core.db import tenant, transaction
    from tests.chaos.expected import coverages

    with tenant(UUID(os.environ["CHAOS_COMPANY"])), transaction() as session:
        print(json.dumps(coverages(session)))  # noqa: T201 - the answer


if __name__ == "__main__":
    main(sys.argv[1])
