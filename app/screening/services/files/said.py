"""What files said of a request, kept as rows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.errors import Invalid
from app.integrations.adapters.custom_screening.facts import Fact
from app.integrations.adapters.custom_screening.pick_up import check_report
from app.integrations.failures import Refused
from app.integrations.screening import Result, Status
from app.screening.models import ScreeningFact, ScreeningRequest


def facts_of(session: Session, request_id: UUID, ref: str) -> list[Fact]:
    """Everything any file said of an order, but for what was destroyed."""
    query = sa.select(ScreeningFact).where(ScreeningFact.request_id == request_id, ScreeningFact.ref == ref)
    return [_from_json(row.said) for row in session.scalars(query.order_by(ScreeningFact.id)) if row.said]


def named_report(facts: Iterable[Fact]) -> Fact | None:
    """The newest fact that names a report."""
    return max((fact for fact in facts if fact.report_file), key=lambda fact: fact.weight, default=None)


def refuse_another(session: Session, request: ScreeningRequest, data: bytes) -> None:
    """A report by hand has to be the one the provider's file names, where one does. Raises Invalid."""
    named = named_report(facts_of(session, request.id, request.provider_report_id))
    try:
        if named is not None:
            check_report(named, data)
    except Refused as refused:
        raise Invalid(refused.reason) from None


def digest(fact: Fact) -> str:
    """The same thing said again has the same one, in whatever row."""
    return hashlib.sha256(json.dumps(as_json(fact), sort_keys=True).encode()).hexdigest()


def as_json(fact: Fact) -> dict[str, Any]:
    values = asdict(fact)
    del values["row"]
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def _from_json(values: Mapping[str, Any]) -> Fact:
    known = {one.name for one in fields(Fact)}
    kept = {name: value for name, value in values.items() if name in known}
    for name in ("event_at", "created_at", "completed_at"):
        kept[name] = datetime.fromisoformat(kept[name]) if kept.get(name) else None
    kept["expected_on"] = date.fromisoformat(kept["expected_on"]) if kept.get("expected_on") else None
    return Fact(**(kept | {"row": 0, "status": Status(kept["status"]), "result": Result(kept["result"])}))
