"""A domain of toys (rows of the role table), declared the way every domain declares its operations."""

from __future__ import annotations

import threading
from typing import Literal
from uuid import UUID

import sqlalchemy as sa
from flask import Flask
from pydantic import Field

from app.accounts.models import Role
from app.core.access import Can, RoleType
from app.core.db import fetch
from app.core.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from app.web.api.endpoints import blueprint, endpoint
from app.web.api.paging import Input, Output, Page, PageQuery, cut
from app.web.edge import session

bp = blueprint("toys", "Toys")
entered, go_on = threading.Event(), threading.Event()


class ToyIn(Input):
    name: str = Field(min_length=1, max_length=40)
    size: int = 1
    """In inches."""


class ToyOut(Output):
    id: UUID
    name: str


class ToyPage(Page):
    items: list[ToyOut]


class ToyQuery(PageQuery):
    name: str = ""
    kind: Literal["soft", "hard"] | None = None


@endpoint(bp, "GET", "/toys/", Can.CONNECTION_VIEW)
def list_toys(query: ToyQuery) -> ToyPage:
    """List the toys."""
    key = query.key(str, UUID)
    wanted = sa.select(Role.id, Role.name).order_by(Role.name, Role.id).limit(query.limit + 1)
    wanted = wanted.where(Role.name.startswith(query.name or "toy"))
    if key:
        wanted = wanted.where(sa.tuple_(Role.name, Role.id) > sa.tuple_(*key))
    rows, following = cut(session().execute(wanted).all(), query.limit, "name", "id")
    return ToyPage(items=[ToyOut.model_validate(row) for row in rows], next=following)


@endpoint(bp, "POST", "/toys/", Can.CONNECTION_MANAGE, status=201)
def make_toy(body: ToyIn) -> ToyOut:
    """Make a toy."""
    made = Role(name=body.name, role_type=RoleType.VIEWER.value)
    session().add(made)
    session().flush()
    if body.name == "toy slow":
        entered.set()
        assert go_on.wait(20)
    trouble = {
        "taken": Invalid({"name": "Another toy has this name."}), "broken": Invalid("Nothing fits."), "moved": Conflict(),
        "mine": Forbidden(), "gone": NotFound(), "away": Unavailable(), "crash": ZeroDivisionError("secret-in-exception"),
    }.get(body.name)  # fmt: skip
    if trouble:
        raise trouble
    return ToyOut.model_validate(made)


@endpoint(bp, "GET", "/toys/<uuid:toy_id>", Can.CONNECTION_VIEW)
def get_toy(toy_id: UUID) -> ToyOut:
    """One toy."""
    return ToyOut.model_validate(fetch(session(), Role, toy_id))


@endpoint(bp, "DELETE", "/toys/<uuid:toy_id>", Can.CONNECTION_MANAGE)
def break_toy(toy_id: UUID) -> None:
    """Break a toy."""
    session().delete(fetch(session(), Role, toy_id))


def register(app: Flask) -> None:
    app.register_blueprint(bp)
