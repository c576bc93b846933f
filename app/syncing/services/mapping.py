"""What an administrator changes about how a provider's records become ours, and how that looks on real ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.orm import Session

from app.connections.models import Connection
from app.connections.services import manifest_of
from app.core.access import Can
from app.core.db import fetch
from app.core.errors import Invalid, NotFound
from app.core.events import Actor, Risk, record, record_read
from app.integrations.api import Resource
from app.integrations.sync.mapping import Changes, Codes, Const, Rule, Step, path_fault, to_record
from app.integrations.sync.records import MODELS
from app.syncing.models import RemoteRecord, SyncRun
from app.syncing.rules import changes_of
from app.syncing.services.settling import label_of

AT_MOST = 5
"""Real records that a mapping is tried on."""

MOST_PLACES = 200


@dataclass(frozen=True, slots=True)
class FieldChange:
    """What is changed about one field. path: None leaves it to the adapter, empty leaves the field out."""

    path: str | None = None
    steps: Sequence[Mapping[str, Any]] = ()
    rules: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class MappedField:
    """One of our fields. how: `path`, `words`, `fixed`, `worked out` or `nothing`; text: the path or the value, where there is one."""

    name: str
    needed: bool
    how: str
    text: str
    change: FieldChange

    @property
    def is_changed(self) -> bool:
        return self.change != FieldChange()


@dataclass(frozen=True, slots=True)
class Tried:
    """One real record. now, then: the field as it is mapped now, and as it would be. problem: of the field, then."""

    remote_id: str
    label: str = field(repr=False)
    now: str = field(repr=False)
    then: str = field(repr=False)
    problem: str


def resource_of(connection: Connection, name: str) -> Resource:
    """What is kept in step under this name. Raises NotFound."""
    resource = manifest_of(connection.adapter).kept(name)
    if resource is None:
        raise NotFound
    return resource


def fields_of(connection: Connection, resource: Resource) -> list[MappedField]:
    """Every field of ours, in the order of its model, with where it comes from. An adapter may leave some to nothing."""
    assert resource.kind is not None
    columns = connection.field_mappings, connection.transformation_rules, connection.validation_rules
    paths, steps, rules = (column.get(resource.name, {}) for column in columns)
    found = []
    for name, info in MODELS[resource.kind].model_fields.items():
        if name != "remote_id":
            change = FieldChange(paths.get(name), tuple(steps.get(name, ())), tuple(rules.get(name, ())))
            found.append(MappedField(name, info.is_required(), *_source(resource.fields.get(name)), change))
    return found


def field_of(connection: Connection, resource: Resource, name: str) -> MappedField:
    """One of them. Raises NotFound."""
    found = next((one for one in fields_of(connection, resource) if one.name == name), None)
    if found is None:
        raise NotFound
    return found


def _source(found: Any) -> tuple[str, str]:
    if found is None:
        return "nothing", ""
    if isinstance(found, Codes):
        return "words", found.path
    if isinstance(found, Const):
        return "fixed", str(found.value)
    return ("path", found) if isinstance(found, str) else ("worked out", "")


def changes_with(connection: Connection, resource: Resource, name: str, change: FieldChange) -> Changes:
    """The mapping of a resource with one field changed.

    Raises:
        Invalid: by `path`, `steps` or `pattern`.
    """
    mapped = field_of(connection, resource, name)
    if change.path == "" and mapped.needed:
        raise Invalid({"use": "Corridor cannot do without this field. Say where it comes from"})
    if change.path and (fault := path_fault(change.path)):
        raise Invalid({"path": fault})
    _check(Step, change.steps, "steps", "One of these steps is not complete")
    _check(
        Rule,
        change.rules,
        "pattern",
        "This is no pattern. Leave it empty, or write a regular expression, like [A-Z]{2}[0-9]+",
    )
    paths, steps, rules = _columns(connection, resource, name, change)
    return changes_of(paths, steps, rules, resource.name)


def _check(model: type[Step] | type[Rule], many: Sequence[Mapping[str, Any]], place: str, message: str) -> None:
    try:
        for one in many:
            model.model_validate(one)
    except ValidationError:
        raise Invalid({place: message}) from None


def _columns(connection: Connection, resource: Resource, name: str, change: FieldChange) -> list[dict[str, Any]]:
    """The three columns of a connection with this change in them; what is as the adapter has it is not kept."""
    kept = (connection.field_mappings, connection.transformation_rules, connection.validation_rules)
    values = (change.path, [dict(one) for one in change.steps] or None, [dict(one) for one in change.rules] or None)
    made = []
    for column, value in zip(kept, values, strict=True):
        fields = {key: one for key, one in column.get(resource.name, {}).items() if key != name}
        fields |= {name: value} if value is not None else {}
        others = {key: one for key, one in column.items() if key != resource.name}
        made.append(others | ({resource.name: fields} if fields else {}))
    return made


def set_field(
    session: Session, actor: Actor, connection_id: UUID | str, resource_name: str, name: str, change: FieldChange
) -> Connection:
    """Keep a change of the mapping. The next sync reads everything of this resource anew.

    Raises:
        Invalid: by field, see `changes_with`. NotFound: no such resource or field.
    """
    actor.require(Can.SYNC_MANAGE)
    connection = fetch(session, Connection, connection_id, lock=True)
    resource = resource_of(connection, resource_name)
    changes_with(connection, resource, name, change)
    before = field_of(connection, resource, name).change
    if before == change:
        return connection
    made = _columns(connection, resource, name, change)
    connection.field_mappings, connection.transformation_rules, connection.validation_rules = made
    where = {"resource": resource_name, "field": name}
    record(
        session, actor, "syncing.mapping.changed", connection, old=where | _told(before), new=where | _told(change), risk=Risk.MEDIUM
    )  # fmt: skip
    return connection


def _told(change: FieldChange) -> dict[str, Any]:
    return {"path": change.path, "steps": list(change.steps), "rules": list(change.rules)}


def some_raw(
    session: Session, actor: Actor, connection_id: UUID, resource: Resource
) -> list[tuple[str, dict[str, Any]]]:
    """A few real records as the provider wrote them: those read last, or before any sync those of the newest rehearsal.

    To be mapped and masked, never shown as they are; the look is recorded.
    """
    actor.require(Can.SYNC_MANAGE)
    record_read(session, actor, "syncing.mapping.tried", ("connection", connection_id))
    query = sa.select(RemoteRecord).where(
        RemoteRecord.connection_id == connection_id, RemoteRecord.resource == resource.name, RemoteRecord.gone_at.is_(None)
    )  # fmt: skip
    rows = session.scalars(query.order_by(RemoteRecord.id.desc()).limit(AT_MOST)).all()
    if rows:
        return [(row.remote_id, row.raw or {}) for row in rows]
    newest = sa.select(SyncRun).where(SyncRun.connection_id == connection_id, SyncRun.samples_enc.is_not(None))  # type: ignore[attr-defined]
    run = session.scalars(newest.order_by(SyncRun.id.desc()).limit(1)).one_or_none()
    samples = (run.samples or {}).get(resource.name, []) if run else []
    return [(str(one["remote_id"]), one["raw"]) for one in samples]


def places(raws: Sequence[tuple[str, Mapping[str, Any]]]) -> list[str]:
    """Paths that real records have, for somebody who looks for another: their fields, and those one level inside."""
    found: dict[str, None] = {}
    for _remote_id, raw in raws:
        for name, value in raw.items():
            inner = value if isinstance(value, Mapping) else {}
            found |= dict.fromkeys([f"{name}.{one}" for one in inner] or [name])
    return sorted(one for one in found if not path_fault(one))[:MOST_PLACES]


def tried(
    resource: Resource, name: str, raws: Sequence[tuple[str, Mapping[str, Any]]], now: Changes, then: Changes
) -> list[Tried]:
    """How one field of real records is mapped now and would be then. Pure."""
    assert resource.kind is not None
    found = []
    for remote_id, raw in raws:
        old, new = (to_record(resource.kind, resource.fields, remote_id, raw, one) for one in (now, then))
        before, after = (_text(one.values.get(name)) for one in (old, new))
        found.append(Tried(remote_id, label_of(new.values), before, after, new.problems.get(name, "")))
    return found


def _text(value: Any) -> str:
    return "" if value is None else str(value)
