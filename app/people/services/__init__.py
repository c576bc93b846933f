"""The verbs of the people domain. First argument the session, then the actor; nothing here commits."""

from app.people.services.dependents import (
    add_dependent,
    change_dependent,
    dependent,
    dependents,
    remove_dependent,
)
from app.people.services.employees import change, end_employments, hire, terminate
from app.people.services.names import full_name, name_matches, name_tokens, names_of, new_member_number, opened_name
from app.people.services.scope import employee, sees, visible

__all__ = [
    "add_dependent", "change", "change_dependent", "dependent", "dependents", "employee", "end_employments", "full_name",
    "hire", "name_matches", "name_tokens", "names_of", "new_member_number", "opened_name", "remove_dependent", "sees",
    "terminate", "visible",
]  # fmt: skip
