"""Children who grow out of a plan: their parents are warned, the coverage ends as the plan says, the carrier is told."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from app.benefits.jobs.day import company_today
from app.benefits.rules.family import warning_due
from app.benefits.services import leaving
from app.core.events import Actor, system
from app.core.jobs import Run, enqueue, job
from app.notices import services as notices

BATCH = 50


@job("benefits.age_out", timeout=300)
def age_out(run: Run) -> None:
    """Warn 60 and 14 days before a child's last day under a plan, and end the coverage of those whose day is near."""
    after = run.args.get("after")
    with run.finish() as session:
        on, actor = company_today(session), system(run.kind, run.company_id)
        found = leaving.growing_up(session, on, after=UUID(after) if after else None, limit=BATCH)
        for grown in found:
            _warn(session, actor, grown, on)
            leaving.age_out(session, actor, grown, on)
        if len(found) == BATCH:
            last = str(found[-1].covered.id)
            enqueue(session, run.kind, run.company_id, key=f"{on}:{last}", args={"after": last})


def _warn(session: Session, actor: Actor, grown: leaving.Grown, on: date) -> None:
    """One notice per child, day and stage, however many plans cover the child."""
    stage = warning_due(grown.last_day, on)
    if stage is None:
        return
    notices.issue(
        session, actor, "benefits.dependent.aging_out", subject=("dependent", grown.dependent.id),
        dedupe=f"{grown.last_day}:{stage}", context={"ends_on": grown.last_day},
        employee_id=grown.enrollment.employee_id, link_path="/benefits",
    )  # fmt: skip
