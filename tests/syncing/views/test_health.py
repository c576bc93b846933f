"""How integrations do: the numbers of a day, the page, what home says, and who is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.connections.models import Exchange
from app.core.clock import now
from app.core.db import transaction
from app.core.events import system
from app.notices.models import Notice
from app.syncing import services
from app.syncing.models import IntegrationDay, SyncRun
from app.syncing.services import health, running
from tests.accounts.pages import counted
from tests.feeds.pages import Visitor
from tests.feeds.world import run_jobs
from tests.syncing.conftest import Synced

NIGHT = datetime.combine(now().date(), datetime.min.time(), UTC)


def said(connection_id: UUID, at: datetime, milliseconds: int, status: int | None = 200, failure: str = "") -> Exchange:
    return Exchange(
        connection_id=connection_id, operation="employees.list", method="GET", path="/employees", status=status, failure=failure,
        started_at=at, milliseconds=milliseconds, attempt=1, request_bytes=0, answer_bytes=10,
    )  # fmt: skip


def a_day(synced: Synced) -> None:
    """Yesterday: twenty requests, of which one was slowed down, one timed out and one broke; two runs, one failed."""
    at, one = NIGHT - timedelta(hours=1), synced.connection_id
    with transaction() as session:
        session.add_all(said(one, at, 100 + number) for number in range(17))
        session.add_all(
            [
                said(one, at, 5, 429, "slow-down"),
                said(one, at, 30_000, None, "deadline"),
                said(one, at, 900, 500, "server-failed"),
                said(one, NIGHT, 7),  # today
            ]
        )
        for state, failed in (("done", 3), ("failed", 0)):
            session.add(
                SyncRun(
                    connection_id=one,
                    integration_type="hris",
                    provider="bamboohr",
                    mode="full",
                    state=state,
                    records_processed=50,
                    records_failed=failed,
                    completed_at=at,
                )
            )


def test_a_day_is_written_once_with_what_was_measured(synced: Synced, admin: Visitor) -> None:
    a_day(synced)
    yesterday = NIGHT.date() - timedelta(days=1)
    for _again in range(2):
        with transaction() as session:
            assert health.close_day(session, yesterday) == 1
    with transaction() as session:
        day = session.scalars(sa.select(IntegrationDay)).one()
        assert health.close_day(session, yesterday - timedelta(days=5)) == 0
    assert (day.requests, day.throttled, day.connection_drops, day.timeout_incidents) == (20, 1, 1, 1)
    assert (day.api_response_time_ms, day.slowest_ms) == (108, 2355)
    assert (day.error_rate, day.availability_percentage, day.sla_compliance) == (Decimal(15), Decimal(90), False)
    assert (day.sync_success_rate, day.data_accuracy_score) == (Decimal(50), Decimal(97))
    assert (day.validation_failures, day.critical_incidents, day.warning_incidents) == (3, 1, 0)
    page = admin.get("/integrations/health")
    assert "0 of 1" in page
    assert 'cx="5.0" cy="10.0"' in page
    assert "15.00" in page


def test_the_board_says_how_each_answers_and_what_waits(synced: Synced, hr: Visitor, bamboo: Any) -> None:
    bamboo.rows.get("employee", "8").facts["workEmail"] = "no address"
    synced.run()
    with counted() as statements:
        page = hr.get("/integrations/health")
    assert len(statements) <= 6
    assert f'href="/integrations/{synced.connection_id}"' in page
    assert "1 record<" in page
    assert "100.0 %" in page
    assert "0.0 %, 0.0 %" in page
    home = hr.get("/")
    assert "Records that need a person" in home


def test_who_can_help_is_told_once_a_day(
    synced: Synced, admin: Visitor, integrator: Visitor, hr: Visitor, bamboo: Any
) -> None:
    bamboo.rows.get("employee", "8").facts["workEmail"] = "no address"
    for _twice in range(2):
        synced.run()
    for _twice in range(2):
        run_id = synced.ask()
        with transaction() as session:
            running.fail(session, system("test"), run_id, "records-missing")
    run_jobs(kinds=("notices.tell",))
    with transaction() as session:
        told = session.execute(
            sa.select(Notice.kind, Notice.channel, sa.func.count()).group_by(Notice.kind, Notice.channel)
        ).all()
    # Records: those who read them (admin, hr). A failed sync: those who manage it (admin, integrator).
    assert {tuple(row) for row in told} == {
        (kind, channel, 2) for kind in ("syncing.records", "syncing.failed") for channel in ("email", "in_app")
    }
    assert "Integrations whose last sync failed" in admin.get("/")
    assert services.totals(synced.run())["failed"] == 0  # the same refused record again is nothing new
