"""All of it, under one address."""

from __future__ import annotations

import secrets

from flask import Blueprint

from sandbox.screening.checkr import account, people, reports
from sandbox.screening.door import Asked, Door, user
from sandbox.screening.provider import Screening
from sandbox.screening.shelf import Facts, Item, Refused


def create_checkr(box: Screening) -> Blueprint:
    """Under /screening/checkr/v1."""
    pages = Blueprint("screening_checkr", __name__)

    def who() -> Item | None:
        """The key is the user; the password is empty. A partner's access token works as a key."""
        key, _ = user()
        found = box.shelf.all("account") if key else []
        return next(
            (one for one in found if secrets.compare_digest(one.hidden["api_key"].encode(), key.encode())), None
        )

    door = Door(box, pages, who, keys=True)
    for add in (
        people.add_candidates, people.add_invitations, people.add_documents, reports.add_reports, reports.add_searches,
        reports.add_adverse, account.add_packages, account.add_hooks, account.add_partner,
    ):  # fmt: skip
        add(box, door)
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        door.at(method, "/<path:rest>")(nowhere)
    return pages


def nowhere(_asked: Asked, rest: str) -> Facts:
    """Everything else."""
    raise Refused(404, f"Nothing at /{rest}")
