"""What the chaos run starts as processes of their own: `python -m tests.chaos.program seed|drive|expect|worker|dispatcher`.

Worker and dispatcher are the real ones. The only change is that an interrupted upload is looked for 6 s instead of 2 min, so
that a short run can heal; CHAOS_JOBS names a module with further job kinds.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
from pathlib import Path
from uuid import UUID

from sandbox.client import Json

LOOK_SECONDS = 6


def main(what: str) -> None:
    _change()
    if what == "worker":
        from worker.run import main as work

        work()
    elif what == "dispatcher":
        from worker.dispatch import main as dispatch

        dispatch()
    elif what == "seed":
        seed()
    elif what == "expect":
        expect()
    else:
        drive()


def _change() -> None:
    from app import domains
    from app.feeds.jobs import uploading

    uploading.LOOK_MINUTES = LOOK_SECONDS / 60  # type: ignore[assignment]
    domains.load_jobs()
    for name in os.environ.get("CHAOS_JOBS", "").split():
        importlib.import_module(name)


def seed() -> None:
    from app.core.db import tenant, transaction
    from tests.chaos.company import make
    from worker.demo.carriers import read_sandbox

    company_id = UUID(os.environ["CHAOS_COMPANY"])
    facts: Json = read_sandbox(Path(os.environ["SANDBOX_READY_FILE"]))
    with tenant(company_id), transaction() as session:
        make(session, company_id, facts, int(os.environ["CHAOS_PEOPLE"]), int(os.environ["CHAOS_SEED"]))


def drive() -> None:
    from app.core.db import tenant
    from tests.chaos.driver import Driver

    said = Path(os.environ["CHAOS_SAID"])
    began, seconds = float(os.environ["CHAOS_BEGAN"]), float(os.environ["CHAOS_SECONDS"])
    driver = Driver(int(os.environ["CHAOS_SEED"]), began, seconds, said)
    signal.signal(signal.SIGTERM, lambda *_: driver.stop.set())
    with tenant(UUID(os.environ["CHAOS_COMPANY"])):
        driver.run()


def expect() -> None:
    from app.core.db import tenant, transaction
    from tests.chaos.expected import coverages

    with tenant(UUID(os.environ["CHAOS_COMPANY"])), transaction() as session:
        print(json.dumps(coverages(session)))  # noqa: T201 - the answer


if __name__ == "__main__":
    main(sys.argv[1])
