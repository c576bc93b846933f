"""The company's logo, for everybody: also for the sign-in page and for mail programs that ask."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from app.accounts.services.doors import door_with_logo
from app.accounts.views.blueprint import bp
from app.accounts.views.doorway import enter
from app.core import storage
from app.core.errors import NotFound
from app.web.access import public
from app.web.edge import session


@bp.get("/logo/<uuid:file_id>.png")
@public
def logo(file_id: UUID) -> Response:
    """A new logo has a new address, so browsers keep it."""
    door = door_with_logo(session(), file_id)
    if door is None:
        raise NotFound
    enter(door)
    data = storage.read(session(), file_id)
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
    return Response(data, mimetype="image/png", headers=headers)
