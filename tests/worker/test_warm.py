"""A worker does once, before it forks, what every job would do first; and a forked job can still do all of it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from app.notices import pdf
from tests.fixtures.slot import Slot

PROGRAM = """
import os, signal
from uuid import UUID
import sqlalchemy as sa
from app import domains
from app.core.db import forget_connections, transaction
from app.notices import pdf, templating
from worker.run import warm

domains.load_jobs()
warm()
nobody = UUID(int=0)
child = os.fork()
if child == 0:
    signal.alarm(60)  # a lock or a thread that the parent alone has would hang us
    warmed = pdf._style.cache_info().currsize, templating.translations.cache_info().currsize
    forget_connections()
    with transaction(nobody) as session:
        assert session.execute(sa.text("SELECT current_user")).scalar() == "corridor_app"
    made = pdf.render("<html lang=en><title>x</title><p>Ωмега 漢字 ✓ ℞</p>", title="x", language="en")
    print(*warmed, made[:5].decode(), flush=True)
    os._exit(0)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
with transaction(nobody) as session:
    print(session.execute(sa.text("SELECT 1")).scalar())
"""


def test_a_forked_job_finds_everything_read_and_can_work(database: Slot) -> None:
    environment = os.environ | database.environment()
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["1", "2", "%PDF-", "1"]


def test_a_library_thread_is_not_relied_upon_after_a_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = iter([1, 2])
    monkeypatch.setattr(pdf, "_threads", lambda: next(seen))
    pdf.warm()
    assert pdf._style.cache_info().currsize == 0


def test_a_worker_starts_while_the_database_is_away() -> None:
    program = "from worker.run import warm; warm(); print('ready')"
    nowhere = os.environ | {"DATABASE_URL": "postgresql+psycopg://corridor_app:x@127.0.0.1:1/nowhere"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=nowhere, check=False)
    assert done.stdout == "ready\n", done.stderr
