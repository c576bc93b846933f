"""A page far into a list reads as little as the first one, and counts stop at their cap: by EXPLAIN, not by the clock."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from app.core.db import engine, tenant, transaction
from app.people.services.listing import CAP, PAGE, Filters, listing
from bench.fill import COLUMNS, make_company, rows
from tests.fixtures.slot import Slot
from tests.performance.world import actor, statements

__all__ = ["statements"]

MANY = 12_000
COMPANY = UUID("0199b000-0000-7000-8000-00000000abcd")


@pytest.fixture
def crowd(app: Flask, database: Slot, admin: Any) -> UUID:
    make_company(COMPANY, "Crowd", "crowd")
    with admin.transaction():
        admin.execute("SET LOCAL session_replication_role = replica")
        with admin.cursor().copy(f"COPY employee ({', '.join(COLUMNS)}) FROM STDIN") as stream:
            stream.write("".join(rows(COMPANY, 0, MANY)))
    admin.execute("VACUUM ANALYZE employee")
    return COMPANY


def _plan(company_id: UUID, statements: list[Any], **wanted: Any) -> dict[str, Any]:
    """The executed plan of the list's one statement."""
    filters = wanted.pop("filters", Filters())
    with transaction(company_id) as session:
        statements.clear()
        listing(session, actor(company_id), filters, **wanted)
        sent = next(one for one in statements if "employee_number" in one.statement)
    with tenant(company_id), engine().begin() as connection:
        text = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + sent.statement
        found = connection.exec_driver_sql(text, sent.parameters).scalar_one()
    plan: dict[str, Any] = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    return plan


def _nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for child in plan.get("Plans", []) for node in _nodes(child))]


def _buffers(plan: dict[str, Any]) -> int:
    return int(plan["Shared Hit Blocks"]) + int(plan["Shared Read Blocks"])


def _rows_read(plan: dict[str, Any]) -> float:
    scans = [
        node for node in _nodes(plan) if node["Node Type"].endswith("Scan") and node.get("Relation Name") == "employee"
    ]
    return max(node["Actual Rows"] * node["Actual Loops"] + node.get("Rows Removed by Filter", 0) for node in scans)


def test_page_400_reads_as_little_as_page_1(crowd: UUID, statements: list[Any]) -> None:
    first = _plan(crowd, statements)
    far = _plan(crowd, statements, after=f"E{400 * PAGE - 1:07d}")
    assert _buffers(far) <= 1.5 * _buffers(first)
    assert _rows_read(far) <= 1.5 * _rows_read(first)


def test_the_count_stops_at_its_cap(crowd: UUID, statements: list[Any]) -> None:
    for filters in (Filters(), Filters(status="active"), Filters(q="Ana")):
        plan = _plan(crowd, statements, filters=filters)
        counts = [node for node in _nodes(plan) if node["Node Type"] == "Aggregate"]
        assert counts
        for node in counts:
            limits = [one for one in _nodes(node) if one["Node Type"] == "Limit"]
            assert limits, f"a count without a limit: {filters}"
            assert limits[0]["Actual Rows"] <= CAP
