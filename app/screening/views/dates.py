"""The hiring manager's page: dates."""

from __future__ import annotations

from flask import request, url_for
from werkzeug.wrappers import Response

from app.core.access import Can
from app.screening.services import dates as service
from app.screening.views.blueprint import bp
from app.web.access import requires
from app.web.edge import actor, session
from app.web.pages import page


@bp.get("/dates")
@requires(Can.CHECK_DATE)
def dates() -> Response:
    after = request.args.get("after", "")
    rows, following = service.dates(session(), actor(), after)
    return page(
        "screening/dates.html", rows=rows, following=url_for("screening.dates", after=following) if following else "",
        first=url_for("screening.dates") if after else "",
    )  # fmt: skip
