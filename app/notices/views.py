"""My notices, the delivery log, the templates."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Flask, flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.core.access import Can
from app.core.db import fetch
from app.core.errors import Invalid
from app.core.events import Actor
from app.notices import channels as team_channels
from app.notices import services
from app.notices.forms import ChannelForm, PreferencesForm, TemplateForm
from app.notices.models import Notice, NoticeTemplate
from app.notices.preferences import choose, wishes_of
from app.web.access import requires
from app.web.edge import actor, session
from app.web.home import Need, attend
from app.web.i18n import language
from app.web.pages import page

bp = Blueprint("notices", __name__, url_prefix="/notices")
PAGE_SIZE = 25
TONES = {"sent": "info", "delivered": "good", "failed": "bad", "bounced": "bad", "pending": "neutral", "opened": "good"}


@bp.get("/mine")
@requires(Can.NOTICES_OWN)
def mine() -> Response:
    return page("notices/mine.html", notices=services.inbox(session(), actor()))


@bp.post("/mine/read")
@requires(Can.NOTICES_OWN)
def read_mine() -> Response:
    services.mark_read(session(), actor())
    return redirect(url_for("notices.mine"), 303)


@bp.get("/preferences")
@requires(Can.NOTICES_OWN)
def preferences() -> Response:
    wishes = wishes_of(session(), actor().user_id)
    return page("notices/preferences.html", form=PreferencesForm(formdata=None, obj=wishes))


@bp.post("/preferences")
@requires(Can.NOTICES_OWN)
def preferences_post() -> Response:
    form = PreferencesForm()
    if form.validate():
        try:
            choose(session(), actor(), **form.values())
            flash(_("Saved"), "good")
            return redirect(url_for("notices.preferences"), 303)
        except Invalid as problem:
            form.refuse(problem)
    return page("notices/preferences.html", 422, form=form)


@bp.get("/deliveries")
@requires(Can.DELIVERY_VIEW)
def deliveries() -> Response:
    status, after = request.args.get("status", ""), request.args.get("after", "")
    rows = services.deliveries(session(), status=status, after=after, limit=PAGE_SIZE)
    shown = rows[:PAGE_SIZE]
    following = (
        url_for("notices.deliveries", status=status or None, after=shown[-1].id) if len(rows) > PAGE_SIZE else ""
    )
    return page("notices/deliveries.html", rows=shown, wanted=status, following=following, tones=TONES, first=not after)


@bp.get("/deliveries/<uuid:notice_id>")
@requires(Can.DELIVERY_VIEW)
def delivery(notice_id: UUID) -> Response:
    return page("notices/delivery.html", notice=fetch(session(), Notice, notice_id), tones=TONES)


@bp.post("/deliveries/<uuid:notice_id>/again")
@requires(Can.DELIVERY_VIEW)
def send_again(notice_id: UUID) -> Response:
    services.send_again(session(), actor(), notice_id)
    flash(_("The notice is on its way again."), "good")
    return redirect(url_for("notices.delivery", notice_id=notice_id), 303)


@bp.get("/channels")
@requires(Can.CONNECTION_MANAGE)
def channels() -> Response:
    return page("notices/channels.html", rows=team_channels.offered(session()), tones=TONES)


@bp.get("/channels/<uuid:connection_id>")
@requires(Can.CONNECTION_MANAGE)
def channel(connection_id: UUID) -> Response:
    found = team_channels.one(session(), connection_id)
    values = {"kinds": found.kinds, "channel_language": found.language}
    return page(
        "notices/channel.html", one=found, form=ChannelForm(language(), formdata=None, data=values), tones=TONES
    )


@bp.post("/channels/<uuid:connection_id>")
@requires(Can.CONNECTION_MANAGE)
def channel_post(connection_id: UUID) -> Response:
    form = ChannelForm(language())
    if form.validate():
        kinds = form.kinds.data or []
        team_channels.choose(session(), actor(), connection_id, kinds=kinds, language=form.channel_language.data)
        flash(_("Saved"), "good")
        return redirect(url_for("notices.channels"), 303)
    return page("notices/channel.html", 422, one=team_channels.one(session(), connection_id), form=form, tones=TONES)


@bp.post("/channels/<uuid:connection_id>/try")
@requires(Can.CONNECTION_MANAGE)
def try_channel(connection_id: UUID) -> Response:
    team_channels.try_out(session(), actor(), connection_id)
    return redirect(url_for("notices.channel", connection_id=connection_id), 303)


@bp.get("/templates")
@requires(Can.TEMPLATE_MANAGE)
def templates() -> Response:
    return page("notices/templates.html", templates=services.templates(session()))


@bp.get("/templates/<uuid:template_id>")
@requires(Can.TEMPLATE_MANAGE)
def template(template_id: UUID) -> Response:
    found = fetch(session(), NoticeTemplate, template_id)
    return page("notices/template.html", text=found, form=TemplateForm(obj=found), example=services.EXAMPLE)


@bp.post("/templates/<uuid:template_id>")
@requires(Can.TEMPLATE_MANAGE)
def edit_template(template_id: UUID) -> Response:
    form = TemplateForm()
    found = fetch(session(), NoticeTemplate, template_id)
    if form.validate():
        try:
            services.edit_template(session(), actor(), template_id, subject=form.subject.data, body=form.body.data)
        except Invalid as problem:
            form.refuse(problem)
        else:
            flash(_("The new text is used from now on."), "good")
            return redirect(url_for("notices.templates"), 303)
    return page("notices/template.html", 422, text=found, form=form, example=services.EXAMPLE)


def needs(database: Session, _actor: Actor) -> list[Need]:
    """What the home page says about notices."""
    failed, bounced = services.troubled(database)
    return [
        Need(_("Emails that failed"), failed, url_for("notices.deliveries", status="failed"), _("Look why, then send again")),
        Need(_("Emails that bounced"), bounced, url_for("notices.deliveries", status="bounced"), _("The address is wrong")),
    ]  # fmt: skip


def register(app: Flask) -> None:
    app.register_blueprint(bp)
    attend(app, {Can.DELIVERY_VIEW}, needs)
