"""The verbs of the accounts domain, as other domains use them."""

from __future__ import annotations

from app.accounts.services.doors import Door, door_of, find_door
from app.accounts.services.granting import assignments_of, holders, make_default_roles
from app.accounts.services.links import issue_link
from app.accounts.services.roles import end_with_employment
from app.accounts.services.sessions import end_session, end_sessions, find_session, open_session
from app.accounts.services.users import find_user, invite, reactivate, suspend

__all__ = [
    "Door", "assignments_of", "door_of", "end_session", "end_sessions", "end_with_employment", "find_door", "find_session", "find_user", "holders",
    "invite", "issue_link", "make_default_roles", "open_session", "reactivate", "suspend",
]  # fmt: skip
