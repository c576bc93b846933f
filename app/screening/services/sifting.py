"""Which requests a list holds: the filters of the board, its searches and its counts. No result of a report is asked for here.

While an adjudicator decides (`Bucket.REVIEW`) nothing may be asked that would tell what was found: who blocks, whether a notice is out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.access import Can
from app.core.clock import now, today
from app.core.counts import capped
from app.core.db import own_company
from app.core.events import Actor
from app.integrations.screening import Status
from app.people.services import name_matches
from app.screening.models import Candidate, CandidateLink, JobApplication, ScreeningPolicy, ScreeningRequest
from app.screening.rules.states import Blocker, Bucket, OrderState, RequestStatus
from app.screening.services.scope import visible

STALE_DAYS = 3
"""The policy's default."""

LAST_CHARACTER = "\U0010ffff"
_R = ScreeningRequest


@dataclass(frozen=True, slots=True)
class Filters:
    """What the URL says; unknown words were dropped by the form. mine: I must do something. problem: a key of `PROBLEMS`."""

    bucket: str = Bucket.ACTIVE.value
    mine: bool = False
    problem: str = ""
    blocker: str = ""
    package_id: UUID | None = None
    connection_id: UUID | None = None
    recruiter_id: UUID | None = None
    priority: str = ""
    q: str = ""
    oldest: bool = False


class Counts(NamedTuple):
    """Capped at 1,001. done: whether there is any. shown: what the filters select; None where looking once is dear enough."""

    active: int
    review: int
    mine: int
    done: bool
    shown: int | None


def counts(session: Session, actor: Actor, filters: Filters) -> Counts:
    """One query, whatever is asked for."""
    tabs = (Filters(), Filters(bucket=Bucket.REVIEW.value), Filters(mine=True))
    asked = tabs if filters in tabs or filters.q.strip() or filters.priority else (*tabs, filters)
    columns: list[Any] = [capped(narrowed(sa.select(sa.literal(1)), actor, one)) for one in asked]
    columns.insert(3, narrowed(sa.select(sa.literal(1)), actor, Filters(bucket=Bucket.DONE.value)).exists())
    found = session.connection().execute(sa.select(*columns).options(own_company)).one()
    active, review, mine, done, *rest = found
    same = dict(zip(tabs, (active, review, mine), strict=True)).get(filters)
    return Counts(active, review, mine, done, rest[0] if rest else same)


def narrowed(query: Any, actor: Actor, filters: Filters) -> Any:
    """The same without the joins: for counting."""
    query = (
        query.select_from(_R).options(own_company).where(visible(actor, Can.CHECK_VIEW), *_conditions(actor, filters))
    )
    return query.where(_searched(actor, filters.q.strip())) if filters.q.strip() else query


def _conditions(actor: Actor, filters: Filters) -> list[sa.ColumnElement[bool]]:
    wanted: list[tuple[Any, Callable[[], sa.ColumnElement[bool]]]] = [
        (filters.problem, PROBLEMS.get(filters.problem, sa.false)),
        (filters.mine, lambda: sa.and_(_R.recruiter_user_id == actor.user_id, sa.or_(_ours(), bounced()))),
        (filters.blocker, lambda: _R.blocker == filters.blocker),
        (filters.package_id, lambda: _R.package_id == filters.package_id),
        (filters.connection_id, lambda: _R.connection_id == filters.connection_id),
        (filters.recruiter_id, lambda: _R.recruiter_user_id == filters.recruiter_id),
        (filters.priority, lambda: _R.priority == filters.priority),
    ]
    # Who blocks, and what goes wrong, is only asked of what still runs.
    running = filters.problem or filters.mine or filters.blocker
    bucket = Bucket.ACTIVE.value if running else filters.bucket
    return [_R.bucket == bucket, *(made() for asked, made in wanted if asked)]


def _ours() -> sa.ColumnElement[bool]:
    return _R.blocker == Blocker.US.value


def held() -> sa.ColumnElement[bool]:
    waits = sa.and_(_R.status == RequestStatus.ON_HOLD.value, _R.order_state != OrderState.PLACED.value)
    return sa.and_(_ours(), waits)  # all that is ours to do is in one index


def expired() -> sa.ColumnElement[bool]:
    placed = _R.order_state == OrderState.PLACED.value
    return sa.and_(_ours(), placed, _R.provider_status == Status.INVITATION_EXPIRED.value)


def failed() -> sa.ColumnElement[bool]:
    return sa.and_(_ours(), _R.order_state.in_([OrderState.UNKNOWN.value, OrderState.REFUSED.value]))


def bounced() -> sa.ColumnElement[bool]:
    """The candidate's link came back and was not sent again."""
    came_back = sa.select(CandidateLink.request_id).where(
        CandidateLink.undeliverable_at.is_not(None), CandidateLink.revoked_at.is_(None)
    )
    return _R.id.in_(came_back)


def stale() -> sa.ColumnElement[bool]:
    """At the provider, and not a word for as many days as the policy allows."""
    silent = _R.last_event_at < now() - sa.func.make_interval(0, 0, 0, stale_days())
    return sa.and_(_R.order_state == OrderState.PLACED.value, silent)


def late() -> sa.ColumnElement[bool]:
    """Past the provider's own estimate, or past the last day of the screening."""
    return sa.func.coalesce(_R.estimated_completion_on, _R.due_on) < today()


def stale_days() -> Any:
    days = sa.select(ScreeningPolicy.stale_days).scalar_subquery()
    return sa.func.coalesce(days, STALE_DAYS)


PROBLEMS: dict[str, Callable[[], sa.ColumnElement[bool]]] = {
    "held": held,
    "bounced": bounced,
    "expired": expired,
    "failed": failed,
    "stale": stale,
    "late": late,
}
"""What may be wrong with a request that still runs."""


def _searched(actor: Actor, text: str) -> sa.ColumnElement[bool]:
    """A number, an address, or the beginnings of names or of the job."""
    if "@" in text:
        return _R.candidate_id.in_(sa.select(Candidate.id).where(Candidate.email.matches(text)))
    if text[:1] in "sS" and text[1:3].isdigit():
        # A range, not LIKE: under row-level security only leakproof comparisons may use an index.
        return sa.and_(_R.number >= text.upper(), _R.number < text.upper() + LAST_CHARACTER)
    jobs = sa.select(JobApplication.id).where(
        sa.func.lower(JobApplication.position).contains(text.lower(), autoescape=True)
    )
    names = name_matches(actor.company_id, text, Candidate.name_tokens)
    found = [sa.select(_R.id).where(_R.application_id.in_(jobs))]
    if names is not None:
        found.append(sa.select(_R.id).where(_R.candidate_id.in_(sa.select(Candidate.id).where(names))))
    # Not OR: each half comes by its own index, and only what was found is sorted.
    return _R.id.in_(sa.union_all(*found))
