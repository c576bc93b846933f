"""Several candidates for one job at once: pasted lines or a CSV file, with the errors of each line. Nothing is half written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from app.core.errors import Invalid
from app.core.events import Actor
from app.integrations.formats.tables import csv_rows
from app.screening.models import ScreeningRequest
from app.screening.rules.intake import MOST_AT_ONCE, STATES
from app.screening.rules.places import Place
from app.screening.services.candidates import NewApplication, NewCandidate, candidate_problems
from app.screening.services.ordering import NewOrder
from app.screening.services.requesting import request_check

COLUMNS = ("first_name", "last_name", "email", "phone", "language", "state", "city")
"""In this order, or in any order under these titles. Only the first three are needed."""

_TITLES = {
    "first name": "first_name", "first": "first_name", "given name": "first_name", "nombre": "first_name",
    "last name": "last_name", "last": "last_name", "surname": "last_name", "family name": "last_name", "apellido": "last_name",
    "e-mail": "email", "email": "email", "e-mail address": "email", "email address": "email", "correo": "email",
    "phone": "phone", "phone number": "phone", "mobile": "phone", "teléfono": "phone", "language": "language", "idioma": "language",
    "state": "state", "estado": "state", "city": "city", "ciudad": "city",
}  # fmt: skip
_SPANISH = frozenset({"es", "spanish", "español", "espanol"})


@dataclass(frozen=True, slots=True)
class Line:
    """One candidate as typed. number: of the line in the text. problems: what to do, empty when it is good."""

    number: int
    text: str
    person: NewCandidate
    problems: tuple[str, ...] = ()


def read(text: str, source: str = "paste") -> list[Line]:
    """The candidates of a text, one a line, with what is wrong with each.

    Raises:
        Invalid: nothing to read, or more than 25.
    """
    typed = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip(" ,;\t")]
    rows = [(number, line, _cells(line)) for number, line in typed]
    order: Sequence[str] = COLUMNS
    if rows and not any("@" in cell for cell in rows[0][2]):
        order = [_TITLES.get(cell.casefold().replace("_", " "), "") for cell in rows[0][2]]
        rows = rows[1:]
    if not rows:
        raise Invalid({"lines": "Enter at least one candidate: first name, last name, e-mail address"})
    if len(rows) > MOST_AT_ONCE:
        raise Invalid({"lines": "These are more than 25 candidates. Order them in several goes"})
    if not {"first_name", "last_name", "email"} <= set(order):
        raise Invalid({"lines": "Name the columns: first name, last name, e-mail, phone, language, state, city"})
    return _without_doubles([_line(number, line, cells, order, source) for number, line, cells in rows])


def _cells(line: str) -> list[str]:
    """Split at tabs, semicolons or commas, whichever the line has; quotes as in CSV."""
    sign = next((sign for sign in "\t;," if sign in line), ",")
    return [cell.strip() for cell in next(iter(csv_rows(line, sign)), [])]


def _line(number: int, line: str, cells: list[str], order: Sequence[str], source: str) -> Line:
    said = {name: cell for name, cell in zip(order, cells, strict=False) if name}
    state = said.get("state", "").upper()
    person = NewCandidate(
        first_name=said.get("first_name", ""), last_name=said.get("last_name", ""), email=said.get("email", ""),
        phone=said.get("phone", ""), language="es" if said.get("language", "").casefold() in _SPANISH else "en",
        residence=Place("US", state, "", said.get("city", "")) if state in STATES else None, source=source,
    )  # fmt: skip
    problems = candidate_problems(person)
    found = [_NAMED.get(name, "%s") % problem for name, problem in problems.items()]
    if state and state not in STATES:
        found.append("Write the state with two letters, for example TX")
    if re.search(r"\b\d{3}-?\d{2}-?\d{4}\b", line) and not said.get("phone"):
        found.append("Leave Social Security numbers out")
    return Line(number, line.strip(), person, tuple(found))


_NAMED = {"first_name": "First name: %s", "last_name": "Last name: %s"}


def _without_doubles(lines: list[Line]) -> list[Line]:
    seen: set[str] = set()
    found = []
    for line in lines:
        address = line.person.email.strip().casefold()
        double = bool(address) and address in seen
        seen.add(address)
        found.append(replace(line, problems=(*line.problems, "This address stands here twice")) if double else line)
    return found


def request_all(
    session: Session, actor: Actor, lines: Sequence[Line], job: NewApplication, facts: NewOrder, key: UUID
) -> list[ScreeningRequest]:
    """Order a check for each line, all of them or none.

    Args:
        key: of the form; a line ordered under it already is not ordered again.

    Raises:
        Invalid: by field of the shared part, or `lines` when a line cannot be ordered.
    """
    if any(line.problems for line in lines):
        raise Invalid({"lines": "Correct the marked lines first"})
    return [
        request_check(session, actor, line.person, replace(job, id=uuid5(key, line.person.email.casefold())), facts)
        for line in lines
    ]  # fmt: skip
