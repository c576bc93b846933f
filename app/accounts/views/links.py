"""One-use links: ask for one, use one. Opening the page uses nothing up, because mail scanners open pages; the button does."""

from __future__ import annotations

from flask import redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.forms import LinkForm
from app.accounts.rules import METHOD_OF_LINK
from app.accounts.services.links import look_at_token, split_token, use_token
from app.accounts.services.own import arrive_by_link, ask_again, ask_for_link
from app.accounts.views.blueprint import bp
from app.accounts.views.doorway import checked, company_of, find_company, proceed
from app.accounts.views.identity import visitor
from app.core.db import transaction
from app.web.access import public
from app.web.pages import page


@bp.get("/sign-in/link")
@public
def ask_link() -> BaseResponse:
    form = LinkForm(request.args)
    return page("accounts/ask_link.html", form=form, door=find_company(form.company.data))


@bp.post("/sign-in/link")
@public
def ask_link_post() -> BaseResponse:
    """Always the same answer: nobody learns which addresses have an account."""
    form = LinkForm()
    door = checked(form)
    if door is None:
        return page("accounts/ask_link.html", 422, form=form, door=find_company(form.company.data))
    ask_for_link(visitor(door.id), str(form.email.data))
    return redirect(url_for("accounts.link_sent", company=door.slug), 303)


@bp.get("/sign-in/link/sent")
@public
def link_sent() -> BaseResponse:
    return page("accounts/link_sent.html", door=find_company(request.args.get("company")))


@bp.get("/sign-in/link/<token>")
@public
def use_link(token: str) -> BaseResponse:
    """The page behind a link: a button when it works, else what happened and a new one in one tap."""
    found = split_token(token)
    row = None
    if found is not None and company_of(found[0]) is not None:
        with transaction(found[0]) as own:
            row = look_at_token(own, found[1])
    return page(
        "accounts/use_link.html" if row else "accounts/dead_link.html", 200 if row else 410, token=token, row=row
    )


@bp.post("/sign-in/link/<token>")
@public
def use_link_post(token: str) -> BaseResponse:
    found = split_token(token)
    if found is None or company_of(found[0]) is None:
        return page("accounts/dead_link.html", 410, token=token)
    company_id, secret = found
    with transaction(company_id) as own:
        used = use_token(own, secret)
        if used is not None:
            arrive_by_link(own, visitor(company_id, used.user_id), used)
    if used is None:
        return page("accounts/dead_link.html", 410, token=token)
    return proceed(company_id, used.user_id, METHOD_OF_LINK[used.purpose], used.next_path)


@bp.post("/sign-in/link/<token>/again")
@public
def link_again(token: str) -> BaseResponse:
    """A new link to whoever got the old one. The same answer for every token."""
    found = split_token(token)
    slug = None
    if found is not None:
        door = company_of(found[0])
        if door is not None:
            slug = door.slug
            ask_again(visitor(door.id), found[1])
    return redirect(url_for("accounts.link_sent", company=slug), 303)
