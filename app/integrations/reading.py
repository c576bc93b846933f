"""Facts out of a provider's JSON, one by one and each with its doubt: what must be there and is not is `ContractDrift`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from app.integrations.failures import ContractDrift

Facts = Mapping[str, Any]


def facts_of(record: Any) -> Facts:
    """The record, if it is an object. Raises `ContractDrift`."""
    if not isinstance(record, dict):
        raise ContractDrift("object-unexpected")
    return record


def needed(facts: Facts, name: str) -> str:
    """A text that must be there. Raises `ContractDrift`."""
    found = facts.get(name)
    if not isinstance(found, str) or not found:
        raise ContractDrift("field-missing")
    return found


def text(facts: Facts, name: str) -> str:
    """Empty when it is missing or no text."""
    found = facts.get(name)
    return found if isinstance(found, str) else ""


def many(value: Any) -> list[Any]:
    """Empty for what is no list."""
    return value if isinstance(value, list) else []


def records(document: Any) -> list[Facts]:
    """A list of objects. Raises `ContractDrift`."""
    if not isinstance(document, list):
        raise ContractDrift("records-missing")
    return [facts_of(one) for one in document]


def records_in(facts: Facts, name: str) -> list[Facts]:
    """A list of objects that may be missing. Raises `ContractDrift` for anything else."""
    found = facts.get(name)
    return [] if found is None else records(found)


def moment(facts: Facts, name: str) -> datetime | None:
    """ISO, UTC when no zone is written. Raises `ContractDrift` for a text that is no moment."""
    found = facts.get(name)
    if found in (None, ""):
        return None
    try:
        at = datetime.fromisoformat(str(found).replace("Z", "+00:00"))
    except ValueError:
        raise ContractDrift("time-unreadable") from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
