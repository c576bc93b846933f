"""The verbs of the people domain. First argument the session, then the actor; nothing here commits."""

from app.people.services.company import change_company, company, save_place
from app.people.services.dependents import (
    add_dependent,
    change_dependent,
    dependent,
    dependents,
    remove_dependent,
)
from app.people.services.employees import change, end_employments, hire, number_id, terminate
from app.people.services.exporting import export
from app.people.services.listing import Filters, Listing, Place, Places, listing, places
from app.people.services.logo import logo_bytes, remove_logo, set_logo
from app.people.services.names import full_name, name_matches, name_tokens, names_of, new_member_number, opened_name
from app.people.services.profile import Profile, profile, show_dependent_ssn, show_ssn
from app.people.services.scope import employee, sees, visible

__all__ = [
    "Filters", "Listing", "Place", "Places", "Profile", "add_dependent", "change", "change_company", "change_dependent",
    "company", "dependent", "dependents", "employee", "end_employments", "export", "full_name", "hire", "listing", "logo_bytes",
    "name_matches", "name_tokens", "names_of", "new_member_number", "number_id", "opened_name", "places", "profile",
    "remove_dependent", "remove_logo", "save_place", "sees", "set_logo", "show_dependent_ssn", "show_ssn", "terminate", "visible",
]  # fmt: skip
