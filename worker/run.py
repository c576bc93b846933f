"""The RQ worker: one queue, JSON, the application imported before it forks. `python -m worker.run`."""

from __future__ import annotations

import gc
import os
import sys
import threading
from contextlib import suppress
from typing import Any
from uuid import UUID

import redis
import sqlalchemy as sa
from rq import Queue, Worker
from rq.job import Job as RqJob
from rq.serializers import JSONSerializer

from app import domains
from app.core import logs
from app.core.config import get_settings
from app.core.db import forget_connections, transaction
from app.core.errors import Unavailable
from app.core.jobs import claim
from app.core.keys import key_provider
from app.notices import pdf, templating
from worker import execute as execute  # what every job calls; loaded once, here
from worker.heartbeat import AT_REST, beat

NOBODY = UUID(int=0)


class CorridorWorker(Worker):
    """A forking worker whose child shares neither the parent's database sockets nor a lock of its heartbeat."""

    def fork_work_horse(self, job: RqJob, queue: Queue) -> None:
        with AT_REST:
            super().fork_work_horse(job, queue)

    def main_work_horse(self, job: RqJob, queue: Queue) -> None:
        forget_connections()
        super().main_work_horse(job, queue)


def connect() -> redis.Redis:
    settings = get_settings()
    # driver_info=None: to find out and tell its own version, the client would take a third of an empty job's time
    return redis.Redis.from_url(settings.redis_url, socket_keepalive=True, health_check_interval=15, driver_info=None)


def queue(connection: redis.Redis) -> Queue:
    return Queue(get_settings().queue_name, connection=connection, serializer=JSONSerializer, default_timeout=300)


def warm() -> None:
    """What every job would do first, done once before the first fork."""
    sa.orm.configure_mappers()
    with suppress(sa.exc.SQLAlchemyError), transaction(NOBODY) as session:  # away for now: jobs wait until it is back
        claim(session, NOBODY, NOBODY)
    templating.warm()
    try:
        pdf.warm()
    except Unavailable:  # Pango is missing: PDF jobs wait and `corridor doctor` says the one line to run
        print("not preloaded: WeasyPrint", file=sys.stderr)  # noqa: T201
    settle()


def settle() -> None:
    """What was imported stays for good. To look through it for garbage would cost every large job some 0.1 s again and again.

    What a job makes by the thousand, rows and facts, is no garbage either: it is looked through far less often.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def main() -> None:
    logs.configure(get_settings())
    key_provider().health()
    domains.load_jobs()
    warm()
    connection = connect()
    stop = threading.Event()
    threading.Thread(target=beat, args=("worker", stop), daemon=True).start()
    options: dict[str, Any] = {"log_job_description": False, "default_result_ttl": 0, "maintenance_interval": 30}
    worker = CorridorWorker([queue(connection)], connection=connection, serializer=JSONSerializer, **options)
    try:
        worker.work(with_scheduler=False, logging_level=os.environ.get("RQ_LOG_LEVEL", "WARNING"))
    finally:
        stop.set()


if __name__ == "__main__":
    main()
