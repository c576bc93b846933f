"""Result files: whom each row is about, what is new in it, and what becomes of it. Everything may be done again and changes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.connections.models import Connection
from app.core.db import fetch
from app.core.events import Actor
from app.integrations.adapters.custom_screening.codes import UNMAPPED
from app.integrations.adapters.custom_screening.facts import Fact, fold
from app.integrations.formats.records import Problem
from app.integrations.screening import Result, Status
from app.screening.models import ScreeningFact, ScreeningRequest
from app.screening.rules.states import OrderState
from app.screening.services import reconciling, reports
from app.screening.services.files import sending
from app.screening.services.files.said import as_json, digest, facts_of, named_report

AT_ONCE = 2000
"""Names asked for in one statement."""

ORDERED = (OrderState.PLACING, OrderState.PLACED, OrderState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Sorted:
    """facts: request → what is new about it. known: how many things were said before."""

    facts: Mapping[UUID, list[Fact]]
    problems: tuple[Problem, ...]
    known: int

    @property
    def new(self) -> list[Fact]:
        return [fact for some in self.facts.values() for fact in some]


@dataclass(slots=True)
class _Known:
    """What the tables say of the requests a file may be about."""

    by_id: dict[str, ScreeningRequest] = field(default_factory=dict)
    by_ref: dict[str, ScreeningRequest] = field(default_factory=dict)
    told: dict[UUID, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))  # request → digest → ref


def sort(session: Session, connection: Connection, facts: Sequence[Fact], *, lock: bool = False) -> Sorted:
    """Whom each fact is about. What nobody ordered, or is about another order than ours, is a problem of its row."""
    known = _known(session, connection, facts, lock=lock)
    ours = {fact.ref: fact.reference for fact in facts if fact.reference}
    chosen: dict[UUID, str] = {}
    found: dict[UUID, list[Fact]] = defaultdict(list)
    problems: dict[int, Problem] = {}
    repeated = 0
    for fact in facts:
        request = known.by_id.get(fact.reference or ours.get(fact.ref, "")) or known.by_ref.get(fact.ref)
        problem = _wrong(request, fact, chosen, known) if request else _nobodys(fact.row)
        if problem is not None:
            problems.setdefault(fact.row, problem)
        elif request is not None and digest(fact) in known.told[request.id]:
            repeated += 1
        elif request is not None:
            found[request.id].append(fact)
    return Sorted(dict(found), tuple(problems[row] for row in sorted(problems)), repeated)


def _nobodys(row: int) -> Problem:
    return Problem(row, "reference-unknown", "Nobody here ordered this.", "reference")


def _wrong(request: ScreeningRequest, fact: Fact, chosen: dict[UUID, str], known: _Known) -> Problem | None:
    """An order that never left, or a second one under the same reference: after a new order, the one before no longer counts."""
    if request.order_state not in ORDERED:
        return Problem(fact.row, "not-ordered", "This order has not left Corridor, or was refused.", "reference")
    if request.disposed_at is not None:
        return Problem(fact.row, "case-over", "This case is over, and what it kept was destroyed.", "reference")
    first = request.provider_report_id or chosen.get(request.id)
    if first is None and fact.ref not in known.told[request.id].values():
        first = chosen[request.id] = fact.ref
    if first != fact.ref:
        return Problem(fact.row, "other-order", "Another order of the provider carries our reference already.", "ref")
    return None


def _known(session: Session, connection: Connection, facts: Sequence[Fact], *, lock: bool) -> _Known:
    known = _Known()
    names = {name for fact in facts for name in (fact.ref, fact.reference) if name}
    for some in _parts(names):
        ids = [UUID(name) for name in some if _is_id(name)]
        query = sa.select(ScreeningRequest).where(
            ScreeningRequest.connection_id == connection.id,
            sa.or_(ScreeningRequest.id.in_(ids), ScreeningRequest.provider_report_id.in_(some)),
        )
        query = query.order_by(ScreeningRequest.id)
        for request in session.scalars(query.with_for_update() if lock else query):
            known.by_id[str(request.id)] = request
            if request.provider_report_id:
                known.by_ref[request.provider_report_id] = request
    for some_ids in _parts(known.by_id):
        told = sa.select(ScreeningFact.request_id, ScreeningFact.digest, ScreeningFact.ref)
        for row in session.execute(told.where(ScreeningFact.request_id.in_([UUID(one) for one in some_ids]))):
            known.told[row.request_id][row.digest] = row.ref
    return known


def _parts(names: Iterable[str]) -> Iterator[list[str]]:
    listed = sorted(names)
    return (listed[start : start + AT_ONCE] for start in range(0, len(listed), AT_ONCE))


def _is_id(name: str) -> bool:
    try:
        return str(UUID(name)) == name
    except ValueError:
        return False


def without(found: Sorted, bad: Mapping[str, Problem]) -> Sorted:
    """The same without facts whose report is not the one they name, by digest."""
    kept = {one: [fact for fact in some if digest(fact) not in bad] for one, some in found.facts.items()}
    problems = sorted((*found.problems, *bad.values()), key=lambda one: one.row)
    return replace(found, facts={one: some for one, some in kept.items() if some}, problems=tuple(problems))


def apply(session: Session, actor: Actor, item_id: UUID, found: Sorted, printed: Mapping[str, bytes]) -> None:
    """Keep what is new and bring each request up to date. The caller holds the rows (`sort(lock=True)`), in this transaction.

    Args:
        printed: digest of a fact → the report it names.
    """
    for request_id, new in found.facts.items():
        session.add_all(
            ScreeningFact(request_id=request_id, item_id=item_id, ref=fact.ref, digest=digest(fact), said=as_json(fact))
            for fact in new
        )
        session.flush()
        request = fetch(session, ScreeningRequest, request_id, lock=True)
        sending.place(session, actor, request)  # a result proves that the order arrived
        said = facts_of(session, request_id, new[0].ref)
        reconciling.apply_pushed(session, actor, request, fold(said)[0].report)
        latest = named_report(said)
        if latest is not None and digest(latest) in printed:
            reports.keep(session, actor, request_id, printed[digest(latest)])


def unmapped(facts: Iterable[Fact]) -> int:
    """How many speak in codes that stand in no table."""
    return sum(
        fact.status is Status.UNMAPPED or fact.result is Result.UNMAPPED or fact.kind == UNMAPPED for fact in facts
    )
