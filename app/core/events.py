"""One call per change: `record(...)` writes the audit row and the intents of every subscribed job, in the caller's transaction."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.access import Can, Scope
from app.core.clock import now
from app.core.crypto import EncryptedField
from app.core.db import Base, Tenant, choices, current_tenant
from app.core.errors import Forbidden
from app.core.jobs import JobIntent, subscribers
from app.core.keys import keyring


class Risk(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Sensitivity(StrEnum):
    PUBLIC = "public"
    INTERNAL = "internal"
    CONFIDENTIAL = "confidential"
    RESTRICTED = "restricted"
    PHI = "phi"


class Regulation(StrEnum):
    NONE = "none"
    HIPAA = "hipaa"
    ACA = "aca"
    ERISA = "erisa"
    COBRA = "cobra"
    STATE = "state"
    FCRA = "fcra"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a signed-in user, a job, or a provider. Carries the grants of this moment and where the request came from."""

    company_id: UUID
    kind: str = "system"  # user | system | provider
    user_id: UUID | None = None
    employee_id: UUID | None = None
    label: str = ""  # role names of a user, or the job kind; never a person's name
    grants: dict[Can, Scope] = field(default_factory=dict)
    places: dict[Can, frozenset[UUID]] = field(default_factory=dict)  # departments or regions, where the scope is one
    session_id: UUID | None = None  # of the signed-in device, or the API token
    ip_address: str = ""
    user_agent: str = ""
    request_id: str = ""

    def can(self, permission: Can) -> bool:
        return self.kind == "system" or permission in self.grants

    def scope(self, permission: Can) -> Scope:
        """Whose rows the actor may touch with this permission; the system's are ALL."""
        return Scope.ALL if self.kind == "system" else self.grants.get(permission, Scope.NONE)

    def places_of(self, permission: Can) -> frozenset[UUID]:
        """The departments (or regions) this permission reaches, when its scope is DEPARTMENT (or REGION)."""
        return self.places.get(permission, frozenset())

    def require(self, permission: Can) -> None:
        """Raises Forbidden when the actor lacks the permission."""
        if not self.can(permission):
            raise Forbidden


def system(label: str, company_id: UUID | None = None) -> Actor:
    """The actor of jobs and commands."""
    return Actor(company_id=company_id or current_tenant(), kind="system", label=label)


class AuditEvent(Tenant, Base):
    """Insert-only: the application role has no UPDATE or DELETE here. `mac` proves that Corridor wrote the row."""

    __tablename__ = "audit_event"
    __table_args__ = (
        sa.Index(None, "company_id", "txid"),
        sa.Index(None, "company_id", "entity_type", "entity_id"),
        sa.Index(None, "company_id", "actor_user_id"),
        choices("risk", Risk),
        choices("sensitivity", Sensitivity),
        choices("regulation", Regulation),
    )

    txid: Mapped[int] = mapped_column(sa.BigInteger, server_default=sa.text("pg_current_xact_id()::text::bigint"))
    occurred_at: Mapped[datetime]
    name: Mapped[str]
    entity_type: Mapped[str]
    entity_id: Mapped[UUID | None]
    person_id: Mapped[UUID | None]
    old_values: Mapped[dict[str, Any]] = mapped_column(default=dict)
    new_values: Mapped[dict[str, Any]] = mapped_column(default=dict)
    phi: EncryptedField[dict[str, Any]] = EncryptedField(dict, subject="person_id")
    phi_accessed: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(default="")
    risk: Mapped[str] = mapped_column(default=Risk.LOW)
    sensitivity: Mapped[str] = mapped_column(default=Sensitivity.INTERNAL)
    regulation: Mapped[str] = mapped_column(default=Regulation.NONE)
    success: Mapped[bool] = mapped_column(default=True)
    actor_kind: Mapped[str]
    actor_user_id: Mapped[UUID | None]
    actor_label: Mapped[str] = mapped_column(default="")
    session_id: Mapped[UUID | None]
    ip_address: Mapped[str] = mapped_column(sa.String(45), default="")
    user_agent: Mapped[str] = mapped_column(default="")
    request_id: Mapped[str] = mapped_column(default="")
    mac: Mapped[bytes]


