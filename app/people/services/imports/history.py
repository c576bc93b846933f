"""Audit rows and intents of a whole batch. What `record` writes one by one, written at once."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.core.clock import now
from app.core.events import Actor, AuditEvent, Regulation, Risk, Sensitivity, canonical, row_mac
from app.core.jobs import subscribers
from app.core.keys import keyring
from app.people.models import EmployeeStatus
from app.people.rules.identity import masked
from app.people.services.events import RISKY, personal
from app.people.services.imports.bulk import copied, copy
from app.people.services.imports.plan import Change, Plan

HIRED, CHANGED, TERMINATED = "people.employee.hired", "people.employee.changed", "people.employee.terminated"
RECORDED = "people.employee.recorded"  # came with the file, but has left already: nobody is invited to anything
COLUMNS = (
    "id", "occurred_at", "name", "entity_type", "entity_id", "person_id", "old_values", "new_values", "phi_enc", "phi_accessed",
    "reason", "risk", "sensitivity", "regulation", "success", "actor_kind", "actor_user_id", "actor_label", "session_id",
    "ip_address", "user_agent", "request_id", "mac",
)  # fmt: skip


class HistoryWriter:
    """Writes the events of one import inside its transaction."""

    def __init__(self, session: Session, actor: Actor, import_id: UUID) -> None:
        self.session, self.actor, self.import_id = session, actor, str(import_id)
        columns = ", ".join(COLUMNS)
        session.execute(
            sa.text(f"CREATE TEMP TABLE import_events ON COMMIT DROP AS SELECT {columns} FROM audit_event WITH NO DATA")  # noqa: S608
        )

    def prepare(self, plan: Plan) -> list[str]:
        """The events of a batch in COPY's form. Touches no connection of the import."""
        hired = [change for change in plan.new if change.new.get("status") != EmployeeStatus.TERMINATED]
        gone = [change for change in plan.new if change.new.get("status") == EmployeeStatus.TERMINATED]
        lines = [*self._arrivals(HIRED, hired), *self._arrivals(RECORDED, gone)]
        private = [change.employee_id for change in plan.changed if personal(change.old) or personal(change.new)]
        keyring.prepare(self.actor.company_id, private)
        return [*lines, *(_line(self._alteration(change)) for change in plan.changed)]

    def write(self, lines: Sequence[str]) -> None:
        """Insert the events, and the intents of every job that subscribes to them."""
        if not lines:
            return
        copy(self.session, "import_events", COLUMNS, lines)
        columns = ", ".join(COLUMNS)
        self.session.execute(
            sa.text(f"INSERT INTO audit_event (company_id, {columns}) SELECT :company, {columns} FROM import_events"),  # noqa: S608
            {"company": self.actor.company_id},
        )
        for name in (HIRED, CHANGED, TERMINATED, RECORDED):
            self._promise(name)
        self.session.execute(sa.text("TRUNCATE import_events"))

    def _promise(self, name: str) -> None:
        for job in subscribers(name):
            self.session.execute(
                sa.text(
                    "INSERT INTO job_intent (company_id, id, kind, subject_id, args, idem_key, event_id, repeat, state, attempts,"
                    " last_error) SELECT :company, gen_random_uuid(), :kind, entity_id,"
                    " jsonb_build_object('employee_id', entity_id), :kind || ':' || id, id, :repeat, 'pending', 0, ''"
                    " FROM import_events WHERE name = :name"
                ),
                {"company": self.actor.company_id, "kind": job.kind, "repeat": job.repeat.value, "name": name},
            )

    def _arrivals(self, name: str, new: Sequence[Change]) -> list[str]:
        """The file itself is kept encrypted, so the event only says who came, when, and with which import.

        The events differ in five places; everything else is written once and filled in, which is ten times as fast.
        """
        if not new:
            return []
        shown = {"employee_number": "@number", "hired_on": "@hired", "import_id": self.import_id}
        sample = self._event(name, _MARKED, {}, shown, None, Risk.LOW)
        sample.id, sample.mac = _ID, _MAC
        covered, line = _Blanks(canonical(sample).decode()), _Blanks(_line(sample))
        company_id, lines = self.actor.company_id, []
        for change in new:
            number = json.dumps(change.number)[1:-1]
            words = [str(uuid7()), str(change.employee_id), number, change.new["hired_on"].isoformat(), ""]
            words[4] = row_mac(company_id, covered.filled(words).encode()).hex()
            words[2] = copied(number)
            lines.append(line.filled(words))
        return lines

    def _alteration(self, change: Change) -> Any:
        ended = change.new.get("status") == EmployeeStatus.TERMINATED
        old = {name: masked(name, value) for name, value in change.old.items()}
        new = {name: masked(name, value) for name, value in change.new.items()} | {"import_id": self.import_id}
        sides = {"old": personal(change.old), "new": personal(change.new)}
        phi = {side: values for side, values in sides.items() if values}
        risk = Risk.MEDIUM if RISKY & set(change.new) else Risk.LOW
        return self._event(TERMINATED if ended else CHANGED, change, old, new, phi, risk)

    def _event(
        self,
        name: str,
        change: Change,
        old: dict[str, Any],
        new: dict[str, Any],
        phi: dict[str, Any] | None,
        risk: Risk,
    ) -> Any:
        key, company_id, actor = uuid7(), self.actor.company_id, self.actor
        plain = json.loads(json.dumps(phi, default=str)) if phi else None
        event = SimpleNamespace(
            id=key, occurred_at=now(), name=name, entity_type="employee", entity_id=change.employee_id,
            person_id=change.employee_id, old_values=json.loads(json.dumps(old, default=str)),
            new_values=json.loads(json.dumps(new, default=str)),
            phi_enc=AuditEvent.phi.seal(company_id, key, plain, change.employee_id) if plain else None,
            phi_accessed=bool(phi), reason="", risk=risk.value,
            sensitivity=(Sensitivity.PHI if phi else Sensitivity.CONFIDENTIAL).value,
            regulation=(Regulation.HIPAA if phi else Regulation.NONE).value, success=True, actor_kind=actor.kind,
            actor_user_id=actor.user_id, actor_label=actor.label, session_id=actor.session_id, ip_address=actor.ip_address,
            user_agent=actor.user_agent[:300], request_id=actor.request_id,
        )  # fmt: skip
        event.mac = row_mac(company_id, canonical(event))
        return event


_ID, _PERSON, _MAC = UUID(int=1), UUID(int=2), b"@mac-of-this-row"
_MARKED = Change(_PERSON, "@number", None, {})
_MARKS = (str(_ID), str(_PERSON), "@number", "@hired", copied(_MAC)[3:])


class _Blanks:
    """A text with marks, cut once, to be filled many times."""

    def __init__(self, text: str) -> None:
        pieces = re.split("(" + "|".join(map(re.escape, _MARKS)) + ")", text)
        self._fixed, self._order = pieces[::2], [_MARKS.index(mark) for mark in pieces[1::2]]

    def filled(self, words: Sequence[str]) -> str:
        found = [self._fixed[0]]
        for place, fixed in zip(self._order, self._fixed[1:], strict=True):
            found += (words[place], fixed)
        return "".join(found)


def _line(event: Any) -> str:
    return "\t".join([_cell(getattr(event, name)) for name in COLUMNS]) + "\n"


def _cell(value: Any) -> str:
    if isinstance(value, dict):
        return copied(json.dumps(value))
    return str(value) if hasattr(value, "hour") else copied(value)
