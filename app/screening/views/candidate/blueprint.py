"""The candidate's pages: public, behind a link and a proof of who opens it. Nothing of them is cached or found by a search engine."""

from __future__ import annotations

from flask import Blueprint, Response

bp = Blueprint("candidate", __name__, url_prefix="/c/<token>")


@bp.after_request
def keep_private(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
