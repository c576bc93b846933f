"""What an employee sees first: the one next thing to do, and where each coverage stands. And their history."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.benefits.forms.wizard import AsOfForm
from app.benefits.rules import history as past
from app.benefits.rules.windows import snooze_until
from app.benefits.rules.words import CoverageType, EnrollmentStatus
from app.benefits.services.overview import CoverageRow, history_rows, overview
from app.benefits.views.blueprint import bp
from app.core.access import Can
from app.core.clock import today
from app.people import services as people
from app.web.access import requires
from app.web.edge import actor, session
from app.web.pages import page

PAYS_SOMEBODY = frozenset({CoverageType.LIFE, CoverageType.ADD})
LIVE = frozenset({EnrollmentStatus.APPROVED, EnrollmentStatus.ACTIVE})


@bp.get("")
@requires(Can.ENROLL_OWN)
def home() -> BaseResponse:
    if actor().employee_id is None:
        return (
            redirect(url_for("benefits.queue"), 303)
            if actor().can(Can.ENROLLMENT_VIEW)
            else page("benefits/home.html", seen=None)
        )
    seen = overview(session(), actor())
    waiting = [card for card in seen.cards if card.waiting]
    first, later = (seen.to_do[0], seen.to_do[1:]) if seen.to_do else (None, [])
    on = today()
    coming = [row for row in seen.rows if row.starts_on > on]
    return page(
        "benefits/home.html", seen=seen, card=first, later=later, waiting=waiting, costs=_costs(seen.rows, on),
        present=[row for row in seen.rows if row.starts_on <= on], coming=coming,
        pays_somebody=any(row.coverage_type in PAYS_SOMEBODY and row.plan_name and row.status in LIVE for row in seen.rows),
        snooze=snooze_until(first.window.closes_on, on) if first is not None else None,
        comes_on=min((row.starts_on for row in coming), default=None),
    )  # fmt: skip


def _costs(rows: list[CoverageRow], on: date) -> list[tuple[date, Decimal]]:
    """(day, what leaves each paycheck from then on): today, and once everything that is chosen has begun."""
    days = sorted({max(row.starts_on, on) for row in rows})
    found = [(day, _cost_on(rows, day)) for day in days]
    return found if len(found) < 2 else [found[0], found[-1]]


def _cost_on(rows: list[CoverageRow], day: date) -> Decimal:
    """What is waiting counts instead of what it replaces."""
    latest: dict[str, CoverageRow] = {}
    for row in sorted(rows, key=lambda row: (row.starts_on, row.created_at)):
        if row.starts_on <= day and (row.ends_on is None or row.ends_on >= day):
            latest[row.coverage_type] = row
    return sum((row.employee_cost for row in latest.values()), Decimal(0))


@bp.get("/history")
@requires(Can.ENROLL_OWN)
def history() -> Response:
    form = AsOfForm(request.args, meta={"csrf": False})
    form.validate()
    on: date = form.on.data or today()
    employee = people.employee(session(), actor(), actor().employee_id, Can.ENROLL_OWN)
    rows = history_rows(session(), employee.id)
    then = past.as_of(rows, on)
    signed = [row for row in rows if row.status != EnrollmentStatus.PENDING]
    shown = [row for row in signed if row.coverage_type in then and then[row.coverage_type].id == row.id]
    return page("benefits/history.html", 422 if form.errors else 200, form=form, on=on, shown=shown, rows=signed)
