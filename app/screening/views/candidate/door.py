"""From the URL to a visit: company, link, device; and the pages for links that do not work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from hashlib import sha256
from typing import Any

from flask import Response, g, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.services.links import split_token
from app.accounts.views.identity import origin, set_cookie
from app.core.config import get_settings
from app.core.db import enter_tenant
from app.core.events import Actor
from app.screening.services import visits
from app.screening.services.cases import Case, load
from app.screening.services.links import dead, mark_opened
from app.screening.services.visits import Visit
from app.web.edge import session
from app.web.i18n import LANGUAGES
from app.web.pages import Brand, page


@dataclass(frozen=True, slots=True)
class Guest:
    """The candidate, proven, on a page of theirs."""

    visit: Visit
    case: Case
    token: str


def open_visit(token: str) -> Visit | None:
    """The link of this URL, with the company's rows in sight; None: there is no such link."""
    found = split_token(token)
    if found is None:
        return None
    company_id, secret = found
    session().rollback()  # whoever else is signed in on this device: here they are a visitor
    enter_tenant(company_id)
    return visits.visit(session(), secret, request.cookies.get(cookie_name(token), ""), visitor(found[0]))


def visitor(company_id: Any) -> Actor:
    return Actor(company_id=company_id, kind="user", label="candidate", **origin())


def cookie_name(token: str) -> str:
    """One for each link: somebody may have two checks on one phone. The name says nothing that the URL does not."""
    name = f"corridor-c-{sha256(token.encode()).hexdigest()[:12]}"
    return f"__Host-{name}" if get_settings().production else name


def remember(response: BaseResponse, token: str, device_token: str) -> None:
    set_cookie(response, cookie_name(token), device_token, visits.DAY)


def case_of(visit: Visit) -> Case:
    """The case behind a link, its company's name, color and logo on the page."""
    case = load(session(), visit.request)
    logo = case.company.logo_file_id
    g.brand = Brand(case.company.name, case.company.brand_hue, f"/logo/{logo}.png" if logo else "")
    return case


def gone(token: str, visit: Visit | None) -> Response:
    """A link that ran out or never was: what happened, and a new one in one tap where there is an address for it."""
    return page("screening/candidate/gone.html", 410, token=token, case=case_of(visit) if visit else None)


def living(view: Callable[..., Any]) -> Callable[..., Any]:
    """Only a link that works reaches the view, as `view(token, visit, …)`; another one says what happened to it."""

    @wraps(view)
    def opened(token: str, **values: Any) -> Any:
        visit = open_visit(token)
        if visit is None or dead(visit.link):
            return gone(token, visit)
        return view(token, visit, **values)

    return opened


def proven(view: Callable[..., Any]) -> Callable[..., Any]:
    """Only the candidate reaches the view, as `view(guest, …)`; others prove who they are first and come back."""

    @living
    @wraps(view)
    def guarded(token: str, visit: Visit, **values: Any) -> Any:
        if visit.device is None:
            return redirect(url_for("candidate.who", token=token, next=_here()), 303)
        case = case_of(visit)
        _keep_language(case)
        mark_opened(session(), visit.actor, visit.link)
        visits.mark_seen(visit.device)
        g.candidate_token = token  # the layout warns before the device is forgotten
        return view(Guest(visit, case, token), **values)

    return guarded


def _here() -> str:
    """Where to come back to; a button's page is asked for anew."""
    return request.path.rpartition("/c/")[2].partition("/")[2] if request.method == "GET" else ""


def _keep_language(case: Case) -> None:
    wish = request.args.get("lang")
    if wish in LANGUAGES and wish != case.candidate.language:
        case.candidate.language = str(wish)