AUDITED = (
    "id", "occurred_at", "name", "entity_type", "entity_id", "person_id", "old_values", "new_values", "phi_enc", "phi_accessed", "reason", "risk",
    "sensitivity", "regulation", "success", "actor_kind", "actor_user_id", "actor_label", "session_id", "ip_address", "user_agent",
    "request_id",
)  # fmt: skip


def canonical(row: Any) -> bytes:
    """The bytes of an audit row (ORM or Core) that its MAC and the seals cover. PHI enters as ciphertext, so erasure keeps them valid."""
    values = [getattr(row, name) for name in AUDITED]
    values = [_printed(value) for value in values]
    return json.dumps(values, sort_keys=True, default=str, separators=(",", ":")).encode()


def _printed(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def row_mac(company_id: UUID, content: bytes) -> bytes:
    return keyring.blind(company_id, f"audit|{hashlib.sha256(content).hexdigest()}")


def record(
    session: Session,
    actor: Actor,
    name: str,
    subject: Any,
    *,
    old: dict[str, Any] | None = None,
    new: dict[str, Any] | None = None,
    phi: dict[str, Any] | None = None,
    person_id: UUID | None = None,
    reason: str = "",
    risk: Risk = Risk.LOW,
    sensitivity: Sensitivity = Sensitivity.INTERNAL,
    regulation: Regulation = Regulation.NONE,
    success: bool = True,
    args: dict[str, str] | None = None,
) -> AuditEvent:
    """Write the audit row of a change and the outbox intents of every job that subscribes to it.

    Args:
        name: past tense, `domain.thing.happened`.
        subject: the changed row (its table and id are kept), or a `(type, id)` pair.
        old, new: changed fields without personal data; mask what is sensitive (`•••-••-1234`).
        phi: values kept encrypted under the person's own key, so that destroying the key erases them.
        person_id: employee the PHI belongs to.
        args: further ids handed to subscribed jobs; ids only.

    Raises:
        ValueError: PHI without a person.
    """
    if phi and person_id is None:
        raise ValueError("PHI in an event needs the person it belongs to: it is encrypted under that person's key")
    entity_type, entity_id = subject if isinstance(subject, tuple) else (subject.__tablename__, subject.id)
    event = AuditEvent(
        company_id=actor.company_id,
        occurred_at=now(),
        person_id=person_id,
        name=name,
        entity_type=entity_type,
        entity_id=entity_id,
        old_values=_plain(old),
        new_values=_plain(new),
        phi=_plain(phi) or None,
        phi_accessed=bool(phi),
        reason=reason,
        risk=risk.value,
        sensitivity=(Sensitivity.PHI if phi else sensitivity).value,
        regulation=(Regulation.HIPAA if phi and regulation is Regulation.NONE else regulation).value,
        success=success,
        **_who(actor),
    )
    event.mac = row_mac(actor.company_id, canonical(event))
    session.add(event)
    for job in subscribers(name):
        session.add(
            JobIntent(
                company_id=actor.company_id,
                kind=job.kind,
                subject_id=entity_id,
                args=args or {},
                idem_key=f"{job.kind}:{event.id}",
                repeat=job.repeat.value,
                event_id=event.id,
            )
        )
    return event


def record_read(
    session: Session,
    actor: Actor,
    name: str,
    subject: Any,
    *,
    person_id: UUID | None = None,
    reason: str = "",
    regulation: Regulation = Regulation.HIPAA,
) -> None:
    """Record that PHI, or a report about a person, was looked at (45 CFR 164.312(b)). `name` is past tense: `people.employee.viewed`."""
    event = record(
        session,
        actor,
        name,
        subject,
        person_id=person_id,
        reason=reason,
        sensitivity=Sensitivity.PHI,
        regulation=regulation,
    )
    event.phi_accessed = True
    event.mac = row_mac(actor.company_id, canonical(event))


def _who(actor: Actor) -> dict[str, Any]:
    return {
        "actor_kind": actor.kind,
        "actor_user_id": actor.user_id,
        "actor_label": actor.label,
        "session_id": actor.session_id,
        "ip_address": actor.ip_address,
        "user_agent": actor.user_agent[:300],
        "request_id": actor.request_id,
    }


def _plain(values: dict[str, Any] | None) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(values or {}, default=str))
    return plain
