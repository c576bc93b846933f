"""`corridor seed`: the demo company, in one transaction, into an empty database."""

from __future__ import annotations

import os
import random
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click
from uuid_utils.compat import uuid7

from worker.cli._attach import attached, companies
from worker.cli._console import Advance, bar
from worker.stack.state import CHECKOUT

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

SEED = 20261123


@click.command("seed")
@click.option("--if-empty", is_flag=True, help="Say nothing and do nothing when there is a company already.")
@click.option(
    "--sandbox", "ready_file", type=click.Path(path_type=Path), default=None, help="The sandbox's ready file."
)
def command(if_empty: bool, ready_file: Path | None) -> None:
    """Make the demo company and print who can sign in."""
    ready = ready_file or Path(os.environ.get("SANDBOX_READY_FILE", CHECKOUT / "var" / "sandbox" / "ready.json"))
    with attached():
        if companies():
            if not if_empty:
                raise click.ClickException("There is a company already. `make clean` empties everything.")
            click.echo(sign_ins(ready))
            return
        if not ready.exists():
            raise click.ClickException(f"The sandbox is not running ({ready} is missing). Start it, or use `make run`.")
        build(ready)
        click.echo(sign_ins(ready))
    sys.exit(0)


def build(ready_file: Path, *, small: bool = False, checks: bool = True) -> None:
    """Everything in one transaction: a half demo company cannot exist. `small`: a dozen people, for tests. checks: with candidates."""
    from app.core.db import tenant, transaction
    from worker.demo import carriers

    sandbox = carriers.read_sandbox(ready_file)
    company_id = uuid7()
    with bar("Demo company") as step, tenant(company_id), transaction() as session:
        fill(session, company_id, sandbox, small=small, checks=checks, step=step)
    _wake_sandbox(sandbox["url"], company_id, checks=checks)


def fill(
    session: Session,
    company_id: UUID,
    sandbox: dict[str, object],
    *,
    small: bool = False,
    checks: bool = True,
    step: Advance | None = None,
) -> None:
    from app.core.clock import today
    from app.core.events import record, system
    from app.feeds.services.noting import note_enrollment
    from app.people.services import set_logo
    from worker.demo import by_hand, carriers, company, enrollments, picture, plans, screening, users

    chance, day = random.Random(SEED), today()  # noqa: S311 - a repeatable demo, not a secret
    owner = company.make_company(session, company_id)
    session.flush()
    set_logo(session, system("seed", company_id), picture.logo(), "northwind.png")
    links = carriers.make_carriers(session, owner, sandbox)
    departments = company.A_FEW if small else company.DEPARTMENTS
    made = company.make_people(session, owner, day, chance, departments)
    years = plans.make_years(session, day, links)
    past, coming = enrollments.make_windows(session, years, day)
    session.flush()
    told = enrollments.make_coverage(session, made, past, years[day.year], day, chance)
    enrollments.make_queue(session, made, coming, years[day.year + 1], day, chance)
    hired = enrollments.make_new_hire(session, made, years[day.year], day - timedelta(days=4), chance)
    session.flush()
    lead, covered = made.employees[0].id, next(e.id for e in made.employees[1:] if e.employment_type == "full_time")
    users.make_users(session, hired.id, covered, lead)
    session.flush()
    record(
        session,
        system("seed", company_id),
        "people.company.created",
        owner,
        new={"name": owner.name, "employees": len(made.employees)},
    )
    for place, enrollment_id in enumerate(told, 1):  # the longest part
        note_enrollment(session, system("seed", company_id), enrollment_id)
        if step:
            step(place, len(told))
    by_hand.enter_most(session)
    if checks:
        screening.make_screening(session, owner, sandbox)


def _wake_sandbox(url: str, company_id: UUID, *, checks: bool) -> None:
    """The carriers send their census every 45 seconds, so that coverage is confirmed while you watch; checks go on by themselves."""
    from sandbox.client import Sandbox
    from worker.demo import screening
    from worker.demo.carriers import CARRIERS, CENSUS_SECONDS

    for _code, slug, *_rest in CARRIERS:
        Sandbox(url).carrier(slug).set(census_interval_seconds=CENSUS_SECONDS)
    if checks:
        screening.wake(url, company_id)


def sign_ins(ready_file: Path) -> str:
    """The table `make run` shows."""
    from worker.demo.carriers import read_sandbox
    from worker.demo.users import PASSWORD, all_accounts

    lines = [f"  {account.email:32} {account.what}" for account in all_accounts()]
    if ready_file.exists():
        lines.append(
            f"Carriers, mailbox, identity provider: {read_sandbox(ready_file)['url']} (the tour: docs/tour.md)"
        )
    return "\n".join(["Demo sign-ins (password for all: " + PASSWORD + ")", *lines])
