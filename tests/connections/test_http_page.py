"""The how-to page cannot rot: its second example runs, as a job, against a real server."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from uuid_utils.compat import uuid7

from app.core.db import fetch, transaction
from app.core.jobs import REGISTRY, GiveUp, JobIntent, Run, State, claim, enqueue
from app.integrations.adapters.checkr import manifest
from app.integrations.screening import Status
from tests.connections import providers as p
from tests.integrations.http_server import HttpServer, reply

PAGE = (Path(__file__).parents[2] / "docs" / "http-adapter.md").read_text()
SAMPLES = Path(manifest.__file__).parent / "samples"


@pytest.fixture
def fetch_report() -> Any:
    _library, example = re.findall(r"```python\n(.*?)```", PAGE, re.S)
    names: dict[str, Any] = {}
    exec(example, names)
    return names["fetch_report"]


@pytest.fixture
def run(company: UUID) -> Run:
    subject, kind = uuid7(), next(iter(REGISTRY))
    with transaction() as session:
        enqueue(session, kind, subject, key="page")
    with transaction() as session:
        intent = session.scalars(sa.select(JobIntent.id)).one()
    with transaction() as session:
        claimed = claim(session, company, intent)
    assert claimed is not None
    return claimed


def test_the_example_of_a_job(fetch_report: Any, run: Run) -> None:
    sample = json.loads((SAMPLES / "report.json").read_text())
    server = HttpServer(lambda _asked: p.answer(sample))
    made = p.make_connection(server)
    report = fetch_report(run, made.id, "rep_1")
    server.stop()
    assert report.status in Status
    (kept,) = p.exchanges()
    assert (kept.subject_kind, kept.subject_id) == ("screening_request", run.subject_id)
    assert _state(run) == State.DONE


def test_the_example_ends_as_the_decision_says(fetch_report: Any, run: Run) -> None:
    server = HttpServer(lambda _asked: reply(404))
    made = p.make_connection(server)
    with pytest.raises(GiveUp, match="not-found"):
        fetch_report(run, made.id, "rep_1")
    server.stop()
    assert _state(run) == State.RUNNING, "the executor writes how it ended"


def _state(run: Run) -> str:
    with transaction() as session:
        return fetch(session, JobIntent, run.intent_id).state
