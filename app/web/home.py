"""`/`: to the first page a person may see, or to sign-in."""

from __future__ import annotations

from flask import Blueprint, Flask, g, redirect, url_for
from werkzeug.wrappers import Response

from app.web.access import public
from app.web.navigation import nav

bp = Blueprint("root", __name__)


@bp.get("/", endpoint="home")
@public
def home() -> Response:
    if g.identity is None:
        return redirect(url_for("accounts.sign_in"), 303)
    work = [link.url for link in nav(g.identity) if link.url != url_for("notices.mine")]
    return redirect(work[0] if work else url_for("accounts.account"), 303)


def register(app: Flask) -> None:
    app.register_blueprint(bp)
    app.config["PLACES"] = {"home": "root.home"}
