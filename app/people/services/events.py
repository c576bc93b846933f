"""What a change of a person leaves in the audit: open and masked values in sight, personal ones under the person's key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.clock import today
from app.core.config import get_settings
from app.core.errors import Conflict
from app.core.events import Actor, Risk, Sensitivity, record
from app.people.models import Dependent, Employee
from app.people.rules.checks import Setting
from app.people.rules.identity import OPEN, masked

RISKY = frozenset({"ssn", "bank_account", "bank_routing", "annual_salary"})


def setting() -> Setting:
    """What the checks depend on: the date and whether only real SSNs count."""
    return Setting(today(), get_settings().production)


def tidy(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Text without surrounding or doubled white space."""
    return {name: " ".join(value.split()) if isinstance(value, str) else value for name, value in fields.items()}


def refuse_unknown(fields: Mapping[str, Any], allowed: frozenset[str]) -> None:
    """Raises TypeError for a field this verb does not take: a mistake of the caller, never of the person."""
    unknown = set(fields) - allowed
    if unknown:
        raise TypeError(f"cannot set {', '.join(sorted(unknown))}")


def differing(row: Employee | Dependent, fields: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Old and new values of the fields that really change; empty text and None are the same."""
    old = {name: getattr(row, name) for name in fields}
    changed = [
        name for name, value in fields.items() if (old[name] or None) != (value or None) or _flips(old[name], value)
    ]
    return {name: old[name] for name in changed}, {name: fields[name] for name in changed}


def _flips(old: Any, new: Any) -> bool:
    """False and None differ for a yes-or-no answer."""
    return (isinstance(old, bool) or isinstance(new, bool)) and old is not new


def refuse_stale(row: Employee | Dependent, seen: datetime | None) -> None:
    """Raises Conflict when the row was saved by somebody else after the form was shown."""
    if seen is not None and row.updated_at != seen:
        raise Conflict


def record_change(
    session: Session,
    actor: Actor,
    name: str,
    row: Employee | Dependent,
    person_id: UUID,
    *,
    old: Mapping[str, Any] | None = None,
    new: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    """Record an event of a person: masked values in sight, the full personal ones encrypted beside them."""
    old, new = old or {}, new or {}
    sides = {"old": personal(old), "new": personal(new)}
    record(
        session,
        actor,
        name,
        row,
        old={field: masked(field, value) for field, value in old.items()},
        new={field: masked(field, value) for field, value in new.items()},
        phi={side: values for side, values in sides.items() if values},
        person_id=person_id,
        reason=reason,
        risk=Risk.MEDIUM if RISKY & (set(old) | set(new)) else Risk.LOW,
        sensitivity=Sensitivity.CONFIDENTIAL,
        args={"employee_id": str(person_id)},
    )


def personal(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that may only be kept encrypted."""
    return {name: value for name, value in values.items() if name not in OPEN and value not in (None, "")}
